"""What is held about me, what I need to take part, and complaints."""

from __future__ import annotations

from govflow.web.privacy import access_needs, complaints, my_data  # their views put themselves on the blueprint
from govflow.web.privacy.blueprint import bp

__all__ = ["access_needs", "bp", "complaints", "my_data"]
