"""What leads and coordinators see of letters: what will fall due, what was sent, whom to ring. Never what one says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import func, or_, select, update

from govflow.domain.gates.overdue import is_late
from govflow.domain.mail.reminder_days import CHANNELS, EMAIL
from govflow.domain.people import MemberWithId, Role
from govflow.domain.refusals import NotFound
from govflow.domain.snapshot import ProjectSnapshot
from govflow.domain.wording import count
from govflow.services.base.actions import Actor, start_action
from govflow.services.base.context import context
from govflow.services.base.escalation import reachable_people
from govflow.services.base.findings import finding_from_row, judge_now
from govflow.services.base.register_access import hidden_places
from govflow.services.base.snapshots.snapshot import current_snapshot
from govflow.services.mail.enqueue import EmailState
from govflow.services.mail.kinds import KINDS
from govflow.services.mail.preferences import contact_of
from govflow.services.mail.reminder_items import titled
from govflow.services.mail.reminders import CALL, GATE, REMINDER
from govflow.store import (
    Email,
    EmailItem,
    FindingRow,
    MemberRow,
    NotificationPreferences,
    Person,
    Project,
    Snooze,
    db,
    now,
)

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
    emails: tuple[int, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class PutOff:
    title: str
    name: str
    until: date
    reason: str


def coming(project: Project, *, reader: str, today: date) -> list[Coming]:
    """What falls due within ninety days, as it would stand then, the soonest first."""
    then = current_snapshot(project, today=today + AHEAD)
    here, _ = reachable_people([project.id], today)
    names = then.names()
    found = []
    findings = [
        finding for finding in judge_now(then) if finding.open and finding.due_on and finding.due_on <= today + AHEAD
    ]
    hidden = hidden_places(then, findings, reader=reader)
    for one in findings:
        if one.place in hidden or one.due_on is None or one.counted_for(reader):
            continue
        line = here[project.id].escalation_chain(one)
        title = titled(one, reader)
        late = is_late(one.due_on, today)
        found.append(Coming(one.due_on, title, names.get(line[0], line[0]) if line else "", late))
    aim = project.plan.get(project.stage)
    if aim and date.fromisoformat(aim) <= today + AHEAD:
        leads = [member.name for member in then.members if member.role == Role.LEAD]
        aimed = date.fromisoformat(aim)
        found.append(Coming(aimed, "The day the plan aims at", leads[0] if leads else "", is_late(aimed, today)))
    return sorted(found, key=lambda one: (one.on, one.title))


def sent(project: Project) -> list[SentLetter]:
    """The latest letters about this project: to whom, when, of what kind. None about a line of a quiet list."""
    quiet = [
        f"% {slug}.{name} %"
        for slug, plugin in context().declared.plugins.items()
        for name, register in plugin.registers.items()
        if register.quiet
    ]
    items = (
        select(EmailItem.letter_id, func.count().label("things"))
        .where(EmailItem.project_id == project.id, EmailItem.check != CALL)
        .group_by(EmailItem.letter_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Email, Person.name, items.c.things)
        .join(Person, Person.id == Email.person_id)
        .outerjoin(items, items.c.letter_id == Email.id)
        .where(
            or_(Email.project_id == project.id, items.c.things > 0),
            Email.state.in_((EmailState.SENT, EmailState.DEAD, EmailState.OWED)),
        )
        .where(*(~Email.about.like(entry_point) for entry_point in quiet))
        .order_by(Email.id.desc())
        .limit(MOST)
    )
    states = {EmailState.SENT: "sent", EmailState.DEAD: "could not reach", EmailState.OWED: "waits to be sent"}
    return [
        SentLetter(
            email.day,
            name,
            KINDS[email.kind].title + (f" of {count(things, 'thing')}" if things else ""),
            states[email.state] if email.channel == EMAIL or email.state == EmailState.SENT else "to be told",
        )
        for email, name, things in rows
    ]


def unreachable(snapshot: ProjectSnapshot) -> list[tuple[MemberWithId, date]]:
    """Members whose address a mail server did not take, and since when. Not why."""
    here = {member.person_id: member for member in snapshot.members}
    rows = db.session.execute(
        select(Person.id, Person.unreachable_on)
        .where(Person.id.in_(list(here)), Person.unreachable_on.is_not(None))
        .order_by(Person.unreachable_on, Person.id)
    )
    return [(here[person], since) for person, since in rows if since is not None]


def try_again(project_id: int, *, member: str, by: Actor, today: date) -> str:
    """An address is thought to work again: letters go there from now on."""
    action = start_action(project_id, "see letters", by=by, today=today)
    found = next((person for person, _ in unreachable(action.snapshot) if person.key == member), None)
    if found is None:
        raise NotFound("Letters reach this person, as far as we know.")
    db.session.execute(update(Person).where(Person.id == found.person_id).values(unreachable_on=None))
    db.session.commit()
    return found.name


def put_off(snapshot: ProjectSnapshot, project_id: int, *, reader: str) -> list[PutOff]:
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
        .where(Snooze.id.in_(latest), Snooze.until > snapshot.today, FindingRow.open)
        .order_by(Snooze.until, Snooze.id)
    ).all()
    findings = [finding_from_row(finding) for _, finding, _ in rows]
    hidden = hidden_places(snapshot, findings, reader=reader)
    return [
        PutOff(one.title, name, row.until, row.reason if one.readable_by(reader) else "")
        for (row, _, name), one in zip(rows, findings, strict=True)
        if one.place not in hidden and not one.counted_for(reader)
    ]


def calls(snapshot: ProjectSnapshot, project_id: int, *, reader: str) -> list[Call]:
    """Who is to be rung or written to, with where they can be reached, for those who look after people here."""
    here = {person.person_id: person for person in snapshot.members}
    about = select(EmailItem.letter_id).where(EmailItem.project_id == project_id)
    rows = db.session.execute(
        select(Email, Person.name, NotificationPreferences)
        .join(Person, Person.id == Email.person_id)
        .outerjoin(NotificationPreferences, NotificationPreferences.person_id == Person.id)
        .where(Email.state == EmailState.OWED, Email.channel != EMAIL, Email.person_id.in_(list(here)))
        .where(or_(Email.project_id == project_id, Email.id.in_(about)))
        .order_by(Email.day, Email.id)
    ).all()
    found: dict[int, Call] = {}
    for email, name, wish in rows:
        member = here[email.person_id]
        if member.key == reader:
            continue
        before = found.get(email.person_id)
        call = before or Call(
            member.key, name, CHANNELS[email.channel], contact_of(wish) if wish else "", email.day, (), ()
        )
        lines = _lines(email, snapshot, project_id, reader=reader)
        if lines:  # what is done since need not be told
            found[email.person_id] = replace(
                call, emails=(*call.emails, email.id), lines=tuple(dict.fromkeys((*call.lines, *lines)))
            )
    return list(found.values())


def _lines(email: Email, snapshot: ProjectSnapshot, project_id: int, *, reader: str) -> Sequence[str]:
    if email.kind != REMINDER:
        return [KINDS[email.kind].plain]
    rows = db.session.execute(
        select(EmailItem, FindingRow)
        .outerjoin(
            FindingRow,
            (FindingRow.project_id == EmailItem.project_id)
            & (FindingRow.check == EmailItem.check)
            & (FindingRow.subject == EmailItem.subject),
        )
        .where(EmailItem.letter_id == email.id, EmailItem.project_id == project_id)
        .order_by(EmailItem.id)
    )
    lines = []
    for item, finding in rows:
        if item.check == GATE:
            lines.append("The day the plan aims at is near.")
        elif finding is not None and finding.open:
            one = finding_from_row(finding)
            if one.counted_for(reader):
                lines.append("Something of their own waits on their list.")
            elif hidden_places(snapshot, [one], reader=reader):
                lines.append(f"{one.title}.")
            else:
                lines.append(f"{one.title}: {one.sentence_for(reader)}")
    return lines


def mark_told(project_id: int, *, member: str, by: Actor, today: date) -> str:
    """Somebody was rung or written to: it is as if all that waited for them had been sent."""
    action = start_action(project_id, "see letters", by=by, today=today)
    found = next(
        (call for call in calls(action.snapshot, project_id, reader=action.me.key) if call.member == member), None
    )
    if found is None:
        raise NotFound("This is done already, or is no longer needed.")
    for email in found.emails:
        row = db.session.get_one(Email, email)
        row.state, row.sent_at = EmailState.SENT, now()
    action.log("letter.told", member=found.name)
    db.session.commit()
    return found.name
