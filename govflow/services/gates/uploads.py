"""Files given as answers: kept apart, under random names, and read by whoever may read the answer."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PIL import Image
from sqlalchemy import func, select

from govflow.domain.questions import FILE_KINDS, FILE_MOST, NewFile, Question, kind_of
from govflow.domain.refusals import Invalid
from govflow.services.base.actions import Action
from govflow.store import Project, Upload, db, everything, now

PICTURES = {".png": "PNG", ".jpg": "JPEG"}
MOST_PIXELS = 25_000_000
QUOTA = 500 << 20
"""Bytes all projects of an organisation may keep together."""


def known_files(project_id: int, questions: Sequence[Question], kept: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The names of the files that stand in these answers, by key. No other file can be named in an answer.

    Whoever knows the key of somebody else's file could otherwise put it into an answer of their own, and read it.
    """
    asked = [one.name for one in questions if one.kind == "file"]
    keys = {answers[name] for answers in kept for name in asked if isinstance(answers.get(name), str)}
    if not keys:
        return {}
    rows = db.session.execute(
        select(Upload.key, Upload.name).where(Upload.project_id == project_id, Upload.key.in_(keys))
    )
    return {row.key: row.name for row in rows}


def keep_files(action: Action, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers with each new file kept, and its key in its place."""
    return {name: _keep(action, name, one) if isinstance(one, NewFile) else one for name, one in answers.items()}


def _keep(action: Action, field: str, file: NewFile) -> str:
    ending = kind_of(file)
    data = _without_what_a_camera_adds(field, file, ending) if ending in PICTURES else file.data
    of_all = select(func.coalesce(func.sum(Upload.size), 0)).join(Project, Project.id == Upload.project_id)
    with everything():  # the limit is the organisation's, also for projects that whoever gives this does not reach
        kept = db.session.scalar(of_all.where(Project.organisation_id == action.project.organisation_id))
    if (kept or 0) + len(data) > QUOTA:
        sentence = f"Your organisation has used its {QUOTA >> 20} MB for files. Ask the people who run this service."
        raise Invalid(sentence, {field: sentence})
    name = f"{file.name.rpartition('.')[0].strip()[:150] or 'file'}{ending}"
    row = Upload(
        project_id=action.project.id,
        key=secrets.token_hex(16),
        name="".join(letter for letter in name if letter.isprintable() and letter not in '/\\"'),
        type=FILE_KINDS[ending][1],
        size=len(data),
        data=data,
        member_id=action.me.id,
        at=now(),
    )
    db.session.add(row)
    db.session.flush()
    return row.key


def _without_what_a_camera_adds(field: str, file: NewFile, ending: str) -> bytes:
    """The picture drawn anew: place, time and camera are not kept."""
    sentence = f"“{file.name:.60}” could not be read as a picture. Send it in another way."
    try:
        with Image.open(io.BytesIO(file.data), formats=[PICTURES[ending]]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Invalid(sentence, {field: sentence})
            turned = _upright(picture)
            out = io.BytesIO()
            turned.save(out, PICTURES[ending])
    except Invalid:
        raise
    except Exception:  # whatever a broken picture makes its reader raise
        raise Invalid(sentence, {field: sentence}) from None
    if out.tell() > FILE_MOST:
        sentence = f"“{file.name:.60}” is too large a picture. Send a smaller one."
        raise Invalid(sentence, {field: sentence})
    return out.getvalue()


def _upright(picture: Image.Image) -> Image.Image:
    from PIL import ImageOps

    turned = ImageOps.exif_transpose(picture)
    plain = turned if turned.mode in ("1", "L", "RGB", "RGBA") else turned.convert("RGB")
    plain.info = {}
    return plain
