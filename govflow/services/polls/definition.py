"""The poll that is put: as its plugin declared it, or as a vote on one entry of a list."""

from __future__ import annotations

from collections.abc import Sequence

from govflow.domain.polls.polls import Poll, ids_of, options_in, vote_on
from govflow.domain.refusals import NotFound
from govflow.domain.snapshot import ProjectSnapshot
from govflow.services.base.context import context
from govflow.store import PollRound


def poll_asked(snapshot: ProjectSnapshot, poll_id: str, row: PollRound | None = None) -> Poll:
    """The poll of this id as it was put in a round, or would be put here today.

    NotFound where it is not for this stage, plugin or entry.
    """
    base, key = ids_of(poll_id)
    poll = context().declared.poll(base)
    if base.partition(".")[0] not in snapshot.on or bool(key) != bool(poll.options_from):
        raise NotFound("This is not asked here now.")
    if row is not None and row.offers and not row.put_aside:
        return poll_of(poll_id, row.offers)
    put = _about(snapshot, poll, key) if key else poll
    if not put.asked_in(snapshot.stage.like):
        raise NotFound("This is not asked here now.")
    return put


def _about(snapshot: ProjectSnapshot, poll: Poll, key: str) -> Poll:
    register_id = poll.about.register or ""
    entry = next((row for row in snapshot.entries.get(register_id, ()) if row.key == key), None)
    options = options_in(str(entry.values.get(poll.options_from, ""))) if entry else ()
    if entry is None or not options:
        raise NotFound("There is nothing to vote on here. Write down at least two options, one on each line.")
    return vote_on(poll, str(entry.values.get(context().declared.register(register_id).label, key)), options)


def poll_of(poll_id: str, offers: Sequence[str]) -> Poll:
    """The poll as it was put in a round: what can be voted for was frozen when it opened."""
    poll = context().declared.poll(poll_id)
    return vote_on(poll, offers[0], offers[1:]) if offers else poll


def offers_of(poll: Poll) -> list[str]:
    """What is frozen with a round: of a vote the question and its options."""
    return [poll.statements[0].text, *poll.scale.values()] if poll.options_from else []


def votes_on(snapshot: ProjectSnapshot, register_id: str, key: str) -> list[tuple[str, str]]:
    """The votes that can be, or were, held on this entry: poll id and title."""
    plugin = register_id.partition(".")[0]
    return [
        (f"{plugin}.{name}.{key}", poll.title)
        for name, poll in context().declared.plugins[plugin].polls.items()
        if poll.about.register == register_id and _can_vote(snapshot, poll, key)
    ]


def _can_vote(snapshot: ProjectSnapshot, poll: Poll, key: str) -> bool:
    try:
        return bool(_about(snapshot, poll, key))
    except NotFound:
        return False
