"""What happens on pages over several steps: signing in, joining, leaving, stopping letters, looking back."""

# ruff: noqa: E501 (tables of data read better in one line each)

from __future__ import annotations

import email
import email.policy
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine, event

from govflow.services import sweep
from govflow.services.base.actions import person_by_email
from govflow.services.project_file import import_project
from tests.support.factories import dump, toml
from tests.support.servers import SmtpSink
from tests.support.site import LONG_AGO, TODAY, World, steady, token_of
from tests.support.web.crawling import addresses
from tests.support.web.pages import CODE, deliver, link_in, page, send

# --- signing in -------------------------------------------------------------------------------------------


@pytest.mark.core
def test_an_emailed_link_signs_in_once_and_looking_uses_nothing_up(world: World, smtp_sink: SmtpSink) -> None:
    client = world.client(None)
    assert client.get("/projects/p1/gate").status_code == 302
    assert send(client, "/sign-in", email=" P1-Lead@example.org ").headers["Location"] == "/sign-in/sent"
    url = link_in(deliver(world, smtp_sink)["p1-lead@example.org"])
    before = world.digest()
    for scanner in (world.client(None), world.client(None), client):
        assert scanner.get(url).status_code == 200
        assert scanner.head(url).status_code == 200
    assert world.digest() == before
    assert client.get("/projects").status_code == 302, "Looking at the link signs nobody in."
    used = send(client, url)
    assert (used.status_code, used.headers["Location"]) == (302, "/projects"), "The page last asked for comes next."
    assert "p1-lead".upper()[:2] in page(client, "/projects")
    second = world.client(None)
    assert send(second, url).status_code == 410
    assert second.get(url).status_code == 410
    assert second.get("/projects").status_code == 302


def test_the_link_and_the_session_are_kept_as_hashes_alone(world: World, smtp_sink: SmtpSink) -> None:
    client = world.client(None)
    send(client, "/sign-in", email="p1-lead@example.org")
    token = link_in(deliver(world, smtp_sink)["p1-lead@example.org"]).rpartition("/")[2]
    send(client, f"/sign-in/{token}")
    with client.session_transaction() as session:
        signed_in = session["sid"]
    with world.open():
        everything = dump()
    for secret in (token, signed_in):
        assert secret not in everything
        assert hashlib.sha256(secret.encode()).hexdigest() in everything


def test_a_known_and_an_unknown_address_get_the_same_answer(world: World) -> None:
    answers = []
    for address in ("p1-lead@example.org", "nobody-knows@example.org"):
        client = world.client(None)
        first = send(client, "/sign-in", email=address)
        then = client.get(first.headers["Location"])
        names = sorted(name for name, _ in first.headers)
        body = CODE.sub("", steady(then.get_data(as_text=True)))
        answers.append((first.status_code, names, first.data, then.status_code, body))
    assert answers[0] == answers[1]


def test_asking_over_and_over_posts_three_letters_an_hour_at_most(world: World, smtp_sink: SmtpSink) -> None:
    """Also when the worker is slow, and they would all go out together."""
    client = world.client(None)
    for _ in range(12):
        assert send(client, "/sign-in", email="p1-lead@example.org").status_code == 302
    deliver(world, smtp_sink)
    assert len([one for one in smtp_sink.received if b"/sign-in/" in one.raw]) == 3


def test_signing_out_ends_the_session_in_the_database(world: World) -> None:
    client, thief = world.client("p1-writer"), world.client("p1-writer")
    assert thief.get("/projects").status_code == 200
    send(client, "/sign-out")
    assert thief.get("/projects").status_code == 302, "A copied cookie is worth nothing after signing out."


# --- joining and leaving ----------------------------------------------------------------------------------


@pytest.mark.core
def test_invited_then_joined_then_the_welcome_opens_by_itself(world: World, smtp_sink: SmtpSink) -> None:
    lead, joiner = world.client("p1-lead"), world.client(None)
    assert (
        send(lead, "/projects/p1/people/invite", name="Nia New", email="nia@example.org", role="member").status_code
        == 302
    )
    assert "Nia New" not in page(lead, "/projects/p1/people").split("<main")[1].split("Done")[-1].split("gf-people")[-1]
    invitation = deliver(world, smtp_sink)["nia@example.org"]
    assert urlsplit(link_in(invitation, "/")).path == "/"
    send(joiner, "/sign-in", email="nia@example.org")
    send(joiner, link_in(deliver(world, smtp_sink)["nia@example.org"]))
    assert joiner.get("/projects/p1").status_code == 404, "Invited is not yet in."
    assert "/join/p1" in page(joiner, "/")
    assert "Welcome and induction: Nia New" not in page(lead, "/")
    assert send(joiner, "/join/p1", answer="yes", title="Poet", expertise="lived").status_code == 302
    assert joiner.get("/join/p1").status_code == 404
    gate = page(joiner, "/projects/p1/gate")
    assert "Nia New joined on 2 March 2026 and has not yet said that they are settled in." in gate
    assert "Due on 16 March 2026" in gate
    form = page(joiner, "/projects/p1/gate/induction.welcomed/nia-new")
    assert "I am settled in" in form
    assert "I am settled in" not in page(lead, "/projects/p1/gate/induction.welcomed/nia-new"), (
        "The joiner alone answers."
    )
    send(joiner, "/projects/p1/gate/induction.welcomed/nia-new", agreed="yes")
    assert "Nia New said on 2 March 2026 that they are settled in." in page(lead, "/projects/p1/gate")


def test_no_thank_you_is_an_answer_too(world: World, smtp_sink: SmtpSink) -> None:
    send(world.client("p1-lead"), "/projects/p1/people/invite", name="Nia New", email="nia@example.org", role="member")
    joiner = world.client(None)
    send(joiner, "/sign-in", email="nia@example.org")
    deliver(world, smtp_sink)
    letters = [email.message_from_bytes(raw, policy=email.policy.default) for raw in smtp_sink.messages]
    send(joiner, link_in(next(one for one in letters if "sign in" in one["Subject"])))
    assert send(joiner, "/join/p1", answer="no").status_code == 302
    said = page(joiner, "/")
    assert "You said no. Nobody will ask you why." in said
    assert "/join/p1" not in said
    assert joiner.get("/projects/p1").headers["Location"] == "/sign-in", "They are in nothing, so they are signed out."


@pytest.mark.core
def test_whoever_leaves_is_out_with_the_next_click_in_every_browser(world: World) -> None:
    here, there = world.client("p1-second"), world.client("p1-second")
    assert there.get("/projects/p1/gate").status_code == 200
    token = token_of(there)
    assert send(here, "/projects/p1/people/me", do="leave").status_code == 302
    before = world.digest()
    for client in (here, there):
        assert client.get("/projects/p1/gate").headers["Location"] == "/sign-in", "They are in nothing any more."
        assert "/projects/p1" not in page(client, "/projects")
    assert there.post("/projects/p1/sign-off", data={"csrf_token": token, "say": "ready"}).status_code in (400, 401)
    assert world.digest() == before


def test_whoever_is_taken_out_is_out_with_the_next_click(world: World) -> None:
    theirs = world.client("p1-second")
    assert theirs.get("/projects/p1/gate").status_code == 200
    assert send(world.client("p1-lead"), "/projects/p1/people/remove", member="p1-second").status_code == 302
    assert theirs.get("/projects/p1/gate").headers["Location"] == "/sign-in"


# --- stopping letters -------------------------------------------------------------------------------------


def test_one_click_stops_reminders_without_a_session_and_looking_does_not(world: World, smtp_sink: SmtpSink) -> None:
    with world.open():
        assert sweep.sweep(today=TODAY)["letters_new"]
    letter = deliver(world, smtp_sink)["p1-lead@example.org"]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = urlsplit(letter["List-Unsubscribe"].strip("<>")).path
    program, before = world.client(None), world.digest()
    assert program.get(url).status_code == 200
    assert program.head(url).status_code == 200
    assert world.digest() == before
    bare = world.app.test_client(use_cookies=False)
    assert bare.post(url, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    with world.open():
        assert person_by_email("p1-lead@example.org").reminders_stopped_on == TODAY
        assert person_by_email("p1-coordinator@example.org").reminders_stopped_on is None
    me = world.client("p1-lead")
    assert "Your reminders are stopped." in page(me, "/")
    send(me, "/letters/start")
    assert "Your reminders are stopped." not in page(me, "/")


# --- looking back -----------------------------------------------------------------------------------------


def test_a_past_visit_reads_byte_for_byte_the_same_whatever_happens_after(world: World) -> None:
    readers = ("p1-lead", "p1-coordinator", "p1-observer", "p1-writer")

    def seen() -> dict[str, str]:
        return {who: steady(page(world.client(who), "/projects/p1/visits/1")) for who in readers}

    before, gate = seen(), page(world.client("p1-coordinator"), "/projects/p1/gate")
    words = world.canaries["p1"]
    for word in ("notreadybefore", "replybefore", "reasonbefore", "wentback"):
        assert words[word] in before["p1-coordinator"], word
    member = world.client("p1-member")
    send(member, "/projects/p1/gate/stress_test.what_we_are", kind="involvement", reason="We changed our minds.")
    send(member, "/projects/p1/outputs/output/paper", title="Another", kind="talk", planned_end="1 1 2027")
    send(member, "/projects/p1/people/me", title="Somebody else", expertise="practice")
    send(member, "/projects/p1/people/me", do="leave")
    send(world.client("p1-finance"), "/projects/p1/people/me", do="leave")
    admin = world.client("admin-a")
    for plugin in ("stress_test", "induction", "paid_authors", "outputs"):
        assert send(admin, "/plugins", organisation="alder", plugin=plugin, to="off").status_code == 302
    assert page(world.client("p1-coordinator"), "/projects/p1/gate") != gate
    assert seen() == before


def test_moving_on_from_a_visit_that_has_ended_is_refused_as_gone_by(world: World) -> None:
    lead, before = world.client("p1-lead"), world.digest()
    answer = send(lead, "/projects/p1/advance", visit="1")
    assert answer.status_code == 409
    assert "Someone changed this project a moment ago" in answer.get_data(as_text=True)
    assert send(lead, "/projects/p1/advance", visit="2").status_code == 409, "This visit's gate is held."
    assert send(lead, "/projects/p1/sign-off", visit="1", say="ready").status_code == 409
    assert world.digest() == before


# --- how many questions a page puts to the database ---------------------------------------------------------


@contextmanager
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def heard(connection, cursor, statement, parameters, context, many):
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", heard)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", heard)


def crowd(slug: str, size: int) -> bytes:
    def member(number: int) -> dict[str, object]:
        return {
            "key": f"m-{number}", "name": f"Person {number}", "email": f"{slug}-{number}@example.org", "joined": LONG_AGO,
            "expertise": [("lived", "practice", "research")[number % 3]], "role": "member" if number else "lead",
        }  # fmt: skip

    return toml({
        "govflow": 1, "organisation": {"slug": slug, "name": slug},
        "project": {"slug": slug, "title": slug, "stage": "trial", "started": LONG_AGO, "entered": date(2025, 11, 1)},
        "member": [member(number) for number in range(size)],
        "evidence": [
            {"check": "induction.welcomed", "about": f"m-{number}", "by": f"m-{number}", "on": date(2026, 1, 5), "answers": {"agreed": True}}
            for number in range(0, size, 2)
        ],
    })  # fmt: skip


@pytest.mark.parametrize("where", ["/projects/{}/gate", "/projects", "/projects/{}", "/projects/{}/people", "/"])
def test_a_page_asks_the_database_as_often_for_a_hundred_people_as_for_ten(world: World, where: str) -> None:
    counts = {}
    for size in (10, 100):
        slug = f"crowd{size}"
        with world.open():
            import_project(crowd(slug, size), today=TODAY, keep_dates=True)
        client = world.client(f"{slug}-0")
        world.sessions.pop(f"{slug}-0")
        page(client, where.format(slug))  # once, so that nothing is made for the first time
        with statements() as said:
            body = page(client, where.format(slug))
        assert slug in body
        counts[size] = len(said)
    assert counts[10] == counts[100]


def writings(slug: str, size: int) -> bytes:
    """A project with so many lines in a list, and a handful of checks about each."""
    lead = {
        "key": "lead",
        "name": "Lead",
        "email": f"{slug}-lead@example.org",
        "joined": LONG_AGO,
        "role": "lead",
        "expertise": ["lived"],
    }
    return toml({
        "govflow": 1, "organisation": {"slug": slug, "name": slug},
        "project": {"slug": slug, "title": slug, "stage": "trial", "started": LONG_AGO, "entered": date(2025, 11, 1)},
        "member": [lead],
        "entry": [
            {"register": "outputs.output", "key": f"o-{number}", "by": "lead", "on": date(2026, 1, 5), "values": {"title": f"Paper {number}", "kind": "paper", "planned_end": date(2027, 6, 1), "writers": ["lead"]}}
            for number in range(size)
        ],
    })  # fmt: skip


MOST = 8
"""Statements of a page, whatever it shows, once its project's snapshot is kept."""


def test_a_page_asks_as_often_for_a_thousand_lines_as_for_one_and_at_most_eight_times(world: World) -> None:
    pages_of = ("/projects/{}/gate", "/projects/{}", "/projects/{}/outputs/output", "/")
    counts: dict[int, list[int]] = {}
    for size in (1, 1_000):
        slug = f"list{size}"
        with world.open():
            import_project(writings(slug, size), today=TODAY, keep_dates=True)
        client = world.client(f"{slug}-lead")
        world.sessions.pop(f"{slug}-lead")
        for where in pages_of:
            page(client, where.format(slug))  # once, so that nothing is made for the first time
            with statements() as said:
                page(client, where.format(slug))
            counts.setdefault(size, []).append(len(questions_in(said)))
    assert counts[1] == counts[1_000]
    assert all(3 <= count <= MOST for count in counts[1]), counts


ASKS_EVERYTHING = {"/me/data", "/me/data.json"}
"""What is held about somebody stands in every table there is, and is asked for once in each."""


@pytest.mark.parametrize("who", ["p1-lead", "p1-member", "admin-a"])
def test_no_page_asks_the_database_more_than_eight_times(world: World, who: str) -> None:
    client, most = world.client(who), {}
    for address in addresses(world.app):
        if address.whose not in ("own", "none") or client.get(address.url).status_code != 200:
            continue
        with statements() as said:
            client.get(address.url)
        if address.url not in ASKS_EVERYTHING:
            most[address.url] = questions_in(said)
    assert len(most) > 20
    assert {url: len(asked) for url, asked in most.items() if len(asked) > MOST} == {}


def questions_in(said: list[str]) -> list[str]:
    """Without beginning a transaction, and without telling PostgreSQL whose rows may be reached."""
    return [statement for statement in said if statement != "BEGIN" and "set_config" not in statement]
