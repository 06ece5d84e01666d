"""One project: its front page, and the moves that are not through the gate."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from govflow.domain.questions import Question
from govflow.domain.refusals import Refused
from govflow.services.base.context import context
from govflow.services.base.project_plugins import off_here
from govflow.services.base.register_access import reads_list, reads_lists
from govflow.services.gates import gates
from govflow.services.gates.current import gate_of, past_moves
from govflow.services.people import lifecycles, projects
from govflow.services.plugins import plugin_pages
from govflow.web.access import ProjectView, by, in_project, row_id
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form
from govflow.web.people.blueprint import bp

WHY = (Question(name="why", label="Why?", kind="long_text", help="Everyone in the project will read this."),)


@bp.get("/projects/<slug>")
@in_project("see project")
def project(here: ProjectView) -> Any:
    inside = here.may("see checks")
    gate = gate_of(here.snapshot)
    return render_template(
        "people/project.html",
        here=here,
        gate=gate,
        inside=inside,
        newer=inside and lifecycles.newer_than(here.project, here.snapshot.lifecycle),
        lists=_lists(here) if inside else [],
        others=_pages(here) if inside else [],
        off=off_here(here.snapshot) if inside else {},
        polls=_polls(here) if inside else [],
        moves=past_moves(here.project.id) if inside else [],
    )


@bp.route("/projects/<slug>/lifecycle", methods=["GET", "POST"])
@in_project("see sentences")
def change_lifecycle(here: ProjectView) -> Any:
    if request.method == "POST":
        stage = lifecycles.move(here.project.id, to_version=request.form.get("version", ""), by=by(), today=here.today)
        return flash_and_redirect(
            f"Moved. The project is in the stage {stage}.", "people.project", slug=here.project.slug
        )
    seen = lifecycles.preview(here.project, here.snapshot)
    return render_template("people/change_lifecycle.html", here=here, seen=seen)


@bp.route("/projects/<slug>/moves", methods=["GET", "POST"])
@in_project("move")
def move(here: ProjectView) -> Any:
    earlier = here.snapshot.lifecycle.before(here.snapshot.stage.slug)
    return answer_form(WHY, lambda: _move(here), "people/move.html", here=here, earlier=earlier, typed=request.form)


def _move(here: ProjectView) -> Any:
    slug, why = here.project.slug, request.form.get("why", "")
    match request.form.get("move"):
        case "back":
            gates.go_back(
                here.project.id,
                stage=request.form.get("stage", ""),
                why=why,
                by=by(),
                today=here.today,
                visit=row_id(request.form.get("visit")),
            )
            return flash_and_redirect("The project went back. Everything from before is kept.", "gates.gate", slug=slug)
        case "pause":
            projects.pause(here.project.id, why=why, by=by(), today=here.today)
            return flash_and_redirect("The project is paused. No reminders will be sent.", "people.project", slug=slug)
        case "resume":
            projects.resume(here.project.id, by=by(), today=here.today)
            return flash_and_redirect("The project goes on.", "people.project", slug=slug)
        case "next":
            new = projects.start_next(here.project.id, title=request.form.get("title", ""), by=by(), today=here.today)
            return redirect(url_for("people.project", slug=new))
    raise Refused("Choose what to do with the project.")


def _lists(here: ProjectView) -> list[dict[str, str]]:
    return [
        {
            "title": register.title,
            "why": register.why,
            "url": url_for("plugins.project_page", slug=here.project.slug, plugin=slug, name=name),
        }
        for slug, declared in _plugins_read(here)
        for name, register in declared.registers.items()
        if not register.aside and reads_list(here.snapshot, f"{slug}.{name}", here.key)
    ]


def _plugins_read(here: ProjectView) -> list[tuple[str, Any]]:
    """The plugins that are on here, and whose lists and documents this person's organisation reads."""
    if not here.may("see registers"):
        return []
    return [
        (slug, context().declared.plugins[slug])
        for slug in here.snapshot.on
        if slug in context().declared.plugins and reads_lists(here.snapshot, slug, here.key or "")
    ]


def _pages(here: ProjectView) -> list[dict[str, str]]:
    """Documents, and pages of plugins."""
    found = [
        (slug, name, document.title, document.why)
        for slug, declared in _plugins_read(here)
        for name, document in declared.documents.items()
    ]
    found += [
        (slug, page.slug, page.title, page.why)
        for slug, page in plugin_pages.pages_seen(here.snapshot, reader=here.key or "")
    ]
    return [
        {
            "title": title,
            "why": why,
            "url": url_for("plugins.project_page", slug=here.project.slug, plugin=slug, name=name),
        }
        for slug, name, title, why in found
    ]


def _polls(here: ProjectView) -> list[dict[str, str]]:
    return [
        {"title": poll.title, "url": url_for("polls.poll", slug=here.project.slug, plugin=slug, name=name)}
        for slug in here.snapshot.on
        if slug in context().declared.plugins
        for name, poll in context().declared.plugins[slug].polls.items()
        if poll.asked_in(here.snapshot.stage.like)
    ]
