"""A letter as it begins: a row in the outbox."""

from __future__ import annotations

import uuid
from datetime import date
from urllib.parse import urlsplit

from govflow.services.house import house
from govflow.store import Letter, db, now


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
    db.session.flush()
    return letter
