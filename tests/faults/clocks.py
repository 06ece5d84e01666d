"""Clocks that jump while everything runs: real workers and the real sweep, told a wrong time, in four time zones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from govflow.services.mail.reminders import REMINDER
from govflow.store import Email, Organisation, SweepDone, db
from tests.faults.ground import Ground, Row
from tests.support import servers
from tests.support.factories import a_project, days, person

ZONES = ("Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")
MARCH, SETTLING_IN, FORTNIGHT = datetime(2027, 3, 1, 12, tzinfo=UTC), 14, 14


def _around(change: datetime) -> list[datetime]:
    """The evening before, an hour before, the moment itself, an hour after, the evening after."""
    return [change + timedelta(hours=hours) for hours in (-13, -1, 0, 1, 11, 23)]


def _moments(*those: tuple[int, ...]) -> list[datetime]:
    return [datetime(*one, tzinfo=UTC) for one in those]  # type: ignore[misc,arg-type]


JUMPS = {
    "a day back": [MARCH + days(number) for number in (0, -1, 1)],
    "a week back": [MARCH + days(number) for number in (2, -5, 3, 1, 2, 4)],
    "New York in spring": _around(datetime(2027, 3, 14, 7, tzinfo=UTC)),
    "London in spring": _around(datetime(2027, 3, 28, 1, tzinfo=UTC)),
    "hour by hour": _moments(*((2027, 6, 1, hour) for hour in (2, 4, 9, 11, 17, 19, 22)), (2027, 6, 2, 2)),
    "London in autumn": _around(datetime(2027, 10, 31, 1, tzinfo=UTC)),
    "New York in autumn": _around(datetime(2027, 11, 7, 6, tzinfo=UTC)),
    "a leap day": _moments(*((2028, 2, day, hour) for day in (28, 29) for hour in (2, 12, 20)), (2028, 3, 1, 12)),
    "a year on": [MARCH + days(number) for number in (370, 735, 734, 736)],
    "a year on, and put right": [MARCH + days(number) for number in (740, 1105, 741, 742)],
}
"""In the order of time, for what was told stays told."""


@dataclass
class Owed:
    """What one organisation's lead is owed letters about, worked out apart from GovFlow: fourteen things, a day apart.

    Each is told once in each of its fortnights, so a day that nobody has lived through brings one letter, and a day
    that comes again none. Nor does one to which the clock goes back by a fortnight or less: all was told by then.
    """

    zone: str
    address: str
    first: date
    said: set[tuple[int, date]] = field(default_factory=set)

    def letters(self, moment: datetime) -> int:
        today = moment.astimezone(ZoneInfo(self.zone)).date()
        new = set()
        for number in range(FORTNIGHT):
            first = self.first + days(number)
            begun = today - days((today - first).days % FORTNIGHT)
            if not any(one == number and begun <= when <= today + days(FORTNIGHT) for one, when in self.said):
                new.add((number, begun))
        self.said |= new
        return bool(new)


def jumps(ground: Ground, *, which: Iterable[str]) -> Row:
    """The clock jumps again and again, and after each jump it is looked who was posted what."""
    file = ground.log.with_name("clock")
    owed, lost, doubled, total, moments = [_owe_each_day(ground, zone) for zone in ZONES], 0, 0, 0, 0
    for name in which:
        for number, moment in enumerate(JUMPS[name]):
            moment += timedelta(minutes=2 * number, seconds=5)  # no minute comes twice
            _set(file, moment)
            if not moments:
                ground.fleet(2, FAULTS_CLOCK=str(file))
            before, moments = len(ground.mail.accepted), moments + 1
            swept = partial(_swept, moment, set())
            servers.wait_until(swept, 120, f"no sweep at {moment}")
            ground.wait_until_posted()
            came = _reminders(ground, before)
            for one in owed:
                expected, got = one.letters(moment), came[one.address]
                total += expected
                lost, doubled = lost + max(0, expected - got), doubled + max(0, got - expected)
                assert got == expected, f"{name}, {moment:%d %B %Y %H:%M}, {one.zone}: {got} and not {expected}"
    cities = ", ".join(zone.rpartition("/")[2].replace("_", " ") for zone in ZONES)
    fault = f"the clock set {moments} times while it runs"
    return Row("F17", fault, ground.engine, total, lost, doubled, f"{', '.join(which)}; in {cities}")


def _owe_each_day(ground: Ground, zone: str) -> Owed:
    """A project in which one thing more falls late each day of a fortnight, long before the first of all moments."""
    slug, joined = zone.rpartition("/")[2].lower().replace("_", "-"), date(2027, 1, 1)
    lead = person(f"lead-{slug}", "research", role="lead", joined=joined - days(90))
    new = [
        person(f"new-{number}", invited_by=lead["key"], joined=joined + days(number), email=f"{slug}-{number}@x.org")
        for number in range(FORTNIGHT)
    ]
    facts = {"started": joined - days(90), "entered": joined - days(90), "members": [lead, *new]}
    a_project(ground.app, today=joined, organisation=slug, slug=slug, **facts)
    db.session.execute(update(Organisation).where(Organisation.slug == slug).values(timezone=zone))
    db.session.commit()
    db.session.remove()
    return Owed(zone, lead["email"], joined + days(SETTLING_IN + 1))


def _set(file: Path, moment: datetime) -> None:
    """In one step: no process reads half a number."""
    new = file.with_suffix(".new")
    new.write_text(str((moment - datetime.now(UTC)).total_seconds()))
    new.replace(file)


def _swept(moment: datetime, seen: set[int]) -> bool:
    """Whether each organisation was seen swept, from beginning to end, by the clock as it is now."""
    for organisation, ended, seconds in db.session.execute(
        select(SweepDone.organisation_id, SweepDone.ended_at, SweepDone.seconds)
    ):
        if moment <= ended - timedelta(seconds=seconds) < moment + timedelta(minutes=1):
            seen.add(organisation)
    db.session.remove()
    return len(seen) == len(ZONES)


def _reminders(ground: Ground, before: int) -> Counter[str]:
    """To whom reminders were posted since then."""
    came = ground.mail.accepted[before:]
    ids = [number for number, _, _ in came]
    kinds = dict(db.session.execute(select(Email.message_id, Email.kind).where(Email.message_id.in_(ids))).all())
    db.session.remove()
    return Counter(address for number, address, _ in came if kinds[number] == REMINDER)
