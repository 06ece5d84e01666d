"""The box of one poll: its key and its ledger, outside the database and its backups, until the poll closes.

A ballot is sealed (libsodium sealed box, PyNaCl) to the box's key before it touches the database, padded so that all
are of one size. The ledger holds a digest of each elector's row, written before each commit, so that a row that
was changed, put back, copied, added or taken away by something other than a vote makes opening refuse. At close all
rows are opened together and the key is overwritten and removed: what a backup still holds can never be read again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import current_app
from nacl.bindings import sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from govflow.domain.polls import Ballot
from govflow.domain.refusals import Refused

BLOCK = 1024
NO_KEY = (
    "The key of this poll is not on this machine, so nothing can be answered or opened. "
    "Tell whoever looks after this installation: its key folder is missing, or is another one."
)
DISTURBED = (
    "The sealed answers in the database are not the ones that were given. Somebody, or a restored backup, has changed "
    "them. So nothing is opened: a result could be wrong, or show what one person said."
)


class Disturbed(Refused):
    """The rows are not what the ledger says, or the key is gone: nothing may be opened."""


class Box:
    """One poll's box. `name` is random; the rows it belongs to stand in the database under the round's id."""

    def __init__(self, name: str):
        folder: Path = current_app.config["GOVFLOW"].key_dir / "polls"
        self._key, self._ledger = folder / f"{name}.key", folder / f"{name}.ledger"
        self.name = name

    @classmethod
    def make(cls, round_id: int, electors: list[int], *, longest: int) -> tuple[Box, dict[int, bytes]]:
        """A new box, and a blank sealed row for each elector. `longest`: the most bytes a ballot can have."""
        box = cls(secrets.token_hex(16))
        box._key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        size = (longest // BLOCK + 1) * BLOCK
        key = PrivateKey.generate()
        _write(box._key, bytes(key))
        rows = {elector: _seal(key, {}, size) for elector in electors}
        digests = {str(elector): [_digest(row)] for elector, row in rows.items()}
        box._keep({"round": round_id, "size": size, "rows": digests, "voted": []})
        return box, rows

    def turnout(self) -> int | None:
        """How many have answered so far; None where the ledger is not here."""
        try:
            return len(json.loads(self._ledger.read_bytes())["voted"])
        except FileNotFoundError:
            return None

    @contextmanager
    def replacing(self, elector: int, kept: bytes, ballot: Ballot) -> Iterator[bytes]:
        """The new row in place of `kept`. The caller commits inside: before it, the ledger allows both rows.

        If the commit does not come about, or this process dies here, the row that is then there is one of the two.
        """
        with self._opened() as (key, ledger):
            row = ledger["rows"].get(str(elector))
            if row is None or _digest(kept) not in row:
                raise Disturbed(DISTURBED)
            new = _seal(key, ballot, ledger["size"])
            ledger["rows"][str(elector)] = [_digest(kept), _digest(new)]
            self._keep(ledger)
            yield new
            ledger["rows"][str(elector)] = [_digest(new)]
            ledger["voted"] = sorted({*ledger["voted"], elector})
            self._keep(ledger, lasting=False)  # lost in a power cut, both rows are still allowed, and one is there

    def open(self, round_id: int, rows: Mapping[int, bytes]) -> dict[int, Ballot]:
        """Every ballot that is not blank, by elector: for the one moment of counting, and never written anywhere."""
        with self._opened() as (key, ledger):
            expected = ledger["rows"]
            whole = ledger["round"] == round_id and set(expected) == {str(elector) for elector in rows}
            if not whole or any(_digest(row) not in expected[str(elector)] for elector, row in rows.items()):
                raise Disturbed(DISTURBED)
            try:
                unsealed = SealedBox(key)
                ballots = {
                    elector: json.loads(sodium_unpad(unsealed.decrypt(row), ledger["size"]))
                    for elector, row in rows.items()
                }
            except CryptoError:
                raise Disturbed(DISTURBED) from None
        return {elector: ballot for elector, ballot in ballots.items() if ballot}

    def destroy(self) -> None:
        """Overwrite the key and remove it, and the ledger with it. Whoever comes second finds nothing to do."""
        try:
            with self._key.open("r+b") as file:
                file.write(os.urandom(PrivateKey.SIZE))
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            pass
        for path in (self._key, self._ledger):
            path.unlink(missing_ok=True)
        _settle(self._key.parent)

    @contextmanager
    def _opened(self) -> Iterator[tuple[PrivateKey, dict[str, Any]]]:
        """The key and the ledger, and nobody else at them until this ends."""
        try:
            with self._key.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                key = PrivateKey(file.read())
                yield key, json.loads(self._ledger.read_bytes())
        except FileNotFoundError:
            raise Disturbed(NO_KEY) from None

    def _keep(self, ledger: dict[str, Any], *, lasting: bool = True) -> None:
        new = self._ledger.with_suffix(".new")
        new.unlink(missing_ok=True)
        _write(new, json.dumps(ledger, separators=(",", ":")).encode(), lasting=lasting)
        new.replace(self._ledger)
        if lasting:
            _settle(self._ledger.parent)


def _seal(key: PrivateKey, ballot: Ballot, size: int) -> bytes:
    plain = json.dumps(ballot, ensure_ascii=False).encode()
    return SealedBox(key.public_key).encrypt(sodium_pad(plain, size))


def _digest(row: bytes) -> str:
    return hashlib.blake2b(row, digest_size=16).hexdigest()


def _write(path: Path, content: bytes, *, lasting: bool = True) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        if lasting:
            os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk, not only the files."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
