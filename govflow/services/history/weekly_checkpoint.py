"""On which day the weekly checkpoint is mailed, and to whom: from the day on which an admin asked, each week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from govflow.services.base.actions import Actor, require_looked_after
from govflow.services.history.checkpoints import latest_of_each
from govflow.services.mail.enqueue import enqueue_email
from govflow.store import Admin, CheckpointWish, Email, Organisation, Person, db, one_at_a_time, write

CHECKPOINT = "checkpoint"
WEEK = 7


def ask_for_checkpoints(organisation: str, *, wanted: bool, by: Actor, today: date) -> None:
    """Have the checkpoint mailed to oneself each week from today on, or no longer."""
    write()
    found = require_looked_after(organisation, by)
    one_at_a_time(f"checkpoints of {found.id} for {by.person_id}")
    wish = db.session.get(CheckpointWish, (found.id, by.person_id))
    if wanted and wish is None:
        db.session.add(CheckpointWish(organisation_id=found.id, person_id=by.person_id, since=today))
    elif wish is not None and not wanted:
        db.session.delete(wish)
    db.session.commit()


def asked_for_checkpoints(organisation_id: int, person_id: int) -> bool:
    return db.session.get(CheckpointWish, (organisation_id, person_id)) is not None


def owe_checkpoint_letters(*, today: date) -> int:
    """The letters of this week that are not written yet; part of the sweep. Running it twice adds nothing."""
    if not _still_to_write(today):
        return 0
    signed = latest_of_each()
    write()
    owed = [owed_email for owed_email in _still_to_write(today) if owed_email.slug in signed]
    for owed_email in owed:
        enqueue_email(owed_email.person, owed_email.organisation, CHECKPOINT, owed_email.week)
    db.session.commit()
    return len(owed)


@dataclass(frozen=True)
class _Owed:
    """A letter that is not written yet; its week begins on the day it was first asked for, or so many weeks after."""

    person: int
    organisation: int
    slug: str
    week: date


def _still_to_write(today: date) -> list[_Owed]:
    wishes = db.session.execute(
        select(CheckpointWish.person_id, CheckpointWish.organisation_id, Organisation.slug, CheckpointWish.since)
        .join(Organisation, Organisation.id == CheckpointWish.organisation_id)
        .join(Person, Person.id == CheckpointWish.person_id)
        .join(Admin, (Admin.organisation_id == Organisation.id) & (Admin.person_id == Person.id))
        .where(CheckpointWish.since <= today, Person.reminders_stopped_on.is_(None))
        .order_by(CheckpointWish.organisation_id, CheckpointWish.person_id)
        .with_for_update(of=CheckpointWish)  # another sweep waits here, and then finds what this one wrote
    )
    owed = [
        _Owed(person, organisation, slug, today - timedelta(days=(today - since).days % WEEK))
        for person, organisation, slug, since in wishes
    ]
    written = {
        (row.person_id, row.organisation_id, row.day)
        for row in db.session.execute(
            select(Email.person_id, Email.organisation_id, Email.day).where(
                Email.kind == CHECKPOINT, Email.day > today - timedelta(days=WEEK)
            )
        )
    }
    return [
        owed_email
        for owed_email in owed
        if (owed_email.person, owed_email.organisation, owed_email.week) not in written
    ]
