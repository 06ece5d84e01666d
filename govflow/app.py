"""The one file that knows every room: settings, then the store, then plugins, then pages."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from govflow import queue, store
from govflow.domain.plugins.declarations import Declared
from govflow.forgetting import ListeningCache, forgetter
from govflow.plugin_host.judging import judge
from govflow.plugin_host.loader import load_plugins
from govflow.plugin_host.sandbox import JudgeProcess
from govflow.services.base.context import ServiceContext
from govflow.services.base.snapshots.cache import SnapshotCache
from govflow.settings import Settings, load_settings
from govflow.store import db

FORM_MOST = 1024 * 1024
"""Bytes of a form; where one may hold files, `web` lets more through."""
MIGRATIONS = Path(store.__file__).parent / "migrations"


def create_app(
    settings: Settings | None = None, *, declared: Declared | None = None, apart: bool | None = None
) -> Flask:
    """The whole service. Tests hand in settings and declared plugins; everything else is found.

    `apart`: judge in a process of its own. What serves does so; where settings are handed in (tests, short commands),
    judging runs in this process unless asked otherwise.
    """
    apart = settings is None if apart is None else apart
    settings = settings or load_settings()
    if not logging.getLogger().handlers:
        logging.basicConfig(
            level=os.environ.get("LOGLEVEL", "INFO"), format="%(asctime)s %(name)s %(levelname)s %(message)s"
        )
    app = Flask(
        "govflow", instance_path=str(settings.instance), static_folder="web/static", template_folder="web/templates"
    )
    app.config.update(
        GOVFLOW=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=FORM_MOST,
        MAX_FORM_MEMORY_SIZE=FORM_MOST,
        MAX_FORM_PARTS=2_000,
        SESSION_COOKIE_NAME="__Host-govflow_session" if settings.https else "govflow_session",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        WTF_CSRF_TIME_LIMIT=None,
    )
    db.init_app(app)
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    redis = redis_url(settings)
    app.extensions["govflow"] = ServiceContext(
        declared=declared or load_plugins(),
        judge=JudgeProcess() if apart else judge,
        wake=queue.waker(redis),
        failed_jobs=queue.failed_counter(redis),
        base_url=settings.base_url.rstrip("/"),
        snapshots=ListeningCache(redis) if apart else SnapshotCache(),
        forget_elsewhere=forgetter(redis),
    )
    import govflow.services.emails  # noqa: F401  # each kind of email is known before one is posted
    from govflow.api import add_api
    from govflow.web import add_pages  # after the store: pages need it set up

    add_pages(app)
    add_api(app, redis_url=settings.redis_url)
    return app


def redis_url(settings: Settings) -> str:
    """The Redis that was set, or the socket of our own beside this installation's data where it runs."""
    if settings.redis_url:
        return settings.redis_url
    own = settings.instance / "redis-url"
    return own.read_text("utf-8").strip() if own.exists() else ""


def _engine_options(url: str) -> dict[str, object]:
    """Nothing a query is given stands in the message of an error, which goes to the log."""
    if url.startswith("sqlite"):
        return {"hide_parameters": True}
    return {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "connect_args": {
            "options": "-c idle_in_transaction_session_timeout=30000 -c statement_timeout=10000 -c lock_timeout=5000"
        },
    }
