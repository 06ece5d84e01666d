"""The world of the pages: built once, on SQLite; and once on PostgreSQL for what differs there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from govflow.settings import Settings
from tests import parlour, servers
from tests.conftest import migrate
from tests.making import PRACTICES
from tests.web import world as worlds


def page_settings(folder: Path, database_url: str, **more: object) -> Settings:
    """As in production: no demo, so nothing of it is open. The mail server is never asked in these tests."""
    return Settings(
        instance=folder, secret_key="a secret of the tests, and of the tests alone", database_url=database_url,
        key_dir=folder / "keys", mail_url="smtp://127.0.0.1:9", mail_from="GovFlow <govflow@example.org>",
        today=worlds.TODAY, **more,
    )  # fmt: skip


def _open(settings: Settings) -> Iterator[worlds.World]:
    from govflow.app import create_app
    from govflow.plugin_host.loader import load_plugins
    from govflow.store import db

    app = create_app(settings, declared=load_plugins(extra={"parlour": parlour}, skip=PRACTICES), apart=False)
    try:
        yield worlds.build(app)
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture(scope="session")
def shared_world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[worlds.World]:
    """Ask for `world` instead."""
    folder = tmp_path_factory.mktemp("world")
    shutil.copy(sqlite_template, folder / "govflow.sqlite")
    yield from _open(page_settings(folder, f"sqlite:///{folder / 'govflow.sqlite'}"))


@pytest.fixture(scope="session")
def beginning(shared_world: worlds.World) -> Path:
    """The world's data as it was built, with a session of everybody who is asked for later."""
    for slug in ("p1", "p2", "q"):
        for key in (*worlds.PEOPLE, "writer", "second", "third", "fourth", "left"):
            shared_world.client(f"{slug}-{key}")
    for admin in ("admin-a", "admin-b"):
        shared_world.client(admin)
    return shared_world.keep()


@pytest.fixture
def world(shared_world: worlds.World, beginning: Path) -> worlds.World:
    """The world as it was built, whatever earlier tests did to it."""
    shared_world.back_to(beginning)
    return shared_world


@pytest.fixture(scope="module")
def postgres_world(
    postgres_server: servers.PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[worlds.World]:
    folder = tmp_path_factory.mktemp("postgres-world")
    url = postgres_server.create(postgres_server.template("migrated", lambda url: migrate(folder, url)))
    yield from _open(page_settings(folder, url))
    postgres_server.drop(url)
