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


def tell_words(written: Sequence[tuple[str, bool]], *, least: int) -> list[str]:
    """The words whose writers want them shown, in an order that says nothing. None if fewer than five people wrote."""
    if len(written) < max(least, LEAST_TO_SHOW):
        return []
    shown = [words for words, show in written if show]
    secrets.SystemRandom().shuffle(shown)
    return shown
