"""Letting a finding pass for a while, two together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import render_template, request

from govflow.domain.questions import NOBODY, Question, read_day
from govflow.domain.refusals import Invalid, Refused
from govflow.services.base.actions import Actor
from govflow.services.gates import gates
from govflow.services.gates.current import gate_of
from govflow.services.gates.waiver_access import everyone_reads, matters_read, titles_read
from govflow.web.access import ProjectView, by, in_project, row_id
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import form_for, summary
from govflow.web.gates.blueprint import bp

REASON = Question(
    name="reason",
    label="Why may this pass for now?",
    kind="long_text",
    help="Everyone in the project will read this.",
)


FOR_FEW = (
    "Only those who may read this matter will read this. "
    "Everyone else reads that a private matter may pass, and until when."
)


UNTIL = Question(name="until", label="Until when?", kind="date", help="A year at most.")


@bp.route("/projects/<slug>/waivers", methods=["GET", "POST"])
@in_project("waive")
def waivers(here: ProjectView) -> Any:
    refusal = None
    if request.method == "POST":
        try:
            return _waive(here)
        except Invalid as error:
            refusal = error
    state = gate_of(here.snapshot)
    place = _place(request.values.get("check", ""), request.values.get("subject", ""))
    read = matters_read(here.snapshot, state.findings, reader=here.key)
    chosen = next(
        (finding for finding in state.findings if finding.place == place and finding.open and place in read), None
    )
    for_few = chosen is not None and not everyone_reads(here.snapshot, chosen)
    form = form_for((replace(REASON, help=FOR_FEW) if for_few else REASON, UNTIL), NOBODY, refusal=refusal)
    waivers = here.snapshot.waivers
    page = render_template(
        "gates/waivers.html",
        here=here,
        form=form,
        summary=summary(form, refusal),
        names=here.snapshot.names(),
        chosen=chosen,
        can=[finding for finding in state.holding if finding.place in read],
        waivers=waivers,
        titles=titles_read(here.snapshot, state.findings, waivers, reader=here.key),
    )
    return page, 422 if refusal else 200


def _waive(here: ProjectView) -> Any:
    slug, project = here.project.slug, here.project.id
    acting: Actor = by()
    match request.form.get("do"):
        case "propose":
            check_id, subject = _place(request.form.get("check", ""), request.form.get("subject", ""))
            problems = {}
            try:
                until = read_day(request.form.get("until", ""), "Until when?")
            except Invalid as error:
                problems["until"] = str(error)
            if not request.form.get("reason", "").strip():
                problems["reason"] = "Say why this may pass for now."
            if problems:
                raise Invalid(" ".join(problems.values()), problems)
            gates.propose_waiver(
                project,
                check_id=check_id,
                subject=subject,
                reason=request.form["reason"],
                until=until,
                by=acting,
                today=here.today,
            )
            return flash_and_redirect("Proposed. It counts when somebody else agrees.", "gates.waivers", slug=slug)
        case "second":
            gates.second_waiver(project, waiver_id=row_id(request.form.get("waiver")) or 0, by=acting, today=here.today)
            return flash_and_redirect("Agreed. This may pass for now.", "gates.waivers", slug=slug)
        case "end":
            gates.end_waiver(project, waiver_id=row_id(request.form.get("waiver")) or 0, by=acting, today=here.today)
            return flash_and_redirect("Ended.", "gates.waivers", slug=slug)
    raise Refused("Choose what you want to do.")


def _place(check_id: str, subject: str) -> tuple[str, str | None]:
    return check_id, subject or None
