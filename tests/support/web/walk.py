"""A project that is walked through by pages alone, on days that the test turns."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select

from govflow import jobs
from govflow.domain.gates.checks import Finding
from govflow.mail.smtp import post_for
from govflow.services import sweep
from govflow.store import EntryRow, db
from tests.support.factories import TODAY, Made
from tests.support.servers import SmtpSink
from tests.support.site import a_session, signed_in_as, token_of


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
            name: f"{value.day} {value.month} {value.year}" if isinstance(value, date) else value
            for name, value in form.items()
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


CARD = {
    "title": "Our rates", "starts": date(2026, 1, 1), "looked_up": TODAY, "currency": "GBP",
    "lines": "About one hour: 27.50\nHalf a day: £82.50",
}  # fmt: skip


def strengthen(here, who: str) -> None:
    """Whoever deals with money has an app that shows codes."""
    client = here.client(who)
    with here.open():
        session = a_session(here.project.member(who).person_id, strong=True)
    with client.session_transaction() as cookie:
        cookie["sid"] = session
