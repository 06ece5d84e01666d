"""Lists and documents that plugins declare, and calendars."""

from __future__ import annotations

from govflow.web.registers import calendar, registers  # their views put themselves on the blueprint
from govflow.web.registers.blueprint import bp

__all__ = ["bp", "calendar", "registers"]
