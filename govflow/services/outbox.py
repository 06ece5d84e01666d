"""The outbox: which letters are owed, who may post them now, and what becomes of them.

The database remembers, the queue only hurries: everything here works, and catches up, without Redis.
"""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, true, update

from govflow.domain.letters import Words, in_their_words
from govflow.domain.reminders import EMAIL, Wish
from govflow.services.house import house
from govflow.services.letters import CANCELLED, DEAD, OWED, SENT, Today, day_in
from govflow.services.letters.chances import stop_hearing_url
from govflow.services.letters.kinds import KINDS
from govflow.services.letters.reminder_words import reminder_words
from govflow.services.letters.reminders import REMINDER, posted_from
from govflow.services.letters.sign_in import asked_links, owe_sign_ins
from govflow.services.line import wish_of
from govflow.services.mail_hosts import Leave, hurry_again, leave_for
from govflow.services.stopping import stop_url
from govflow.services.terms import terms_by_project
from govflow.store import (
    Letter,
    LetterItem,
    LetterWish,
    Organisation,
    Person,
    SignInLink,
    db,
    everything,
    now,
    small_write,
    write,
)

AT_ONCE, LEASE = 50, timedelta(seconds=120)
TRY_AGAIN = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]
GIVE_UP_AFTER = timedelta(hours=48)
SPREAD = 0.1
BY_POST = Letter.channel == EMAIL
MOST_WAKES = 8
NOWHERE = "Europe/London"
"""The calendar of letters of no organisation."""


def letters_owed() -> int:
    """How many emails, in the whole installation, whoever asks."""
    with everything():
        return db.session.scalar(select(func.count()).select_from(Letter).where(Letter.state == OWED, BY_POST)) or 0


def wake_for_owed(organisation: int | None = None) -> None:
    """Ask the workers to post what is owed; 0 stands for letters of no organisation, also of those not written yet.

    An organisation that owes many is called several times, so that several workers share them.
    """
    owed = select(func.coalesce(Letter.organisation_id, 0), func.count()).where(Letter.state == OWED, BY_POST)
    if organisation is not None:
        owed = owed.where(_of(organisation))
    rows = db.session.execute(owed.where(Letter.next_at <= now()).group_by(Letter.organisation_id))
    found = {one: min(MOST_WAKES, -(-number // AT_ONCE)) for one, number in rows}
    if (
        not organisation
        and 0 not in found
        and db.session.scalar(asked_links().with_only_columns(SignInLink.id).limit(1))
    ):
        found[0] = 1
    if found:
        house().wake([one for one in sorted(found) for _ in range(found[one])])


# --- posting: claim, compose, mark --------------------------------------------------------------------


@dataclass(frozen=True)
class Ready:
    """A letter ready for its envelope. `stop_url` is empty where there is nothing to stop."""

    id: int
    to: str
    to_name: str
    message_id: str
    words: Words
    stop_url: str
    unreachable: bool = False


def claim(*, organisation: int | None = None, most: int = AT_ONCE) -> tuple[str, list[int]]:
    """Take up to fifty letters that are owed now; nobody else posts them for two minutes. `organisation` 0: of none."""
    return claim_for("", organisation=organisation, most=most)[:2]


def claim_for(host: str, *, organisation: int | None = None, most: int = AT_ONCE) -> tuple[str, list[int], Leave]:
    """The same for one mail server, as far as it takes letters now."""
    write()
    leave = leave_for(host, most=most)
    if not leave.most:
        db.session.rollback()
        return "", [], leave
    if not organisation:
        owe_sign_ins()
    moment, token = now(), uuid.uuid4().hex
    query = select(Letter.id).where(
        *(Letter.state == OWED, BY_POST, Letter.next_at <= moment),
        or_(Letter.lease_until.is_(None), Letter.lease_until < moment),
    )
    if organisation is not None:
        query = query.where(_of(organisation))
    ids = list(db.session.scalars(query.order_by(Letter.id).limit(leave.most).with_for_update(skip_locked=True)))
    if ids:
        db.session.execute(
            update(Letter)
            .where(Letter.id.in_(ids))
            .values(lease=token, lease_until=moment + LEASE)
            .execution_options(synchronize_session=False)
        )
    elif leave.slow:
        hurry_again(host)
    db.session.commit()
    return token, ids, leave


def _of(organisation: int) -> ColumnElement[bool]:
    return Letter.organisation_id == organisation if organisation else Letter.organisation_id.is_(None)


def at_once_only(ids: Iterable[int]) -> list[int]:
    """Of these, the letters that go out at most once: they are worded one by one, just before each is posted."""
    once = [kind for kind, how in KINDS.items() if how.once]
    return list(db.session.scalars(select(Letter.id).where(Letter.id.in_(list(ids)), Letter.kind.in_(once))))


def compose(letter_id: int, lease: str, *, today: Today) -> Ready | None:
    """What one letter says now, or None when nothing in it is still true: it is then cancelled."""
    return next(iter(compose_all([letter_id], lease, today=today)), None)


def compose_all(ids: Sequence[int], lease: str, *, today: Today) -> list[Ready]:
    """What these letters say now, asked again: still due, still here, still wanted. What is no longer is cancelled.

    A letter that goes out at most once is marked sent before it is posted, and can be asked for again.
    """
    write()
    ready = []
    for one in _worded(Letter.id.in_(list(ids)), Letter.lease == lease, today=today):
        if _waits(one):
            continue
        if one.words is None:
            _cancel(one.letter)
            continue
        if KINDS[one.letter.kind].once:
            one.letter.state, one.letter.sent_at = SENT, now()
        ready.append(one.ready(one.words))
    db.session.commit()
    return ready


def drop_calls(organisation_id: int, *, today: date) -> None:
    """What somebody was to be told by phone or post and is true no longer: nobody is asked to ring them about it."""
    to_tell = (Letter.organisation_id == organisation_id, ~BY_POST)
    if db.session.scalar(select(Letter.id).where(Letter.state == OWED, *to_tell).limit(1)) is None:
        return
    write()
    for one in _worded(*to_tell, today=today):
        if one.words is None:
            _cancel(one.letter)
    db.session.commit()


@dataclass(frozen=True)
class _Worded:
    """An owed letter and what it says now: nothing, when nothing in it is still true."""

    letter: Letter
    person: Person
    wish: Wish
    zone: str
    stop: str
    words: Words | None

    def ready(self, words: Words) -> Ready:
        letter, person = self.letter, self.person
        unreachable = person.unreachable_on is not None
        return Ready(letter.id, person.email, person.name, letter.message_id, words, self.stop, unreachable)


def _worded(*which: ColumnElement[bool], today: Today) -> list[_Worded]:
    """Owed letters as they stand now, in the caller's transaction; the reminders of a time zone all at once."""
    rows = db.session.execute(
        select(Letter, Person, LetterWish, func.coalesce(Organisation.timezone, NOWHERE))
        .join(Person, Person.id == Letter.person_id)
        .outerjoin(LetterWish, LetterWish.person_id == Letter.person_id)
        .outerjoin(Organisation, Organisation.id == Letter.organisation_id)
        .where(Letter.state == OWED, *which)
        .order_by(Letter.id)
        .execution_options(populate_existing=True)
    ).all()
    stops = {letter.id: _stop_url(letter, person) for letter, person, _, _ in rows}
    by_zone: dict[str, dict[int, Letter]] = defaultdict(dict)
    for letter, _, _, zone in rows:
        if letter.kind == REMINDER:
            by_zone[zone][letter.id] = letter
    reminders = {
        one: words
        for zone, letters in by_zone.items()
        for one, words in reminder_words(letters, stops, day_in(today, zone)).items()
    }
    found = []
    terms = terms_by_project([letter.project_id for letter, _, _, _ in rows if letter.project_id])
    for letter, person, row, zone in rows:
        wish, stop = wish_of(row), stops[letter.id]
        if letter.kind == REMINDER:
            words = reminders.get(letter.id)
        else:
            words = _words(letter, person, wish, stop, day_in(today, zone))
            words = in_their_words(words, terms.get(letter.project_id or 0, {})) if words else None
        found.append(_Worded(letter, person, wish, zone, stop, words))
    return found


def _words(letter: Letter, person: Person, wish: Wish, stop: str, today: date) -> Words | None:
    kind = KINDS[letter.kind]
    if kind.words is None or (kind.stops and (person.reminders_stopped_on or wish.paused(today))):
        return None
    return kind.words(letter, person, stop, today)


def _waits(one: _Worded) -> bool:
    """Whether its reader has quiet hours now: then it is put back until they are over."""
    moment = now()
    later = posted_from(one.wish, one.zone, moment)
    if later <= moment or not KINDS[one.letter.kind].stops:
        return False
    one.letter.lease, one.letter.lease_until, one.letter.next_at = None, None, later
    return True


def _cancel(letter: Letter) -> None:
    letter.state, letter.lease = CANCELLED, None
    db.session.flush()
    _free_items([letter.id])


def _stop_url(letter: Letter, person: Person) -> str:
    """One click here ends what this letter is part of: reminders, or hearing of chances."""
    return stop_hearing_url(letter) or stop_url(person.id)


_SENT = (
    update(Letter)
    .where(Letter.id == bindparam("letter"), Letter.lease == bindparam("held"))
    .values(state=SENT, sent_at=bindparam("moment"), lease=None, lease_until=None, error="")
)


def mark_sent(letter_id: int, lease: str, *, unreachable: bool = False) -> None:
    """It is on its way. `unreachable`: their address was thought not to work, and does."""
    small_write(_SENT, {"letter": letter_id, "held": lease, "moment": now()})
    if unreachable:
        write()
        person = select(Letter.person_id).where(Letter.id == letter_id).scalar_subquery()
        db.session.execute(update(Person).where(Person.id == person).values(unreachable_on=None))
        db.session.commit()


def mark_failed(
    letter_id: int, lease: str, *, error: str, permanent: bool, unsure: bool = False, ours: bool = False
) -> None:
    """Try again later, or give up: after a final no, or when it has not gone for 48 hours.

    Then nobody is written to at this address for now, and whoever is next in line hears of what stood in it.
    `unsure`: the server may have taken it; a letter that goes out at most once is then not tried again.
    `ours`: it is no fault of the address.
    """
    write()
    letter = db.session.get(Letter, letter_id, populate_existing=True)
    if letter is not None and letter.lease == lease and letter.state == SENT and not unsure:
        KINDS[letter.kind].taken_back(letter)
        letter.state, letter.sent_at = OWED, None
    if letter is not None and letter.lease == lease and letter.state == OWED:
        letter.attempts += 1
        letter.error = error[:500]
        letter.lease = letter.lease_until = None
        letter.failing_since = letter.failing_since or now()
        wait = TRY_AGAIN[min(letter.attempts, len(TRY_AGAIN)) - 1] * random.uniform(1 - SPREAD, 1 + SPREAD)
        if permanent or now() + wait > letter.failing_since + GIVE_UP_AFTER:
            letter.state = DEAD
            letter.project_id = letter.project_id or _first_project(letter.id)  # so that its lead sees it
            if not ours:
                db.session.get_one(Person, letter.person_id).unreachable_on = now().date()
            _free_items([letter.id])
        else:
            letter.next_at = now() + wait
    db.session.commit()


def _first_project(letter_id: int) -> int | None:
    return db.session.scalar(select(func.min(LetterItem.project_id)).where(LetterItem.letter_id == letter_id))


def put_back(ids: Iterable[int], lease: str) -> None:
    """Letters that were taken and not tried: whoever comes next may take them, and they have lost nothing."""
    ids = list(ids)
    if not ids:
        return
    write()
    for letter in db.session.scalars(select(Letter).where(Letter.id.in_(ids), Letter.lease == lease)):
        if letter.state == SENT:
            KINDS[letter.kind].taken_back(letter)
            letter.state, letter.sent_at = OWED, None
    db.session.flush()
    db.session.execute(
        update(Letter)
        .where(Letter.id.in_(ids), Letter.lease == lease, Letter.state == OWED)
        .values(lease=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def cancel_letters(person_id: int, *, project_id: int | None = None) -> None:
    """In the caller's transaction: what was owed to somebody who left a project, or everything, is not posted.

    A reminder that is about other projects too goes on; it is worded when it is posted, and then says nothing of this.
    What stood in a letter that is not posted is told to whoever is next in line.
    """
    gone = Letter.project_id == project_id
    if project_id is None:
        gone = true()
    else:
        of_this = select(LetterItem.letter_id).where(LetterItem.project_id == project_id)
        of_others = select(LetterItem.letter_id).where(LetterItem.project_id != project_id)
        gone |= Letter.id.in_(of_this) & Letter.id.not_in(of_others)
    owed = (Letter.person_id == person_id) & (Letter.state == OWED)
    ids = list(db.session.scalars(select(Letter.id).where(owed, gone)))
    db.session.execute(
        update(Letter)
        .where(Letter.id.in_(ids))
        .values(state=CANCELLED, lease=None)
        .execution_options(synchronize_session=False)
    )
    _free_items(ids)


def _free_items(ids: Sequence[int]) -> None:
    """What was not said in these letters may be said in others."""
    if ids:
        gone = delete(LetterItem).where(LetterItem.letter_id.in_(list(ids)))
        db.session.execute(gone.execution_options(synchronize_session=False))
