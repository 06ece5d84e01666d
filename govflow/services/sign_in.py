"""Asking for a link to sign in. The answer is the same whether or not we know the address."""

from __future__ import annotations

from datetime import date

from govflow.services.acting import person_by_email
from govflow.services.outbox import SIGN_INS_AN_HOUR, owe_sign_in, sign_ins_lately, wake_for_owed
from govflow.services.people import clean_email
from govflow.store import db, write


def ask_for_link(email: str, *, today: date) -> None:
    """Owe a sign-in letter to a known address; do nothing, and say nothing, for any other."""
    address = clean_email(email)
    write()
    person = person_by_email(address)
    if person is None or sign_ins_lately(person.id) >= SIGN_INS_AN_HOUR:
        db.session.rollback()
        return
    owe_sign_in(person, today=today)
    db.session.commit()
    wake_for_owed()
