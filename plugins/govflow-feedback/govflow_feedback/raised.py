"""The names of the lists, and which concerns have an answer."""

from __future__ import annotations

from govflow.plugin import AGREE, Case, Entry, Version

THEME, CONCERN, WORD = "feedback.theme", "feedback.concern", "feedback.word"
REPLIES = {"feedback.reply": "concern", "feedback.quiet_reply": "word"}
"""Each list of answers, and its field that names the concern."""
ROUND, LESSONS = "working_together", "lessons"
MONTHS = 6


def reply_to(case: Case, key: str) -> Entry | None:
    """The last answer to a concern."""
    rows = [row for name, of in REPLIES.items() for row in case.rows(name, **{of: key})]
    return rows[-1] if rows else None


def agreed_by_all(case: Case) -> Version | None:
    """What the group learned, where everyone who is here agreed to the newest version of it."""
    versions = case.documents[LESSONS]
    said = versions[-1].said if versions else {}
    everyone = all(key in said and said[key].answer == AGREE for key in case.here)
    return versions[-1] if versions and everyone else None
