"""Emails about signing in: a link, which holds no secret until it is posted; and that a second factor changed."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import Select, select

from govflow.services.auth.sign_in_links import SIGN_IN_MINUTES, WAITED_FOR, token_for_letter
from govflow.services.base.context import context
from govflow.services.mail.enqueue import enqueue_email, next_serial
from govflow.services.mail.kinds import email_kind
from govflow.services.mail.render import Values
from govflow.store import Email, Person, SignInLink, db, now

SIGN_IN, SECURITY = "sign_in", "security"


class SignInChange(StrEnum):
    """What has changed about how somebody signs in; its template has a sentence for each."""

    APP_ADDED = "app added"
    APP_REMOVED = "app removed"
    PASSKEY_ADDED = "passkey added"
    PASSKEY_REMOVED = "passkey removed"
    ALL_REMOVED = "all removed"


def asked_links() -> Select[SignInLink]:
    """Links that people we know asked for, and that have no letter yet."""
    known = SignInLink.person_id.is_not(None) & SignInLink.has_letter.is_(False)
    return select(SignInLink).where(known, SignInLink.used_at.is_(None), SignInLink.expires_at > now())


def owe_sign_ins() -> None:
    """A letter for each, written away from the page that was asked on. Its link is made when it is posted."""
    for link in db.session.scalars(asked_links().order_by(SignInLink.id).with_for_update(skip_locked=True)):
        if link.person_id is not None:
            email = enqueue_email(link.person_id, None, SIGN_IN, link.made_at.date(), serial=link.id)
            email.about, link.has_letter = str(link.id), True


def _some_unwritten() -> bool:
    return db.session.scalar(asked_links().with_only_columns(SignInLink.id).limit(1)) is not None


def take_back(email: Email) -> None:
    """The letter was not handed over after all: nobody knows its link, and the next try makes another."""
    link = db.session.get(SignInLink, int(email.about))
    if link is not None and link.used_at is None:
        link.token_hash, link.expires_at = None, link.made_at + WAITED_FOR


@email_kind(
    SIGN_IN, title="Link to sign in", once=True, taken_back=take_back, unwritten=_some_unwritten, write=owe_sign_ins
)
def sign_in_values(email: Email, person: Person, stop: str, today: date) -> Values | None:
    link = int(email.about) if email.about.isdigit() else 0
    token = token_for_letter(link)
    if token is None:
        return None
    return {"name": person.name, "link": f"{context().base_url}/sign-in/{token}", "minutes": SIGN_IN_MINUTES}


# --- a second factor was added or taken away: told at once, also to who stopped reminders ---------------------


def owe_security(person_id: int, change: SignInChange, *, today: date) -> None:
    """In the transaction that changes a way to sign in."""
    serial = next_serial(person_id, SECURITY, today)
    enqueue_email(person_id, None, SECURITY, today, serial=serial).about = change


def wake_for_security() -> None:
    """After the commit: letters of no organisation are posted now."""
    context().wake([0])


@email_kind(SECURITY, title="How you sign in has changed")
def security_values(email: Email, person: Person, stop: str, today: date) -> Values:
    return {"name": person.name, "change": email.about, "page": f"{context().base_url}/me/sign-in"}
