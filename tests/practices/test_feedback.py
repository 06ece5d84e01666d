"""Feedback, as Community Navigators collected it: an anonymised survey after six months, and what came of it."""

from __future__ import annotations

from datetime import date

from tests.support.factories import FOUR, TODAY, days, person

ROUND, PAGE = "/feedback/ask/working_together", "/feedback/said_and_done"
MORE = (("lived-2", "lived"), ("lived-3", "lived"), ("practice-2", "practice"), ("research-2", "research"))
EIGHT = (*FOUR, *(person(*one) for one in MORE))
STARTED = date(2026, 1, 1)
MONTH_SIX = date(2026, 6, 30)


def begin(walk, **more):
    return walk(plugins=("feedback",), stage="design", started=STARTED, entered=STARTED, members=EIGHT, **more)


def ask_everyone(here) -> None:
    here.send("lead-1", ROUND, do="open")
    for one in EIGHT:
        here.send(one["key"], ROUND, heard="4", ready="2")
    here.send("lead-1", ROUND, do="close")


def test_unmet_then_late_then_a_letter_then_met_by_pages_alone(walk) -> None:
    here = begin(walk)
    assert here.check("feedback.asked").sentence == "Everyone is asked for the first time by 30 June 2026."
    here.go_to(MONTH_SIX - days(14))
    assert (here.check("feedback.asked").outcome, here.check("feedback.asked").due_on) == ("unmet", MONTH_SIX)
    here.go_to(MONTH_SIX + days(1))
    assert "Ask everyone how working together is, by 30 June 2026." in here.mail()["lead-1"]
    ask_everyone(here)
    assert "Everyone was asked on 1 July 2026, and is by 1 January 2027." in here.check("feedback.asked").sentence


def test_everyone_is_asked_again_after_six_months_and_not_before(walk) -> None:
    here = begin(walk, today=MONTH_SIX)
    ask_everyone(here)
    here.go_to(MONTH_SIX + days(100))
    assert "already" in here.send("lead-1", ROUND, do="open", expect=409)
    here.go_to(date(2026, 12, 30))
    page = here.see("lead-1", ROUND)
    assert "Ask everyone now" in page
    assert "closed on 30 June 2026" in page
    ask_everyone(here)
    assert "closed on 30 December 2026" in here.see("lived-1", ROUND)


def test_what_was_said_owes_a_we_did_within_thirty_days(walk) -> None:
    here = begin(walk)
    said = {"you_said": "Agendas come too late.", "source": "survey", "heard_on": TODAY, "owner": "practice-1"}
    here.send("lead-1", "/feedback/theme/add", **said)
    where = ("feedback.we_did", "agendas-come-too-late")
    assert here.check(*where).due_on == TODAY + days(30)
    here.go_to(TODAY + days(31))
    assert "Agendas come too late." in here.mail()["practice-1"]
    assert "Not answered yet" in here.see("lived-1", PAGE)
    here.send("practice-1", "/feedback/theme/agendas-come-too-late", we_did="They go out ten days before now.", **said)
    assert here.check(*where).outcome == "met"
    assert "They go out ten days before now." in here.see("lived-1", PAGE)


def test_a_concern_to_the_group_is_answered_within_thirty_days_by_somebody_else(walk) -> None:
    here = begin(walk)
    here.send("lived-1", PAGE, form="raise", words="We talk too fast.", to="group")
    assert "Answer a concern" not in here.see("lived-1", PAGE)
    assert here.check("feedback.concern", "we-talk-too-fast").due_on == TODAY + days(30)
    here.send(
        "practice-1", PAGE, form="answer", which="concern:we-talk-too-fast", words="We pause after each point now."
    )
    assert "We pause after each point now." in here.see("lived-1", PAGE)
    assert here.check("feedback.concern", "we-talk-too-fast").outcome == "met"


def test_what_is_told_to_one_person_is_read_by_the_two_alone(walk) -> None:
    here = begin(walk)
    here.send("lived-1", PAGE, form="raise", words="The chair frightens me.", to="practice-2")
    letters = here.mail()
    assert "Somebody asks you to talk with them" in letters["practice-2"]
    assert "frightens" not in "".join(letters.values())
    for who in ("lead-1", "lived-2", "research-1"):
        for place in (PAGE, "/feedback/word", "/gate", "/history", ""):
            assert "frightens" not in here.see(who, place), (who, place)
    refused = here.client("lead-1").get("/projects/kettle/feedback/word/lived-1")
    assert refused.status_code == 404
    assert "frightens" in here.see("practice-2", PAGE)
    here.send("practice-2", PAGE, form="answer", which="word:lived-1", words="I sit beside you next time.")
    assert "I sit beside you next time." in here.see("lived-1", PAGE)
    assert "I sit beside you" not in here.see("lead-1", "/feedback/quiet_reply")


def test_nobody_raises_a_concern_in_somebody_elses_name_nor_answers_one_that_is_not_theirs(walk) -> None:
    here = begin(walk)
    add = "/feedback/concern/add"
    assert "in your own name only" in here.send("lead-1", add, expect=422, person="lived-1", words="All is well.")
    assert "Choose somebody else" in here.send(
        "lead-1", "/feedback/word/add", expect=422, person="lead-1", to="lead-1", words="Hm."
    )
    here.send("lived-1", PAGE, form="raise", words="For you alone.", to="practice-2")
    answer = {"form": "answer", "which": "word:lived-1", "words": "I read it."}
    here.send("lead-1", PAGE, expect=404, **answer)  # nothing on their page asks them to
    assert "I read it." not in here.see("lived-1", PAGE)


def test_what_was_learned_is_shared_only_when_everyone_agrees(walk) -> None:
    here = begin(walk)
    here.send("lived-1", "/feedback/lessons", do="write", text="Pay people on time.", after=0)
    for one in EIGHT[1:]:
        here.send(one["key"], "/feedback/lessons", do="say", number=1, answer="agree")
    assert "Take it away as a file" not in here.see("lived-1", PAGE)
    here.send("lead-1", "/feedback/lessons", do="say", number=1, answer="agree")
    assert "Take it away as a file" in here.see("lived-1", PAGE)
