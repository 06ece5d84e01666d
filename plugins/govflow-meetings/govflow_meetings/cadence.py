"""How often a group meets: stretches of time, each cut into slots, and one meeting in each slot."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

RHYTHMS = {
    "week": "every week",
    "two_weeks": "every two weeks",
    "three_weeks": "every three weeks",
    "six_weeks": "every six weeks",
    "twice_a_month": "twice a month",
    "month": "every month",
    "two_months": "every two months",
    "three_months": "every three months",
    "six_months": "every six months",
}
WEEKS = {"week": 1, "two_weeks": 2, "three_weeks": 3, "six_weeks": 6}
MONTHS = {"month": 1, "two_months": 2, "three_months": 3, "six_months": 6}
DAY, HALF_A_MONTH, MOST_SLOTS = timedelta(days=1), timedelta(days=15), 400


@dataclass(frozen=True)
class Stretch:
    """Some time with one rhythm. Both days belong to it."""

    rhythm: str
    starts: date
    ends: date


@dataclass(frozen=True)
class Slot:
    """The days of which one is to have a meeting. Both days belong to it."""

    starts: date
    ends: date

    def day(self, like: date) -> date:
        """Its first day that is the same day of the week as this one."""
        return self.starts + timedelta(days=(like.weekday() - self.starts.weekday()) % 7)


def slots(stretches: Sequence[Stretch]) -> list[Slot]:
    """Every slot, the earliest first. Only whole ones count: days that are left over belong to the last."""
    found = []
    for stretch in stretches:
        begins, number = [stretch.starts], 1
        while (following := _begin(stretch, number)) <= stretch.ends + DAY and number <= MOST_SLOTS + 1:
            begins.append(following)
            number += 1
        lasts = [begin - DAY for begin in begins[1:-1]] + [stretch.ends]
        found += [Slot(begin, last) for begin, last in zip(begins[:-1], lasts, strict=False)]
    return found


def problem_of(stretches: Sequence[Stretch]) -> str:
    """What is wrong with them, as a sentence that says what to do; or nothing."""
    for stretch in stretches:
        if stretch.ends < stretch.starts:
            return (
                f"The last day, {_day(stretch.ends)}, is before the first, {_day(stretch.starts)}. Change one of them."
            )
        if not slots([stretch]):
            days = f"{_day(stretch.starts)} to {_day(stretch.ends)}"
            return f"{days} is too short to meet {RHYTHMS[stretch.rhythm]}. Make it longer."
    for before, after in pairwise(stretches):
        if after.starts > before.ends + DAY:
            return (
                f"Nobody would meet between {_day(before.ends)} and {_day(after.starts)}. "
                f"Begin the second rhythm on {_day(before.ends + DAY)}, or let the first last longer."
            )
        if after.starts <= before.ends:
            return (
                f"The first rhythm still lasts on {_day(after.starts)}. Begin the second on {_day(before.ends + DAY)}."
            )
    if len(slots(stretches)) > MOST_SLOTS:
        return f"That is more than {MOST_SLOTS} meetings. Make the series shorter, and begin another one later."
    return ""


def _begin(stretch: Stretch, number: int) -> date:
    """The first day of the slot of this number, counted from nought."""
    if stretch.rhythm in WEEKS:
        return stretch.starts + timedelta(weeks=WEEKS[stretch.rhythm] * number)
    if stretch.rhythm in MONTHS:
        return _months_on(stretch.starts, MONTHS[stretch.rhythm] * number)
    return _months_on(stretch.starts, number // 2) + HALF_A_MONTH * (number % 2)


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
