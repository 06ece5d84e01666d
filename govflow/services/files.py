"""Who may read a file: whoever may read an answer it stands in."""

from __future__ import annotations

from sqlalchemy import select

from govflow.domain.picture import Picture, checks_of
from govflow.domain.refusals import NotFound
from govflow.services.house import house
from govflow.services.registers import entries_seen, register_asked
from govflow.store import Upload, db


def file_seen(project_id: int, picture: Picture, key: str, *, reader: str) -> Upload:
    """A file, for somebody who may read an answer it stands in; to all others it is not there."""
    found = db.session.scalar(select(Upload).where(Upload.project_id == project_id, Upload.key == key))
    if found is None or not (_in_a_list(picture, key, reader) or _in_evidence(picture, key, reader)):
        raise NotFound("There is no such file here.")
    return found


def _in_a_list(picture: Picture, key: str, reader: str) -> bool:
    for register_id, rows in picture.entries.items():
        if any(key in row.values.values() for row in rows):
            try:
                register_asked(picture, register_id, reader=reader)
            except NotFound:
                continue
            if any(key in row.values.values() for row in entries_seen(picture, register_id, reader=reader)):
                return True
    return False


def _in_evidence(picture: Picture, key: str, reader: str) -> bool:
    private = {
        (check_id, question.name)
        for check_id, check, _ in checks_of(house().declared, picture.on)
        for question in check.questions
        if question.private
    }
    return any(
        value == key and ((one.check, name) not in private or one.by == reader)
        for one in picture.evidence
        for name, value in one.answers.items()
        if one.check.partition(".")[0] in picture.on
    )
