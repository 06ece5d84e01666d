"""What the workers run: post an organisation's letters, and the sweep. Jobs carry ids; the rest is read afresh."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from flask import Flask, current_app

from govflow import clock, queue
from govflow.mail.delivery import day_in, deliver
from govflow.services import sweep as sweeping
from govflow.services.mail import outbox
from govflow.settings import Settings
from govflow.store import db

log = logging.getLogger("govflow.letters")
_app: Flask | None = None


def preload(app: Flask) -> None:
    """Hand the worker its app before it forks, so that a job does not import the world first."""
    global _app
    _app = app


def _ready_app() -> Flask:
    if _app is None:
        from govflow.app import create_app

        preload(create_app())
    assert _app is not None
    return _app


def drain(organisation: int) -> dict[str, int]:
    """Post what one organisation owes; 0 stands for letters of no organisation."""
    app = _ready_app()
    with app.app_context():
        db.engine.dispose(close=False)  # a forked child must not share its parent's connections
        return deliver(organisation=organisation)


def sweep() -> dict[str, Any]:
    """The sweep, run by a worker: what belongs to nobody here, and a job for each organisation."""
    app = _ready_app()
    with app.app_context():
        db.engine.dispose(close=False)
        from govflow.app import redis_url

        organisations = sweeping.organisations()
        if len(organisations) < 2:
            return sweeping.sweep(today=day_in)
        sweeping.sweep_installation(today=day_in)
        queue.hand_out(redis_url(_settings()), "govflow.jobs.sweep_organisation", organisations)
        outbox.wake_for_owed(0)
        return {"organisations": len(organisations)}


def sweep_organisation(organisation: int) -> dict[str, int]:
    """One organisation's part of the sweep. It wakes the workers for what it found."""
    app = _ready_app()
    with app.app_context():
        db.engine.dispose(close=False)
        found = sweeping.sweep_organisation(organisation, today=day_in)
        outbox.wake_for_owed(organisation)
        return {"judged": found.judged, "late": found.late, "letters_new": found.new}


def today() -> date:
    return clock.today(_settings().today)


def _settings() -> Settings:
    found: Settings = current_app.config["GOVFLOW"]
    return found


__all__ = ["day_in", "deliver", "drain", "preload", "sweep", "sweep_organisation", "today"]
