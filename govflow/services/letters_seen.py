"""What leads and coordinators see of letters: what will fall due, what was sent, whom to ring. Never what one says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import func, or_, select, update

from govflow.domain.overdue import is_late
from govflow.domain.picture import Picture
from govflow.domain.refusals import NotFound
from govflow.domain.reminders import CHANNELS, EMAIL
from govflow.domain.wording import count
from govflow.services.acting import By, begin
from govflow.services.closed_lists import hidden_places
from govflow.services.findings import standing_of, standings_of
from govflow.services.house import house
from govflow.services.letter_wishes import contact_of
from govflow.services.letters import DEAD, OWED, SENT
from govflow.services.letters.kinds import KINDS
from govflow.services.letters.reminder_words import titled
from govflow.services.letters.reminders import CALL, GATE, REMINDER
from govflow.services.line import people_here
from govflow.services.picture import MemberWithId, picture_of
from govflow.store import FindingRow, Letter, LetterItem, LetterWish, MemberRow, Person, Project, Snooze, db, now

AHEAD, MOST = timedelta(days=90), 50


@dataclass(frozen=True)
class Coming:
    """Something that falls due, and who will be told first; nobody: no letter reaches anybody who could help."""

    on: date
    title: str
    told: str
    late: bool


@dataclass(frozen=True)
class SentLetter:
    on: date
    to: str
    what: str
    state: str


@dataclass(frozen=True)
class Call:
    """Somebody to ring or to write to. `lines`: what about, as far as the reader may read it."""

    member: str
    name: str
    how: str
    contact: str
    since: date
    letters: tuple[int, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class PutOff:
    title: str
    name: str
    until: date
    reason: str


def coming(project: Project, *, reader: str, today: date) -> list[Coming]:
    """What falls due within ninety days, as it would stand then, the soonest first."""
    then = picture_of(project, today=today + AHEAD)
    here, _ = people_here([project.id], today)
    names = then.names()
    found = []
    standings = [one for one in standings_of(then) if one.open and one.due_on and one.due_on <= today + AHEAD]
    hidden = hidden_places(then, standings, reader=reader)
    for one in standings:
        if one.place in hidden or one.due_on is None or one.counted_for(reader):
            continue
        line = here[project.id].line_of(one)
        title = titled(one, reader)
        late = is_late(one.due_on, today)
        found.append(Coming(one.due_on, title, names.get(line[0], line[0]) if line else "", late))
    aim = project.plan.get(project.stage)
    if aim and date.fromisoformat(aim) <= today + AHEAD:
        leads = [one.name for one in then.members if one.role == "lead"]
        aimed = date.fromisoformat(aim)
        found.append(Coming(aimed, "The day the plan aims at", leads[0] if leads else "", is_late(aimed, today)))
    return sorted(found, key=lambda one: (one.on, one.title))


def sent(project: Project) -> list[SentLetter]:
    """The latest letters about this project: to whom, when, of what kind. None about a line of a quiet list."""
    quiet = [
        f"% {slug}.{name} %"
        for slug, plugin in house().declared.plugins.items()
        for name, register in plugin.registers.items()
        if register.quiet
    ]
    items = (
        select(LetterItem.letter_id, func.count().label("things"))
        .where(LetterItem.project_id == project.id, LetterItem.check != CALL)
        .group_by(LetterItem.letter_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Letter, Person.name, items.c.things)
        .join(Person, Person.id == Letter.person_id)
        .outerjoin(items, items.c.letter_id == Letter.id)
        .where(or_(Letter.project_id == project.id, items.c.things > 0), Letter.state.in_((SENT, DEAD, OWED)))
        .where(*(~Letter.about.like(one) for one in quiet))
        .order_by(Letter.id.desc())
        .limit(MOST)
    )
    states = {SENT: "sent", DEAD: "could not reach", OWED: "waits to be sent"}
    return [
        SentLetter(
            letter.day,
            name,
            KINDS[letter.kind].title + (f" of {count(things, 'thing')}" if things else ""),
            states[letter.state] if letter.channel == EMAIL or letter.state == SENT else "to be told",
        )
        for letter, name, things in rows
    ]


def unreachable(picture: Picture) -> list[tuple[MemberWithId, date]]:
    """Members whose address a mail server did not take, and since when. Not why."""
    here = {one.person_id: one for one in picture.members if isinstance(one, MemberWithId)}
    rows = db.session.execute(
        select(Person.id, Person.unreachable_on)
        .where(Person.id.in_(list(here)), Person.unreachable_on.is_not(None))
        .order_by(Person.unreachable_on, Person.id)
    )
    return [(here[person], since) for person, since in rows if since is not None]


def try_again(project_id: int, *, member: str, by: By, today: date) -> str:
    """An address is thought to work again: letters go there from now on."""
    act = begin(project_id, "see letters", by=by, today=today)
    found = next((one for one, _ in unreachable(act.picture) if one.key == member), None)
    if found is None:
        raise NotFound("Letters reach this person, as far as we know.")
    db.session.execute(update(Person).where(Person.id == found.person_id).values(unreachable_on=None))
    db.session.commit()
    return found.name


def put_off(picture: Picture, project_id: int, *, reader: str) -> list[PutOff]:
    """What somebody who owes it asked to be reminded of later, as far as the reader may read of it."""
    latest = select(func.max(Snooze.id)).where(Snooze.project_id == project_id).group_by(Snooze.check, Snooze.subject)
    rows = db.session.execute(
        select(Snooze, FindingRow, Person.name)
        .join(MemberRow, MemberRow.id == Snooze.member_id)
        .join(Person, Person.id == MemberRow.person_id)
        .join(
            FindingRow,
            (FindingRow.project_id == Snooze.project_id)
            & (FindingRow.check == Snooze.check)
            & (FindingRow.subject == Snooze.subject),
        )
        .where(Snooze.id.in_(latest), Snooze.until > picture.today, FindingRow.open)
        .order_by(Snooze.until, Snooze.id)
    ).all()
    standings = [standing_of(finding) for _, finding, _ in rows]
    hidden = hidden_places(picture, standings, reader=reader)
    return [
        PutOff(one.title, name, row.until, row.reason if one.readable_by(reader) else "")
        for (row, _, name), one in zip(rows, standings, strict=True)
        if one.place not in hidden and not one.counted_for(reader)
    ]


def calls(picture: Picture, project_id: int, *, reader: str) -> list[Call]:
    """Who is to be rung or written to, with where they can be reached, for those who look after people here."""
    here = {one.person_id: one for one in picture.members if isinstance(one, MemberWithId)}
    about = select(LetterItem.letter_id).where(LetterItem.project_id == project_id)
    rows = db.session.execute(
        select(Letter, Person.name, LetterWish)
        .join(Person, Person.id == Letter.person_id)
        .outerjoin(LetterWish, LetterWish.person_id == Person.id)
        .where(Letter.state == OWED, Letter.channel != EMAIL, Letter.person_id.in_(list(here)))
        .where(or_(Letter.project_id == project_id, Letter.id.in_(about)))
        .order_by(Letter.day, Letter.id)
    ).all()
    found: dict[int, Call] = {}
    for letter, name, wish in rows:
        member = here[letter.person_id]
        if member.key == reader:
            continue
        before = found.get(letter.person_id)
        call = before or Call(
            member.key, name, CHANNELS[letter.channel], contact_of(wish) if wish else "", letter.day, (), ()
        )
        lines = _lines(letter, picture, project_id, reader=reader)
        if lines:  # what is done since need not be told
            found[letter.person_id] = replace(
                call, letters=(*call.letters, letter.id), lines=tuple(dict.fromkeys((*call.lines, *lines)))
            )
    return list(found.values())


def _lines(letter: Letter, picture: Picture, project_id: int, *, reader: str) -> Sequence[str]:
    if letter.kind != REMINDER:
        return [KINDS[letter.kind].plain]
    rows = db.session.execute(
        select(LetterItem, FindingRow)
        .outerjoin(
            FindingRow,
            (FindingRow.project_id == LetterItem.project_id)
            & (FindingRow.check == LetterItem.check)
            & (FindingRow.subject == LetterItem.subject),
        )
        .where(LetterItem.letter_id == letter.id, LetterItem.project_id == project_id)
        .order_by(LetterItem.id)
    )
    lines = []
    for item, finding in rows:
        if item.check == GATE:
            lines.append("The day the plan aims at is near.")
        elif finding is not None and finding.open:
            one = standing_of(finding)
            if one.counted_for(reader):
                lines.append("Something of their own waits on their list.")
            elif hidden_places(picture, [one], reader=reader):
                lines.append(f"{one.title}.")
            else:
                lines.append(f"{one.title}: {one.sentence_for(reader)}")
    return lines


def told(project_id: int, *, member: str, by: By, today: date) -> str:
    """Somebody was rung or written to: it is as if all that waited for them had been sent."""
    act = begin(project_id, "see letters", by=by, today=today)
    found = next((one for one in calls(act.picture, project_id, reader=act.me.key) if one.member == member), None)
    if found is None:
        raise NotFound("This is done already, or is no longer needed.")
    for letter in found.letters:
        row = db.session.get_one(Letter, letter)
        row.state, row.sent_at = SENT, now()
    act.log("letter.told", member=found.name)
    db.session.commit()
    return found.name
