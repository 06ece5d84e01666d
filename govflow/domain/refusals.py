"""Refusals: one named error for each way we say no. Each carries the sentence a person reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Refused(Exception):
    """Something a person asked for cannot be done. `str(error)` says what to do instead."""


class NotAllowed(Refused):
    """This person may not do this (`domain.access`)."""


class ConfirmFirst(NotAllowed):
    """This person may do it once they have shown a passkey or a code: the session that asks is not strong enough."""

    def __init__(self, sentence: str = "This needs one more step: show that it is really you."):
        super().__init__(sentence)


class TooOften(Refused):
    """This was tried too often. `wait`: in how many seconds it can be tried again."""

    def __init__(self, sentence: str, *, wait: int):
        super().__init__(sentence)
        self.wait = wait


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
