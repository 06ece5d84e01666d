"""What the app hands to services: the declared checks, how to judge, and how to wake the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import current_app

from govflow.domain.checks import Standing
from govflow.domain.declared import Declared
from govflow.domain.picture import Picture
from govflow.store import end_reading


@dataclass(frozen=True)
class House:
    """`judge` works out a picture's findings, `wake` asks the workers to post letters, `base_url` is our address."""

    declared: Declared
    judge: Callable[[Picture, Declared], list[Standing]]
    wake: Callable[[Iterable[int]], None]
    base_url: str


def house() -> House:
    found: House = current_app.extensions["govflow"]
    return found


def forget_unsaved() -> None:
    """After a refusal: nothing of what was begun is kept."""
    end_reading()
