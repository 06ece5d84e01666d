"""Settings of the tests' own installations, and the way to a migrated database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from govflow.settings import Settings
from tests.support import site as worlds


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


def page_settings(folder: Path, database_url: str, **more: object) -> Settings:
    """As in production: no demo, so nothing of it is open. The mail server is never asked in these tests."""
    return Settings(
        instance=folder, secret_key="a secret of the tests, and of the tests alone", database_url=database_url,
        key_dir=folder / "keys", mail_url="smtp://127.0.0.1:9", mail_from="GovFlow <govflow@example.org>",
        today=worlds.TODAY, **more,
    )  # fmt: skip
