"""The one place that asks what day it is. Everything else is told."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo


def today(override: date | None, timezone: str = "Europe/London") -> date:
    """Today in a time zone, or the day the demo was told to believe in."""
    return override or datetime.now(ZoneInfo(timezone)).date()
