"""Asked, talked about, actions owned; and never a score."""

from datetime import date, timedelta

import pytest
from govflow_stress_test import CONTENT, EVIDENCE, KINDS, POLL, PRINCIPLES, REQUIRED, register_checks, register_polls

from govflow.plugin import Round
from govflow.plugin.testing import TODAY, judged, make_case, make_member

TALKED, EVIDENCED, WHAT_WE_ARE = register_checks()
(ASKED,) = register_polls()
SIX = tuple(make_member(f"p-{n}", role="lead" if not n else "member") for n in range(6))
STAGES = ("bid", "design", "trial", "dissemination")


def a_round(closed=True, visit=1, **facts):
    facts = {
        "opened": TODAY - timedelta(days=14),
        "closes": TODAY,
        "asked": 6,
        "closed": TODAY - timedelta(days=2) if closed else None,
        **facts,
    }
    return Round(visit=visit, **facts)


def talked(rounds=(), people=SIX, **answers):
    return judged(TALKED, make_case(members=people, polls={POLL: rounds}, answers=answers, by="p-0"))


ALL = {"talked_on": date(2026, 3, 1), "actions": "Shorter meetings.", "owner": "p-1"}


def test_everyone_is_to_be_asked_first():
    assert talked().sentence == "Everyone is still to be asked how working together is going."
    assert talked([a_round(closed=False)]).sentence.startswith("Everyone is being asked until 2 March 2026.")
    assert talked(**ALL).outcome == "unmet"


def test_then_it_is_talked_about_and_somebody_looks_after_what_follows():
    assert "still has to talk" in talked([a_round()]).sentence
    for missing in ("actions", "owner"):
        said = talked([a_round()], **{name: value for name, value in ALL.items() if name != missing})
        assert (said.outcome, "who looks after" in said.sentence) == ("unmet", True)
    said = talked([a_round()], **ALL)
    assert (said.outcome, said.sentence) == (
        "met",
        "Asked, and talked about on 1 March 2026. P 1 looks after the actions.",
    )


def test_a_talk_that_is_still_to_come_or_was_before_the_asking_does_not_count():
    assert "still to come" in talked([a_round()], **{**ALL, "talked_on": TODAY + timedelta(days=1)}).sentence
    assert "was before" in talked([a_round()], **{**ALL, "talked_on": TODAY - timedelta(days=3)}).sentence
    on_paper = {**ALL, "asked_on": TODAY, "talked_on": TODAY - timedelta(days=1)}
    assert "was before" in talked(**on_paper).sentence
    assert "still to be asked" in talked(**{**ALL, "asked_on": TODAY + timedelta(days=1)}).sentence


def test_asking_in_another_visit_is_not_asking_in_this_one():
    assert talked([a_round(visit=2)], **ALL).outcome == "unmet"


def test_asking_on_paper_or_in_a_group_too_small_to_poll_counts_too():
    assert talked(asked_on=date(2026, 2, 1), **ALL).outcome == "met"
    assert talked(people=SIX[:4], **ALL).outcome == "met"
    watchers = tuple(make_member(f"w-{n}", role="observer") for n in range(3))
    assert talked(people=(*SIX[:4], *watchers), **ALL).outcome == "met"
    assert talked(people=SIX[:5], **ALL).outcome == "unmet"


@pytest.mark.parametrize("point", list(ASKED.answers))
def test_the_answers_themselves_never_hold_the_gate(point):
    counts = {statement.id: {point: 6} for statement in ASKED.statements}
    assert talked([a_round(answered=6, counts=counts)], **ALL) == talked([a_round()], **ALL)


@pytest.mark.parametrize("stage", STAGES)
def test_each_stage_asks_statements_and_some_of_each_principle_over_the_project(stage):
    asked = ASKED.asked_in(stage)
    assert asked
    assert {one.group for one in ASKED.statements} == {one["title"] for one in PRINCIPLES} | {
        "All in all",
        "In your own words",
    }


def evidenced(stage="bid", given=(), **answers):
    return judged(EVIDENCED, make_case(stage=stage, given=given, answers=answers))


def wanted(stage, given=()):
    return [one.name for one in EVIDENCE if one.name in REQUIRED and one.asked_in(stage, given)]


@pytest.mark.parametrize("stage", STAGES)
def test_every_required_piece_of_the_stage_is_wanted_and_no_other(stage):
    names = wanted(stage)
    assert names
    assert evidenced(stage).outcome == "unmet"
    assert evidenced(stage, **dict.fromkeys(names, "Told by phone.")).outcome == "met"
    for left_out in names:
        said = evidenced(stage, **{name: "Yes." for name in names if name != left_out})
        assert (said.outcome, left_out.replace("-", " ") in said.sentence) == ("unmet", True)


def test_what_another_check_gives_is_not_wanted_again():
    stage, item = next((s, n) for s in STAGES for n in wanted(s) if len(wanted(s)) > 1)
    rest = [name for name in wanted(stage) if name != item]
    assert evidenced(stage, **dict.fromkeys(rest, "Yes.")).outcome == "unmet"
    assert evidenced(stage, [item], **dict.fromkeys(rest, "Yes.")).outcome == "met"


def test_induction_gives_an_item_that_is_asked_for_here():
    assert "inductions" in {one["id"] for principle in CONTENT["principle"] for one in principle["evidence"]}


@pytest.mark.parametrize("kind", KINDS)
def test_the_group_says_what_its_project_is_with_a_reason_and_every_answer_is_good(kind):
    said = judged(WHAT_WE_ARE, make_case(answers={"kind": kind, "reason": "We decide together."}))
    assert (said.outcome, said.sentence) == ("met", f"{KINDS[kind]}: “We decide together.”")
    assert judged(WHAT_WE_ARE, make_case()).outcome == "met"
    assert WHAT_WE_ARE.holds_in == ()


def test_no_answer_changes_by_itself_for_four_hundred_days():
    for check in (TALKED, EVIDENCED, WHAT_WE_ARE):
        days = (TODAY + timedelta(days=n) for n in range(400))
        assert (
            len(
                {
                    judged(check, make_case(today=day, entered=TODAY, members=SIX, polls={POLL: []})).outcome
                    for day in days
                }
            )
            == 1
        )


def test_there_are_five_principles_and_each_asks_something():
    assert len(PRINCIPLES) == 5
    assert all(principle["question"] and principle["evidence"] for principle in PRINCIPLES)
    assert {check.holds_in for check in (TALKED, EVIDENCED)} == {STAGES}
