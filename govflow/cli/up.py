"""`govflow up`: the whole service as one program, with the demo projects in it."""

from __future__ import annotations

import os
import sys
from datetime import date
from importlib.resources import files

import click
from flask import Flask
from sqlalchemy import select

from govflow.settings import load_settings

ADMIN = ("admin@example.org", "Ada Harbour")
GUESTS = (
    ("a lead", "partners2", "lead"),
    ("a member with lived experience", "partners2", "lived"),
)


def upgrade_database() -> tuple[str, str]:
    """Bring the database to the newest version; answers with (before, after)."""
    import logging

    from alembic.runtime.migration import MigrationContext
    from flask_migrate import upgrade

    from govflow.store import db

    def current() -> str:
        with db.engine.connect() as connection:
            return ", ".join(MigrationContext.configure(connection).get_current_heads())

    logging.getLogger("alembic").setLevel(logging.WARNING)
    before = current()
    upgrade(revision="heads")
    db.session.remove()
    return before, current()


SHOWN = {"mcpin": ("budget", "payments")}
"""Practices that a demo organisation has on besides those it starts with."""


def demo_files() -> dict[str, bytes]:
    folder = files("govflow").joinpath("demo")
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir(), key=lambda one: one.name)
        if path.name.endswith(".toml")
    }


def load_demo() -> list[str]:
    """The demo projects, their days moved so that each one's own present is today; those already there are left."""
    from govflow.jobs import today
    from govflow.services.base.context import context
    from govflow.services.people.people import invite_person
    from govflow.services.plugins.plugins import switch
    from govflow.services.project_file import import_project, parse
    from govflow.store import Project, db

    loaded = []
    for data in demo_files().values():
        given = parse(data)
        slug = given["project"]["slug"]
        if db.session.scalar(select(Project.id).where(Project.slug == slug)) is None:
            import_project(data, today=today(), to_present=True)
            loaded.append(slug)
            for plugin in SHOWN.get(given["organisation"]["slug"], ()):
                if plugin in context().declared.plugins:
                    switch(organisation=given["organisation"]["slug"], plugin=plugin, on=True, by=None, today=today())
        invite_person(email=ADMIN[0], name=ADMIN[1], organisation=given["organisation"]["slug"], admin=True)
    return loaded


def guest_links(app: Flask) -> list[tuple[str, str]]:
    """One sign-in link each for a lead, a member with lived experience and an organisation's admin."""
    from govflow.jobs import today
    from govflow.services.auth.sign_in_links import operator_link
    from govflow.services.base.actions import person_by_email
    from govflow.services.base.snapshots.snapshot import load_snapshot
    from govflow.services.people.projects import find_project

    day: date = today()
    links = []
    for words, slug, wanted in GUESTS:
        for member in load_snapshot(find_project(slug), today=day).members:
            if member.role == wanted or (member.role == "member" and wanted in member.expertise):
                links.append((f"{words}: {member.name}", operator_link(member.person_id)))
                break
    admin = person_by_email(ADMIN[0])
    if admin:
        links.append((f"an organisation admin: {admin.name}", operator_link(admin.id)))
    return links


def start_all(*, port: int, demo: bool) -> int:
    """Prepare everything, then supervise Redis, web, worker and sweep until told to stop."""
    from govflow.runtime.embedded_redis import answers, redis_command, wait_ready
    from govflow.runtime.supervisor import Supervisor

    if demo:
        os.environ.setdefault("GOVFLOW_DEMO", "1")
    else:
        os.environ.pop("GOVFLOW_DEMO", None)
    os.environ.setdefault("GOVFLOW_BASE_URL", f"http://127.0.0.1:{port}")
    settings = load_settings()
    os.environ["GOVFLOW_INSTANCE"] = str(settings.instance)
    os.environ["GOVFLOW_BASE_URL"] = settings.base_url
    if _taken(port):
        click.echo(f"Port {port} is taken by another program. Choose another: PORT={port + 1} ./run", err=True)
        return 1
    with Supervisor() as supervisor:
        if not settings.redis_url:
            command, url = redis_command(settings.instance / "redis")
            if answers(url):
                click.echo("GovFlow is running on this data already. Stop it first.", err=True)
                return 1
            (settings.instance / "redis-url").write_text(url, "utf-8")
            (settings.instance / "base-url").write_text(settings.base_url, "utf-8")
            supervisor.start("redis", command, last=True)
            stopped = supervisor.run(until=lambda: answers(url))
            if stopped:
                return 0
        else:
            wait_ready(settings.redis_url, 30)
        lines = _prepare(demo=demo)
        supervisor.start("web", [sys.executable, "-m", "govflow", "web", "--port", str(port)])
        supervisor.start("worker", [sys.executable, "-m", "govflow", "worker"])
        supervisor.start("sweep", [sys.executable, "-m", "govflow", "sweep", "--every", "60"])
        stopped = supervisor.run(until=lambda: _answers_http(port))
        if not stopped:
            click.echo("\n".join(["", f"GovFlow is at {settings.base_url}", *lines, "Stop it with Ctrl-C.", ""]))
            sys.stdout.flush()
            supervisor.run()
    return 0


def _prepare(*, demo: bool) -> list[str]:
    from govflow.app import create_app
    from govflow.store import db

    app = create_app()
    with app.app_context():
        upgrade_database()
        if not demo:
            return []
        load_demo()
        base = app.config["GOVFLOW"].base_url
        lines = ["Sign in as (each link works once, for 24 hours, in any browser):"]
        lines += [f"  {words}\n    {base}/sign-in/{token}" for words, token in guest_links(app)]
        if not app.config["GOVFLOW"].mail_url:
            lines.append(f"Letters are shown at {base}/mail")
        db.session.remove()
        db.engine.dispose()
        return lines


def _taken(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _answers_http(port: int) -> bool:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
