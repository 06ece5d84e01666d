"""Commands that keep the service running: up, and its parts for production."""

from __future__ import annotations

import logging
import os
import sys
import time
from datetime import date
from typing import TYPE_CHECKING

import click

from govflow.cli import DAY, as_json, refusing, tell, the_app

if TYPE_CHECKING:
    from flask import Flask

    from govflow import queue


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--no-demo", is_flag=True, help="Run this installation's own data, without the demo projects.")
@refusing
def up(port: int, no_demo: bool) -> None:
    """Start web, worker, sweep and Redis as one program."""
    from govflow.cli.up import start_all

    sys.exit(start_all(port=port, demo=not no_demo))


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@refusing
def web(port: int, host: str, workers: int) -> None:
    """Serve the pages."""
    from govflow.settings import load_settings

    load_settings()  # say what is wrong here, once, and not in every worker
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"{host}:{port}",
        "--workers",
        str(workers),
        "--worker-class",
        "gthread",
        "--threads",
        "4",
        "--no-control-socket",
        "--access-logfile",
        "/dev/null",
        "--config",
        "python:govflow.runtime.gunicorn",
        "govflow.app:create_app()",
    ]
    os.execv(sys.executable, command)


@click.command()
@click.option("--count", default=1, show_default=True, type=click.IntRange(1, 64))
@refusing
def worker(count: int) -> None:
    """Run the workers that post letters."""
    if count > 1:
        from govflow.runtime.supervisor import Supervisor

        with Supervisor() as supervisor:
            for number in range(1, count + 1):
                supervisor.start(f"worker-{number}", [sys.executable, "-m", "govflow", "worker"])
            supervisor.run()
        return
    from govflow import jobs, queue
    from govflow.app import create_app, redis_url
    from govflow.settings import SettingsError

    app = create_app()
    url = redis_url(app.config["GOVFLOW"])
    if not url:
        raise SettingsError("The setting redis_url is not set, so no worker can run. Set it, or use: govflow up")
    jobs.preload(app)
    with queue.connect(url) as connection:
        queue.reap(connection)
        queue.worker(connection).work(logging_level="WARNING")


@click.command()
@click.option("--every", type=click.IntRange(1, 86_400), help="Go on, and sweep every so many seconds.")
@click.option("--once", is_flag=True, help="Sweep once and stop.")
@click.option("--today", "day", type=DAY, help="Sweep as on this day (with --dry-run, or in the demo).")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@as_json
@refusing
def sweep(every: int | None, once: bool, day: date | None, dry_run: bool, json: bool) -> None:
    """Judge what needs judging, write the letters that are owed, wake the workers."""
    if every and not once:
        _sweep_for_ever(every)
        return
    from govflow import jobs
    from govflow.services import sweep as sweeping
    from govflow.settings import SettingsError

    with the_app(posts_letters=True) as app:
        if day and not (dry_run or app.config["GOVFLOW"].demo):
            raise SettingsError("--today needs --dry-run, outside the demo.")
        found = sweeping.sweep(today=day or jobs.day_in, dry_run=dry_run)
        tell(
            found,
            json=json,
            words=f"{found['late']} late, {found['letters_new']} new letters, {found['letters_owed']} owed.",
        )


def _sweep_for_ever(every: int) -> None:
    """RQ's cron asks a worker to sweep. Without Redis, or when nothing comes of asking, this process does it itself."""
    from redis import RedisError

    from govflow import jobs
    from govflow.app import create_app
    from govflow.services import sweep as sweeping
    from govflow.store import db

    app = create_app()
    log = logging.getLogger("govflow.sweep")
    cron: queue.PeriodicJob | None = None
    while True:
        started = time.monotonic()
        try:
            try:
                cron = _asked_a_worker(app, cron, every)
            except (RedisError, OSError) as error:
                log.warning("sweeping without the queue: %s", error)
                cron = None
                with app.app_context():
                    try:
                        sweeping.sweep(today=jobs.day_in)
                    finally:
                        jobs.deliver()
                    db.session.remove()
        except Exception:  # the next round tries again; one bad round must not end the clock
            log.exception("this sweep failed; the next one comes in %s s", every)
        time.sleep(max(0.2, every - (time.monotonic() - started)))


def _asked_a_worker(app: Flask, cron: queue.PeriodicJob | None, every: int) -> queue.PeriodicJob:
    """RQ's cron, once it has asked; RedisError where there is no queue, no worker, or none that does anything."""
    from redis import RedisError

    from govflow import queue
    from govflow.app import redis_url
    from govflow.services.mail import health

    url = redis_url(app.config["GOVFLOW"])
    if not url:
        raise RedisError("no redis_url is set")
    if cron is None:
        cron = queue.PeriodicJob(queue.connect(url), "govflow.jobs.sweep", "sweep", every=every)
    if not queue.workers_up(cron.connection):
        raise RedisError("no worker is up")
    cron.enqueue_when_due()
    with app.app_context():
        if health.nobody_sweeps(every=every):
            raise RedisError("the workers have swept nothing for some time")
    return cron


@click.command()
@as_json
@refusing
def deliver(json: bool) -> None:
    """Post every letter that is owed, in this process, without Redis."""
    from govflow import jobs

    with the_app(posts_letters=True):
        found = jobs.deliver()
        tell(found, json=json, words=f"{found['sent']} sent, {found['failed']} failed, {found['owed']} still owed.")


@click.group()
def db() -> None:
    """The database."""


@db.command()
@refusing
def upgrade() -> None:
    """Create or migrate the database."""
    from govflow.cli.up import upgrade_database

    with the_app():
        before, after = upgrade_database()
        click.echo(
            f"The database is at {after}." if before == after else f"Migrated from {before or 'nothing'} to {after}."
        )


@click.command()
@refusing
def demo() -> None:
    """Load the demo projects, once."""
    from govflow.cli.up import load_demo

    with the_app():
        loaded = load_demo()
        click.echo(f"Loaded: {', '.join(loaded)}." if loaded else "The demo projects are there already.")


COMMANDS = [up, web, worker, sweep, deliver, db, demo]
