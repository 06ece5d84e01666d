"""Links that sign people in, and the sessions they open. Only hashes are kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import String, Update, bindparam, select, update

from govflow.domain.refusals import Invalid, NotFound, Refused
from govflow.domain.short_codes import read_code
from govflow.services.base.actions import Actor, log_of
from govflow.services.base.rate_limits import LINK_CODE, keyed, record_attempt, wait_if_too_many
from govflow.store import Admin, Person, SignedIn, SignInLink, db, everything, now, write

IDLE = timedelta(hours=12)
STRONG_IDLE, STRONG_MOST = timedelta(minutes=30), timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=5)
WAITED_FOR = timedelta(minutes=30)
"""Nobody waits longer for a letter; after that its link is not made any more."""
MOST_WRONG = 5
USED_UP = "This link has been used or is too old. Ask for a new one: it takes a minute."
WRONG_CODE = "That is not the code. It is shown where you asked for the link. Look there once more."


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- links ----------------------------------------------------------------------------------------------


def operator_link(person_id: int) -> str:
    """A link the operator hands over by hand: single use, 24 hours, any browser."""
    write()
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignInLink(
            person_id=person_id,
            token_hash=_hash(token),
            made_at=now(),
            expires_at=now() + timedelta(hours=24),
            has_letter=True,
        )
    )
    db.session.commit()
    return token


def create_sign_in_link(person_id: int | None, *, browser: str, code: str) -> None:
    """A link that was asked for, bound to the browser that asked. Its token is made when its letter is posted."""
    db.session.add(
        SignInLink(
            person_id=person_id,
            made_at=now(),
            expires_at=now() + WAITED_FOR,
            browser_hash=keyed(browser),
            code_hash=keyed(code),
        )
    )


def token_for_letter(link_id: int, *, lasts: timedelta) -> str | None:
    """The token of a link, told once, to its letter; nothing when nobody waits for it any more."""
    link = db.session.get(SignInLink, link_id, with_for_update=True)
    if link is None or link.used_at is not None or link.token_hash is not None or link.expires_at <= now():
        return None
    token = secrets.token_urlsafe(32)
    link.token_hash, link.expires_at = _hash(token), now() + lasts
    return token


def link_works(token: str) -> bool:
    """Whether this link could still be used. Looking uses nothing up."""
    return _live_link(token) is not None


def wants_code(token: str, *, browser: str) -> bool:
    """Whether this link was asked for in another browser, so that the code shown there is needed here."""
    link = _live_link(token)
    return link is not None and not _asked_here(link, browser)


def use_link(token: str, *, device: str, browser: str = "", code: str = "") -> str:
    """Use a link up and sign its person in. Answers with the session's token.

    In a browser that did not ask for it the code is needed; one that is not whole counts as no try.
    """
    write()
    link = _live_link(token, lock=True)
    if link is None or link.person_id is None:
        raise Refused(USED_UP)
    if not _asked_here(link, browser):
        _read_code(link, link.person_id, code)
    link.used_at = now()
    printed = link.browser_hash is None and current_app.config["GOVFLOW"].demo  # docs/decisions/0022
    session = start_session(link.person_id, device=device, strong=printed)
    db.session.commit()
    return session


def _live_link(token: str, *, lock: bool = False) -> SignInLink | None:
    query = select(SignInLink).where(SignInLink.token_hash == _hash(token))
    if lock:  # of two browsers at once, one wins
        query = query.with_for_update().execution_options(populate_existing=True)
    link = db.session.scalar(query)
    return link if link and link.used_at is None and link.expires_at > now() else None


def _asked_here(link: SignInLink, browser: str) -> bool:
    return link.browser_hash is None or hmac.compare_digest(link.browser_hash, keyed(browser))


def _read_code(link: SignInLink, person_id: int, typed: str) -> None:
    """Refuse a code that is not the one; after five wrong ones the link is used up."""
    code = read_code(typed)
    wait_if_too_many(LINK_CODE, str(person_id))
    if hmac.compare_digest(link.code_hash or "", keyed(code)):
        return
    record_attempt(LINK_CODE, str(person_id))
    link.wrong += 1
    used_up = link.wrong >= MOST_WRONG
    link.used_at = now() if used_up else None
    db.session.commit()
    raise Refused(USED_UP) if used_up else Invalid(WRONG_CODE, {"code": WRONG_CODE})


# --- sessions -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenSession:
    """A session that stands. `strong`: a second step was shown, and it was not left alone for half an hour since."""

    id: int
    person: Person
    strong: bool
    seen_at: datetime


def start_session(person_id: int, *, device: str, strong: bool = False) -> str:
    """A session begins: the one place where one does. In the caller's transaction; answers with its token.

    The organisations that this person looks after have it in their history.
    """
    token = secrets.token_urlsafe(32)
    with everything():  # nobody is signed in yet, so nothing is reached yet
        looked_after = db.session.scalars(select(Admin.organisation_id).where(Admin.person_id == person_id)).all()
    for organisation_id in looked_after:
        log_of(organisation_id, "session.began", by=Actor(person_id), today=now().date())
    db.session.add(
        SignedIn(
            person_id=person_id,
            token_hash=_hash(token),
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
    found = db.session.execute(_STANDING, {"token": _hash(token)}).first()
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
    done = db.session.execute(_of(token).values(token_hash=_hash(new), strong_at=now(), seen_at=now()))
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
    db.session.execute(_all_of(person_id).where(SignedIn.token_hash != _hash(but)).values(ended_at=now()))


def end_everything(person_id: int) -> None:
    """In the caller's transaction: whoever is nowhere any more is signed out, and their links work no more."""
    end_sessions(person_id)
    db.session.execute(
        update(SignInLink).where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None)).values(used_at=now())
    )


def _of(token: str) -> Update:
    return update(SignedIn).where(SignedIn.token_hash == _hash(token), SignedIn.ended_at.is_(None))


def _all_of(person_id: int) -> Update:
    return update(SignedIn).where(SignedIn.person_id == person_id, SignedIn.ended_at.is_(None))
