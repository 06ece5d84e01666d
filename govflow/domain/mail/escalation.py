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
    helping = (one for one in stand_ins if one != subject)
    return tuple(one for one in dict.fromkeys((*owed_by, *helping)) if one not in spared)
