"""Support (McPin, tip “Looking after ourselves”): somebody to turn to, and what one asks of them is told nowhere."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from govflow.services.people.people import invite_person, leave
from govflow.services.project_file import export_project
from govflow.store import db
from tests.support.factories import FOUR, TODAY, days, person
from tests.support.site import signed_in_as
from tests.support.web.walk import key_of

PAGE, LOAD, ROUND = "/support/with_me", "/support/my_load", "/support/ask/cost"
MORE = [person(f"lived-{number}", "lived") for number in range(2, 8)]
ELEVEN = (*FOUR, *MORE, person("watcher", role="observer"))
CANARY = "Kanarienvogel"


def begin(walk, **more):
    return walk(**{"plugins": ("support",), "stage": "design", "entered": TODAY, "members": ELEVEN, **more})


def choose(here, who: str = "lived-1", contact: str = "practice-1", **more):
    return here.send(who, PAGE, form="contact", contact=contact, **more)


def ask(here, who: str = "lived-1", to: str = "practice-1", words: str = f"{CANARY}: I hear voices.", **more):
    return here.send(who, PAGE, form="ask", to=to, words=words, **more)


def test_unmet_then_late_then_a_letter_then_met_by_pages_alone(walk) -> None:
    here = begin(walk, members=(*FOUR, person("new-1", "lived", joined=TODAY)))
    assert here.check("support.contact", "new-1").outcome == "unmet"
    assert here.check("support.contact", "new-1").due_on == TODAY + days(14)
    here.go_to(TODAY + days(15))
    assert "New 1 has no named contact yet. Ask them whom they would like." in here.mail()["lead-1"]
    assert "New 1 has no named contact yet" not in here.see("practice-1", "/gate")
    choose(here, "new-1", "practice-1")
    assert here.check("support.contact", "new-1").outcome == "met"
    assert "Somebody can turn to you" in here.mail()["practice-1"]
    assert "Your named contact is Practice 1." in here.see("new-1", PAGE)


def test_a_contact_who_left_is_missed_the_same_day(walk) -> None:
    here = begin(walk)
    choose(here)
    ask(here, words="Please ring me.")
    with here.open():
        leave(here.project.id, by=here.project.by("practice-1"), today=TODAY)
    missed = here.check("support.contact", "lived-1")
    assert (missed.outcome, missed.due_on) == ("unmet", TODAY)
    assert "Ask them today whom they would like." in missed.sentence
    page = here.see("lived-1", PAGE)
    assert "You have no named contact here now." in page
    assert "They are not here any more." in page
    here.send("lead-1", "/support/contact/add", person="lived-1", contact="research-1")
    assert here.check("support.contact", "lived-1").outcome == "met"
    assert "Somebody can turn to you" in here.mail()["research-1"]


def test_a_contact_who_would_rather_not_takes_their_name_off_and_puts_nobody_elses_there(walk) -> None:
    here = begin(walk)
    choose(here)
    line = "/support/contact/lived-1"
    here.send("practice-1", line, expect=422, person="lived-1", contact="research-1")
    here.send("practice-1", line, remove="yes")
    assert here.check("support.contact", "lived-1").outcome == "unmet"


def test_whom_somebody_chose_themselves_is_changed_by_nobody_else(walk) -> None:
    here = begin(walk)
    choose(here)
    refused = here.send("lead-1", "/support/contact/lived-1", expect=403, person="lived-1", contact="lead-1")
    assert "Only whoever could have written this line can change it" in refused
    again = here.send("lead-1", "/support/contact/add", expect=422, person="lived-1", contact="lead-1")
    assert "chose this contact, and alone changes it" in again


def test_a_request_reaches_the_contact_alone_at_once_and_its_letter_says_nothing_of_it(walk) -> None:
    here = begin(walk)
    choose(here)
    here.mail()
    seen = here.see("lead-1", "/letters")
    ask(here)
    letters = here.mail()
    assert [who for who in letters if "asks you to talk" in letters[who]] == ["practice-1"]
    subject = letters["practice-1"].splitlines()[0]
    assert subject == "GovFlow: Somebody asks you to talk with them"
    assert CANARY not in "".join(letters.values())
    assert here.see("lead-1", "/letters") == seen  # not even that there was a letter
    assert CANARY in here.see("practice-1", PAGE)
    here.send(
        "practice-1", PAGE, form="answer", request=key_of(here, "support.request"), words=f"{CANARY} answer: at four?"
    )
    assert f"{CANARY} answer: at four?" in here.see("lived-1", PAGE)
    assert "You have an answer" in here.mail()["lived-1"]


PLACES = (
    "",
    "/gate",
    "/history",
    "/letters",
    "/people",
    "/evidence",
    PAGE,
    LOAD,
    "/support/request",
    "/support/answer",
)


@pytest.mark.parametrize("who", ["lead-1", "lived-2", "watcher", "admin"])
def test_a_request_is_read_by_nobody_else(walk, who: str) -> None:
    here = begin(walk)
    choose(here)
    ask(here)
    here.send("practice-1", PAGE, form="answer", request=key_of(here, "support.request"), words=f"{CANARY} answer")
    here.mail()
    client = an_admin(here) if who == "admin" else here.client(who)
    keys = [f"/support/{name}/{key_of(here, f'support.{name}')}" for name in ("request", "answer")]
    files = [f"/support/{name}?as={kind}" for name in ("request", "answer") for kind in ("csv", "json")]
    for place in (*PLACES, *keys, *files):
        answer = client.get(f"/projects/kettle{place}", follow_redirects=True)
        assert answer.status_code < 500
        assert CANARY not in answer.get_data(as_text=True), place
    for place in keys:
        assert client.get(f"/projects/kettle{place}").status_code in (403, 404)
    seen = client.get("/projects/kettle/support/request").get_data(as_text=True)
    assert "Some lines are private" not in seen  # not even that there is one


def an_admin(here):
    """Somebody who looks after the organisation, and is in none of its projects."""
    with here.open():
        ada = invite_person(email="ada@example.org", name="Ada", organisation="hearth", admin=True)
        return signed_in_as(here.app, ada.id)


def test_nothing_of_it_is_in_the_history_the_project_file_or_the_chain(walk) -> None:
    here = begin(walk)
    choose(here)
    with here.open():
        before = told(here)
    ask(here)
    here.send("practice-1", PAGE, form="answer", request=key_of(here, "support.request"), words=f"{CANARY} answer")
    here.send("practice-1", PAGE, form="offer", person="lived-1")
    here.mail()
    with here.open():
        assert told(here) == before  # not a line more: a line would say that somebody asked
        exported = export_project(here.project.row)
    assert "support.contact" in exported
    for word in (CANARY, "support.request", "support.answer", "support.check_in"):
        assert word not in exported


def told(here) -> list[str]:
    """Every line of the chain and its words, as the database keeps them."""
    found = [
        repr(tuple(row))
        for name in ("log_line", "log_words")
        for row in db.session.execute(text(f"SELECT * FROM {name}"))
    ]
    assert CANARY not in "".join(found)
    return found


def test_what_cannot_be_meant_is_refused_in_words_and_kept_for_its_writer(walk) -> None:
    here = begin(walk)
    assert "Somebody else is your contact" in here.send(
        "lived-1", "/support/contact/add", expect=422, person="lived-1", contact="lived-1"
    )
    add = "/support/request/add"
    nobody = here.send("lived-1", add, expect=422, to="practice-1", words="Please ring me.")
    assert "Choose one first" in nobody
    assert "Please ring me." in nobody
    choose(here)
    assert "Your named contact is Practice 1." in here.send("lived-1", add, expect=422, to="lead-1", words="Hello.")
    ask(here, words="  ", expect=422)
    ask(here, to="lead-1", expect=422)  # the contact changed while the page was open: it goes to nobody
    assert "Only the person" in here.send(
        "lived-2", "/support/contact/add", expect=422, person="lived-3", contact="lived-2"
    )
    with here.open():
        leave(here.project.id, by=here.project.by("practice-1"), today=TODAY)
    assert "Please ring me." in here.send("lived-1", add, expect=422, to="practice-1", words="Please ring me.")
    here.send("lived-1", PAGE, form="ask", expect=404, to="practice-1", words="Please ring me.")
    assert CANARY not in here.mail().get("practice-1", "")


def test_a_lead_reads_numbers_from_five_up_and_below_five_nothing(walk) -> None:
    here = begin(walk)
    people = ["lived-1", "lived-2", "lived-3", "lived-4", "lived-5"]
    for who in people:
        choose(here, who)
    for who in [*people[:4], "lived-1"]:
        ask(here, who)
    assert "At least" not in here.see("lead-1", LOAD)
    ask(here, "lived-5")
    told_of_it = "At least 5 people asked for support in this stage."
    assert told_of_it in here.see("lead-1", LOAD)
    for who in ("lived-1", "practice-1"):
        assert told_of_it not in here.see(who, LOAD) + here.see(who, "/gate")


def test_where_nearly_everybody_asked_no_number_is_told(walk) -> None:
    here = begin(walk, members=(*FOUR, *MORE[:3]))
    for who in ("lived-1", "lived-2", "lived-3", "lived-4", "research-1"):
        choose(here, who)
        ask(here, who)
    assert "At least" not in here.see("lead-1", LOAD)


def test_only_that_a_check_in_was_offered_is_kept(walk) -> None:
    here = begin(walk)
    choose(here)
    here.go_to(TODAY + days(80))
    assert "Offer Lived 1 a check-in." in here.mail()["practice-1"]
    assert here.check("support.check_in", "lived-1").owed_by == ("practice-1",)
    here.send("practice-1", PAGE, form="offer", person="lived-1")
    assert here.check("support.check_in", "lived-1").outcome == "met"
    assert "Somebody offers you a talk" in here.mail()["lived-1"]
    assert "Practice 1" in here.see("lived-1", PAGE)
    with here.open():
        kept = db.session.execute(
            text(
                'SELECT v."values" FROM entry_version v JOIN entry e ON e.id = v.entry_id '
                "WHERE e.register = 'support.check_in'"
            )
        ).scalar_one()
    assert set(json.loads(kept) if isinstance(kept, str) else kept) == {"person", "offered_on"}


def test_time_to_talk_after_a_hard_meeting_is_offered_to_all_alike(walk) -> None:
    here = begin(walk)
    here.send("practice-1", "/support/debrief/add", held_on=TODAY, where="On Tuesday at ten, by phone")
    letters = here.mail()
    assert all("There is time to talk about the meeting of 2 March 2026" in letters[one["key"]] for one in ELEVEN[:-1])


def test_each_person_sees_their_own_load_and_nobody_elses(walk) -> None:
    here = begin(walk, plugins=("support", "meetings"))
    meeting = {"title": "Working group", "starts": "9 3 2026 10:30", "ends": "9 3 2026 12:00", "how": "online"}
    here.send("lead-1", "/meetings/meeting/add", **meeting)
    action = {"text": "Book the hall", "meeting": "working-group", "owner": "lived-1", "due": TODAY + days(5)}
    here.send("lead-1", "/meetings/action/add", **action)
    mine = here.see("lived-1", LOAD)
    assert "Working group, 9 March 2026" in mine
    assert "Book the hall, by 7 March 2026" in mine
    for who in ("lead-1", "lived-2"):
        assert "Book the hall" not in here.see(who, LOAD)
    kinds = here.see("lead-1", LOAD)
    assert "Lived experience (7 people)" in kinds
    assert "Practice (" not in kinds
    assert "Lived experience (7 people)" not in mine


def test_each_stage_asks_what_it_costs_and_what_was_changed(walk) -> None:
    here = begin(walk)
    here.go_to(TODAY + days(61))
    assert "Ask everyone what taking part costs them." in here.mail()["lead-1"]
    here.send("lead-1", ROUND, do="open")
    for one in ELEVEN[:-1]:
        here.send(one["key"], ROUND, more="2", talk="4", stop="4", cost="Two nights of sleep.")
    here.send("lead-1", ROUND, do="close")
    assert "Write what you changed for it" in here.check("support.cost").sentence
    here.send("lead-1", "/support/change/add", cost="Nights without sleep", changed="No meetings after four.")
    assert here.check("support.cost").outcome == "met"
    page = here.see("lived-1", PAGE)
    assert "No meetings after four." in page
    assert "Two nights of sleep." not in page + here.see("lead-1", ROUND)  # nobody ticked that it may be shown
