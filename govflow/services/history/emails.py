"""The weekly email with the checkpoint, for admins who ask for it: one copy more that nobody here can change.

On which day it goes out: `weekly_checkpoint.py`.
"""

from __future__ import annotations

from datetime import date

from govflow.services.base.context import context
from govflow.services.history.checkpoints import latest
from govflow.services.history.weekly_checkpoint import CHECKPOINT
from govflow.services.mail.kinds import email_kind
from govflow.services.mail.render import Values
from govflow.store import Admin, CheckpointWish, Email, Organisation, Person, db


@email_kind(CHECKPOINT, title="Checkpoint")
def checkpoint_values(email: Email, person: Person, stop: str, today: date) -> Values | None:
    """The last checkpoint as it stands when the letter is posted; None for who is no admin or no longer asks for it."""
    place = (email.organisation_id, person.id)
    if person.reminders_stopped_on or not db.session.get(Admin, place) or not db.session.get(CheckpointWish, place):
        return None
    organisation = db.session.get_one(Organisation, email.organisation_id)
    checkpoint = latest(organisation.slug)
    if checkpoint is None:
        return None
    page = f"{context().base_url}/organisations/{organisation.slug}/history"
    return {"name": person.name, "checkpoint": checkpoint.as_text(indent=1), "page": page}
