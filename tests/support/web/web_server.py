"""The app behind a real web server on a free port, with a day that tests turn."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import logging
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from govflow import jobs
from govflow.domain.plugins.declarations import Declared
from govflow.plugin_host.loader import load_plugins
from govflow.services import sweep
from govflow.services.auth import sign_in_links
from govflow.services.base.actions import person_by_email
from govflow.settings import Settings
from govflow.store import db
from tests.support.factories import PRACTICES
from tests.support.servers import SmtpSink, free_port

SENDER = "GovFlow <govflow@example.org>"


@dataclass
class Site:
    """A running service. `today` may be set; every page, sweep and letter believes in it at once."""

    app: Flask
    url: str
    people: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        found = self.app.config["GOVFLOW"].today
        assert found is not None
        return found

    @today.setter
    def today(self, day: date) -> None:
        self.app.config["GOVFLOW"] = dataclasses.replace(self.app.config["GOVFLOW"], today=day)

    @contextmanager
    def open(self) -> Iterator[None]:
        with self.app.app_context():
            yield
            db.session.remove()

    def link(self, who: str) -> str:
        """A sign-in link from the operator, as ./run prints them."""
        with self.open():
            person = person_by_email(f"{who}@example.org")
            assert person is not None, who
            return f"{self.url}/sign-in/{sign_in_links.operator_link(person.id)}"

    def sweep_and_deliver(self) -> dict[str, object]:
        with self.open():
            swept = sweep.sweep(today=self.today)
            jobs.deliver()
        return swept


@contextmanager
def serving(
    folder: Path,
    template: Path,
    *,
    today: date,
    mail_url: str = "",
    declared: Declared | None = None,
    host: str = "127.0.0.1",
    demo: bool = True,
) -> Iterator[Site]:
    """Passkeys need a name, so their tests ask for `localhost` as the host. Without `declared`: the core's plugins."""
    from govflow.app import create_app

    shutil.copy(template, folder / "govflow.sqlite")
    port = free_port()
    app = create_app(
        Settings(
            instance=folder, secret_key="a secret of the tests, and of the tests alone", key_dir=folder / "keys",
            database_url=f"sqlite:///{folder / 'govflow.sqlite'}", base_url=f"http://{host}:{port}", demo=demo,
            mail_url=mail_url, mail_from=SENDER, today=today,
        ),
        declared=declared or load_plugins(skip=PRACTICES),
    )  # fmt: skip
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(app, f"http://{host}:{port}")
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


Enter = Callable[[str], Any]


def letters_to(sink: SmtpSink, who: str) -> list[EmailMessage]:
    found = [email.message_from_bytes(raw, policy=email.policy.default) for raw in sink.messages]
    return [row for row in found if row["To"].addresses[0].addr_spec == f"{who}@example.org"]


def links_in(letter: EmailMessage) -> list[str]:
    return re.findall(r"https?://\S+", letter.get_body(("plain",)).get_content())
