"""The history of an organisation, as its admins see it; and the checkpoint by mail."""

from __future__ import annotations

import html
import json
import re

import pytest

from govflow.services.history.checkpoints import checkpoint_file, write_checkpoints
from tests.support.servers import SmtpSink
from tests.support.site import TODAY, World, steady, token_of
from tests.support.web.pages import deliver

URL = "/organisations/alder/history"


def page(world: World, who: str = "admin-a", url: str = URL) -> str:
    answer = world.client(who).get(url)
    assert answer.status_code == 200
    return html.unescape(re.sub(r"<[^>]+>", "", answer.get_data(as_text=True)))


def send(world: World, who: str = "admin-a", **form: str):
    client = world.client(who)
    return client.post(URL, data={"csrf_token": token_of(client), **form})


@pytest.fixture
def signed(world: World):
    """The world of these tests has one checkpoint; the file goes with it."""
    with world.open():
        write_checkpoints()
        path = checkpoint_file()
    yield
    path.unlink()


def test_an_admin_reads_what_was_done_for_the_organisation_and_no_word_of_a_project(world: World) -> None:
    with world.open():
        checkpoint_file().unlink(missing_ok=True)  # sweeps of other tests leave one
    said = page(world)
    assert "GovFlow switched the plugin “parlour” on." in said
    assert "There is no checkpoint yet." in said
    words = {word for slug in ("p1", "p2", "q") for word in world.canaries[slug].values()}
    assert [word for word in words if word in said] == []


def test_nobody_else_learns_that_there_is_such_an_organisation(world: World) -> None:
    for who in ("p1-lead", "p1-member", "p1-left", "admin-b"):
        theirs, nobodys = (world.client(who).get(url) for url in (URL, "/organisations/axder/history"))
        assert theirs.status_code == nobodys.status_code == 404
        assert steady(theirs.get_data(as_text=True)) == steady(nobodys.get_data(as_text=True))
        assert send(world, who, do="ask").status_code == 404
    assert world.client(None).get(URL).status_code == 302


def test_the_page_says_where_the_history_stands_and_who_signed_it(world: World, signed) -> None:
    said = page(world)
    with world.open():
        one = next(json.loads(line) for line in checkpoint_file().read_text("utf-8").splitlines() if '"alder"' in line)
    assert one["key"] in said
    assert re.search(rf"Lines\s*{one['count']}\b", said)


def test_an_admin_asks_for_the_checkpoint_gets_it_by_mail_and_stops_it(
    world: World, signed, smtp_sink: SmtpSink
) -> None:
    from govflow.services import sweep

    assert send(world, do="ask").status_code == 302
    assert "You asked for the checkpoint by email" in page(world)
    with world.open():
        sweep.sweep(today=TODAY)
    letter = deliver(world, smtp_sink)["admin-a@example.org"]
    assert letter["Subject"] == "GovFlow: your weekly checkpoint"
    text = letter.get_body(("plain",)).get_content()
    kept = json.loads(text[text.index("{") : text.index("}") + 1])
    assert (kept["organisation"], kept["form"]) == ("alder", "govflow checkpoint 1")
    assert send(world, do="stop").status_code == 302
    assert "Send me the checkpoint every week" in page(world)


@pytest.mark.parametrize("do", ["", "other", "ASK", "ask\x00"])
def test_a_form_that_asks_for_neither_is_refused_and_changes_nothing(world: World, do: str) -> None:
    before = world.digest()
    assert send(world, do=do).status_code == 400
    assert world.digest() == before


@pytest.mark.parametrize("before", ["", "0", "x", "-1", str(2**63), "1", "٣"])
def test_reading_on_from_anywhere_breaks_nothing(world: World, before: str) -> None:
    assert world.client("admin-a").get(URL, query_string={"before": before}).status_code == 200


def test_the_organisation_s_page_leads_there_for_admins_alone(world: World) -> None:
    assert f'href="{URL}"' in world.client("admin-a").get("/organisations/alder").get_data(as_text=True)
    assert URL not in world.client("p1-lead").get("/organisations/alder").get_data(as_text=True)


def test_an_observer_reads_moves_on_the_page_and_no_name_but_their_own(world: World) -> None:
    said = page(world, "p1-observer", "/projects/p1/history")
    assert "A lead took the project back from Trial to Design." in said
    assert world.canaries["p1"]["wentback"] not in said
    assert world.canaries["p1"]["wentback"] in page(world, "p1-coordinator", "/projects/p1/history")
