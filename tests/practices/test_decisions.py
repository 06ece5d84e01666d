"""Decisions, as Community Navigators and PARTNERS2 made them."""

from __future__ import annotations

from datetime import date

from tests.support.factories import FOUR, TODAY, days, person

ADD, LOG = "/decisions/decision/add", "/decisions/log"
TIMELINES = {
    "what": "timelines", "decides": "cannot", "why": "The grant is fixed.", "set_by": "the funder",
    "decider": "the study co-leads at UCL",
}  # fmt: skip
ALL = [one["key"] for one in FOUR]


def decide(here, who: str = "lead-1", *, expect: int = 302, **given) -> str:
    """Write down a decision that all shared in, by consensus, today."""
    facts = {
        "question": "Where do we meet?", "method": "consensus", "stands": "decided", "shared_with": ALL,
        "outcome": "In the community hall.", **given,
    }  # fmt: skip
    return here.send(who, ADD, expect=expect, **{"decided_on": here.today, **facts})


def test_a_proposal_that_touches_a_limit_warns_and_may_still_be_put(walk) -> None:
    """S3: the study co-leads decide where there is no consensus; timelines cannot be changed."""
    here = walk(stage="design")
    here.send("lead-1", "/ways_of_working/remit/add", **TIMELINES)
    here.send("lived-1", LOG, form="put", question="Shall we extend the timelines by a month?", method="consensus")
    said = here.see("lived-1", LOG)
    assert "This touches a limit: “timelines”. We cannot change it, because “The grant is fixed”." in said
    assert "If you cannot agree, “the study co-leads at UCL” decides." in said
    assert "Shall we extend the timelines by a month?" in here.see("practice-1", LOG)


def test_one_person_decides_only_after_a_recorded_try_and_it_shows_as_such(walk) -> None:
    here = walk(stage="design")
    alone = {"question": "Which group activity?", "method": "named", "decided_by": "lead-1", "shared_with": []}
    refused = decide(here, expect=422, **alone)
    assert "One person decides only after a try to agree." in refused
    assert "Which group activity?" in refused
    decide(
        here, "lived-1", question="Which activity do navigators offer?", stands="not_agreed", outcome="",
        not_followed="Some wanted walks, some wanted cooking.",
    )  # fmt: skip
    decide(here, **alone, after="which-activity-do-navigators-offer")
    page = here.see("practice-1", LOG)
    assert "Lead 1 decided, after no agreement" in page
    assert "Some wanted walks, some wanted cooking." in page


def test_what_is_missing_is_asked_for_in_a_sentence(walk) -> None:
    here = walk(stage="design")
    assert "Still to say: what was decided and who shared in it." in decide(
        here, expect=422, outcome="", shared_with=[]
    )
    assert "is still to come" in decide(here, expect=422, decided_on=TODAY + days(1))
    assert "was not in the project on 31 December 2025" in decide(here, expect=422, decided_on=date(2025, 12, 31))
    assert "Look at it again on a day after it was decided." in decide(here, expect=422, review_on=TODAY)
    assert here.check("decisions.log").outcome == "unmet"


def test_somebody_who_is_not_in_the_project_shares_in_no_decision(walk) -> None:
    here = walk(stage="design")
    came_back = decide(here, expect=422, shared_with=["stranger"])
    assert "In the community hall." in came_back
    assert here.see("lead-1", LOG).count("Where do we meet?") == 0


def test_the_chart_shows_where_decisions_moved_to_fewer_people(walk) -> None:
    """PARTNERS2: co-produced in design, central in the trial. Everyone sees it on one page."""
    entered = date(2026, 2, 1)
    here = walk(
        stage="trial", entered=entered, members=(*FOUR, person("gone-1", "lived", left=date(2026, 2, 10))),
        visit=[{"stage": "design", "entered": date(2026, 1, 1), "left": entered}],
    )  # fmt: skip
    decide(here, question="The model of care", decided_on=date(2026, 1, 5), shared_with=ALL)
    decide(here, question="The leaflet", decided_on=date(2026, 1, 6))
    decide(here, question="Recruiting practices", decided_on=date(2026, 2, 20), shared_with=["lead-1", "research-1"])
    page = here.see("lived-1", LOG)
    assert "Decided with every kind of experience, by stage" in page
    assert "Design 2 of 2" in page
    assert "Trial 0 of 1" in page


def test_unmet_then_late_then_a_letter_then_met_by_pages_alone(walk) -> None:
    """At the door of the trial the gate asks which decisions become central, and wants them among the limits."""
    here = walk(stage="design", entered=TODAY)
    check, place = "decisions.who_decides", "/gate/decisions.who_decides"
    due = here.check(check).due_on
    assert due is not None
    here.go_to(due + days(1))
    assert "What changes about who decides?" in here.mail()["lead-1"]
    here.send("lead-1", place, fewer="yes", talked_on=TODAY)
    assert here.check(check).sentence == "Say which decisions are made by fewer people, and why."
    here.send("lead-1", place, fewer="yes", which="Safety and numbers: the rules ask for it.", talked_on=TODAY)
    assert "Write these changes into the list “What we can decide” too" in here.check(check).sentence
    here.send("lived-1", "/ways_of_working/remit/add", **{**TIMELINES, "what": "safety", "set_by": "the trial unit"})
    found = here.check(check)
    assert (found.outcome, found.sentence) == ("met", "Talked about on 2 March 2026. It is written down what changes.")


def test_a_decision_is_looked_at_again_on_the_day_the_group_gave_itself(walk) -> None:
    here = walk(stage="design")
    again = TODAY + days(60)
    decide(here, review_on=again)
    assert here.check("decisions.again").outcome == "met"
    here.go_to(again - days(7))
    assert (here.check("decisions.again").outcome, here.check("decisions.again").due_on) == ("unmet", again)
    assert "To be looked at again: “Where do we meet?” on 1 May 2026." in here.mail()["lead-1"]
    here.go_to(again)
    decide(here, question="Where do we meet now?", outcome="In the library.", after="where-do-we-meet")
    assert here.check("decisions.again").outcome == "not_needed"


def test_the_log_holds_what_was_decided_in_this_stage_or_says_that_nothing_was(walk) -> None:
    here = walk(stage="design")
    assert here.check("decisions.log").outcome == "unmet"
    here.send("lived-1", "/gate/decisions.log", none_made="yes")
    assert "nothing had to be decided" in here.check("decisions.log").sentence
    decide(here)
    assert here.check("decisions.log").sentence == "1 decision of this stage is written down."
    assert "decision log" not in here.check("stress_test.evidence").sentence


# --- a vote without names ------------------------------------------------------------------------------------

EIGHT = (
    *FOUR,
    person("lived-2", "lived"),
    person("lived-3", "lived"),
    person("practice-2", "practice"),
    person("research-2", "research"),
)
MEASURES = "Quality of life\nDays in hospital\nQuality of life\n\n  Hope "
ENTRY, VOTE = "/decisions/decision/which-primary-outcome", "/decisions/ask/ballot/which-primary-outcome"


def put_the_outcome(walk):
    here = walk(stage="design", members=EIGHT)
    here.send("lived-1", LOG, form="put", question="Which primary outcome?", options=MEASURES, method="ballot")
    return here


def test_the_primary_outcome_is_voted_on_and_nobody_sees_who_chose_what_or_how_it_stands(walk) -> None:
    """S2: service users, carers, clinicians and academics talk it through; the final step is an anonymous ballot."""
    here = put_the_outcome(walk)
    assert "Vote on this, and nobody sees who votes for what" in here.see(
        "lived-1", "/decisions/decision/which-primary-outcome"
    )
    here.send("lead-1", VOTE, do="open")
    page = here.see("practice-1", VOTE)
    assert "Which primary outcome?" in page
    assert [one in page for one in ("Quality of life", "Days in hospital", "Hope", "None of these")] == [True] * 4
    assert "Which primary outcome?" in here.client("lived-2").get("/").get_data(as_text=True)
    for number, one in enumerate(EIGHT):
        here.send(one["key"], VOTE, choice="1" if number < 5 else "2")
    here.send("lived-1", VOTE, choice="2")  # a mind can be changed until it closes
    assert "Most chose" not in here.see("lead-1", VOTE)
    here.send("lead-1", VOTE, do="close")
    assert "Quality of life" in here.see("research-2", VOTE)
    assert "Quality of life: 4, Days in hospital: 4" in here.see("research-2", LOG)


def test_a_vote_cannot_be_opened_again_and_closes_on_its_last_day(walk) -> None:
    here = put_the_outcome(walk)
    here.send("lead-1", VOTE, do="open")
    for one in EIGHT:
        here.send(one["key"], VOTE, choice="3")
    here.go_to(TODAY + days(8))
    here.mail()
    assert "Most chose “Hope”" in here.see("lived-1", LOG)
    assert "already" in here.send("lead-1", VOTE, do="open", expect=409)
    assert "has closed" in here.send("lived-1", VOTE, choice="1", expect=409)


def test_what_can_be_voted_for_is_frozen_when_it_opens(walk) -> None:
    here = put_the_outcome(walk)
    here.send("lead-1", VOTE, do="open")
    here.send(
        "lead-1", "/decisions/decision/which-primary-outcome", question="Which?", method="ballot", stands="open",
        options="Something else\nAnother thing",
    )  # fmt: skip
    page = here.see("lived-1", VOTE)
    assert "Quality of life" in page
    assert "Something else" not in page
    here.send(
        "lead-1",
        "/decisions/decision/which-primary-outcome",
        remove="yes",
        question="Which?",
        method="ballot",
        stands="open",
    )
    here.send("lived-1", VOTE, choice="2")


def test_without_two_options_there_is_nothing_to_vote_on_and_strangers_choices_are_refused(walk) -> None:
    here = walk(stage="design", members=EIGHT)
    here.send("lived-1", LOG, form="put", question="Tea?", options="Yes", method="ballot")
    assert here.client("lead-1").get("/projects/kettle/decisions/ask/ballot/tea").status_code == 404
    assert here.client("lead-1").get("/projects/kettle/decisions/ask/ballot").status_code == 404
    here.send("lived-1", LOG, form="put", question="Cake?", options="Yes\nNo", method="ballot")
    place = "/decisions/ask/ballot/cake"
    here.send("lead-1", place, do="open")
    assert "Choose one of the answers that are offered." in here.send("lived-1", place, choice="9", expect=422)
    assert "Nothing was answered." in here.send("lived-1", place, expect=422)


def test_a_vote_is_told_to_everyone_alike_with_its_question(walk) -> None:
    here = put_the_outcome(walk)
    here.send("lead-1", VOTE, do="open")
    here.send("lived-1", VOTE, choice="1")
    letters = here.mail()
    asked = [one["key"] for one in EIGHT]
    assert sorted(who for who in letters if "/decisions/ask/ballot/which-primary-outcome" in letters[who]) == sorted(
        asked
    )


def test_people_outside_see_how_much_was_decided_together_and_nothing_else(walk) -> None:
    here = walk(plugins=("decisions",), stage="design")
    decided = {"question": "Which room?", "method": "vote", "stands": "decided", "outcome": "The blue one.",
               "decided_on": TODAY, "shared_with": ["lead-1", "lived-1", "practice-1"]}  # fmt: skip
    here.send("lead-1", "/decisions/decision/add", **decided)
    page = here.see("lived-1", "/evidence")
    assert "Decided with every kind of experience, by stage" in page
    assert "By a vote with names 1" in page
    assert not [one for one in ("Which room?", "The blue one.", "Practice 1") if one in page]
