"""In a project several organisations share: whose lists a member reads, and what of the others they are told.

Of checks about the entries of a list that is closed to them, people see how many are ready, and no line of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from govflow.domain.checks import Standing
from govflow.domain.picture import Picture, check_named
from govflow.domain.refusals import Refused
from govflow.services.house import house


def reads_lists(picture: Picture, plugin: str, reader: str | None) -> bool:
    """Whether this member's organisation has the plugin, or shares its lists here."""
    only = picture.lists_for.get(plugin)
    return only is None or getattr(picture.member(reader), "home_id", None) in only


def closed_checks(picture: Picture, check_ids: Iterable[str], *, reader: str | None) -> frozenset[str]:
    """Of these checks, those about the entries of a list that is closed to this member."""
    return frozenset(one for one in check_ids if picture.lists_for and _closed(picture, one, reader))


def _closed(picture: Picture, check_id: str, reader: str | None) -> bool:
    try:
        register = check_named(picture, house().declared, check_id).about.register
    except Refused:  # its plugin is off or gone: whose list it was about can only be told by its own name
        return not reads_lists(picture, check_id.partition(".")[0], reader)
    return register is not None and not reads_lists(picture, register.partition(".")[0], reader)


def without_closed(picture: Picture, standings: Iterable[Standing], *, reader: str | None) -> tuple[Standing, ...]:
    """The same findings, with nothing of a closed list in them."""
    standings = tuple(standings)
    closed = closed_checks(picture, {one.check for one in standings}, reader=reader)
    return tuple(told_closed(one) if one.check in closed else one for one in standings)


def told_closed(one: Standing) -> Standing:
    """A finding about an entry, for somebody to whom its list is closed."""
    if one.about != "entry":
        return one
    sentence = f"{one.title}: {'not ready yet' if one.open else 'done'}."
    return replace(one, sentence=sentence, short=sentence, subject_label="", lines={})
