"""Links that sign people in, and the sessions they open. Only hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select, update

from govflow.domain.refusals import Refused
from govflow.store import Person, SignedIn, SignInLink, db, now, write

IDLE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=10)
USED_UP = "This link has been used or is too old. Ask for a new one: it takes a minute."


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(person_id: int, *, lasts: timedelta) -> str:
    """A new link's token, in the caller's transaction. The token itself is told once and never kept."""
    token = secrets.token_urlsafe(32)
    db.session.add(SignInLink(person_id=person_id, token_hash=_hash(token), made_at=now(), expires_at=now() + lasts))
    return token


def operator_link(person_id: int) -> str:
    """A link the operator hands over by hand: single use, 24 hours, any browser."""
    write()
    token = make_link(person_id, lasts=timedelta(hours=24))
    db.session.commit()
    return token


def link_works(token: str) -> bool:
    """Whether this link could still be used. Looking uses nothing up."""
    return _live_link(token) is not None


def _live_link(token: str) -> SignInLink | None:
    row = db.session.scalar(select(SignInLink).where(SignInLink.token_hash == _hash(token)))
    return row if row and row.used_at is None and row.expires_at > now() else None


def use_link(token: str, *, device: str) -> str:
    """Use a link up and sign its person in. Answers with the session's token."""
    write()
    row = _live_link(token)
    if row is None:
        raise Refused(USED_UP)
    used = db.session.execute(
        update(SignInLink).where(SignInLink.id == row.id, SignInLink.used_at.is_(None)).values(used_at=now())
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(USED_UP)
    session = secrets.token_urlsafe(32)
    db.session.add(
        SignedIn(person_id=row.person_id, token_hash=_hash(session), device=device[:200], began_at=now(), seen_at=now())
    )
    db.session.commit()
    return session


def signed_in(token: str) -> Person | None:
    """Who this session belongs to, if it still stands."""
    found = db.session.execute(
        select(SignedIn, Person)
        .join(Person, Person.id == SignedIn.person_id)
        .where(SignedIn.token_hash == _hash(token), SignedIn.ended_at.is_(None))
    ).first()
    if found is None or found[0].seen_at < now() - IDLE:
        return None
    return found[1]


def was_seen(token: str) -> None:
    """Keep a session from idling out; writes at most every ten minutes."""
    row = db.session.scalar(select(SignedIn).where(SignedIn.token_hash == _hash(token)))
    if row is None or row.seen_at > now() - SEEN_EVERY:
        return
    write()
    db.session.execute(update(SignedIn).where(SignedIn.token_hash == _hash(token)).values(seen_at=now()))
    db.session.commit()


def sign_out(token: str) -> None:
    write()
    db.session.execute(
        update(SignedIn).where(SignedIn.token_hash == _hash(token), SignedIn.ended_at.is_(None)).values(ended_at=now())
    )
    db.session.commit()
