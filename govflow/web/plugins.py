"""Plugins: what is installed, what is on for an organisation, what is broken and why."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, render_template, request

from govflow.domain.gates.checks import ORGANISATION
from govflow.domain.plugins.settings import questions_for
from govflow.domain.questions import NOBODY
from govflow.domain.refusals import Invalid
from govflow.services.people import projects
from govflow.services.plugins import plugins
from govflow.web.access import by, signed_in, today
from govflow.web.answers import done
from govflow.web.forms import form_for, summary, typed


def add_routes(pages: Blueprint) -> None:
    @pages.get("/plugins")
    @signed_in
    def plugins_() -> Any:
        organisations: list[dict[str, Any]] = [
            {"organisation": organisation, "admin": admin, "on": plugins.switches(organisation.id)}
            for organisation, admin in plugins.organisations_of(
                g.person.id, project_ids=projects.ids_of_mine(g.person.id, today=today())
            )
        ]
        installed = plugins.installed()
        gone = {
            one["organisation"].id: [
                slug for slug, on in one["on"].items() if on and slug not in {p.slug for p in installed}
            ]
            for one in organisations
        }
        return render_template(
            "plugins.html",
            organisations=organisations,
            plugins=installed,
            gone=gone,
            refused=plugins.second_ones() if any(one["admin"] for one in organisations) else [],
        )

    @pages.get("/plugins/<plugin>/about/<organisation>")
    @signed_in
    def plugin_about(plugin: str, organisation: str) -> Any:
        mine = plugins.organisations_of(g.person.id, project_ids=projects.ids_of_mine(g.person.id, today=today()))
        found = next(((one, admin) for one, admin in mine if one.slug == organisation), None)
        declared = next((one for one in plugins.installed() if one.slug == plugin), None)
        if found is None or declared is None:
            abort(404)
        shown, admin = found
        return render_template(
            "plugin_about.html",
            plugin=declared,
            organisation=shown,
            admin=admin,
            on=plugins.switches(shown.id).get(plugin, False),
            checks=plugins.checks_here(shown.id, declared),
            projects=plugins.projects_of(organisation=organisation, by=by()) if admin else [],
            own_pages=[one for one in declared.pages.values() if one.scope == ORGANISATION] if admin else [],
        )

    @pages.route("/plugins/<plugin>/one/<organisation>/<project>", methods=["GET", "POST"])
    @signed_in
    def plugin_in_project(plugin: str, organisation: str, project: str) -> Any:
        declared, here = plugins.in_project(organisation=organisation, plugin=plugin, project=project, by=by())
        questions = questions_for(declared.config, per_project=True) if declared.config else ()
        refusal = None
        if request.method == "POST":
            try:
                plugins.change_in_project(
                    organisation=organisation,
                    plugin=plugin,
                    project=project,
                    given={name: value for name, value in typed(questions).items() if name != "shared"},
                    shared=request.form.get("shared") == "yes",
                    by=by(),
                    today=today(),
                )
                return done("Kept. The project was looked at again.", "pages.plugins_")
            except Invalid as error:
                refusal = error
        form = form_for(questions, NOBODY, here.settings, refusal)
        page = render_template(
            "plugin_in_project.html",
            plugin=declared,
            here=here,
            organisation=organisation,
            form=form if questions else None,
            summary=summary(form, refusal),
            lists=bool(declared.registers or declared.documents),
        )
        return page, 422 if refusal else 200

    @pages.route("/plugins/<plugin>/settings/<organisation>", methods=["GET", "POST"])
    @signed_in
    def plugin_settings(plugin: str, organisation: str) -> Any:
        declared, kept = plugins.settings_kept(organisation=organisation, plugin=plugin, by=by())
        questions = questions_for(declared.config or object)
        refusal = None
        if request.method == "POST":
            try:
                plugins.change_settings(
                    organisation=organisation, plugin=plugin, given=typed(questions), by=by(), today=today()
                )
                return done("Kept. Every project was looked at again.", "pages.plugins_")
            except Invalid as error:
                refusal = error
        form = form_for(questions, NOBODY, kept, refusal)
        page = render_template("plugin_settings.html", plugin=declared, form=form, summary=summary(form, refusal))
        return page, 422 if refusal else 200

    @pages.post("/plugins")
    @signed_in
    def switch() -> Any:
        slug, plugin, to = (request.form.get(name, "") for name in ("organisation", "plugin", "to"))
        if to not in ("on", "off"):
            abort(400)
        plugins.switch(organisation=slug, plugin=plugin, on=to == "on", by=by(), today=today())
        return done(f"{plugin} is {to} now. Nothing was lost.", "pages.plugins_")
