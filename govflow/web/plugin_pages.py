"""What plugins declared, at its address: lists, documents, and pages whose parts the core draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for

from govflow.domain.plugins.pages import Chart, File, Form, Link, Part, Table, Text, blocks_of, placed
from govflow.domain.questions import NOBODY, Known
from govflow.domain.refusals import Invalid, NotFound
from govflow.domain.wording import day
from govflow.services.base.context import context
from govflow.services.gates.evidence import known_here
from govflow.services.plugins import plugin_pages
from govflow.web.access import Here, by, in_project, signed_in, today
from govflow.web.answers import done
from govflow.web.documents import document_page
from govflow.web.forms import form_for, summary, typed
from govflow.web.registers import list_page

MOST_QUERY = 20


def add_routes(pages: Blueprint) -> None:
    @pages.route("/projects/<slug>/<plugin>/<name>", methods=["GET", "POST"])
    @in_project("see registers")
    def listed(here: Here, plugin: str, name: str) -> Any:
        declared = context().declared.plugins.get(plugin)
        if declared is None or plugin not in here.snapshot.on:
            abort(404)
        if name in declared.registers and request.method == "POST":
            abort(405)
        if name in declared.registers:
            return list_page(here, plugin, name)
        return document_page(here, plugin, name) if name in declared.documents else _project_page(here, plugin, name)

    @pages.route("/plugins/<plugin>/<name>/<organisation>", methods=["GET", "POST"])
    @signed_in
    def organisation_page(plugin: str, name: str, organisation: str) -> Any:
        where = {"organisation": organisation, "plugin": plugin, "name": name}
        declared, page, parts = plugin_pages.organisation_page(**where, query=_query(), by=by(), today=today())
        refusal = None
        if request.method == "POST":
            slug = request.form.get("form", "")
            try:
                warning = plugin_pages.organisation_send(
                    **where, form=slug, given=_given(parts, slug), query=_query(), by=by(), today=today()
                )
                return done(warning or "Kept.", "pages.organisation_page", **where)
            except Invalid as error:
                refusal = error
        taken = _file(parts)
        if taken is not None:
            return taken
        shown = drawn(parts, NOBODY, refusal, link=lambda one: _organisation_link(one, where), file=request.path)
        html = render_template("organisation_page.html", page=page, plugin=declared, parts=shown, person=g.person)
        return html, 422 if refusal else 200


def _project_page(here: Here, plugin: str, name: str) -> Any:
    reader = here.key or ""
    page, parts = plugin_pages.see(here.snapshot, plugin, name, reader=reader, query=_query())
    refusal = None
    if request.method == "POST":
        slug = request.form.get("form", "")
        try:
            warning = plugin_pages.send(
                here.project.id,
                plugin=plugin,
                name=name,
                form=slug,
                given=_given(parts, slug),
                query=_query(),
                by=by(),
                today=here.today,
            )
            flash(warning or "Kept.", "success")
            return _back_to(url_for("pages.listed", slug=here.project.slug, plugin=plugin, name=name))
        except Invalid as error:
            refusal = error
    taken = _file(parts)
    if taken is not None:
        return taken
    known = known_here(here.snapshot, reader=reader)
    shown = drawn(parts, known, refusal, link=lambda one: _link(here, plugin, one), file=request.path)
    return render_template("plugin_page.html", here=here, page=page, parts=shown), 422 if refusal else 200


def _back_to(path: str) -> Any:
    """The page again, with what stood in its address."""
    query = request.query_string.decode("ascii", "ignore")
    return redirect(f"{path}?{query}" if query else path)


def _query() -> dict[str, str]:
    return {key: value for key, value in list(request.args.items())[:MOST_QUERY] if key != "file"}


def _given(parts: Sequence[Part], slug: str) -> dict[str, Any]:
    form = next((one for one in parts if isinstance(one, Form) and one.slug == slug), None)
    if form is None:
        raise NotFound("This form is not on the page any more.")
    return typed(form.fields)


def _file(parts: Sequence[Part]) -> Response | None:
    """The file that was asked for by name, where the page has it."""
    wanted = request.args.get("file")
    if wanted is None or request.method != "GET":
        return None
    found = next((one for one in parts if isinstance(one, File) and one.name == wanted), None)
    if found is None:
        abort(404)
    answer = Response(found.text, mimetype=found.type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


def drawn(
    parts: Sequence[Part], known: Known = NOBODY, refusal: Invalid | None = None, *, link: Any, file: str = ""
) -> list[dict[str, Any]]:
    """The parts as the template draws them, each by its kind."""
    return [_one(part, known, refusal, link, file) for part in parts]


def _one(part: Part, known: Known, refusal: Invalid | None, link: Any, file: str) -> dict[str, Any]:
    match part:
        case Text():
            return {"kind": "text", "part": part, "blocks": blocks_of(part.text)}
        case Table():
            rows = [[_cell(cell, link) for cell in row] for row in part.rows]
            return {"kind": "table", "part": part, "rows": rows}
        case Chart():
            return {"kind": "chart", "part": part, "timeline": _timeline(part) if part.spans else None, **_bars(part)}
        case File():
            return {"kind": "file", "part": part, "url": f"{file}?file={part.name}"}
        case _:
            sent = request.method == "POST" and request.form.get("form") == part.slug
            form = form_for(part.fields, known, dict(part.kept), refusal if sent else None, fresh=not sent)
            files = any(field.kind == "file" for field in part.fields)
            return {
                "kind": "form",
                "part": part,
                "form": form,
                "files": files,
                "summary": summary(form, refusal) if sent else [],
            }


def _cell(cell: Any, link: Any) -> dict[str, str]:
    if isinstance(cell, Link) and cell.web:
        return {"text": cell.text, "url": cell.web} if cell.web.startswith("https://") else {"text": cell.text}
    if isinstance(cell, Link):
        return {"text": cell.text, "url": link(cell)}
    if isinstance(cell, bool):
        return {"text": "Yes" if cell else "No"}
    if isinstance(cell, date):
        return {"text": day(cell)}
    return {"text": "" if cell is None else str(cell)}


def _link(here: Here, plugin: str, one: Link) -> str:
    slug = here.project.slug
    if one.entry[0]:
        of, _, name = one.entry[0].partition(".")
        return url_for("pages.entry", slug=slug, plugin=of, name=name, key=one.entry[1])
    if one.check:
        return url_for("pages.check", slug=slug, check_id=one.check)
    return url_for("pages.listed", slug=slug, plugin=plugin, name=one.page, **_plain(one.query))


def _organisation_link(one: Link, where: Mapping[str, Any]) -> str:
    return url_for("pages.organisation_page", **_plain(one.query), **{**where, "name": one.page or where["name"]})


def _plain(query: Mapping[str, str]) -> dict[str, Any]:
    """A link's query, without the names that mean something to an address itself."""
    return {
        key: str(value)
        for key, value in query.items()
        if key not in ("slug", "plugin", "name", "organisation") and not key.startswith("_")
    }


def _bars(chart: Chart) -> dict[str, Any]:
    most = max([one.of or one.value for one in chart.bars] or [1]) or 1
    bars = [
        {
            "label": one.label,
            "value": f"{one.value:g}",
            "of": f"{one.of:g}" if one.of is not None else "",
            "width": round(max(0, min(100, 100 * one.value / (one.of or most))), 1),
        }
        for one in chart.bars
    ]
    return {"bars": bars}


def _timeline(chart: Chart) -> dict[str, Any]:
    spans, marks = placed(chart)
    return {
        "spans": [{"span": one, "x": at, "width": width} for one, at, width in spans],
        "marks": [{"mark": one, "x": at} for one, at in marks],
    }
