"""What the command line and the API say of a gate: the same facts as the page, as plain values."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from govflow.domain.gates import Gate
from govflow.domain.overdue import is_late
from govflow.domain.picture import Picture
from govflow.services.gates import gate_of
from govflow.services.picture import picture_of
from govflow.services.project_plugins import off_slugs
from govflow.store import FindingRow, Organisation, Project, db


def gate_report(project: Project, *, today: date, reader: str | None = None) -> dict[str, Any]:
    """The gate on a day. Private sentences stand in it only for a reader who may read them."""
    picture = picture_of(project, today=today)
    return report(project, picture, gate_of(project, picture), reader=reader)


def report(project: Project, picture: Picture, gate: Gate, *, reader: str | None) -> dict[str, Any]:
    following = picture.lifecycle.after(picture.stage.slug)
    return {
        "project": project.slug,
        "stage": picture.stage.slug,
        "state": project.state,
        "next": following.slug if following else None,
        "today": picture.today.isoformat(),
        "open": gate.open,
        "sign_offs": {
            "have": [{"name": one.name, "for": list(one.counts_for)} for one in gate.signed],
            "missing": list(gate.missing),
        },
        "off": off_slugs(project),
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
                "overdue": one.open and is_late(one.due_on, picture.today),
                "owed_by": list(one.owed_by),
            }
            for one in gate.standings
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
            and project.state == "running"
            and gate_of(project, picture_of(project, today=today)).open,
            "organisation": organisation,
        }
        for project, organisation in rows
    ]
