"""Every kind of letter: how it is worded, and what its readers may do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from govflow.domain.letters import Words
from govflow.services.letters import chances, checkpoints, complaints, from_plugins, invitations, reminders, sign_in
from govflow.store import Letter, Person

Worded = Callable[[Letter, Person, str, date], Words | None]


@dataclass(frozen=True)
class Kind:
    """`words(letter, person, stop, today)` is what it says now, or None when nothing in it is still true.

    `once`: it is marked sent before it is posted, goes out at most once, and can be asked for again.
    """

    words: Worded
    once: bool = False


KINDS: dict[str, Kind] = {
    reminders.REMINDER: Kind(reminders.reminder_words),
    sign_in.SIGN_IN: Kind(sign_in.sign_in_words, once=True),
    invitations.INVITATION: Kind(invitations.invitation_words),
    from_plugins.FROM_PLUGIN: Kind(from_plugins.plugin_words),
    checkpoints.CHECKPOINT: Kind(checkpoints.checkpoint_words),
    complaints.COMPLAINT: Kind(complaints.complaint_words),
    chances.HEARING: Kind(chances.hearing_words),
    chances.CHANCE: Kind(chances.chance_words),
}
