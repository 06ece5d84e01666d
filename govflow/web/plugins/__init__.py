"""Plugins: what is installed and on, their settings, and their pages."""

from __future__ import annotations

from govflow.web.plugins import pages, plugins  # their views put themselves on the blueprint
from govflow.web.plugins.blueprint import bp

__all__ = ["bp", "pages", "plugins"]
