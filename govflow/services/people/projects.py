"""Projects as a whole: find, list, pause, resume, and begin the next one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, Select, String, bindparam, func, or_, select

from govflow.domain.access import Viewer
from govflow.domain.gates.checks import Finding
from govflow.domain.people import MemberWithId, Role
from govflow.domain.project_state import ProjectState
from govflow.domain.questions import TEXT_MOST, read_words
from govflow.domain.refusals import NotFound, Refused
from govflow.domain.terms import Terms
from govflow.services.base.actions import Action, Actor, log, start_action
from govflow.services.base.context import context
from govflow.services.base.findings import FINDING_COLUMNS, finding_from_row, refresh_findings
from govflow.services.base.register_access import told_closed, without_hidden
from govflow.services.base.snapshots.snapshot import current_snapshots, lifecycle_of
from govflow.services.base.terms import as_terms
from govflow.services.mail.outbox import wake_for_owed
from govflow.services.people.emails import owe_invitation
from govflow.store import (
    Admin,
    FindingRow,
    MemberRow,
    Organisation,
    PauseRow,
    Person,
    Project,
    Share,
    VisitRow,
    db,
    everything,
)


def find_project(slug: str) -> Project:
    project = db.session.scalar(select(Project).where(Project.slug == slug))
    if project is None:
        raise NotFound(f"There is no project “{slug:.64}”.")
    return project


def member_row(project_id: int, person_id: int, *, today: date) -> MemberRow | None:
    """This person's place in the project today, if they have one."""
    return db.session.scalar(
        select(MemberRow).where(
            MemberRow.project_id == project_id,
            MemberRow.person_id == person_id,
            MemberRow.joined <= today,
            or_(MemberRow.left.is_(None), MemberRow.left > today),
        )
    )


def project_seen_by(slug: str, person_id: int, *, today: date) -> tuple[Project, Viewer, Terms]:
    """A project, what this person is to it, and the words it goes by.

    Their role in it, if any, and whether they look after its organisation. It is one question to the database, as every
    page of a project begins with it.
    """
    asked = {"slug": slug, "person": person_id, "today": today}
    found = db.session.execute(_project_seen(), asked).first()
    if found is None:
        raise NotFound(f"There is no project “{slug:.64}”.")
    project, role, admin, theirs = found
    return project, Viewer(role=role, admin=admin is not None), as_terms({**theirs, **project.terms})


@cache
def _project_seen() -> Select[Project, str, int, dict[str, list[str]]]:
    person, today = bindparam("person", type_=Integer), bindparam("today", type_=Date)
    here = (MemberRow.joined <= today) & (MemberRow.left.is_(None) | (MemberRow.left > today))
    of_project = (MemberRow.project_id == Project.id) & (MemberRow.person_id == person)
    looks_after = (Admin.organisation_id == Project.organisation_id) & (Admin.person_id == person)
    return (
        select(Project, MemberRow.role, Admin.person_id, Organisation.terms)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .outerjoin(MemberRow, of_project & here)
        .outerjoin(Admin, looks_after)
        .where(Project.slug == bindparam("slug", type_=String))
    )


@dataclass(frozen=True)
class OnBoard:
    """A project as the board shows it. `role` is None for an admin who is not in it."""

    slug: str
    title: str
    stage: str
    stages: tuple[tuple[str, str], ...]
    state: str
    organisation: str
    holding: tuple[Finding, ...]
    more: int
    role: str | None
    me: str | None


def board(person_id: int, *, today: date, page: int = 1, size: int = 25) -> tuple[list[OnBoard], int]:
    """The projects this person may know of, what holds each gate from the derived rows, and how many there are."""
    mine = (
        select(MemberRow.project_id, MemberRow.role, MemberRow.key)
        .where(MemberRow.person_id == person_id, MemberRow.joined <= today)
        .where(or_(MemberRow.left.is_(None), MemberRow.left > today))
        .subquery()
    )
    looked_after = select(Admin.organisation_id).where(Admin.person_id == person_id)
    query = (
        select(Project, Organisation.name, mine.c.role, mine.c.key)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .outerjoin(mine, mine.c.project_id == Project.id)
        .where(or_(mine.c.role.is_not(None), Project.organisation_id.in_(looked_after)))
    )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.execute(
        query.order_by(Project.state == ProjectState.CLOSED, Project.title, Project.id)
        .limit(size)
        .offset((page - 1) * size)
    ).all()
    held = _holding([row[0].id for row in rows])
    shown = []
    for project, organisation, role, key in rows:
        lifecycle = lifecycle_of(project)
        holding = held.get(project.id, [])
        shown.append(
            OnBoard(
                slug=project.slug,
                title=project.title,
                stage=project.stage,
                stages=tuple((stage.slug, stage.title) for stage in lifecycle.stages),
                state=project.state,
                organisation=organisation,
                holding=tuple(holding[:3]),
                more=max(0, len(holding) - 3),
                role=role,
                me=key,
            )
        )
    return shown, total


def _holding(project_ids: list[int]) -> dict[int, list[Finding]]:
    rows = db.session.scalars(
        select(FindingRow)
        .where(FindingRow.project_id.in_(project_ids), FindingRow.open, FindingRow.holds)
        .order_by(FindingRow.due_on.is_(None), FindingRow.due_on, FindingRow.id)
    )
    # A board has many projects, and loads no snapshot: where a project is shared, no line of any list stands on it.
    shared = set(db.session.scalars(select(Share.project_id).where(Share.project_id.in_(project_ids))))
    found: dict[int, list[Finding]] = {}
    for row in rows:
        finding = finding_from_row(row)
        told = told_closed(finding) if row.project_id in shared else finding
        found.setdefault(row.project_id, []).append(told)
    return found


@dataclass(frozen=True)
class ListItem:
    """One thing on somebody's own list."""

    project: str
    project_title: str
    finding: Finding
    mine: bool
    me: str


def my_list(person_id: int, *, today: date, most: int = 200) -> list[ListItem]:
    """What this person owes, then what waits for their own answer; the latest due last."""
    found = []
    for row in db.session.execute(_open_around(), {"person": person_id, "today": today}):
        about_me = row.about == "member" and row.subject == row.me
        if row.me in row.owed_by or about_me or row.me in row.lines:
            found.append(
                ListItem(
                    project=row.project,
                    project_title=row.project_title,
                    finding=finding_from_row(row),
                    mine=row.me in row.owed_by,
                    me=row.me,
                )
            )
    return told_of_shared(found[:most], today=today)


@cache
def _open_around() -> Select[*tuple[Any, ...]]:
    """What is open in the running projects somebody is in, as plain columns: there are hundreds."""
    today = bindparam("today", type_=Date)
    return (
        select(
            *FINDING_COLUMNS,
            Project.slug.label("project"),
            Project.title.label("project_title"),
            MemberRow.key.label("me"),
        )
        .join(Project, Project.id == FindingRow.project_id)
        .join(MemberRow, MemberRow.project_id == Project.id)
        .where(
            MemberRow.person_id == bindparam("person", type_=Integer),
            MemberRow.joined <= today,
            or_(MemberRow.left.is_(None), MemberRow.left > today),
            Project.state == ProjectState.RUNNING,
            FindingRow.open,
        )
        .order_by(FindingRow.due_on.is_(None), FindingRow.due_on, FindingRow.id)
        .limit(5_000)
    )


def told_of_shared(owed: list[ListItem], *, today: date) -> list[ListItem]:
    """What somebody owes in a project that several organisations share, with no line of a list that is not theirs."""
    about_entries = {item.project for item in owed if item.finding.about == "entry"}
    if not about_entries:
        return owed
    query = select(Project).where(Project.slug.in_(about_entries), Project.id.in_(select(Share.project_id)))
    shared = db.session.scalars(query).all()
    found = current_snapshots(shared, today=today) if shared else {}
    snapshots = {project.slug: found[project.id] for project in shared}
    return [
        replace(item, finding=without_hidden(snapshots[item.project], [item.finding], reader=item.me)[0])
        if item.project in snapshots
        else item
        for item in owed
    ]


# --- pause, resume, next ------------------------------------------------------------------------------


def pause(project_id: int, *, why: str, by: Actor, today: date) -> None:
    """Pause: no letters are written, and due days move on by the length of the pause."""
    action = start_action(project_id, "move", by=by, today=today)
    if action.project.state == ProjectState.PAUSED:
        raise Refused("This project is paused already.")
    why = read_words(why, "why", "Say why the project pauses. Everyone will read it.")
    db.session.add(PauseRow(project_id=project_id, began=today, why=why))
    action.project.state = ProjectState.PAUSED
    action.log("project.paused", why=why)
    action.mark_changed()
    db.session.commit()


def resume(project_id: int, *, by: Actor, today: date) -> None:
    """Start a paused project again."""
    action = start_action(project_id, "move", by=by, today=today)
    if action.project.state != ProjectState.PAUSED:
        raise Refused("This project is not paused.")
    row = db.session.execute(
        select(PauseRow).where(PauseRow.project_id == project_id, PauseRow.ended.is_(None))
    ).scalar_one()
    row.ended = today
    action.project.state = ProjectState.RUNNING
    action.log("project.resumed")
    action.mark_changed()
    db.session.commit()


def start_next(project_id: int, *, title: str, by: Actor, today: date) -> str:
    """From a closed project, start the next one. Its lead is there at once; everyone else is asked, not copied."""
    action = start_action(project_id, "move", by=by, today=today, even_closed=True)
    if action.project.state != ProjectState.CLOSED:
        raise Refused("Close this project first. Then you can start the next one from it.")
    title = read_words(title, "title", "Give the next project a title.", most=TEXT_MOST)
    with everything():  # what begins here is of nobody yet, and the names that are taken are of everyone
        begun = _begun_already(action, title)
        if begun is not None:
            return begun
        project = _next_after(action, title)
        log(project, "project.follows", by=by, today=today, before=action.project.title)
        action.log("project.followed", after=title)
        refresh_findings(project, today=today)
        slug = project.slug
        db.session.commit()
    wake_for_owed()
    return slug


def _begun_already(action: Action, title: str) -> str | None:
    """The next project that the same press began a moment ago: two presses begin one, and ask its people once."""
    same = (Project.follows_id == action.project.id) & (Project.title == title) & (Project.started == action.today)
    here = (MemberRow.person_id == action.me.person_id) & (MemberRow.joined == action.today) & MemberRow.left.is_(None)
    query = select(Project.slug).join(MemberRow, MemberRow.project_id == Project.id)
    return db.session.scalar(query.where(same, here).limit(1))


def _next_after(action: Action, title: str) -> Project:
    lifecycle = context().declared.lifecycles.get(action.project.lifecycle) or action.snapshot.lifecycle
    project = Project(
        organisation_id=action.project.organisation_id,
        slug=free_slug(title),
        title=title,
        lifecycle=action.project.lifecycle,
        lifecycle_kept=lifecycle.kept(),
        stage=lifecycle.first.slug,
        started=action.today,
        follows_id=action.project.id,
    )
    db.session.add(project)
    db.session.flush()
    for share in db.session.scalars(select(Share).where(Share.project_id == action.project.id)):
        db.session.add(Share(project_id=project.id, organisation_id=share.organisation_id))
    db.session.add(VisitRow(project_id=project.id, number=1, stage=lifecycle.first.slug, entered=action.today))
    for member in action.snapshot.members:
        if member.role != Role.OBSERVER:
            _ask_along(action, project, member)
    return project


def _ask_along(action: Action, project: Project, member: MemberWithId) -> None:
    mine = member.key == action.me.key
    db.session.add(
        MemberRow(
            project_id=project.id,
            person_id=member.person_id,
            key=member.key,
            role=member.role if mine else "member",
            title=member.title if mine else "",
            organisation=member.organisation if mine else "",
            expertise=list(member.expertise) if mine else [],
            expertise_since=action.today if mine else None,
            invited_by=None if mine else action.me.key,
            invited_on=action.today,
            joined=action.today if mine else None,
            home_id=db.session.get_one(MemberRow, member.id).home_id,
        )
    )
    if not mine:
        owe_invitation(db.session.get_one(Person, member.person_id), project, today=action.today)


def free_slug(wanted: str) -> str:
    """A slug nobody has; a taken one gets a number silently, so that nobody learns what others have."""
    base = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:50] or "project"
    taken = set(db.session.scalars(select(Project.slug).where(Project.slug.startswith(base))))
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def ids_of_mine(person_id: int, *, today: date) -> list[int]:
    """The projects this person is in today, other than as an observer."""
    return list(
        db.session.scalars(
            select(MemberRow.project_id).where(
                MemberRow.person_id == person_id,
                MemberRow.role != Role.OBSERVER,
                MemberRow.joined <= today,
                or_(MemberRow.left.is_(None), MemberRow.left > today),
            )
        )
    )
