"""The outbox: which letters are owed, who may post them now, and what becomes of them.

The database remembers, the queue only hurries: everything here works, and catches up, without Redis.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import func, or_, select, true, update

from govflow.domain.letters import Words
from govflow.domain.refusals import Invalid
from govflow.services.hearing_links import link_token
from govflow.services.house import house
from govflow.services.letters import CANCELLED, DEAD, OWED, SENT
from govflow.services.letters.chances import CHANCE, HEARING, interest_of
from govflow.services.letters.kinds import KINDS
from govflow.services.letters.sign_in import asked_links, owe_sign_ins
from govflow.store import Letter, LetterItem, Person, SignInLink, db, everything, now, write

AT_ONCE, LEASE = 50, timedelta(seconds=120)
TRY_AGAIN = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
GIVE_UP_AFTER = timedelta(hours=48)


def letters_owed() -> int:
    """How many, in the whole installation, whoever asks."""
    with everything():
        return db.session.scalar(select(func.count()).select_from(Letter).where(Letter.state == OWED)) or 0


def wake_for_owed() -> None:
    """Ask the workers to post what is owed; 0 stands for letters of no organisation, also of those not written yet."""
    rows = db.session.scalars(select(Letter.organisation_id).where(Letter.state == OWED).distinct())
    asked = db.session.scalar(asked_links().with_only_columns(SignInLink.id).limit(1))
    found = sorted({organisation or 0 for organisation in rows} | ({0} if asked else set()))
    if found:
        house().wake(found)


@dataclass(frozen=True)
class Ready:
    """A letter ready for its envelope."""

    id: int
    to: str
    to_name: str
    message_id: str
    words: Words
    stop_url: str


def claim(*, organisation: int | None = None, most: int = AT_ONCE) -> tuple[str, list[int]]:
    """Take up to fifty letters that are owed now; nobody else posts them for two minutes. `organisation` 0: of none."""
    write()
    if not organisation:
        owe_sign_ins()
    moment, token = now(), uuid.uuid4().hex
    query = select(Letter.id).where(
        Letter.state == OWED, Letter.next_at <= moment, or_(Letter.lease_until.is_(None), Letter.lease_until < moment)
    )
    if organisation is not None:
        query = query.where(
            Letter.organisation_id.is_(None) if organisation == 0 else Letter.organisation_id == organisation
        )
    ids = list(db.session.scalars(query.order_by(Letter.id).limit(most).with_for_update(skip_locked=True)))
    if ids:
        db.session.execute(update(Letter).where(Letter.id.in_(ids)).values(lease=token, lease_until=moment + LEASE))
    db.session.commit()
    return token, ids


def compose(letter_id: int, lease: str, *, today: date) -> Ready | None:
    """What the letter says now, or None when nothing in it is still true: it is then cancelled.

    A sign-in letter is marked sent before it is posted: it goes out at most once, and can be asked for again.
    """
    write()
    letter = db.session.get(Letter, letter_id, populate_existing=True)
    if letter is None or letter.state != OWED or letter.lease != lease:
        db.session.rollback()
        return None
    person = db.session.get_one(Person, letter.person_id)
    stop = _stop_url(letter, person)
    words = KINDS[letter.kind].words(letter, person, stop, today)
    if words is None:
        letter.state, letter.lease = CANCELLED, None
    elif KINDS[letter.kind].once:
        letter.state, letter.sent_at = SENT, now()
    db.session.commit()
    if words is None:
        return None
    return Ready(letter.id, person.email, person.name, letter.message_id, words, stop)


def _stop_url(letter: Letter, person: Person) -> str:
    """One click here ends what this letter is part of: reminders, or hearing of chances."""
    if letter.kind in (HEARING, CHANCE):
        row = interest_of(letter)
        return f"{house().base_url}/hear/{link_token(row)}" if row else ""
    return f"{house().base_url}/letters/stop/{stop_token(person.id)}"


def mark_sent(letter_id: int, lease: str) -> None:
    write()
    db.session.execute(
        update(Letter)
        .where(Letter.id == letter_id, Letter.lease == lease)
        .values(state=SENT, sent_at=now(), lease=None, lease_until=None, error="")
    )
    db.session.commit()


def mark_failed(letter_id: int, lease: str, *, error: str, permanent: bool) -> None:
    """Try again later, or give up: after a final no, or when 48 hours have passed."""
    write()
    letter = db.session.get(Letter, letter_id, populate_existing=True)
    if letter is not None and letter.lease == lease and letter.state == OWED:
        letter.attempts += 1
        letter.error = error[:500]
        letter.lease = letter.lease_until = None
        wait = TRY_AGAIN[min(letter.attempts, len(TRY_AGAIN)) - 1]
        if permanent or now() + wait > letter.made_at + GIVE_UP_AFTER:
            letter.state = DEAD
        else:
            letter.next_at = now() + wait
    db.session.commit()


def cancel_letters(person_id: int, *, project_id: int | None = None) -> None:
    """In the caller's transaction: what was owed to somebody who left a project, or everything, is not posted.

    A reminder that is about other projects too goes on; it is worded when it is posted, and then says nothing of this.
    """
    gone = Letter.project_id == project_id
    if project_id is None:
        gone = true()
    else:
        of_this = select(LetterItem.letter_id).where(LetterItem.project_id == project_id)
        of_others = select(LetterItem.letter_id).where(LetterItem.project_id != project_id)
        gone |= Letter.id.in_(of_this) & Letter.id.not_in(of_others)
    owed = (Letter.person_id == person_id) & (Letter.state == OWED)
    db.session.execute(
        update(Letter)
        .where(owed, gone)
        .values(state=CANCELLED, lease=None)
        .execution_options(synchronize_session=False)
    )


def stop_token(person_id: int) -> str:
    return str(_signer().dumps(person_id))


def stop_reminders(token: str, *, today: date, start_again: bool = False) -> str:
    """Stop one person's reminders, by the link in every letter. Sign-in links and invitations still come."""
    try:
        person_id = _signer().loads(token)
    except BadSignature:
        raise Invalid("This link is not whole. Open it from the email again, or copy all of it.") from None
    write()
    person = db.session.get(Person, person_id)
    if person is None:
        raise Invalid("This link is not whole. Open it from the email again, or copy all of it.")
    person.reminders_stopped_on = None if start_again else today
    db.session.commit()
    return person.name


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="stop-reminders")
