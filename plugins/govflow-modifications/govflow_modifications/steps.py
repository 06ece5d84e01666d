"""The way of a change to an approved study: its steps, their days, and what may be written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from govflow.plugin import Case, Entry, Verdict, day, ok, refuse, warn

MODIFICATION, DECISION = "modifications.modification", "decisions.decision"
KINDS = {
    "substantial": "Substantial",
    "important_detail": "Of an important detail",
    "minor": "Minor",
}
SET_BY = {
    "sponsor": "The sponsor",
    "rec": "The research ethics committee (REC)",
    "hra": "The Health Research Authority (HRA)",
    "funder": "The funder",
}
DECIDED, SPONSOR, ANSWERED, REVIEW, APPROVED, WITHDRAWN = (
    "decided_on", "sponsor_on", "sponsor_said_on", "review_on", "approved_on", "withdrawn_on",
)  # fmt: skip
WAY = (DECIDED, SPONSOR, ANSWERED, REVIEW, APPROVED)
"""The days of a change, in their order; who reviews a minor one is the sponsor alone, so its fourth is often empty."""
STEPS = {
    SPONSOR: "From our decision to the sponsor",
    ANSWERED: "Until the sponsor says what kind it is",
    REVIEW: "From there to the committee",
    APPROVED: "Until it is approved",
}


def check_modification(values: Mapping[str, Any], case: Case) -> Verdict:
    if not values.get("decision") and not values.get("decided"):
        return refuse("Say what the group decided: choose the decision, or write it in a sentence.")
    days = [(name, values[name]) for name in WAY if name in values]
    later = [on for _, on in (*days, (WITHDRAWN, values.get(WITHDRAWN))) if on and on > case.today]
    if later:
        return refuse(f"{day(later[0])} is still to come. Write it down when it has happened.")
    for (_, before), (_, after) in pairwise(days):
        if after < before:
            return refuse(f"{day(after)} is before {day(before)}. Look at the days of the steps again.")
    return _in_order(values) or _answer_day(values) or ok


def _in_order(values: Mapping[str, Any]) -> Verdict | None:
    """The sponsor comes first: it decides the kind, and who else must say yes."""
    if any(name in values for name in ("kind", ANSWERED, REVIEW, APPROVED)) and SPONSOR not in values:
        return refuse("The sponsor decides which kind it is. First give the day on which it went to the sponsor.")
    if (REVIEW in values or APPROVED in values) and "kind" not in values:
        return refuse("First write down which kind it is. The sponsor decides that.")
    if APPROVED in values and values["kind"] == "substantial" and REVIEW not in values:
        return refuse("A committee looks at a substantial one. Give the day on which it went there.")
    if APPROVED in values and WITHDRAWN in values:
        return refuse("It is approved, or taken back. Leave one of the two days empty.")
    if APPROVED in values and not values.get("told_by"):
        return refuse("Write down who told you that it is approved, and how.")
    return None


def _answer_day(values: Mapping[str, Any]) -> Verdict | None:
    if "answer_by" in values and not values.get("set_by"):
        return refuse("Say who set the day on which an answer is to come.")
    if "answer_by" in values and values["answer_by"] < values.get(SPONSOR, date.min):
        return warn("The answer would come before it went to the sponsor. It is kept. Look at the days again.")
    return None


def closed(row: Entry) -> bool:
    return APPROVED in row.values or WITHDRAWN in row.values


def stands(row: Entry) -> str:
    """Where a change stands, as it was written down."""
    values = row.values
    if WITHDRAWN in values:
        return f"Taken back on {day(values[WITHDRAWN])}"
    if APPROVED in values:
        return f"Written down as approved on {day(values[APPROVED])}"
    if REVIEW in values:
        return f"With the committee since {day(values[REVIEW])}"
    if ANSWERED in values or "kind" in values:
        return "The sponsor has answered, and it goes on to whoever has to say yes"
    if SPONSOR in values:
        return f"With the sponsor since {day(values[SPONSOR])}"
    return "Not with the sponsor yet"


def began(row: Entry, case: Case) -> date:
    """The day of the group's decision; else the first day that is known of it."""
    decisions = {entry.key: entry.values.get("decided_on") for entry in case.registers.get(DECISION, ())}
    known = [row.values.get(DECIDED), decisions.get(row.values.get("decision", "")), row.values.get(SPONSOR)]
    return next((on for on in known if on), row.on)


def waited(row: Entry, case: Case) -> int:
    """The days from the decision until it was approved or taken back, or until today."""
    end = row.values.get(APPROVED) or row.values.get(WITHDRAWN) or case.today
    return max(0, (end - began(row, case)).days)


def took(row: Entry, case: Case) -> dict[str, int]:
    """How many days each step took that is over, by the name of the day it ended on."""
    found, before = {}, began(row, case)
    for name in STEPS:
        if name in row.values:
            found[name] = max(0, (row.values[name] - before).days)
            before = row.values[name]
    return found
