"""The ledger of one poll: which sealed row each elector may have, and who has answered. A file beside the poll's key.

It is made when the poll opens and keeps its size. Each elector has a place in it, in the order of their numbers, and a
vote writes that place and nothing else: what the file holds tells no order of votes. There is nothing that could grow.

A place has room for the digests of two rows. Before a row is put into the database its digest takes the room that the
row which is there does not need; afterwards it takes both. So at every moment, also in the middle of writing, the row
that is in the database is one of the two. No place lies across two sectors of a disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from pathlib import Path

KIND = b"ledger 2"
HEAD = struct.Struct(">8sQQQ32x")
"""What it is, the round, the size of a ballot, the number of places."""
PLACE = struct.Struct(">Q16s16s?23x")
"""The elector, two digests, whether they have answered."""
ANSWERED = struct.calcsize(">Q16s16s")


class Unreadable(ValueError):
    """This is no ledger, or not a whole one."""


class Ledger:
    """What the file says now. Nobody else may write it meanwhile: the caller has locked the key."""

    def __init__(self, path: Path):
        self._path, self._content = path, path.read_bytes()
        self._older = self._content.startswith(b"{")
        if self._older:
            self._content = _from_older(self._content)
        try:
            kind, self.round_id, self.size, self._count = HEAD.unpack_from(self._content)
        except struct.error:
            raise Unreadable from None
        if kind != KIND or len(self._content) != HEAD.size + self._count * PLACE.size:
            raise Unreadable

    @classmethod
    def make(cls, path: Path, round_id: int, size: int, rows: Mapping[int, bytes]) -> None:
        """A new one, in which each elector has this row and nobody has answered."""
        places = [(elector, digest := _digest(row), digest, False) for elector, row in rows.items()]
        write_new(path, _packed(round_id, size, places))

    def answered(self) -> int:
        return sum(self._content[HEAD.size + ANSWERED :: PLACE.size])

    def allows(self, rows: Mapping[int, bytes]) -> bool:
        """Whether every elector has a row here, and a right one."""
        right = {elector: allowed for elector, *allowed, _ in self._places()}
        return right.keys() == rows.keys() and all(_digest(row) in right[elector] for elector, row in rows.items())

    def expect(self, elector: int, kept: bytes, new: bytes) -> bool:
        """Allow also the row that is to take the place of `kept`; False if `kept` is not what should be there.

        It is on the disk when this comes back.
        """
        number = self._number_of(elector)
        if number is None:
            return False
        _, one, other, answered = self._place(number)
        old = _digest(kept)
        if old not in (one, other):
            return False
        pair = (_digest(new), old) if other == old else (old, _digest(new))
        self._put(number, (elector, *pair, answered), lasting=True)
        return True

    def keep(self, elector: int, row: bytes) -> None:
        """From now on this row alone is right, and the elector has answered.

        Lost in a power cut, both rows are still allowed, and one of them is there.
        """
        number = self._number_of(elector)
        assert number is not None, "it was expected"
        digest = _digest(row)
        self._put(number, (elector, digest, digest, True), lasting=False)

    def _places(self) -> Iterator[tuple[int, bytes, bytes, bool]]:
        return PLACE.iter_unpack(self._content[HEAD.size :])

    def _place(self, number: int) -> tuple[int, bytes, bytes, bool]:
        return PLACE.unpack_from(self._content, HEAD.size + number * PLACE.size)

    def _number_of(self, elector: int) -> int | None:
        number = bisect_left(range(self._count), elector, key=lambda one: self._place(one)[0])
        return number if number < self._count and self._place(number)[0] == elector else None

    def _put(self, number: int, place: tuple[int, bytes, bytes, bool], *, lasting: bool) -> None:
        if self._older:
            new = self._path.with_suffix(".new")
            new.unlink(missing_ok=True)
            write_new(new, self._content)
            new.replace(self._path)
            settle(self._path.parent)
            self._older = False
        handle = os.open(self._path, os.O_WRONLY)
        try:
            os.pwrite(handle, PLACE.pack(*place), HEAD.size + number * PLACE.size)
            if lasting:
                getattr(os, "fdatasync", os.fsync)(handle)
        finally:
            os.close(handle)


def _packed(round_id: int, size: int, places: list[tuple[int, bytes, bytes, bool]]) -> bytes:
    return HEAD.pack(KIND, round_id, size, len(places)) + b"".join(PLACE.pack(*place) for place in sorted(places))


def _from_older(content: bytes) -> bytes:
    """What polls that were opened before this kind of ledger have: the whole of it as JSON, written anew each time."""
    try:
        kept = json.loads(content)
        answered = set(kept["voted"])
        places = [
            (int(elector), bytes.fromhex(digests[0]), bytes.fromhex(digests[-1]), int(elector) in answered)
            for elector, digests in kept["rows"].items()
        ]
        return _packed(kept["round"], kept["size"], places)
    except (ValueError, KeyError):
        raise Unreadable from None


def _digest(row: bytes) -> bytes:
    return hashlib.blake2b(row, digest_size=16).digest()


def write_new(path: Path, content: bytes) -> None:
    """A file that was not there, on the disk when this comes back, readable by its owner alone."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def settle(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk, not only the files."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
