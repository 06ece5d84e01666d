"""Letters about the way from stage to stage: the day the plan aims at, a gate that is open, a waiver, a move."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from govflow.domain.checks import Standing
from govflow.domain.gates import may_waive
from govflow.domain.letter_news import gate_open, moved, waiver_proposed
from govflow.domain.letters import Words
from govflow.domain.picture import Picture
from govflow.domain.refusals import Refused
from govflow.services.acting import Act, member_for
from govflow.services.gate_now import gate_of
from govflow.services.house import house
from govflow.services.letters.news import owe_news
from govflow.services.letters.reminders import GATE, Due
from govflow.services.picture import lifecycle_of, picture_of
from govflow.store import Letter, MemberRow, Person, Project, Transition, VisitRow, WaiverRow, db, lock_project

OPEN, WAIVER, MOVED = "gate_open", "waiver", "moved"
BEFORE = (30, 7, 0)
HELPERS = ("lead", "coordinator")


def aimed_at(organisation_id: int, today: date) -> list[Due]:
    """The days that running projects' plans aim at for the step out of their stage, as far as they are to be told."""
    rows = db.session.execute(
        select(Project.id, Project.stage, Project.plan)
        .where(Project.organisation_id == organisation_id, Project.state == "running")
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
        .where(MemberRow.project_id.in_(list(aims)), MemberRow.role == "lead")
        .order_by(MemberRow.id)
    ):
        leads[project].append(key)
    return [
        Due(project, GATE, stage, "project", day, 7, BEFORE, leads[project], {})
        for project, (stage, day) in aims.items()
    ]


def tell_open_gates(organisation_id: int, *, today: date) -> int:
    """Tell leads and coordinators when a gate has come to be open, once in each visit; part of the sweep."""
    changed = (
        select(Project.id)
        .join(VisitRow, (VisitRow.project_id == Project.id) & VisitRow.left.is_(None))
        .where(Project.organisation_id == organisation_id, Project.state == "running")
        .where(Project.gate_seen != Project.version, Project.told_open != VisitRow.number)
    )
    new = 0
    for project_id in db.session.scalars(changed.order_by(Project.id)).all():
        project = lock_project(project_id)
        picture = picture_of(project, today=today)
        project.gate_seen = project.version
        if picture.lifecycle.after(picture.stage.slug) and gate_of(project, picture).open:
            project.told_open = picture.visit.number
            keys = [one.key for role in HELPERS for one in picture.members if one.role == role]
            new += owe_news(OPEN, project, keys, today=today, serial=project.id)
        db.session.commit()
    return new


def owe_waiver(act: Act, row: WaiverRow, standing: Standing) -> None:
    """A letter to each member who may agree to it, in the transaction that proposes it."""
    could = []
    for one in act.picture.members:
        try:
            may_waive(standing=standing, proposer=act.me, seconder=one, members=act.picture.members, today=act.today)
            could.append(one.key)
        except Refused:
            continue
    owe_news(WAIVER, act.project, could, today=act.today, serial=row.id, about=str(row.id))


def owe_move(act: Act) -> None:
    """A letter to everyone but who moved it, in the transaction that moves the project."""
    last = db.session.scalar(
        select(Transition.id).where(Transition.project_id == act.project.id).order_by(Transition.id.desc()).limit(1)
    )
    keys = [one.key for one in act.picture.members if one.key != act.me.key]
    owe_news(MOVED, act.project, keys, today=act.today, serial=last or 0, about=str(last or 0))


def open_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    project, here = _here(letter, person, today)
    if project is None or not here or project.state != "running" or not gate_of(project, here).open:
        return None
    return gate_open(name=person.name, project=project.title, link=_gate(project), stop=stop)


def waiver_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    """While the proposal still waits. What it is about stands on the page."""
    project, here = _here(letter, person, today)
    row = db.session.get(WaiverRow, int(letter.about))
    if project is None or not here or row is None or row.ended_on or row.seconded_by or row.until < today:
        return None
    if row.visit != here.visit.number:
        return None
    link = f"{house().base_url}/projects/{project.slug}/waivers"
    return waiver_proposed(name=person.name, project=project.title, link=link, stop=stop)


def moved_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    """Where the project is now, which may be further on still. It goes to everyone, so it asks for no whole picture."""
    project = db.session.get(Project, letter.project_id)
    here = (MemberRow.joined <= today) & (MemberRow.left.is_(None) | (MemberRow.left > today))
    mine = select(MemberRow.id).where(MemberRow.project_id == letter.project_id, MemberRow.person_id == person.id, here)
    if project is None or db.session.scalar(mine) is None:
        return None
    return moved(
        name=person.name,
        project=project.title,
        stage=lifecycle_of(project).stage(project.stage).title if project.state != "closed" else "",
        link=f"{house().base_url}/projects/{project.slug}",
        stop=stop,
    )


def _here(letter: Letter, person: Person, today: date) -> tuple[Project | None, Picture | None]:
    """The project and its picture, for who is still in it."""
    project = db.session.get(Project, letter.project_id)
    if project is None:
        return None, None
    picture = picture_of(project, today=today)
    return project, picture if member_for(picture, person.id) else None


def _gate(project: Project) -> str:
    return f"{house().base_url}/projects/{project.slug}/gate"
