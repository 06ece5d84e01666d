"""A checkpoint: how many lines a history had at a moment and what the last one was, signed. Its form as text.

Whoever keeps one can tell later whether the history up to there is still the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from govflow.domain.history.chain import SignedHead, moment, packed
from govflow.domain.refusals import Invalid

FORM = "govflow checkpoint 1"
_SOMETHING = re.compile(r"\S")
_HEX = {"head": 64, "key": 64, "signature": 128}


@dataclass(frozen=True, kw_only=True)
class Checkpoint(SignedHead):
    """`organisation` by its short name; `key` is the public key, in hex as the rest."""

    organisation: str
    key: str = ""
    signature: str = ""

    def to_sign(self) -> bytes:
        """The bytes that are signed."""
        return packed(FORM, self.organisation, str(self.count), self.head, moment(self.at))

    def with_signature(self, key: str, signature: str) -> Checkpoint:
        return replace(self, key=key, signature=signature)

    def as_text(self, *, indent: int | None = None) -> str:
        """As JSON: one line in a file, several in a letter. Both are read."""
        kept = {"form": FORM, **asdict(self), "at": moment(self.at)}
        return json.dumps(kept, ensure_ascii=False, indent=indent, sort_keys=True)


def read_checkpoints(text: str) -> list[Checkpoint]:
    """Every checkpoint of a file or a letter, in its order."""
    found: list[Checkpoint] = []
    place, decoder = 0, json.JSONDecoder()
    text = text.removeprefix("\ufeff")
    while True:
        start = _SOMETHING.search(text, place)
        if start is None:
            return found
        place = start.start()
        line = text.count("\n", 0, place) + 1
        try:
            given, place = decoder.raw_decode(text, place)
            found.append(_read(given))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            raise Invalid(f"What stands on line {line} is no checkpoint, or not a whole one.") from None


def checkpoints_in_letter(text: str) -> list[Checkpoint]:
    """Every checkpoint in the text of a letter, also where lines were quoted with `>` or broken on the way."""
    plain = re.sub(r"^[> \t]+", "", text, flags=re.MULTILINE)
    found = [re.sub(r"\s*\n\s*", "", one) for one in re.findall(r"\{[^{}]{1,2000}\}", plain) if FORM in one]
    if not found:
        raise Invalid("There is no checkpoint in it.")
    return read_checkpoints("\n".join(found))


def _read(given: Any) -> Checkpoint:
    given = dict(given)
    if given.pop("form") != FORM or not isinstance(given["count"], int) or isinstance(given["count"], bool):
        raise ValueError
    if given["count"] < 1 or not isinstance(given["organisation"], str):
        raise ValueError
    for name, length in _HEX.items():
        if not isinstance(given[name], str) or not re.fullmatch(rf"[0-9a-f]{{{length}}}", given[name]):
            raise ValueError
    given["organisation"].encode()
    at = datetime.strptime(given.pop("at"), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return Checkpoint(at=at, **given)
