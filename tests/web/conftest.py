"""The world of the pages: built once, on SQLite; and once on PostgreSQL for what differs there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from govflow.services.auth import sessions
from govflow.settings import Settings
from tests.support import example_plugin, servers
from tests.support import site as worlds
from tests.support.factories import PRACTICES
from tests.support.settings import migrate, page_settings
from tests.support.web.crawling import Crawled, crawl


def _open(settings: Settings) -> Iterator[worlds.World]:
    from govflow.app import create_app
    from govflow.plugin_host.loader import load_plugins
    from govflow.store import db

    app = create_app(settings, declared=load_plugins(extra={"parlour": example_plugin}, skip=PRACTICES), apart=False)
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


@pytest.fixture(scope="session")
def crawled(shared_world: worlds.World, beginning: Path) -> Crawled:
    """The crawl, made once for all tests that look at it: they stay together, see TOGETHER in conftest.py."""
    shared_world.back_to(beginning)
    with pytest.MonkeyPatch.context() as patch:
        # That its people were seen is noted every five minutes, and a crawl may take longer: a page would write that.
        patch.setattr(sessions, "SEEN_EVERY", timedelta(hours=2))
        return crawl(shared_world)


@pytest.fixture(scope="module")
def postgres_world(
    postgres_server: servers.PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[worlds.World]:
    folder = tmp_path_factory.mktemp("postgres-world")
    url = postgres_server.create(postgres_server.template("migrated", lambda url: migrate(folder, url)))
    yield from _open(page_settings(folder, url))
    postgres_server.drop(url)
