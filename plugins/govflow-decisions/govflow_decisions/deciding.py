"""The rules of a decision: what has to be there, when one person may decide, and what was decided together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from govflow.plugin import Case, Entry, Verdict, day, listed, ok, refuse, warn

DECISION, REMIT = "decisions.decision", "ways_of_working.remit"
OPEN, DECIDED, NOT_AGREED = "open", "decided", "not_agreed"
STANDS = {OPEN: "Still open", DECIDED: "Decided", NOT_AGREED: "We tried, and could not agree"}
CONSENSUS, NAMED = "consensus", "named"
METHODS = {
    CONSENSUS: "We talk until all agree",
    "consent": "We go ahead if nobody objects",
    "vote": "We vote, and see who votes for what",
    "ballot": "We vote, and nobody sees who votes for what",
    NAMED: "One person decides, because we could not agree",
}
DONE = {
    CONSENSUS: "All agreed",
    "consent": "Nobody objected",
    "vote": "By a vote with names",
    "ballot": "By a vote without names",
}


def check_decision(values: Mapping[str, Any], case: Case) -> Verdict:
    """Whether an entry can stand like this. A limit it touches is a warning: talking about it is always allowed."""
    on = values.get("decided_on")
    if on and on > case.today:
        return refuse(f"{day(on)} is still to come. Give the day on which it was decided, or leave it open.")
    if on and values.get("review_on") and values["review_on"] <= on:
        return refuse("Look at it again on a day after it was decided.")
    if values["stands"] != OPEN and (missing := _missing(values)):
        return refuse(f"Still to say: {listed(missing)}.")
    early = [key for key in _who(values) if on and not _was_here(case, key, on)]
    if early:
        return refuse(f"{listed([case.name(key) for key in early])} was not in the project on {day(on)}. Look again.")
    if values["method"] == NAMED and not _tried(values, case):
        return refuse(
            "One person decides only after a try to agree. Write the try down first, as “We tried, and could not "
            "agree”, and name it here."
        )
    touched = limits_touched(values, case)
    return warn(" ".join(_limit(row) for row in touched)) if touched else ok


def _missing(values: Mapping[str, Any]) -> list[str]:
    wanted = {"decided_on": "on which day", "shared_with": "who shared in it"}
    if values["stands"] == DECIDED:
        wanted = {"outcome": "what was decided", **wanted}
    if values["method"] == NAMED:
        del wanted["shared_with"]
        wanted["decided_by"] = "who decided"
    return [words for name, words in wanted.items() if not values.get(name)]


def _who(values: Mapping[str, Any]) -> list[str]:
    return [*values.get("shared_with", ()), *([values["decided_by"]] if values.get("decided_by") else ())]


def _was_here(case: Case, key: str, on: Any) -> bool:
    return any(member.key == key and member.joined <= on for member in (*case.members, *case.left))


def _tried(values: Mapping[str, Any], case: Case) -> bool:
    """Whether the entry names an earlier try to agree that did not succeed."""
    return any(
        row.key == values.get("after") and row.values["stands"] == NOT_AGREED and row.values["method"] != NAMED
        for row in case.registers[DECISION]
    )


def limits_touched(values: Mapping[str, Any], case: Case) -> list[Entry]:
    """What the group cannot change, that this entry names as touched or has in its question by name."""
    words = f" {values['question'].lower()} "
    return [
        row
        for row in case.registers.get(REMIT, ())
        if row.values["decides"] == "cannot"
        and (row.key == values.get("touches") or row.values["what"].lower() in words)
    ]


def _limit(row: Entry) -> str:
    why = row.values["why"].rstrip(".")
    said = f"This touches a limit: “{row.values['what']}”. We cannot change it, because “{why}”."
    decider = row.values.get("decider")
    return f"{said} If you cannot agree, “{decider}” decides." if decider else said


# --- what came of it ------------------------------------------------------------------------------------------


def decided(case: Case) -> list[Entry]:
    """What was decided, the newest first."""
    rows = [row for row in case.registers[DECISION] if row.values["stands"] == DECIDED]
    return sorted(rows, key=lambda row: row.values["decided_on"], reverse=True)


def made_together(rows: list[Entry], case: Case) -> set[str]:
    """The keys of those in which every kind of experience that was in the project that day shared, and no one decided.

    Who was there is worked out once for each day: a long project has a thousand decisions.
    """
    everyone = [member for member in (*case.members, *case.left) if member.role != "observer"]
    by_day: dict[date, dict[str, tuple[str, ...]]] = {}
    found = set()
    for row in rows:
        on = row.values["decided_on"]
        if on not in by_day:
            by_day[on] = {member.key: member.expertise for member in everyone if member.here_on(on)}
        there = by_day[on]
        shared = {kind for key in row.values.get("shared_with", ()) for kind in there.get(key, ())}
        if row.values["method"] != NAMED and shared and shared >= {kind for held in there.values() for kind in held}:
            found.add(row.key)
    return found


def stage_of(row: Entry, case: Case) -> str:
    """The stage the project was in when it was decided."""
    stays = [visit.stage for visit in case.visits if visit.entered <= row.values["decided_on"]]
    return stays[-1] if stays else case.visits[0].stage
