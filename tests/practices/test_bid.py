"""Co-producing a bid, as the LEAP told it: co-chairs, “keeping it real”, and hours lost to claim forms and CVs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from govflow.services.plugins.plugins import change_settings, switch
from govflow.services.project_file import export_project, import_project
from tests.support.factories import TODAY, days, person
from tests.support.web.walk import CARD, strengthen

SARAH, TINA, MARTIN = (
    person("sarah", "lived", groups=["leap"]), person("tina", "lived", groups=["leap"]),
    person("martin", "research", role="lead"),
)  # fmt: skip
LOCAL = person("local", "lived", groups=["leap"], title="Keeping it real")
CARE = person("care", "practice", role="coordinator")
LEAP = {"slug": "leap", "title": "LEAP", "chairs": ["sarah", "tina"]}
PPPI = Path(__file__).parents[2] / "plugins/govflow-bid/pppi.toml"
GATE = "/gate"


def begin(walk, *plugins: str, members=(SARAH, TINA, MARTIN, LOCAL, CARE), **more: Any):
    group = [LEAP] if SARAH in members and TINA in members else []
    members = members if group else [{**one, "groups": []} for one in members]
    given = {"stage": "bid", "entered": TODAY, "group": group, "members": members, **more}
    return walk(plugins=("bid", *plugins), **given)


def add(here, who: str, register: str, *, expect: int = 302, **given: Any) -> str:
    return here.send(who, f"/bid/{register}/add", expect=expect, **given)


def cost(here, kind: str, who: str = "sarah", *, expect: int = 302, **given: Any) -> str:
    facts = {"form": "cost", "what": f"For {kind}", "kind": kind, "days": "2.5", "rate": "150", **given}
    return here.send(who, "/bid/costs", expect=expect, **facts)


def lose(here, who: str, hours: str = "2.5", *, expect: int = 302, **given: Any) -> str:
    facts = {"form": "hours", "what": "Administrative access issues", "lost_on": TODAY, "host": "Kettle University"}
    return here.send(who, "/bid/lost", expect=expect, hours=hours, **{**facts, **given})


# --- keeping it real, unmet to met ------------------------------------------------------------------------------


def test_unmet_then_late_then_a_letter_then_keeping_it_real_is_met_by_pages_alone(walk) -> None:
    """S4: feedback from people using direct payments and personal budgets is logged before the bid gate."""
    here = begin(walk)
    said = here.check("bid.keeping_real")
    assert (said.outcome, said.holds, said.owed_by) == ("unmet", True, ("martin",))
    outside = "people using direct payments and personal budgets"
    add(here, "sarah", "keeper", person="local", what="keeping it real", with_whom=outside)
    said = here.check("bid.keeping_real")
    assert said.sentence == f"Local holds “keeping it real”. Still to write down: what “{outside}” said."
    here.go_to(TODAY + days(61))
    letters = here.mail()
    assert "Keeping it real" in letters["local"]
    assert "Keeping it real" not in letters.get("tina", "")
    heard = {"what": "We want to know who helps with the forms.", "heard_on": TODAY + days(3)}
    add(here, "martin", "heard", **heard)
    assert "The gate waits for what Local heard." in here.see("martin", "/bid/heard")
    assert here.check("bid.keeping_real").outcome == "unmet"
    add(here, "local", "heard", **heard, follows="A question about help with forms.")
    assert here.check("bid.keeping_real").outcome == "met"
    assert "1 piece of feedback heard." in here.see("tina", GATE)
    assert "Keeping it real" not in here.mail().get("local", "")


def test_keeping_it_real_is_due_two_weeks_before_the_day_the_gate_is_aimed_at(walk) -> None:
    here = begin(walk, plan={"bid": TODAY + days(40)})
    assert here.check("bid.keeping_real").due_on == TODAY + days(26)


# --- hours lost -------------------------------------------------------------------------------------------------


def test_three_people_log_hours_and_the_total_stands_on_the_gate_against_the_host(walk) -> None:
    """S4: “the three of us have had to spend extra time addressing administrative access issues”."""
    here = begin(walk)
    assert here.check("bid.hours_lost").outcome == "not_needed"
    lose(here, "sarah", "2.5")
    lose(here, "tina", "4", host="kettle  university")
    lose(here, "martin", "1")
    said = here.check("bid.hours_lost")
    assert (said.outcome, said.holds, said.due_on) == ("unmet", False, TODAY + days(14))
    assert said.sentence.startswith("“Kettle University” cost 3 people 7.5 hours by its own barriers")
    assert "cost 3 people 7.5 hours by its own barriers" in here.see("local", GATE)
    here.go_to(TODAY + days(15))
    assert "Hours that barriers took" in here.mail()["martin"]
    here.send("sarah", "/gate/bid.hours_lost", expect=403, changes="Nothing.")
    here.send("martin", "/gate/bid.hours_lost", changes="A short claim form, by May.")
    said = here.check("bid.hours_lost")
    assert (said.outcome, "7.5 hours" in said.sentence) == ("met", True)
    assert "What changes: “A short claim form, by May.”" in here.see("sarah", GATE)
    here.go_to(TODAY + days(16))
    lose(here, "tina", "1", lost_on=TODAY + days(16))
    assert here.check("bid.hours_lost").outcome == "unmet"
    page = here.see("local", "/bid/lost")
    assert "8.5 hours went on forms" in page
    assert "Tina" not in page


def test_nobody_writes_down_or_takes_away_the_hours_of_somebody_else(walk) -> None:
    here = begin(walk)
    lose(here, "sarah")
    hours = {"what": "The CV", "hours": "1", "lost_on": TODAY, "host": "Kettle University"}
    assert "Choose yourself." in add(here, "martin", "hours", expect=422, person="sarah", **hours)
    where = "/bid/hours/administrative-access-issues"
    here.send("martin", where, expect=403, person="sarah", **hours)
    here.send("martin", where, expect=403, remove="yes")
    assert here.check("bid.hours_lost").sentence.count("2.5 hours") == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"hours": "25"}, "at most 24"), ({"hours": "0"}, "more than 0 hours"), ({"hours": "-3"}, "more than 0 hours"),
        ({"hours": "1,5"}, "Put a point, not a comma."), ({"hours": "all day"}, "must be a number"),
        ({"lost_on": TODAY + days(1)}, "is still to come"), ({"host": ""}, "Give an answer to"),
        ({"hours": "22"}, "You have 2.5 hours on 2 March 2026 already. A day has 24."),
    ],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused_in_a_sentence_and_nothing_is_lost(walk, given, said: str) -> None:
    here = begin(walk)
    lose(here, "sarah")
    page = lose(here, "sarah", expect=422, **{"what": "The grant form", "hours": "3", **given})
    assert said in page
    assert "The grant form" in page


# --- costing ----------------------------------------------------------------------------------------------------


def test_everyone_is_costed_by_days_times_a_rate_to_the_end_of_writing(walk) -> None:
    here = begin(walk)
    said = here.check("bid.costed")
    assert (said.outcome, said.holds) == ("unmet", True)
    assert "time of partners, for Sarah, Tina, Local and 1 more" in said.sentence
    people = ["sarah", "tina", "local", "care"]
    cost(here, "time", people=people)
    assert "Still to cost: writing up after the contract" in here.check("bid.costed").sentence
    cost(here, "writing", people=people, days="1")
    assert here.check("bid.costed").sentence == "Each of 4 partners is costed to the end of writing: £2,100."
    assert "2.5 × £150 × 4 people" in here.see("tina", "/bid/costs")
    assert "Access, training and coordination" in here.see("tina", GATE)


def test_that_nothing_is_planned_for_somebody_they_say_themselves(walk) -> None:
    here = begin(walk, members=(SARAH, MARTIN))
    none = {"days": "", "rate": "", "none": "My employer pays for it."}
    assert "Each person alone says" in cost(here, "time", "martin", expect=422, people="sarah", **none)
    cost(here, "time", people="sarah", **none)
    cost(here, "writing", people="sarah", **none)
    assert here.check("bid.costed").outcome == "met"
    here.send("martin", "/bid/cost/for-time", expect=403, remove="yes")


def test_access_training_coordination_and_the_plan_to_reach_people_have_a_line_or_a_reason(walk) -> None:
    here = begin(walk)
    assert "Still to cost: access, training and coordination." in here.check("bid.support").sentence
    cost(here, "access", days="1", rate="£500")
    cost(here, "training")
    cost(here, "coordination", days="", rate="", none="The university pays the coordinator.")
    assert here.check("bid.support").outcome == "met"
    here.send("tina", "/gate/bid.inclusion", plan="We go to the drop-in at the town hall.")
    assert "It has no line in the costing yet." in here.check("bid.inclusion").sentence
    cost(here, "inclusion")
    assert "We go to the drop-in" in here.check("bid.inclusion").sentence


def test_a_rate_comes_from_the_confirmed_card_and_need_not_be_typed(walk) -> None:
    here = begin(walk, "payments")
    assert "A rate of your rate card" not in here.see("sarah", "/bid/costs")
    here.send("care", "/payments/rate/add", **CARD)
    strengthen(here, "martin")
    here.send("martin", "/payments/rate/our-rates", do="approve", number=1)
    assert "A rate of your rate card" in here.see("sarah", "/bid/costs")
    cost(here, "time", people="sarah", rate="", card="0")
    assert "2.5 × £27.50" in here.see("sarah", "/bid/costs")
    both = cost(here, "time", expect=422, people="sarah", card="0")
    assert "Leave the other one empty." in both


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"days": "-1"}, "Half days are fine, such as 2.5."), ({"days": "0"}, "Half days are fine, such as 2.5."),
        ({"days": "2,5"}, "Put a point, not a comma."), ({"days": "1e9"}, "less than ten years"),
        ({"rate": "12,50"}, "Put a point between pounds and pence."), ({"rate": "0"}, "more than nothing"),
        ({"rate": ""}, "Give the days and the rate."), ({"people": ""}, "Say for whom."),
        ({"none": "No money"}, "Leave the other one empty."),
    ],
)  # fmt: skip
def test_a_cost_that_cannot_be_is_refused_in_a_sentence_and_nothing_is_lost(walk, given, said: str) -> None:
    here = begin(walk)
    page = cost(here, "time", expect=422, **{"people": "sarah", "what": "Three panels", **given})
    assert said in page
    assert "Three panels" in page


# --- partners, decisions, help ----------------------------------------------------------------------------------


def test_partners_are_named_before_a_draft_is_fixed(walk) -> None:
    late = person("late", "lived", joined=TODAY + days(5))
    here = begin(walk, members=(MARTIN, late))
    draft = {"what": "First draft", "written_on": TODAY - days(9), "authors": "martin"}
    add(here, "martin", "draft", **draft, fixed_on=TODAY - days(2))
    here.go_to(TODAY + days(6))
    said = here.check("bid.partners_named")
    assert (said.outcome, said.holds) == ("unmet", True)
    assert (
        "“First draft” was fixed on 28 February 2026. Nobody with lived experience was here by then." in said.sentence
    )
    here.send("martin", "/bid/draft/first-draft", **draft)
    assert here.check("bid.partners_named").outcome == "met"
    add(here, "late", "draft", what="Second draft", written_on=TODAY + days(6), authors=["martin", "late"])
    page = here.see("late", "/bid/drafts")
    assert "Drafts that were written with lived experience" in page
    assert "1 of 2" in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fixed_on": TODAY - days(3)}, "A draft cannot be fixed before it is written."),
        ({"fixed_on": TODAY + days(1)}, "is still to come"), ({"written_on": "31 2 2026"}, "must be a real day"),
        ({"link": "the shared drive"}, "must be a web address"), ({"authors": ""}, "Give an answer to"),
    ],
)  # fmt: skip
def test_a_draft_that_cannot_be_is_refused_in_a_sentence(walk, given, said: str) -> None:
    facts = {"what": "First draft", "written_on": TODAY - days(2), "authors": "martin", **given}
    page = add(begin(walk), "martin", "draft", expect=422, **facts)
    assert said in page
    assert "First draft" in page


def test_who_decides_what_is_asked_once_here_or_in_the_ways_of_working(walk) -> None:
    here = begin(walk)
    with here.open():
        switch(organisation="hearth", plugin="ways_of_working", on=False, by=None, today=TODAY)
    assert here.check("bid.decision_map").outcome == "unmet"
    decision = {"what": "The second study", "decider": "The LEAP", "limits": "The call’s sum", "fallback": "Martin"}
    here.send("tina", "/bid/decides/add", **decision)
    assert here.check("bid.decision_map").outcome == "met"


def test_with_ways_of_working_on_nobody_writes_the_decisions_twice(walk) -> None:
    here = begin(walk, "ways_of_working")
    assert here.check("bid.decision_map").outcome == "not_needed"
    activity = {"what": "Study two", "level": "co_produced", "note": "The LEAP leads it.", "led_by": "LEAP"}
    here.send("sarah", "/ways_of_working/activity/add", **activity)
    assert "Study two" in here.see("martin", "/ways_of_working/activity")


def test_help_with_the_cv_and_the_costing_is_offered_to_each_partner(walk) -> None:
    here = begin(walk)
    said = here.check("bid.help", "sarah")
    assert (said.outcome, said.owed_by, said.due_on) == ("unmet", ("martin",), TODAY + days(14))
    assert here.check("bid.help", "care").outcome == "not_needed"
    offer = {"person": "sarah", "forms": ["cv"], "offered_by": "martin", "offered_on": TODAY}
    add(here, "martin", "help", **offer)
    assert here.check("bid.help", "sarah").sentence == "Offer Sarah help with the costing forms."
    add(here, "martin", "help", **{**offer, "forms": ["costing"], "offered_by": "care"})
    assert here.check("bid.help", "sarah").outcome == "met"
    own = add(here, "martin", "help", expect=422, **{**offer, "offered_by": "sarah"})
    assert "Help comes from somebody else." in own


# --- outside the bid --------------------------------------------------------------------------------------------


def test_purpose_presence_process_and_impact_are_a_file_that_an_organisation_puts_in(walk) -> None:
    """S4: an organisation's plugin adds four checks, with no change to core."""
    here = begin(walk, "checklist")
    with here.open():
        given = {"checks": PPPI.read_text("utf-8")}
        change_settings(organisation="hearth", plugin="checklist", given=given, by=None, today=TODAY)
    for one in ("purpose", "presence", "process", "impact"):
        said = here.check(f"checklist.{one}")
        assert (said.outcome, said.holds) == ("unmet", True)
    here.send("tina", "/gate/checklist.purpose", words="To ask the right questions.", agreed="yes")
    assert here.check("checklist.purpose").outcome == "met"


def test_the_pack_has_costs_and_hours_and_nobodys_name(walk) -> None:
    here = begin(walk)
    cost(here, "time", people=["sarah", "tina"], what="Time of Sarah and Tina")
    lose(here, "tina")
    page = here.see("martin", "/evidence")
    assert "£750" in page
    assert "Kettle University" in page
    assert "Tina" not in page.partition("What the bid asks for")[2]


def test_a_project_file_takes_it_all_along(walk) -> None:
    here = begin(walk)
    outside = {"what": "keeping it real", "with_whom": "people with personal budgets"}
    add(here, "sarah", "keeper", person="local", **outside)
    add(here, "local", "heard", what="Ask about forms.", heard_on=TODAY)
    lose(here, "tina")
    lose(here, "tina", "1")
    cost(here, "time", people="sarah", days="", rate="", none="My employer pays for it.")
    with here.open():
        file = export_project(here.project.row)
        assert import_project(file.encode(), today=TODAY, keep_dates=True)["entries"] == 5


def test_after_the_bid_nothing_of_it_is_asked(walk) -> None:
    here = begin(walk, stage="design")
    assert "Keeping it real" not in here.see("martin", GATE)
