"""Pages of groups and openings, as people use them."""

from __future__ import annotations

import html
import re

from tests.support.site import World, token_of

PAPER = "/projects/p1/groups/panel/kanarip1papertitle"
NOTE = {"kind": "note", "title": "We met", "on": "1 3 2026", "text": "Mine, <b>all</b> mine."}
OPENING = "/organisations/alder/openings/come-and-talk"


def send(client, url, **form):
    return client.post(url, data={"csrf_token": token_of(client), **form})


def text_of(answer) -> str:
    return html.unescape(answer.get_data(as_text=True))


def test_of_two_who_write_at_once_the_second_is_told_and_keeps_their_text(world: World) -> None:
    member, writer = world.client("p1-member"), world.client("p1-writer")
    assert 'name="number" value="1"' in text_of(member.get(f"{PAPER}?write=yes"))
    assert send(writer, PAPER, **{**NOTE, "text": "Theirs."}, number="1").status_code == 302
    second = send(member, PAPER, **NOTE, number="1")
    assert second.status_code == 409
    assert "Somebody else changed this while you wrote" in text_of(second)
    assert NOTE["text"] in text_of(second)
    assert 'name="number" value="2"' in text_of(second), "sent once more, it is made from the newest version"
    assert send(member, PAPER, **NOTE, number="2").status_code == 302
    assert "Theirs." in text_of(member.get(f"{PAPER}?version=2"))


def test_a_version_is_shared_once_and_the_next_one_is_the_group_s_own_again(world: World) -> None:
    member, lead = world.client("p1-member"), world.client("p1-lead")
    assert lead.get(PAPER).status_code == 404
    assert "You cannot take that back" in text_of(member.get(PAPER))
    assert send(member, PAPER, do="share", number="1").status_code == 302
    assert send(member, PAPER, **NOTE, number="1").status_code == 302
    assert world.canaries["p1"]["papertext"] in text_of(lead.get(PAPER))
    assert NOTE["text"] not in text_of(lead.get(PAPER))
    assert lead.get(f"{PAPER}?version=2").status_code == 404
    assert lead.get(f"{PAPER}?write=yes").status_code == 200
    assert send(lead, PAPER, do="share", number="2").status_code == 404


def test_whoever_is_asked_into_a_group_says_yes_on_its_page_and_leaves_there(world: World) -> None:
    member, second, url = world.client("p1-member"), world.client("p1-second"), "/projects/p1/groups/panel"
    assert send(member, url, do="ask", member="p1-second").status_code == 302
    assert "Yes, I join" in text_of(second.get(url))
    assert send(second, url, do="yes").status_code == 302
    assert second.get(PAPER).status_code == 200
    assert send(second, url, do="leave").status_code == 302
    assert second.get(PAPER).status_code == 404


def test_asking_to_hear_is_answered_alike_for_every_address(world: World) -> None:
    said = []
    for email in ("p1-lead@example.org", "hearer@example.org", "nobody@example.org"):
        client = world.client(None)
        answer = send(client, "/organisations/alder/hear", name="Ann", email=email, words="")
        said.append(
            (
                answer.status_code,
                answer.location,
                re.findall("Look in your email[^<]*", text_of(client.get(answer.location))),
            )
        )
    assert said[0] == said[1] == said[2]
    assert said[0][2]


def test_the_link_asks_before_it_puts_anybody_on_the_list_and_one_click_ends_it(world: World) -> None:
    from govflow.services.openings import subscriptions
    from govflow.services.openings.subscription_links import link_token
    from govflow.store import Subscription
    from tests.support.factories import rows

    client = world.client(None)
    with world.open():
        subscriptions.subscribe(
            organisation="alder", name="Ann", email="ann@example.org", words="", network="", today=worlds_today(world)
        )
        link = f"/hear/{link_token(rows(Subscription)[-1])}"
    before = world.digest()
    assert "Yes, tell me" in text_of(client.get(link))
    assert world.digest() == before
    assert "You are on the list" in text_of(client.post(link, data={"do": "confirm"}))
    assert "ann@example.org" in text_of(world.client("admin-a").get("/organisations/alder/interest"))
    one_click = client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert "You are not on the list" in text_of(one_click)
    assert "ann@example.org" not in text_of(world.client("admin-a").get("/organisations/alder/interest"))


def worlds_today(world: World):
    return world.app.config["GOVFLOW"].today


def test_anybody_reads_an_opening_and_replies_once_signed_in(world: World) -> None:
    visitor = world.client(None)
    page = text_of(visitor.get(OPENING))
    assert all(one in page for one in ("£25.", "From home, with breaks.", "1 June 2026", "leave your name and address"))
    assert send(visitor, OPENING, words="I can.").status_code == 401
    member = world.client("q-member")  # of another organisation, as anybody may be
    assert send(member, OPENING, words="I can talk slowly.").status_code == 302
    assert "I can talk slowly." in text_of(member.get(OPENING))
    assert "I can talk slowly." not in text_of(visitor.get(OPENING))
    assert "I can talk slowly." in text_of(world.client("p1-lead").get(f"{OPENING}/replies"))
    assert "I can talk slowly." in text_of(world.client("admin-a").get(f"{OPENING}/replies"))
    assert member.get(f"{OPENING}/replies").status_code == 404


def test_how_people_were_chosen_waits_on_the_list_of_whoever_published(world: World) -> None:
    lead, url = world.client("p1-lead"), "/organisations/alder/openings/earlier"
    assert "Still to write down: how people were chosen" in text_of(lead.get("/"))
    assert "This is still to be written down" in text_of(world.client(None).get(url))
    assert send(lead, f"{url}/replies", number="0", how="Nobody replied.").status_code == 302
    assert "Still to write down" not in text_of(lead.get("/"))
    assert "0 of 0 people who replied took part. How they were chosen: Nobody replied." in text_of(
        world.client(None).get(url)
    )


def test_the_page_of_an_organisation_shows_each_what_they_may_know_of(world: World) -> None:
    titles = [world.canaries[slug]["projecttitle"] for slug in ("p1", "p2")]
    seen = {}
    for who in (None, "p1-member", "q-member", "admin-a"):
        page = text_of(world.client(who).get("/organisations/alder"))
        assert "Come and talk" in page
        seen[who] = ([title in page for title in titles], "Who asked to hear" in page)
    nothing = ([False, False], False)
    assert seen == {
        None: nothing, "q-member": nothing, "p1-member": ([True, False], False), "admin-a": ([True, True], True),
    }  # fmt: skip
    assert 'href="/organisations/alder"' in world.client("p1-member").get("/plugins").get_data(as_text=True)
    assert world.client("admin-a").get("/organisations/nowhere").status_code == 404
