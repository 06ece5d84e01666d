"""What the command line and the API say of a gate: the same facts as the page, as plain values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from govflow.domain.gates.gates import Gate
from govflow.domain.gates.overdue import is_late
from govflow.domain.project_state import ProjectState
from govflow.domain.snapshot import ProjectSnapshot
from govflow.services.base.actions import member_for
from govflow.services.base.register_access import hidden_places, without_hidden
from govflow.services.base.snapshots.snapshot import current_snapshot, load_snapshot
from govflow.services.gates.current import gate_of
from govflow.store import FindingRow, Organisation, Project, db


def gate_report(project: Project, *, today: date, reader: str | None = None) -> dict[str, Any]:
    """The gate on a day. Private sentences stand in it only for a reader who may read them."""
    snapshot = load_snapshot(project, today=today)
    return report(project, snapshot, gate_of(snapshot), reader=reader)


def gate_report_for(project: Project, *, person_id: int, today: date, sentences: bool) -> dict[str, Any]:
    """The gate as one person may read it: no line of a list that is not theirs, no sentence for who reads none."""
    snapshot = current_snapshot(project, today=today)
    me = member_for(snapshot, person_id)
    gate = gate_of(snapshot)
    if me is not None:
        gate = replace(gate, findings=tuple(without_hidden(snapshot, gate.findings, reader=me.key)))
    reader = me.key if me else None
    hidden = hidden_places(snapshot, gate.findings, reader=reader)
    found = report(project, snapshot, gate, reader=reader)
    for finding, one in zip(gate.findings, found["findings"], strict=True):
        if finding.place in hidden or finding.counted_for(reader) or not sentences:
            one |= {"subject": None, "owed_by": [], "due_on": None, "overdue": False, "waived": False}
        if not sentences:
            one["sentence"] = ""
    places = {one.check: place for place, one in enumerate(gate.findings)}
    # Left as they were found, they would stand in the order of the members, which tells whose each is.
    found["findings"].sort(key=lambda one: (places[one["check"]], "" if one["subject"] else one["outcome"]))
    if not sentences:
        found["sign_offs"]["have"] = [{"name": "", "for": one["for"]} for one in found["sign_offs"]["have"]]
    return found


def report(project: Project, snapshot: ProjectSnapshot, gate: Gate, *, reader: str | None) -> dict[str, Any]:
    following = snapshot.lifecycle.after(snapshot.stage.slug)
    return {
        "project": project.slug,
        "stage": snapshot.stage.slug,
        "state": project.state,
        "next": following.slug if following else None,
        "today": snapshot.today.isoformat(),
        "open": gate.open,
        "sign_offs": {
            "have": [{"name": one.name, "for": list(one.counts_for)} for one in gate.signed],
            "missing": list(gate.missing),
        },
        "off": sorted(snapshot.off),
        "findings": [
            {
                "check": one.check,
                "about": one.about,
                "subject": one.subject,
                "outcome": one.outcome,
                "sentence": one.sentence_for(reader),
                "holds": one.holds,
                "waived": one.place in gate.waived,
                "due_on": one.due_on.isoformat() if one.due_on else None,
                "overdue": one.open and is_late(one.due_on, snapshot.today),
                "owed_by": list(one.owed_by),
            }
            for one in gate.findings
        ],
    }


def project_list(*, today: date) -> list[dict[str, Any]]:
    """Every project, for the operator. `open` is worked out from the derived rows and the sign-offs now."""
    rows = db.session.execute(
        select(Project, Organisation.slug)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .order_by(Project.slug)
    ).all()
    held = set(db.session.scalars(select(FindingRow.project_id).where(FindingRow.open, FindingRow.holds)))
    return [
        {
            "slug": project.slug,
            "title": project.title,
            "stage": project.stage,
            "state": project.state,
            "open": project.id not in held
            and project.state == ProjectState.RUNNING
            and gate_of(load_snapshot(project, today=today)).open,
            "organisation": organisation,
        }
        for project, organisation in rows
    ]
