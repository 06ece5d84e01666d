"""Lists that plugins declare: drawn by the core, with history."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from govflow.domain.questions import in_words
from govflow.domain.refusals import Invalid, NotFound, Refused
from govflow.domain.registers import Register, label_of
from govflow.services import registers
from govflow.services.evidence import known_here
from govflow.services.house import house
from govflow.web.access import Here, by, in_project
from govflow.web.forms import form_for, summary, typed


def add_routes(pages: Blueprint) -> None:
    @pages.get("/projects/<slug>/<plugin>/<name>")
    @in_project("see registers")
    def listed(here: Here, plugin: str, name: str) -> Any:
        register_id, register = _asked(here, plugin, name)
        known = here.picture.known(house().declared)
        rows = registers.entries_seen(here.picture, register_id, register, reader=here.key or "")
        return render_template(
            "register.html",
            here=here,
            register=register,
            plugin=plugin,
            name=name,
            rows=[
                {
                    "key": row.key,
                    "label": label_of(register, row.values, here.picture.names(), row.key),
                    "cells": [
                        (field, in_words(field, row.values[field.name], known) if field.name in row.values else "")
                        for field in register.fields
                    ],
                }
                for row in rows
            ],
            hidden=len(here.picture.entries.get(register_id, ())) - len(rows),
            may_add=here.project.state != "closed"
            and registers.may_add(here.picture, register_id, register, here.key or ""),
        )

    @pages.route("/projects/<slug>/<plugin>/<name>/add", methods=["GET", "POST"])
    @in_project("see registers")
    def add_entry(here: Here, plugin: str, name: str) -> Any:
        register_id, register = _asked(here, plugin, name)
        if not registers.may_add(here.picture, register_id, register, here.key or ""):
            abort(403)
        refusal = None
        if request.method == "POST":
            try:
                warning = registers.add(
                    here.project.id, register_id=register_id, given=typed(register.fields), by=by(), today=here.today
                )
                return _kept(here, plugin, name, warning)
            except Invalid as error:
                refusal = error
        form = form_for(register.fields, known_here(here.picture), None, refusal)
        page = render_template(
            "entry.html",
            here=here,
            register=register,
            plugin=plugin,
            name=name,
            form=form,
            entry=None,
            summary=summary(form, refusal),
            versions=[],
        )
        return page, 422 if refusal else 200

    @pages.route("/projects/<slug>/<plugin>/<name>/<key>", methods=["GET", "POST"])
    @in_project("see registers")
    def entry(here: Here, plugin: str, name: str, key: str) -> Any:
        register_id, register = _asked(here, plugin, name)
        try:
            row = registers.entry_asked(here.picture, register_id, register, key, reader=here.key or "")
        except NotFound:
            abort(404)
        refusal = None
        if request.method == "POST":
            try:
                warning = registers.change(
                    here.project.id,
                    register_id=register_id,
                    key=key,
                    given=typed(register.fields),
                    by=by(),
                    today=here.today,
                    remove=request.form.get("remove") == "yes",
                )
                return _kept(here, plugin, name, warning)
            except Invalid as error:
                refusal = error
        may_change = here.project.state != "closed" and registers.may_add(
            here.picture, register_id, register, here.key or ""
        )
        form = form_for(register.fields, known_here(here.picture), row.values, refusal) if may_change else None
        page = render_template(
            "entry.html",
            here=here,
            register=register,
            plugin=plugin,
            name=name,
            form=form,
            entry=row,
            summary=summary(form, refusal),
            versions=_versions(here, register_id, register, key),
            label=label_of(register, row.values, here.picture.names(), row.key),
        )
        return page, 422 if refusal else 200


def _asked(here: Here, plugin: str, name: str) -> tuple[str, Register]:
    register_id = f"{plugin}.{name}"
    try:
        return register_id, registers.register_asked(here.picture, register_id)
    except Refused:
        abort(404)


def _kept(here: Here, plugin: str, name: str, warning: str) -> Any:
    flash(warning or "Kept.", "warning" if warning else "success")
    return redirect(url_for("pages.listed", slug=here.project.slug, plugin=plugin, name=name))


def _versions(here: Here, register_id: str, register: Register, key: str) -> list[dict[str, Any]]:
    known = here.picture.known(house().declared)
    fields = {field.name: field for field in register.fields}
    names = {getattr(one, "id", 0): one.name for one in here.picture.everyone}
    return [
        {
            "on": one.on,
            "by": names.get(one.member_id or 0, "someone who has left"),
            "removed": one.removed,
            "lines": [
                (fields[name].label, in_words(fields[name], value, known))
                for name, value in one.values.items()
                if name in fields
            ],
        }
        for one in registers.history_of(here.project.id, register_id, key)
    ]
