"""What is tried: every way that answers can fall, and nonsense, as long as there is time.

Nonsense is tried a while in `./test`, and forty times as much by `./dev fuzz`, which sets GOVFLOW_FUZZ.
"""

import os
from collections.abc import Iterator
from itertools import combinations

FUZZ = bool(os.environ.get("GOVFLOW_FUZZ"))


def times(number: int) -> int:
    """How many examples to try."""
    return number * 40 if FUZZ else number


def votes(people: int, values: int) -> Iterator[tuple[int, ...]]:
    """Every way in which so many answers can fall on so many values."""
    for bars in combinations(range(people + values - 1), values - 1):
        edges = (-1, *bars, people + values - 1)
        yield tuple(edges[at + 1] - edges[at] - 1 for at in range(values))
