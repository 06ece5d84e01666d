"""Letters we owe. Each room here owes one kind, in the transaction of what it tells of, and words it when it is posted.

`outbox.py` posts them, whatever their kind.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import func, select

from govflow.services.base.context import context
from govflow.store import Email, db, everything, now

Today = date | Callable[[str], date]
"""A day, or how to find out which day it is in a time zone."""


class EmailState(StrEnum):
    """Where an email stands, as its row keeps it."""

    OWED = "owed"
    SENT = "sent"
    CANCELLED = "cancelled"
    DEAD = "dead"


def day_in(today: Today, timezone: str) -> date:
    return today if isinstance(today, date) else today(timezone)


def enqueue_email(
    person: int, organisation: int | None, kind: str, today: date, *, serial: int = 0, project: int | None = None
) -> Email:
    """A letter that is owed, in the caller's transaction. Its Message-ID never changes."""
    host = urlsplit(context().base_url).hostname or "localhost"
    email = Email(
        person_id=person,
        organisation_id=organisation,
        day=today,
        kind=kind,
        serial=serial,
        project_id=project,
        message_id=f"<{uuid.uuid4().hex}@{host}>",
        made_at=now(),
        next_at=now(),
    )
    db.session.add(email)
    return email


def next_serial(person: int, kind: str, today: date) -> int:
    """The number of another letter of a kind that somebody may get several of in a day."""
    earlier = select(func.count()).select_from(Email).where(Email.person_id == person)
    with everything():  # also those about projects that whoever writes now does not reach
        return db.session.scalar(earlier.where(Email.day == today, Email.kind == kind)) or 0
