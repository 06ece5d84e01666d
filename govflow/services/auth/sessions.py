"""Sessions: browsers that are signed in. Only hashes of their tokens are kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import String, Update, bindparam, select, update

from govflow.domain.refusals import NotFound, Refused
from govflow.services.base.actions import Actor, log_of
from govflow.store import Admin, Person, SignedIn, SignInLink, db, everything, now, write

IDLE = timedelta(hours=12)
STRONG_IDLE, STRONG_MOST = timedelta(minutes=30), timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=5)


def hash_token(token: str) -> str:
    """What is kept of a token: enough to know it again, not enough to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class OpenSession:
    """A session that stands. `strong`: a second step was shown, and it was not left alone for half an hour since."""

    id: int
    person: Person
    strong: bool
    seen_at: datetime


def start_session(person_id: int, *, device: str, today: date, strong: bool = False) -> str:
    """A session begins: the one place where one does. In the caller's transaction; answers with its token.

    The organisations that this person looks after have it in their history.
    """
    token = secrets.token_urlsafe(32)
    with everything():  # nobody is signed in yet, so nothing is reached yet
        looked_after = db.session.scalars(select(Admin.organisation_id).where(Admin.person_id == person_id)).all()
    for organisation_id in looked_after:
        log_of(organisation_id, "session.began", by=Actor(person_id), today=today)
    db.session.add(
        SignedIn(
            person_id=person_id,
            token_hash=hash_token(token),
            device=device.replace("\x00", "")[:200],
            began_at=now(),
            seen_at=now(),
            strong_at=now() if strong else None,
        )
    )
    return token


_STANDING = (
    select(SignedIn, Person)
    .join(Person, Person.id == SignedIn.person_id)
    .where(SignedIn.token_hash == bindparam("token", type_=String), SignedIn.ended_at.is_(None))
)


def signed_in(token: str) -> OpenSession | None:
    """Whose session this is, if it still stands."""
    found = db.session.execute(_STANDING, {"token": hash_token(token)}).first()
    if found is None or found[0].seen_at < now() - IDLE:
        return None
    row, person = found
    shown = row.strong_at is not None and row.strong_at > now() - STRONG_MOST
    return OpenSession(row.id, person, shown and row.seen_at > now() - STRONG_IDLE, row.seen_at)


def touch_session(token: str, session: OpenSession) -> None:
    """Keep a session from idling out; writes at most every five minutes. Left alone, a strong one stays weak."""
    if session.seen_at > now() - SEEN_EVERY:
        return
    write()
    strong_at = SignedIn.strong_at if session.strong else None
    db.session.execute(_of(token).values(seen_at=now(), strong_at=strong_at))
    db.session.commit()


def rotate_session(token: str) -> str:
    """In the caller's transaction: this session is strong now, under a new id; the old one is worth nothing."""
    new = secrets.token_urlsafe(32)
    done = db.session.execute(_of(token).values(token_hash=hash_token(new), strong_at=now(), seen_at=now()))
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("You were signed out in the meantime. Sign in again, then come back.")
    return new


def sign_out(token: str) -> None:
    write()
    db.session.execute(_of(token).values(ended_at=now()))
    db.session.commit()


def sessions_of(person_id: int) -> list[SignedIn]:
    """Where this person is signed in now, the one used last first."""
    rows = select(SignedIn).where(
        SignedIn.person_id == person_id, SignedIn.ended_at.is_(None), SignedIn.seen_at >= now() - IDLE
    )
    return list(db.session.scalars(rows.order_by(SignedIn.seen_at.desc(), SignedIn.id.desc())))


def end_session(session_id: int, *, by: Actor) -> None:
    """Sign out one of one's own browsers."""
    write()
    done = db.session.execute(_all_of(by.person_id).where(SignedIn.id == session_id).values(ended_at=now()))
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound("That browser is signed out already.")
    db.session.commit()


def end_other_sessions(*, by: Actor, token: str) -> None:
    """Sign out every browser of one's own but this one."""
    write()
    end_sessions(by.person_id, but=token)
    db.session.commit()


def end_sessions(person_id: int, *, but: str = "") -> None:
    """In the caller's transaction: every session of this person ends, but the one that is named."""
    db.session.execute(_all_of(person_id).where(SignedIn.token_hash != hash_token(but)).values(ended_at=now()))


def end_everything(person_id: int) -> None:
    """In the caller's transaction: whoever is nowhere any more is signed out, and their links work no more."""
    end_sessions(person_id)
    db.session.execute(
        update(SignInLink).where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None)).values(used_at=now())
    )


def _of(token: str) -> Update:
    return update(SignedIn).where(SignedIn.token_hash == hash_token(token), SignedIn.ended_at.is_(None))


def _all_of(person_id: int) -> Update:
    return update(SignedIn).where(SignedIn.person_id == person_id, SignedIn.ended_at.is_(None))
