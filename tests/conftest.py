"""Fixtures that need real servers or a real database. What the servers do is in tests/support/servers.py."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings

from govflow.domain.plugins.declarations import Declared
from govflow.settings import Settings
from tests.support import servers
from tests.support.factories import PRACTICES, install
from tests.support.fuzzing import times
from tests.support.reused_app import ReusedApp
from tests.support.settings import migrate, settings_for

settings.register_profile("ours", max_examples=times(100))
settings.load_profile("ours")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.PostgresServer]:
    with servers.postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: servers.PostgresServer) -> Callable[..., str]:
    """Call it for a fresh database, a copy of the named template; it answers with the URL."""
    return postgres_server.create


@pytest.fixture(scope="session")
def smtp_server() -> Iterator[servers.SmtpSink]:
    with servers.smtp_server() as sink:
        yield sink


@pytest.fixture
def smtp_sink(smtp_server: servers.SmtpSink) -> Iterator[servers.SmtpSink]:
    """An SMTP server that keeps what it is sent; empty at the start of each test."""
    smtp_server.clear()
    yield smtp_server
    smtp_server.clear()


# --- on which database ------------------------------------------------------------------------------------

ENGINES = ("sqlite", "postgres")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On SQLite; on both, where the test is about what a database can tell apart, or where all are asked for."""
    both = metafunc.config.getoption("both_engines") or metafunc.definition.get_closest_marker("both_engines")
    chosen = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    for fixture, scope in (("database_url", "function"), ("app_for_many", "module")):
        if fixture in metafunc.fixturenames and fixture not in chosen:
            metafunc.parametrize(fixture, ENGINES if both else ENGINES[:1], indirect=True, scope=scope)


# --- the app on a database of its own ---------------------------------------------------------------------


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    migrate(folder, f"sqlite:///{folder / 'template.sqlite'}")
    return folder / "template.sqlite"


def _sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "govflow.sqlite")
    yield f"sqlite:///{tmp_path / 'govflow.sqlite'}"


def _postgres(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    server: servers.PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create(server.template("migrated", lambda url: migrate(tmp_path, url)))
    yield url
    server.drop(url)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database: SQLite, and PostgreSQL too where the test is marked `both_engines`."""
    yield from {"sqlite": _sqlite, "postgres": _postgres}[request.param](request, tmp_path)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return settings_for(tmp_path, database_url)


@pytest.fixture(scope="session")
def shipped() -> Declared:
    """The installed plugins but those of practices, found once: they are the same for every test of the core."""
    from govflow.plugin_host.loader import load_plugins

    return load_plugins(skip=PRACTICES)


@pytest.fixture(scope="session")
def reused_apps() -> dict[str, ReusedApp]:
    """The apps that serve test after test, by the kind of database."""
    return {}


@pytest.fixture
def app(settings: Settings, shipped: Declared, reused_apps: dict[str, ReusedApp]) -> Iterator[Flask]:
    """The whole service, its context pushed, on the database of this test."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    kind = settings.database_url.partition(":")[0]
    if settings != settings_for(settings.instance, settings.database_url):  # settings of the test's own
        made = ReusedApp(settings, shipped)
    else:
        made = reused_apps.setdefault(kind, reused_apps.get(kind) or ReusedApp(settings, shipped))
    with made.on(settings) as app:
        yield app


@pytest.fixture
def with_practices(app: Flask) -> None:
    """The app of this test has the plugins of practices too: what the demo projects are written with."""
    install(app, skip=())


@pytest.fixture(scope="module")
def app_for_many(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One app and database for a whole module: for the many refusals that leave nothing behind."""
    from govflow.app import create_app
    from govflow.store import db

    folder = tmp_path_factory.mktemp("many")
    urls = {"sqlite": _sqlite, "postgres": _postgres}[request.param](request, folder)
    made = create_app(settings_for(folder, next(urls)))
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
    next(urls, None)


# --- the browser ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = servers.chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=servers.CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page nobody has used; what the browser complains about gathers in page.console_errors."""
    context = browser.new_context()
    page = context.new_page()
    page.console_errors = []
    page.on("console", lambda said: page.console_errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.console_errors.append(str(error)))
    yield page
    context.close()
