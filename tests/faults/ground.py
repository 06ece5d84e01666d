"""Where faults happen: a database, a queue, a mail server, and a fleet of real processes that post real letters."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, func, select

from govflow import clock
from govflow.app import create_app
from govflow.cli.up import upgrade_database
from govflow.mail import delivery
from govflow.mail.smtp import SmtpPost
from govflow.runtime.supervisor import living
from govflow.services import sweep
from govflow.settings import Settings
from govflow.store import Email, db
from tests.faults.run import IN_ALL
from tests.faults.smtp import Sink, sink
from tests.support import servers
from tests.support.factories import FOUR, a_project, days, person
from tests.support.settings import settings_for

ROOT = Path(__file__).parents[2]
ENVIRON = ("instance", "database_url", "redis_url", "mail_url", "mail_from", "base_url", "secret_key", "key_dir")
Process = subprocess.Popen[bytes]


@dataclass(frozen=True)
class Row:
    """What became of the letters of one fault. `note` says what the count alone does not."""

    number: str
    fault: str
    engine: str
    letters: int
    lost: int
    doubled: int
    note: str = ""


@dataclass
class Ground:
    """`app` is this process's own, on the database that the fleet works on."""

    app: Flask
    settings: Settings
    mail: Sink
    engine: str
    log: Path
    _running: list[Process] = field(default_factory=list)
    expected: set[str] = field(default_factory=set)

    # --- letters ----------------------------------------------------------------------------------

    def owe(self, number: int) -> None:
        """So many people each owe one thing that is long late; the sweep has written each a letter."""
        today = clock.today(None)
        chain = [person(f"p-{n}", invited_by=f"p-{n - 1}" if n else "lead-1") for n in range(number)]
        long_ago = today - days(100)
        for one in chain:
            one["joined"] = long_ago
        members = [{**FOUR[0], "joined": long_ago}, *chain]
        a_project(self.app, today=today, started=long_ago, entered=long_ago, members=members)
        sweep.sweep(today=today)
        self.expected = set(db.session.scalars(select(Email.message_id)))
        db.session.remove()

    def states(self) -> dict[str, int]:
        db.session.rollback()
        rows = db.session.execute(select(Email.state, func.count()).group_by(Email.state))
        found: dict[str, int] = {state: number for state, number in rows}  # noqa: C416  (a row is no pair to mypy)
        db.session.remove()
        return found

    def wait_until_posted(self, seconds: float = 60) -> None:
        """Until nothing is owed any more, and the mail server has it all."""
        servers.wait_until(lambda: not self.states().get("owed"), seconds, f"still owed: {self.states()}")

    def row(self, number: str, fault: str, note: str = "") -> Row:
        times = self.mail.times
        lost = len([one for one in self.expected if not times[one]])
        doubled = sum(count - 1 for one, count in times.items() if one in self.expected)
        strangers = set(times) - self.expected
        assert not strangers, f"letters nobody owed: {strangers}"
        return Row(number, fault, self.engine, len(self.expected), lost, doubled, note)

    @property
    def _env(self) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("GOVFLOW_")}
        return env | {f"GOVFLOW_{name.upper()}": str(getattr(self.settings, name)) for name in ENVIRON}

    # --- the fleet ----------------------------------------------------------------------------------

    def start(self, *command: str, **environ: str) -> Process:
        """A command in a session of its own, so that all it starts can be found and killed."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.run", *command],
                cwd=ROOT,
                env=self._env | environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running.append(process)
        return process

    def deliver(self) -> None:
        """Post what is owed, in this process, with the fleet's patience."""
        post = SmtpPost(self.settings.mail_url, self.settings.mail_from, seconds=IN_ALL, in_all=IN_ALL)
        delivery.deliver(post=post)
        db.session.remove()

    def start_python(self, program: str, **more: Any) -> Process:
        """A small program of the tests on the same database."""
        process = subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, env=self._env, start_new_session=True, **more
        )
        self._running.append(process)
        return process

    @contextlib.contextmanager
    def at_most(self, pages: int) -> Iterator[None]:
        """The SQLite file may not grow beyond so many pages meanwhile, as on a disk that is full."""

        def limit(raw: Any, *_: object) -> None:
            raw.execute(f"PRAGMA max_page_count={pages}")

        db.engine.dispose()
        event.listen(db.engine, "connect", limit)
        try:
            yield
        finally:
            event.remove(db.engine, "connect", limit)
            db.engine.dispose()

    def fleet(self, workers: int, *, every: int = 1, **environ: str) -> list[Process]:
        """So many workers, and the clock that sweeps."""
        found = [self.start("worker", **environ) for _ in range(workers)]
        self.start("sweep", "--every", str(every), **environ)
        return found

    def signal(self, process: Process, number: int) -> None:
        """To the process and to all that it started."""
        for pid in living([process.pid]).get(process.pid, []):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self, process: Process) -> None:
        self.signal(process, signal.SIGKILL)
        process.wait(10)
        self._running.remove(process)

    def end(self) -> None:
        for process in self._running:
            self.signal(process, signal.SIGKILL)
            process.wait(10)


@contextlib.contextmanager
def ground(
    engine: str, postgres: servers.PostgresServer | None, redis_url: str = "", **behaviour: object
) -> Iterator[Ground]:
    """A fresh database of this engine and a mail server that behaves so."""
    with tempfile.TemporaryDirectory(prefix="govflow-faults-") as name, sink(**behaviour) as mail:
        folder = Path(name)
        url = f"sqlite:///{folder / 'govflow.sqlite'}" if engine == "sqlite" else _fresh(postgres)
        settings = settings_for(
            folder,
            url,
            redis_url=redis_url,
            mail_url=mail.url,
            mail_from="GovFlow <govflow@example.org>",
            base_url="https://gov.example.org",
        )
        app = create_app(settings)
        with app.app_context():
            upgrade_database()
            made = Ground(app, settings, mail, engine, folder / "fleet.log")
            try:
                yield made
            finally:
                made.end()
                db.session.remove()
                db.engine.dispose()


def _fresh(postgres: servers.PostgresServer | None) -> str:
    assert postgres is not None
    return postgres.create()
