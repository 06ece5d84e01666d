"""One person's meetings for their calendar program: a secret address, told once, that they can end at any time.

Such a program is often somebody else's computer. So an event tells when it is and what its list calls one entry, such
as “Meeting”: no title, no place, no project, no names.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from govflow.domain.gates.checks import Entry
from govflow.domain.project_state import ProjectState
from govflow.domain.refusals import NotFound
from govflow.domain.registers.registers import Register
from govflow.domain.snapshot import ProjectSnapshot, meant_by
from govflow.services.base.actions import Actor, member_for
from govflow.services.base.context import context
from govflow.services.base.rate_limits import keyed
from govflow.services.base.snapshots.snapshot import current_snapshot, timezone_of
from govflow.services.base.visibility import limit_scope_for
from govflow.services.registers.registers import entries_seen
from govflow.store import CalendarFeed, MemberRow, Project, db, everything, now, write

KEPT_BACK = timedelta(days=31)
"""How long what has passed stays in the feed."""


@dataclass(frozen=True)
class FeedEvent:
    """Something that happens: on days, or at moments in the organisation's time zone. `uid` says nothing to anybody."""

    uid: str
    name: str
    starts: date | datetime
    ends: date | datetime
    on: date


# --- the address ------------------------------------------------------------------------------------------


def feed_made_on(person_id: int) -> date | None:
    """The day on which this person's address was made, if they have one."""
    row = db.session.get(CalendarFeed, person_id)
    return row.made_at.date() if row else None


def make_feed(*, by: Actor) -> str:
    """An address for a calendar program; the one before it ends. Answers with its secret, which is told only now."""
    write()
    token = secrets.token_urlsafe(32)
    end_feed_of(by.person_id)
    db.session.add(CalendarFeed(person_id=by.person_id, token_hash=_hash(token), made_at=now()))
    db.session.commit()
    return token


def end_feed(*, by: Actor) -> None:
    """From now on nothing is read at the address."""
    write()
    end_feed_of(by.person_id)
    db.session.commit()


def end_feed_of(person_id: int) -> None:
    """In the caller's transaction: this person's address is read no more."""
    db.session.execute(delete(CalendarFeed).where(CalendarFeed.person_id == person_id))


# --- what is read there -----------------------------------------------------------------------------------


def read_feed(token: str, *, today: date) -> list[FeedEvent]:
    """The events of whoever's address this is; from here on the request reaches what they reach."""
    with everything():
        row = db.session.scalar(select(CalendarFeed).where(CalendarFeed.token_hash == _hash(token)))
    if row is None:
        raise NotFound("There is no such calendar.")
    limit_scope_for(row.person_id, today=today)
    here = select(MemberRow.project_id).where(MemberRow.person_id == row.person_id, MemberRow.joined <= today)
    projects = db.session.scalars(select(Project).where(Project.id.in_(here), Project.state != ProjectState.CLOSED))
    return [event for project in projects for event in _events(project, row.person_id, today)]


def events_of(register: Register, register_id: str, rows: list[Entry], project: Project) -> Iterator[FeedEvent]:
    """Each entry that has a day, as an event."""
    zone = ZoneInfo(timezone_of(project))
    first, last = (*register.calendar, register.calendar[0])[:2]
    for row in rows:
        starts, ends = row.values.get(first), row.values.get(last) or row.values.get(first)
        if starts is None or ends is None or (register.calendar_unless and row.values.get(register.calendar_unless)):
            continue
        uid = keyed(f"calendar {project.id} {register_id} {row.key}")
        if isinstance(starts, datetime):
            ends = ends if isinstance(ends, datetime) and ends > starts else starts + timedelta(hours=1)
            starts, ends = starts.replace(tzinfo=zone), ends.replace(tzinfo=zone)
        else:
            ends = max(starts, ends.date() if isinstance(ends, datetime) else ends) + timedelta(days=1)
        yield FeedEvent(uid=uid, name=register.one.capitalize(), starts=starts, ends=ends, on=row.on)


def _events(project: Project, person_id: int, today: date) -> Iterator[FeedEvent]:
    snapshot = current_snapshot(project, today=today)
    me = member_for(snapshot, person_id)
    if me is None:
        return
    earliest = datetime.combine(today - KEPT_BACK, time())
    for plugin in sorted(snapshot.on):
        declared = context().declared.plugins.get(plugin)
        for name, register in (declared.registers if declared else {}).items():
            if register.calendar_for:
                seen = entries_seen(snapshot, f"{plugin}.{name}", reader=me.key)
                mine = [row for row in seen if _is_for(snapshot, register, row, me.key)]
                for event in events_of(register, f"{plugin}.{name}", mine, project):
                    if datetime.combine(event.starts, time()) >= earliest:
                        yield event


def _is_for(snapshot: ProjectSnapshot, register: Register, row: Entry, key: str) -> bool:
    """Whether it is in this member's own calendar; where it is for nobody named, for whoever reads it."""
    named = meant_by(snapshot, register.calendar_for, row)
    return not named or key in named


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
