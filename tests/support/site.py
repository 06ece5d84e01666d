"""A small world for the pages: two organisations, three projects, everybody in them, and a word of its own in each text.

A canary is a word that stands nowhere else. Found in an answer, it tells which text leaked.
"""

# ruff: noqa: E501 (tables of data read better in one line each)

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from govflow.domain.questions import NewFile
from govflow.services.auth import second_factor, sign_in_links
from govflow.services.base.actions import Actor, person_by_email
from govflow.services.gates import evidence, gates
from govflow.services.openings import openings, subscriptions
from govflow.services.openings.subscription_links import link_token
from govflow.services.people import group_notes
from govflow.services.people.people import invite_person
from govflow.services.people.projects import find_project
from govflow.services.plugins.plugins import switch
from govflow.services.polls import equality, polls
from govflow.services.privacy import access_needs
from govflow.services.project_file import import_project
from govflow.services.registers import documents, registers
from govflow.store import Base, MemberRow, Project, Subscription, db
from tests.support.factories import toml

TODAY = date(2026, 3, 2)
LONG_AGO = date(2025, 10, 1)
POLL = "stress_test.how_is_it_going"
ANSWER = {"power-say": "4", "power-how": "4", "overall": "4"}
STRONG = ("finance", "admin-")
"""Who deals with money, bank details or settings, and so has an app that shows codes."""
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
ANY_TOKEN = re.compile(r'(name="csrf_token"[^>]*value=")[^"]+')

PEOPLE = {
    "member": ("lived",),
    "lead": ("research",),
    "coordinator": ("practice",),
    "finance": ("research",),
    "observer": (),
}


def signed_in_as(app: Flask, person_id: int) -> FlaskClient:
    """A browser in which this person is signed in."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["sid"] = a_session(person_id)
    return client


def a_session(person_id: int, *, strong: bool = False) -> str:
    """A session begun by a link. `strong`: its person has set up an app, and typed a code that it showed."""
    token = sign_in_links.use_link(sign_in_links.operator_link(person_id), device="a test", today=TODAY)
    return with_an_app(person_id, token)[0] if strong else token


def with_an_app(person_id: int, session: str) -> tuple[str, str, list[str]]:
    """Set up an app as a person does on the page; answers with the session's new token, the secret, recovery codes."""
    by = Actor(person_id)
    second_factor.begin_app(by=by)
    app = second_factor.app_begun(by=by)
    assert app is not None
    secret = app.secret.replace(" ", "")
    session, codes = second_factor.confirm_app(by=by, session=session, code=pyotp.TOTP(secret).now(), today=TODAY)
    return session, secret, codes


@dataclass
class World:
    """The app and where its data lies. Whoever asks gets a client that is signed in as the person they name."""

    app: Flask
    canaries: dict[str, dict[str, str]] = field(default_factory=dict)
    """Project -> what it is -> the word."""
    sessions: dict[str, str] = field(default_factory=dict)

    def client(self, who: str | None) -> FlaskClient:
        """A browser of this person (`p1-lead`, `admin-a`), or of nobody."""
        client = self.app.test_client()
        if who is not None:
            if who not in self.sessions:
                with self.app.app_context():
                    person = person_by_email(f"{who}@example.org")
                    assert person is not None, who
                    self.sessions[who] = a_session(person.id, strong=who.endswith(STRONG) or who.startswith(STRONG))
                    db.session.remove()
            with client.session_transaction() as session:
                session["sid"] = self.sessions[who]
        return client

    def by(self, who: str) -> Actor:
        person = person_by_email(f"{who}@example.org")
        assert person is not None, who
        return Actor(person.id)

    def project(self, slug: str) -> Project:
        return find_project(slug)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Work with services: a context that is closed again before the next request is made."""
        with self.app.app_context():
            yield
            db.session.remove()

    def digest(self) -> str:
        """One short text for everything in every table."""
        summed = hashlib.sha256()
        with self.app.app_context():
            with db.engine.connect() as connection:
                for table in Base.metadata.sorted_tables:
                    order = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
                    rows = connection.execute(text(f'SELECT * FROM "{table.name}" ORDER BY {order}'))
                    summed.update(table.name.encode())
                    for row in rows:
                        summed.update(repr(tuple(row)).encode("utf-8", "surrogatepass"))
            db.session.remove()
        return summed.hexdigest()

    # --- SQLite alone: cheap questions, and the way back -----------------------------------------------

    @property
    def file(self) -> Path:
        return Path("/" + urlsplit(self.app.config["SQLALCHEMY_DATABASE_URI"]).path.lstrip("/"))

    def watch(self) -> Watch:
        return Watch(self.file)

    def keep(self, name: str = "kept") -> Path:
        """Everything in the database as a file beside it, to go back to."""
        kept = self.file.with_name(f"{name}.sqlite")
        _copy(self.file, kept)
        return kept

    def back_to(self, kept: Path) -> None:
        """As it was kept; only that everybody was here a moment ago."""
        _copy(kept, self.file)
        with closing(sqlite3.connect(self.file)) as here:
            here.execute("UPDATE signed_in SET seen_at = ?", [datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")])
            here.commit()


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


class Watch:
    """Says whether anybody has written to the SQLite file since it was asked last, without reading a row."""

    def __init__(self, file: Path):
        self._connection = sqlite3.connect(file)
        self._seen = self._version()

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def written(self) -> bool:
        before, self._seen = self._seen, self._version()
        return before != self._seen

    def close(self) -> None:
        self._connection.close()


def token_of(client: FlaskClient, **options: Any) -> str:
    """A form token that is good for this browser. The page that gives it is there for everybody."""
    found = TOKEN.search(client.get("/sign-in", **options).get_data(as_text=True))
    assert found is not None
    return found[1]


def steady(body: str) -> str:
    """A page without its form tokens, which differ by design."""
    return ANY_TOKEN.sub(r"\1", body)


# --- building ---------------------------------------------------------------------------------------------


def build(app: Flask) -> World:
    world = World(app)
    with app.app_context():
        for slug, organisation in (("p1", "alder"), ("p2", "alder"), ("q", "birch")):
            given = project_file(slug, organisation, world.canaries.setdefault(slug, {}))
            import_project(toml(given), today=TODAY, keep_dates=True)
        for letter, organisation in (("a", "alder"), ("b", "birch")):
            invite_person(
                email=f"admin-{letter}@example.org",
                name=f"Admin {letter.upper()}",
                organisation=organisation,
                admin=True,
            )
        for organisation in ("alder", "birch"):
            switch(organisation=organisation, plugin="parlour", on=True, by=None, today=TODAY - timedelta(days=20))
        for slug in ("p1", "p2", "q"):
            fill(world, slug)
        chances(world)
        db.session.remove()
    return world


def project_file(slug: str, organisation: str, words: dict[str, str]) -> dict[str, Any]:
    """A project whose every free text holds a word of its own."""

    def word(what: str) -> str:
        return words.setdefault(what, f"Kanari{slug}{what}")

    def member(key: str, expertise: tuple[str, ...], role: str = "member", **more: Any) -> dict[str, Any]:
        return {
            "key": f"{slug}-{key}", "name": f"{word('name' + key)} {slug.upper()}", "email": f"{slug}-{key}@example.org",
            "title": word(f"title{key}"), "seat": word(f"seat{key}"), "organisation": word(f"from{key}"),
            "expertise": list(expertise), "role": role, "joined": LONG_AGO, "invited_by": f"{slug}-lead", **more,
        }  # fmt: skip

    members = [member("lead", PEOPLE["lead"], "lead")]
    members += [member(role, PEOPLE[role], role) for role in ("member", "coordinator", "finance", "observer")]
    members += [member("writer", ("lived",), groups=["panel"]), member("second", ("practice",))]
    members += [member(key, ()) for key in ("third", "fourth")]
    members.append(member("left", ("lived",), left=date(2026, 1, 5)))

    def answered(check: str, key: str, about: str | None, answers: dict[str, Any]) -> dict[str, Any]:
        return {"check": check, "by": f"{slug}-{key}", "on": date(2026, 1, 10), "answers": answers} | (
            {"about": f"{slug}-{about}"} if about else {}
        )

    evidence = [
        answered("induction.welcomed", "member", "member", {
            "agreed": True, "own_title": word("owntitle"), "hopes": word("hopes"), "credit": word("credit"),
            "how_i_work": word("howiwork"), "contact": f"{slug}-lead",
        }),
        answered("stress_test.what_we_are", "member", None, {"kind": "in_parts", "reason": word("reason")}),
        answered("stress_test.talked", "coordinator", None, {"actions": word("actionsbefore")}),
    ]  # fmt: skip

    def entry(register: str, key: str, by: str, values: dict[str, Any]) -> dict[str, Any]:
        return {
            "register": register, "key": key, "by": f"{slug}-{by}", "on": date(2026, 1, 11), "values": values,
        }  # fmt: skip

    entries = [
        entry("outputs.output", "paper", "member", {
            "title": word("outputtitle"), "kind": "paper", "planned_end": date(2027, 6, 1),
            "writers": [f"{slug}-{key}" for key in ("member", "writer", "second")],
        }),
        entry("paid_authors.cover", "of-member", "lead", {
            "output": "paper", "person": f"{slug}-member", "how": "funded", "until": date(2027, 4, 21),
        }),
        entry("paid_authors.cover", "of-second", "second", {
            "output": "paper", "person": f"{slug}-second", "how": "declined", "words": word("declined"),
        }),
    ]  # fmt: skip
    return {
        "govflow": 1,
        "organisation": {"slug": organisation, "name": f"Organisation {organisation.title()}"},
        "project": {
            "slug": slug, "title": word("projecttitle"), "stage": "trial", "started": LONG_AGO, "entered": LONG_AGO,
            "funding_ends": date(2026, 12, 31),
        },
        "group": [{"slug": "panel", "title": word("group"), "chairs": [f"{slug}-member"]}],
        "member": members, "evidence": evidence, "entry": entries,
    }  # fmt: skip


def fill(world: World, slug: str) -> None:
    """What only people at work leave behind: words of sign-off and waiver, answers to a poll, a visit that has passed."""
    words = world.canaries[slug]

    def word(what: str) -> str:
        return words.setdefault(what, f"Kanari{slug}{what}")

    project = world.project(slug).id
    as_ = {"today": TODAY - timedelta(days=10)}

    def by(key: str) -> Actor:
        return world.by(f"{slug}-{key}")

    gates.say_not_ready(project, words=word("notreadybefore"), by=by("finance"), **as_)
    gates.reply_to(project, member=f"{slug}-finance", words=word("replybefore"), by=by("lead"), **as_)
    gates.propose_waiver(
        project, check_id="stress_test.evidence", subject=None, reason=word("reasonbefore"),
        until=TODAY, by=by("member"), **as_,
    )  # fmt: skip
    waiver = db.session.execute(text("SELECT max(id) FROM waiver")).scalar_one()
    gates.second_waiver(project, waiver_id=waiver, by=by("coordinator"), **as_)
    gates.go_back(project, stage="design", why=word("wentback"), by=by("lead"), **as_)
    today = {"today": TODAY - timedelta(days=5)}
    evidence.answer(
        project, check_id="stress_test.talked", subject=None,
        given={"actions": word("actions"), "owner": f"{slug}-coordinator"}, by=by("coordinator"), **today,
    )  # fmt: skip
    evidence.answer(
        project, check_id="stress_test.evidence", subject=None, given={"decision-map": word("evidence")},
        by=by("member"), **today,
    )  # fmt: skip
    gates.say_not_ready(project, words=word("notready"), by=by("member"), **today)
    gates.propose_waiver(
        project, check_id="stress_test.evidence", subject=None, reason=word("waiver"),
        until=TODAY + timedelta(days=30), by=by("member"), **today,
    )  # fmt: skip
    gates.sign_off(project, by=by("coordinator"), **today)
    for number, key in enumerate(("member", "lead")):
        documents.write(
            project, document_id="parlour.rules", text=word(f"rules{number}"), after=number, by=by(key), **today
        )
    documents.say(
        project,
        document_id="parlour.rules",
        number=2,
        answer="concern",
        words=word("concern"),
        by=by("member"),
        **today,
    )
    need = {"need": word("need"), "told_to": [f"{slug}-coordinator"]}
    access_needs.write_need(project, given=need, by=by("member"), **today)
    access_needs.read_need(project, member=f"{slug}-member", by=by("coordinator"), **today)
    letter = NewFile(name=f"{word('filename')}.txt", data=word("inside").encode())
    given = {"name": word("guest"), "comes": "4 3 2026 16:00", "letter": letter, "code": word("secret"), "cake": "plum"}
    registers.add(project, register_id="parlour.guest", given=given, by=by("member"), **today)
    registers.add(project, register_id="parlour.guest", given={"name": "Tom"}, by=by("member"), **today)
    for what in ("paper", "shared"):
        given = {"kind": "note", "on": "1 2 2026", "title": word(f"{what}title"), "text": word(f"{what}text")}
        key = group_notes.write(project, group="panel", given=given, by=by("member"), **today)
    group_notes.share(project, group="panel", paper=key, number=1, by=by("member"), **today)
    polls.open_round(project, poll_id=POLL, by=by("lead"), **today)
    for key in ("member", "lead", "finance", "writer"):
        polls.answer_round(project, poll_id=POLL, given=ANSWER, by=by(key), **today)
    ask_equality_questions(world, slug)


def ask_equality_questions(world: World, slug: str) -> None:
    """They are open in p1, were never asked in p2, and have closed in q, where something is told."""
    if slug == "p2":
        return
    project, day = world.project(slug).id, TODAY - timedelta(days=40 if slug == "q" else 5)
    equality.ask(project, by=world.by(f"{slug}-lead"), today=day)
    for key in ("lead", "member", "coordinator", "finance", "writer", "second", "third", "fourth"):
        equality.answer(project, given={"age": "from_35"}, by=world.by(f"{slug}-{key}"), today=day)
    if slug == "q":
        polls.close_due_rounds(today=TODAY - timedelta(days=10))


def chances(world: World) -> None:
    """Somebody who asked to hear of chances at Alder; one chance that is open, and one that has closed."""
    subscriptions.subscribe(
        organisation="alder", name="Hearer", email="hearer@example.org", words="I like tea.", network="", today=TODAY
    )
    subscriptions.confirm(link_token(db.session.scalars(db.select(Subscription)).one()), today=TODAY)
    given = {"task": "Talk.", "time": "One hour.", "pay": "£25.", "access": "From home, with breaks."}
    for title, ago, closes in (("Earlier", 20, "20 2 2026"), ("Come and talk", 0, "1 6 2026")):
        openings.publish(
            organisation="alder", project="p1", given={**given, "title": title, "closes": closes},
            by=world.by("p1-lead"), today=TODAY - timedelta(days=ago),
        )  # fmt: skip


def member_id(slug: str, key: str) -> int:
    return db.session.execute(
        db.select(MemberRow.id).join(Project, Project.id == MemberRow.project_id)
        .where(Project.slug == slug, MemberRow.key == key)
    ).scalar_one()  # fmt: skip
