"""What a plugin declares when it wants an email of its own posted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from govflow.domain.gates.checks import Case, Who


@dataclass(frozen=True)
class Trigger:
    """What a plugin's letter is written about: an entry that was added to one of its registers."""

    kind: str
    register: str


def entry_added(register: str) -> Trigger:
    """When an entry is added to this register of the plugin, named by its slug alone."""
    return Trigger("entry_added", register)


@dataclass(frozen=True, kw_only=True)
class Letter:
    """An email a plugin asks the core to post, through the one outbox, to each person `to` means.

    `words(case)` gives its paragraphs, at most 20, with the entry as `case.subject`; it is asked when the letter is
    posted, and an entry that has gone by then is not written about. `subject` is one line everybody may see on a locked
    screen: nothing of health, pay or roles, and no project's name.
    """

    slug: str
    subject: str
    to: Who
    when: Trigger
    words: Callable[[Case], Sequence[str]]
