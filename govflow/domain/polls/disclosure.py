"""What may be told of a poll's answers, so that nobody's answer can be worked out from what is told.

Who looks is not a stranger: it is a colleague who knows who was asked, knows their own answer, knows this rule, and
remembers every earlier result. So the rule looks at the largest *side* (agree, in the middle, disagree, no score): a
colleague who takes their own answer away must still be left with more than one way in which the others can have
answered. Counts of every point are told only where at least three answers lie outside the largest side; else only
which side most chose, which at least three different counts lead to. tests/domain/test_disclosure.py goes through all
votes of five to ten people and has a solver look for somebody whose answer is fixed.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

LEAST_TO_SHOW = 5
LEAST_OUTSIDE = 3
COUNTS, DIRECTION, NAMES = "counts", "direction", "names"
MIXED = "mixed"


def how_to_show(asked: Collection[int], earlier: Iterable[Collection[int]]) -> str:
    """Whether counts may be told at all, decided when a poll opens and told to everyone before they answer.

    Where some, but not all, of the same people were asked before, the difference of two results could point at those
    who came or went. Then only the direction is told this time. `asked`, `earlier`: ids of people.
    """
    now = frozenset(asked)
    changed = any(now & frozenset(before) and now != frozenset(before) for before in earlier)
    return DIRECTION if changed else COUNTS


def publish(points: Mapping[str, int], sides: Mapping[str, str], *, shows: str, least: int) -> dict[str, Any]:
    """What is told of one statement: `{"counts": {value: how many}}`, `{"mostly": side}`, or nothing, `{}`.

    `points`: how many chose each value. `sides`: the side each value is on. `least`: never less than five.
    """
    answered = sum(points.values())
    if answered < max(least, LEAST_TO_SHOW):
        return {}
    by_side: Counter[str] = Counter()
    for value, number in points.items():
        by_side[sides[value]] += number
    ((side, most),) = by_side.most_common(1)
    if shows == COUNTS and answered - most >= LEAST_OUTSIDE:
        return {"counts": dict(points)}
    return {"mostly": side if most > answered / 2 else MIXED}


def tell_in_steps(points: Mapping[str, int], *, step: int) -> dict[str, int]:
    """What is told of one equality question: which options were chosen by how many *or more*, in steps of five or more.

    Each number is the real one rounded down, so what is left over can be anybody's, on any option: no sum, and no
    difference, gives a hidden number. At least three answers are always left over, so that one person, or two together,
    may take their own away. They are never so many that every option must be just below its next step.
    `step`: never less than five. tests/domain/test_equality.py has a solver look at every result.
    """
    step = max(step, LEAST_TO_SHOW)
    told = {value: chosen - chosen % step for value, chosen in points.items() if chosen >= step}
    answered = sum(points.values())
    over, most_over = answered - sum(told.values()), (step - 1) * len(points)
    if most_over in (answered, over):
        return {}
    if told and over < LEAST_OUTSIDE:
        most = max(told, key=told.__getitem__)
        told[most] -= step
    return {value: least for value, least in told.items() if least}


def enough_to_ask(step: int) -> int:
    """How many people there must be before anything could be told: with fewer nobody is asked for nothing."""
    return max(step, LEAST_TO_SHOW) + LEAST_OUTSIDE


def may_be_compared(here: Collection[int], before: Collection[int], *, asked: int) -> bool:
    """Whether what these people say may be told beside an earlier result: the same people, or fewer than five of them.

    With five in common, and others who came or went, two rounded results can already fix what one person said.
    `before`: who was asked then, as far as can still be told; `asked`: how many they were.
    """
    now, then = frozenset(here), frozenset(before)
    unsure = abs(len(then) - asked)
    return (now == then and not unsure) or len(now & then) + unsure < LEAST_TO_SHOW


def tell_words(written: Sequence[tuple[str, bool]], *, least: int) -> list[str]:
    """The words whose writers want them shown, in an order that says nothing. None if fewer than five people wrote."""
    if len(written) < max(least, LEAST_TO_SHOW):
        return []
    shown = [words for words, show in written if show]
    secrets.SystemRandom().shuffle(shown)
    return shown
