"""What is late in a small project, the day's letters, and a post that keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine

from govflow.domain.gates.overdue import after_stage_entry
from govflow.mail.delivery import deliver
from govflow.services import sweep
from tests.support.factories import FOUR, TODAY, a_check, a_plugin, person

DUE = after_stage_entry(days=30)  # 31 January 2026, in a project of these tests
LATE = {"kitchen": a_plugin(checks=[a_check(due=DUE)])}
TEAM = [*FOUR, person("co", role="coordinator")]


class Kept:
    """A post that keeps what it is given, or refuses it."""

    def __init__(self, refusing=None):
        self.letters, self.refusing = [], refusing

    host = "kept.example"

    def send(self, envelope, *, until=None):
        if self.refusing:
            raise self.refusing
        self.letters.append(envelope)

    def close(self):
        pass


def on(day):
    return time_machine.travel(datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(hours=13))


def told(day=TODAY, post=None):
    """Who gets a letter on this day, and what it says: swept and posted an hour after noon."""
    post = post or Kept()
    with on(day):
        sweep.sweep(today=day)
        deliver(post=post)
    return {letter.to.partition("@")[0]: letter for letter in post.letters}
