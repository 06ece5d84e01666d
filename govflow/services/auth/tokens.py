"""Tokens for programs: each belongs to one person and one organisation, reads or writes, and is told once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select, update

from govflow.domain.refusals import Invalid, NotFound
from govflow.domain.wording import listed
from govflow.services.base.actions import person_by_email
from govflow.store import (
    Admin,
    ApiToken,
    MemberRow,
    Organisation,
    Person,
    Project,
    Share,
    db,
    everything,
    limit_scope_to,
    now,
    write,
)

READ, WRITE = "read", "write"
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class TokenUser:
    """Who a token speaks for, where, and whether it may change anything."""

    id: int
    person: Person
    organisation_id: int
    writes: bool


def make_token(email: str, *, scope: str, organisation: str | None, today: date) -> str:
    """A new token for somebody; of which organisation must be said where they belong to several."""
    write()
    person = person_by_email(email)
    if person is None:
        raise NotFound(f"There is nobody with the address {email:.254}.")
    if scope not in (READ, WRITE):
        raise Invalid("A token reads or writes: --scope read, or --scope write.")
    theirs = {place.slug: place.id for place in _organisations_of(person.id, today)}
    if organisation is None and len(theirs) == 1:
        (organisation,) = theirs
    if organisation not in theirs:
        known = listed(sorted(theirs), "or") or "none, so they need no token yet"
        raise Invalid(f"Say of which organisation: --organisation SLUG. {person.name} belongs to {known}.")
    token = f"gf_{secrets.token_urlsafe(32)}"
    db.session.add(
        ApiToken(
            person_id=person.id,
            organisation_id=theirs[organisation],
            token_hash=_hash(token),
            writes=scope == WRITE,
            made_at=now(),
        )
    )
    db.session.commit()
    return token


def use_token(token: str, *, today: date) -> TokenUser | None:
    """Whose token this is, if it still stands; from here on the request reaches its organisation's projects alone."""
    with everything():
        found = db.session.execute(
            select(ApiToken, Person)
            .join(Person, Person.id == ApiToken.person_id)
            .where(ApiToken.token_hash == _hash(token), ApiToken.ended_at.is_(None))
        ).first()
        if found is None:
            return None
        row, person = found
        user = TokenUser(row.id, person, row.organisation_id, row.writes)
        projects = set(db.session.scalars(_projects_in(user, today)))
        partners = set(db.session.scalars(select(Share.organisation_id).where(Share.project_id.in_(projects))))
        owners = set(db.session.scalars(select(Project.organisation_id).where(Project.id.in_(projects))))
    limit_scope_to(projects, {user.organisation_id} | partners | owners)
    return user


def end_tokens(person_id: int) -> None:
    """In the caller's transaction: every token of this person works no more."""
    db.session.execute(
        update(ApiToken).where(ApiToken.person_id == person_id, ApiToken.ended_at.is_(None)).values(ended_at=now())
    )


def end_tokens_of(email: str) -> int:
    """For the operator, when a token got into other hands: all of somebody's end. Answers with how many did."""
    write()
    person = person_by_email(email)
    if person is None:
        raise NotFound(f"There is nobody with the address {email:.254}.")
    live = select(func.count()).select_from(ApiToken)
    ended = db.session.scalar(live.where(ApiToken.person_id == person.id, ApiToken.ended_at.is_(None))) or 0
    end_tokens(person.id)
    db.session.commit()
    return ended


def _projects_in(user: TokenUser, today: date):  # type: ignore[no-untyped-def]
    mine = select(MemberRow.project_id).where(
        MemberRow.person_id == user.person.id,
        MemberRow.joined <= today,
        or_(MemberRow.left.is_(None), MemberRow.left > today),
    )
    here = Project.organisation_id == user.organisation_id
    shared = Project.id.in_(select(Share.project_id).where(Share.organisation_id == user.organisation_id))
    admin = select(Admin.organisation_id).where(Admin.person_id == user.person.id)
    looked_after = here & Project.organisation_id.in_(admin)
    return select(Project.id).where(looked_after | (Project.id.in_(mine) & (here | shared)))


def _organisations_of(person_id: int, today: date) -> list[Organisation]:
    mine = select(MemberRow.project_id).where(
        MemberRow.person_id == person_id, or_(MemberRow.left.is_(None), MemberRow.left > today)
    )
    rows = db.session.scalars(
        select(Organisation).where(
            Organisation.id.in_(select(Admin.organisation_id).where(Admin.person_id == person_id))
            | Organisation.id.in_(select(Project.organisation_id).where(Project.id.in_(mine)))
            | Organisation.id.in_(select(Share.organisation_id).where(Share.project_id.in_(mine)))
        )
    )
    return list(rows)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
