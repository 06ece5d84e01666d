"""A stay in a stage that is over: its gate as it was left, with every finding, sign-off and waiver of that moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import abort, render_template

from govflow.domain.gates.checks import Finding
from govflow.services.base.register_access import hidden_places
from govflow.services.gates.current import past_moves
from govflow.services.gates.waiver_access import matters_read
from govflow.web.access import ProjectView, in_project
from govflow.web.gates.blueprint import bp
from govflow.web.gates.gate_view import groups_for


@bp.get("/projects/<slug>/visits/<int:number>")
@in_project("see checks")
def past_visit(here: ProjectView, number: int) -> Any:
    found = next((move for move in past_moves(here.project.id) if move[0].from_visit == number), None)
    stay = next((visit for visit in here.snapshot.visits if visit.number == number), None)
    if found is None or stay is None:
        abort(404)
    move, mover = found
    record = move.record
    findings = [_read_finding(kept) for kept in record["findings"]]
    names = {
        key: name
        for finding in record["findings"]
        for key, name in zip(finding["owed_by"], finding["owed_by_names"], strict=True)
    }
    groups = groups_for(
        findings,
        waived={(finding["check"], finding["subject"]) for finding in record["findings"] if finding["waived"]},
        names=names,
        today=move.on,
        slug=None,
        reader=here.key,
        sentences=here.may("see sentences"),
        counted=hidden_places(here.snapshot, findings, reader=here.key),
    )
    return render_template(
        "gates/past_visit.html",
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


def _waivers_read(
    here: ProjectView, waivers: Sequence[dict[str, Any]], findings: Sequence[Finding]
) -> list[dict[str, Any] | None]:
    """Each waiver of a past gate, or None where its finding, as it stood then, is not for this reader."""
    read = matters_read(here.snapshot, findings, reader=here.key)
    return [waiver if (waiver["check"], waiver["subject"]) in read else None for waiver in waivers]


def _read_finding(kept: dict[str, Any]) -> Finding:
    """A finding as a transition kept it."""
    names = {name for name in Finding.__dataclass_fields__ if name in kept}
    values = {name: kept[name] for name in names}
    values["owed_by"] = tuple(values.get("owed_by", ()))
    for name in ("due_on", "look_again"):
        values[name] = date.fromisoformat(values[name]) if values.get(name) else None
    return Finding(**values)
