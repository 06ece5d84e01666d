"""The link in each reminder that stops them with one click."""

from __future__ import annotations

from datetime import date

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from govflow.domain.refusals import Invalid
from govflow.services.base.context import context
from govflow.store import Person, db, write

NOT_WHOLE = "This link is not whole. Open it from the email again, or copy all of it."


def stop_token(person_id: int) -> str:
    return str(_signer().dumps(person_id))


def stop_url(person_id: int) -> str:
    return f"{context().base_url}/letters/stop/{stop_token(person_id)}"


def stop_reminders(token: str, *, today: date, start_again: bool = False) -> str:
    """Stop one person's reminders, by the link in every letter. Sign-in links and invitations still come."""
    try:
        person_id = _signer().loads(token)
    except BadSignature:
        raise Invalid(NOT_WHOLE) from None
    write()
    person = db.session.get(Person, person_id)
    if person is None:
        raise Invalid(NOT_WHOLE)
    person.reminders_stopped_on = None if start_again else today
    db.session.commit()
    return person.name


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="stop-reminders")
