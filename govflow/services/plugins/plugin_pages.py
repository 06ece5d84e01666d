"""Pages of plugins: asked for their parts, and their forms kept, with the reader's own rights and never half."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from govflow.domain.gates.checks import ORGANISATION, PROJECT
from govflow.domain.plugins.declarations import DeclaredPlugin
from govflow.domain.plugins.pages import Desk, OrganisationDesk, Page, Part, parts_of, send_form
from govflow.domain.plugins.settings import make
from govflow.domain.refusals import NotFound
from govflow.domain.snapshot import ProjectSnapshot, meant_by, plugin_case
from govflow.services.base.actions import Action, Actor, start_action
from govflow.services.base.context import context
from govflow.services.base.findings import judge_now
from govflow.services.base.project_plugins import run_guarded
from govflow.services.base.register_access import reads_lists, without_hidden
from govflow.services.gates.evidence import known_here
from govflow.services.mail.outbox import wake_for_owed
from govflow.services.plugins.plugins import change_settings, plugin_is_on, settings_kept
from govflow.services.registers import registers
from govflow.store import db

log = logging.getLogger("govflow.plugins")


# --- of a project -------------------------------------------------------------------------------------------


def page_asked(snapshot: ProjectSnapshot, plugin: str, name: str, *, reader: str) -> tuple[DeclaredPlugin, Page]:
    """A page of a plugin that is on here, for somebody who may see it."""
    declared = context().declared.plugins.get(plugin)
    page = declared.pages.get(name) if declared and plugin in snapshot.on else None
    if declared is None or page is None or page.scope != PROJECT or reader not in _readers(snapshot, declared, page):
        raise NotFound(f"There is no page “{name:.60}” here.")
    return declared, page


def pages_seen(snapshot: ProjectSnapshot, *, reader: str) -> list[tuple[str, Page]]:
    """Every page this member may see, with the plugin it is of."""
    return [
        (slug, page)
        for slug in snapshot.on
        if (declared := context().declared.plugins.get(slug))
        for page in declared.pages.values()
        if page.scope == PROJECT and reader in _readers(snapshot, declared, page)
    ]


def see(
    snapshot: ProjectSnapshot, plugin: str, name: str, *, reader: str, query: Mapping[str, str]
) -> tuple[Page, list[Part]]:
    """What the page says to this reader now."""
    declared, page = page_asked(snapshot, plugin, name, reader=reader)
    desk = _desk(snapshot, declared, page, reader, query)
    return page, run_guarded(declared, page, lambda: parts_of(page, desk))


def send(
    project_id: int,
    *,
    plugin: str,
    name: str,
    form: str,
    given: Mapping[str, Any],
    query: Mapping[str, str],
    by: Actor,
    today: date,
) -> str:
    """Hand a form's answers to the plugin and keep what it wishes for; answers with a warning or nothing."""
    action = start_action(project_id, "see registers", by=by, today=today)
    declared, page = page_asked(action.snapshot, plugin, name, reader=action.me.key)
    desk = _desk(action.snapshot, declared, page, action.me.key, query)
    known = known_here(action.snapshot, reader=action.me.key)
    verdict, _ = run_guarded(declared, page, lambda: send_form(page, desk, form, given, known))
    warnings = [verdict.sentence, *_grant(action, plugin, desk)]
    action.mark_changed()
    db.session.commit()
    wake_for_owed()
    return " ".join(member for member in warnings if member)


def _grant(action: Action, plugin: str, desk: Desk) -> list[str]:
    """Keep each wish by the register's own rules; one that is refused lets none stand."""
    said = []
    for wish in desk.wishes:
        register_id = f"{plugin}.{wish.register}"
        if wish.key:
            register = registers.register_asked(action.snapshot, register_id, reader=action.me.key)
            entry = registers.entry_asked(action.snapshot, register_id, register, wish.key, reader=action.me.key)
            secret = {question.name for question in register.fields if question.secret}
            kept = {name: value for name, value in entry.values.items() if name not in secret}
            values = {} if wish.remove else {**kept, **wish.values}
            said.append(registers.change_here(action, register_id, wish.key, values, remove=wish.remove))
        else:
            said.append(registers.add_here(action, register_id, wish.values)[1])
    return said


def _readers(snapshot: ProjectSnapshot, declared: DeclaredPlugin, page: Page) -> set[str]:
    return {key for key in meant_by(snapshot, page.seen_by) if reads_lists(snapshot, declared.slug, key)}


def _desk(
    snapshot: ProjectSnapshot, declared: DeclaredPlugin, page: Page, reader: str, query: Mapping[str, str]
) -> Desk:
    """The desk knows of any list, the plugin's own or another's, only the entries its reader may see."""
    case = plugin_case(snapshot, context().declared, declared, page.needs, by=reader)
    seen = {name: tuple(registers.entries_seen(snapshot, name, reader=reader)) for name in case.registers}
    return Desk(
        case=replace(case, registers=seen),
        reader=reader,
        query=query,
        findings=lambda: without_hidden(snapshot, judge_now(snapshot), reader=reader),
    )


# --- of an organisation -------------------------------------------------------------------------------------


def organisation_page(
    *, organisation: str, plugin: str, name: str, query: Mapping[str, str], by: Actor, today: date
) -> tuple[DeclaredPlugin, Page, list[Part]]:
    """A page for those who look after an organisation."""
    declared, page, desk = _organisation_desk(organisation, plugin, name, query, by, today)
    return declared, page, run_guarded(declared, page, lambda: parts_of(page, desk))


def organisation_send(
    *,
    organisation: str,
    plugin: str,
    name: str,
    form: str,
    given: Mapping[str, Any],
    query: Mapping[str, str],
    by: Actor,
    today: date,
) -> str:
    """Hand a form's answers to the plugin, and keep the settings it wishes for."""
    declared, page, desk = _organisation_desk(organisation, plugin, name, query, by, today)
    verdict, _ = run_guarded(declared, page, lambda: send_form(page, desk, form, given))
    if desk.settings:
        kept = settings_kept(organisation=organisation, plugin=plugin, by=by)[1]
        change_settings(organisation=organisation, plugin=plugin, given={**kept, **desk.settings}, by=by, today=today)
    return verdict.sentence


def _organisation_desk(
    organisation: str, plugin: str, name: str, query: Mapping[str, str], by: Actor, today: date
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
