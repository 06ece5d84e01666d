"""A project with the plugins of practices on, walked through by pages alone on days that the test turns."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import html
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from govflow import jobs
from govflow.domain.gates.checks import Finding
from govflow.mail.smtp import post_for
from govflow.plugin_host.loader import load_plugins
from govflow.services import sweep
from govflow.services.plugins.plugins import switch
from govflow.services.project_file import import_project
from govflow.store import EntryRow, db
from tests.lasting import LastingApp
from tests.making import FOUR, TODAY, Made, a_file, made, toml
from tests.servers import SmtpSink
from tests.web.conftest import page_settings
from tests.web.world import signed_in_as, token_of


def _words(body: str) -> str:
    main = body[body.find("<main") : body.find("</main>")]
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))


@dataclass
class Walk:
    """One project, its people by key, and the day it is. What is asked here is asked of pages, as a browser would."""

    app: Flask
    sink: SmtpSink
    project: Made
    clients: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.app.config["GOVFLOW"].today

    def go_to(self, day: date) -> None:
        self.app.config["GOVFLOW"] = dataclasses.replace(self.app.config["GOVFLOW"], today=day)

    @contextmanager
    def open(self) -> Iterator[None]:
        with self.app.app_context():
            yield
            db.session.remove()

    def client(self, who: str) -> Any:
        if who not in self.clients:
            with self.open():
                self.clients[who] = signed_in_as(self.app, self.project.member(who).person_id)
        return self.clients[who]

    def see(self, who: str, place: str = "") -> str:
        """The words of a page of the project, tags and needless space left out."""
        answer = self.client(who).get(f"/projects/{self.project.slug}{place}", follow_redirects=True)
        assert answer.status_code == 200, (who, place, answer.status_code)
        return _words(answer.get_data(as_text=True))

    def send(self, who: str, place: str, *, expect: int = 302, **form: Any) -> str:
        """Send a form of the project, days as people type them; answers with the page that came back."""
        client = self.client(who)
        typed = {
            name: f"{one.day} {one.month} {one.year}" if isinstance(one, date) else one for name, one in form.items()
        }
        answer = client.post(f"/projects/{self.project.slug}{place}", data={"csrf_token": token_of(client), **typed})
        body = answer.get_data(as_text=True)
        assert answer.status_code == expect, _words(body)
        return html.unescape(body)

    def check(self, check: str, subject: str | None = None) -> Finding:
        with self.open():
            return self.project.finding(check, subject, today=self.today)

    def mail(self) -> dict[str, str]:
        """Sweep, and post for real: what each person is sent, by the first part of their address."""
        self.sink.clear()
        with self.open():
            sweep.sweep(today=self.today)
            folder = self.app.config["GOVFLOW"].instance
            jobs.deliver(
                post=post_for(mail_url=self.sink.url, mail_from="GovFlow <govflow@example.org>", demo_folder=folder)
            )
        found: dict[str, str] = {}
        for raw in self.sink.messages:
            letter = email.message_from_bytes(raw, policy=email.policy.default)
            who = letter["To"].addresses[0].addr_spec.partition("@")[0]
            body = letter.get_body(("plain",))
            found[who] = f"{found.get(who, '')}{letter['Subject']}\n{body.get_content() if body else ''}"
        return found


def key_of(here: Walk, register: str) -> str:
    """The key of the only line of a list: of a quiet one it is made by chance."""
    with here.open():
        return db.session.execute(select(EntryRow.key).where(EntryRow.register == register)).scalar_one()


@pytest.fixture(scope="session")
def practised(tmp_path_factory: pytest.TempPathFactory) -> LastingApp:
    """The app with every plugin that ships; each test has a database of its own."""
    folder = tmp_path_factory.mktemp("practised")
    return LastingApp(page_settings(folder, f"sqlite:///{folder / 'none.sqlite'}"), load_plugins(), apart=False)


@pytest.fixture
def walk(
    practised: LastingApp, sqlite_template: Path, tmp_path: Path, smtp_sink: SmtpSink
) -> Iterator[Callable[..., Walk]]:
    """`walk(plugins=("decisions",), stage="design", members=[…])`: a project with these plugins on, on TODAY."""
    shutil.copy(sqlite_template, tmp_path / "govflow.sqlite")
    app = practised.at(page_settings(tmp_path, f"sqlite:///{tmp_path / 'govflow.sqlite'}"))

    def begin(*, plugins: Sequence[str] = (), members: Sequence[Any] = FOUR, today: date = TODAY, **file: Any) -> Walk:
        given = a_file(members=members, **file)
        with app.app_context():
            slug = import_project(toml(given), today=today, keep_dates=True)["slug"]
            for plugin in plugins:
                switch(organisation=given["organisation"]["slug"], plugin=plugin, on=True, by=None, today=today)
            project = made(slug)
            db.session.remove()
        here = Walk(app, smtp_sink, project)
        here.go_to(today)
        return here

    yield begin
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
