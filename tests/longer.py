"""How long nonsense is tried: a while in `./test`, and forty times as much by `./dev fuzz`, which sets GOVFLOW_FUZZ."""

import os

FUZZ = bool(os.environ.get("GOVFLOW_FUZZ"))


def times(number: int) -> int:
    """How many examples to try."""
    return number * 40 if FUZZ else number
