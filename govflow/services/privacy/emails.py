"""The letter that tells an organisation's admins of a complaint."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from govflow.services.base.context import context
from govflow.services.mail.enqueue import enqueue_email, next_serial
from govflow.services.mail.kinds import email_kind
from govflow.services.mail.render import Values
from govflow.store import Admin, Email, Organisation, Person, db

COMPLAINT = "complaint"


def owe_complaint_letters(organisation_id: int, *, today: date) -> None:
    """One to each admin, in the transaction that keeps the complaint."""
    for person_id in db.session.scalars(select(Admin.person_id).where(Admin.organisation_id == organisation_id)).all():
        serial = next_serial(person_id, COMPLAINT, today)
        enqueue_email(person_id, organisation_id, COMPLAINT, today, serial=serial)


@email_kind(COMPLAINT, title="A complaint has come")
def complaint_values(email: Email, person: Person, stop: str, today: date) -> Values | None:
    if db.session.get(Admin, (email.organisation_id, person.id)) is None:
        return None
    organisation = db.session.get_one(Organisation, email.organisation_id)
    page = f"{context().base_url}/organisations/{organisation.slug}/complaints"
    return {"name": person.name, "link": page}
