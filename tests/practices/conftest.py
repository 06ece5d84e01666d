"""A project with the plugins of practices on, walked through by pages alone on days that the test turns."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from govflow.plugin_host.loader import load_plugins
from govflow.services.plugins.plugins import switch
from govflow.services.project_file import import_project
from govflow.store import db
from tests.support.factories import FOUR, TODAY, a_file, made, toml
from tests.support.reused_app import ReusedApp
from tests.support.servers import SmtpSink
from tests.support.settings import page_settings
from tests.support.web.walk import Walk


@pytest.fixture(scope="session")
def practised(tmp_path_factory: pytest.TempPathFactory) -> ReusedApp:
    """The app with every plugin that ships; each test has a database of its own."""
    folder = tmp_path_factory.mktemp("practised")
    return ReusedApp(page_settings(folder, f"sqlite:///{folder / 'none.sqlite'}"), load_plugins(), apart=False)


@pytest.fixture
def walk(
    practised: ReusedApp, sqlite_template: Path, tmp_path: Path, smtp_sink: SmtpSink
) -> Iterator[Callable[..., Walk]]:
    """`walk(plugins=("decisions",), stage="design", members=[…])`: a project with these plugins on, on TODAY."""
    shutil.copy(sqlite_template, tmp_path / "govflow.sqlite")
    app = practised.at(page_settings(tmp_path, f"sqlite:///{tmp_path / 'govflow.sqlite'}"))

    def begin(*, plugins: Sequence[str] = (), members: Sequence[Any] = FOUR, today: date = TODAY, **file: Any) -> Walk:
        given = a_file(members=members, **file)
        with app.app_context():
            slug = import_project(toml(given), today=today, keep_dates=True)["slug"]
            for plugin in plugins:
                switch(organisation=given["organisation"]["slug"], plugin=plugin, on=True, by=None, today=today)
            project = made(slug)
            db.session.remove()
        here = Walk(app, smtp_sink, project)
        here.go_to(today)
        return here

    yield begin
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
