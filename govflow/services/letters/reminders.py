"""The reminder: one letter a person, organisation and day, with everything that is due to be told to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select

from govflow.domain.overdue import cycle, ranks
from govflow.domain.reminders import EMAIL, Wish
from govflow.services.letters import OWED, new_letter
from govflow.services.line import people_here
from govflow.store import Letter, LetterItem, Organisation, Snooze, db, now

REMINDER, GATE, CALL = "reminder", "gate", "call"
"""`gate` and `call` stand where the id of a check does: a day the plan aims at, and somebody who asked to be rung."""


@dataclass(frozen=True)
class Due:
    """A thing that is to be told, as much of it as a letter needs."""

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
        return self.due_on < today and self.check not in (GATE, CALL)

    @property
    def place(self) -> tuple[int, str, str]:
        return self.project_id, self.check, self.subject


def owe_reminders(organisation_id: int, due: Sequence[Due], today: date) -> int:
    """Put what is owed by now and not said yet into people's letters, in the caller's transaction; how many are new."""
    owed = [
        (one, of)
        for one in due
        if (of := cycle(one.due_on, today, every=one.remind_every, before=one.remind_before)) is not None
    ]
    if not owed:
        return 0
    projects = {one.project_id for one, _ in owed}
    told = _told_since({one.place for one, _ in owed}, projects)
    said, snoozed = _said(projects, since=min(of for _, of in owed)), snoozed_places(projects, today)
    here, wishes = people_here(projects, today)
    organisation = db.session.get_one(Organisation, organisation_id)
    pile = _Pile(organisation, today, wishes, {person for one in here.values() for person in one.reached.values()})
    items = []
    for one, of in owed:
        if one.place in snoozed:
            continue
        there = here[one.project_id]
        line = [key for key in there.line_of(one) if one.check != CALL or key in there.emailed]
        known = ranks(told.get((*one.place, one.due_on), {}), today, after=organisation.escalate_after)
        for rank, key in enumerate(line[:known]):
            person = there.reached[key]
            wish = wishes.get(person, Wish())
            if (*one.place, of, rank) in said or not wish.wants(one.due_on, today) or wish.told_from(of) > today:
                continue
            letter = pile.letter_to(person, by_email=not there.caller_for(person))
            if letter is not None:
                items.append((letter, one, of, rank))
    db.session.flush()  # the new letters have their ids
    db.session.add_all(
        LetterItem(
            letter_id=letter.id,
            project_id=one.project_id,
            check=one.check,
            subject=one.subject,
            due_on=one.due_on,
            cycle=of,
            rank=rank,
        )
        for letter, one, of, rank in items
    )
    db.session.flush()
    return pile.new


class _Pile:
    """Today's reminders of one organisation. One that is on its way already takes nothing more."""

    def __init__(self, organisation: Organisation, today: date, wishes: Mapping[int, Wish], people: Iterable[int]):
        self._organisation, self._today, self._wishes = organisation, today, wishes
        self.new = 0
        rows = db.session.scalars(
            select(Letter)
            .where(Letter.person_id.in_(list(people)), Letter.organisation_id == organisation.id)
            .where(Letter.kind == REMINDER, or_(Letter.state == OWED, Letter.day == today), Letter.day <= today)
            .order_by(Letter.day, Letter.id)
            .with_for_update()  # a letter that is being claimed is not added to
        )
        self._letters = {row.person_id: row for row in rows}

    def letter_to(self, person: int, *, by_email: bool) -> Letter | None:
        """The letter to add to; None where they have been told already, and a later sweep will say it."""
        wish = self._wishes.get(person, Wish())
        letter = self._letters.get(person)
        if letter is None:
            letter = new_letter(person, self._organisation.id, REMINDER, self._today)
            letter.next_at = posted_from(wish, self._organisation.timezone, letter.next_at)
            letter.channel = wish.channel
            self._letters[person] = letter
            self.new += 1
        if by_email:
            letter.channel = EMAIL
        taken = letter.lease_until is not None and letter.lease_until > now()
        return letter if letter.state == OWED and not taken else None


def posted_from(wish: Wish, timezone: str, moment: datetime) -> datetime:
    """The first moment from this one on at which somebody likes to get letters."""
    return wish.posted_from(moment.astimezone(ZoneInfo(timezone)))


def _said(projects: set[int], *, since: date) -> set[tuple[int, str, str, date, int]]:
    columns = (LetterItem.project_id, LetterItem.check, LetterItem.subject, LetterItem.cycle, LetterItem.rank)
    rows = db.session.execute(select(*columns).where(LetterItem.project_id.in_(projects), LetterItem.cycle >= since))
    return {(project, check, subject, cycle, rank) for project, check, subject, cycle, rank in rows}


def _told_since(
    places: Collection[tuple[int, str, str]], projects: set[int]
) -> dict[tuple[int, str, str, date], dict[int, date]]:
    """For each thing: the place in the line -> when whoever stands there was first told of it."""
    columns = (LetterItem.project_id, LetterItem.check, LetterItem.subject, LetterItem.due_on, LetterItem.rank)
    rows = db.session.execute(
        select(*columns, func.min(Letter.day))
        .join(Letter, Letter.id == LetterItem.letter_id)
        .where(LetterItem.project_id.in_(projects))
        .group_by(*columns)
    )
    found: dict[tuple[int, str, str, date], dict[int, date]] = defaultdict(dict)
    for project, check, subject, due_on, rank, since in rows:
        if (project, check, subject) in places:
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
