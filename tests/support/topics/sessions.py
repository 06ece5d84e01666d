"""Sessions and second steps of one admin."""

from __future__ import annotations

from govflow.services.auth import sessions
from govflow.services.base.actions import Actor
from govflow.store import db
from tests.support.factories import TODAY


def begin(by: Actor) -> str:
    """A session by a link alone, which is weak."""
    token = sessions.start_session(by.person_id, device="Firefox", today=TODAY)
    db.session.commit()
    return token
