"""Letters about the way from stage to stage: the day the plan aims at, a gate that is open, a waiver, a move."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, exists, select, update

from govflow.domain.gates.checks import Finding
from govflow.domain.gates.gates import may_waive
from govflow.domain.people import Role
from govflow.domain.project_state import ProjectState
from govflow.domain.refusals import Refused
from govflow.domain.snapshot import ProjectSnapshot
from govflow.services.base.actions import Action, member_for
from govflow.services.base.context import context
from govflow.services.base.snapshots.snapshot import lifecycle_of, load_snapshot
from govflow.services.gates.current import gate_of
from govflow.services.mail.kinds import email_kind
from govflow.services.mail.news import owe_news
from govflow.services.mail.reminders import GATE, ReminderItem
from govflow.services.mail.render import Values
from govflow.store import (
    Email,
    FindingRow,
    MemberRow,
    Person,
    Project,
    Transition,
    VisitRow,
    WaiverRow,
    db,
    lock_project,
    write,
)

OPEN, WAIVER, MOVED = "gate_open", "waiver", "moved"
BEFORE = (30, 7, 0)
HELPERS = (Role.LEAD, Role.COORDINATOR)


def aimed_at(organisation_id: int, today: date) -> list[ReminderItem]:
    """The days that running projects' plans aim at for the step out of their stage, as far as they are to be told."""
    rows = db.session.execute(
        select(Project.id, Project.stage, Project.plan)
        .where(Project.organisation_id == organisation_id, Project.state == ProjectState.RUNNING)
        .order_by(Project.id)
    )
    aims = {
        project: (stage, day)
        for project, stage, plan in rows
        if stage in plan and ((day := date.fromisoformat(plan[stage])) - today).days <= max(BEFORE)
    }
    leads: dict[int, list[str]] = {project: [] for project in aims}
    for project, key in db.session.execute(
        select(MemberRow.project_id, MemberRow.key)
        .where(MemberRow.project_id.in_(list(aims)), MemberRow.role == Role.LEAD)
        .order_by(MemberRow.id)
    ):
        leads[project].append(key)
    return [
        ReminderItem(project, GATE, stage, "project", day, 7, BEFORE, leads[project], {})
        for project, (stage, day) in aims.items()
    ]


def tell_open_gates(organisation_id: int, *, today: date) -> int:
    """Tell leads and coordinators when a gate has come to be open, once in each visit; part of the sweep."""
    changed = (
        select(Project.id)
        .join(VisitRow, (VisitRow.project_id == Project.id) & VisitRow.left.is_(None))
        .where(Project.organisation_id == organisation_id, Project.state == ProjectState.RUNNING)
        .where(Project.gate_seen != Project.version, Project.told_open != VisitRow.number)
    )
    write()
    held = changed.where(_held()).with_for_update(of=Project, skip_locked=True)
    db.session.execute(
        update(Project)
        .where(Project.id.in_(held))
        .values(gate_seen=Project.version)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    new = 0
    for project_id in db.session.scalars(changed.order_by(Project.id)).all():
        project = lock_project(project_id)
        snapshot = load_snapshot(project, today=today)
        project.gate_seen = project.version
        if snapshot.lifecycle.after(snapshot.stage.slug) and gate_of(snapshot).open:
            project.told_open = snapshot.visit.number
            keys = [one.key for role in HELPERS for one in snapshot.members if one.role == role]
            new += owe_news(OPEN, project, keys, today=today, serial=project.id)
        db.session.commit()
    return new


def _held() -> ColumnElement[bool]:
    """Whether something holds the gate by the derived rows, and nobody has proposed to let it pass.

    Then it cannot be open, and nothing needs to be judged to know it.
    """
    waived = exists().where(
        WaiverRow.project_id == FindingRow.project_id,
        WaiverRow.check == FindingRow.check,
        WaiverRow.subject == FindingRow.subject,
    )
    return exists().where(FindingRow.project_id == Project.id, FindingRow.open, FindingRow.holds, ~waived)


def owe_waiver(action: Action, row: WaiverRow, finding: Finding) -> None:
    """A letter to each member who may agree to it, in the transaction that proposes it."""
    could = []
    for one in action.snapshot.members:
        try:
            may_waive(
                finding=finding, proposer=action.me, seconder=one, members=action.snapshot.members, today=action.today
            )
            could.append(one.key)
        except Refused:
            continue
    owe_news(WAIVER, action.project, could, today=action.today, serial=row.id, about=str(row.id))


def owe_move(action: Action) -> None:
    """A letter to everyone but who moved it, in the transaction that moves the project."""
    last = db.session.scalar(
        select(Transition.id).where(Transition.project_id == action.project.id).order_by(Transition.id.desc()).limit(1)
    )
    keys = [one.key for one in action.snapshot.members if one.key != action.me.key]
    owe_news(MOVED, action.project, keys, today=action.today, serial=last or 0, about=str(last or 0))


@email_kind(OPEN, title="All is ready", stops=True, plain="All is ready for the next stage.")
def open_values(email: Email, person: Person, stop: str, today: date) -> Values | None:
    project, here = _here(email, person, today)
    if project is None or not here or project.state != ProjectState.RUNNING or not gate_of(here).open:
        return None
    return {"name": person.name, "project": project.title, "link": _gate(project), "stop": stop}


@email_kind(WAIVER, title="A proposal waits", stops=True, plain="A proposal to let one thing pass waits for a view.")
def waiver_values(email: Email, person: Person, stop: str, today: date) -> Values | None:
    """While the proposal still waits. What it is about stands on the page."""
    project, here = _here(email, person, today)
    row = db.session.get(WaiverRow, int(email.about))
    if project is None or not here or row is None or row.ended_on or row.seconded_by or row.until < today:
        return None
    if row.visit != here.visit.number:
        return None
    link = f"{context().base_url}/projects/{project.slug}/waivers"
    return {"name": person.name, "project": project.title, "link": link, "stop": stop}


@email_kind(MOVED, title="The project moved on", stops=True, plain="The project is in another stage now.")
def moved_values(email: Email, person: Person, stop: str, today: date) -> Values | None:
    """Where the project is now, which may be further on still. It goes to everyone, so it loads no snapshot."""
    project = db.session.get(Project, email.project_id)
    here = (MemberRow.joined <= today) & (MemberRow.left.is_(None) | (MemberRow.left > today))
    mine = select(MemberRow.id).where(MemberRow.project_id == email.project_id, MemberRow.person_id == person.id, here)
    if project is None or db.session.scalar(mine) is None:
        return None
    closed = project.state == ProjectState.CLOSED
    return {
        "name": person.name,
        "project": project.title,
        "stage": "" if closed else lifecycle_of(project).stage(project.stage).title,
        "link": f"{context().base_url}/projects/{project.slug}",
        "stop": stop,
    }


def _here(email: Email, person: Person, today: date) -> tuple[Project | None, ProjectSnapshot | None]:
    """The project and its snapshot, for who is still in it."""
    project = db.session.get(Project, email.project_id)
    if project is None:
        return None, None
    snapshot = load_snapshot(project, today=today)
    return project, snapshot if member_for(snapshot, person.id) else None


def _gate(project: Project) -> str:
    return f"{context().base_url}/projects/{project.slug}/gate"
