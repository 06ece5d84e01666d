"""The letter that tells an organisation's admins of a complaint."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from govflow.domain.letters import Words, complaint
from govflow.services.house import house
from govflow.services.letters import new_letter, next_serial
from govflow.store import Admin, Letter, Organisation, Person, db

COMPLAINT = "complaint"


def owe_complaint_letters(organisation_id: int, *, today: date) -> None:
    """One to each admin, in the transaction that keeps the complaint."""
    for person_id in db.session.scalars(select(Admin.person_id).where(Admin.organisation_id == organisation_id)).all():
        serial = next_serial(person_id, COMPLAINT, today)
        new_letter(person_id, organisation_id, COMPLAINT, today, serial=serial)


def complaint_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    if db.session.get(Admin, (letter.organisation_id, person.id)) is None:
        return None
    organisation = db.session.get_one(Organisation, letter.organisation_id)
    return complaint(name=person.name, link=f"{house().base_url}/organisations/{organisation.slug}/complaints")
