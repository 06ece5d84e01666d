"""Refusals: one named error for each way we say no. Each carries the sentence a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Refused(Exception):
    """Something a person asked for cannot be done. `str(error)` says what to do instead."""


class NotAllowed(Refused):
    """This person may not do this (`domain.access`)."""


class NotFound(Refused):
    """There is no such thing, or this person may not know that there is."""


class Invalid(Refused):
    """What was typed cannot be kept as it is. `problems` maps a field's name to a sentence."""

    def __init__(self, sentence: str, problems: Mapping[str, str] | None = None):
        super().__init__(sentence)
        self.problems = dict(problems or {})


class GateHeld(Refused):
    """The gate is not open. `holding` lists why, a sentence each."""

    def __init__(self, holding: Sequence[str]):
        super().__init__("Not ready yet. " + " ".join(holding))
        self.holding = list(holding)


class Moved(Refused):
    """Somebody else changed the project in the meantime; look again and decide afresh."""

    def __init__(self, sentence: str = "Someone changed this project a moment ago. Look at it again, then decide."):
        super().__init__(sentence)
