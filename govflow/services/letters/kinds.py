"""Every kind of letter: how it is worded, and what its readers may do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from govflow.domain.letters import Words
from govflow.services.letters import (
    chances,
    checkpoints,
    complaints,
    from_plugins,
    gates,
    invitations,
    polls,
    security,
    sign_in,
)
from govflow.services.letters.reminders import REMINDER
from govflow.store import Letter, Person

Worded = Callable[[Letter, Person, str, date], Words | None]


@dataclass(frozen=True)
class Kind:
    """`title` is what leads see of it, who never see its words. `words(letter, person, stop, today)` is what it says
    now, or None when nothing in it is still true; reminders are worded many at once instead.

    `once`: it is marked sent before it is posted, goes out at most once, and can be asked for again;
    `taken_back(letter)` undoes that when it surely was not handed over. `stops`: it is among those that one click
    stops, and that wait for the end of quiet hours. `plain`: what a coordinator tells instead to who wants no email.
    """

    title: str
    words: Worded | None
    once: bool = False
    taken_back: Callable[[Letter], None] = lambda letter: None
    stops: bool = False
    plain: str = ""


KINDS: dict[str, Kind] = {
    REMINDER: Kind("Reminder", None, stops=True),
    sign_in.SIGN_IN: Kind("Link to sign in", sign_in.sign_in_words, once=True, taken_back=sign_in.take_back),
    invitations.INVITATION: Kind("Invitation", invitations.invitation_words),
    from_plugins.FROM_PLUGIN: Kind("News of an entry", from_plugins.plugin_words),
    checkpoints.CHECKPOINT: Kind("Checkpoint", checkpoints.checkpoint_words),
    complaints.COMPLAINT: Kind("A complaint has come", complaints.complaint_words),
    chances.HEARING: Kind("Confirm your address", chances.hearing_words),
    chances.CHANCE: Kind("A chance to take part", chances.chance_words),
    security.SECURITY: Kind("How you sign in has changed", security.security_words),
    polls.POLL: Kind(
        "Questions are open", polls.poll_words, stops=True, plain="Some questions are open. They need not answer."
    ),
    gates.OPEN: Kind("All is ready", gates.open_words, stops=True, plain="All is ready for the next stage."),
    gates.WAIVER: Kind(
        "A proposal waits", gates.waiver_words, stops=True, plain="A proposal to let one thing pass waits for a view."
    ),
    gates.MOVED: Kind(
        "The project moved on", gates.moved_words, stops=True, plain="The project is in another stage now."
    ),
}
