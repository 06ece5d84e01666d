"""What was done: in a project, for those who are in it; in an organisation, for its admins."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, render_template, request

from govflow.domain.history.chain import said
from govflow.domain.people import Role
from govflow.services.history import checkpoints, weekly_checkpoint
from govflow.services.history import history as histories
from govflow.services.people import organisations
from govflow.web.access import ProjectView, by, in_project, row_id, signed_in, today
from govflow.web.errors import flash_and_redirect

bp = Blueprint("history", __name__)


@bp.get("/projects/<slug>/history")
@in_project("see history")
def project_history(here: ProjectView) -> Any:
    if here.actor.role is None:
        abort(403)
    before = row_id(request.args.get("before"))
    observer = g.person.id if here.actor.role == Role.OBSERVER else None
    lines, older = histories.history(here.project.id, before=before, reader=g.person.id, observer=observer)
    return render_template("history/project_history.html", here=here, lines=lines, older=older)


@bp.route("/organisations/<organisation>/history", methods=["GET", "POST"])
@signed_in
def organisation_history(organisation: str) -> Any:
    found = organisations.ours(organisation, by())
    if request.method == "POST":
        if request.form.get("do") not in ("ask", "stop"):
            abort(400)
        wanted = request.form["do"] == "ask"
        weekly_checkpoint.ask_for_checkpoints(organisation, wanted=wanted, by=by(), today=today())
        words = "You get the checkpoint by email each week." if wanted else "You get no more emails with it."
        return flash_and_redirect(words, "history.organisation_history", organisation=organisation)
    lines, older = histories.organisation_history(found.id, before=row_id(request.args.get("before")))
    last = checkpoints.latest(found.slug)
    return render_template(
        "history/organisation_history.html",
        organisation=found,
        lines=lines,
        older=older,
        last=last,
        signed_at=said(last.at) if last else "",
        asked=weekly_checkpoint.asked_for_checkpoints(found.id, g.person.id),
        stopped=g.person.reminders_stopped_on is not None,
    )
