"""Guides that help: made by whom, how hard to read, and shared as far as the group agrees."""

from __future__ import annotations

from datetime import timedelta

from govflow.plugin import (
    ALWAYS,
    Case,
    Check,
    Entry,
    Finding,
    Page,
    Register,
    count,
    entry,
    hookimpl,
    met,
    named,
    unmet,
)
from govflow_resources.pages import library, sharing
from govflow_resources.sharing import DECISION, LISTS, SHARE, agreed, said_no, silent

TWO_WEEKS = timedelta(days=14)


def answered(case: Case) -> Finding:
    """Whether the group has said how far a guide may go. Whoever asked looks after it; nobody else is chased."""
    row = case.subject
    assert isinstance(row, Entry)
    if said_no(case, row):
        return met("It stays in this project. That is an answer too.")
    if agreed(case, row):
        return met("All of you agree that it may be shared.")
    left = count(len(silent(case, row)), "answer")
    said = f"{left} still to come on sharing this guide. Talk about it when you meet. Until then it stays here."
    return unmet(said, due=row.on + TWO_WEEKS, owed_by=named(row.added_by) if row.added_by in case.here else None)


@hookimpl
def register_registers() -> list[Register]:
    return LISTS


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="library",
            title="Guides",
            why="What helps you, by how hard it is to read.",
            view=library,
        ),
        Page(
            slug="sharing",
            title="Sharing guides",
            why="How far each guide may go. All of you decide.",
            view=sharing,
            needs=(DECISION,),
        ),
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="answered",
            title="May this guide be shared?",
            why="What a group made is the group’s. It goes no further than all of you want.",
            about=entry(SHARE),
            judge=answered,
            holds_in=(),
            lasts=ALWAYS,
            needs=(DECISION,),
            principle="reciprocity",
        )
    ]
