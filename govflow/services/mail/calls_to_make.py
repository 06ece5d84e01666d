"""People who want no email: what is owed to them is told by the coordinator, who is reminded of it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from govflow.domain.mail.reminder_days import EMAIL
from govflow.services.mail.enqueue import EmailState
from govflow.services.mail.reminders import CALL, ReminderItem
from govflow.store import Email, EmailItem, MemberRow, db


def calls_to_make(organisation_id: int, today: date) -> list[ReminderItem]:
    """The letters that somebody is to tell: each once, in the project it is about, or the first of several."""
    first = func.coalesce(Email.project_id, func.min(EmailItem.project_id)).label("project_id")
    waiting = (
        select(Email.id, Email.day, Email.person_id, first)
        .outerjoin(EmailItem, EmailItem.letter_id == Email.id)
        .where(Email.organisation_id == organisation_id, Email.state == EmailState.OWED, Email.channel != EMAIL)
        .where(Email.day <= today)
        .group_by(Email.id)
        .subquery()
    )
    rows = db.session.execute(
        select(waiting.c.id, waiting.c.day, waiting.c.project_id, MemberRow.key)
        .join(MemberRow, (MemberRow.project_id == waiting.c.project_id) & (MemberRow.person_id == waiting.c.person_id))
        .order_by(waiting.c.id)
    )
    return [
        ReminderItem(project, CALL, str(email), "person", day, 7, (0,), (), {key: ""})
        for email, day, project, key in rows
    ]
