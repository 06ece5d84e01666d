"""How I want to be written to, and what a lead sees of letters."""

from __future__ import annotations

from govflow.web.mail import letters, reminders  # their views put themselves on the blueprint
from govflow.web.mail.blueprint import bp

__all__ = ["bp", "letters", "reminders"]
