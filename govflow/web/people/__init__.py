"""Projects and organisations, and the people and groups in them."""

from __future__ import annotations

from govflow.web.people import (  # their views put themselves on the blueprint
    board,
    groups,
    joining,
    organisations,
    people,
    projects,
    words,
)
from govflow.web.people.blueprint import bp

__all__ = ["board", "bp", "groups", "joining", "organisations", "people", "projects", "words"]
