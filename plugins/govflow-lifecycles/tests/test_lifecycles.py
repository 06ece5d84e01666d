"""The other lifecycles, and the review of a standing group."""

from datetime import date

import govflow_lifecycles

from govflow.plugin.testing import assert_plugin_conforms, judged, make_case

LIFECYCLES = {one.slug: one for one in govflow_lifecycles.register_lifecycles()}


def test_it_keeps_the_promises_of_the_door():
    assert_plugin_conforms(govflow_lifecycles)


def test_service_design_has_no_trial():
    assert "trial" not in {stage.like for stage in LIFECYCLES["service_design"].stages}


def test_a_curriculum_goes_from_idea_to_evaluation():
    slugs = [stage.slug for stage in LIFECYCLES["curriculum_development"].stages]
    assert slugs == ["idea", "design", "delivery", "evaluation"]


def test_a_year_of_advice_is_followed_by_another():
    group = LIFECYCLES["advisory_group"]
    assert group.after("setting_up").slug == "year"
    assert group.after("year").slug == "year"


def test_the_group_looks_back_before_its_next_year():
    (check,) = govflow_lifecycles.register_checks()
    case = make_case(stage="year", lifecycle=LIFECYCLES["advisory_group"], today=date(2026, 5, 3))
    assert "has still to look back" in judged(check, case).sentence
    answers = {"did": "We met six times.", "came_of_it": "The form is shorter.", "goes_on": "yes"}
    case = make_case(stage="year", lifecycle=LIFECYCLES["advisory_group"], today=date(2026, 5, 3), answers=answers)
    assert judged(check, case).sentence == "The group looked back on its year on 3 May 2026."
