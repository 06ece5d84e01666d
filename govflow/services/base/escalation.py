"""Whom a letter can be about something reach today: the people here, how they stand in line, and what they wish."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from sqlalchemy import or_, select

from govflow.domain.mail.escalation import escalation_order
from govflow.domain.mail.reminder_days import EMAIL, Preferences
from govflow.domain.people import Role
from govflow.store import MemberRow, NotificationPreferences, Person, db

HELPING = (Role.COORDINATOR, Role.LEAD)
REFUSED_FOR = timedelta(days=7)


class OwedMatter(Protocol):
    """A finding, worked out just now or kept, or what stands for one: who owes it, whom it is about, who is owed it."""

    @property
    def owed_by(self) -> Sequence[str]: ...
    @property
    def lines(self) -> Mapping[str, str]: ...
    @property
    def about(self) -> str: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def private(self) -> bool: ...


@dataclass
class Reachable:
    """One project's people of today. `reached`: the person behind each key whom a letter can reach.

    `emailed`: those of them who want email, and so can be asked to ring others.
    """

    reached: dict[str, int] = field(default_factory=dict)
    emailed: set[str] = field(default_factory=set)
    helping: dict[str, list[str]] = field(default_factory=lambda: {role: [] for role in HELPING})

    def escalation_chain(self, finding: OwedMatter) -> tuple[str, ...]:
        """Those who are told of a thing, in their order, as far as a letter reaches them.

        Nobody stands in where a private matter is about a member: that it is open would tell whose it is.
        """
        of_a_member = finding.about == "member"
        told = escalation_order(
            finding.owed_by,
            stand_ins=() if finding.private and of_a_member else self.stand_ins,
            spared=finding.lines,
            subject=finding.subject if of_a_member else None,
        )
        return tuple(key for key in told if key in self.reached)

    def caller_for(self, person: int) -> bool:
        """Whether there is somebody else who can ring or write to a person who wants no email."""
        return any(key in self.emailed and self.reached[key] != person for key in self.stand_ins)

    @property
    def stand_ins(self) -> tuple[str, ...]:
        return tuple(key for role in HELPING for key in self.helping[role])


def reachable_people(projects: Iterable[int], today: date) -> tuple[Mapping[int, Reachable], dict[int, Preferences]]:
    """Project -> its people of today; and the wishes of those who have said any.

    Nobody is reached who has stopped reminders, has a pause, or whose address a mail server refused within a week: then
    it is tried again, for a server that refuses everybody may have been told wrongly who we are.
    """
    found: dict[int, Reachable] = defaultdict(Reachable)
    wishes: dict[int, Preferences] = {}
    rows = db.session.execute(
        select(MemberRow.project_id, MemberRow.key, MemberRow.role, MemberRow.person_id, NotificationPreferences)
        .join(Person, Person.id == MemberRow.person_id)
        .outerjoin(NotificationPreferences, NotificationPreferences.person_id == Person.id)
        .where(MemberRow.project_id.in_(projects), MemberRow.joined <= today)
        .where(or_(MemberRow.left.is_(None), MemberRow.left > today))
        .where(Person.reminders_stopped_on.is_(None))
        .where(or_(Person.unreachable_on.is_(None), Person.unreachable_on <= today - REFUSED_FOR))
        .order_by(MemberRow.id)
    )
    for project, key, role, person, row in rows:
        if row is not None:
            wishes[person] = preferences_from_row(row)
            if wishes[person].paused(today):
                continue
        found[project].reached[key] = person
        if row is None or row.channel == EMAIL:
            found[project].emailed.add(key)
        if role in HELPING:
            found[project].helping[role].append(key)
    return found, wishes


def preferences_from_row(row: NotificationPreferences | None) -> Preferences:
    if row is None:
        return Preferences()
    names = ("channel", "rhythm", "weekday", "quiet_from", "quiet_to", "paused_until")
    return Preferences(**{name: getattr(row, name) for name in names})
