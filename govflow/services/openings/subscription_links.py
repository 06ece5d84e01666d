"""The link in each letter to somebody who asked to hear of chances; and forgetting whoever never confirmed."""

from __future__ import annotations

from datetime import date, timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete, select

from govflow.domain.refusals import NotFound
from govflow.store import Admin, Email, MemberRow, Person, SignedIn, SignInLink, Subscription, db, write

CONFIRM_WITHIN = timedelta(days=7)


def link_token(row: Subscription) -> str:
    return str(_signer().dumps(row.key))


def key_of(token: str) -> str:
    """The key a link names, if we made it."""
    try:
        return str(_signer().loads(token))
    except BadSignature:
        raise NotFound("This link is not whole, or too old.") from None


def forget_unconfirmed(today: date) -> None:
    """The sweep's broom: an address that nobody confirmed within a week is forgotten, with all that came with it."""
    old = Subscription.on.is_(None) & (Subscription.asked_on < today - CONFIRM_WITHIN)
    if db.session.scalar(select(Subscription.id).where(old).limit(1)) is None:
        return
    write()
    people = set(db.session.scalars(select(Subscription.person_id).where(old)))
    db.session.execute(delete(Subscription).where(old))
    gone = select(Person.id).where(Person.id.in_(people), Person.name == Person.email)
    for one in (Subscription, MemberRow, Admin, SignedIn):
        gone = gone.where(Person.id.not_in(select(one.person_id)))
    ids = list(db.session.scalars(gone))
    db.session.execute(delete(Email).where(Email.person_id.in_(ids)))
    db.session.execute(delete(SignInLink).where(SignInLink.person_id.in_(ids)))
    db.session.execute(delete(Person).where(Person.id.in_(ids)))
    db.session.commit()


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="hear-of-chances")
