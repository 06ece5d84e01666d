"""Answers: added and never changed, taken only from those a check lets answer, private ones read by their giver."""

from __future__ import annotations

import pytest

from govflow.domain.gates.checks import ALWAYS, EVERY_MEMBER, FINANCE, LEAD, MEMBER, SUBJECT, met, role, unmet
from govflow.domain.questions import Question
from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates import evidence
from govflow.services.plugins.plugins import switch
from govflow.store import EventRow, EvidenceRow, db
from tests.support.factories import FOUR, TEA, TODAY, a_check, a_plugin, a_project, days, dump, person, rows


def answer(project, key="lived-1", given=None, *, check="kitchen.tea", subject=None, **more):
    given = {"done": "yes"} if given is None else given
    evidence.answer(project.id, check_id=check, subject=subject, given=given, by=project.by(key), today=TODAY, **more)


def kitchen(*checks):
    return {"kitchen": a_plugin(checks=list(checks))}


@pytest.mark.core
@pytest.mark.both_engines
def test_answers_are_added_and_the_latest_wins(app):
    project = a_project(app, plugins={"kitchen": TEA})
    answer(project, given={"done": "no"})
    first = [(one.id, dict(one.answers), one.at) for one in rows(EvidenceRow)]
    answer(project, "practice-1")
    assert [(one.id, one.answers, one.at) for one in rows(EvidenceRow)][:1] == first
    assert [one.answers for one in rows(EvidenceRow)] == [{"done": False}, {"done": True}]
    assert project.finding("kitchen.tea").outcome == "met"


def test_an_answer_keeps_who_when_and_in_which_visit(app):
    project = a_project(app, plugins={"kitchen": TEA})
    answer(project)
    row = rows(EvidenceRow)[0]
    assert (row.member_id, row.on, row.visit, row.by_operator) == (project.member("lived-1").id, TODAY, 1, False)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        (LEAD, {"lead-1"}),
        (EVERY_MEMBER, {"lead-1", "lived-1", "practice-1", "research-1", "money"}),
        (FINANCE, {"money"}),
        (role("coordinator"), {"lead-1"}),
        (SUBJECT, set()),
    ],
    ids=["a lead", "every member", "finance", "coordinator falls to lead", "subject of a project"],
)
def test_only_those_a_check_lets_answer_may_and_the_rest_are_refused_with_nothing_written(app, who, may):
    members = [*FOUR, person("money", role="finance"), person("watcher", "lived", role="observer")]
    project = a_project(app, plugins=kitchen(a_check(answered_by=who)), members=members)
    for key in (one["key"] for one in members):
        if key in may:
            answer(project, key)
            continue
        with pytest.raises(NotAllowed):
            answer(project, key)
        db.session.rollback()
    assert len(rows(EvidenceRow)) == len(may)


def test_the_subject_alone_answers_about_themselves_also_through_the_operator(app):
    project = a_project(app, plugins=kitchen(a_check(about=MEMBER, answered_by=SUBJECT)))
    with pytest.raises(NotAllowed, match="Only Lived 1 can answer “Put the kettle on”"):
        evidence.answer(
            project.id,
            check_id="kitchen.tea",
            subject="lived-1",
            given={"done": "yes"},
            today=TODAY,
            by=project.by("lead-1", operator=True),
        )
    answer(project, subject="lived-1")
    assert [one.subject for one in rows(EvidenceRow)] == ["lived-1"]


def test_somebody_who_left_answers_nothing_any_more(app):
    members = [*FOUR, person("gone", "lived", left=TODAY)]
    project = a_project(app, plugins={"kitchen": TEA}, members=members)
    with pytest.raises(NotAllowed, match="not in this project"):
        answer(project, "gone")


@pytest.mark.parametrize(
    ("check", "subject", "why"),
    [
        ("kitchen.cake", None, "There is no check “kitchen.cake”"),
        ("pantry.tea", None, "There is no check"),
        ("", None, "no check"),
        ("kitchen.tea", "lived-1", "leave out whom"),
        ("kitchen.own", None, "about a member"),
        ("kitchen.own", "watcher", "about a member"),
        ("kitchen.own", "nobody", "about a member"),
        ("kitchen.later", None, "not asked in the stage Bid"),
        ("off.tea", None, "is off in this project"),
    ],
)
def test_what_is_not_asked_here_is_refused_by_name(app, check, subject, why):
    checks = [a_check(), a_check("own", about=MEMBER), a_check("later", stages=("trial",))]
    project = a_project(
        app, plugins={**kitchen(*checks), "off": TEA}, members=[*FOUR, person("watcher", role="observer")]
    )
    switch(organisation="hearth", plugin="off", on=False, by=None, today=TODAY)
    with pytest.raises((Invalid, NotFound), match=why):
        answer(project, check=check, subject=subject)
    assert rows(EvidenceRow) == []


@pytest.mark.parametrize(
    "given", [{}, {"done": ""}, {"done": "perhaps"}, {"other": "x"}, {"done": "yes", "other": "x"}]
)
def test_a_form_that_cannot_be_read_keeps_nothing(app, given):
    project = a_project(app, plugins={"kitchen": TEA})
    with pytest.raises(Invalid):
        answer(project, given=given)
    db.session.rollback()
    assert rows(EvidenceRow) == []
    assert [one.verb for one in rows(EventRow) if one.verb == "evidence.given"] == []


TWO = (
    Question(name="done", label="Is it on?", kind="yes_no"),
    Question(name="words", label="In your words", kind="long_text", private=True),
)


def so_far(project, reader, *, check="kitchen.tea", subject=None):
    snapshot = load_snapshot(project.row, today=TODAY)
    return evidence.answers_so_far(snapshot, check, evidence.check_asked(snapshot, check), subject, reader=reader)


@pytest.mark.core
def test_a_private_answer_is_read_back_by_its_giver_and_by_nobody_else(app):
    project = a_project(app, plugins=kitchen(a_check(questions=TWO)))
    answer(project, given={"done": "no", "words": "I cannot lift it."})
    assert so_far(project, "lived-1") == {"done": False, "words": "I cannot lift it."}
    for reader in ("lead-1", "practice-1", None):
        assert so_far(project, reader) == {"done": False}


def test_a_private_answer_stands_in_no_history_no_finding_and_no_refusal(app):
    project = a_project(app, plugins=kitchen(a_check(questions=TWO)))
    answer(project, given={"done": "no", "words": "I cannot lift it."})
    told = dump()
    assert told.count("I cannot lift it.") == 1  # the row it is kept in, and nothing else


def test_an_answer_on_the_command_line_keeps_what_was_answered_before(app):
    project = a_project(app, plugins=kitchen(a_check(questions=TWO)))
    answer(project, given={"words": "Heavy."})
    answer(project, given={"done": "yes"}, whole_form=False)
    assert rows(EvidenceRow)[-1].answers == {"done": True, "words": "Heavy."}
    answer(project, given={"done": "yes"})
    assert rows(EvidenceRow)[-1].answers == {"done": True}


def test_an_item_another_switched_on_check_gives_is_not_asked_again(app):
    asks = a_check(questions=(Question(name="inductions", label="Inductions", unless_given="inductions"), *TWO))
    plugins = {**kitchen(asks), "welcome": a_plugin(checks=[a_check(gives=("inductions",))])}
    project = a_project(app, plugins=plugins)
    with pytest.raises(Invalid, match="no question “inductions”"):
        answer(project, given={"inductions": "Yes."})
    switch(organisation="hearth", plugin="welcome", on=False, by=None, today=TODAY)
    answer(project, given={"inductions": "Yes."})


def test_an_answer_names_only_people_who_are_here_now(app):
    asks = a_check(questions=(Question(name="who", label="Who", kind="person"),))
    project = a_project(app, plugins=kitchen(asks), members=[*FOUR, person("gone", left=TODAY - days(1))])
    with pytest.raises(Invalid, match="no “gone”"):
        answer(project, given={"who": "gone"})
    answer(project, given={"who": "practice-1"})


def test_what_lasts_for_ever_is_answered_once_and_a_judge_sees_what_each_person_said(app):
    def judge(case):
        said = {key: one["done"] for key, one in case.evidence.each.items()}
        return met("Both.") if said == {"lived-1": True, "practice-1": False} else unmet(f"Only {sorted(said)}.")

    project = a_project(app, plugins=kitchen(a_check(judge=judge, lasts=ALWAYS)))
    answer(project)
    answer(project, "practice-1", {"done": "no"})
    assert project.finding("kitchen.tea").outcome == "met"
