"""One project: its front page, its history, its past visits, and the moves that are not through the gate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for

from govflow.domain.gates.checks import Finding
from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import Invalid, Refused
from govflow.services.base.context import context
from govflow.services.base.project_plugins import off_here
from govflow.services.base.register_access import hidden_places, reads_list, reads_lists
from govflow.services.gates import gates
from govflow.services.gates.current import gate_of, past_moves
from govflow.services.gates.waiver_access import matters_read
from govflow.services.history import history as histories
from govflow.services.people import lifecycles, projects
from govflow.services.plugins import plugin_pages
from govflow.web.access import Here, by, in_project, row_id
from govflow.web.answers import done
from govflow.web.forms import form_for, summary
from govflow.web.gate_view import groups_for

WHY = (Question(name="why", label="Why?", kind="long_text", help="Everyone in the project will read this."),)


def add_routes(pages: Blueprint) -> None:
    @pages.get("/projects/<slug>")
    @in_project("see project")
    def project(here: Here) -> Any:
        inside = here.may("see checks")
        gate = gate_of(here.project, here.snapshot)
        return render_template(
            "project.html",
            here=here,
            gate=gate,
            inside=inside,
            newer=inside and lifecycles.newer_than(here.project, here.snapshot.lifecycle),
            lists=_lists(here) if inside else [],
            others=_pages(here) if inside else [],
            off=off_here(here.project) if inside else {},
            polls=_polls(here) if inside else [],
            moves=past_moves(here.project.id) if inside else [],
        )

    @pages.get("/projects/<slug>/history")
    @in_project("see history")
    def history(here: Here) -> Any:
        if here.actor.role is None:
            abort(403)
        before = row_id(request.args.get("before"))
        observer = g.person.id if here.actor.role == "observer" else None
        lines, older = histories.history(here.project.id, before=before, reader=g.person.id, observer=observer)
        return render_template("history.html", here=here, lines=lines, older=older)

    @pages.get("/projects/<slug>/visits/<int:number>")
    @in_project("see checks")
    def visit(here: Here, number: int) -> Any:
        found = next((move for move in past_moves(here.project.id) if move[0].from_visit == number), None)
        stay = next((one for one in here.snapshot.visits if one.number == number), None)
        if found is None or stay is None:
            abort(404)
        move, mover = found
        record = move.record
        findings = [standing_kept(one) for one in record["findings"]]
        names = {
            key: name
            for one in record["findings"]
            for key, name in zip(one["owed_by"], one["owed_by_names"], strict=True)
        }
        groups = groups_for(
            findings,
            waived={(one["check"], one["subject"]) for one in record["findings"] if one["waived"]},
            names=names,
            today=move.on,
            slug=None,
            reader=here.key,
            sentences=here.may("see sentences"),
            counted=hidden_places(here.snapshot, findings, reader=here.key),
        )
        return render_template(
            "visit.html",
            here=here,
            stay=stay,
            stage_title=here.snapshot.lifecycle.title_of(stay.stage),
            move=move,
            mover=mover,
            record=record,
            waivers=_waivers_read(here, record["waivers"], findings),
            groups=groups,
            inside=here.may("see sentences"),
        )

    @pages.route("/projects/<slug>/lifecycle", methods=["GET", "POST"])
    @in_project("see sentences")
    def lifecycle(here: Here) -> Any:
        if request.method == "POST":
            stage = lifecycles.move(
                here.project.id, to_version=request.form.get("version", ""), by=by(), today=here.today
            )
            return done(f"Moved. The project is in the stage {stage}.", "pages.project", slug=here.project.slug)
        seen = lifecycles.preview(here.project, here.snapshot)
        return render_template("lifecycle.html", here=here, seen=seen)

    @pages.route("/projects/<slug>/moves", methods=["GET", "POST"])
    @in_project("move")
    def moves(here: Here) -> Any:
        refusal = None
        if request.method == "POST":
            try:
                return _move(here)
            except Invalid as error:
                refusal = error
        form = form_for(WHY, NOBODY, refusal=refusal)
        earlier = here.snapshot.lifecycle.before(here.snapshot.stage.slug)
        page = render_template(
            "moves.html", here=here, form=form, summary=summary(form, refusal), earlier=earlier, typed=request.form
        )
        return page, 422 if refusal else 200


def _move(here: Here) -> Any:
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
            return done("The project went back. Everything from before is kept.", "pages.gate", slug=slug)
        case "pause":
            projects.pause(here.project.id, why=why, by=by(), today=here.today)
            return done("The project is paused. No reminders will be sent.", "pages.project", slug=slug)
        case "resume":
            projects.resume(here.project.id, by=by(), today=here.today)
            return done("The project goes on.", "pages.project", slug=slug)
        case "next":
            new = projects.start_next(here.project.id, title=request.form.get("title", ""), by=by(), today=here.today)
            return redirect(url_for("pages.project", slug=new))
    raise Refused("Choose what to do with the project.")


def _waivers_read(
    here: Here, waivers: Sequence[dict[str, Any]], findings: Sequence[Finding]
) -> list[dict[str, Any] | None]:
    """Each waiver of a past gate, or None where its finding, as it stood then, is not for this reader."""
    read = matters_read(here.snapshot, findings, reader=here.key)
    return [one if (one["check"], one["subject"]) in read else None for one in waivers]


def standing_kept(one: dict[str, Any]) -> Finding:
    """A finding as a transition kept it."""
    names = {name for name in Finding.__dataclass_fields__ if name in one}
    values = {name: one[name] for name in names}
    values["owed_by"] = tuple(values.get("owed_by", ()))
    for name in ("due_on", "look_again"):
        values[name] = date.fromisoformat(values[name]) if values.get(name) else None
    return Finding(**values)


def _lists(here: Here) -> list[dict[str, str]]:
    return [
        {
            "title": register.title,
            "why": register.why,
            "url": url_for("pages.listed", slug=here.project.slug, plugin=slug, name=name),
        }
        for slug, declared in _plugins_read(here)
        for name, register in declared.registers.items()
        if not register.aside and reads_list(here.snapshot, f"{slug}.{name}", here.key)
    ]


def _plugins_read(here: Here) -> list[tuple[str, Any]]:
    """The plugins that are on here, and whose lists and documents this person's organisation reads."""
    if not here.may("see registers"):
        return []
    return [
        (slug, context().declared.plugins[slug])
        for slug in here.snapshot.on
        if slug in context().declared.plugins and reads_lists(here.snapshot, slug, here.key or "")
    ]


def _pages(here: Here) -> list[dict[str, str]]:
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
            "url": url_for("pages.listed", slug=here.project.slug, plugin=slug, name=name),
        }
        for slug, name, title, why in found
    ]


def _polls(here: Here) -> list[dict[str, str]]:
    return [
        {"title": poll.title, "url": url_for("pages.poll", slug=here.project.slug, plugin=slug, name=name)}
        for slug in here.snapshot.on
        if slug in context().declared.plugins
        for name, poll in context().declared.plugins[slug].polls.items()
        if poll.asked_in(here.snapshot.stage.like)
    ]
