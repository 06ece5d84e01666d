"""The plugins of one project: which are on, whose they are, with which settings, and who reads their lists."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from govflow.domain.plugins.declarations import DeclaredPlugin
from govflow.domain.plugins.pages import Page
from govflow.domain.plugins.settings import SettingsBroken, for_project, make, put_together
from govflow.domain.refusals import Invalid, NotFound, Refused
from govflow.domain.snapshot import ProjectSnapshot
from govflow.domain.wording import listed
from govflow.services.base.context import context
from govflow.store import Organisation, PluginSwitch, Project, ProjectPlugin, Share, db

log = logging.getLogger("govflow.plugins")


@dataclass(frozen=True, kw_only=True)
class PluginsHere:
    """`on` maps each switched-on plugin to its settings. `lists_for` names the organisations whose members may read

    a plugin's lists; a plugin that is not in it has its lists read by everyone. `own` are on for the project's own
    organisation, and that one shares its lists of `shared` with everyone here. `off` are those that were switched
    off, each with the names of the organisations that did.
    """

    on: Mapping[str, Any]
    lists_for: Mapping[str, frozenset[int]]
    own: frozenset[str]
    shared: frozenset[str]
    off: Mapping[str, tuple[str, ...]]


def plugins_of(project: Project) -> PluginsHere:
    """What the project's own organisation switched on comes first, then each it is shared with."""
    return plugins_of_each([project])[project.id]


def plugins_of_each(projects: Collection[Project]) -> dict[int, PluginsHere]:
    """The same of several projects, by id, in one query."""
    shared_with = select(Share.organisation_id).where(Share.project_id == Project.id).correlate(Project)
    rows = db.session.execute(
        select(Project.id, PluginSwitch, Organisation.name, ProjectPlugin)
        .select_from(Project)
        .join(
            PluginSwitch,
            (PluginSwitch.organisation_id == Project.organisation_id) | PluginSwitch.organisation_id.in_(shared_with),
        )
        .join(Organisation, Organisation.id == PluginSwitch.organisation_id)
        .outerjoin(
            ProjectPlugin,
            (ProjectPlugin.project_id == Project.id)
            & (ProjectPlugin.organisation_id == PluginSwitch.organisation_id)
            & (ProjectPlugin.plugin == PluginSwitch.plugin),
        )
        .where(Project.id.in_([project.id for project in projects]))
        .order_by(PluginSwitch.organisation_id != Project.organisation_id, Organisation.slug, PluginSwitch.plugin)
    )
    found: dict[int, list[tuple[PluginSwitch, str, ProjectPlugin | None]]] = defaultdict(list)
    for project_id, switch, organisation, here in rows:
        found[project_id].append((switch, organisation, here))
    return {project.id: _put_together(project, found[project.id]) for project in projects}


def _put_together(
    project: Project, switches: Collection[tuple[PluginSwitch, str, ProjectPlugin | None]]
) -> PluginsHere:
    settings: dict[str, list[Any]] = defaultdict(list)
    whose: dict[str, set[int]] = defaultdict(set)
    shared: set[str] = set()
    own_shared: set[str] = set()
    off: dict[str, list[str]] = defaultdict(list)
    for switch, organisation, here in switches:
        if not switch.on:
            off[switch.plugin].append(organisation)
            continue
        plugin = context().declared.plugins.get(switch.plugin)
        settings[switch.plugin].append(_settings(plugin, switch.settings, here.settings if here else {}))
        whose[switch.plugin].add(switch.organisation_id)
        if here and here.shared:
            shared.add(switch.plugin)
            if switch.organisation_id == project.organisation_id:
                own_shared.add(switch.plugin)
    everyone = {switch.organisation_id for switch, _, _ in switches} | {project.organisation_id}
    return PluginsHere(
        on={plugin: _together(plugin, found) for plugin, found in settings.items()},
        lists_for={
            plugin: frozenset(of) for plugin, of in whose.items() if plugin not in shared and len(of) < len(everyone)
        },
        own=frozenset(plugin for plugin, of in whose.items() if project.organisation_id in of),
        shared=frozenset(own_shared),
        off={plugin: tuple(by) for plugin, by in off.items() if plugin not in settings},
    )


def off_here(snapshot: ProjectSnapshot) -> dict[str, str]:
    """Plugins that were switched off, by title, and by whom: what they would check is not asked here."""
    return {
        (found.title if (found := context().declared.plugins.get(slug)) else slug): listed(list(by))
        for slug, by in snapshot.off.items()
    }


def _settings(plugin: DeclaredPlugin | None, kept: Mapping[str, Any], here: Mapping[str, Any]) -> Any:
    if plugin is None or plugin.config is None:
        return None
    try:
        return make(plugin.config, {**kept, **for_project(plugin.config, here)})
    except Exception as error:  # kept under an older version, which meant something else
        log.error("the settings of %s are not used: %s", plugin.slug, error)
        # Where settings make the checks, defaults might ask nothing at all: silence never opens a gate.
        return SettingsBroken(str(error)) if plugin.ask_checks else plugin.config()


def _together(plugin: str, found: list[Any]) -> Any:
    try:
        return put_together(found)
    except Exception as error:  # the plugin's own words for it went wrong
        log.error("the settings of %s from several organisations could not be put together: %s", plugin, error)
        return SettingsBroken(str(error))


T = TypeVar("T")


class PageBroken(Refused):
    """A plugin's own code went wrong on its own page. The core and every other page are untouched."""

    def __init__(self, plugin: DeclaredPlugin, page: Page) -> None:
        super().__init__(f"The page “{page.title}” of the plugin “{plugin.title}” could not be shown.")


def run_guarded(plugin: DeclaredPlugin, page: Page, work: Callable[[], T]) -> T:
    """Whatever a plugin's code raises is its own page's trouble, and nobody else's."""
    try:
        return work()
    except (Invalid, NotFound):
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        log.exception("the page %s of plugin %s went wrong", page.slug, plugin.slug)
        raise PageBroken(plugin, page) from error
