"""Ways of working, as PARTNERS2 and Community Navigators made them."""

from __future__ import annotations

from datetime import date

from tests.support.factories import FOUR, days, person

TEXT = """How we meet

We meet after half past ten.
Why: mornings are hard for some of us.

Anybody may ask for a break."""
BETTER = TEXT + "\nWhy: nobody should have to hold out."
PLACE = "/ways_of_working"
AGREED = "ways_of_working.agreed"
STARTED = date(2026, 1, 1)
MONTH_SIX = date(2026, 6, 30)


def agree(here, who: str, number: int = 1, answer: str = "agree", words: str = "") -> None:
    here.send(who, f"{PLACE}/agreement", do="say", number=number, answer=answer, words=words)


def test_unmet_then_late_then_a_letter_then_met_by_pages_alone(walk) -> None:
    """Made in the first six months by all core members of the time; the lead's email does not name who is missing."""
    here = walk(stage="design", started=STARTED, entered=STARTED)
    found = here.check(AGREED)
    assert (found.outcome, found.due_on) == ("unmet", MONTH_SIX)
    here.send("lived-1", f"{PLACE}/agreement", do="write", text=TEXT, after=0)
    assert "1 rule says no why yet: “Anybody may ask for a…”." in here.check(AGREED).sentence
    here.send("practice-1", f"{PLACE}/agreement", do="write", text=BETTER, after=1)
    for who in ("lead-1", "lived-1", "practice-1"):
        agree(here, who, number=2)

    here.go_to(MONTH_SIX + days(1))
    letters = here.mail()
    assert "Ways of working" in letters["lead-1"]
    assert "Research 1 has not said yet" in letters["lead-1"]
    assert not any("Research 1" in words for who, words in letters.items() if who != "lead-1")
    gate = here.see("practice-1", "/gate")
    assert "1 person has not said yet what they think of version 2." in gate
    assert "Research 1 has not said" not in gate
    assert "You have not said yet what you think of version 2." in here.see("research-1", "/gate")

    agree(here, "research-1", number=2)
    assert here.check(AGREED).sentence == "Everyone who is here agreed to version 2."


def test_a_concern_begins_a_talk_and_holds_nothing_once_it_is_answered(walk) -> None:
    here = walk(stage="design", started=STARTED)
    here.send("lead-1", f"{PLACE}/agreement", do="write", text=BETTER, after=0)
    for one in FOUR[1:]:
        agree(here, one["key"])
    agree(here, "lead-1", answer="concern", words="Half past ten is late for the clinic.")
    assert here.check(AGREED).outcome == "unmet"
    assert "Half past ten is late" in here.see("lived-1", f"{PLACE}/together")
    assert "Answer a concern" not in here.see("lead-1", f"{PLACE}/together")
    here.send("lived-1", f"{PLACE}/together", form="answer", person="lead-1", words="We tried: one meeting in three.")
    found = here.check(AGREED)
    assert found.outcome == "met"
    assert "One concern stands" in found.sentence or "1 concern stands, with an answer." in found.sentence
    assert "one meeting in three" in here.see("practice-1", f"{PLACE}/together")


def test_a_new_version_or_a_new_member_asks_again_and_gives_two_weeks(walk) -> None:
    late = person("late-1", "lived", joined=date(2026, 9, 1))
    here = walk(stage="design", started=STARTED, members=(*FOUR, late))
    here.send("lead-1", f"{PLACE}/agreement", do="write", text=BETTER, after=0)
    for one in FOUR:
        agree(here, one["key"])
    assert here.check(AGREED).outcome == "met"
    here.go_to(date(2026, 9, 2))
    found = here.check(AGREED)
    assert "Late 1 has not said yet" in found.sentence
    assert found.due_on == date(2026, 9, 15)
    agree(here, "late-1")
    here.send(
        "late-1", f"{PLACE}/agreement", do="write", text=BETTER + "\n\nWe eat together, because it helps.", after=1
    )
    found = here.check(AGREED)
    assert found.due_on == date(2026, 9, 16)
    assert "5" not in found.sentence
    table = here.see("practice-1", f"{PLACE}/together")
    assert "Version 1, 2 March 2026" in table
    assert "Late 1 Agrees Not said yet" in table


def test_who_has_left_is_not_waited_for(walk) -> None:
    gone = person("gone-1", "lived", left=date(2026, 3, 20))
    here = walk(stage="design", started=STARTED, members=(*FOUR, gone))
    here.send("lead-1", f"{PLACE}/agreement", do="write", text=BETTER, after=0)
    for one in FOUR:
        agree(here, one["key"])
    agree(here, "gone-1", answer="concern", words="I will not be here.")
    assert here.check(AGREED).outcome == "unmet"
    here.go_to(date(2026, 3, 21))
    assert here.check(AGREED).outcome == "met"


def test_the_remit_of_the_first_meeting_is_saved_with_who_set_it(walk) -> None:
    """S3: what can be decided, what cannot and why, and who decides if there is no agreement."""
    here = walk(stage="bid")
    limits = f"{PLACE}/remit/add"
    assert here.check("ways_of_working.limits").outcome == "unmet"
    for what in ("the design of the programme", "meeting times", "pay for our time"):
        here.send("lived-1", limits, what=what, decides="can", why="It is ours.")
    came_back = here.send("lead-1", limits, expect=422, what="timelines", decides="cannot", why="The grant is fixed.")
    assert "Say who set this limit, such as the funder or the law." in came_back
    assert "The grant is fixed." in came_back
    here.send("lead-1", limits, what="timelines", decides="cannot", why="The grant is fixed.", set_by="the funder")
    assert "who decides if you cannot agree" in here.check("ways_of_working.limits").sentence
    here.send(
        "lead-1", limits, what="focus", decides="cannot", why="The call was for it.", set_by="the funder",
        decider="the study co-leads at UCL",
    )  # fmt: skip
    assert here.check("ways_of_working.limits").sentence == "3 things we decide together, 2 we cannot change."


def test_nobody_answers_their_own_concern_nor_one_that_nobody_has(walk) -> None:
    here = walk(stage="design", started=STARTED)
    here.send("lead-1", f"{PLACE}/agreement", do="write", text=BETTER, after=0)
    agree(here, "lead-1", answer="concern", words="Too late in the day.")
    add = f"{PLACE}/answer/add"
    own = here.send("lead-1", add, expect=422, person="lead-1", version="1", words="It is fine.")
    assert "Somebody else answers your concern." in own
    none = here.send("lived-1", add, expect=422, person="practice-1", version="1", words="It is fine.")
    assert "has said no concern about version 1" in none
    assert "It is fine." in none


def test_what_is_pasted_is_shown_as_text(walk) -> None:
    here = walk(stage="design", started=STARTED)
    here.send("lead-1", f"{PLACE}/agreement", do="write", text="<b>We</b> knock, because <i>doors</i>.", after=0)
    shown = here.client("lived-1").get(f"/projects/kettle{PLACE}/agreement").get_data(as_text=True)
    assert "&lt;b&gt;We&lt;/b&gt; knock" in shown
    assert "<b>We</b>" not in shown
