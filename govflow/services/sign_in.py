"""Asking for a link to sign in. The answer is the same whether or not we know the address."""

from __future__ import annotations

from datetime import date, timedelta

from govflow.services.acting import person_by_email
from govflow.services.links import LINKS_AN_HOUR, links_lately
from govflow.services.outbox import owe_sign_in, wake_for_owed
from govflow.services.people import clean_email
from govflow.store import db, now, write


def ask_for_link(email: str, *, today: date) -> None:
    """Owe a sign-in letter to a known address; do nothing, and say nothing, for any other."""
    address = clean_email(email)
    write()
    person = person_by_email(address)
    if person is None or links_lately(person.id, since=now() - timedelta(hours=1)) >= LINKS_AN_HOUR:
        db.session.rollback()
        return
    owe_sign_in(person, today=today)
    db.session.commit()
    wake_for_owed()
