"""People who want no email: what is owed to them is told by the coordinator, who is reminded of it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from govflow.domain.reminders import EMAIL
from govflow.services.letters import OWED
from govflow.services.letters.reminders import CALL, Due
from govflow.store import Letter, LetterItem, MemberRow, db


def calls_to_make(organisation_id: int, today: date) -> list[Due]:
    """The letters that somebody is to tell: each once, in the project it is about, or the first of several."""
    first = func.coalesce(Letter.project_id, func.min(LetterItem.project_id)).label("project_id")
    waiting = (
        select(Letter.id, Letter.day, Letter.person_id, first)
        .outerjoin(LetterItem, LetterItem.letter_id == Letter.id)
        .where(Letter.organisation_id == organisation_id, Letter.state == OWED, Letter.channel != EMAIL)
        .where(Letter.day <= today)
        .group_by(Letter.id)
        .subquery()
    )
    rows = db.session.execute(
        select(waiting.c.id, waiting.c.day, waiting.c.project_id, MemberRow.key)
        .join(MemberRow, (MemberRow.project_id == waiting.c.project_id) & (MemberRow.person_id == waiting.c.person_id))
        .order_by(waiting.c.id)
    )
    return [
        Due(project, CALL, str(letter), "person", day, 7, (0,), (), {key: ""}) for letter, day, project, key in rows
    ]
