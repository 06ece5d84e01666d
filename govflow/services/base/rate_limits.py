"""How often something was tried lately: a small table, so that limits hold in every process, and without Redis."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from math import ceil

from flask import current_app
from sqlalchemy import select

from govflow.domain.refusals import TooOften
from govflow.domain.wording import count
from govflow.store import Attempt, db, now, one_at_a_time

ASKED, NETWORK, LINK_CODE, SECOND_STEP, CHALLENGE = "asked", "network", "link code", "second step", "challenge"
HEAR, HEAR_NETWORK = "hear", "hear network"
COUNTED_FOR = timedelta(hours=1)
"""How long an attempt counts; then the sweep forgets it (`privacy/retention.py`)."""
FREE, FIRST_WAIT, LONGEST_WAIT = 5, timedelta(minutes=1), timedelta(minutes=15)


def keyed(text: str) -> str:
    """A hash that only this installation can make, so that a list of addresses does not open it."""
    return hmac.new(current_app.config["GOVFLOW"].secret_key.encode(), f"sign-in {text}".encode(), "sha256").hexdigest()


def recent_attempts(what: str, who: str) -> list[datetime]:
    """When this was tried within the hour, the oldest first. Until our transaction ends nobody else counts the same."""
    hashed = keyed(f"{what} {who}")
    one_at_a_time(hashed)
    rows = select(Attempt.at).where(Attempt.what == what, Attempt.who == hashed, Attempt.at > now() - COUNTED_FOR)
    return list(db.session.scalars(rows.order_by(Attempt.at)))


def record_attempt(what: str, who: str) -> None:
    """Remember one try, in the caller's transaction."""
    db.session.add(Attempt(what=what, who=keyed(f"{what} {who}"), at=now()))


def wait_if_too_many(what: str, who: str) -> None:
    """Five wrong codes are free; each further one waits, twice as long every time. Nobody is locked out."""
    times = recent_attempts(what, who)
    if len(times) < FREE:
        return
    until = times[-1] + min(FIRST_WAIT * 2 ** (len(times) - FREE), LONGEST_WAIT)
    left = ceil((until - now()).total_seconds())
    if left > 0:
        minutes = -(-left // 60)
        raise TooOften(
            f"That was not the right code a few times. Please wait {count(minutes, 'minute')}, then try again. "
            "Nothing is lost.",
            wait=left,
        )
