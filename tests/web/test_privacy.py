"""The pages of what is private: what somebody needs, what is held about them, being erased."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from govflow.services.privacy import complaints
from tests.support.site import TODAY, World, a_session, token_of


def test_a_need_is_written_changed_and_taken_back_on_its_page(world: World) -> None:
    client, url = world.client("p1-second"), "/projects/p1/people/me/needs"
    form = {"csrf_token": token_of(client), "need": "Large <print>", "told_to": "p1-lead"}
    assert client.post(url, data=form).status_code == 302
    page = client.get(url).get_data(as_text=True)
    assert "Large &lt;print&gt;" in page
    lead = world.client("p1-lead")
    read = lead.post("/projects/p1/people/needs", data={"csrf_token": token_of(lead), "member": "p1-second"})
    assert "Large &lt;print&gt;" in read.get_data(as_text=True)
    assert client.post(url, data={**form, "do": "take back"}).status_code == 302
    assert "Large" not in client.get(url).get_data(as_text=True)


def test_a_page_whose_key_is_away_says_locked_and_does_not_break(world: World) -> None:
    folder = world.app.config["GOVFLOW"].key_dir
    [*keys] = folder.glob("access-*.key")
    for key in keys:
        key.rename(key.with_suffix(".away"))
    try:
        assert "This is locked" in world.client("p1-member").get("/projects/p1/people/me/needs").get_data(as_text=True)
        client = world.client("p1-coordinator")
        form = {"csrf_token": token_of(client), "member": "p1-member"}
        answer = client.post("/projects/p1/people/needs", data=form)
        assert answer.status_code == 409
        assert "This is locked" in answer.get_data(as_text=True)
        assert "This is locked" in world.client("p1-member").get("/me/data").get_data(as_text=True)
    finally:
        for key in keys:
            key.with_suffix(".away").rename(key)


def test_what_is_held_about_me_is_mine_on_the_page_and_in_the_file(world: World) -> None:
    client, words = world.client("p1-member"), world.canaries["p1"]
    page = client.get("/me/data").get_data(as_text=True)
    answer = client.get("/me/data.json")
    held = json.loads(answer.get_data(as_text=True))
    assert "attachment" in answer.headers["Content-Disposition"]
    for what in ("need", "hopes", "notreadybefore", "titlemember"):
        mine = what != "notreadybefore"  # the finance contact said that
        assert (words[what] in page) is mine
        assert (words[what] in str(held)) is mine
    assert words["secret"] not in page + str(held)
    assert words["declined"] not in page + str(held)


@pytest.mark.parametrize("url", ["/me/data", "/me/data.json"])
def test_what_is_held_comes_after_one_more_step_for_whoever_has_one(world: World, url: str) -> None:
    """A session by a link alone: somebody may have read the mail it came in."""
    world.client("p1-finance")  # has set up an app
    with world.open():
        session = a_session(world.by("p1-finance").person_id)
    client = world.client(None)
    with client.session_transaction() as kept:
        kept["sid"] = session
    answer = client.get(url)
    assert (answer.status_code, answer.location) == (302, "/me/confirm")
    assert world.canaries["p1"]["namefinance"] not in answer.get_data(as_text=True)
    assert "private things of yours" in client.get("/me/confirm").get_data(as_text=True)
    assert world.client("p1-finance").get(url).status_code == 200


def test_erasing_on_the_page_signs_out_and_leaves_no_name(world: World) -> None:
    client, name = world.client("p1-second"), world.canaries["p1"]["namesecond"]
    form = {"csrf_token": token_of(client), "do": "erase", "word": "erase"}
    assert client.post("/me/data", data=form).status_code == 422
    assert name in world.client("p1-member").get("/projects/p1/people").get_data(as_text=True)
    answer = client.post("/me/data", data={**form, "word": "ERASE"})
    assert answer.status_code == 302
    assert "You are erased here" in client.get(answer.location).get_data(as_text=True)
    assert client.get("/").status_code == 302
    for page in ("people", "gate", "history"):
        assert name not in world.client("p1-member").get(f"/projects/p1/{page}").get_data(as_text=True)
    assert world.client("p1-member").get("/projects/p1/gate").status_code == 200


def test_a_lead_who_is_the_only_one_is_told_where(world: World) -> None:
    client = world.client("p1-lead")
    answer = client.post("/me/data", data={"csrf_token": token_of(client), "do": "erase", "word": "ERASE"})
    assert answer.status_code == 409
    assert world.canaries["p1"]["projecttitle"] in answer.get_data(as_text=True)


def test_a_complaint_comes_from_a_visitor_to_the_admins_page(world: World) -> None:
    visitor = world.client(None)
    assert 'href="/complaint"' in visitor.get("/help").get_data(as_text=True)
    form = {"csrf_token": token_of(visitor), "what": "It <hurt>.", "reach": "", "about": "Alder"}
    assert visitor.post("/complaint", data={**form, "what": ""}).status_code == 422
    assert visitor.post("/complaint", data={**form, "about": "alder"}).status_code == 302
    assert "has been received" in visitor.get("/complaint").get_data(as_text=True)
    url, client = "/organisations/alder/complaints", world.client("admin-a")
    assert "It &lt;hurt&gt;." in client.get(url).get_data(as_text=True)
    assert (
        client.post(url, data={"csrf_token": token_of(client), "number": "1", "do": "acknowledge"}).status_code == 302
    )
    again = client.post(url, data={"csrf_token": token_of(client), "number": "1", "do": "outcome", "words": "Sorry."})
    assert again.status_code == 302
    assert "Sorry." in client.get(url).get_data(as_text=True)
    for who in ("admin-b", "p1-lead"):
        assert world.client(who).get(url).status_code == 404


def test_a_sixth_complaint_within_the_hour_waits_and_keeps_its_words(world: World) -> None:
    visitor = world.client(None)
    form = {"csrf_token": token_of(visitor), "what": "It hurt again.", "reach": "", "about": ""}
    for _ in range(5):
        assert visitor.post("/complaint", data=form).status_code == 302
    answer = visitor.post("/complaint", data=form)
    assert answer.status_code == 429
    assert "It hurt again." in answer.get_data(as_text=True)
    assert int(answer.headers["Retry-After"]) > 0


def test_a_complaint_that_is_late_is_marked(world: World) -> None:
    with world.open():
        given = {"what": "Old.", "reach": "", "about": "alder"}
        complaints.complain(given=given, person_id=None, network="n", today=TODAY - timedelta(days=31))
    page = world.client("admin-a").get("/organisations/alder/complaints").get_data(as_text=True)
    assert "They should have heard from you by" in page
