"""Looking every history over against its checkpoints, for `govflow audit verify`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from sqlalchemy import func, select

from govflow.domain.history.chain import look_over, said
from govflow.domain.history.checkpoint import Checkpoint
from govflow.domain.refusals import Invalid, NotFound, Refused
from govflow.domain.wording import count
from govflow.services.history.checkpoints import checkpoint_file, checkpoints_in, is_gone, lines_of, public_key
from govflow.store import EventRow, Organisation, db


@dataclass(frozen=True, kw_only=True)
class Looked:
    """How one history was found. `line`: the first line that is wrong; `signed`: the last checkpoint that counts."""

    organisation: str
    lines: int
    problem: str = ""
    line: int | None = None
    signed: Checkpoint | None = None

    def sentence(self) -> str:
        if self.problem:
            return f"The history of {self.organisation} is not whole. {self.problem}"
        whole = f"The history of {self.organisation} is whole: {count(self.lines, 'line')}."
        if self.signed:
            return f"{whole} It agrees with its checkpoint of {said(self.signed.at)}."
        return f"{whole} There is no checkpoint to hold it against, so a cut end would not show."

    def as_json(self) -> dict[str, object]:
        signed = {"count": self.signed.count, "at": self.signed.at.isoformat()} if self.signed else None
        found = {"organisation": self.organisation, "lines": self.lines, "whole": not self.problem}
        return {**found, "problem": self.problem or None, "line": self.line, "checkpoint": signed}


def verify(*, file: Path | None = None, organisation: str | None = None, keys: Sequence[str] = ()) -> list[Looked]:
    """Look over each history, or one, against every checkpoint of the file; left out: the file that is set.

    A checkpoint counts when one of `keys` signed it; left out: the key of this installation, and where it is not here,
    the key of the first checkpoint.
    """
    wanted = [_clean(key) for key in keys]
    signed: dict[str, list[Checkpoint]] = {}
    for checkpoint in _checkpoints(file):
        signed.setdefault(checkpoint.organisation, []).append(checkpoint)
    trusted = wanted or _own_key() or [checkpoint.key for ones in signed.values() for checkpoint in ones][:1]
    ids = {row.slug: row.id for row in db.session.execute(select(Organisation.slug, Organisation.id))}
    if organisation is not None and organisation not in {*ids, *signed}:
        raise NotFound(f"There is no organisation “{organisation:.64}”, and no checkpoint of one.")
    slugs = [organisation] if organisation is not None else sorted({*ids, *signed})
    return [_look_at(slug, ids.get(slug), signed.get(slug, []), trusted) for slug in slugs]


def _look_at(slug: str, organisation_id: int | None, signed: list[Checkpoint], keys: Sequence[str]) -> Looked:
    last = signed[-1] if signed else None
    if organisation_id is None:
        most = max(checkpoint.count for checkpoint in signed)
        problem = f"It is gone, the organisation too: its checkpoint knows {count(most, 'line')}."
        return Looked(organisation=slug, lines=0, problem=problem, line=1, signed=last)
    wrong = [(checkpoint, why) for checkpoint in signed if (why := _not_ours(checkpoint, keys))]
    good = [checkpoint for checkpoint in signed if not any(checkpoint is bad for bad, _ in wrong)]
    verdict = look_over(lines_of(organisation_id), signed=good)
    problem, line = verdict.problem, verdict.line
    if not problem and wrong:
        problem = f"Its checkpoint of {said(wrong[0][0].at)} {wrong[0][1]}"
    lines = select(func.count()).select_from(EventRow).where(EventRow.organisation_id == organisation_id)
    total = db.session.scalar(lines) or 0
    return Looked(organisation=slug, lines=total, problem=problem, line=line, signed=good[-1] if good else None)


def _not_ours(one: Checkpoint, keys: Sequence[str]) -> str:
    """Why a checkpoint does not count; empty: it does."""
    try:
        VerifyKey(bytes.fromhex(one.key)).verify(one.to_sign(), bytes.fromhex(one.signature))
    except (BadSignatureError, ValueError):
        return "was changed after it was signed."
    return "" if one.key in keys else f"was signed with another key: {one.key}."


def _checkpoints(file: Path | None) -> list[Checkpoint]:
    if file is not None:
        return checkpoints_in(file, or_letter=True)
    if is_gone():
        raise Refused(
            f"The checkpoint file {checkpoint_file()} is gone. Put it back, or name a copy: --checkpoint FILE"
        )
    return checkpoints_in(checkpoint_file()) if checkpoint_file().exists() else []


def _own_key() -> list[str]:
    try:
        return [public_key()]
    except Refused:
        return []


def _clean(key: str) -> str:
    key = key.strip().lower()
    if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
        raise Invalid("A key is 64 letters and digits, as govflow audit key prints it.")
    return key
