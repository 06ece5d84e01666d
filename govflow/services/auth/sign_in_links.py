"""Links that sign people in: how long each lasts, who may use it, and that it works once. Only hashes are kept."""

from __future__ import annotations

import hmac
import secrets
from datetime import date, timedelta

from flask import current_app
from sqlalchemy import select

from govflow.domain.refusals import Invalid, Refused
from govflow.domain.short_codes import read_code
from govflow.services.auth.sessions import hash_token, start_session
from govflow.services.base.rate_limits import LINK_CODE, keyed, record_attempt, wait_if_too_many
from govflow.store import SignInLink, db, now, write

SIGN_IN_MINUTES = 10
"""How long a link works once its email is posted. The email and the page say so."""
OPERATOR_HOURS = 24
"""The same for a link that whoever runs the service hands over."""
WAITED_FOR = timedelta(minutes=30)
"""Nobody waits longer for a letter; after that its link is not made any more."""
MOST_WRONG = 5
USED_UP = "This link has been used or is too old. Ask for a new one: it takes a minute."
WRONG_CODE = "That is not the code. It is shown where you asked for the link. Look there once more."


def operator_link(person_id: int) -> str:
    """A link the operator hands over by hand: single use, 24 hours, any browser."""
    write()
    token = secrets.token_urlsafe(32)
    db.session.add(
        SignInLink(
            person_id=person_id,
            token_hash=hash_token(token),
            made_at=now(),
            expires_at=now() + timedelta(hours=OPERATOR_HOURS),
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


def token_for_letter(link_id: int) -> str | None:
    """The token of a link, told once, to its letter; nothing when nobody waits for it any more."""
    link = db.session.get(SignInLink, link_id, with_for_update=True)
    if link is None or link.used_at is not None or link.token_hash is not None or link.expires_at <= now():
        return None
    token = secrets.token_urlsafe(32)
    link.token_hash, link.expires_at = hash_token(token), now() + timedelta(minutes=SIGN_IN_MINUTES)
    return token


def link_works(token: str) -> bool:
    """Whether this link could still be used. Looking uses nothing up."""
    return _live_link(token) is not None


def wants_code(token: str, *, browser: str) -> bool:
    """Whether this link was asked for in another browser, so that the code shown there is needed here."""
    link = _live_link(token)
    return link is not None and not _asked_here(link, browser)


def use_link(token: str, *, device: str, today: date, browser: str = "", code: str = "") -> str:
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
    session = start_session(link.person_id, device=device, today=today, strong=printed)
    db.session.commit()
    return session


def _live_link(token: str, *, lock: bool = False) -> SignInLink | None:
    query = select(SignInLink).where(SignInLink.token_hash == hash_token(token))
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
