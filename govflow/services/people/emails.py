"""The letter that asks somebody into a project."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from govflow.services.base.context import context
from govflow.services.mail.enqueue import enqueue_email, next_serial
from govflow.services.mail.kinds import email_kind
from govflow.services.mail.render import Values
from govflow.store import Email, MemberRow, Person, Project, db

INVITATION = "invitation"


def owe_invitation(person: Person, project: Project, *, today: date) -> None:
    """An invitation, in the transaction that asks somebody in."""
    serial = next_serial(person.id, INVITATION, today)
    enqueue_email(person.id, project.organisation_id, INVITATION, today, serial=serial, project=project.id)


@email_kind(INVITATION, title="Invitation")
def invitation_values(email: Email, person: Person, stop: str, today: date) -> Values | None:
    row = db.session.scalar(
        select(MemberRow).where(
            MemberRow.project_id == email.project_id,
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
        .where(MemberRow.project_id == email.project_id, MemberRow.key == row.invited_by)
    )
    return {"name": person.name, "asked_by": asked_by or "A lead", "link": f"{context().base_url}/"}
