"""Reading the history, and erasing the words of it that are about somebody."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, or_, select

from govflow.domain.history.chain import ERASED, spans
from govflow.domain.history.history import ABOUT_ONE, GONE, MOVES, holds_own_words, sentence
from govflow.services.base.actions import Actor, log_of
from govflow.store import EventDetailsRow, EventRow, MemberRow, Person, db

AT_ONCE = 500


@dataclass(frozen=True)
class HistoryLine:
    """One line of history, in words."""

    on: date
    words: str
    by_operator: bool


def history(
    project_id: int, *, before: int | None = None, most: int = 100, reader: int = 0, observer: int | None = None
) -> tuple[list[HistoryLine], int | None]:
    """A project's history, the newest first, and where to read on.

    A line about what somebody needs is told to that person and to whoever read it (`reader`), and to nobody else.
    `observer`: the person who reads it is one. They read the project's moves, without names, and what is about them.
    """
    theirs = or_(EventRow.person_id == reader, EventDetailsRow.whom_id == reader)
    query = _lines().where(EventRow.project_id == project_id, or_(EventRow.verb.not_in(ABOUT_ONE), theirs))
    if observer is not None:
        about = or_(EventRow.person_id == observer, EventDetailsRow.whom_id == observer)
        query = query.where(or_(EventRow.verb.in_(MOVES), about))
    return _told(query, before=before, most=most, observer=observer)


def organisation_history(
    organisation_id: int, *, before: int | None = None, most: int = 100
) -> tuple[list[HistoryLine], int | None]:
    """What was done for the whole organisation: sign-ins and settings. What happens in a project is not in it."""
    query = _lines().where(EventRow.organisation_id == organisation_id, EventRow.project_id.is_(None))
    return _told(query, before=before, most=most)


def _lines() -> Any:
    return (
        select(EventRow, EventDetailsRow, Person.name)
        .outerjoin(EventDetailsRow, EventDetailsRow.line_id == EventRow.id)
        .outerjoin(Person, Person.id == EventRow.person_id)
        .order_by(EventRow.number.desc())
    )


def _told(
    query: Any, *, before: int | None, most: int, observer: int | None = None
) -> tuple[list[HistoryLine], int | None]:
    if before:
        query = query.where(EventRow.number < before)
    rows = db.session.execute(query.limit(most + 1)).all()
    told = [
        HistoryLine(on=line.on, by_operator=line.by_operator, words=_in_words(line, words, name, observer))
        for line, words, name in rows[:most]
    ]
    return told, rows[most - 1][0].number if len(rows) > most else None


def _in_words(line: EventRow, words: EventDetailsRow | None, name: str | None, observer: int | None) -> str:
    if line.facts_seal and words is None:
        return GONE
    facts = words.facts if words else {}
    if observer is None:
        return sentence(line.verb, facts, by=name or "GovFlow")
    if line.verb in MOVES:
        return sentence(line.verb, facts, by="A lead", observer=True)
    return sentence(line.verb, facts, by=(name or "") if line.person_id == observer else "Somebody")


# --- erasing --------------------------------------------------------------------------------------------------


def erase_words_about(person_id: int, *, by: Actor | None, today: date) -> int:
    """Erase the words of every line about a person, in the caller's transaction; answers with how many lines.

    About them is: a line that tells of them, the words they wrote themselves, and any line of a project they were in
    that has their name as it is now. So it is called before the name is taken away. The chain stays whole, and a line
    of each organisation's history says which words were erased.
    """
    name = db.session.get_one(Person, person_id).name
    named = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE) if len(name.strip()) > 2 else None
    places = select(MemberRow.project_id).where(MemberRow.person_id == person_id)
    rows = db.session.execute(
        select(
            EventRow.id, EventRow.organisation_id, EventRow.number, EventRow.verb, EventRow.person_id, EventDetailsRow
        )
        .join(EventDetailsRow, EventDetailsRow.line_id == EventRow.id)
        .where(EventRow.verb != ERASED)
        .where(
            or_(EventDetailsRow.whom_id == person_id, EventRow.person_id == person_id, EventRow.project_id.in_(places))
        )
    )
    gone: dict[int, list[int]] = defaultdict(list)
    ids = []
    for line_id, organisation_id, number, verb, actor, words in rows:
        own = actor == person_id and holds_own_words(verb)
        if words.whom_id == person_id or own or (named and any(map(named.search, words.facts.values()))):
            gone[organisation_id].append(number)
            ids.append(line_id)
    for some in _parts(ids):
        db.session.execute(delete(EventDetailsRow).where(EventDetailsRow.line_id.in_(some)))
    for organisation_id, numbers in sorted(gone.items()):
        log_of(organisation_id, ERASED, by=by, today=today, lines=spans(numbers))
    return len(ids)


def _parts(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
