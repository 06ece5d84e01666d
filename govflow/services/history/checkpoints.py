"""Checkpoints of the history: signed, and added to a file outside the database, so that a change of it shows."""

from __future__ import annotations

import email
import email.policy
import fcntl
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from nacl.signing import SigningKey
from sqlalchemy import select

from govflow.domain.history.chain import NO_LINE, ChainReport, Event, EventDetails, Head, look_over, said
from govflow.domain.history.checkpoint import Checkpoint, checkpoints_in_letter, read_checkpoints
from govflow.domain.refusals import Invalid, Refused
from govflow.services.base.keys import key_file, key_made_once
from govflow.store import EventDetailsRow, EventRow, Organisation, db, end_reading, now

log = logging.getLogger("govflow.checkpoints")
KEY = "checkpoints.key"
EVERY = timedelta(minutes=15)
TAIL, ROWS = 4_096, 2_000


def lines_of(organisation_id: int, *, after: int = 0, at_once: int = ROWS) -> Iterator[Event]:
    """The chain of one organisation as it stands in the database, a few thousand lines at a time.

    What cannot be read at all is a ValueError, raised where it stands: every line before it has been given.
    """
    line, words = EventRow.__table__.c, EventDetailsRow.__table__.c
    query = (
        select(
            *(line.organisation_id, line.number, line.at, line.on, line.verb, line.project_id, line.person_id),
            *(line.by_operator, line.facts_seal, line.before, line.hash, words.salt, words.facts, words.whom_id),
        )
        .select_from(EventRow.__table__.outerjoin(EventDetailsRow.__table__, words.line_id == line.id))
        .where(line.organisation_id == organisation_id, line.number > after)
        .order_by(line.number, line.id)
        .execution_options(yield_per=at_once)
    )
    try:
        with closing(db.session.execute(query)) as found:  # whoever has seen enough does not read on
            for *kept, salt, facts, whom in found:
                one = Event(*kept)
                one.words = None if salt is None else EventDetails(salt, facts, whom)
                yield one
                after = one.number
    except (ValueError, TypeError):
        if at_once == 1:
            raise
        yield from lines_of(organisation_id, after=after, at_once=1)


# --- writing ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CheckpointsWritten:
    """What was signed now, and a sentence for each history that could not be."""

    checkpoints: list[Checkpoint] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def write_checkpoints(*, at_most_every: timedelta | None = None) -> CheckpointsWritten:
    """Sign each history that has something new, and add it to the file.

    What is new is looked over first, from the last checkpoint on. A history that is no longer what was signed then is
    not signed again: a new checkpoint would hide what happened.
    """
    path = checkpoint_file()
    if at_most_every and _written_within(path, at_most_every):
        return CheckpointsWritten()
    written = CheckpointsWritten()
    with _locked(path) as file:
        text = _text_of(file.read(), path)
        last = {checkpoint.organisation: checkpoint for checkpoint in read_checkpoints(text)}
        key = SigningKey(key_made_once(KEY, 32))
        for organisation_id, slug in _organisations():
            before = last.get(slug)
            verdict = _new_in(organisation_id, before)
            if verdict.problem:
                written.problems.append(f"The history of {slug} was not signed. {verdict.problem}")
            elif verdict.head.number > (before.count if before else 0):
                written.checkpoints.append(_signed(slug, verdict.head, key))
        end_reading()
        _append(file, text, written.checkpoints)
    return written


def write_as_part_of_the_sweep() -> None:
    """The same, at most every fifteen minutes; the sweep goes on whatever happens here, and `doctor` says it too."""
    try:
        for problem in write_checkpoints(at_most_every=EVERY).problems:
            log.error("%s Run: govflow audit verify", problem)
    except (OSError, Refused) as error:
        end_reading()
        log.error("no checkpoint of the history could be written: %s", error)


def _organisations() -> Iterable[tuple[int, str]]:
    return [(row.id, row.slug) for row in db.session.execute(select(Organisation.id, Organisation.slug))]


def _new_in(organisation_id: int, before: Checkpoint | None) -> ChainReport:
    """What came after the last checkpoint, looked over; it must follow from the very line that was signed."""
    head = Head(before.count, before.head) if before else Head()
    verdict = look_over(lines_of(organisation_id, after=head.number), after=head)
    if before and not verdict.problem and hash_at(organisation_id, before.count) != before.head:
        sentence = f"It is not what was signed on {said(before.at)}."
        return ChainReport(head, sentence, before.count)
    return verdict


def hash_at(organisation_id: int, number: int) -> str:
    found = select(EventRow.hash).where(EventRow.organisation_id == organisation_id, EventRow.number == number)
    return db.session.scalar(found.limit(1)) or NO_LINE


def _signed(slug: str, head: Head, key: SigningKey) -> Checkpoint:
    made = Checkpoint(organisation=slug, count=head.number, head=head.hash, at=now())
    return made.with_signature(key.verify_key.encode().hex(), key.sign(made.to_sign()).signature.hex())


# --- the file -----------------------------------------------------------------------------------------------


def checkpoint_file() -> Path:
    path: Path = current_app.config["GOVFLOW"].checkpoint_file
    return path


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The file, made where it is not there, and ours alone: two sweeps do not write into each other's line."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640), "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _append(file: BinaryIO, text: str, checkpoints: Iterable[Checkpoint]) -> None:
    """All of it or nothing, and on the disk when this returns."""
    lines = "".join(f"{checkpoint.as_text()}\n" for checkpoint in checkpoints)
    if not lines:
        return
    data = (("" if text.endswith("\n") or not text else "\n") + lines).encode()
    size = os.fstat(file.fileno()).st_size
    try:
        if file.write(data) != len(data):
            raise OSError("the disk is full")
        os.fsync(file.fileno())
    except OSError:
        os.ftruncate(file.fileno(), size)
        raise


def _text_of(data: bytes, path: Path) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Invalid(f"{path} is no file of checkpoints.") from None


def checkpoints_in(path: Path, *, or_letter: bool = False) -> list[Checkpoint]:
    """Every checkpoint in a file; `or_letter`: it may be an email of ours too, saved or copied."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)  # not while somebody is in the middle of a line
            data = file.read()
        if or_letter and data.strip() and not data.lstrip().startswith(b"{"):
            return checkpoints_in_letter(_text_of_letter(data))
        return read_checkpoints(_text_of(data, path))
    except Invalid as error:
        raise Invalid(f"{path} cannot be read. {error}") from None
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from None


def _text_of_letter(data: bytes) -> str:
    try:
        letter = email.message_from_bytes(data, policy=email.policy.default)
        body = letter.get_body(("plain", "html"))
        return "" if body is None else str(body.get_content())
    except (LookupError, ValueError, AttributeError):  # no letter, or one that was broken on the way
        return data.decode(errors="replace")


def latest_of_each() -> dict[str, Checkpoint]:
    """The last checkpoint of each organisation, where the file can be read."""
    try:
        return {checkpoint.organisation: checkpoint for checkpoint in checkpoints_in(checkpoint_file())}
    except Refused:
        return {}


def latest(slug: str) -> Checkpoint | None:
    return latest_of_each().get(slug)


def _written_within(path: Path, time: timedelta) -> bool:
    """Whether something was signed a moment ago, by the last line alone. A moment that is still to come is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL))
            last = file.read().splitlines()[-1:]
        return any(
            timedelta(0) <= now() - checkpoint.at < time
            for line in last
            for checkpoint in read_checkpoints(line.decode())
        )
    except (OSError, UnicodeDecodeError, Invalid):
        return False


def public_key() -> str:
    """The key that checkpoints are looked over with, in hex. Looking makes none."""
    if not key_file(KEY).exists():
        raise Refused("Nothing has been signed yet. Run: govflow audit checkpoint")
    return SigningKey(key_made_once(KEY, 32)).verify_key.encode().hex()


def is_gone() -> bool:
    """Whether there was a checkpoint file once: the key is made after the file, and never without it."""
    return key_file(KEY).exists() and not checkpoint_file().exists()


# --- what the doctor asks -----------------------------------------------------------------------------------


def problems() -> list[str]:
    """A sentence for each thing that is wrong with the checkpoints."""
    path = checkpoint_file()
    if is_gone():
        return [f"The checkpoint file {path} is gone. Put it back; then run: govflow audit verify"]
    if not _could_be_written(path):
        return [f"The checkpoint file {path} cannot be written, so a change of the history may not show."]
    if not path.exists():
        return []
    try:
        last = {checkpoint.organisation: checkpoint for checkpoint in checkpoints_in(path)}
    except Refused as error:
        return [str(error)]
    ids = {slug: organisation_id for organisation_id, slug in _organisations()}
    return [
        f"The history of {slug} is not what was signed on {said(checkpoint.at)}. Run: govflow audit verify"
        for slug, checkpoint in last.items()
        if slug not in ids or hash_at(ids[slug], checkpoint.count) != checkpoint.head
    ]


def _could_be_written(path: Path) -> bool:
    """Tried where the file is there; else, whether it could be made."""
    if path.exists():
        try:
            os.close(os.open(path, os.O_RDWR | os.O_APPEND))
        except OSError:
            return False
        return True
    folder = next(file for file in path.parents if file.exists())
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
