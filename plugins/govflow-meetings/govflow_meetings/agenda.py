"""An agenda as people type it, a line for each item, and as it is read: check-in first, then the recap, with breaks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

LINE = re.compile(r"\s*(\d{1,3})\s+(\S.*)")
LONGEST_WITHOUT_BREAK = 60
CHECK_IN, RECAP, BREAK, SOCIAL = "Check-in, for whoever wants one", "Recap of last time", "Break", "Time to be together"


def items(text: str) -> list[tuple[int, str]]:
    """How many minutes, and what for. A line that does not say is refused with a ValueError, in words."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        match = LINE.fullmatch(line.rstrip())
        if not match:
            raise ValueError(
                f"Begin each line of the agenda with its minutes, such as “20 Choosing our name”. Not so: “{line:.60}”."
            )
        found.append((int(match[1]), match[2]))
    return found


def timed(
    starts: datetime, text: str, *, check_in: int, recap: int, pause: int, social: int
) -> Iterator[tuple[str, int, str]]:
    """When each item begins, its minutes, and what it is. The first two are always there, and always first."""
    at, since_break = starts, 0
    plan = [(check_in, CHECK_IN), (recap, RECAP), *items(text), (social, SOCIAL)]
    for number, (minutes, what) in enumerate(plan):
        if pause and number > 1 and since_break and since_break + minutes > LONGEST_WITHOUT_BREAK:
            yield f"{at:%H:%M}", pause, BREAK
            at, since_break = at + timedelta(minutes=pause), 0
        if minutes or number < 2:
            yield f"{at:%H:%M}", minutes, what
        at, since_break = at + timedelta(minutes=minutes), since_break + minutes
