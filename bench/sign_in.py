"""Asking for a link: a known address must take as long as an unknown one. The median of 200 tries of each, in turns."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from flask import Flask

from govflow.store import Person, db

TRIES = 200


def asking(app: Flask, rounds: Callable[..., Any], tell: Callable[..., None]) -> None:
    with app.app_context():
        db.session.add_all(Person(email=f"known-{one}@example.org", name="Known") for one in range(TRIES + 1))
        db.session.commit()
    client, networks, known, unknown = app.test_client(), count(1), count(), count()

    def ask(address: str) -> None:
        """Each from a network and for an address of its own, so that no limit is met."""
        number = next(networks)
        here = {"REMOTE_ADDR": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}
        answer = client.post("/sign-in", data={"email": address}, environ_overrides=here)
        assert answer.status_code == 302

    mine, bare, ratio = rounds(
        lambda: ask(f"known-{next(known)}@example.org"), lambda: ask(f"other-{next(unknown)}@example.org"), TRIES
    )
    tell(
        "asking for a link, known / unknown address",
        f"{TRIES} tries",
        mine,
        bare,
        ratio,
        of_medians=round(mine / bare, 3),
    )
