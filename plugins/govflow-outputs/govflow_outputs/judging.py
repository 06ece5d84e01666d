"""What the checks ask of each output: asked to write, finished, named as they want, and the funder told in time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from govflow.plugin import Case, Entry, Finding, count, day, listed, met, not_needed, unmet
from govflow_outputs.rules import CREDIT, INVITATION, LEFT, agreed, is_written, lines_of

NOT_AGREED = "It is not agreed yet whose name stands on it."
NOBODY_WRITES = "Nobody is on the writing list yet."


def how_shared(case: Case) -> Finding:
    """Whether the group has agreed whose name stands on it, who is asked to write, who owns it."""
    found = agreed(case, case.subject.key)
    if not found:
        return unmet("Agree together whose name stands on it, and who is asked to help write it.")
    wanted = {"contributors": "who had a part in it"}
    if not is_written(case.subject):
        wanted |= {"owner": "who owns it", "licence": "what others may do with it"}
    left = [words for name, words in wanted.items() if not found.get(name)]
    return unmet(f"Still to say: {listed(left)}.") if left else met("It is agreed whose name stands on it.")


def everyone_asked(case: Case) -> Finding:
    """Whether everyone who had a part was asked to write, and those who left were asked what they want."""
    output = case.subject
    writers, asked = output.values.get("writers", ()), lines_of(case, INVITATION, output.key)
    had_part = agreed(case, output.key).get("contributors", ())
    gone = [key for key in _once(*writers, *had_part) if key not in case.here]
    unheard = [key for key in gone if key not in lines_of(case, LEFT, output.key)]
    waiting = [key for key in had_part if key in case.here and key not in writers and key not in asked]
    said = []
    if waiting:
        said.append(f"Ask them to help write, and to say yes to the last version: {_names(case, waiting)}.")
    if unheard:
        said.append(f"{_names(case, unheard)} left. Ask what they want, and write it down under “Writers who left”.")
    if said:
        return unmet(" ".join(said))
    if not had_part and not gone:
        return not_needed("Nobody is named yet who had a part in it, apart from its writers.")
    return met("Everyone who had a part in it was asked.")


def finished(case: Case) -> Finding:
    """Whether each writer wrote and reviewed, or each maker says yes."""
    output = case.subject
    if not agreed(case, output.key):
        return not_needed(NOT_AGREED, short=NOT_AGREED)
    if not is_written(output):
        return _each(case, "Finished", lambda row: bool(row.values.get("finished")), "Say whether you say yes to it.")
    return _each(
        case,
        "Written and reviewed",
        lambda row: bool(row.values.get("wrote") and row.values.get("reviewed")),
        "Tick that you wrote, and that you reviewed, once you did.",
    )


def named_as_they_want(case: Case) -> Finding:
    """Whether each writer has said how they want to be named, once more on the final text."""
    output, found = case.subject, agreed(case, case.subject.key)
    if not found:
        return not_needed(NOT_AGREED, short=NOT_AGREED)
    final = found.get("final_on")
    if is_written(output) and final is None:
        words = "The text is not final yet. Then each writer is asked once more how they want to be named."
        return unmet(words, short=words)
    return _each(
        case,
        "Named as they want",
        lambda row: bool(row.values.get("confirmed")) and (final is None or row.on >= final),
        "Say on the final text how you want to be named.",
    )


def _each(case: Case, what: str, done: Callable[[Entry], bool], yours: str) -> Finding:
    """One thing asked of every writer who is here. Who is still to come is read by whoever looks after it."""
    writers = [one for one in case.subject.values.get("writers", ()) if one in case.here]
    said = lines_of(case, CREDIT, case.subject.key)
    left = [key for key in writers if key not in said or not done(said[key])]
    if not writers:
        return not_needed(NOBODY_WRITES, short=NOBODY_WRITES)
    if not left:
        return met(f"{what}: all {len(writers)}.", short=f"{what}: all {len(writers)}.")
    short = f"{what}: {len(left)} of {len(writers)} not ready yet."
    lines = {key: yours for key in left if not case.has_role(key, "lead")}  # a lead reads all of it, and is told
    return unmet(f"{what}: still to come from {_names(case, left)}.", short=short, lines=lines)


def funder_told(case: Case) -> Finding:
    """Whether the funder has it so many days before it is public."""
    found, days = agreed(case, case.subject.key), case.config.days_before_public
    if not found.get("public_on"):
        return not_needed("No day is set yet on which it goes public.")
    until = found["public_on"] - timedelta(days=days)
    if told := found.get("told_on"):
        early = (found["public_on"] - told).days
        short_of = f" The funder asks for {count(days, 'day')}." if early < days else ""
        return met(f"The funder was sent it on {day(told)}, as you wrote down.{short_of}")
    return unmet(
        f"Send it to the funder by {day(until)}, {count(days, 'day')} before it is public. "
        "The funder set how many days.",
        due=until,
    )


def _once(*keys: str) -> Iterable[str]:
    return dict.fromkeys(keys)


def _names(case: Case, keys: Iterable[str]) -> str:
    return listed([case.name(key) for key in keys])
