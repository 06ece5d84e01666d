"""Who may read a file: whoever may read an answer it stands in."""

from __future__ import annotations

from sqlalchemy import select

from govflow.domain.refusals import NotFound
from govflow.domain.snapshot import ProjectSnapshot, checks_of
from govflow.services.base.context import context
from govflow.services.registers.registers import entries_seen, register_asked
from govflow.store import Upload, db


def file_seen(project_id: int, snapshot: ProjectSnapshot, key: str, *, reader: str) -> Upload:
    """A file, for somebody who may read an answer it stands in; to all others it is not there."""
    found = db.session.scalar(select(Upload).where(Upload.project_id == project_id, Upload.key == key))
    if found is None or not (_in_a_list(snapshot, key, reader) or _in_evidence(snapshot, key, reader)):
        raise NotFound("There is no such file here.")
    return found


def _in_a_list(snapshot: ProjectSnapshot, key: str, reader: str) -> bool:
    for register_id, rows in snapshot.entries.items():
        if any(key in row.values.values() for row in rows):
            try:
                register_asked(snapshot, register_id, reader=reader)
            except NotFound:
                continue
            if any(key in row.values.values() for row in entries_seen(snapshot, register_id, reader=reader)):
                return True
    return False


def _in_evidence(snapshot: ProjectSnapshot, key: str, reader: str) -> bool:
    private = {
        (check_id, question.name)
        for check_id, check, _ in checks_of(context().declared, snapshot.on)
        for question in check.questions
        if question.private
    }
    return any(
        value == key and ((answer.check, name) not in private or answer.by == reader)
        for answer in snapshot.evidence
        for name, value in answer.answers.items()
        if answer.check.partition(".")[0] in snapshot.on
    )
