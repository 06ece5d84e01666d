"""Looking a long history over, and what a line costs the act it tells."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert, text

from govflow import clock
from govflow.domain.history.chain import NO_LINE, Event, EventDetails, hash_of, seal_of
from govflow.services.history import audit
from govflow.services.history.checkpoints import write_checkpoints
from govflow.store import EventDetailsRow, EventRow, Organisation, db, now, record_event, write

LINES, MOST_SECONDS = 100_000, 5
TODAY = clock.today(None)


def history(app: Flask, rounds: Callable[..., Any], tell_line: Callable[..., None]) -> None:
    with app.app_context():
        db.session.add(Organisation(slug="bench", name="Bench"))
        db.session.commit()
        _fill()
        write_checkpoints()

        def ours() -> None:
            (found,) = audit.verify(organisation="bench")
            assert not found.problem
            assert found.lines == LINES
            db.session.rollback()

        def bare() -> None:
            query = "SELECT * FROM log_line AS l LEFT JOIN log_words AS w ON w.line_id = l.id ORDER BY l.number"
            db.session.execute(text(query)).all()
            db.session.rollback()

        mine, floor, ratio = rounds(ours, bare, 3)
        began = time.process_time()
        ours()
        within = {"within_5_s": mine <= MOST_SECONDS * 1000, "processor_s": round(time.process_time() - began, 2)}
        tell_line("audit verify / reading the bare rows", f"{LINES} lines", mine, floor, ratio, **within)

        def with_a_line() -> None:
            write()
            db.session.execute(text("UPDATE organisation SET name = name"))
            record_event(1, "sign_off.not_ready", {"words": "Not yet."}, on=TODAY)
            db.session.commit()

        def without() -> None:
            write()
            db.session.execute(text("UPDATE organisation SET name = name"))
            db.session.commit()

        tell_line("an act with its line / without", f"after {LINES} lines", *rounds(with_a_line, without))


def _fill() -> None:
    """A hundred thousand lines with words, chained as ours are."""
    before, at = NO_LINE, now() - timedelta(days=400)
    for start in range(1, LINES + 1, 5_000):
        lines, words = [], []
        for number in range(start, start + 5_000):
            kept = EventDetails(secrets.token_hex(16), {"check": f"Check {number}", "about": " for Sam"})
            line = Event(
                1, number, at + timedelta(minutes=number), TODAY, "evidence.given", None, None, False, "", before
            )
            line.seal = seal_of(kept)
            before = hash_of(line)
            lines.append(
                {
                    "id": number,
                    "organisation_id": 1,
                    "number": number,
                    "at": line.at,
                    "on": line.on,
                    "verb": line.verb,
                    "facts_seal": line.seal,
                    "before": line.before,
                    "hash": before,
                    "by_operator": False,
                }
            )
            words.append({"line_id": number, "salt": kept.salt, "facts": kept.facts})
        db.session.execute(insert(EventRow), lines)
        db.session.execute(insert(EventDetailsRow), words)
        db.session.commit()
