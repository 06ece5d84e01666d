"""Asking for a link to sign in. What is done, and what is answered, is the same whether or not we know the address."""

from __future__ import annotations

import secrets

from govflow.domain.refusals import TooOften
from govflow.domain.short_codes import ALPHABET, CODE_LETTERS
from govflow.services.auth.email_addresses import clean_email
from govflow.services.auth.sign_in_links import create_sign_in_link
from govflow.services.base.actions import person_by_email
from govflow.services.base.context import context
from govflow.services.base.rate_limits import ASKED, NETWORK, recent_attempts, record_attempt
from govflow.store import db, write

LETTERS_AN_HOUR, ASKED_AN_HOUR = 3, 20


def new_browser() -> tuple[str, str]:
    """A value for the browser that asks, and the code it shows: for somebody who opens the link elsewhere."""
    return secrets.token_urlsafe(16), "".join(secrets.choice(ALPHABET) for _ in range(CODE_LETTERS))


def ask_for_link(email: str, *, browser: str, code: str, network: str) -> None:
    """Keep that a link was asked for. Who it is for, and whether a letter goes out, is seen to later, by the post.

    Three an hour for one address, and it is not said when they are used up: that would tell who else asked.
    """
    address = clean_email(email)
    write()
    if len(recent_attempts(NETWORK, network)) >= ASKED_AN_HOUR:
        raise TooOften(
            "Very many links were asked for from your network in this hour. Please try again in an hour.", wait=3600
        )
    before = len(recent_attempts(ASKED, address))
    record_attempt(NETWORK, network)
    record_attempt(ASKED, address)
    person = person_by_email(address)
    if before < LETTERS_AN_HOUR:
        create_sign_in_link(person.id if person else None, browser=browser, code=code)
    db.session.commit()
    context().wake([0])
