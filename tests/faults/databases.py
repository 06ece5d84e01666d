"""Faults of the database: restarted and cut off under load, killed while it writes, without room to write."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import subprocess
import time

import psycopg
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from govflow.services.base.rate_limits import keyed
from govflow.store import Attempt, db, now, write
from tests.faults.ground import Ground, Row
from tests.support import servers


class Saver:
    """Somebody who saves one thing after the other, and remembers each that was acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: set[str] = set()
        self._number = 0

    def save(self) -> bool:
        self._number += 1
        who = keyed(f"saved {self._number}")
        try:
            write()
            db.session.add(Attempt(what="saved", who=who, at=now()))
            db.session.commit()
        except DBAPIError:
            db.session.rollback()
            return False
        finally:
            db.session.remove()
        self.acknowledged.add(who)
        return True

    def until_it_works(self) -> float:
        began = time.monotonic()
        servers.wait_until(self.save, 60, "nothing can be saved any more")
        return time.monotonic() - began

    def lost(self) -> int:
        kept = set(db.session.scalars(select(Attempt.who).where(Attempt.what == "saved")))
        db.session.remove()
        return len(self.acknowledged - kept)


def restarted(
    ground: Ground, postgres: servers.PostgresServer, *, letters: int, restarts: int, workers: int = 2
) -> Row:
    """PostgreSQL is restarted as after a crash, again and again, while letters are posted and people save things."""
    ground.mail.seconds_a_letter = 0.02
    ground.owe(letters)
    ground.fleet(workers)
    saver, longest = Saver(), 0.0
    for _ in range(restarts):
        postgres.restart()
        longest = max(longest, saver.until_it_works())
        for _ in range(5):
            saver.save()
    ground.wait_until_posted(120)
    assert saver.lost() == 0, f"{saver.lost()} acknowledged writes are gone"
    note = (
        f"{len(saver.acknowledged)} acknowledged writes, none lost; nothing could be saved for {longest:.1f} s at most"
    )
    return ground.row("F7", f"PostgreSQL restarted {restarts} times under load", note)


def cut_off(ground: Ground, postgres: servers.PostgresServer, *, letters: int, cuts: int, workers: int = 2) -> Row:
    """Connections are ended from the server's side, all there are, while letters are posted."""
    ground.mail.seconds_a_letter = 0.01
    ground.owe(letters)
    ground.fleet(workers)
    for number in range(cuts):
        ground.mail.wait_for(min(letters - 1, letters * number // cuts), 90)
        with contextlib.suppress(psycopg.Error), postgres._admin() as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'govflow'")
    ground.wait_until_posted(120)
    return ground.row("F8", f"all connections cut off {cuts} times", "no worker was wedged")


def down(ground: Ground, postgres: servers.PostgresServer, *, letters: int, seconds: float, workers: int = 2) -> Row:
    """PostgreSQL is away for a while; when it is back the workers go on by themselves."""
    ground.owe(letters)
    ground.mail.seconds_a_letter = 0.02
    ground.fleet(workers)
    ground.mail.wait_for(letters // 3, 60)
    postgres.stop(signal.SIGQUIT)
    time.sleep(seconds)  # so long it is away; that is the fault
    postgres.start()
    servers.wait_until(postgres.answers, 30)
    began = time.monotonic()
    ground.wait_until_posted(120)
    return ground.row("F8", f"PostgreSQL away for {seconds:g} s", f"all posted {time.monotonic() - began:.0f} s later")


WRITER = """
import sys
from tests.faults.databases import Saver
from govflow.app import create_app
with create_app().app_context():
    saver = Saver()
    while True:
        before = set(saver.acknowledged)
        if saver.save():
            print(*(saver.acknowledged - before), flush=True)
"""


def writers_killed(ground: Ground, *, kills: int) -> Row:
    """A process that writes to SQLite is killed in the middle; what it said was saved is there, and all is whole."""
    chance, said = random.Random(2), set()
    for _ in range(kills):
        process = ground.start_python(WRITER, stdout=subprocess.PIPE)
        assert process.stdout is not None
        for _ in range(chance.randrange(1, 12)):
            said.add(process.stdout.readline().decode().strip())
        ground.kill(process)
        with process.stdout as rest:
            said |= {line.decode().strip() for line in rest if line.endswith(b"\n")}
    kept = set(db.session.scalars(select(Attempt.who)))
    db.session.remove()
    assert len(said - kept) == 0, f"{len(said - kept)} acknowledged writes are gone"
    whole = db.session.scalar(text("PRAGMA integrity_check"))
    db.session.remove()
    assert whole == "ok"
    return Row("F9", f"{kills} writers killed", ground.engine, len(said), 0, 0, "counted are acknowledged writes")


def no_room(ground: Ground, *, letters: int) -> Row:
    """There is no room for the database to grow; what was saved stays, and letters go on when there is room again."""
    ground.owe(letters)
    saver = Saver()
    with sqlite3.connect(ground.settings.database_url.removeprefix("sqlite:///")) as raw:
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
    with ground.at_most(pages + 4):
        refused = 0
        for _ in range(2_000):
            refused += not saver.save()
            if refused > 20:
                break
        assert refused > 20, "the room did not run out"
    assert saver.save(), "there is room again, without a restart"
    assert saver.lost() == 0
    ground.deliver()
    note = f"{len(saver.acknowledged)} acknowledged writes, none lost; it goes on without a restart"
    return ground.row("F11", "no room left for the database", note)
