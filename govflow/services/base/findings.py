"""Working findings out: afresh for a gate that is looked at, and as derived rows for lists and the sweep."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select

from govflow.domain.gates.checks import BROKEN, Finding
from govflow.domain.gates.overdue import reminded_from
from govflow.domain.project_state import ProjectState
from govflow.domain.snapshot import ProjectSnapshot, absent_plugins, checks_asked, missing_need
from govflow.services.base.context import context
from govflow.services.base.snapshots.snapshot import changed_snapshot, load_snapshot, load_snapshots
from govflow.store import FindingRow, Project, db, end_reading, write


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
        _store([(project, [])])
        return
    snapshot = changed_snapshot(before, project, today=today) if before else load_snapshot(project, today=today)
    _store([(project, judge_now(snapshot))])


def refresh_many(project_ids: Collection[int], *, today: date) -> int:
    """The same of running projects whose facts have not changed, but the day: how many findings there are now.

    They are judged outside the lock; whichever changed meanwhile is judged once more within it.
    """
    end_reading()
    query = select(Project).where(Project.id.in_(project_ids)).order_by(Project.id)
    seen = load_snapshots(db.session.scalars(query).all(), today=today)
    judged = {project_id: judge_now(snapshot) for project_id, snapshot in seen.items()}
    write()
    found: list[tuple[Project, Sequence[Finding]]] = []
    for project in db.session.scalars(query.with_for_update().execution_options(populate_existing=True)):
        if project.state == ProjectState.CLOSED:
            found.append((project, []))
        elif project.stamp == seen[project.id].stamp:
            found.append((project, judged[project.id]))
        else:
            found.append((project, judge_now(load_snapshot(project, today=today))))
        project.judged_on, project.gate_seen = today, 0
    _store(found)
    return sum(len(findings) for _, findings in found)


def _store(found: Collection[tuple[Project, Sequence[Finding]]]) -> None:
    """Write only what differs from the rows that are there."""
    rows = db.session.scalars(select(FindingRow).where(FindingRow.project_id.in_([project.id for project, _ in found])))
    kept = {(row.project_id, row.check, row.subject): row for row in rows}
    new = []
    for project, findings in found:
        for finding in findings:
            place = (project.id, finding.check, finding.subject or "")
            values = _columns(finding)
            row = kept.pop(place, None)
            if row is None:
                values |= {"project_id": project.id, "organisation_id": project.organisation_id}
                new.append(FindingRow(check=place[1], subject=place[2], **values))
                continue
            for name, value in values.items():
                if getattr(row, name) != value:
                    setattr(row, name, value)
    db.session.add_all(new)
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


FINDING_COLUMNS = (
    *(FindingRow.check, FindingRow.subject, FindingRow.title, FindingRow.about, FindingRow.subject_label),
    *(FindingRow.outcome, FindingRow.sentence, FindingRow.short, FindingRow.lines, FindingRow.private),
    *(FindingRow.holds, FindingRow.due_on, FindingRow.owed_by, FindingRow.look_again, FindingRow.remind_every),
    FindingRow.remind_before,
)
"""What `finding_from_row` needs, for who asks for many."""


def finding_from_row(row: Any) -> Finding:
    """A derived row, or its `FINDING_COLUMNS`, as the finding it was made from."""
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
