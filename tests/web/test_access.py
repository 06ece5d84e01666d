"""Every address as every kind of person: who gets what, what leaks, and what is written.

The oracles are docs/access.md's, said in the plainest way: a word of its own in every text, and a database that is
watched while it is asked.
"""

# ruff: noqa: E501 (tables of data read better in one line each)

from __future__ import annotations

import re

import pytest
from flask import Flask

from govflow.domain.access import TABLE
from govflow.web.access import ANYONE, INVITED, SIGNED_IN
from tests.support.site import ANSWER, POLL, World, steady, token_of
from tests.support.web.crawling import (
    FORM,
    KINDS_OF_PEOPLE,
    PARTNERS,
    UNKNOWN,
    Address,
    Crawled,
    addresses,
    body_of,
    posts,
    rules,
    shown,
    tried_by,
)

MY_DATA = ("/me/data", "/me/data.json")
COVER = re.compile(r"pay ends|no pay cover")


def undeclared(app: Flask) -> list[str]:
    """Rules whose view does not say who may see it."""
    known = {ANYONE, SIGNED_IN, INVITED, *TABLE}
    return [rule.rule for rule in rules(app) if getattr(app.view_functions[rule.endpoint], "access", None) not in known]


def test_every_route_says_who_may_see_it(world: World) -> None:
    assert undeclared(world.app) == []


def test_a_route_that_does_not_say_it_is_found(tmp_path) -> None:
    from govflow.app import create_app
    from tests.support.settings import page_settings

    app = create_app(page_settings(tmp_path, f"sqlite:///{tmp_path / 'none.sqlite'}"))
    app.add_url_rule("/open-door", "open_door", lambda: "come in")
    assert undeclared(app) == ["/open-door"]


# --- reading ----------------------------------------------------------------------------------------------


Read = dict[tuple[str | None, str], tuple[Address, int, str]]


@pytest.fixture(scope="module")
def read(crawled: Crawled) -> Read:
    """What came when everybody asked for everything."""
    return {(one.who, one.address.url): (one.address, one.status, one.body) for one in crawled.read}


def complaints(read, wrong) -> list[str]:
    return [
        f"{shown(who)} {url} -> {status}"
        for (who, url), (address, status, body) in read.items()
        if wrong(who, address, status, body)
    ]


def test_the_crawl_reaches_the_pages(read) -> None:
    """A crawl that is turned away everywhere would find nothing."""
    opened = {address.endpoint for (who, _), (address, status, _) in read.items() if who == "p1-lead" and status == 200}
    assert len(opened) >= 24
    assert len(read) >= 1_500


def test_no_answer_is_ours_to_blame(read) -> None:
    assert complaints(read, lambda who, address, status, body: status >= 500) == []


def test_a_project_of_others_is_not_there_and_reads_like_one_that_never_was(read) -> None:
    wrong = []
    for (who, url), (address, status, body) in read.items():
        if who is None or (
            address.whose in ("none", "own", "malformed") and who not in ("p1-left", "p2-lead", "q-member")
        ):
            continue
        of = who.split("-")[0]
        mine = (who == "admin-a" and address.whose in ("own", "sibling")) or (
            who != "p1-left" and {"p1": "own", "p2": "sibling", "q": "foreign"}.get(of) == address.whose
        )
        if mine or address.whose == "none" or "join" in address.endpoint:
            continue
        unknown = read.get((who, address.tail.replace("/projects/*", f"/projects/{UNKNOWN}", 1)))
        if "GET" not in (address.rule.methods or ()):
            if status not in (404, 405):
                wrong.append(f"{who} {url} -> {status}, not 405")
        elif status != 404:
            wrong.append(f"{who} {url} -> {status}, not 404")
        elif unknown and steady(unknown[2]) != steady(body):
            wrong.append(f"{who} {url} differs from the page of a project that never was")
    assert wrong == []


def test_nobody_who_is_not_signed_in_sees_more_than_the_doors(read) -> None:
    asked = [
        (address, status) for (who, _), (address, status, _) in read.items() if who is None and address.whose != "none"
    ]
    assert {status for _, status in asked} <= {302, 404, 405}
    assert {status for address, status in asked if address.whose == "own" and address.endpoint == "gates.gate"} == {302}


@pytest.mark.parametrize("whose", ["p1", "p2", "q"])
def test_no_word_of_another_project_is_in_any_answer(read, shared_world: World, whose: str) -> None:
    """The title of a sibling project is the one thing an organisation's admin may know of it."""
    words = shared_world.canaries[whose]
    found = []
    for (who, url), (_, _, body) in read.items():
        if who and who.startswith(f"{whose}-") and who != "p1-left":
            continue
        titles = {"projecttitle"} if who == "admin-a" and whose in ("p1", "p2") else set()
        found += [f"{shown(who)} {url}: {what}" for what, word in words.items() if word in body and what not in titles]
    # Someone who left is still greeted by the name that is theirs, and told what is held about them.
    theirs = {f"p1-left {url}: {what}left" for url in MY_DATA for what in ("title", "seat", "from")}
    theirs |= {f"p1-left {url}: projecttitle" for url in MY_DATA}
    assert [
        one for one in found if one not in theirs and not (one.startswith("p1-left") and one.endswith(": nameleft"))
    ] == []


def test_observers_and_admins_read_no_sentence_and_no_name(read, shared_world: World) -> None:
    words = shared_world.canaries["p1"]
    allowed = {"p1-observer": {"projecttitle", "nameobserver", "titleobserver"}, "admin-a": {"projecttitle"}}
    found = [
        f"{who} {url}: {what}"
        for (who, url), (_, _, body) in read.items() if who in allowed
        for what, word in words.items() if word in body and what not in allowed[who]
        if not (url in MY_DATA and what in ("seatobserver", "fromobserver"))
    ]  # fmt: skip
    assert found == []


def test_members_do_read_the_words_that_are_for_them(read, shared_world: World) -> None:
    """Otherwise a page that shows nothing at all would pass every test here."""
    words = shared_world.canaries["p1"]
    everything = "".join(body for (who, _), (_, _, body) in read.items() if who == "p1-coordinator")
    hidden = {  # a file by its address; a secret by nobody; a need and a group's papers by whom they are for
        *("hopes", "credit", "declined", "inside", "secret", "need", "papertitle", "papertext"),
    }
    never_shown = {
        "fromobserver",
        "seatobserver",
        *(f"{what}left" for what in ("name", "title", "seat", "from")),
    }
    missing = {what for what, word in words.items() if word not in everything} - hidden - never_shown
    assert missing == set()


@pytest.mark.parametrize("what", ["hopes", "credit", "need"])
def test_a_private_answer_is_read_back_by_its_giver_alone(read, shared_world: World, what: str) -> None:
    word = shared_world.canaries["p1"][what]
    readers = {who for (who, _), (_, _, body) in read.items() if word in body}
    assert readers == {"p1-member"}


def test_that_somebody_read_an_access_need_is_told_to_both_and_to_nobody_else(read) -> None:
    line = re.compile("read an access need of")
    told = {who for (who, _), (_, _, body) in read.items() if line.search(body)}
    assert told == {"p1-member", "p1-coordinator", "q-member"}, "q is a project with a reading of its own"


def test_an_access_need_is_read_by_click_by_whom_it_was_told_and_by_nobody_else(world: World) -> None:
    """The lead was not told, so to the lead there is nothing to read."""
    word, opened = world.canaries["p1"]["need"], {}
    for who in KINDS_OF_PEOPLE:
        client = world.client(who)
        form = {"csrf_token": token_of(client), "member": "p1-member"}
        answer = client.post("/projects/p1/people/needs", data=form)
        opened[who] = (answer.status_code, word in answer.get_data(as_text=True))
    assert opened.pop("p1-coordinator") == (200, True)
    assert opened.pop(None) == (401, False)
    assert opened.pop("p1-observer") == (403, False)
    assert opened.pop("admin-a") == (403, False)
    assert set(opened.values()) == {(404, False)}


def test_who_asked_to_hear_is_read_by_the_organisation_s_admins_alone(read) -> None:
    readers = {(who, address.endpoint) for (who, _), (address, _, body) in read.items() if "hearer@example.org" in body}
    assert readers == {("admin-a", "openings.who_wants_to_hear")}


@pytest.mark.parametrize("what", ["papertitle", "papertext"])
def test_what_a_group_has_not_shared_is_read_in_the_group_alone(read, shared_world: World, what: str) -> None:
    word = shared_world.canaries["p1"][what]
    assert {who for (who, _), (_, _, body) in read.items() if word in body} == {"p1-member"}


def test_a_paper_of_a_group_reads_to_others_like_one_that_never_was(read) -> None:
    for who in ("p1-lead", "p1-coordinator", "p1-finance"):
        _, status, body = read[who, "/projects/p1/groups/panel/kanarip1papertitle"]
        _, nobodys, other = read[who, "/projects/p1/groups/panel/no-such-thing"]
        assert (status, steady(body)) == (nobodys, steady(other)) == (404, steady(other))
        assert ("keeps 2 papers" in read[who, "/projects/p1/groups/panel"][2]) == (who != "p1-finance")


@pytest.mark.parametrize("what", ["secret", "inside"])
def test_neither_a_secret_nor_a_file_stands_in_any_page(read, shared_world: World, what: str) -> None:
    words = [shared_world.canaries[slug][what] for slug in ("p1", "p2", "q")]
    assert [url for (_, url), (_, _, body) in read.items() if any(word in body for word in words)] == []


def test_why_somebody_takes_no_pay_is_read_by_those_who_must_know(read, shared_world: World) -> None:
    word = shared_world.canaries["p1"]["declined"]
    readers = {who for (who, _), (_, _, body) in read.items() if word in body}
    assert readers == {"p1-lead", "p1-finance"}


def test_who_lacks_pay_cover_is_read_by_that_person_and_by_whoever_owes_it(read, shared_world: World) -> None:
    words = shared_world.canaries["p1"]
    said: dict[str | None, set[str]] = {}
    mine = {key: value for key, value in read.items() if key[0] not in ("p2-lead", "q-member")}
    for (who, _), (_, _, body) in mine.items():
        for sentence in re.findall(r"(Kanari\w+)(?:’s pay ends| has no pay cover)", body):
            said.setdefault(who, set()).add(sentence)
    both = {words["namemember"], words["namewriter"]}
    assert said == {"p1-lead": both, "p1-member": {words["namemember"]}}
    assert {who for (who, _), (_, _, body) in mine.items() if COVER.search(body)} == {"p1-lead", "p1-member"}


def test_everyone_else_reads_a_count(read) -> None:
    for who in ("p1-coordinator", "p1-finance"):
        assert "Pay cover: 2 of 3 not ready yet." in read[who, "/projects/p1/gate"][2]


# --- polls ------------------------------------------------------------------------------------------------


def test_no_page_shows_or_marks_an_answer_to_a_poll(read) -> None:
    marked = complaints(
        read, lambda who, address, status, body: address.endpoint == "polls.poll" and re.search(r"\bchecked\b|\bselected\b", body)
    )  # fmt: skip
    assert marked == []
    assert 'value="4"' in read["p1-member", "/projects/p1/stress_test/ask/how_is_it_going"][2]


def test_pages_are_the_same_before_and_after_somebody_answers_a_poll(world: World) -> None:
    """All but the turnout, which is shown from three and never when one is missing."""
    url = f"/projects/p1/{POLL.replace('.', '/ask/')}"
    pages = ("/", "/projects/p1", "/projects/p1/gate", "/projects/p1/history", "/projects/p1/people", url)

    def seen(who):
        client = world.client(who)
        return {
            page: re.sub(r" \d of \d have answered\.", "", steady(client.get(page).get_data(as_text=True)))
            for page in pages
        }

    before = {who: seen(who) for who in PARTNERS}
    answering = world.client("p1-coordinator")
    kept = world.digest()
    assert answering.post(url, data={"csrf_token": token_of(answering), **ANSWER}).status_code == 302
    assert world.digest() != kept
    assert answering.get("/help").status_code == 200
    answering.get("/projects/p1/people")  # the thanks are shown once, to whoever answered
    assert {who: seen(who) for who in PARTNERS} == before


# --- writing ----------------------------------------------------------------------------------------------


OF_EVERYBODY = (
    "auth.sign_out",
    "mail.start_reminders",
    "auth.ask_for_link",
    "auth.confirm",
    "openings.ask_to_hear",
    "openings.opening",
)
"""What anybody may send for themselves."""


def test_a_post_without_its_token_changes_nothing(crawled: Crawled) -> None:
    """One-click unsubscribing is what a mail program posts; with a token that is not whole it changes nothing either.

    That nothing was written is looked at while everybody posts everything.
    """
    wrong = []
    for one in crawled.posted:
        expected = (
            (400, 404) if one.address.endpoint not in ("mail.stop_reminders", "openings.hear_or_not") else (404, 405)
        )
        if one.status not in (*expected, *([405] if one.address.whose == "malformed" else [])):
            wrong.append(f"{one} -> {one.status}")
    assert wrong == []
    assert len(crawled.posted) >= 1_000


def test_the_token_of_somebody_else_is_not_good(world: World) -> None:
    before = world.digest()
    stolen = token_of(world.client("p1-member"))
    answer = world.client("p1-lead").post(
        "/projects/p1/moves", data={"csrf_token": stolen, "move": "pause", "why": "x"}
    )
    assert answer.status_code == 400
    assert world.digest() == before


@pytest.mark.parametrize("who", [None, "p1-left", "p2-lead", "q-member", "admin-a", "p1-observer"])
def test_those_who_may_not_post_change_nothing_and_learn_nothing(world: World, who: str | None) -> None:
    """With a token that is good. What is one's own (one's own project, an observer's own page) is left out."""
    before, watch, wrong = world.digest(), world.watch(), []
    client, whose = world.client(who), {"p2-lead": "sibling", "q-member": "foreign"}.get(who or "")
    form = {"csrf_token": token_of(client), **FORM}
    bodies: dict[str, set[str]] = {}
    for address in tried_by(who, posts(world.app)):
        own = address.whose == whose or address.endpoint in OF_EVERYBODY
        own |= who == "p1-observer" and address.endpoint == "people.about_me"
        own |= who == "admin-a" and address.endpoint in (
            "plugins.switch",
            "plugins.settings_in_project",
            "history.organisation_history",
        )
        if own:
            continue
        answer = client.post(address.url, data=form)
        if answer.status_code >= 500 or answer.status_code < 400:
            wrong.append(f"{shown(who)} {address.url} -> {answer.status_code}")
        if watch.written():
            wrong.append(f"{shown(who)} {address.url} wrote to the database")
        if address.whose in ("own", "sibling", "foreign", "unknown") and who not in (None, "p1-observer", "admin-a"):
            bodies.setdefault(address.tail.rpartition("/")[0], set()).add(steady(body_of(answer)))
            if answer.status_code != 404:
                wrong.append(f"{shown(who)} {address.url} -> {answer.status_code}, not 404")
    watch.close()
    assert wrong == []
    assert {rule: len(seen) for rule, seen in bodies.items() if len(seen) > 1} == {}
    assert world.digest() == before


@pytest.mark.parametrize("who", PARTNERS)
def test_partners_post_everything_and_no_answer_breaks_or_leaks(world: World, who: str, beginning) -> None:
    client, wrong = world.client(who), []
    foreign = [*world.canaries["p2"].values(), *world.canaries["q"].values()]
    form = {"csrf_token": token_of(client), **FORM}
    rest = (UNKNOWN, "foreign", "sibling", "unknown", "malformed")
    others = world.watch()
    for address in tried_by(who, posts(world.app)):
        if address.endpoint == "auth.sign_out":
            continue
        answer = client.post(address.url, data=form)
        body = body_of(answer)
        if answer.status_code >= 500:
            wrong.append(f"{who} {address.url} -> {answer.status_code}")
        wrong += [f"{who} {address.url}: {word}" for word in foreign if word in body]
        wrote = others.written()
        if wrote and address.whose in rest:
            wrong.append(f"{who} {address.url} wrote to the database")
        if wrote:  # leaving, pausing and such: the next form finds everything as it was
            world.back_to(beginning)
            others.written()
    others.close()
    assert wrong == []


def test_switching_a_plugin_of_others_reads_like_one_of_nobody(world: World) -> None:
    """Which organisations exist is for their people alone to know."""
    client = world.client("p1-lead")
    form = {"csrf_token": token_of(client), "plugin": "outputs", "to": "off"}
    theirs = client.post("/plugins", data={**form, "organisation": "birch"})
    nobodys = client.post("/plugins", data={**form, "organisation": "bxrch"})
    assert theirs.status_code == nobodys.status_code
    assert steady(theirs.get_data(as_text=True)).replace("birch", "bxrch") == steady(nobodys.get_data(as_text=True))


def test_asking_somebody_in_by_address_does_not_tell_their_name(world: World) -> None:
    """The name that a person goes by elsewhere is not given to whoever knows their address."""
    client = world.client("p1-lead")
    form = {"csrf_token": token_of(client), "name": "Some One", "email": "q-member@example.org", "role": "member"}
    assert client.post("/projects/p1/people/invite", data=form).status_code == 302
    seen = "".join(
        client.get(f"/projects/p1/{page}").get_data(as_text=True) for page in ("people", "people/invite", "history")
    )
    assert world.canaries["q"]["namemember"] not in seen


# --- the same on PostgreSQL, where text and numbers are stricter -------------------------------------------


def test_addresses_that_are_not_whole_are_not_there_on_postgres_either(postgres_world: World) -> None:
    world, wrong = postgres_world, []
    before = world.digest()
    client = world.client("p1-lead")
    for address in addresses(world.app):
        status = client.get(address.url).status_code
        if status >= 500:
            wrong.append(f"GET {address.url} -> {status}")
    for url in (
        f"/projects/p1/history?before={2**63}",
        "/projects?page=99999999999",
        "/projects/p1/waivers?check=%00&subject=%00",
    ):
        status = client.get(url).status_code
        if status >= 500:
            wrong.append(f"GET {url} -> {status}")
    before = world.digest()
    form = {"csrf_token": token_of(client), **FORM, "do": "", "say": "", "move": "", "member": "", "name": ""}
    for address in posts(world.app):
        if address.whose != "own" and address.endpoint not in OF_EVERYBODY:
            status = client.post(address.url, data=form).status_code
            if status >= 500:
                wrong.append(f"POST {address.url} -> {status}")
    assert wrong == []
    assert world.digest() == before


def test_numbers_too_large_for_the_database_are_not_there(world: World) -> None:
    client = world.client("p1-lead")
    assert client.get(f"/projects/p1/history?before={2**63}").status_code < 500
    form = {"csrf_token": token_of(client), "waiver": str(2**63)}
    for what in ("second", "end"):
        assert client.post("/projects/p1/waivers", data={**form, "do": what}).status_code in (404, 422)


def test_the_world_has_a_canary_in_every_text(world: World) -> None:
    """The crawl proves nothing about a text that holds no word of its own."""
    assert len(world.canaries["p1"]) >= 40
    assert not set(world.canaries["p1"].values()) & set(world.canaries["q"].values())
