"""Fixtures that need real servers or a real database. What the servers do is in tests/servers.py."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings

from govflow.domain.plugins.declared import Declared
from govflow.settings import Settings
from tests import servers
from tests.lasting import LastingApp
from tests.longer import times
from tests.making import PRACTICES, install

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


# --- the app on a database of its own ---------------------------------------------------------------------


def settings_for(folder: Path, database_url: str, **more: Any) -> Settings:
    return Settings(
        instance=folder,
        secret_key="a secret of the tests, and of the tests alone",
        database_url=database_url,
        key_dir=folder / "keys",
        demo=True,
        **more,
    )


def migrate(folder: Path, database_url: str) -> None:
    """Bring an empty database to the newest version, and leave no connection open."""
    from govflow.app import create_app
    from govflow.cli.up import upgrade_database
    from govflow.store import db

    with create_app(settings_for(folder, database_url)).app_context():
        upgrade_database()
        db.session.remove()
        db.engine.dispose()


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


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database: each test that asks for it runs on SQLite and on PostgreSQL."""
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
def lasting() -> dict[str, LastingApp]:
    """The apps that serve test after test, by the kind of database."""
    return {}


@pytest.fixture
def app(settings: Settings, shipped: Declared, lasting: dict[str, LastingApp]) -> Iterator[Flask]:
    """The whole service, its context pushed, on the database of this test."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    kind = settings.database_url.partition(":")[0]
    if settings != settings_for(settings.instance, settings.database_url):  # settings of the test's own
        made = LastingApp(settings, shipped)
    else:
        made = lasting.setdefault(kind, lasting.get(kind) or LastingApp(settings, shipped))
    with made.on(settings) as app:
        yield app


@pytest.fixture
def with_practices(app: Flask) -> None:
    """The app of this test has the plugins of practices too: what the demo projects are written with."""
    install(app, skip=())


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
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
