"""Plugins: what is installed, what is on for an organisation, what is broken and why."""

from __future__ import annotations

from typing import Any

from flask import abort, g, render_template, request

from govflow.domain.gates.checks import ORGANISATION
from govflow.domain.plugins.settings import questions_for
from govflow.services.people import projects
from govflow.services.plugins import plugins
from govflow.web.access import by, signed_in, today
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, read_form
from govflow.web.plugins.blueprint import bp


@bp.get("/plugins")
@signed_in
def overview() -> Any:
    organisations: list[dict[str, Any]] = [
        {"organisation": organisation, "admin": admin, "on": plugins.switches(organisation.id)}
        for organisation, admin in plugins.organisations_of(
            g.person.id, project_ids=projects.ids_of_mine(g.person.id, today=today())
        )
    ]
    installed = plugins.installed()
    gone = {
        row["organisation"].id: [
            slug for slug, on in row["on"].items() if on and slug not in {p.slug for p in installed}
        ]
        for row in organisations
    }
    return render_template(
        "plugins/overview.html",
        organisations=organisations,
        plugins=installed,
        gone=gone,
        refused=plugins.second_ones() if any(row["admin"] for row in organisations) else [],
    )


@bp.get("/plugins/<plugin>/about/<organisation>")
@signed_in
def about(plugin: str, organisation: str) -> Any:
    mine = plugins.organisations_of(g.person.id, project_ids=projects.ids_of_mine(g.person.id, today=today()))
    found = next(((ours, admin) for ours, admin in mine if ours.slug == organisation), None)
    declared = next((plugin_ for plugin_ in plugins.installed() if plugin_.slug == plugin), None)
    if found is None or declared is None:
        abort(404)
    shown, admin = found
    return render_template(
        "plugins/about.html",
        plugin=declared,
        organisation=shown,
        admin=admin,
        on=plugins.switches(shown.id).get(plugin, False),
        checks=plugins.checks_here(shown.id, declared),
        projects=plugins.projects_of(organisation=organisation, by=by()) if admin else [],
        own_pages=[page for page in declared.pages.values() if page.scope == ORGANISATION] if admin else [],
    )


@bp.route("/plugins/<plugin>/one/<organisation>/<project>", methods=["GET", "POST"])
@signed_in
def settings_in_project(plugin: str, organisation: str, project: str) -> Any:
    declared, here = plugins.in_project(organisation=organisation, plugin=plugin, project=project, by=by())
    questions = questions_for(declared.config, per_project=True) if declared.config else ()

    def save() -> Any:
        plugins.change_in_project(
            organisation=organisation,
            plugin=plugin,
            project=project,
            given={name: value for name, value in read_form(questions).items() if name != "shared"},
            shared=request.form.get("shared") == "yes",
            by=by(),
            today=today(),
        )
        return flash_and_redirect("Kept. The project was looked at again.", "plugins.overview")

    return answer_form(
        questions or None,
        save,
        "plugins/settings_in_project.html",
        kept=here.settings,
        plugin=declared,
        here=here,
        organisation=organisation,
        lists=bool(declared.registers or declared.documents),
    )


@bp.route("/plugins/<plugin>/settings/<organisation>", methods=["GET", "POST"])
@signed_in
def organisation_settings(plugin: str, organisation: str) -> Any:
    declared, kept = plugins.settings_kept(organisation=organisation, plugin=plugin, by=by())
    questions = questions_for(declared.config or object)

    def save() -> Any:
        plugins.change_settings(
            organisation=organisation, plugin=plugin, given=read_form(questions), by=by(), today=today()
        )
        return flash_and_redirect("Kept. Every project was looked at again.", "plugins.overview")

    return answer_form(questions, save, "plugins/organisation_settings.html", kept=kept, plugin=declared)


@bp.post("/plugins")
@signed_in
def switch() -> Any:
    slug, plugin, to = (request.form.get(name, "") for name in ("organisation", "plugin", "to"))
    if to not in ("on", "off"):
        abort(400)
    plugins.switch(organisation=slug, plugin=plugin, on=to == "on", by=by(), today=today())
    return flash_and_redirect(f"{plugin} is {to} now. Nothing was lost.", "plugins.overview")
