"""Who has said what of the newest version, and which concerns wait."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from govflow.plugin import CONCERN, Case, Entry, by_project_month

AGREEMENT, REMIT, ACTIVITY, ANSWER = (
    "agreement",
    "ways_of_working.remit",
    "ways_of_working.activity",
    "ways_of_working.answer",
)
CAN, CANNOT = "can", "cannot"
DAYS_TO_SAY = 14
"""How long somebody who is asked later has: a new version, or a new member, asks again (ours, not the source's)."""


def silent(case: Case) -> list[str]:
    """Who is here and has not said anything of the newest version."""
    latest = case.documents[AGREEMENT][-1]
    return [key for key in case.here if key not in latest.said]


def waiting(case: Case) -> list[str]:
    """Whose concern about the newest version has no answer since they said it. Who has left waits for none."""
    latest = case.documents[AGREEMENT][-1]
    return [
        key
        for key, words in latest.said.items()
        if words.answer == CONCERN and key in case.here and answer_to(case, key, latest.number, since=words.on) is None
    ]


def concern_of(case: Case, person: str, version: int) -> str | None:
    """What this person's concern about this version is; None where they have none."""
    for document in case.documents.get(AGREEMENT, ()):
        if document.number == version and person in document.said and document.said[person].answer == CONCERN:
            return str(document.said[person].words)
    return None


def answer_to(case: Case, person: str, version: int, *, since: date) -> Entry | None:
    """The last answer to this concern; one from before it was said does not count."""
    rows = [row for row in case.rows(ANSWER, person=person) if row.values["version"] == version and row.on >= since]
    return rows[-1] if rows else None


def asked_until(case: Case, people: Iterable[str]) -> date | None:
    """The day by which all of them were to have said it: month six, or two weeks after they were asked, if later."""
    latest = case.documents[AGREEMENT][-1]
    asked = [max(latest.on, case.here[key].joined) for key in people]
    by_then = min(asked, default=latest.on) + timedelta(days=DAYS_TO_SAY)
    month_six = by_project_month(6).day(case.project.started)
    return by_then if by_then > month_six else None


def rules_without_why(text: str) -> list[str]:
    """The first words of each rule that gives no reason, in a line “Why: …” or after a “because”.

    A single line without a full stop is a heading, no rule.
    """
    found = []
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
        heading = len(lines) == 1 and lines[0][-1] not in ".!?:;"
        reason = any(line.lower().startswith("why:") or "because" in line.lower() for line in lines)
        if lines and not heading and not reason:
            words = lines[0].split()
            found.append(f"“{' '.join(words[:5])}{'…' if len(words) > 5 else ''}”")
    return found
