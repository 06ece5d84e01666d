"""The same pages of the same person while everything around them grows a hundredfold; and a thousand projects judged.

On SQLite and on PostgreSQL, in this process: what grows is what the database and our own code do, not the socket.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update

from bench.ground import TODAY, make_projects
from govflow.app import create_app
from govflow.cli.up import upgrade_database
from govflow.services import sweep
from govflow.services.auth.sign_in_links import operator_link, use_link
from govflow.settings import load_settings
from govflow.store import FindingRow, Person, Project, db
from tests.support.servers import postgres

SIZES = (50, 500, 5_000)
"""Projects of about twenty findings each."""
PATHS = {"My list": "/", "projects": "/projects", "project page": "/projects/p-0", "gate page": "/projects/p-0/gate"}
LOOKED_AT_AGAIN = 1_000


def pages(timed: Callable[..., float], tell: Callable[..., None]) -> None:
    for engine in ("SQLite", "PostgreSQL"):
        first: dict[str, float] = {}
        for size in SIZES:
            with _ground(engine, size) as app:
                with app.app_context():
                    findings = db.session.scalar(select(func.count()).select_from(FindingRow))
                client = _client(app)
                for name, path in PATHS.items():
                    get = partial(client.get, path)
                    ms = statistics.median(timed(get) for _ in range(30))
                    first.setdefault(name, ms)
                    sql = _statements(app, get)
                    size_words = f"{findings:,} findings, {engine}"
                    tell(f"{name} / the same among the fewest", size_words, ms, first[name], ms / first[name], sql=sql)


def looked_at_again(timed: Callable[..., float], tell: Callable[..., None]) -> None:
    with _ground("PostgreSQL", LOOKED_AT_AGAIN) as app, app.app_context():
        sweep.sweep(today=TODAY)
        bare = timed(lambda: sweep.sweep(today=TODAY))
        db.session.execute(update(Project).values(judged_on=date(2020, 1, 1)))
        db.session.commit()
        ms = timed(lambda: sweep.sweep(today=TODAY))
        what = "a sweep that looks at every project again / one with nothing new"
        tell(what, f"{LOOKED_AT_AGAIN:,} projects, PostgreSQL", ms, bare, ms / bare, wanted="at most 10 s")


@contextmanager
def _ground(engine: str, projects: int) -> Iterator[Flask]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environ = {"GOVFLOW_DEMO": "1"}
        if engine == "PostgreSQL":
            environ["GOVFLOW_DATABASE_URL"] = stack.enter_context(postgres(durable=True)).create()
        app = create_app(load_settings(instance=folder, environ=environ))
        with app.app_context():
            upgrade_database()
            make_projects(projects)
            if engine == "PostgreSQL":
                db.session.connection(execution_options={"isolation_level": "AUTOCOMMIT"}).exec_driver_sql("ANALYZE")
            db.session.remove()
        yield app
        with app.app_context():
            db.engine.dispose()


def _client(app: Flask) -> FlaskClient:
    with app.app_context():
        lead = db.session.scalars(select(Person).where(Person.email == "lead-0@example.org")).one()
        session = use_link(operator_link(lead.id), device="bench", today=TODAY)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["sid"] = session
    return client


def _statements(app: Flask, work: Callable[[], Any]) -> int:
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    work()
    event.remove(engine, "before_cursor_execute", note)
    return sum(statement != "BEGIN" for statement in said)
