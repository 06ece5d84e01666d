"""A project that a test asks for as another did before is a copy of that one, on SQLite: making one takes longer.

It is a copy of the whole database, taken when nothing else was in it, and put where nothing else is.
"""

from __future__ import annotations

import dataclasses
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import make_url

from govflow.settings import Settings
from govflow.store import db

MOST = 24
"""Kept at a time: plugins written inside a test are never asked for again."""
FRESH = timedelta(minutes=5)
"""What was made longer ago by the clock of the test, which may be turned, is made anew."""


@dataclass(frozen=True)
class Kept:
    slug: str
    database: bytes
    at: datetime


class Same:
    """Equal to itself alone, for what has no hash of its own."""

    def __init__(self, it: object):
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.it is self.it


_kept: OrderedDict[Hashable, Kept] = OrderedDict()


def made_once(app: Flask, what: Hashable, make: Callable[[], str]) -> str:
    """The slug of the project that `make` makes; `what` is all that it is made from."""
    settings: Settings = app.config["GOVFLOW"]
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database or not _empty(url.database):
        return make()
    place = {"instance": Path(), "database_url": "", "key_dir": Path()}
    key, now = (what, dataclasses.replace(settings, **place)), datetime.now(UTC)
    found = _kept.get(key)
    if found and abs(now - found.at) < FRESH:
        _kept.move_to_end(key)
        db.session.remove()
        db.engine.dispose()  # the last connection that closes leaves the file alone, nothing beside it
        assert not Path(f"{url.database}-wal").exists()
        Path(url.database).write_bytes(found.database)
        with closing(sqlite3.connect(url.database)) as here:  # two projects never have one stamp
            here.execute("UPDATE project SET stamp = lower(hex(randomblob(16)))")
            here.commit()
        return found.slug
    slug = make()
    if not settings.key_dir.exists():  # a key would have to be kept with what it locks
        with closing(sqlite3.connect(url.database)) as here:
            here.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            _kept[key] = Kept(slug, Path(url.database).read_bytes(), now)
        if len(_kept) > MOST:
            _kept.popitem(last=False)
    return slug


def _empty(file: str) -> bool:
    with closing(sqlite3.connect(file)) as here:
        return not any(
            here.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in ("organisation", "person")
        )
