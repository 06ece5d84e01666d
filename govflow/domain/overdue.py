"""When something falls due and when a reminder is owed. Days are worked out, never "is today the day"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from govflow.domain.wording import count

GRACE_AFTER_IMPORT = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Pause:
    """A stay outside time: nothing falls due while it lasts. `ended` is None while it still does."""

    began: date
    ended: date | None = None


@dataclass(frozen=True, kw_only=True)
class Due:
    """A due rule: so many days after (or, below nought, before) an anchor.

    `anchor` is `stage_entry`, `joining` or the name of a date field of the entry a check is about.
    """

    anchor: str
    days: int

    def sentence(self) -> str:
        """“due 14 days after joining”."""
        words = {"stage_entry": "this stage began", "joining": "joining"}.get(
            self.anchor, self.anchor.replace("_", " ")
        )
        if self.days == 0:
            return f"due on the day of {words}"
        return f"due {count(abs(self.days), 'day')} {'after' if self.days > 0 else 'before'} {words}"


def after_stage_entry(*, days: int) -> Due:
    return Due(anchor="stage_entry", days=days)


def after_joining(*, days: int) -> Due:
    return Due(anchor="joining", days=days)


def after_field(name: str, *, days: int) -> Due:
    return Due(anchor=name, days=days)


def before_field(name: str, *, days: int) -> Due:
    return Due(anchor=name, days=-days)


def due_day(anchor: date, days: int, pauses: Sequence[Pause], today: date) -> date:
    """The due day, moved on by every pause between the anchor and it. A pause still open moves it day by day."""
    due = anchor + timedelta(days=days)
    for pause in sorted(pauses, key=lambda pause: pause.began):
        ended = pause.ended or max(today, pause.began)
        if pause.began <= due and ended > anchor:
            due += ended - max(pause.began, anchor)
    return due


def is_late(due_on: date | None, today: date) -> bool:
    """Late from the day after: the due day itself is still in time."""
    return due_on is not None and due_on < today


def cycle(due_on: date, today: date, *, every: int = 7) -> date:
    """The day on which the reminder that is owed today fell: the day after the due day, then every so many days.

    However long nobody looked, one thing owes one reminder: the latest.
    """
    first = due_on + timedelta(days=1)
    between = timedelta(days=max(1, every))
    return first + between * ((today - first) // between)
