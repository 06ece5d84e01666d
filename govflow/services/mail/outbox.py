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

from govflow.domain.mail.reminder_days import EMAIL, Preferences
from govflow.services.base.context import context
from govflow.services.base.escalation import preferences_from_row
from govflow.services.base.terms import terms_by_project
from govflow.services.mail.enqueue import EmailState, Today, day_in
from govflow.services.mail.kinds import KINDS
from govflow.services.mail.mail_servers import SendAllowance, allowance_for, hurry_again
from govflow.services.mail.reminder_items import reminder_values
from govflow.services.mail.reminders import REMINDER, posted_from
from govflow.services.mail.render import EmailContent, Values, render_email
from govflow.services.mail.unsubscribe import stop_url
from govflow.store import (
    Email,
    EmailItem,
    NotificationPreferences,
    Organisation,
    Person,
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
BY_POST = Email.channel == EMAIL
MOST_WAKES = 8
NOWHERE = "Europe/London"
"""The calendar of letters of no organisation."""


def letters_owed() -> int:
    """How many emails, in the whole installation, whoever asks."""
    with everything():
        return (
            db.session.scalar(select(func.count()).select_from(Email).where(Email.state == EmailState.OWED, BY_POST))
            or 0
        )


def wake_for_owed(organisation: int | None = None) -> None:
    """Ask the workers to post what is owed; 0 stands for letters of no organisation, also of those not written yet.

    An organisation that owes many is called several times, so that several workers share them.
    """
    owed = select(func.coalesce(Email.organisation_id, 0), func.count()).where(Email.state == EmailState.OWED, BY_POST)
    if organisation is not None:
        owed = owed.where(_of(organisation))
    rows = db.session.execute(owed.where(Email.next_at <= now()).group_by(Email.organisation_id))
    found = {row: min(MOST_WAKES, -(-number // AT_ONCE)) for row, number in rows}
    if not organisation and 0 not in found and any(kind.unwritten() for kind in KINDS.values()):
        found[0] = 1
    if found:
        context().wake([member for member in sorted(found) for _ in range(found[member])])


# --- posting: claim, compose, mark --------------------------------------------------------------------


@dataclass(frozen=True)
class Ready:
    """A letter ready for its envelope. `stop_url` is empty where there is nothing to stop."""

    id: int
    to: str
    to_name: str
    message_id: str
    words: EmailContent
    stop_url: str
    unreachable: bool = False


def claim(*, organisation: int | None = None, most: int = AT_ONCE) -> tuple[str, list[int]]:
    """Take up to fifty letters that are owed now; nobody else posts them for two minutes. `organisation` 0: of none."""
    return claim_for("", organisation=organisation, most=most)[:2]


def claim_for(
    host: str, *, organisation: int | None = None, most: int = AT_ONCE
) -> tuple[str, list[int], SendAllowance]:
    """The same for one mail server, as far as it takes letters now."""
    write()
    leave = allowance_for(host, most=most)
    if not leave.most:
        db.session.rollback()
        return "", [], leave
    if not organisation:
        for kind in KINDS.values():
            kind.write()
    moment, token = now(), uuid.uuid4().hex
    query = select(Email.id).where(
        *(Email.state == EmailState.OWED, BY_POST, Email.next_at <= moment),
        or_(Email.lease_until.is_(None), Email.lease_until < moment),
    )
    if organisation is not None:
        query = query.where(_of(organisation))
    ids = list(db.session.scalars(query.order_by(Email.id).limit(leave.most).with_for_update(skip_locked=True)))
    if ids:
        db.session.execute(
            update(Email)
            .where(Email.id.in_(ids))
            .values(lease=token, lease_until=moment + LEASE)
            .execution_options(synchronize_session=False)
        )
    elif leave.slow:
        hurry_again(host)
    db.session.commit()
    return token, ids, leave


def _of(organisation: int) -> ColumnElement[bool]:
    return Email.organisation_id == organisation if organisation else Email.organisation_id.is_(None)


def at_once_only(ids: Iterable[int]) -> list[int]:
    """Of these, the letters that go out at most once: they are worded one by one, just before each is posted."""
    once = [kind for kind, how in KINDS.items() if how.once]
    return list(db.session.scalars(select(Email.id).where(Email.id.in_(list(ids)), Email.kind.in_(once))))


def compose(letter_id: int, lease: str, *, today: Today) -> Ready | None:
    """What one letter says now, or None when nothing in it is still true: it is then cancelled."""
    return next(iter(compose_all([letter_id], lease, today=today)), None)


def compose_all(ids: Sequence[int], lease: str, *, today: Today) -> list[Ready]:
    """What these letters say now, asked again: still due, still here, still wanted. What is no longer is cancelled.

    A letter that goes out at most once is marked sent before it is posted, and can be asked for again.
    """
    write()
    ready = []
    for email in _worded(Email.id.in_(list(ids)), Email.lease == lease, today=today):
        if _waits(email):
            continue
        if email.words is None:
            _cancel(email.email)
            continue
        if KINDS[email.email.kind].once:
            email.email.state, email.email.sent_at = EmailState.SENT, now()
        ready.append(email.ready(email.words))
    db.session.commit()
    return ready


def drop_calls(organisation_id: int, *, today: date) -> None:
    """What somebody was to be told by phone or post and is true no longer: nobody is asked to ring them about it."""
    to_tell = (Email.organisation_id == organisation_id, ~BY_POST)
    if db.session.scalar(select(Email.id).where(Email.state == EmailState.OWED, *to_tell).limit(1)) is None:
        return
    write()
    for email in _worded(*to_tell, today=today):
        if email.words is None:
            _cancel(email.email)
    db.session.commit()


@dataclass(frozen=True)
class _Worded:
    """An owed letter and what it says now: nothing, when nothing in it is still true."""

    email: Email
    person: Person
    wish: Preferences
    zone: str
    stop: str
    words: EmailContent | None

    def ready(self, words: EmailContent) -> Ready:
        email, person = self.email, self.person
        unreachable = person.unreachable_on is not None
        return Ready(email.id, person.email, person.name, email.message_id, words, self.stop, unreachable)


def _worded(*which: ColumnElement[bool], today: Today) -> list[_Worded]:
    """Owed letters as they stand now, in the caller's transaction; the reminders of a time zone all at once."""
    rows = db.session.execute(
        select(Email, Person, NotificationPreferences, func.coalesce(Organisation.timezone, NOWHERE))
        .join(Person, Person.id == Email.person_id)
        .outerjoin(NotificationPreferences, NotificationPreferences.person_id == Email.person_id)
        .outerjoin(Organisation, Organisation.id == Email.organisation_id)
        .where(Email.state == EmailState.OWED, *which)
        .order_by(Email.id)
        .execution_options(populate_existing=True)
    ).all()
    stops = {email.id: _stop_url(email, person) for email, person, _, _ in rows}
    by_zone: dict[str, dict[int, Email]] = defaultdict(dict)
    for email, _, _, zone in rows:
        if email.kind == REMINDER:
            by_zone[zone][email.id] = email
    reminders: dict[int, Values] = {}
    for zone, emails in by_zone.items():
        reminders |= reminder_values(emails, stops, day_in(today, zone))
    found = []
    terms = terms_by_project([email.project_id for email, _, _, _ in rows if email.project_id])
    for email, person, row, zone in rows:
        wish, stop = preferences_from_row(row), stops[email.id]
        if email.kind == REMINDER:
            values = reminders.get(email.id)
        else:
            values = _values(email, person, wish, stop, day_in(today, zone))
        # A reminder is about several projects: each of its items is in the words of its own.
        their_words = terms.get(email.project_id or 0, {}) if email.kind != REMINDER else {}
        words = render_email(email.kind, values, their_words) if values is not None else None
        found.append(_Worded(email, person, wish, zone, stop, words))
    return found


def _values(email: Email, person: Person, wish: Preferences, stop: str, today: date) -> Values | None:
    kind = KINDS[email.kind]
    if kind.values is None or (kind.stops and (person.reminders_stopped_on or wish.paused(today))):
        return None
    return kind.values(email, person, stop, today)


def _waits(one: _Worded) -> bool:
    """Whether its reader has quiet hours now: then it is put back until they are over."""
    moment = now()
    later = posted_from(one.wish, one.zone, moment)
    if later <= moment or not KINDS[one.email.kind].stops:
        return False
    one.email.lease, one.email.lease_until, one.email.next_at = None, None, later
    return True


def _cancel(email: Email) -> None:
    email.state, email.lease = EmailState.CANCELLED, None
    db.session.flush()
    _free_items([email.id])


def _stop_url(email: Email, person: Person) -> str:
    """One click here ends what this letter is part of: reminders, or hearing of chances."""
    own = KINDS[email.kind].stop_url
    return (own(email) if own else "") or stop_url(person.id)


_SENT = (
    update(Email)
    .where(Email.id == bindparam("letter"), Email.lease == bindparam("held"))
    .values(state=EmailState.SENT, sent_at=bindparam("moment"), lease=None, lease_until=None, error="")
)


def mark_sent(letter_id: int, lease: str, *, unreachable: bool = False) -> None:
    """It is on its way. `unreachable`: their address was thought not to work, and does."""
    small_write(_SENT, {"letter": letter_id, "held": lease, "moment": now()})
    if unreachable:
        write()
        person = select(Email.person_id).where(Email.id == letter_id).scalar_subquery()
        db.session.execute(update(Person).where(Person.id == person).values(unreachable_on=None))
        db.session.commit()


def mark_failed(
    letter_id: int,
    lease: str,
    *,
    error: str,
    permanent: bool,
    today: Today,
    unsure: bool = False,
    ours: bool = False,
) -> None:
    """Try again later, or give up: after a final no, or when it has not gone for 48 hours.

    Then nobody is written to at this address for now, and whoever is next in line hears of what stood in it.
    `unsure`: the server may have taken it; a letter that goes out at most once is then not tried again.
    `ours`: it is no fault of the address.
    """
    write()
    email = db.session.get(Email, letter_id, populate_existing=True)
    if email is not None and email.lease == lease and email.state == EmailState.SENT and not unsure:
        KINDS[email.kind].taken_back(email)
        email.state, email.sent_at = EmailState.OWED, None
    if email is not None and email.lease == lease and email.state == EmailState.OWED:
        email.attempts += 1
        email.error = error[:500]
        email.lease = email.lease_until = None
        email.failing_since = email.failing_since or now()
        wait = TRY_AGAIN[min(email.attempts, len(TRY_AGAIN)) - 1] * random.uniform(1 - SPREAD, 1 + SPREAD)
        if permanent or now() + wait > email.failing_since + GIVE_UP_AFTER:
            email.state = EmailState.DEAD
            email.project_id = email.project_id or _first_project(email.id)  # so that its lead sees it
            if not ours:
                db.session.get_one(Person, email.person_id).unreachable_on = day_in(today, _zone_of(email))
            _free_items([email.id])
        else:
            email.next_at = now() + wait
    db.session.commit()


def _zone_of(email: Email) -> str:
    organisation = db.session.get(Organisation, email.organisation_id) if email.organisation_id else None
    return organisation.timezone if organisation else NOWHERE


def _first_project(letter_id: int) -> int | None:
    return db.session.scalar(select(func.min(EmailItem.project_id)).where(EmailItem.letter_id == letter_id))


def put_back(ids: Iterable[int], lease: str) -> None:
    """Letters that were taken and not tried: whoever comes next may take them, and they have lost nothing."""
    ids = list(ids)
    if not ids:
        return
    write()
    for email in db.session.scalars(select(Email).where(Email.id.in_(ids), Email.lease == lease)):
        if email.state == EmailState.SENT:
            KINDS[email.kind].taken_back(email)
            email.state, email.sent_at = EmailState.OWED, None
    db.session.flush()
    db.session.execute(
        update(Email)
        .where(Email.id.in_(ids), Email.lease == lease, Email.state == EmailState.OWED)
        .values(lease=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def cancel_letters(person_id: int, *, project_id: int | None = None) -> None:
    """In the caller's transaction: what was owed to somebody who left a project, or everything, is not posted.

    A reminder that is about other projects too goes on; it is worded when it is posted, and then says nothing of this.
    What stood in a letter that is not posted is told to whoever is next in line.
    """
    gone = Email.project_id == project_id
    if project_id is None:
        gone = true()
    else:
        of_this = select(EmailItem.letter_id).where(EmailItem.project_id == project_id)
        of_others = select(EmailItem.letter_id).where(EmailItem.project_id != project_id)
        gone |= Email.id.in_(of_this) & Email.id.not_in(of_others)
    owed = (Email.person_id == person_id) & (Email.state == EmailState.OWED)
    ids = list(db.session.scalars(select(Email.id).where(owed, gone)))
    db.session.execute(
        update(Email)
        .where(Email.id.in_(ids))
        .values(state=EmailState.CANCELLED, lease=None)
        .execution_options(synchronize_session=False)
    )
    _free_items(ids)


def _free_items(ids: Sequence[int]) -> None:
    """What was not said in these letters may be said in others."""
    if ids:
        gone = delete(EmailItem).where(EmailItem.letter_id.in_(list(ids)))
        db.session.execute(gone.execution_options(synchronize_session=False))
