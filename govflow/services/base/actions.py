"""How a person's act begins: the project locked, the person found in it, the permission asked; and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from govflow.domain.access import WORDS, Viewer, may, who_may
from govflow.domain.people import MemberWithId
from govflow.domain.project_state import ProjectState
from govflow.domain.questions import clean_text
from govflow.domain.refusals import ConfirmFirst, NotAllowed, NotFound, Refused
from govflow.domain.snapshot import ProjectSnapshot
from govflow.domain.wording import listed
from govflow.services.base.findings import refresh_findings
from govflow.services.base.snapshots.snapshot import current_snapshot
from govflow.store import Admin, Organisation, Person, Project, db, lock_project, record_event


@dataclass(frozen=True)
class Actor:
    """Who acts. `operator`: done on the command line for this person, and recorded so.

    `strong`: they have shown a second step in this session, a passkey or a code.
    """

    person_id: int
    operator: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Action:
    """One action under way: the locked project, its snapshot on the day, and the member who acts."""

    project: Project
    snapshot: ProjectSnapshot
    me: MemberWithId
    by: Actor
    today: date

    def log(self, verb: str, whom: int | None = None, /, **facts: str) -> None:
        log(self.project, verb, by=self.by, today=self.today, whom=whom, **facts)

    def mark_changed(self) -> None:
        """A fact changed: raise the project's version and work its findings out again."""
        self.project.version += 1
        refresh_findings(self.project, today=self.today, before=self.snapshot)


def start_action(project_id: int, action: str, *, by: Actor, today: date, even_closed: bool = False) -> Action:
    """Lock the project and make sure that this person may do this in it."""
    project = lock_project(project_id)
    snapshot = current_snapshot(project, today=today)
    me = member_for(snapshot, by.person_id)
    if me is None:
        raise NotAllowed("You are not in this project, so you cannot do this here.")
    require(me, action)
    if project.state == ProjectState.CLOSED and not even_closed:
        raise Refused("This project is closed. Nothing in it changes any more.")
    return Action(project=project, snapshot=snapshot, me=me, by=by, today=today)


def require(me: MemberWithId, action: str) -> None:
    if not may(Viewer(role=me.role), action):
        roles = listed([f"a {role}" for role in who_may(action)[:2]], "or")
        raise NotAllowed(f"Your role here does not let you {WORDS.get(action, 'do this')}. Ask {roles}, who can.")


def require_strong(by: Actor | None) -> None:
    """For money, bank details and an organisation's settings: ask it after whether they may at all."""
    if by is not None and not (by.strong or by.operator):
        raise ConfirmFirst()


def member_for(snapshot: ProjectSnapshot, person_id: int) -> MemberWithId | None:
    """This person among the members of today."""
    for member in snapshot.members:
        if member.person_id == person_id:
            return member
    return None


def member_by_key(snapshot: ProjectSnapshot, key: str) -> MemberWithId:
    for member in snapshot.members:
        if member.key == key:
            return member
    raise NotFound(f"There is nobody called “{key:.60}” in this project now.")


def log(project: Project, verb: str, *, by: Actor | None, today: date, whom: int | None = None, **facts: str) -> None:
    """Tell one line of a project's history. `whom`: the person it tells of, where that is not who acts.

    It is written as the act is committed, or neither is. Facts are for everyone in the project: no answer, no sum, no
    reason of a private finding.
    """
    record_event(
        project.organisation_id,
        verb,
        facts,
        on=today,
        project_id=project.id,
        person_id=by.person_id if by else None,
        whom_id=whom,
        by_operator=bool(by and by.operator),
    )


def log_of(
    organisation_id: int, verb: str, *, by: Actor | None, today: date, whom: int | None = None, **facts: str
) -> None:
    """Tell one line of an organisation's own history, which its admins read. Without `by` the operator acted."""
    record_event(
        organisation_id,
        verb,
        facts,
        on=today,
        person_id=by.person_id if by else None,
        whom_id=whom,
        by_operator=by is None or by.operator,
    )


def person_by_email(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email == email.strip().lower()))


def require_looked_after(organisation: str, by: Actor | None) -> Organisation:
    """An organisation this person may change, or the same refusal as for one that is not there."""
    person_id = by.person_id if by else 0
    looks_after = (Admin.organisation_id == Organisation.id) & (Admin.person_id == person_id)
    query = select(Organisation, Admin.person_id).outerjoin(Admin, looks_after)
    row = db.session.execute(query.where(Organisation.slug == clean_text(organisation))).first()
    found, admin = row or (None, None)
    if found is None or (by is not None and admin is None):
        known = (
            listed(list(db.session.scalars(select(Organisation.slug).order_by(Organisation.slug))))
            if by is None
            else ""
        )
        there = f" There is: {known}." if known else ""
        raise NotFound(f"There is no organisation “{organisation:.64}” that you look after.{there}")
    return found
