"""Asking to hear of chances to take part: anybody, once their address is confirmed; ended by one click in a letter."""

from __future__ import annotations

import secrets
from datetime import date

from sqlalchemy import select

from govflow.domain.questions import TEXT_MOST, Question, clean_text, read_words
from govflow.domain.refusals import Invalid, NotFound, TooOften
from govflow.services.acting import By, person_by_email, require_strong
from govflow.services.hearing_links import key_of
from govflow.services.letters.chances import owe_hearing
from govflow.services.organisations import looked_after
from govflow.services.people import clean_email
from govflow.services.tries import HEAR, HEAR_NETWORK, note, tried
from govflow.store import Interest, Organisation, Person, db, everything, write

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


def ask_to_hear(*, organisation: str, name: str, email: str, words: str, network: str, today: date) -> int | None:
    """Keep that somebody asked, and owe them a letter with a link. Nobody is told whether we know the address.

    Answers with the organisation whose letters are owed; nothing where this address has had its letters for now.
    """
    name, address, words = _read(name, email, words)
    with everything():
        write()
        found = organisation_page_of(organisation)
        if len(tried(HEAR_NETWORK, network)) >= ASKED_AN_HOUR:
            raise TooOften("This was asked very often from your network. Please try again in an hour.", wait=3600)
        before = len(tried(HEAR, address))
        note(HEAR_NETWORK, network)
        note(HEAR, address)
        if before < LETTERS_AN_HOUR:
            owe_hearing(_asked(found, address, name, words, today), today=today)
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


def _asked(organisation: Organisation, address: str, name: str, words: str, today: date) -> Interest:
    """The row of this address. What somebody confirmed is theirs: whoever else types their address changes nothing."""
    person = person_by_email(address)
    if person is None:
        person = Person(email=address, name=address)  # their name is what they confirm, not what anybody typed
        db.session.add(person)
        db.session.flush()
    row = db.session.scalar(
        select(Interest).where(Interest.organisation_id == organisation.id, Interest.person_id == person.id)
    )
    if row is None:
        row = Interest(organisation_id=organisation.id, person_id=person.id, key=secrets.token_hex(16), asked_on=today)
        db.session.add(row)
    if row.on is None or row.ended_on is not None:
        row.name, row.words, row.asked_on, row.on, row.ended_on = name, words, today, None, None
    db.session.flush()
    return row


# --- the link in each letter ------------------------------------------------------------------------------


def heard(token: str) -> tuple[Interest, Organisation]:
    """Whose link this is, as it stands."""
    key = key_of(token)
    with everything():
        found = db.session.execute(
            select(Interest, Organisation)
            .join(Organisation, Organisation.id == Interest.organisation_id)
            .where(Interest.key == key)
            .execution_options(populate_existing=True)
        ).first()
    if found is None:
        raise NotFound("This link is not whole, or too old.")
    return found[0], found[1]


def confirm(token: str, *, today: date) -> None:
    """Yes, this is my address, and I would like to hear."""
    with everything():
        write()
        row, _ = heard(token)
        if row.on is None and row.ended_on is None:
            row.on = today
            person = db.session.get_one(Person, row.person_id)
            person.name = row.name if person.name == person.email else person.name
        db.session.commit()


def end(token: str, *, today: date) -> None:
    """Hear no more: at once, without a reason. What was said of oneself is gone with it."""
    with everything():
        write()
        row, _ = heard(token)
        row.ended_on = row.ended_on or today
        row.name = row.words = ""
        db.session.commit()


# --- the list ---------------------------------------------------------------------------------------------


def interested(*, organisation: str, by: By) -> tuple[Organisation, list[tuple[Interest, Person]]]:
    """Who asked to hear, and confirmed it: for the organisation's admins alone."""
    found = looked_after(organisation, by)
    require_strong(by)
    rows = db.session.execute(
        select(Interest, Person)
        .join(Person, Person.id == Interest.person_id)
        .where(Interest.organisation_id == found.id, Interest.on.is_not(None), Interest.ended_on.is_(None))
        .order_by(Interest.on, Interest.id)
    )
    return found, [(row, person) for row, person in rows]
