"""Working findings out: afresh for a gate that is looked at, and as derived rows for lists and the sweep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, delete, or_, select

from govflow.domain.gates.checks import BROKEN, Finding
from govflow.domain.gates.overdue import reminded_from
from govflow.domain.project_state import ProjectState
from govflow.domain.snapshot import ProjectSnapshot, absent_plugins, checks_asked, missing_need
from govflow.services.base.context import context
from govflow.services.base.snapshot import changed_snapshot, load_snapshot
from govflow.store import FindingRow, Project, db


def judge_now(snapshot: ProjectSnapshot) -> list[Finding]:
    """Every finding of the project's stage; what was judged of this snapshot before is not judged again.

    A check that broke is: it may have been a moment's trouble, and nobody should wait a day to see that it is over.
    """
    declared, known = context().declared, snapshot.judged.findings
    wanted = {check_id: check for check_id, check, _ in checks_asked(snapshot, declared)}
    new = context().judge(snapshot, declared, [check_id for check_id in wanted if check_id not in known])
    for check_id, findings in new.items():
        if not _broke(findings) or missing_need(snapshot, declared, check_id, wanted[check_id]):
            known[check_id] = tuple(findings)
    found = absent_plugins(declared, snapshot.on, snapshot.stage)
    for check_id in wanted:
        found += known.get(check_id, new.get(check_id, ()))
    return found


def _broke(findings: Sequence[Finding]) -> bool:
    return any(finding.outcome == BROKEN for finding in findings)


def refresh_findings(project: Project, *, today: date, before: ProjectSnapshot | None = None) -> None:
    """Rewrite the derived rows of a project after a fact changed, in the same transaction. Writes only differences.

    `before`: the project as it stood when this transaction began; then only what it changed is read and judged again.
    """
    db.session.flush()
    project.judged_on = today
    if project.state == ProjectState.CLOSED:
        store(project, [])
        return
    snapshot = changed_snapshot(before, project, today=today) if before else load_snapshot(project, today=today)
    store(project, judge_now(snapshot))


def store(project: Project, findings: Sequence[Finding]) -> None:
    rows = db.session.scalars(select(FindingRow).where(FindingRow.project_id == project.id))
    kept = {(row.check, row.subject): row for row in rows}
    for one in findings:
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


def _columns(one: Finding) -> dict:
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


def finding_from_row(row: FindingRow) -> Finding:
    """A derived row as the finding it was made from."""
    return Finding(
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


LOOK_AGAIN_WITHIN = timedelta(days=7)


def look_agains(today: date) -> ColumnElement[bool]:
    """Whether a project's findings are to be looked at again, by their own wish or because it is a week ago."""
    asked = select(FindingRow.project_id).where(FindingRow.look_again <= today, Project.judged_on < today)
    return (Project.state == ProjectState.RUNNING) & or_(
        Project.judged_on.is_(None), Project.judged_on <= today - LOOK_AGAIN_WITHIN, Project.id.in_(asked)
    )
