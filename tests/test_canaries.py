"""Forty secrets go through pages, a real Redis, a real mail server, and errors: none is where it may not be.

Where is looked: everything that was logged, at DEBUG, with its tracebacks; every key of Redis; the headers of each
letter; the `repr` of every row.
"""

from __future__ import annotations

import email
import email.policy
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyotp
import pytest
import redis
from flask import Flask
from sqlalchemy import select, text

from govflow import jobs, queue
from govflow.app import create_app
from govflow.domain.polls.polls import SHOW, WORDS
from govflow.plugin_host.loader import load_plugins
from govflow.services.auth import sign_in_links
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.polls.polls import poll_asked
from govflow.settings import Settings
from govflow.store import Base, Project, db
from tests.support import example_plugin
from tests.support import site as worlds
from tests.support.factories import PRACTICES
from tests.support.servers import SmtpSink
from tests.support.settings import settings_for
from tests.support.site import ANSWER, POLL, World, token_of
from tests.support.web.pages import link_in

pytestmark = pytest.mark.both_engines

PEOPLE = ("member", "lead", "coordinator", "finance", "writer", "second")


@dataclass
class Secrets:
    """What was planted, by what it is."""

    planted: dict[str, str] = field(default_factory=dict)

    def plant(self, what: str) -> str:
        return self.keep(what, f"Kanari{what.replace(' ', '')}Qz")

    def keep(self, what: str, secret: str) -> str:
        return self.planted.setdefault(what, secret)

    def found_in(self, where: str) -> list[str]:
        return [what for what, secret in self.planted.items() if secret in where]


@pytest.fixture
def connection(redis_url: str) -> Iterator[redis.Redis]:
    with queue.connect(redis_url) as found:
        found.flushall()
        yield found


@pytest.fixture
def settings(tmp_path, database_url: str, redis_url: str, smtp_sink: SmtpSink) -> Settings:
    mail = {"mail_url": smtp_sink.url, "mail_from": "GovFlow <govflow@example.org>"}
    return settings_for(tmp_path, database_url, redis_url=redis_url, today=worlds.TODAY, **mail)


@pytest.fixture
def world(settings: Settings, connection: redis.Redis, caplog: pytest.LogCaptureFixture) -> Iterator[World]:
    caplog.set_level(logging.DEBUG)  # before anything asks whether to log
    app = create_app(settings, declared=load_plugins(extra={"parlour": example_plugin}, skip=PRACTICES), apart=False)
    yield worlds.build(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def send(world: World, who: str | None, url: str, **form: str):
    client = world.client(who)
    return client.post(url, data={"csrf_token": token_of(client), **form})


def plant_on_pages(world: World, secrets: Secrets) -> None:
    """What people type."""
    needs = {"need": secrets.plant("need"), "told_to": "p1-lead"}
    assert send(world, "p1-second", "/projects/p1/people/me/needs", **needs).status_code == 302
    assert send(world, "p1-lead", "/projects/p1/people/needs", member="p1-second").status_code == 200
    complaint = {"what": secrets.plant("complaint"), "reach": secrets.plant("reach"), "about": "alder"}
    assert send(world, None, "/complaint", **complaint).status_code == 302
    outcome = {"number": "1", "do": "outcome", "words": secrets.plant("outcome")}
    assert send(world, "admin-a", "/organisations/alder/complaints", **outcome).status_code == 302
    hopes = {name: secrets.plant(f"private {name}") for name in ("own_title", "hopes", "how_i_work", "credit")}
    answers = {"agreed": "yes", "contact": "p1-lead", **hopes}
    assert send(world, "p1-writer", "/projects/p1/gate/induction.welcomed/p1-writer", **answers).status_code == 302
    guest = {
        "name": "Ann",
        "comes": "4 3 2026 16:00",
        "cake": "plum",
        "host": "p1-lead",
        "code": secrets.plant("field"),
    }
    assert send(world, "p1-member", "/projects/p1/parlour/guest/add", **guest).status_code == 302
    declined = {"output": "paper", "person": "p1-writer", "how": "declined", "words": secrets.plant("pay")}
    assert send(world, "p1-writer", "/projects/p1/paid_authors/cover/add", **declined).status_code in (302, 404, 422)
    with world.open():
        project = world.project("p1")
        poll = poll_asked(load_snapshot(project, today=worlds.TODAY), POLL)
        free = [one.id for one in poll.statements if one.kind == WORDS]
    equality = {"age": secrets.keep("equality age", "under_35"), "orientation": secrets.keep("orientation", "lgb")}
    assert send(world, "p1-second", "/projects/p1/people/equality", **equality).status_code == 302
    refused = {"religion": secrets.plant("equality")}
    assert send(world, "p1-second", "/projects/p1/people/equality", **refused).status_code == 422
    said = {one: secrets.plant(f"poll {one}") for one in free} | {one + SHOW: "yes" for one in free}
    assert send(world, "p1-second", f"/projects/p1/{POLL.replace('.', '/ask/')}", **ANSWER, **said).status_code == 302


def plant_ways_in(world: World, secrets: Secrets, sink: SmtpSink) -> None:
    """What lets somebody in: tokens, codes, an app's secret, the installation's own."""
    for key in PEOPLE:
        secrets.keep(f"address of {key}", f"p1-{key}@example.org")
    asking = world.client(None)
    asking.post("/sign-in", data={"csrf_token": token_of(asking), "email": "p1-member@example.org"})
    with asking.session_transaction() as session:
        secrets.keep("browser", session["asked"][0])
        secrets.keep("code", session["asked"][1])
    deliver(world)
    letters = [email.message_from_bytes(raw, policy=email.policy.default) for raw in sink.messages]
    link = next(one for one in letters if "your link" in one["Subject"])
    secrets.keep("link", link_in(link).rpartition("/")[2])
    assert asking.post(link_in(link), data={"csrf_token": token_of(asking)}).status_code == 302
    with asking.session_transaction() as session:
        secrets.keep("session", session["sid"])
    with world.open():
        by = world.by("p1-lead")
        secrets.keep("printed link", sign_in_links.operator_link(by.person_id))
        token, secret, codes = worlds.with_an_app(by.person_id, worlds.a_session(by.person_id))
        secrets.keep("strong session", token)
        secrets.keep("app secret", secret)
        for number, code in enumerate(codes):
            secrets.keep(f"recovery code {number}", code)
        secrets.keep("app code", f"code={pyotp.TOTP(secret).now()}")
    secrets.keep("installation", world.app.config["GOVFLOW"].secret_key)


def deliver(world: World) -> None:
    with world.open():
        jobs.deliver()


def provoke(world: World, secrets: Secrets, sink: SmtpSink) -> None:
    """A mail server that refuses a letter; and a database that refuses what it is given, with the row in its hands."""
    sink.refuse["p1-second@example.org"] = "550 p1-second@example.org is unknown"
    send(world, None, "/sign-in", email="p1-second@example.org")
    deliver(world)
    with world.open(), db.engine.begin() as connection:
        for table in ("access_need", "complaint", "evidence", "entry_version", "person"):
            connection.execute(text(_refuse(table, connection.dialect.name)))
        connection.execute(text(_refuse("sealed_ballot", connection.dialect.name, "UPDATE")))
    broken = [
        send(world, "p1-writer", "/projects/p1/people/me/needs", need=secrets.plant("need two"), told_to="p1-lead"),
        send(world, None, "/complaint", what=secrets.plant("complaint two"), reach="", about="alder"),
        send(world, "p1-member", "/projects/p1/gate/induction.welcomed/p1-member", agreed="yes", contact="p1-lead",
             own_title="x", hopes=secrets.plant("hopes two"), how_i_work="x", credit="x"),
        send(world, "p1-member", "/projects/p1/parlour/guest/add", name=secrets.plant("guest two"),
             comes="4 3 2026 16:00", cake="plum", host="p1-lead", code=secrets.plant("field two")),
        send(world, "p1-third", "/projects/p1/people/equality", religion=secrets.keep("equality two", "muslim")),
        send(world, "p1-lead", "/projects/p1/people/invite", name=secrets.plant("name two"), role="member",
             email=secrets.keep("address two", "kanari-two@example.org")),
    ]  # fmt: skip
    assert [answer.status_code for answer in broken] == [500] * 6


def _refuse(table: str, engine: str, change: str = "INSERT") -> str:
    if engine == "sqlite":
        return f"CREATE TRIGGER no_{table} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END"
    return f"ALTER TABLE {table} ADD CONSTRAINT no_{table} CHECK (false) NOT VALID"


def in_redis(connection: redis.Redis) -> str:
    keys = list(connection.scan_iter())
    return repr([(key, connection.dump(key), _inside(connection, key)) for key in keys])


def _inside(connection: redis.Redis, key: bytes) -> object:
    match connection.type(key):
        case b"hash":
            return connection.hgetall(key)
        case b"list":
            return connection.lrange(key, 0, -1)
        case b"string":
            return connection.get(key)
        case _:
            return None


def in_headers(sink: SmtpSink) -> str:
    """All but whom it is to."""
    letters = [email.message_from_bytes(raw, policy=email.policy.default) for raw in sink.messages]
    assert len(letters) >= 2
    return repr([[(name, str(value)) for name, value in one.items() if name != "To"] for one in letters])


def in_reprs(world: World) -> str:
    with world.open():
        return repr([row for mapper in Base.registry.mappers for row in db.session.scalars(select(mapper.class_))])


def in_logs(caplog: pytest.LogCaptureFixture) -> str:
    """What GovFlow and its libraries logged; the tests' own mail server logs what it is sent."""
    shown = logging.Formatter("%(name)s %(levelname)s %(message)s")
    return "\n".join(shown.format(one) for one in caplog.records if not one.name.startswith("mail."))


def test_none_of_forty_secrets_is_in_a_log_an_error_redis_a_mail_s_headers_or_a_repr(
    world: World, connection: redis.Redis, smtp_sink: SmtpSink, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = Secrets()
    plant_on_pages(world, secrets)
    plant_ways_in(world, secrets, smtp_sink)
    provoke(world, secrets, smtp_sink)
    logged, queued = in_logs(caplog), in_redis(connection)
    assert len(secrets.planted) >= 40
    assert logged.count("Traceback") >= 5, "The errors came about, and were logged."
    assert "govflow.jobs.drain" in queued, "The queue was in use."
    places = {"logs": logged, "redis": queued, "mail": in_headers(smtp_sink), "repr": in_reprs(world)}
    assert {place: secrets.found_in(where) for place, where in places.items()} == {place: [] for place in places}
    pages = world.client("p1-second").get("/projects/p1/people/me/needs").get_data(as_text=True)
    assert secrets.found_in(pages) == ["need"], "The search finds what is there."


def test_a_row_s_repr_names_the_row_and_nothing_in_it(app: Flask) -> None:
    assert repr(Project(organisation_id=1, slug="kanari", title="Kanari", lifecycle="x", stage="x",
                        started=worlds.TODAY)) == "<Project new>"  # fmt: skip
