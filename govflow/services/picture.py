"""Loading a project as it stood on a day: a fixed, small number of queries, however many members there are."""

from __future__ import annotations

import dataclasses
import logging
from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import select

from govflow.domain.checks import Entry, ProjectFacts, Round, Visit
from govflow.domain.declared import DeclaredPlugin
from govflow.domain.lifecycle import Lifecycle, thawed
from govflow.domain.overdue import Pause
from govflow.domain.people import Member
from govflow.domain.picture import Answered, Picture
from govflow.domain.plugin_settings import make
from govflow.domain.polls import LEAST_TO_SHOW
from govflow.domain.questions import thaw
from govflow.domain.refusals import Invalid
from govflow.services.house import house
from govflow.store import (
    EntryRow,
    EntryVersion,
    EvidenceRow,
    MemberRow,
    PauseRow,
    Person,
    PluginSwitch,
    PollRound,
    Project,
    Share,
    VisitRow,
    db,
)

log = logging.getLogger("govflow.plugins")


def picture_of(project: Project, *, today: date) -> Picture:
    """The project on `today`. For a past day, facts dated later are left out."""
    members = _members(project.id)
    here = tuple(one for one in members if one.here_on(today))
    visits = _visits(project, today)
    return Picture(
        project=ProjectFacts(
            slug=project.slug,
            title=project.title,
            started=project.started,
            funding_ends=project.funding_ends,
            plan={stage: date.fromisoformat(day) for stage, day in project.plan.items()},
            pauses=_pauses(project.id),
            not_due_before=project.not_due_before,
        ),
        lifecycle=lifecycle_of(project),
        visits=visits,
        today=today,
        members=here,
        left=tuple(one for one in members if one.joined <= today and not one.here_on(today)),
        evidence=_evidence(project.id, today, _keys(members)),
        entries=_entries(project.id, today, _keys(members)),
        rounds=_rounds(project.id, today),
        on=_plugins_on(project),
        version=project.version,
    )


def lifecycle_of(project: Project) -> Lifecycle:
    """The version of its lifecycle this project goes by, whatever the installed plugins say today."""
    if project.lifecycle_kept:
        return thawed(project.lifecycle_kept)
    return house().declared.lifecycles[project.lifecycle]


@dataclasses.dataclass(frozen=True, kw_only=True)
class MemberWithId(Member):
    """A member with the ids that services need and checks never use."""

    id: int = 0
    person_id: int = 0


def _keys(members: list[MemberWithId]) -> dict[int, str]:
    return {one.id: one.key for one in members}


def _members(project_id: int) -> list[MemberWithId]:
    rows = db.session.execute(
        select(MemberRow, Person.name)
        .join(Person, Person.id == MemberRow.person_id)
        .where(MemberRow.project_id == project_id, MemberRow.joined.is_not(None))
        .order_by(MemberRow.joined, MemberRow.id)
    )
    return [
        MemberWithId(
            id=row.id,
            person_id=row.person_id,
            key=row.key,
            name=name,
            role=row.role,
            title=row.title,
            organisation=row.organisation,
            expertise=tuple(row.expertise),
            expertise_since=row.expertise_since,
            groups=tuple(row.groups),
            seat=row.seat,
            invited_by=row.invited_by,
            joined=row.joined or date.max,
            left=row.left,
            ended_by=row.ended_by,
        )
        for row, name in rows
    ]


def _visits(project: Project, today: date) -> tuple[Visit, ...]:
    rows = db.session.scalars(select(VisitRow).where(VisitRow.project_id == project.id).order_by(VisitRow.number))
    visits = tuple(
        Visit(
            number=row.number,
            stage=row.stage,
            entered=row.entered,
            why=row.why,
            left=row.left if row.left and row.left <= today else None,
        )
        for row in rows
        if row.entered <= today
    )
    if not visits:
        raise Invalid(f"The project had not begun on {today.isoformat()}. It started on {project.started.isoformat()}.")
    return visits


def _pauses(project_id: int) -> tuple[Pause, ...]:
    rows = db.session.scalars(select(PauseRow).where(PauseRow.project_id == project_id).order_by(PauseRow.began))
    return tuple(Pause(began=row.began, ended=row.ended) for row in rows)


def _evidence(project_id: int, today: date, keys: dict[int, str]) -> tuple[Answered, ...]:
    rows = db.session.scalars(
        select(EvidenceRow)
        .where(EvidenceRow.project_id == project_id, EvidenceRow.on <= today)
        .order_by(EvidenceRow.on, EvidenceRow.id)
    )
    return tuple(
        Answered(
            check=row.check,
            subject=row.subject or None,
            answers=row.answers,
            by=keys.get(row.member_id, ""),
            on=row.on,
            visit=row.visit,
            by_operator=row.by_operator,
        )
        for row in rows
    )


def _entries(project_id: int, today: date, keys: dict[int, str]) -> dict[str, tuple[Entry, ...]]:
    rows = db.session.execute(
        select(EntryRow, EntryVersion)
        .join(EntryVersion, EntryVersion.entry_id == EntryRow.id)
        .where(EntryRow.project_id == project_id, EntryVersion.on <= today)
        .order_by(EntryRow.id, EntryVersion.number)
    )
    latest: dict[int, tuple[EntryRow, EntryVersion]] = {entry.id: (entry, version) for entry, version in rows}
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry, version in latest.values():
        if not version.removed:
            found[entry.register].append(
                Entry(
                    key=entry.key,
                    values=_thawed(entry.register, version.values),
                    by=keys.get(version.member_id or 0),
                    on=version.on,
                )
            )
    return {register: tuple(rows) for register, rows in found.items()}


def _thawed(register_id: str, values: dict[str, Any]) -> dict[str, Any]:
    try:
        return thaw(house().declared.register(register_id).fields, values)
    except Invalid:  # its plugin is gone; what it stored is kept
        return dict(values)


def _rounds(project_id: int, today: date) -> dict[str, tuple[Round, ...]]:
    rows = db.session.scalars(
        select(PollRound)
        .where(PollRound.project_id == project_id, PollRound.opened <= today)
        .order_by(PollRound.opened, PollRound.id)
    )
    found: dict[str, list[Round]] = defaultdict(list)
    for row in rows:
        closed = row.closed if row.closed and row.closed <= today else None
        enough = closed is not None and (row.answered or 0) >= LEAST_TO_SHOW
        found[row.poll].append(
            Round(
                visit=row.visit,
                opened=row.opened,
                closes=row.closes,
                closed=closed,
                asked=row.asked,
                answered=row.answered if enough else None,
                counts=row.results if enough else {},
            )
        )
    return {poll: tuple(rounds) for poll, rounds in found.items()}


def _plugins_on(project: Project) -> dict[str, Any]:
    """Each switched-on plugin with its settings, of the project's organisation and those it is shared with."""
    rows = db.session.scalars(
        select(PluginSwitch)
        .where(
            PluginSwitch.on,
            (PluginSwitch.organisation_id == project.organisation_id)
            | PluginSwitch.organisation_id.in_(select(Share.organisation_id).where(Share.project_id == project.id)),
        )
        .order_by(PluginSwitch.organisation_id != project.organisation_id)
    )
    found: dict[str, Any] = {}
    for row in rows:
        found.setdefault(row.plugin, _config(house().declared.plugins.get(row.plugin), row.settings))
    return found


def _config(plugin: DeclaredPlugin | None, settings: dict[str, Any]) -> Any:
    if plugin is None or plugin.config is None:
        return None
    try:
        return make(plugin.config, settings)
    except (TypeError, ValueError) as error:  # kept under an older version, which meant something else
        log.error("the settings of %s are not used: %s", plugin.slug, error)
        return plugin.config()
