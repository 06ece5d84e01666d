"""The gate: what holds it, and moving on."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from govflow.domain.refusals import GateHeld
from govflow.services.base.project_plugins import off_here
from govflow.services.base.register_access import hidden_places
from govflow.services.gates import gates
from govflow.services.gates.current import gate_of
from govflow.web.access import ProjectView, by, in_project, row_id
from govflow.web.errors import flash_and_redirect
from govflow.web.gates.blueprint import bp
from govflow.web.gates.gate_view import groups_for, in_short


@bp.get("/projects/<slug>/gate")
@in_project("see checks")
def gate(here: ProjectView) -> Any:
    return _gate_page(here)


@bp.post("/projects/<slug>/advance")
@in_project("move")
def advance(here: ProjectView) -> Any:
    try:
        _, after = gates.advance(
            here.project.id,
            by=by(),
            today=here.today,
            visit=row_id(request.form.get("visit")),
            close=request.form.get("do") == "close",
        )
    except GateHeld as error:
        return _gate_page(here, refusal=error), 409
    stages = {stage.slug: stage.title for stage in here.snapshot.lifecycle.stages}
    words = (
        f"The project moved on to {stages[after]}."
        if after in stages
        else "The project is closed. Thank you, everyone."
    )
    return flash_and_redirect(words, "people.project", slug=here.project.slug)


def _gate_page(here: ProjectView, refusal: GateHeld | None = None) -> str:
    snapshot = here.snapshot
    state = gate_of(snapshot)
    words = in_short(
        snapshot.stage.title,
        held=len(state.holding),
        missing=state.missing,
        unanswered=len(state.unanswered),
        is_open=state.open,
    )
    following = snapshot.lifecycle.after(snapshot.stage.slug)
    return render_template(
        "gates/gate.html",
        here=here,
        gate=state,
        in_short_words=words,
        following=following,
        off=off_here(here.snapshot),
        refusal=refusal,
        groups=groups_for(
            state.findings,
            waived=state.waived,
            names=snapshot.names(),
            today=here.today,
            slug=here.project.slug if here.may("see sentences") else None,
            reader=here.key,
            sentences=here.may("see sentences"),
            counted=hidden_places(snapshot, state.findings, reader=here.key),
        ),
    )
