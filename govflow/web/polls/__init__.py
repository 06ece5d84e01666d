"""Polls, and equality questions."""

from __future__ import annotations

from govflow.web.polls import equality, polls  # their views put themselves on the blueprint
from govflow.web.polls.blueprint import bp

__all__ = ["bp", "equality", "polls"]
