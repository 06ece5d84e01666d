"""On which days, in which hours and by what somebody is reminded: as they wish, or as it is without a word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

EMAIL, PHONE, TEXT, POST = "email", "phone", "text", "post"
CHANNELS = {EMAIL: "By email", PHONE: "By phone", TEXT: "By text message", POST: "By post"}
DAILY, WEEKLY, ONLY_LATE = "daily", "weekly", "overdue"
RHYTHMS = {
    DAILY: "When something comes up, at most once a day",
    WEEKLY: "Once a week, all together",
    ONLY_LATE: "Only when something is late",
}
LONGEST_SNOOZE = timedelta(days=28)
LONGEST_PAUSE = timedelta(days=183)


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """How somebody wants to be reminded. Nobody need say anything: what stands here is how it is without.

    Quiet hours run from one full hour of the day to another, over midnight too.
    """

    channel: str = EMAIL
    rhythm: str = DAILY
    weekday: int = 0
    quiet_from: int | None = None
    quiet_to: int | None = None
    paused_until: date | None = None

    def paused(self, today: date) -> bool:
        return self.paused_until is not None and today < self.paused_until

    def wants(self, due_on: date, today: date) -> bool:
        """Whether this thing is one they want to hear of today, late or not yet."""
        return self.rhythm != ONLY_LATE or due_on < today

    def told_from(self, owed_from: date) -> date:
        """The day from which a reminder that is owed from this day is told: then, or on their day of the week."""
        if self.rhythm != WEEKLY:
            return owed_from
        return owed_from + timedelta(days=(self.weekday - owed_from.weekday()) % 7)

    def posted_from(self, moment: datetime) -> datetime:
        """This moment, or the end of the quiet hours it falls into. `moment` is in the reader's time zone."""
        if self.quiet_from is None or self.quiet_to is None or self.quiet_from == self.quiet_to:
            return moment
        hour, over_midnight = moment.hour, self.quiet_from > self.quiet_to
        late, early = hour >= self.quiet_from, hour < self.quiet_to
        if not ((late or early) if over_midnight else (late and early)):
            return moment
        end = moment.replace(hour=self.quiet_to, minute=0, second=0, microsecond=0)
        return end + timedelta(days=1) if over_midnight and late else end
