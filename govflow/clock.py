"""The one place that asks what day it is, and how much time has passed. Everything else is told."""

from __future__ import annotations

import time
from datetime import date, datetime
from zoneinfo import ZoneInfo


def today(override: date | None, timezone: str = "Europe/London") -> date:
    """Today in a time zone, or the day the demo was told to believe in."""
    return override or datetime.now(ZoneInfo(timezone)).date()


def now_steady() -> float:
    """Seconds that only ever go on, whatever is done to the clock; also while the machine sleeps, where it can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
