"""Plugins of an organisation: which are on. Switching off loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from govflow.domain.gates.checks import Check
from govflow.domain.people import Role
from govflow.domain.plugins.declarations import DeclaredPlugin
from govflow.domain.plugins.settings import for_project, make, questions_for, read_settings
from govflow.domain.project_state import ProjectState
from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.domain.wording import listed
from govflow.services.base.actions import Actor, log, log_of, require_looked_after, require_strong
from govflow.services.base.context import context
from govflow.services.base.findings import refresh_findings
from govflow.services.people.organisations import leads_here
from govflow.store import (
    Admin,
    FindingRow,
    MemberRow,
    Organisation,
    PluginSwitch,
    Project,
    ProjectPlugin,
    Share,
    db,
    one_at_a_time,
    write,
)


def switches(organisation_id: int) -> dict[str, bool]:
    rows = db.session.scalars(select(PluginSwitch).where(PluginSwitch.organisation_id == organisation_id))
    return {row.plugin: row.on for row in rows}


def organisations_of(person_id: int, *, project_ids: list[int]) -> list[tuple[Organisation, bool]]:
    """The organisations whose plugins this person may look at, and whether they may switch them."""
    mine = select(Project.organisation_id).where(Project.id.in_(project_ids))
    rows = db.session.execute(
        select(Organisation, Admin.person_id)
        .outerjoin(Admin, (Admin.organisation_id == Organisation.id) & (Admin.person_id == person_id))
        .where(Admin.person_id.is_not(None) | Organisation.id.in_(mine))
        .order_by(Organisation.name)
    )
    return [(row, admin is not None) for row, admin in rows]


def installed() -> list[DeclaredPlugin]:
    return [context().declared.plugins[slug] for slug in sorted(context().declared.plugins)]


def plugin_is_on(organisation: str, plugin: str) -> bool:
    query = select(PluginSwitch.on).join(Organisation, Organisation.id == PluginSwitch.organisation_id)
    return bool(db.session.scalar(query.where(Organisation.slug == organisation, PluginSwitch.plugin == plugin)))


def settings_of(organisation: str, plugin: str) -> dict[str, Any]:
    """What an organisation, which may not be there yet, has set for a plugin."""
    row = db.session.scalar(
        select(PluginSwitch)
        .join(Organisation, Organisation.id == PluginSwitch.organisation_id)
        .where(Organisation.slug == organisation, PluginSwitch.plugin == plugin)
    )
    return row.settings if row else {}


def second_ones() -> list[str]:
    """Plugins that are not used because another has their name, a sentence each."""
    return list(context().declared.refused)


def checks_here(organisation_id: int, plugin: DeclaredPlugin) -> list[Check]:
    """The checks of a plugin as this organisation's settings make them."""
    row = db.session.get(PluginSwitch, (organisation_id, plugin.slug))
    config = make(plugin.config, row.settings if row else {}) if plugin.config else None
    return list(plugin.checks_with(config).values())


def switch(*, organisation: str, plugin: str, on: bool, by: Actor | None, today: date) -> None:
    """Switch a plugin on or off for one organisation, and work its projects' findings out again."""
    found, row = _begin(organisation, plugin, by)
    if by is not None and not on and leads_here(found.id, by.person_id, today):
        raise NotAllowed("You lead a project that this would change. Ask another admin to switch it off.")
    row.on = on
    _finish(found, "plugin.on" if on else "plugin.off", plugin, by=by, today=today)


def settings_kept(*, organisation: str, plugin: str, by: Actor) -> tuple[DeclaredPlugin, dict[str, Any]]:
    """A plugin and its settings for an organisation this person looks after, defaults included."""
    found = _mine(organisation, by)
    declared = context().declared.plugins.get(plugin)
    if declared is None or declared.config is None:
        raise NotFound(f"The plugin “{plugin:.64}” has no settings.")
    row = db.session.get(PluginSwitch, (found.id, plugin))
    return declared, asdict(make(declared.config, row.settings if row else {}))


def change_settings(*, organisation: str, plugin: str, given: Mapping[str, Any], by: Actor, today: date) -> None:
    """Keep an organisation's settings of a plugin, and work its projects' findings out again with them."""
    found, row = _begin(organisation, plugin, by)
    declared = context().declared.plugins.get(plugin)
    if declared is None or declared.config is None:
        raise NotFound(f"The plugin “{plugin:.64}” has no settings.")
    settings = read_settings(plugin, declared.config, given)
    if declared.ask_checks and "settings" in declared.ask_checks(make(declared.config, settings)):
        raise Invalid(f"{plugin} cannot make its checks from these settings. Nothing was changed.")
    row.settings = settings
    _finish(found, "plugin.settings", plugin, by=by, today=today)


@dataclass(frozen=True, kw_only=True)
class InProject:
    """How a plugin of one organisation works in one of its projects."""

    project: Project
    settings: dict[str, Any]
    shared: bool
    with_others: bool


def in_project(*, organisation: str, plugin: str, project: str, by: Actor) -> tuple[DeclaredPlugin, InProject]:
    """What an organisation chose for a plugin in one project; defaults are its settings for all projects."""
    found = _mine(organisation, by)
    declared = context().declared.plugins.get(plugin)
    row = _project_of(found, project)
    if declared is None or row is None:
        raise NotFound(f"There is no project “{project:.64}” of this organisation.")
    return declared, _in_project(found, declared, row)


def projects_of(*, organisation: str, by: Actor) -> list[Project]:
    """The projects of an organisation that are not closed, those shared with it included."""
    found = require_looked_after(organisation, by)
    rows = db.session.scalars(
        _its_projects(found.id).where(Project.state != ProjectState.CLOSED).order_by(Project.title, Project.id)
    )
    return list(rows)


def change_in_project(
    *, organisation: str, plugin: str, project: str, given: Mapping[str, Any], shared: bool, by: Actor, today: date
) -> None:
    """Keep what an organisation chooses for a plugin in one project: its settings there, and who reads its lists."""
    found, switch = _begin(organisation, plugin, by)
    declared = context().declared.plugins.get(plugin)
    row = _project_of(found, project)
    if declared is None or row is None:
        raise NotFound(f"There is no project “{project:.64}” of this organisation.")
    if by is not None and leads_here(found.id, by.person_id, today, project_id=row.id):
        raise NotAllowed("You lead this project. Ask another admin to change how its checks work.")
    settings: dict[str, Any] = {}
    if declared.config is not None and questions_for(declared.config, per_project=True):
        beside = asdict(make(declared.config, switch.settings))
        settings = read_settings(plugin, declared.config, given, beside=beside)
    here = db.session.get(ProjectPlugin, (row.id, found.id, plugin))
    if here is None:
        here = ProjectPlugin(project_id=row.id, organisation_id=found.id, plugin=plugin)
        db.session.add(here)
    here.settings, here.shared = settings, shared
    locked = _locked(row.id)
    log(locked, "plugin.project", by=by, today=today, plugin=plugin)
    locked.version += 1
    refresh_findings(locked, today=today)
    db.session.commit()


def _locked(project_id: int) -> Project:
    """Lock a project within a transaction that has begun."""
    return db.session.execute(
        select(Project).where(Project.id == project_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()


def _its_projects(organisation_id: int) -> Any:
    shared = select(Share.project_id).where(Share.organisation_id == organisation_id)
    return select(Project).where((Project.organisation_id == organisation_id) | Project.id.in_(shared))


def _project_of(organisation: Organisation, slug: str) -> Project | None:
    found: Project | None = db.session.scalar(_its_projects(organisation.id).where(Project.slug == slug))
    return found


def _in_project(organisation: Organisation, declared: DeclaredPlugin, project: Project) -> InProject:
    switch = db.session.get(PluginSwitch, (organisation.id, declared.slug))
    here = db.session.get(ProjectPlugin, (project.id, organisation.id, declared.slug))
    settings: dict[str, Any] = {}
    if declared.config is not None:
        kept = {**(switch.settings if switch else {}), **for_project(declared.config, here.settings if here else {})}
        settings = asdict(make(declared.config, kept))
    shares = select(func.count()).select_from(Share).where(Share.project_id == project.id)
    return InProject(
        project=project,
        settings=settings,
        shared=bool(here and here.shared),
        with_others=bool(db.session.scalar(shares)),
    )


def _mine(organisation: str, by: Actor | None) -> Organisation:
    """An organisation this person looks after, once they have shown that it is them."""
    found = require_looked_after(organisation, by)
    require_strong(by)
    return found


def _begin(organisation: str, plugin: str, by: Actor | None) -> tuple[Organisation, PluginSwitch]:
    write()
    found = _mine(organisation, by)
    one_at_a_time(f"plugins of {found.id}")
    row = db.session.get(PluginSwitch, (found.id, plugin))
    if row is None:
        if plugin not in context().declared.plugins:
            names = listed(sorted(context().declared.plugins)) or "none"
            raise Invalid(f"There is no plugin “{plugin:.64}”. Installed: {names}.")
        row = PluginSwitch(organisation_id=found.id, plugin=plugin, on=False)
        db.session.add(row)
    return found, row


def _finish(found: Organisation, verb: str, plugin: str, *, by: Actor | None, today: date) -> None:
    """Tell the history of the organisation and of its projects, and work their findings out again."""
    log_of(found.id, verb, by=by, today=today, plugin=plugin)
    led = _led_by(by.person_id, today) if by else set()
    for project in db.session.scalars(_its_projects(found.id).order_by(Project.id).with_for_update()).all():
        held = _holding(project.id) if project.id in led else set()
        log(project, verb, by=by, today=today, plugin=plugin)
        project.version += 1
        refresh_findings(project, today=today)
        db.session.flush()
        if held - _holding(project.id):
            raise NotAllowed(
                "You lead a project whose gate would ask for less after this. Ask another admin to change it."
            )
    db.session.commit()


def _holding(project_id: int) -> set[tuple[str, str]]:
    """What holds a project's gate, by the derived rows."""
    rows = select(FindingRow.check, FindingRow.subject).where(
        FindingRow.project_id == project_id, FindingRow.open, FindingRow.holds
    )
    return {(row.check, row.subject) for row in db.session.execute(rows)}


def _led_by(person_id: int, today: date) -> set[int]:
    """The projects this person leads today."""
    rows = select(MemberRow.project_id).where(
        MemberRow.person_id == person_id,
        MemberRow.role == Role.LEAD,
        MemberRow.joined <= today,
        MemberRow.left.is_(None) | (MemberRow.left > today),
    )
    return set(db.session.scalars(rows))


def described() -> list[dict[str, object]]:
    """Every installed plugin as the command line says it; `on` names the organisations it is on for."""
    rows = db.session.execute(
        select(PluginSwitch.plugin, Organisation.slug)
        .join(Organisation, Organisation.id == PluginSwitch.organisation_id)
        .where(PluginSwitch.on)
        .order_by(Organisation.slug)
    ).all()
    return [
        {
            "slug": plugin.slug,
            "version": plugin.version,
            "on": [organisation for slug, organisation in rows if slug == plugin.slug],
            "broken": plugin.problem or None,
            "checks": [
                {
                    "id": f"{plugin.slug}.{check.slug}",
                    "stages": list(check.stages),
                    "about": check.about.register or check.about.kind,
                    "questions": [{"name": q.name, "kind": q.kind, "required": q.required} for q in check.questions],
                }
                for check in plugin.checks.values()
            ],
            "registers": [
                {"id": f"{plugin.slug}.{register.slug}", "fields": [field.name for field in register.fields]}
                for register in plugin.registers.values()
            ],
            "documents": [f"{plugin.slug}.{slug}" for slug in plugin.documents],
            "lifecycles": [f"{plugin.slug}.{slug}" for slug in plugin.lifecycles],
            "pages": [f"{plugin.slug}.{slug}" for slug in plugin.pages],
            "trace": plugin.trace or None,
            "polls": [f"{plugin.slug}.{slug}" for slug in plugin.polls],
        }
        for plugin in installed()
    ]
