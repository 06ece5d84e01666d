"""Who is told of a late thing, one after the other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence


def escalation_order(
    owed_by: Sequence[str], *, stand_ins: Iterable[str], spared: Collection[str] = (), subject: str | None = None
) -> tuple[str, ...]:
    """The keys of those who are told of a late thing, one after the other: who owes it, then who can help.

    `spared`: whoever is owed it, and so is never chased for it. `subject`: the member it is about, who helps nobody
    unless they owe it themselves.
    """
    helping = (key for key in stand_ins if key != subject)
    return tuple(key for key in dict.fromkeys((*owed_by, *helping)) if key not in spared)
