"""Letters we owe. Each room here owes one kind, in the transaction of what it tells of, and words it when it is posted.

`services/outbox.py` posts them, whatever their kind.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

from sqlalchemy import func, select

from govflow.services.house import house
from govflow.store import Letter, db, everything, now

Today = date | Callable[[str], date]
"""A day, or how to find out which day it is in a time zone."""
OWED, SENT, CANCELLED, DEAD = "owed", "sent", "cancelled", "dead"


def day_in(today: Today, timezone: str) -> date:
    return today if isinstance(today, date) else today(timezone)


def new_letter(
    person: int, organisation: int | None, kind: str, today: date, *, serial: int = 0, project: int | None = None
) -> Letter:
    """A letter that is owed, in the caller's transaction. Its Message-ID never changes."""
    host = urlsplit(house().base_url).hostname or "localhost"
    letter = Letter(
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
    db.session.add(letter)
    return letter


def next_serial(person: int, kind: str, today: date) -> int:
    """The number of another letter of a kind that somebody may get several of in a day."""
    earlier = select(func.count()).select_from(Letter).where(Letter.person_id == person)
    with everything():  # also those about projects that whoever writes now does not reach
        return db.session.scalar(earlier.where(Letter.day == today, Letter.kind == kind)) or 0
