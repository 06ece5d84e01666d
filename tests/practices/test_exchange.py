"""Give and take (McPin, tip on reciprocity): each person's own words, learning together, chances for all at once."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from govflow.services.people.people import invite_person, leave
from govflow.services.project_file import export_project
from govflow.store import db
from tests.support.factories import FOUR, TODAY, days, person
from tests.support.site import signed_in_as
from tests.support.web.walk import key_of

OWN, LEARN, CV = "/exchange/give_and_get", "/exchange/learn", "/exchange/about_me"
MORE = [person(f"lived-{number}", "lived") for number in range(2, 13)]
MANY = (*FOUR, *MORE, person("watcher", role="observer"))
CANARY = "Kanarienvogel"
TALK = {"title": "A talk in Leeds", "words": "Half an hour. 75 pounds, and the train.", "until": TODAY + days(20)}


def begin(walk, **more):
    return walk(**{"plugins": ("exchange",), "stage": "design", "entered": TODAY, "members": MANY, **more})


def ask_everyone(here) -> None:
    here.send("lead-1", OWN, form="ask")


def test_unmet_then_late_then_a_letter_then_met_by_pages_alone(walk) -> None:
    here = begin(walk)
    waiting = here.check("exchange.asked", "lived-1")
    assert (waiting.outcome, waiting.due_on) == ("unmet", TODAY + days(60))
    here.go_to(TODAY + days(61))
    assert "Ask Lived 1 what they hope to get from this." in here.mail()["lead-1"]
    ask_everyone(here)
    assert here.check("exchange.asked", "lived-1").outcome == "met"
    letters = here.mail()
    asked = [letters[one["key"]].replace(one["name"].split()[0], "") for one in MANY[1:-1]]
    assert all("What do you hope for?" in one for one in asked)


def test_who_never_answers_holds_nothing_up_and_nobody_sees_who_did(walk) -> None:
    here = begin(walk)
    ask_everyone(here)
    before = here.check("exchange.asked", "lived-1").sentence
    here.send("lived-1", OWN, form="mine", gets=f"{CANARY}: a friend.")
    assert here.check("exchange.asked", "lived-1").sentence == before
    assert here.check("exchange.asked", "lived-2").sentence == before.replace("Lived 1", "Lived 2")


def test_only_the_person_says_that_they_were_asked_by_phone(walk) -> None:
    here = begin(walk)
    place = "/gate/exchange.asked/lived-1"
    here.send("lead-1", place, expect=403, asked="yes")
    here.send("lived-1", place, asked="yes")
    assert here.check("exchange.asked", "lived-1").outcome == "met"


def test_everyone_is_asked_again_in_the_next_stage_and_who_joins_later_is_asked_too(walk) -> None:
    late = person("late-1", "lived", joined=TODAY - days(5))
    asking = {"register": "exchange.asking", "by": "lead-1"}
    first, second = TODAY - days(20), TODAY - days(8)
    before = {**asking, "key": "before", "on": first, "values": {"asked_on": first}}
    since = {**asking, "key": "since", "on": second, "values": {"asked_on": second}}
    design = {"stage": "design", "entered": TODAY - days(50), "left": TODAY - days(10)}
    trial = {"stage": "trial", "entered": TODAY - days(10), "started": TODAY - days(50), "visit": [design]}
    people = [{**one, "joined": TODAY - days(50)} for one in FOUR] + [late]
    here = begin(walk, **trial, slug="pot", members=people, entry=[before])
    assert here.check("exchange.asked", "lived-1").outcome == "unmet"
    here = begin(walk, **trial, slug="pan", members=people, entry=[before, since])
    assert here.check("exchange.asked", "lived-1").outcome == "met"
    missed = here.check("exchange.asked", "late-1")
    assert (missed.outcome, missed.due_on) == ("unmet", TODAY + days(9))


def test_everyone_is_asked_once_a_day_at_most(walk) -> None:
    here = begin(walk)
    ask_everyone(here)
    refused = here.send("lead-1", "/exchange/asking/add", expect=422, asked_on=TODAY)
    assert "Everyone was asked today already." in refused
    here.send("lived-1", "/exchange/asking/add", expect=403, asked_on=TODAY)


@pytest.mark.parametrize("who", ["lead-1", "lived-2", "watcher", "admin"])
def test_own_words_and_the_page_about_oneself_are_read_by_nobody_else(walk, who: str) -> None:
    here = begin(walk)
    here.send("lived-1", OWN, form="mine", strengths=f"{CANARY} calm", gets=f"{CANARY} money")
    here.send("lived-1", CV, form="cv", about=f"{CANARY} about")
    client = an_admin(here) if who == "admin" else here.client(who)
    places = ("", "/gate", "/history", "/letters", "/evidence", OWN, LEARN, CV, "/exchange/aim", "/exchange/cv")
    lines = [f"/exchange/{name}/{key_of(here, f'exchange.{name}')}" for name in ("aim", "cv")]
    files = ("/exchange/aim?as=csv", "/exchange/cv?as=json", *lines)
    for place in (*places, *files):
        answer = client.get(f"/projects/kettle{place}", follow_redirects=True)
        assert answer.status_code < 500
        assert CANARY not in answer.get_data(as_text=True), place
    with here.open():
        kept = [
            tuple(row)
            for name in ("log_line", "log_words")
            for row in db.session.execute(text(f"SELECT * FROM {name}"))
        ]
        assert CANARY not in repr(kept) + export_project(here.project.row)


def an_admin(here):
    with here.open():
        ada = invite_person(email="ada@example.org", name="Ada", organisation="hearth", admin=True)
        return signed_in_as(here.app, ada.id)


def test_the_group_reads_what_somebody_chose_to_tell_it_until_they_take_it_back(walk) -> None:
    here = begin(walk)
    here.send("lived-1", OWN, form="mine", strengths="I stay calm.", gets="A friend.", tell="strengths")
    page = here.see("lived-2", OWN)
    assert "I stay calm." in page
    assert "A friend." not in page
    here.send("lived-1", OWN, form="mine", strengths="I stay calm.", gets="A friend.")
    assert "I stay calm." not in here.see("lived-2", OWN)
    assert "I stay calm." in here.see("lived-1", OWN)


def test_the_learning_plan_is_for_everyone_and_has_a_budget(walk) -> None:
    here = begin(walk)
    here.go_to(TODAY + days(61))
    assert "Nobody has written yet what you will learn together" in here.mail()["lead-1"]
    add = "/exchange/learning/add"
    here.send("lead-1", add, what="How to chair", for_whom="some", cost="120.50")
    assert "Add something for everyone." in here.check("exchange.learning").sentence
    here.send("lived-1", add, what="What co-production is", for_whom="everyone", cost="0")
    assert here.check("exchange.learning").sentence == "The learning plan has 2 lines, and 120.50 pounds for it."
    here.send("lived-1", add, expect=422, what="Debt", for_whom="everyone", cost="-1")
    assert "How to chair" in here.see("lead-1", "/evidence")


def test_a_chance_is_offered_to_all_at_once_and_only_its_giver_reads_who_said_yes(walk) -> None:
    here = begin(walk)
    here.send("practice-1", "/exchange/chance/add", **TALK)
    letters = here.mail()
    assert all("Practice 1 offers this to everyone: “A talk in Leeds”." in letters[one["key"]] for one in MANY[:-1])
    here.send("lived-1", LEARN, form="take", chance="a-talk-in-leeds")
    assert "Somebody said yes" in here.mail()["practice-1"]
    assert "A talk in Leeds Lived 1" in here.see("practice-1", LEARN)
    assert "You said yes" in here.see("lived-1", LEARN)
    for who in ("lead-1", "lived-2"):
        assert "Lived 1" not in here.see(who, LEARN)
        assert "Some lines are private" not in here.see(who, "/exchange/taken")
    assert "You said yes to this already." in here.send(
        "lived-1",
        "/exchange/taken/add",
        expect=422,
        chance="a-talk-in-leeds",
        person="lived-1",
        offered_by="practice-1",
    )


def test_who_took_something_is_told_by_kind_from_five_up(walk) -> None:
    here = begin(walk)
    here.send("practice-1", "/exchange/chance/add", **TALK)
    for number in range(1, 5):
        here.send(f"lived-{number}", LEARN, form="take", chance="a-talk-in-leeds")
    assert "at least" not in here.see("lead-1", LEARN)
    here.send("lived-5", LEARN, form="take", chance="a-talk-in-leeds")
    here.send("research-1", LEARN, form="take", chance="a-talk-in-leeds")
    assert here.check("exchange.taken").sentence == (
        "1 chance was offered to everyone. Something was taken up by at least 5 with lived experience."
    )


def test_a_page_about_oneself_is_taken_away_as_a_file(walk) -> None:
    here = begin(walk)
    assert "Take it away" not in here.see("lived-1", CV)
    here.send("lived-1", CV, form="cv", name="Mo", did="I chose the questions.")
    assert "Take it away as a file" in here.see("lived-1", CV)
    here.send("lived-1", CV, form="cv", name="Mo", did="", learned="How to chair.")
    file = here.client("lived-1").get("/projects/kettle/exchange/about_me?file=about-me.txt").get_data(as_text=True)
    assert "How to chair." in file
    assert "I chose the questions." not in here.see("lived-1", CV)


def test_what_cannot_be_meant_is_refused_in_words(walk) -> None:
    here = begin(walk)
    assert "Write something in one of the three" in here.send("lived-1", OWN, form="mine", expect=422, strengths="  ")
    assert "Write something first" in here.send("lived-1", CV, form="cv", expect=422)
    assert "Choose your own name." in here.send(
        "lead-1", "/exchange/shared/add", expect=422, person="lived-1", strengths="Patient"
    )
    assert "People need time to say yes." in here.send(
        "lead-1", "/exchange/chance/add", expect=422, **{**TALK, "until": TODAY - days(1)}
    )
    here.send("lived-2", "/exchange/chance/add", **TALK)
    with here.open():
        leave(here.project.id, by=here.project.by("lived-2"), today=TODAY)
    here.send(
        "lived-1", LEARN, form="take", chance="a-talk-in-leeds"
    )  # whoever offered it left: it is kept all the same
    here.send("lived-3", LEARN, form="take", expect=422, chance="nothing-at-all")
    here.go_to(TODAY + days(21))
    here.send("lived-3", LEARN, form="take", expect=404, chance="a-talk-in-leeds")
