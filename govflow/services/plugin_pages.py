"""Pages of plugins: asked for their parts, and their forms kept, with the reader's own rights and never half."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from govflow.domain.checks import ORGANISATION, PROJECT
from govflow.domain.declared import DeclaredPlugin
from govflow.domain.pages import Desk, OrganisationDesk, Page, Part, parts_of, send_form
from govflow.domain.picture import Picture, meant_by, plugin_case
from govflow.domain.plugin_settings import make
from govflow.domain.refusals import Invalid, NotFound, Refused
from govflow.services import registers
from govflow.services.acting import Act, By, begin
from govflow.services.closed_lists import reads_lists, without_hidden
from govflow.services.evidence import known_here
from govflow.services.findings import standings_of
from govflow.services.house import house
from govflow.services.outbox import wake_for_owed
from govflow.services.plugins import change_settings, plugin_is_on, settings_kept
from govflow.store import db

log = logging.getLogger("govflow.plugins")
T = TypeVar("T")


class PageBroken(Refused):
    """A plugin's own code went wrong on its own page. The core and every other page are untouched."""

    def __init__(self, plugin: DeclaredPlugin, page: Page) -> None:
        super().__init__(f"The page “{page.title}” of the plugin “{plugin.title}” could not be shown.")


# --- of a project -------------------------------------------------------------------------------------------


def page_asked(picture: Picture, plugin: str, name: str, *, reader: str) -> tuple[DeclaredPlugin, Page]:
    """A page of a plugin that is on here, for somebody who may see it."""
    declared = house().declared.plugins.get(plugin)
    page = declared.pages.get(name) if declared and plugin in picture.on else None
    if declared is None or page is None or page.scope != PROJECT or reader not in _readers(picture, declared, page):
        raise NotFound(f"There is no page “{name:.60}” here.")
    return declared, page


def pages_seen(picture: Picture, *, reader: str) -> list[tuple[str, Page]]:
    """Every page this member may see, with the plugin it is of."""
    return [
        (slug, page)
        for slug in picture.on
        if (declared := house().declared.plugins.get(slug))
        for page in declared.pages.values()
        if page.scope == PROJECT and reader in _readers(picture, declared, page)
    ]


def see(picture: Picture, plugin: str, name: str, *, reader: str, query: Mapping[str, str]) -> tuple[Page, list[Part]]:
    """What the page says to this reader now."""
    declared, page = page_asked(picture, plugin, name, reader=reader)
    desk = _desk(picture, declared, page, reader, query)
    return page, guarded(declared, page, lambda: parts_of(page, desk))


def send(
    project_id: int,
    *,
    plugin: str,
    name: str,
    form: str,
    given: Mapping[str, Any],
    query: Mapping[str, str],
    by: By,
    today: date,
) -> str:
    """Hand a form's answers to the plugin and keep what it wishes for; answers with a warning or nothing."""
    act = begin(project_id, "see registers", by=by, today=today)
    declared, page = page_asked(act.picture, plugin, name, reader=act.me.key)
    desk = _desk(act.picture, declared, page, act.me.key, query)
    known = known_here(act.picture, reader=act.me.key)
    verdict, _ = guarded(declared, page, lambda: send_form(page, desk, form, given, known))
    warnings = [verdict.sentence, *_grant(act, plugin, desk)]
    act.changed()
    db.session.commit()
    wake_for_owed()
    return " ".join(one for one in warnings if one)


def _grant(act: Act, plugin: str, desk: Desk) -> list[str]:
    """Keep each wish by the register's own rules; one that is refused lets none stand."""
    said = []
    for wish in desk.wishes:
        register_id = f"{plugin}.{wish.register}"
        if wish.key:
            register = registers.register_asked(act.picture, register_id, reader=act.me.key)
            entry = registers.entry_asked(act.picture, register_id, register, wish.key, reader=act.me.key)
            secret = {one.name for one in register.fields if one.secret}
            kept = {name: value for name, value in entry.values.items() if name not in secret}
            values = {} if wish.remove else {**kept, **wish.values}
            said.append(registers.change_here(act, register_id, wish.key, values, remove=wish.remove))
        else:
            said.append(registers.add_here(act, register_id, wish.values)[1])
    return said


def _readers(picture: Picture, declared: DeclaredPlugin, page: Page) -> set[str]:
    return {key for key in meant_by(picture, page.seen_by) if reads_lists(picture, declared.slug, key)}


def _desk(picture: Picture, declared: DeclaredPlugin, page: Page, reader: str, query: Mapping[str, str]) -> Desk:
    """The desk knows of any list, the plugin's own or another's, only the entries its reader may see."""
    case = plugin_case(picture, house().declared, declared, page.needs, by=reader)
    seen = {name: tuple(registers.entries_seen(picture, name, reader=reader)) for name in case.registers}
    return Desk(
        case=replace(case, registers=seen),
        reader=reader,
        query=query,
        findings=lambda: without_hidden(picture, standings_of(picture), reader=reader),
    )


# --- of an organisation -------------------------------------------------------------------------------------


def organisation_page(
    *, organisation: str, plugin: str, name: str, query: Mapping[str, str], by: By, today: date
) -> tuple[DeclaredPlugin, Page, list[Part]]:
    """A page for those who look after an organisation."""
    declared, page, desk = _organisation_desk(organisation, plugin, name, query, by, today)
    return declared, page, guarded(declared, page, lambda: parts_of(page, desk))


def organisation_send(
    *,
    organisation: str,
    plugin: str,
    name: str,
    form: str,
    given: Mapping[str, Any],
    query: Mapping[str, str],
    by: By,
    today: date,
) -> str:
    """Hand a form's answers to the plugin, and keep the settings it wishes for."""
    declared, page, desk = _organisation_desk(organisation, plugin, name, query, by, today)
    verdict, _ = guarded(declared, page, lambda: send_form(page, desk, form, given))
    if desk.settings:
        kept = settings_kept(organisation=organisation, plugin=plugin, by=by)[1]
        change_settings(organisation=organisation, plugin=plugin, given={**kept, **desk.settings}, by=by, today=today)
    return verdict.sentence


def _organisation_desk(
    organisation: str, plugin: str, name: str, query: Mapping[str, str], by: By, today: date
) -> tuple[DeclaredPlugin, Page, OrganisationDesk]:
    declared, kept = settings_kept(organisation=organisation, plugin=plugin, by=by)
    page = declared.pages.get(name)
    if page is None or page.scope != ORGANISATION or declared.config is None:
        raise NotFound(f"There is no page “{name:.60}” here.")
    return (
        declared,
        page,
        OrganisationDesk(
            organisation=organisation,
            today=today,
            on=plugin_is_on(organisation, plugin),
            config=_made(declared, kept),
            query=query,
        ),
    )


def _made(declared: DeclaredPlugin, kept: Mapping[str, Any]) -> Any:
    assert declared.config is not None
    return make(declared.config, kept)


def guarded(plugin: DeclaredPlugin, page: Page, work: Callable[[], T]) -> T:
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
