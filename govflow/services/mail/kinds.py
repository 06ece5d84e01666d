"""Kinds of email: what each is filled with, and what its readers may do about it. Their words: `render.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from govflow.services.mail.render import Values
from govflow.store import Email, Person

Filled = Callable[[Email, Person, str, date], Values | None]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How one kind of email is filled and posted.

    `title` is what leads see of it, who never see its words. `values(email, person, stop, today)` is what its template
    is filled with now, or None when nothing in it is still true; reminders are filled many at once instead.

    `once`: it is marked sent before it is posted, goes out at most once, and can be asked for again;
    `taken_back(email)` undoes that when it surely was not handed over. `stops`: it is among those that one click
    stops, and that wait for the end of quiet hours. `plain`: what a coordinator tells instead to who wants no email.
    `stop_url(email)`: where one click ends what it is part of, if that is not reminders.
    `unwritten()`: whether some are asked for and have no row yet; `write()` makes their rows, in the transaction that
    is about to claim what is owed.
    """

    title: str
    values: Filled | None = None
    once: bool = False
    taken_back: Callable[[Email], None] = lambda email: None
    stops: bool = False
    plain: str = ""
    stop_url: Callable[[Email], str] | None = None
    unwritten: Callable[[], bool] = lambda: False
    write: Callable[[], None] = lambda: None


KINDS: dict[str, Kind] = {}
"""Every kind by the name that stands in its rows. Each topic's `emails.py` declares its own.

Its template has this name too."""


def email_kind(name: str, **how: Any) -> Callable[[Filled], Filled]:
    """Declare a kind of email by the function that fills its template; `how` are the other fields of `Kind`."""

    def declare(values: Filled) -> Filled:
        KINDS[name] = Kind(values=values, **how)
        return values

    return declare
