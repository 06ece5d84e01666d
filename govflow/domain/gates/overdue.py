"""When something falls due and when a reminder is owed. Days are worked out, never "is today the day"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    """A due rule: so many days and months after (or, below nought, before) an anchor.

    `anchor` is `project_start`, `stage_entry`, `joining` or the name of a date field of the entry a check is about.
    With `repeats` it comes round again: the first such day after the check was last answered.
    """

    anchor: str
    days: int = 0
    months: int = 0
    repeats: bool = False

    def sentence(self) -> str:
        """The rule in words, made from it: “due 14 days after joining”."""
        if self.repeats:
            every = "month" if self.months == 1 else count(self.months, "month")
            return f"due every {every}, counted from {_ANCHORS[self.anchor]}"
        if self.anchor == "project_start" and self.months:
            return f"due by the end of month {self.months} of the project"
        words = _ANCHORS.get(self.anchor, self.anchor.replace("_", " "))
        if self.days == 0:
            return f"due on the day of {words}"
        return f"due {count(abs(self.days), 'day')} {'after' if self.days > 0 else 'before'} {words}"

    def day(self, anchor: date, *, answered: date | None = None) -> date:
        """The day this rule names, pauses left aside. `answered`: when the check was last answered."""
        if not self.repeats:
            return add_months(anchor, self.months) + timedelta(days=self.days)
        since = max(anchor, answered or anchor)
        times = max(1, ((since.year - anchor.year) * 12 + since.month - anchor.month) // self.months)
        while add_months(anchor, times * self.months) <= since:
            times += 1
        return add_months(anchor, times * self.months)


_ANCHORS = {"project_start": "the start of the project", "stage_entry": "the start of this stage", "joining": "joining"}


def after_stage_entry(*, days: int) -> Due:
    """So many days after the project entered the stage it is in."""
    return Due(anchor="stage_entry", days=days)


def after_joining(*, days: int) -> Due:
    """So many days after the member the check is about joined."""
    return Due(anchor="joining", days=days)


def after_field(name: str, *, days: int) -> Due:
    """So many days after a date field of the entry the check is about."""
    return Due(anchor=name, days=days)


def before_field(name: str, *, days: int) -> Due:
    """So many days before a date field of the entry the check is about."""
    return Due(anchor=name, days=-days)


def every_months(months: int, *, since: str = "project_start") -> Due:
    """Due again every so many months (1 or more), counted from `project_start`, `stage_entry` or `joining`."""
    if months < 1 or since not in _ANCHORS:
        raise ValueError(f"every_months takes 1 or more months, counted from one of: {', '.join(_ANCHORS)}.")
    return Due(anchor=since, months=months, repeats=True)


def by_project_month(month: int) -> Due:
    """Due on the last day of this month of the project; its first month is month 1."""
    if month < 1:
        raise ValueError("The first month of a project is month 1.")
    return Due(anchor="project_start", months=month, days=-1)


def add_months(anchor: date, months: int) -> date:
    """The same day so many months on, or the last day of a shorter month."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(anchor.day, last))


def due_day(anchor: date, days: int, pauses: Sequence[Pause], today: date) -> date:
    """So many days after an anchor, moved on by every pause in between."""
    return past_pauses(anchor, anchor + timedelta(days=days), pauses, today)


def past_pauses(anchor: date, due: date, pauses: Sequence[Pause], today: date) -> date:
    """The due day, moved on by every pause between the anchor and it. A pause still open moves it day by day."""
    for pause in sorted(pauses, key=lambda pause: pause.began):
        ended = pause.ended or max(today, pause.began)
        if pause.began <= due and ended > anchor:
            due += ended - max(pause.began, anchor)
    return due


def is_late(due_on: date | None, today: date) -> bool:
    """Late from the day after: the due day itself is still in time."""
    return due_on is not None and due_on < today


def reminded_from(due_on: date, *, before: Sequence[int] = ()) -> date:
    """The first day on which a reminder of this is owed: the day after the due day, or so many days before it."""
    return due_on - timedelta(days=max(before)) if before else due_on + timedelta(days=1)


def cycle(due_on: date, today: date, *, every: int = 7, before: Sequence[int] = ()) -> date | None:
    """The day on which the reminder that is owed today fell; None while none is owed yet.

    `before`: so many days before the due day, 0 for the day itself. Then the day after the due day, or `every` days
    after it where the day itself was one; and from there every so many days. However long nobody looked, one thing
    owes one reminder: the latest.
    """
    between = timedelta(days=max(1, every))
    first = due_on + (between if 0 in before else timedelta(days=1))
    if today >= first:
        return first + between * ((today - first) // between)
    ahead = [due_on - timedelta(days=days) for days in before]
    return max((day for day in ahead if day <= today), default=None)


def ranks(told_since: Mapping[int, date], today: date, *, after: int) -> int:
    """How many people in line are told today: who owes it, and one more each time the last has known for `after` days.

    `told_since`: the place in the line -> the day on which whoever stands there was first told of this.
    """
    told = 1
    while told - 1 in told_since and (today - told_since[told - 1]).days >= after:
        told += 1
    return told
