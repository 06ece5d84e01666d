"""The box of one poll: its key and its ledger, outside the database and its backups, until the poll closes.

A ballot is sealed (libsodium sealed box, PyNaCl) to the box's key before it touches the database, padded so that all
are of one size. The ledger (ledger.py) has a digest of each elector's row, written before each commit, so that a row
that was changed, put back, copied, added or taken away by something other than a vote makes opening refuse. At close
all rows are opened together and the key is overwritten and removed: what a backup holds can never be read again.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flask import current_app
from nacl.bindings import sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from govflow.domain.polls.polls import Ballot
from govflow.domain.refusals import Refused
from govflow.services.polls.ledger import Ledger, Unreadable, settle, write_new

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
        write_new(box._key, bytes(key))
        rows = {elector: _seal(key, {}, size) for elector in electors}
        Ledger.make(box._ledger, round_id, size, rows)
        settle(box._key.parent)
        return box, rows

    def turnout(self) -> int | None:
        """How many have answered so far; None where the ledger is not here."""
        try:
            return Ledger(self._ledger).answered()
        except (FileNotFoundError, Unreadable):
            return None

    @contextmanager
    def replace(self, elector: int, kept: bytes, ballot: Ballot) -> Iterator[bytes]:
        """The new row in place of `kept`. The caller commits inside: before it, the ledger allows both rows.

        If the commit does not come about, or this process dies here, the row that is then there is one of the two.
        """
        with self._opened() as (key, ledger):
            new = _seal(key, ballot, ledger.size)
            if not ledger.expect(elector, kept, new):
                raise Disturbed(DISTURBED)
            yield new
            ledger.keep(elector, new)

    def open(self, round_id: int, rows: Mapping[int, bytes]) -> dict[int, Ballot]:
        """Every ballot that is not blank, by elector: for the one moment of counting, and never written anywhere."""
        with self._opened() as (key, ledger):
            if ledger.round_id != round_id or not ledger.allows(rows):
                raise Disturbed(DISTURBED)
            try:
                unsealed = SealedBox(key)
                ballots = {
                    elector: json.loads(sodium_unpad(unsealed.decrypt(row), ledger.size))
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
        settle(self._key.parent)

    @contextmanager
    def _opened(self) -> Iterator[tuple[PrivateKey, Ledger]]:
        """The key and the ledger, and nobody else at them until this ends."""
        with ExitStack() as stack:
            try:
                file = stack.enter_context(self._key.open("rb"))
                fcntl.flock(file, fcntl.LOCK_EX)
                key, ledger = PrivateKey(file.read()), Ledger(self._ledger)
            except FileNotFoundError:
                raise Disturbed(NO_KEY) from None
            except Unreadable:
                raise Disturbed(DISTURBED) from None
            yield key, ledger


def _seal(key: PrivateKey, ballot: Ballot, size: int) -> bytes:
    plain = json.dumps(ballot, ensure_ascii=False).encode()
    return SealedBox(key.public_key).encrypt(sodium_pad(plain, size))
