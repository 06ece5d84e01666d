"""What taking part costs people, what was changed for it, and how much there is to do: in numbers from five up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from govflow.plugin import (
    ALL,
    Bar,
    Case,
    Entry,
    Finding,
    Poll,
    Statement,
    after_stage_entry,
    count,
    day,
    met,
    not_needed,
    unmet,
)
from govflow_support.contacts import REQUEST

CHANGE, POLL = "support.change", "cost"
MEETING, ACTION = "meetings.meeting", "meetings.action"
KINDS = {"lived": "Lived experience", "practice": "Practice", "research": "Research"}
FIVE = 5
WEEKS = timedelta(weeks=4)
SCALE = {"1": "Strongly disagree", "2": "Disagree", "3": "In the middle", "4": "Agree", "5": "Strongly agree"}
STATEMENTS = {
    "more": "Taking part costs me no more than I can give.",
    "talk": "There is somebody here I can talk to when it is hard.",
    "stop": "I can take a break or stop, and nobody asks me why.",
}
OWN_WORDS = {"cost": "What does taking part cost you?", "change": "What should change, so that it costs you less?"}
COST = Poll(
    slug=POLL,
    title="What does taking part cost?",
    version="1",
    statements=(
        *(Statement(id=name, text=text, stages=ALL) for name, text in STATEMENTS.items()),
        *(Statement(id=name, text=text, stages=ALL, kind="words") for name, text in OWN_WORDS.items()),
    ),
    scale=SCALE,
    no_score={"skip": "I would rather not say"},
)


def asked(case: Case) -> Finding:
    """Everyone was asked in this stage, and something is written of what was changed, or why nothing was."""
    until = after_stage_entry(days=60)
    closed = [one.closed for one in case.polls[POLL] if one.visit == case.visit.number and one.closed]
    if not closed:
        return unmet("Ask everyone what taking part costs them. Nobody’s name stands beside an answer.", due=until)
    if not any(row.on >= closed[-1] for row in case.registers[CHANGE]):
        return unmet("Everyone was asked. Write what you changed for it, or why you changed nothing.", due=until)
    return met(f"Everyone was asked, until {day(closed[-1])}, and what was changed is written down.")


def numbers(case: Case) -> Finding:
    """How many asked for support in this stage, for leads alone: in fives, and only where as many did not ask."""
    people = {row.added_by for row in case.registers[REQUEST] if row.on >= case.entered} & set(case.here)
    said = not_needed("Numbers are told from five people up.", short="A lead reads numbers from five people up.")
    if min(len(people), len(case.here) - len(people)) < FIVE:
        return said
    told = f"At least {len(people) // FIVE * FIVE} people asked for support in this stage."
    return replace(said, lines={member.key: told for member in case.here.values() if member.role == "lead"})


def own_load(case: Case, key: str, owed: Sequence[str]) -> list[tuple[str, str]]:
    """What one person has to do: their meetings of the last and the next four weeks, actions, and what they owe."""
    meetings = [
        ("Meeting", f"{row.values['title']}, {day(row.values['starts'].date())}") for row in _meetings(case, key)
    ]
    actions = [("Action", f"{row.values['text']}, by {day(row.values['due'])}") for row in _actions(case, key)]
    return [*meetings, *actions, *(("To look after", item) for item in owed)]


def load_by_kind(case: Case) -> list[Bar]:
    """Meetings and actions for each person on average, of each kind of expertise that five people here have."""
    found = []
    for kind, words in KINDS.items():
        people = [key for key, member in case.here.items() if kind in member.expertise]
        if len(people) >= FIVE:
            things = sum(len(_meetings(case, key)) + len(_actions(case, key)) for key in people)
            found.append(
                Bar(label=f"{words} ({count(len(people), 'person', 'people')})", value=round(things / len(people), 1))
            )
    return found


def _meetings(case: Case, key: str) -> list[Entry]:
    rows: Sequence[Any] = case.registers.get(MEETING, ())
    near = [row for row in rows if abs(row.values["starts"].date() - case.today) <= WEEKS]
    return [row for row in near if not row.values.get("people") or key in row.values["people"]]


def _actions(case: Case, key: str) -> list[Entry]:
    rows = case.registers.get(ACTION, ())
    return [row for row in rows if row.values["owner"] == key and not row.values.get("done")]
