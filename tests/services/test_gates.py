"""The gate as people meet it: answer, sign off, let pass together, move on. On SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from govflow.domain.gates.checks import SUBJECT, met
from govflow.domain.gates.gates import NOT_READY, READY, WITHDRAWN
from govflow.domain.refusals import GateHeld, Invalid, Moved, NotAllowed, NotFound, Refused
from govflow.services.gates import evidence, gates
from govflow.services.history.history import history
from govflow.services.people import people, projects
from govflow.store import EventRow, EvidenceRow, SignOffRow, Transition, VisitRow, WaiverRow, db
from tests.support.concurrency import at_once
from tests.support.factories import (
    FOUR,
    NOTHING,
    TEA,
    TODAY,
    a_check,
    a_plugin,
    a_project,
    days,
    install,
    made,
    person,
    rows,
)
from tests.support.topics.gates import PARTNERS, advance, answer, sign


@pytest.mark.core
@pytest.mark.both_engines
def test_held_then_answered_then_signed_off_by_three_kinds_and_a_lead_then_moved(app):
    project = a_project(app, plugins={"kitchen": TEA})
    sign(project)
    with pytest.raises(GateHeld, match="The kettle is not on yet"):
        advance(project)
    answer(project)
    assert advance(project) == ("bid", "design")
    assert project.row.stage == "design"
    assert [(one.stage, one.left) for one in rows(VisitRow)] == [("bid", TODAY), ("design", None)]


def test_a_met_check_alone_opens_no_gate(app):
    project = a_project(app, plugins={"kitchen": TEA})
    answer(project)
    with pytest.raises(GateHeld, match="Still to sign off"):
        advance(project)
    assert project.row.stage == "bid"


@pytest.mark.core
def test_a_lead_alone_can_not_open_a_gate(app):
    project = a_project(app, plugins={"kitchen": NOTHING})
    sign(project, "lead-1")
    with pytest.raises(GateHeld) as held:
        advance(project)
    assert held.value.holding == ["Still to sign off: lived experience, practice experience and research experience."]


@pytest.mark.core
@pytest.mark.parametrize("role", ["member", "coordinator", "finance", "observer"])
def test_only_a_lead_moves_a_project_even_through_an_open_gate(app, role):
    other = person("other", role=role)
    project = a_project(app, plugins={"kitchen": NOTHING}, members=[*FOUR, other])
    sign(project)
    assert project.gate().open
    with pytest.raises(NotAllowed):
        advance(project, "other")
    assert project.row.stage == "bid"


def test_somebody_from_another_project_can_do_nothing_here(app):
    project = a_project(app, plugins={"kitchen": TEA})
    foreign = a_project(app, slug="other", members=[person("stranger", "lived", role="lead")]).by("stranger")
    for act in (
        lambda: gates.advance(project.id, by=foreign, today=TODAY),
        lambda: gates.sign_off(project.id, by=foreign, today=TODAY),
        lambda: gates.go_back(project.id, stage="bid", why="x", by=foreign, today=TODAY),
        lambda: evidence.answer(
            project.id, check_id="kitchen.tea", subject=None, given={"done": "yes"}, by=foreign, today=TODAY
        ),
        lambda: gates.propose_waiver(
            project.id, check_id="kitchen.tea", subject=None, reason="x", until=TODAY, by=foreign, today=TODAY
        ),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert rows(EvidenceRow) == rows(SignOffRow) == rows(WaiverRow) == []


@pytest.mark.core
def test_a_broken_check_holds_the_gate(app):
    def judge(case):
        raise SystemExit("bye")

    project = a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(judge=judge)])})
    sign(project)
    with pytest.raises(GateHeld, match="could not be worked out"):
        advance(project)
    assert project.finding("kitchen.tea").outcome == "broken"


@pytest.mark.core
def test_a_check_that_breaks_on_one_member_leaves_the_others_judged(app):
    from govflow.domain.gates.checks import MEMBER

    def judge(case):
        return met("Fine.") if case.subject.key != "lived-1" else 1 / 0

    project = a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(judge=judge, about=MEMBER)])})
    outcomes = {one.subject: one.outcome for one in project.gate().findings}
    assert outcomes == {"lead-1": "met", "lived-1": "broken", "practice-1": "met", "research-1": "met"}


@pytest.mark.core
def test_a_judge_that_answers_with_a_wrong_shape_breaks_its_check_and_not_the_project(app):
    from govflow.domain.gates.checks import Judgement

    odd = a_check(judge=lambda case: Judgement(outcome="unmet", sentence="x", owed_by="lead-1", lines=["x"]))
    project = a_project(app, plugins={"kitchen": a_plugin(checks=[odd])})
    assert project.finding("kitchen.tea").outcome == "broken"


@pytest.mark.core
def test_a_plugin_that_vanishes_holds_the_gate_and_nothing_it_stored_is_lost(app):
    project = a_project(app, plugins={"kitchen": TEA})
    answer(project)
    sign(project)
    install(app, {})
    with pytest.raises(GateHeld, match="Plugin missing: “kitchen”"):
        advance(project)
    install(app, {"kitchen": TEA})
    assert advance(project) == ("bid", "design")
    assert len(rows(EvidenceRow)) == 1


@pytest.mark.core
def test_a_plugin_that_cannot_be_loaded_holds_the_gate(app, caplog):
    project = a_project(app, plugins={"kitchen": NOTHING})
    sign(project)
    install(app, {"kitchen": a_plugin(checks=["not a check"])})
    with pytest.raises(GateHeld, match="“kitchen” could not be loaded"):
        advance(project)


def test_advice_never_holds_the_gate(app):
    advice = a_check(holds_in=("dissemination",))
    project = a_project(app, plugins={"kitchen": a_plugin(checks=[advice])})
    sign(project)
    assert project.finding("kitchen.tea").outcome == "unmet"
    assert advance(project) == ("bid", "design")


def test_what_was_answered_in_the_last_stage_does_not_answer_for_this_one_unless_it_lasts(app):
    lasting = a_check("milk", lasts="always")
    project = a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(), lasting])})
    answer(project)
    answer(project, check="kitchen.milk")
    sign(project)
    advance(project)
    assert project.finding("kitchen.tea").outcome == "unmet"
    assert project.finding("kitchen.milk").outcome == "met"
    assert project.gate().missing == ("lived", "practice", "research", "lead")


@pytest.mark.core
def test_after_the_last_stage_a_project_closes_and_nothing_in_it_changes_any_more(app):
    project = a_project(app, stage="dissemination", plugins={"kitchen": NOTHING})
    sign(project)
    assert advance(project) == ("dissemination", "closed")
    assert project.row.state == "closed"
    for act in (
        lambda: sign(project, "lived-1"),
        lambda: advance(project),
        lambda: projects.pause(project.id, why="x", by=project.by("lead-1"), today=TODAY),
    ):
        with pytest.raises(Refused):
            act()
    assert [one.to_visit for one in rows(Transition)] == [None]


# --- sign-offs --------------------------------------------------------------------------------------------


def test_the_latest_word_of_a_member_counts_and_every_word_is_kept(app):
    project = a_project(app, plugins={"kitchen": NOTHING})
    sign(project)
    gates.take_back(project.id, by=project.by("lived-1"), today=TODAY)
    assert project.gate().missing == ("lived",)
    sign(project, "lived-1")
    assert project.gate().open
    assert [one.verdict for one in rows(SignOffRow, member_id=project.member("lived-1").id)] == [
        READY,
        WITHDRAWN,
        READY,
    ]


def test_signing_off_twice_writes_it_once(app):
    project = a_project(app, plugins={"kitchen": NOTHING})
    sign(project, "lived-1", "lived-1")
    assert len(rows(SignOffRow)) == 1


@pytest.mark.core
def test_not_ready_holds_the_gate_until_a_lead_answers_in_writing(app):
    lived_2 = person("lived-2", "lived")
    project = a_project(app, plugins={"kitchen": NOTHING}, members=[*FOUR, lived_2])
    sign(project)
    gates.say_not_ready(project.id, words="I have not read it.", by=project.by("lived-2"), today=TODAY)
    with pytest.raises(GateHeld, match="Lived 2 said “not ready”, and a lead has not answered yet"):
        advance(project)
    with pytest.raises(NotAllowed):
        gates.reply_to(project.id, member="lived-2", words="Oh well.", by=project.by("practice-1"), today=TODAY)
    with pytest.raises(Invalid):
        gates.reply_to(project.id, member="lived-2", words="  ", by=project.by("lead-1"), today=TODAY)
    gates.reply_to(project.id, member="lived-2", words="We will read it to you.", by=project.by("lead-1"), today=TODAY)
    advance(project)
    said = {one["member"]: one for one in rows(Transition)[0].record["sign_offs"]}["lived-2"]
    assert (said["verdict"], said["words"], said["reply"]) == (
        NOT_READY,
        "I have not read it.",
        "We will read it to you.",
    )


def test_not_ready_needs_words_and_a_new_one_a_new_answer(app):
    project = a_project(app, plugins={"kitchen": NOTHING})
    by = project.by("lived-1")
    with pytest.raises(Invalid):
        gates.say_not_ready(project.id, words=" \n ", by=by, today=TODAY)
    gates.say_not_ready(project.id, words="No.", by=by, today=TODAY)
    gates.reply_to(project.id, member="lived-1", words="Why?", by=project.by("lead-1"), today=TODAY)
    gates.say_not_ready(project.id, words="Still no.", by=by, today=TODAY)
    assert project.gate().unanswered == ("Lived 1",)


def test_nobody_can_be_answered_who_did_not_say_not_ready(app):
    project = a_project(app, plugins={"kitchen": NOTHING})
    sign(project, "lived-1")
    with pytest.raises(NotFound):
        gates.reply_to(project.id, member="lived-1", words="Thanks.", by=project.by("lead-1"), today=TODAY)


def test_a_sign_off_meant_for_a_stay_that_has_ended_is_refused(app):
    project = a_project(app, plugins={"kitchen": NOTHING})
    sign(project)
    advance(project)
    with pytest.raises(Moved):
        gates.sign_off(project.id, by=project.by("lived-1"), today=TODAY, visit=1)
    with pytest.raises(Moved):
        advance(project, visit=1)


def test_removing_whoever_said_not_ready_does_not_spare_a_lead_the_answer(app):
    others = [person("lived-2", "lived"), person("coord-1", "practice", role="coordinator")]
    project = a_project(app, plugins={"kitchen": NOTHING}, members=[*FOUR, *others])
    by = {key: project.by(key) for key in ("lead-1", "lived-1", "coord-1")}
    gates.say_not_ready(project.id, words="Nobody asked us.", by=by["lived-1"], today=TODAY)
    people.remove(project.id, member="lived-1", by=by["coord-1"], today=TODAY)
    sign(project, "lead-1", "lived-2", "practice-1", "research-1")
    with pytest.raises(GateHeld, match="Lived 1 said “not ready”"):
        advance(project)
    db.session.rollback()
    gates.reply_to(project.id, member="lived-1", words="You are right. We ask now.", by=by["lead-1"], today=TODAY)
    assert advance(project) == ("bid", "design")
    assert rows(Transition)[0].record["sign_offs"][0]["reply"] == "You are right. We ask now."


def test_whoever_leaves_by_themself_leaves_no_question_behind(app):
    project = a_project(app, plugins={"kitchen": NOTHING}, members=[*FOUR, person("lived-2", "lived")])
    gates.say_not_ready(project.id, words="No.", by=project.by("lived-1"), today=TODAY)
    people.leave(project.id, by=project.by("lived-1"), today=TODAY)
    sign(project, "lead-1", "lived-2", "practice-1", "research-1")
    assert advance(project) == ("bid", "design")


def test_an_answer_to_earlier_words_does_not_answer_later_ones(app):
    """A lead's page was open while somebody said more. What they said last still waits for an answer."""
    project = a_project(app, plugins={"kitchen": NOTHING})
    lived, lead = project.by("lived-1"), project.by("lead-1")
    gates.say_not_ready(project.id, words="The date is wrong.", by=lived, today=TODAY)
    seen = rows(SignOffRow)[-1].id
    gates.say_not_ready(project.id, words="And nobody is paid.", by=lived, today=TODAY)
    with pytest.raises(Moved, match="said something else"):
        gates.reply_to(project.id, member="lived-1", words="It is mended.", by=lead, today=TODAY, said=seen)
    db.session.rollback()
    assert project.gate().unanswered == ("Lived 1",)
    gates.reply_to(project.id, member="lived-1", words="Both.", by=lead, today=TODAY, said=rows(SignOffRow)[-1].id)
    assert project.gate().unanswered == ()


# --- moving -----------------------------------------------------------------------------------------------


@pytest.mark.core
def test_going_back_gives_a_new_visit_with_a_reason_and_history_keeps_both(app):
    project = a_project(app, plugins={"kitchen": TEA})
    answer(project)
    sign(project)
    advance(project)
    assert gates.go_back(
        project.id, stage="bid", why="The question was wrong.", by=project.by("lead-1"), today=TODAY + days(3)
    ) == (
        "design",
        "bid",
    )
    assert [(v.number, v.stage, v.entered, v.left, v.why) for v in rows(VisitRow)] == [
        (1, "bid", rows(VisitRow)[0].entered, TODAY, ""),
        (2, "design", TODAY, TODAY + days(3), ""),
        (3, "bid", TODAY + days(3), None, "The question was wrong."),
    ]
    assert [(t.kind, t.from_visit, t.to_visit, t.why) for t in rows(Transition)] == [
        ("advance", 1, 2, ""),
        ("back", 2, 3, "The question was wrong."),
    ]
    assert project.finding("kitchen.tea", today=TODAY + days(3)).outcome == "unmet"
    assert set(project.gate(TODAY + days(3)).missing) == {"lived", "practice", "research", "lead"}


def test_going_back_needs_a_lead_an_earlier_stage_and_a_reason(app):
    project = a_project(app, stage="design", plugins={"kitchen": NOTHING})
    for stage, why in (("design", "x"), ("trial", "x"), ("nowhere", "x"), ("bid", " ")):
        with pytest.raises(Invalid):
            gates.go_back(project.id, stage=stage, why=why, by=project.by("lead-1"), today=TODAY)
    with pytest.raises(NotAllowed):
        gates.go_back(project.id, stage="bid", why="x", by=project.by("lived-1"), today=TODAY)
    db.session.rollback()
    assert len(rows(VisitRow)) == 1


@pytest.mark.core
def test_the_record_of_a_move_holds_every_finding_and_sign_off_of_that_moment_and_never_changes(app):
    advice = a_check("milk", holds_in=())
    project = a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(), advice])})
    answer(project)
    sign(project)
    advance(project)
    record = rows(Transition)[0].record
    assert {(one["check"], one["outcome"], one["holds"]) for one in record["findings"]} == {
        ("kitchen.tea", "met", True),
        ("kitchen.milk", "unmet", False),
    }
    assert {one["member"]: one["for"] for one in record["sign_offs"]} == {
        "lead-1": ["lead"],
        "lived-1": ["lived"],
        "practice-1": ["practice"],
        "research-1": ["research"],
    }
    assert record["open"] is True
    assert record["missing"] == []
    db.session.commit()
    install(app, {})
    from govflow.services.people.people import change_self

    change_self(project.id, title="Dr", expertise=["practice"], by=project.by("lived-1"), today=TODAY)
    assert rows(Transition)[0].record == record


def test_everything_that_was_done_is_told_in_the_history(app):
    project = a_project(app, plugins={"kitchen": TEA})
    answer(project)
    sign(project)
    advance(project)
    told = [one.words for one in history(project.id)[0]]
    assert told[0] == "Lead 1 moved the project from Bid to Design."
    assert "Lived 1 answered “Put the kettle on”." in told
    assert "Practice 1 signed off: ready." in told


def test_what_the_operator_does_for_somebody_is_recorded_as_such(app):
    project = a_project(app, plugins={"kitchen": TEA})
    evidence.answer(
        project.id,
        check_id="kitchen.tea",
        subject=None,
        given={"done": "yes"},
        by=project.by("lived-1", operator=True),
        today=TODAY,
    )
    assert rows(EvidenceRow)[0].by_operator is True
    assert rows(EventRow, verb="evidence.given")[0].by_operator is True


def test_the_gate_on_a_past_day_leaves_out_what_came_later(app):
    project = a_project(app, plugins={"kitchen": TEA})
    answer(project)
    sign(project)
    assert project.gate().open
    yesterday = project.gate(TODAY - days(1))
    assert [one.outcome for one in yesterday.findings] == ["unmet"]
    assert yesterday.signed == ()
    with pytest.raises(Invalid, match="had not begun"):
        project.gate(TODAY - days(1_000))


def test_the_gate_on_a_past_day_stands_at_the_stage_of_that_day(app):
    project = a_project(app, plugins={"kitchen": NOTHING})
    sign(project)
    advance(project)
    from govflow.services.gates.reports import gate_report

    assert gate_report(project.row, today=TODAY - days(1))["stage"] == "bid"
    assert gate_report(project.row, today=TODAY)["stage"] == "design"


# --- at once ----------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_fifty_advances_at_once_give_exactly_one_move(app):
    project = a_project(app, plugins={"kitchen": NOTHING})
    sign(project)
    by = project.by("lead-1")
    answers = at_once(app, 50, lambda index: gates.advance(project.id, by=by, today=TODAY))
    assert answers.count(("bid", "design")) == 1
    others = [one for one in answers if one != ("bid", "design")]
    assert {type(one) for one in others} <= {GateHeld, Moved}, {repr(one)[:200] for one in others}
    assert len(rows(Transition)) == 1
    assert [one.stage for one in rows(VisitRow)] == ["bid", "design"]
    assert project.row.stage == "design"


@pytest.mark.both_engines
def test_an_answer_that_opens_and_one_that_shuts_the_gate_at_once_with_advances_leave_a_true_record(app):
    project = a_project(app, plugins={"kitchen": TEA})
    answer(project)
    sign(project)
    by = {key: project.by(key) for key in PARTNERS}

    def act(index):
        if index % 2:
            return gates.advance(project.id, by=by["lead-1"], today=TODAY, visit=1)
        given = {"done": "no"}
        return evidence.answer(
            project.id, check_id="kitchen.tea", subject=None, given=given, by=by["lived-1"], today=TODAY
        )

    answers = at_once(app, 10, act)
    assert {type(one) for one in answers if isinstance(one, Exception)} <= {GateHeld, Moved}, answers
    moved = rows(Transition)
    assert len(moved) <= 1
    for one in moved:
        assert one.record["open"] is True
        assert {finding["outcome"] for finding in one.record["findings"]} == {"met"}
    kept = [row.visit for row in rows(EvidenceRow)]
    assert kept == sorted(kept)


@pytest.mark.both_engines
def test_ten_people_signing_off_at_once_are_all_heard(app):
    members = [person("lead-1", role="lead"), *[person(f"lived-{n}", "lived") for n in range(9)]]
    project = a_project(app, plugins={"kitchen": NOTHING}, members=members)
    by = [project.by(one["key"]) for one in members]
    assert at_once(app, 10, lambda index: gates.sign_off(project.id, by=by[index], today=TODAY)) == [None] * 10
    assert len(rows(SignOffRow)) == 10
    assert project.gate().open


def test_a_member_answers_only_for_themselves_where_the_check_is_theirs(app):
    from govflow.domain.gates.checks import MEMBER

    own = a_check(about=MEMBER, answered_by=SUBJECT)
    project = a_project(app, plugins={"kitchen": a_plugin(checks=[own])})
    with pytest.raises(NotAllowed, match="Only Lived 1 can answer"):
        answer(project, "lead-1", subject="lived-1")
    answer(project, "lived-1", subject="lived-1")
    assert project.finding("kitchen.tea", "lived-1").outcome == "met"


def test_a_project_keeps_the_same_facts_when_it_is_found_again(app):
    project = a_project(app, plugins={"kitchen": TEA})
    assert made(project.slug) == project
    with pytest.raises(NotFound):
        projects.find_project("nowhere")
