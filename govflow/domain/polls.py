"""Polls: the same statements put to every partner, and who may see which count.

Answers are not sealed yet (that comes with ballots), so nothing here is called anonymous. What is promised
already: nothing before close, never one person's answer, counts only from five answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LEAST_TO_SHOW = 5
LEAST_TURNOUT = 3


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement people answer on the poll's scale. `stages` are the default stages it is asked in."""

    id: str
    text: str
    stages: tuple[str, ...]
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Poll:
    """Statements put to every member alike, once a stage. `scale` and `no_score` map a value to its words."""

    slug: str
    title: str
    version: str
    statements: tuple[Statement, ...]
    scale: Mapping[str, str]
    no_score: Mapping[str, str]
    days_open: int = 14

    def asked_in(self, stage_like: str | None) -> tuple[Statement, ...]:
        return tuple(statement for statement in self.statements if stage_like in statement.stages)

    @property
    def answers(self) -> dict[str, str]:
        return {**self.scale, **self.no_score}


def tally(
    statements: Sequence[str], values: Sequence[str], ballots: Iterable[Mapping[str, str]]
) -> dict[str, dict[str, int]]:
    """How many chose each point, statement by statement; only statements with at least five answers."""
    ballots = list(ballots)
    counted = {}
    for statement in statements:
        points = Counter(ballot[statement] for ballot in ballots if statement in ballot)
        if points.total() >= LEAST_TO_SHOW:
            counted[statement] = {value: points.get(value, 0) for value in values}
    return counted


def turnout(answered: int, asked: int) -> str | None:
    """“4 of 12 have answered”, or None where saying so would point at somebody (access.md)."""
    if answered < LEAST_TURNOUT or asked - answered == 1:
        return None
    return f"{answered} of {asked} have answered"


def can_be_counted(asked: int) -> bool:
    """Fewer than five partners: a talk serves them better than numbers that cannot be shown."""
    return asked >= LEAST_TO_SHOW
