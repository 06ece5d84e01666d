"""Whether a project runs."""

from __future__ import annotations

from enum import StrEnum


class ProjectState(StrEnum):
    """A paused project writes no letters and its due days move on; in a closed one nothing changes any more."""

    RUNNING = "running"
    PAUSED = "paused"
    CLOSED = "closed"
