"""What a group may agree about who is in it, and what is still missing today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from govflow.plugin import Case, Entry, Member, Verdict, count, listed, ok, refuse

POLICY, POST = "balance.policy", "balance.post"
KINDS = {"lived": "lived experience", "practice": "practice", "research": "research"}
EQUAL, LIVED_FIRST, RANGE, SEATS, ONE_LIVED = "equal", "lived_first", "range", "seats", "one_lived"
RULES = {
    EQUAL: "The same number of each kind of experience",
    LIVED_FIRST: "Lived experience not fewer than any other kind",
    RANGE: "Between so many and so many people",
    SEATS: "Seats held from different perspectives",
    ONE_LIVED: "At least one person with lived experience",
}


def people_of(case: Case, group: str) -> list[Member]:
    """Everyone who is in this group today; with no group, in the project."""
    return [member for member in case.here.values() if not group or group in member.groups]


def numbers(people: Iterable[Member]) -> dict[str, int]:
    """How many people bring each kind of experience. Who brings two kinds counts for both."""
    people = list(people)
    return {kind: sum(kind in member.expertise for member in people) for kind in KINDS}


def _equal(policy: Mapping[str, Any], people: list[Member]) -> str:
    found = numbers(people)
    return "" if len(set(found.values())) == 1 else f"not ready yet: {', '.join(map(str, found.values()))}"


def _lived_first(policy: Mapping[str, Any], people: list[Member]) -> str:
    found = numbers(people)
    more = [words for kind, words in KINDS.items() if found[kind] > found["lived"]]
    return f"{found['lived']} with lived experience, and more with {listed(more)}" if more else ""


def _range(policy: Mapping[str, Any], people: list[Member]) -> str:
    there, least, most = len(people), int(policy["least"]), int(policy["most"])
    return "" if least <= there <= most else f"{count(there, 'person', 'people')}, and {least} to {most} were agreed"


def _seats(policy: Mapping[str, Any], people: list[Member]) -> str:
    """Each seat needs somebody who holds it from that perspective: a second of one kind does not fill another's."""
    held = [member.seat.strip().casefold() for member in people]
    empty = [seat for seat in seats_in(policy) if seat.casefold() not in held]
    return f"nobody holds the seat of: {listed(empty)}" if empty else ""


def _one_lived(policy: Mapping[str, Any], people: list[Member]) -> str:
    return "" if numbers(people)["lived"] else "nobody in it has lived experience"


MISSING: Mapping[str, Callable[[Mapping[str, Any], list[Member]], str]] = {
    EQUAL: _equal,
    LIVED_FIRST: _lived_first,
    RANGE: _range,
    SEATS: _seats,
    ONE_LIVED: _one_lived,
}


def seats_in(policy: Mapping[str, Any]) -> list[str]:
    return [line.strip() for line in str(policy.get("seats", "")).splitlines() if line.strip()]


def missing(case: Case, policy: Entry) -> str:
    """What is missing for one policy today, or nothing."""
    group = policy.values.get("group", "")
    said = MISSING[policy.values["rule"]](policy.values, people_of(case, group))
    return f"{group or 'Everyone'}: {said}" if said else ""


def check_policy(values: Mapping[str, Any], case: Case) -> Verdict:
    groups = sorted({group for member in case.here.values() for group in member.groups})
    if values.get("group") and values["group"] not in groups:
        return refuse(f"Nobody is in a group “{values['group']}”. There is: {listed(groups) or 'none yet'}.")
    if values["rule"] == RANGE:
        least, most = values.get("least"), values.get("most")
        if least is None or most is None or least < 1 or most < least:
            return refuse("Say how many people there are at least, and at most.")
    if values["rule"] == SEATS and not seats_in(values):
        return refuse("Write down the seats, one on each line, such as: service user.")
    return ok


# --- posts that may not stand empty ---------------------------------------------------------------------------


def place(post: Entry) -> tuple[str, str]:
    return post.values["post"].strip().casefold(), post.values.get("site", "").strip().casefold()


def called(post: Entry) -> str:
    site = post.values.get("site")
    return f"“{post.values['post']}” in “{site}”" if site else f"“{post.values['post']}”"


def holds(case: Case, post: Entry) -> bool:
    """Whether somebody who is here holds this post today."""
    starts, ends = post.values["starts"], post.values.get("ends")
    return post.values["person"] in case.here and starts <= case.today and (ends is None or case.today <= ends)


def held_until(case: Case, post: Entry) -> date:
    """The last day on which this post was held by this person, or, where they never came, on which it began."""
    left = next((member.left for member in case.left if member.key == post.values["person"]), None)
    days = [on for on in (post.values.get("ends"), left) if on is not None]
    return max(min(days, default=case.today), post.values["starts"])


def check_post(values: Mapping[str, Any], case: Case) -> Verdict:
    if values.get("ends") and values["ends"] < values["starts"]:
        return refuse("A post cannot end before it begins. Look at the two days again.")
    if values.get("takes_over_from") == values["person"]:
        return refuse("Nobody takes over from themselves. Choose who held the post before.")
    return ok
