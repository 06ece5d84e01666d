"""Working findings out: afresh for a gate that is looked at, and as derived rows for lists and the sweep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select

from govflow.domain.checks import Standing
from govflow.domain.overdue import reminded_from
from govflow.domain.picture import Picture
from govflow.services.house import house
from govflow.services.picture import picture_of
from govflow.store import FindingRow, Project, db


def standings_of(picture: Picture) -> list[Standing]:
    """Every finding of the project's stage, judged now."""
    return house().judge(picture, house().declared)


def refresh(project: Project, *, today: date) -> None:
    """Rewrite the derived rows of a project after a fact changed, in the same transaction. Writes only differences."""
    db.session.flush()
    wanted = [] if project.state == "closed" else standings_of(picture_of(project, today=today))
    project.judged_on = today
    store(project, wanted)


def store(project: Project, standings: Sequence[Standing]) -> None:
    rows = db.session.scalars(select(FindingRow).where(FindingRow.project_id == project.id))
    kept = {(row.check, row.subject): row for row in rows}
    for one in standings:
        place = (one.check, one.subject or "")
        values = _columns(one)
        row = kept.pop(place, None)
        if row is None:
            values |= {"project_id": project.id, "organisation_id": project.organisation_id}
            db.session.add(FindingRow(check=place[0], subject=place[1], **values))
            continue
        for name, value in values.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
    if kept:
        db.session.execute(delete(FindingRow).where(FindingRow.id.in_([row.id for row in kept.values()])))


def _columns(one: Standing) -> dict:
    return {
        "title": one.title,
        "about": one.about,
        "subject_label": one.subject_label,
        "outcome": one.outcome,
        "sentence": one.sentence,
        "short": one.short,
        "lines": dict(one.lines),
        "private": one.private,
        "holds": one.holds,
        "open": one.open,
        "owed_by": list(one.owed_by),
        "due_on": one.due_on,
        "look_again": one.look_again,
        "remind_every": one.remind_every,
        "remind_before": list(one.remind_before),
        "tell_from": reminded_from(one.due_on, before=one.remind_before) if one.due_on else None,
    }


def standing_of(row: FindingRow) -> Standing:
    """A derived row as the finding it was made from."""
    return Standing(
        check=row.check,
        title=row.title,
        about=row.about,
        subject=row.subject or None,
        subject_label=row.subject_label,
        outcome=row.outcome,
        sentence=row.sentence,
        holds=row.holds,
        private=row.private,
        short=row.short,
        lines=row.lines,
        due_on=row.due_on,
        owed_by=tuple(row.owed_by),
        look_again=row.look_again,
        remind_every=row.remind_every,
        remind_before=tuple(row.remind_before),
    )
