"""Asking to hear of chances to take part: anybody, once their address is confirmed; ended by one click in a letter."""

from __future__ import annotations

import secrets
from datetime import date

from sqlalchemy import select

from govflow.domain.questions import TEXT_MOST, Question, clean_text, read_words
from govflow.domain.refusals import Invalid, NotFound, TooOften
from govflow.services.auth.email_addresses import clean_email
from govflow.services.base.actions import Actor, person_by_email, require_looked_after, require_strong
from govflow.services.base.rate_limits import HEAR, HEAR_NETWORK, recent_attempts, record_attempt
from govflow.services.openings.emails import owe_confirmation
from govflow.services.openings.subscription_links import key_of
from govflow.store import Organisation, Person, Subscription, db, everything, write

WORDS_MOST = 1_000
LETTERS_AN_HOUR, ASKED_AN_HOUR = 3, 20
ASK = (
    Question(name="name", label="Your name"),
    Question(name="email", label="Your email address", help="We send you one email, to make sure that it is yours."),
    Question(
        name="words",
        label="What would you like to do, or know about?",
        kind="long_text",
        help="You can leave this empty. Only the people who look after this organisation read it.",
    ),
)


def organisation_page_of(slug: str) -> Organisation:
    """An organisation, as anybody may know of it by its address."""
    found = db.session.scalar(select(Organisation).where(Organisation.slug == slug))
    if found is None:
        raise NotFound("There is no such organisation.")
    return found


def subscribe(*, organisation: str, name: str, email: str, words: str, network: str, today: date) -> int | None:
    """Keep that somebody asked, and owe them a letter with a link. Nobody is told whether we know the address.

    Answers with the organisation whose letters are owed; nothing where this address has had its letters for now.
    """
    name, address, words = _read(name, email, words)
    with everything():
        write()
        found = organisation_page_of(organisation)
        if len(recent_attempts(HEAR_NETWORK, network)) >= ASKED_AN_HOUR:
            raise TooOften("This was asked very often from your network. Please try again in an hour.", wait=3600)
        before = len(recent_attempts(HEAR, address))
        record_attempt(HEAR_NETWORK, network)
        record_attempt(HEAR, address)
        if before < LETTERS_AN_HOUR:
            owe_confirmation(_asked(found, address, name, words, today), today=today)
        db.session.commit()
        return found.id if before < LETTERS_AN_HOUR else None


def _read(name: str, email: str, words: str) -> tuple[str, str, str]:
    problems: dict[str, str] = {}
    address = ""
    try:
        name = " ".join(read_words(name, "name", "Give your name.", most=TEXT_MOST).split())
    except Invalid as error:
        problems |= error.problems
    try:
        address = clean_email(email)
    except Invalid as error:
        problems |= error.problems
    words = clean_text(words)
    if len(words) > WORDS_MOST:
        problems["words"] = f"That has {len(words):,} letters. At most {WORDS_MOST:,} are kept. Make it shorter."
    if problems:
        raise Invalid(" ".join(problems.values()), problems)
    return name, address, words


def _asked(organisation: Organisation, address: str, name: str, words: str, today: date) -> Subscription:
    """The row of this address. What somebody confirmed is theirs: whoever else types their address changes nothing."""
    person = person_by_email(address)
    if person is None:
        person = Person(email=address, name=address)  # their name is what they confirm, not what anybody typed
        db.session.add(person)
        db.session.flush()
    row = db.session.scalar(
        select(Subscription).where(Subscription.organisation_id == organisation.id, Subscription.person_id == person.id)
    )
    if row is None:
        row = Subscription(
            organisation_id=organisation.id, person_id=person.id, key=secrets.token_hex(16), asked_on=today
        )
        db.session.add(row)
    if row.on is None or row.ended_on is not None:
        row.name, row.words, row.asked_on, row.on, row.ended_on = name, words, today, None, None
    db.session.flush()
    return row


# --- the link in each letter ------------------------------------------------------------------------------


def find_subscription(token: str) -> tuple[Subscription, Organisation]:
    """Whose link this is, as it stands."""
    key = key_of(token)
    with everything():
        found = db.session.execute(
            select(Subscription, Organisation)
            .join(Organisation, Organisation.id == Subscription.organisation_id)
            .where(Subscription.key == key)
            .execution_options(populate_existing=True)
        ).first()
    if found is None:
        raise NotFound("This link is not whole, or too old.")
    return found[0], found[1]


def confirm(token: str, *, today: date) -> None:
    """Yes, this is my address, and I would like to hear."""
    with everything():
        write()
        row, _ = find_subscription(token)
        if row.on is None and row.ended_on is None:
            row.on = today
            person = db.session.get_one(Person, row.person_id)
            person.name = row.name if person.name == person.email else person.name
        db.session.commit()


def end(token: str, *, today: date) -> None:
    """Hear no more: at once, without a reason. What was said of oneself is gone with it."""
    with everything():
        write()
        row, _ = find_subscription(token)
        row.ended_on = row.ended_on or today
        row.name = row.words = ""
        db.session.commit()


# --- the list ---------------------------------------------------------------------------------------------


def list_subscribers(*, organisation: str, by: Actor) -> tuple[Organisation, list[tuple[Subscription, Person]]]:
    """Who asked to hear, and confirmed it: for the organisation's admins alone."""
    found = require_looked_after(organisation, by)
    require_strong(by)
    rows = db.session.execute(
        select(Subscription, Person)
        .join(Person, Person.id == Subscription.person_id)
        .where(Subscription.organisation_id == found.id, Subscription.on.is_not(None), Subscription.ended_on.is_(None))
        .order_by(Subscription.on, Subscription.id)
    )
    return found, [(row, person) for row, person in rows]
