"""Small pieces of plain English, written once."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, timedelta


def day(value: date) -> str:
    """3 May 2026: no leading nought, the month in letters, so nobody mixes up day and month."""
    return f"{value.day} {value:%B %Y}"


def count(number: int, one: str, many: str | None = None) -> str:
    """“1 day”, “14 days”; `many` where the plural is another word."""
    return f"{number} {one if number == 1 else many or one + 's'}"


SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def number(value: int) -> str:
    """A small number in letters: “five”."""
    return SMALL[value] if 0 <= value < len(SMALL) else str(value)


def ago(passed: timedelta) -> str:
    """How long ago, in the largest unit that fits: no clock time, so no time zone to get wrong."""
    minutes = int(passed.total_seconds() // 60)
    if minutes < 10:
        return "a moment ago"
    if minutes < 120:
        return f"{minutes} minutes ago"
    return f"{minutes // 60} hours ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"


def short_name(title: str, taken: Collection[str], *, otherwise: str) -> str:
    """A short name made of a title: small letters, digits and hyphens, numbered where it is taken already."""
    base = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or otherwise
    found, number = base, 1
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found


def listed(words: Sequence[str], last: str = "and") -> str:
    """“tea, cake and jam”, with another last word where asked."""
    words = list(words)
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
