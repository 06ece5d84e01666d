"""What plugins declared, at its address: lists, documents, and pages whose parts the core draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for

from govflow.domain.plugins.pages import File, Form, Link, Part
from govflow.domain.questions import NOBODY
from govflow.domain.refusals import Invalid, NotFound
from govflow.services.base.context import context
from govflow.services.gates.evidence import known_here
from govflow.services.plugins import plugin_pages
from govflow.web.access import ProjectView, by, in_project, signed_in, today
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import read_form, takes_files
from govflow.web.page_parts import draw_parts
from govflow.web.plugins.blueprint import bp
from govflow.web.registers.documents import document_page
from govflow.web.registers.registers import list_page

MOST_QUERY = 20


@bp.route("/projects/<slug>/<plugin>/<name>", methods=["GET", "POST"])
@takes_files
@in_project("see registers")
def project_page(here: ProjectView, plugin: str, name: str) -> Any:
    declared = context().declared.plugins.get(plugin)
    if declared is None or plugin not in here.snapshot.on:
        abort(404)
    if name in declared.registers and request.method == "POST":
        abort(405)
    if name in declared.registers:
        return list_page(here, plugin, name)
    return document_page(here, plugin, name) if name in declared.documents else _project_page(here, plugin, name)


@bp.route("/plugins/<plugin>/<name>/<organisation>", methods=["GET", "POST"])
@signed_in
def organisation_page(plugin: str, name: str, organisation: str) -> Any:
    where = {"organisation": organisation, "plugin": plugin, "name": name}
    declared, page, parts = plugin_pages.organisation_page(**where, query=_read_query(), by=by(), today=today())
    refusal = None
    if request.method == "POST":
        slug = request.form.get("form", "")
        try:
            warning = plugin_pages.organisation_send(
                **where, form=slug, given=_read_sent_form(parts, slug), query=_read_query(), by=by(), today=today()
            )
            return flash_and_redirect(warning or "Kept.", "plugins.organisation_page", **where)
        except Invalid as error:
            refusal = error
    taken = _find_file(parts)
    if taken is not None:
        return taken
    shown = draw_parts(parts, NOBODY, refusal, link=lambda link: _organisation_link(link, where), file=request.path)
    html = render_template("plugins/organisation_page.html", page=page, plugin=declared, parts=shown, person=g.person)
    return html, 422 if refusal else 200


def _project_page(here: ProjectView, plugin: str, name: str) -> Any:
    reader = here.key or ""
    page, parts = plugin_pages.see(here.snapshot, plugin, name, reader=reader, query=_read_query())
    refusal = None
    if request.method == "POST":
        slug = request.form.get("form", "")
        try:
            warning = plugin_pages.send(
                here.project.id,
                plugin=plugin,
                name=name,
                form=slug,
                given=_read_sent_form(parts, slug),
                query=_read_query(),
                by=by(),
                today=here.today,
            )
            flash(warning or "Kept.", "success")
            return _back_to(url_for("plugins.project_page", slug=here.project.slug, plugin=plugin, name=name))
        except Invalid as error:
            refusal = error
    taken = _find_file(parts)
    if taken is not None:
        return taken
    known = known_here(here.snapshot, reader=reader)
    shown = draw_parts(parts, known, refusal, link=lambda link: _link(here, plugin, link), file=request.path)
    return render_template("plugins/project_page.html", here=here, page=page, parts=shown), 422 if refusal else 200


def _back_to(path: str) -> Any:
    """The page again, with what stood in its address."""
    query = request.query_string.decode("ascii", "ignore")
    return redirect(f"{path}?{query}" if query else path)


def _read_query() -> dict[str, str]:
    return {key: value for key, value in list(request.args.items())[:MOST_QUERY] if key != "file"}


def _read_sent_form(parts: Sequence[Part], slug: str) -> dict[str, Any]:
    form = next((part for part in parts if isinstance(part, Form) and part.slug == slug), None)
    if form is None:
        raise NotFound("This form is not on the page any more.")
    return read_form(form.fields)


def _find_file(parts: Sequence[Part]) -> Response | None:
    """The file that was asked for by name, where the page has it."""
    wanted = request.args.get("file")
    if wanted is None or request.method != "GET":
        return None
    found = next((part for part in parts if isinstance(part, File) and part.name == wanted), None)
    if found is None:
        abort(404)
    answer = Response(found.text, mimetype=found.type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


def _link(here: ProjectView, plugin: str, link: Link) -> str:
    slug = here.project.slug
    if link.entry[0]:
        of, _, name = link.entry[0].partition(".")
        return url_for("registers.entry", slug=slug, plugin=of, name=name, key=link.entry[1])
    if link.check:
        return url_for("gates.check", slug=slug, check_id=link.check)
    return url_for("plugins.project_page", slug=slug, plugin=plugin, name=link.page, **_plain(link.query))


def _organisation_link(link: Link, where: Mapping[str, Any]) -> str:
    return url_for("plugins.organisation_page", **_plain(link.query), **{**where, "name": link.page or where["name"]})


def _plain(query: Mapping[str, str]) -> dict[str, Any]:
    """A link's query, without the names that mean something to an address itself."""
    return {
        key: str(value)
        for key, value in query.items()
        if key not in ("slug", "plugin", "name", "organisation") and not key.startswith("_")
    }
