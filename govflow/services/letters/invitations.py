"""The letter that asks somebody into a project."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from govflow.domain.letters import Words, invitation
from govflow.services.house import house
from govflow.services.letters import new_letter, next_serial
from govflow.store import Letter, MemberRow, Person, Project, db

INVITATION = "invitation"


def owe_invitation(person: Person, project: Project, *, today: date) -> None:
    """An invitation, in the transaction that asks somebody in."""
    serial = next_serial(person.id, INVITATION, today)
    new_letter(person.id, project.organisation_id, INVITATION, today, serial=serial, project=project.id)


def invitation_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    row = db.session.scalar(
        select(MemberRow).where(
            MemberRow.project_id == letter.project_id,
            MemberRow.person_id == person.id,
            MemberRow.joined.is_(None),
            MemberRow.left.is_(None),
        )
    )
    if row is None:
        return None
    asked_by = db.session.scalar(
        select(Person.name)
        .join(MemberRow, MemberRow.person_id == Person.id)
        .where(MemberRow.project_id == letter.project_id, MemberRow.key == row.invited_by)
    )
    return invitation(name=person.name, asked_by=asked_by or "A lead", link=f"{house().base_url}/")
