"""What the workers run: post an organisation's letters, and the sweep. Jobs carry ids; the rest is read afresh."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from flask import Flask, current_app

from govflow import clock
from govflow.envelope import Envelope, NotPosted, Post
from govflow.post import post_for
from govflow.services import outbox
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
    """The sweep, run by a worker. It wakes the workers for what it found."""
    app = _ready_app()
    with app.app_context():
        db.engine.dispose(close=False)
        return outbox.sweep(today=today())


def today() -> date:
    return clock.today(_settings().today)


def _settings() -> Settings:
    found: Settings = current_app.config["GOVFLOW"]
    return found


def deliver(*, organisation: int | None = None, post: Post | None = None) -> dict[str, int]:
    """Post every letter that is owed now, fifty at a time on one connection."""
    settings = _settings()
    post = post or post_for(
        mail_url=settings.mail_url, mail_from=settings.mail_from, demo_folder=settings.instance / "mail"
    )
    sent = failed = 0
    try:
        while True:
            lease, ids = outbox.claim(organisation=organisation)
            if not ids:
                return {"sent": sent, "failed": failed, "owed": outbox.letters_owed()}
            for letter_id in ids:
                done = _post_one(post, letter_id, lease)
                sent += done is True
                failed += done is False
    finally:
        post.close()


def _post_one(post: Post, letter_id: int, lease: str) -> bool | None:
    try:
        ready = outbox.compose(letter_id, lease, today=today())
    except Exception:  # whatever is wrong with one letter, the others go out
        log.exception("letter %s could not be worded", letter_id)
        outbox.mark_failed(letter_id, lease, error="it could not be worded", permanent=False)
        return False
    if ready is None:
        return None
    envelope = Envelope(
        to=ready.to,
        to_name=ready.to_name,
        subject=ready.words.subject,
        text=ready.words.text,
        html=ready.words.html,
        message_id=ready.message_id,
        stop_url=ready.stop_url,
    )
    try:
        post.send(envelope)
    except NotPosted as error:
        outbox.mark_failed(letter_id, lease, error=str(error), permanent=error.permanent)
        return False
    outbox.mark_sent(letter_id, lease)
    return True
