"""The reminder: one letter a person, organisation and day, with everything that is due to be told to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select

from govflow.domain.gates.overdue import cycle, ranks
from govflow.domain.mail.reminder_days import EMAIL, Preferences
from govflow.services.base.escalation import reachable_people
from govflow.services.mail.enqueue import EmailState, enqueue_email
from govflow.services.mail.kinds import KINDS, Kind
from govflow.store import Email, EmailItem, FindingRow, Organisation, Snooze, db, now

REMINDER, GATE, CALL = "reminder", "gate", "call"
KINDS[REMINDER] = Kind(title="Reminder", stops=True)
OTHERS = (GATE, CALL)
"""`gate` and `call` stand where the id of a check does: a day the plan aims at, and somebody who asked to be rung."""


class ReminderItem(NamedTuple):
    """A thing that is to be told, as much of it as a letter needs. A sweep makes thousands, so it is a tuple."""

    project_id: int
    check: str
    subject: str
    about: str
    due_on: date
    remind_every: int
    remind_before: Sequence[int]
    owed_by: Sequence[str]
    lines: Mapping[str, str]
    private: bool = False

    def late(self, today: date) -> bool:
        return self.due_on < today and not self.is_other

    @property
    def is_other(self) -> bool:
        """Whether it is told and is no finding."""
        return self.check in OTHERS

    @property
    def place(self) -> tuple[int, str, str]:
        return self.project_id, self.check, self.subject


def owe_reminders(organisation_id: int, due: Sequence[ReminderItem], today: date) -> int:
    """Put what is owed by now and not said yet into people's letters, in the caller's transaction; how many are new."""
    owed = [
        (item, of)
        for item in due
        if (of := cycle(item.due_on, today, every=item.remind_every, before=item.remind_before)) is not None
    ]
    if not owed:
        return 0
    things = [item for item, _ in owed]
    stands, said = _said(organisation_id, things, today, since=min(of for _, of in owed))
    told, ahead = _told_since(organisation_id, things, today), _Ahead(said, today)
    projects = {item.project_id for item in things}
    snoozed = snoozed_places(projects, today)
    here, wishes = reachable_people(projects, today)
    organisation = db.session.get_one(Organisation, organisation_id)
    pile = _Pile(
        organisation, today, wishes, {person for reachable in here.values() for person in reachable.reached.values()}
    )
    items = []
    for item, of in owed:
        if item.place in snoozed or not (item.is_other or (*item.place, item.due_on) in stands):
            continue
        there = here[item.project_id]
        line = [key for key in there.escalation_chain(item) if item.check != CALL or key in there.emailed]
        known = ranks(told.get((*item.place, item.due_on), {}), today, after=organisation.escalate_after)
        for rank, key in enumerate(line[:known]):
            person = there.reached[key]
            wish = wishes.get(person, Preferences())
            if (
                (*item.place, of, rank) in said
                or ahead(item, rank)
                or not wish.wants(item.due_on, today)
                or wish.told_from(of) > today
            ):
                continue
            email = pile.letter_to(person, by_email=not there.caller_for(person))
            if email is not None:
                items.append((email, item, of, rank))
    db.session.flush()  # the new letters have their ids
    db.session.add_all(
        EmailItem(
            letter_id=email.id,
            project_id=one.project_id,
            check=one.check,
            subject=one.subject,
            due_on=one.due_on,
            cycle=of,
            rank=rank,
        )
        for email, one, of, rank in items
    )
    db.session.flush()
    return pile.new


class _Ahead:
    """What was said on a day that is yet to come: the clock was set back since.

    Whoever was told then is told again only when as many days lie between as between two reminders.
    """

    def __init__(self, said: Iterable[tuple[int, str, str, date, int]], today: date):
        self._today, self._said = today, defaultdict[tuple[Any, ...], list[date]](list)
        for *place, on, rank in said:
            if on > today:
                self._said[(*place, rank)].append(on)

    def __call__(self, one: ReminderItem, rank: int) -> bool:
        if not self._said:
            return False
        until = self._today + timedelta(days=max(1, one.remind_every))
        return any(on <= until for on in self._said.get((*one.place, rank), ()))


class _Pile:
    """Today's reminders of one organisation. One that is on its way already takes nothing more."""

    def __init__(
        self, organisation: Organisation, today: date, wishes: Mapping[int, Preferences], people: Iterable[int]
    ):
        self._organisation, self._today, self._wishes = organisation, today, wishes
        self.new = 0
        rows = db.session.scalars(
            select(Email)
            .where(Email.person_id.in_(list(people)), Email.organisation_id == organisation.id)
            .where(Email.kind == REMINDER, or_(Email.state == EmailState.OWED, Email.day == today), Email.day <= today)
            .order_by(Email.day, Email.id)
            .with_for_update()  # a letter that is being claimed is not added to
        )
        self._letters = {row.person_id: row for row in rows}

    def letter_to(self, person: int, *, by_email: bool) -> Email | None:
        """The letter to add to; None where they have been told already, and a later sweep will say it."""
        wish = self._wishes.get(person, Preferences())
        email = self._letters.get(person)
        if email is None:
            email = enqueue_email(person, self._organisation.id, REMINDER, self._today)
            email.next_at = posted_from(wish, self._organisation.timezone, email.next_at)
            email.channel = wish.channel
            self._letters[person] = email
            self.new += 1
        if by_email:
            email.channel = EMAIL
        taken = email.lease_until is not None and email.lease_until > now()
        return email if email.state == EmailState.OWED and not taken else None


def posted_from(wish: Preferences, timezone: str, moment: datetime) -> datetime:
    """The first moment from this one on at which somebody likes to get letters."""
    return wish.posted_from(moment.astimezone(ZoneInfo(timezone)))


# What was told is read through what is to be told now: all that was ever told grows for as long as there are projects.
_SAME = and_(
    EmailItem.project_id == FindingRow.project_id,
    EmailItem.check == FindingRow.check,
    EmailItem.subject == FindingRow.subject,
)


def _to_tell(organisation_id: int, things: Sequence[ReminderItem], today: date) -> ColumnElement[bool]:
    """The findings among these things, as they stand now."""
    return and_(
        FindingRow.open,
        FindingRow.organisation_id == organisation_id,
        FindingRow.tell_from <= today,
        FindingRow.due_on.in_({item.due_on for item in things}),
    )


def _of_others(things: Sequence[ReminderItem]) -> ColumnElement[bool]:
    return and_(
        EmailItem.project_id.in_({item.project_id for item in things}),
        EmailItem.check.in_(OTHERS),
        EmailItem.subject.in_({item.subject for item in things if item.is_other}),
    )


def _said(
    organisation_id: int, things: Sequence[ReminderItem], today: date, *, since: date
) -> tuple[set[tuple[int, str, str, date | None]], set[tuple[int, str, str, date, int]]]:
    """Which findings still stand as they were found, with the day they are due; and what was said of each thing since.

    One that was answered a moment ago is in neither.
    """
    place = (FindingRow.project_id, FindingRow.check, FindingRow.subject)
    rows = db.session.execute(
        select(*place, FindingRow.due_on, EmailItem.cycle, EmailItem.rank)
        .outerjoin(EmailItem, and_(_SAME, EmailItem.cycle >= since))
        .where(_to_tell(organisation_id, things, today))
    ).all()
    stands = {(project, check, subject, due_on) for project, check, subject, due_on, _, _ in rows}
    said = {(project, check, subject, cycle, rank) for project, check, subject, _, cycle, rank in rows if cycle}
    if any(item.is_other for item in things):
        columns = (EmailItem.project_id, EmailItem.check, EmailItem.subject, EmailItem.cycle, EmailItem.rank)
        others = db.session.execute(select(*columns).where(_of_others(things), EmailItem.cycle >= since))
        said |= {(project, check, subject, cycle, rank) for project, check, subject, cycle, rank in others}
    return stands, said


def _told_since(
    organisation_id: int, things: Sequence[ReminderItem], today: date
) -> dict[tuple[int, str, str, date], dict[int, date]]:
    """For each thing, with the day it is due: the place in the line -> when whoever stands there was first told."""
    columns = (EmailItem.project_id, EmailItem.check, EmailItem.subject, EmailItem.due_on, EmailItem.rank)
    first = select(*columns, func.min(Email.day)).join(Email, Email.id == EmailItem.letter_id).group_by(*columns)
    queries = [
        first.join(FindingRow, and_(_SAME, EmailItem.due_on == FindingRow.due_on)).where(
            _to_tell(organisation_id, things, today)
        )
    ]
    if any(item.is_other for item in things):
        queries.append(first.where(_of_others(things)))
    found: dict[tuple[int, str, str, date], dict[int, date]] = defaultdict(dict)
    for query in queries:
        for project, check, subject, due_on, rank, since in db.session.execute(query):
            found[project, check, subject, due_on][rank] = since
    return found


def snoozed_places(projects: Iterable[int], today: date) -> set[tuple[int, str, str]]:
    """What somebody who owes it asked to hear no more of for now. The latest word on each thing counts."""
    latest = (
        select(func.max(Snooze.id).label("id"))
        .where(Snooze.project_id.in_(list(projects)))
        .group_by(Snooze.project_id, Snooze.check, Snooze.subject)
        .subquery()
    )
    rows = db.session.execute(
        select(Snooze.project_id, Snooze.check, Snooze.subject).join(
            latest, and_(latest.c.id == Snooze.id, Snooze.until > today)
        )
    )
    return {(project, check, subject) for project, check, subject in rows}
