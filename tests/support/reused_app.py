"""One app for test after test, each on a database of its own: making an app takes longer than most tests do with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import URL, event, make_url

from govflow.app import create_app
from govflow.domain.plugins.declarations import Declared
from govflow.settings import Settings
from govflow.store import db


class ReusedApp:
    """Its engine stays too, for SQLAlchemy keeps there how statements read; a new connection goes to the test's own
    database, and settings, house and limits are new for each test.
    """

    def __init__(self, settings: Settings, declared: Declared, *, apart: bool | None = None):
        self._app = create_app(settings, declared=declared, apart=apart)
        self._config, self._house = dict(self._app.config), self._app.extensions["govflow"]
        self._url: URL = make_url(settings.database_url)
        with self._app.app_context():
            event.listen(db.engine, "do_connect", self._connect)

    @contextmanager
    def on(self, settings: Settings) -> Iterator[Flask]:
        """The app with these settings, its context pushed."""
        app = self.at(settings)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()

    def at(self, settings: Settings) -> Flask:
        """The app with these settings."""
        self._url = make_url(settings.database_url)
        self._app.config.clear()
        self._app.config.update(self._config, GOVFLOW=settings, SQLALCHEMY_DATABASE_URI=settings.database_url)
        self._app.extensions["govflow"] = self._house
        for limiter in self._app.extensions["limiter"]:
            limiter.reset()
        return self._app

    def _connect(self, dialect: Any, _record: Any, args: list[Any], named: dict[str, Any]) -> None:
        args[:], here = dialect.create_connect_args(self._url)
        named.update(here)
