"""Openings, and asking to hear of them."""

from __future__ import annotations

from govflow.web.openings import openings, subscriptions  # their views put themselves on the blueprint
from govflow.web.openings.blueprint import bp

__all__ = ["bp", "openings", "subscriptions"]
