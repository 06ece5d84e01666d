"""Kinds of email: how each is worded, and what its readers may do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from govflow.domain.mail.letters import EmailContent
from govflow.store import Email, Person

Worded = Callable[[Email, Person, str, date], EmailContent | None]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind of email is worded and posted.

    `title` is what leads see of it, who never see its words. `words(email, person, stop, today)` is what it says now,
    or None when nothing in it is still true; reminders are worded many at once instead.

    `once`: it is marked sent before it is posted, goes out at most once, and can be asked for again;
    `taken_back(email)` undoes that when it surely was not handed over. `stops`: it is among those that one click
    stops, and that wait for the end of quiet hours. `plain`: what a coordinator tells instead to who wants no email.
    `stop_url(email)`: where one click ends what it is part of, if that is not reminders.
    `unwritten()`: whether some are asked for and have no row yet; `write()` makes their rows, in the transaction that
    is about to claim what is owed.
    """

    title: str
    words: Worded | None = None
    once: bool = False
    taken_back: Callable[[Email], None] = lambda email: None
    stops: bool = False
    plain: str = ""
    stop_url: Callable[[Email], str] | None = None
    unwritten: Callable[[], bool] = lambda: False
    write: Callable[[], None] = lambda: None


KINDS: dict[str, Kind] = {}
"""Every kind by the name that stands in its rows. Each topic's `emails.py` declares its own."""


def email_kind(name: str, **how: Any) -> Callable[[Worded], Worded]:
    """Declare a kind of email by the function that words it; `how` are the other fields of `Kind`."""

    def declare(words: Worded) -> Worded:
        KINDS[name] = Kind(words=words, **how)
        return words

    return declare
