"""The sweep's scan beside the bare query, and posting letters beside a bare pipeline."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from redis import Redis
from sqlalchemy import delete, insert, text

from bench import bare_pipeline
from govflow import clock
from govflow.app import create_app
from govflow.cli.up import upgrade_database
from govflow.runtime.embedded_redis import redis_command, wait_ready
from govflow.services import sweep
from govflow.services.project_file import import_project
from govflow.settings import load_settings
from govflow.store import Email, EmailItem, FindingRow, MemberRow, Organisation, Person, Project, db

TODAY = clock.today(None)
DEMO = Path(__file__).parent.parent / "govflow" / "demo"
LATE, LETTERS, ROUNDS, TOLD = 1_000, 2_000, 3, 200_000
BARE = text(
    'SELECT f.id, f.project_id, f."check", f.subject, f.about, f.due_on, f.remind_every, f.remind_before, f.owed_by, '
    "f.lines, f.private, f.tell_from FROM finding AS f JOIN project AS p ON p.id = f.project_id "
    "WHERE f.open = 1 AND f.organisation_id = :organisation AND f.tell_from <= :day AND p.state = 'running' "
    "ORDER BY f.tell_from, f.id LIMIT 1000"
)


def a_finding(project: int, organisation: int, number: int, *, late: bool) -> dict[str, Any]:
    due = TODAY - timedelta(days=3)
    return {
        "project_id": project,
        "organisation_id": organisation,
        "check": "bench.check",
        "subject": f"s{number}",
        "title": "A check",
        "about": "entry",
        "subject_label": "x",
        "outcome": "unmet" if late else "met",
        "sentence": "Not yet.",
        "short": "",
        "lines": {},
        "private": False,
        "holds": True,
        "open": late,
        "owed_by": ["lead-1"],
        "due_on": due if late else None,
        "tell_from": due + timedelta(days=1) if late else None,
        "look_again": None,
        "remind_every": 7,
        "remind_before": [],
    }


def scan(app: Flask, rounds: Callable[..., Any], tell: Callable[..., None], *, most: int = 1_000_000) -> None:
    """Everything that is to be told, found among ever more that is not; and the whole sweep when all has been told."""
    with app.app_context():
        made = import_project((DEMO / "partners2.toml").read_bytes(), today=TODAY, to_present=True)
        project = db.session.scalars(db.select(Project).where(Project.slug == made["slug"])).one()
        place = (project.id, project.organisation_id)
        db.session.execute(delete(FindingRow))
        db.session.execute(text("UPDATE project SET judged_on = :day, gate_seen = version"), {"day": TODAY})
        db.session.commit()
        have = 0
        for size in (1_000, 100_000, most):
            for start in range(have, size, 10_000):
                rows = [a_finding(*place, n, late=n < LATE) for n in range(start, min(size, start + 10_000))]
                db.session.execute(insert(FindingRow), rows)
                db.session.commit()
            have = size
            sweep.sweep(today=TODAY)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

            def ours() -> None:
                assert sum(len(batch) for batch in sweep._due_batches(place[1], TODAY)) == LATE
                db.session.rollback()

            def bare() -> None:
                with db.engine.connect() as connection:
                    raw = connection.connection.driver_connection
                    assert raw is not None
                    raw.execute(str(BARE), {"organisation": place[1], "day": TODAY.isoformat()}).fetchall()

            def core() -> None:
                db.session.execute(BARE, {"organisation": place[1], "day": TODAY}).all()
                db.session.rollback()

            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            what = f"{size} findings, {LATE} late"
            tell("the sweep's scan / the bare query", what, *rounds(ours, core, 9), memory_grown_kb=grown)
            tell("the sweep's scan / the same by the driver alone", what, *rounds(ours, bare, 9))
            tell("a sweep with nothing new / the bare query", what, *rounds(lambda: sweep.sweep(today=TODAY), core, 5))
        _tell_of_what_is_over(place[0])
        what = f"the same, and {TOLD} tellings of what is over"
        tell("a sweep with nothing new / the bare query", what, *rounds(lambda: sweep.sweep(today=TODAY), core, 5))


def _tell_of_what_is_over(project: int) -> None:
    """A year of letters about things that are done."""
    letter = db.session.scalar(db.select(Email.id).limit(1))
    for week in range(50):
        cycle = TODAY - timedelta(weeks=week)
        items = [
            {"letter_id": letter, "project_id": project, "check": "bench.check", "subject": f"done-{number}",
             "due_on": TODAY - timedelta(days=400), "cycle": cycle, "rank": 0}
            for number in range(TOLD // 50)
        ]  # fmt: skip
        db.session.execute(insert(EmailItem), items)
        db.session.commit()


# --- posting --------------------------------------------------------------------------------------------------


@contextmanager
def started(*commands: list[str], env: dict[str, str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    running = [subprocess.Popen(one, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for one in commands]
    try:
        yield running
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(20)


def posting(tell: Callable[..., None]) -> None:
    """From the start of the sweep to the last of 2,000 letters, with two workers, and the same by the bare pipeline."""
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(_ours())
        bare.append(_bare())
    ratios = [b / a for a, b in zip(ours, bare, strict=True)]
    mine, floor = statistics.median(ours), statistics.median(bare)
    ratio = statistics.median(ratios)
    more = {"a_second": round(LETTERS / mine), "floor_a_second": round(LETTERS / floor), "wanted": "at least 0.6"}
    tell(
        "letters a second / a bare pipeline's",
        f"{LETTERS} letters, 2 workers",
        mine * 1000,
        floor * 1000,
        ratio,
        **more,
    )


@contextmanager
def _sink() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    command = [sys.executable, "-m", "bench.raw_sink", str(LETTERS)]
    with started(command, env=dict(os.environ)) as (sink,):
        assert sink.stdout is not None
        yield int(sink.stdout.readline()), sink


def _ours() -> float:
    with tempfile.TemporaryDirectory() as name, _sink() as (port, sink):
        folder = Path(name)
        command, url = redis_command(folder / "redis")
        environ = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GOVFLOW_")},
            "GOVFLOW_INSTANCE": name,
            "GOVFLOW_REDIS_URL": url,
            "GOVFLOW_MAIL_URL": f"smtp://127.0.0.1:{port}",
            "GOVFLOW_MAIL_FROM": "GovFlow <govflow@example.org>",
            "GOVFLOW_BASE_URL": "https://gov.example.org",
        }
        app = create_app(load_settings(instance=folder, environ=environ))
        with app.app_context():
            upgrade_database()
            _owe_everybody()
            worker = [sys.executable, "-m", "govflow", "worker"]
            took = _timed(lambda: sweep.sweep(today=TODAY), sink, worker, redis=(command, url), env=environ)
            db.session.remove()
            db.engine.dispose()
        return took


def _timed(
    begin: Callable[[], object],
    sink: subprocess.Popen[bytes],
    worker: list[str],
    *,
    redis: tuple[list[str], str],
    env: dict[str, str],
) -> float:
    """Seconds from this beginning to the last letter, with two workers that are up."""
    command, url = redis
    with started(command, env=env):
        wait_ready(url, 20)
        with started(worker, worker, env=env), Redis.from_url(url) as connection:
            while connection.scard("rq:workers") < 2:
                time.sleep(0.05)
            began = time.monotonic()
            begin()
            assert sink.stdout is not None
            return float(sink.stdout.readline()) - began


def _owe_everybody() -> None:
    """One organisation, twenty projects, a hundred people in each, and something late for each of them."""
    db.session.add(Organisation(slug="bench", name="Bench"))
    db.session.commit()
    people = [
        {"email": f"p{n}@example.org", "name": f"Person {n}", "reminders_stopped_on": None, "unreachable_on": None}
        for n in range(LETTERS)
    ]
    db.session.execute(insert(Person), people)
    long_ago = TODAY - timedelta(days=100)
    for number in range(20):
        title = f"Project {number}"
        row = Project(
            organisation_id=1, slug=f"p{number}", title=title, lifecycle="research", stage="bid", started=long_ago
        )
        row.judged_on, row.gate_seen = TODAY, 1
        db.session.add(row)
        db.session.flush()
        mine = range(number * 100, number * 100 + 100)
        for one in mine:
            db.session.add(MemberRow(project_id=row.id, person_id=one + 1, key=f"m{one}", joined=long_ago))
        findings = [a_finding(row.id, 1, one, late=True) | {"about": "member", "subject": f"m{one}"} for one in mine]
        for one in findings:
            one["owed_by"] = [one["subject"]]
        db.session.execute(insert(FindingRow), findings)
    db.session.commit()
    assert not db.session.scalar(db.select(Email.id).limit(1))
    assert not db.session.scalar(db.select(EmailItem.id).limit(1))


def _bare() -> float:
    with tempfile.TemporaryDirectory() as name, _sink() as (port, sink):
        folder = Path(name)
        command, url = redis_command(folder / "redis")
        bare_pipeline.make(str(folder / "ledger.sqlite"), LETTERS)
        os.environ |= {"BARE_REDIS": url, "BARE_LEDGER": str(folder / "ledger.sqlite"), "BARE_PORT": str(port)}
        worker = [sys.executable, "-m", "bench.bare_pipeline"]
        return _timed(bare_pipeline.hand_out, sink, worker, redis=(command, url), env=dict(os.environ))
