"""Lists that plugins declare: drawn by the core, filtered, taken away as CSV, JSON or a calendar, with history."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for

from govflow.domain.gates.checks import Entry
from govflow.domain.project_state import ProjectState
from govflow.domain.questions import KINDS, Known, in_words
from govflow.domain.refusals import Invalid, NotFound, Refused
from govflow.domain.registers.registers import Register, label_of
from govflow.services.polls.definition import votes_on
from govflow.services.registers import registers
from govflow.services.registers.calendar_feeds import events_of
from govflow.services.registers.files import file_seen
from govflow.web.access import ProjectView, by, in_project, row_id
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, form_for, read_form, summary, takes_files
from govflow.web.registers.blueprint import bp
from govflow.web.registers.calendar import as_calendar

ON_A_PAGE = 50
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins so is a formula to a spreadsheet."""


@bp.route("/projects/<slug>/<plugin>/<name>/add", methods=["GET", "POST"])
@takes_files
@in_project("see registers")
def add_entry(here: ProjectView, plugin: str, name: str) -> Any:
    register_id, register = _find_register(here, plugin, name)
    if not registers.may_add(here.snapshot, register_id, register, here.key or ""):
        abort(403)

    def save() -> Any:
        warning = registers.add(
            here.project.id, register_id=register_id, given=read_form(register.fields), by=by(), today=here.today
        )
        return _go_to_list(here, plugin, name, warning)

    return answer_form(
        register.fields,
        save,
        "registers/entry.html",
        known=lambda: _known_to(here, register),
        here=here,
        register=register,
        plugin=plugin,
        name=name,
        entry=None,
        versions=[],
    )


@bp.route("/projects/<slug>/<plugin>/<name>/<key>", methods=["GET", "POST"])
@takes_files
@in_project("see registers")
def entry(here: ProjectView, plugin: str, name: str, key: str) -> Any:
    register_id, register = _find_register(here, plugin, name)
    try:
        row = registers.entry_asked(here.snapshot, register_id, register, key, reader=here.key or "")
    except NotFound:
        abort(404)
    if request.args.get("as") == "ics" and register.calendar:
        return _ics(here, register, register_id, [row], key)
    refusal = None
    if request.method == "POST":
        try:
            return _act_on(here, plugin, name, register, key)
        except Invalid as error:
            refusal = error
    return _entry_page(here, plugin, name, register, row, refusal)


@bp.get("/projects/<slug>/files/<key>")
@in_project("see registers")
def file(here: ProjectView, key: str) -> Any:
    found = file_seen(here.project.id, here.snapshot, key, reader=here.key or "")
    answer = Response(found.data, mimetype=found.type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def list_page(here: ProjectView, plugin: str, name: str) -> Any:
    """The list as a page, or to take away: `?as=csv`, `?as=json`, `?as=ics`."""
    register_id, register = _find_register(here, plugin, name)
    seen = registers.entries_seen(here.snapshot, register_id, reader=here.key or "")
    today = _known_to(here, register, seen)
    known = replace(today, people=here.snapshot.names())
    chosen = {
        field.name: request.args.get(f"f-{field.name}", "") for field in register.fields if KINDS[field.kind].filters
    }
    words = " ".join(request.args.get("q", "").split())[:100]
    asked_for = bool(words) or any(chosen.values())
    found = [row for row in seen if not asked_for or _fits(row, _cells(register, row, known), chosen, words)]
    match request.args.get("as"):
        case "csv":
            return _csv(register, name, [_cells(register, row, known) for row in found])
        case "json":
            return _json(register_id, name, found)
        case "ics" if register.calendar:
            return _ics(here, register, register_id, found, name)
        case None:
            pass
        case _:
            abort(404)
    page = max(1, row_id(request.args.get("page")) or 1)
    shown = found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    asked = {key: value for key, value in request.args.items() if key not in ("page", "as") and value}
    return render_template(
        "registers/register.html",
        here=here,
        register=register,
        plugin=plugin,
        name=name,
        rows=[
            {
                "key": row.key,
                "label": label_of(register, row.values, here.snapshot.names(), row.key),
                "cells": _with_fields(register, row, _cells(register, row, known)),
                "approved": row.approved_on,
            }
            for row in shown
        ],
        hidden=not register.quiet and len(here.snapshot.entries.get(register_id, ())) > len(seen),
        may_add=here.project.state != ProjectState.CLOSED
        and registers.may_add(here.snapshot, register_id, register, here.key or ""),
        filters=_filters(register, seen, chosen, today) if len(seen) > 1 else [],
        words=words,
        total=len(found),
        of=len(seen),
        page=page,
        pages=-(-len(found) // ON_A_PAGE),
        asked=asked,
    )


def _cells(register: Register, row: Entry, known: Known) -> dict[str, str]:
    """What stands in an entry, in words."""
    return {
        field.name: in_words(field, row.values[field.name], known)
        for field in register.fields
        if field.name in row.values
    }


def _with_fields(register: Register, row: Entry, cells: dict[str, str]) -> list[tuple[Any, str, Any]]:
    return [(field, cells.get(field.name, ""), row.values.get(field.name)) for field in register.fields]


def _fits(row: Entry, cells: dict[str, str], chosen: dict[str, str], words: str) -> bool:
    for name, wanted in chosen.items():
        value: Any = row.values.get(name)
        had = value if isinstance(value, list) else [value]
        if wanted and wanted not in [_choice_as_text(value) for value in had]:
            return False
    text = " ".join(cells.values()).casefold()
    return all(word in text for word in words.casefold().split())


def _choice_as_text(value: Any) -> Any:
    """A value as a form says it."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _filters(register: Register, seen: Sequence[Entry], chosen: dict[str, str], known: Known) -> list[dict[str, Any]]:
    """A choice for each field that can be filtered by, offering only what stands in some entry."""
    found = []
    for field in register.fields:
        if not KINDS[field.kind].filters:
            continue
        values = [row.values[field.name] for row in seen if field.name in row.values]
        there = list(
            dict.fromkeys(choice for value in values for choice in (value if isinstance(value, list) else [value]))
        )
        options = [{"value": "", "text": "All"}]
        for choice in there:
            value = _choice_as_text(choice)
            alone = [choice] if KINDS[field.kind].several else choice
            options.append(
                {"value": value, "text": in_words(field, alone, known), "selected": chosen.get(field.name) == value}
            )
        if len(there) > 1 or chosen.get(field.name):
            found.append({"name": f"f-{field.name}", "label": field.label, "options": options})
    return found


# --- one entry ------------------------------------------------------------------------------------------------


def _act_on(here: ProjectView, plugin: str, name: str, register: Register, key: str) -> Any:
    register_id = f"{plugin}.{name}"
    match request.form.get("do"):
        case "approve":
            registers.approve(
                here.project.id,
                register_id=register_id,
                key=key,
                number=row_id(request.form.get("number")) or 0,
                by=by(),
                today=here.today,
            )
            return flash_and_redirect(
                "Approved.", "registers.entry", slug=here.project.slug, plugin=plugin, name=name, key=key
            )
        case "open":
            text = registers.open_secret(
                here.project.id,
                register_id=register_id,
                key=key,
                field=request.form.get("field", ""),
                by=by(),
                today=here.today,
            )
            label = next(field.label for field in register.fields if field.name == request.form["field"])
            return render_template(
                "registers/opened.html", here=here, register=register, plugin=plugin, name=name, label=label, text=text
            )
        case _:
            warning = registers.change(
                here.project.id,
                register_id=register_id,
                key=key,
                given=read_form(register.fields),
                by=by(),
                today=here.today,
                remove=request.form.get("remove") == "yes",
            )
            return _go_to_list(here, plugin, name, warning)


def _entry_page(
    here: ProjectView, plugin: str, name: str, register: Register, row: Entry, refusal: Invalid | None
) -> Any:
    register_id, reader = f"{plugin}.{name}", here.key or ""
    open_project = here.project.state != ProjectState.CLOSED
    may_change = open_project and registers.may_add(here.snapshot, register_id, register, reader)
    kept = {
        field.name: row.values[field.name] for field in register.fields if field.name in row.values and not field.secret
    }
    form = form_for(register.fields, _known_to(here, register, [row]), kept, refusal) if may_change else None
    versions = registers.history_of(here.project, register_id, register, row.key)
    sealed = [
        field
        for field in register.fields
        if field.secret
        and isinstance(versions[0].values.get(field.name), dict)
        and "sealed" in versions[0].values[field.name]
        and registers.may_open(here.snapshot, register, row, reader)
    ]
    page = render_template(
        "registers/entry.html",
        here=here,
        register=register,
        plugin=plugin,
        name=name,
        form=form,
        entry=row,
        summary=summary(form, refusal),
        versions=_versions(here, register, versions),
        number=versions[0].number,
        label=label_of(register, row.values, here.snapshot.names(), row.key),
        sealed=sealed,
        votes=votes_on(here.snapshot, register_id, row.key) if here.may("see poll results") else [],
        may_approve=open_project
        and row.approved_on is None
        and here.me is not None
        and not registers.why_not_approve(here.project, here.snapshot, register_id, register, row, here.me),
        approver=here.snapshot.names().get(row.approved_by or "", ""),
    )
    return page, 422 if refusal else 200


def _find_register(here: ProjectView, plugin: str, name: str) -> tuple[str, Register]:
    register_id = f"{plugin}.{name}"
    try:
        return register_id, registers.register_asked(here.snapshot, register_id, reader=here.key or "")
    except Refused:
        abort(404)


def _known_to(here: ProjectView, register: Register, entries: Sequence[Any] = ()) -> Known:
    return registers.known_for(here.project.id, here.snapshot, register, reader=here.key or "", entries=entries)


def _to_read(here: ProjectView, register: Register, entries: Sequence[Any]) -> Known:
    """What stands in entries, in words: people who have left keep their names."""
    return replace(_known_to(here, register, entries), people=here.snapshot.names())


def _go_to_list(here: ProjectView, plugin: str, name: str, warning: str) -> Any:
    flash(warning or "Kept.", "warning" if warning else "success")
    return redirect(url_for("plugins.project_page", slug=here.project.slug, plugin=plugin, name=name))


def _versions(here: ProjectView, register: Register, versions: Sequence[Any]) -> list[dict[str, Any]]:
    known = _to_read(here, register, versions)
    fields = {field.name: field for field in register.fields}
    names = {member.id: member.name for member in here.snapshot.everyone}
    return [
        {
            "on": version.on,
            "by": names.get(version.member_id or 0, "someone who has left"),
            "removed": version.removed,
            "lines": [
                (fields[name], in_words(fields[name], value, known), value)
                for name, value in version.values.items()
                if name in fields
            ],
        }
        for version in versions
    ]


# --- to take away ---------------------------------------------------------------------------------------------


def _csv(register: Register, name: str, rows: Sequence[dict[str, str]]) -> Response:
    """For spreadsheets: every cell in words, and none of them a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_plain(field.label) for field in register.fields])
    for cells in rows:
        writer.writerow([_plain(cells.get(field.name, "")) for field in register.fields])
    return _download("\ufeff" + out.getvalue(), "text/csv", f"{name}.csv")


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(RISKY) else cell


def _json(register_id: str, name: str, rows: Sequence[Entry]) -> Response:
    """For programs: values as they are kept, people and entries by key."""
    said = {
        "register": register_id,
        "entries": [{"key": row.key, "on": row.on, "values": dict(row.values)} for row in rows],
    }
    return _download(
        json.dumps(said, default=_as_text, ensure_ascii=False, indent=1), "application/json", f"{name}.json"
    )


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def _ics(here: ProjectView, register: Register, register_id: str, rows: Sequence[Entry], filename: str) -> Response:
    """For calendars: what is listed, each by its own name."""
    names = here.snapshot.names()
    events = [
        replace(event, name=label_of(register, row.values, names, row.key))
        for row in rows
        for event in events_of(register, register_id, [row], here.project)
    ]
    return _download(as_calendar(events).decode(), "text/calendar", f"{filename}.ics")


def _download(text: str, kind: str, filename: str) -> Response:
    answer = Response(text, mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=filename)
    return answer
