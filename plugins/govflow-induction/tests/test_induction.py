"""Everyone who joins is welcomed, and it is the joiner who says so."""

from datetime import date, timedelta

import govflow_induction
import pytest
from govflow_induction import Settings, register_checks

from govflow.plugin import ALWAYS, INVITER, MEMBER, SUBJECT
from govflow.plugin.testing import TODAY, judged, make_case, make_member

(WELCOMED,) = register_checks()
JOINER = make_member("lived-1", name="Grace Kettle", joined=date(2026, 2, 20), invited_by="lead-1")


def case(**facts):
    return make_case(**{"subject": JOINER, "config": Settings(), "by": "lived-1", **facts})


def test_it_is_about_each_member_in_every_stage_and_only_the_member_answers():
    assert (WELCOMED.about, WELCOMED.answered_by, WELCOMED.lasts) == (MEMBER, SUBJECT, ALWAYS)
    assert set(WELCOMED.stages) == set(WELCOMED.holds_in) == {"bid", "design", "trial", "dissemination"}


def test_reminders_go_to_whoever_asked_the_joiner_in_and_never_to_the_joiner():
    assert WELCOMED.owed_by is INVITER


def test_nobody_is_settled_in_until_they_say_so():
    said = judged(WELCOMED, case())
    assert said.outcome == "unmet"
    assert said.sentence == "Grace Kettle joined on 20 February 2026 and has not yet said that they are settled in."


def test_a_joiner_who_says_no_is_not_settled_in_however_much_else_they_answered():
    assert judged(WELCOMED, case(answers={"agreed": False, "principles": True, "hopes": "Tea"})).outcome == "unmet"


def test_a_joiner_who_says_yes_is():
    said = judged(WELCOMED, case(answers={"agreed": True}, on=TODAY))
    assert (said.outcome, said.sentence) == ("met", "Grace Kettle said on 2 March 2026 that they are settled in.")


@pytest.mark.parametrize("number", [14, 30])
def test_it_is_due_so_many_days_after_joining_as_the_organisation_sets_it(number):
    said = judged(WELCOMED, case(config=Settings(days_to_settle_in=number)))
    assert (said.due.anchor, said.due.days) == ("joining", number)


def test_the_answer_does_not_change_by_itself_for_four_hundred_days():
    for answers in (None, {"agreed": True}):
        outcomes = {
            judged(WELCOMED, case(answers=answers, today=TODAY + timedelta(days=n), on=TODAY)).outcome
            for n in range(400)
        }
        assert len(outcomes) == 1


def test_it_asks_what_the_welcome_of_partners2_lacked_and_requires_only_the_joiner_s_word():
    questions = {one.name: one for one in WELCOMED.questions}
    assert {
        "principles",
        "ways_of_working",
        "decisions",
        "own_title",
        "hopes",
        "contact",
        "how_to_stop",
        "credit",
    } <= set(questions)
    assert [one.name for one in questions.values() if one.required] == ["agreed"]
    assert questions["agreed"].kind == "yes_no"
    assert questions["contact"].kind == "person"


def test_hopes_and_credit_are_read_back_by_their_giver_alone():
    assert {one.name for one in WELCOMED.questions if one.private} >= {"hopes", "credit"}


def test_it_gives_the_inductions_so_that_nobody_is_asked_twice():
    assert "inductions" in WELCOMED.gives
    assert govflow_induction.register_config() is Settings
