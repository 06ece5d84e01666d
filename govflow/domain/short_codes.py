"""Codes that people read on one screen and type on another: no look-alikes, no vowels, so no words either."""

from __future__ import annotations

import unicodedata

from govflow.domain.refusals import Invalid

ALPHABET = "234679CDFHJKMPRTVWX"
GROUP = 4
CODE_LETTERS, RECOVERY_LETTERS = 8, 12


def grouped(code: str) -> str:
    """As it is shown: in groups of four."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def read_out(code: str) -> str:
    """As a screen reader says it: letter by letter, with a pause between the groups."""
    return ", ".join(" ".join(group) for group in grouped(code).split("-"))


def read_code(typed: str, *, letters: int = CODE_LETTERS) -> str:
    """A code as it was typed or pasted, with or without dashes, spaces and capitals. What cannot be one is refused."""
    kept = "".join(letter for letter in unicodedata.normalize("NFKC", typed[:200]).upper() if letter.isalnum())
    if len(kept) != letters or any(letter not in ALPHABET for letter in kept):
        example = grouped((ALPHABET * 2)[:letters])
        sentence = f"The code has {letters} letters and numbers, such as {example}. Type it as it is shown."
        raise Invalid(sentence, {"code": sentence})
    return kept
