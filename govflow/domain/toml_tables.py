"""Reading tables somebody wrote by hand: every refusal names the table, which one of them, and the key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from govflow.domain.questions import clean_text, read_day
from govflow.domain.refusals import Invalid
from govflow.domain.wording import listed

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}\Z")


MOST_DOTS = 20


def read_toml(text: str) -> dict[str, Any]:
    """TOML as a dictionary, or ValueError with a sentence. Guards against texts made to make parsers slow."""
    for number, line in enumerate(text.splitlines(), start=1):
        if _longest_path(line) > MOST_DOTS:
            raise ValueError(f"Line {number} has a key with too many dots.")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"This is not whole TOML: {error}.") from None
    except (RecursionError, ValueError):
        raise ValueError("This is not whole TOML: it is nested too deeply, or has an impossible value.") from None


def _longest_path(line: str) -> int:
    """How many words stand in a row with nothing but dots between them: a parser's time grows with its square."""
    longest = here = 0
    for part in line.split("."):
        here = here + 1 if _WORD.match(part) else 0
        longest = max(longest, here)
    return longest


_WORD = re.compile(r"\s*[\w\"'-]{0,64}\s*\Z")


class TomlTable:
    """One table of a file. Keys are taken out one by one; `done()` refuses what is left by name."""

    def __init__(self, name: str, given: Any, number: int | None = None):
        self.where = f"[[{name}]] number {number}" if number else f"[{name}]"
        if not isinstance(given, Mapping):
            raise Invalid(f"{self.where} must be a table.")
        self._given = dict(given)

    def wrong(self, key: str, sentence: str) -> Invalid:
        return Invalid(f"{self.where}, key “{key}”: {sentence}")

    def take(self, key: str, default: Any = None) -> Any:
        return self._given.pop(key, default)

    def text(self, key: str, default: str | None = None, *, most: int = 300) -> str:
        value = self.take(key, default)
        if value is None:
            raise self.wrong(key, "it is missing.")
        if not isinstance(value, str):
            raise self.wrong(key, "it must be text, in quotation marks.")
        value = clean_text(value)
        if not value and default is None:
            raise self.wrong(key, "it is empty.")
        if len(value) > most:
            raise self.wrong(key, f"it has {len(value):,} letters; at most {most:,} are kept.")
        return value

    def slug(self, key: str, default: str | None = None) -> str:
        value = self.text(key, default, most=63)
        if not SLUG.match(value):
            raise self.wrong(key, f"“{value}” is no short name: small letters, digits, hyphens and underscores only.")
        return value

    def day(self, key: str, *, required: bool = True) -> date | None:
        value = self.take(key)
        if value is None:
            if required:
                raise self.wrong(key, "it is missing. Give a day such as 2016-03-01.")
            return None
        if not isinstance(value, date):
            raise self.wrong(key, "it must be a day such as 2016-03-01, without quotation marks.")
        try:
            return read_day(value, key)
        except Invalid as error:
            raise self.wrong(key, str(error)) from None

    def must_day(self, key: str) -> date:
        found = self.day(key)
        assert found is not None
        return found

    def choice(self, key: str, choices: Sequence[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise self.wrong(key, f"“{value:.60}” is none of: {listed(list(choices))}.")
        return value

    def texts(self, key: str) -> list[str]:
        value = self.take(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(key, "it must be a list of texts.")
        if len(value) > 1_000:
            raise self.wrong(key, "it is a very long list; at most 1,000 are kept.")
        return [clean_text(one) for one in value]

    def flag(self, key: str, default: bool) -> bool:
        value = self.take(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "it must be true or false.")
        return value

    def table(self, key: str) -> dict[str, Any]:
        value = self.take(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "it must be a table.")
        return value

    def tables(self, key: str) -> list[Any]:
        value = self.take(key, [])
        if not isinstance(value, list):
            raise Invalid(f"[[{key}]] must be written with two brackets on each side.")
        return value

    def done(self) -> None:
        for key in self._given:
            raise self.wrong(str(key), "it is not known here.")
