"""Letting one finding pass for now: two people, with different experience, for a while, and in the open."""

from __future__ import annotations

import pytest

from govflow.domain.gates.checks import unmet
from govflow.domain.refusals import NotAllowed, NotFound, Refused
from govflow.services.gates import gates
from govflow.store import EventRow, Transition, WaiverRow, db
from tests.support.factories import FOUR, TEA, TODAY, a_check, a_plugin, a_project, days, person, rows
from tests.support.topics.gates import advance, answer, sign, waive


@pytest.mark.core
@pytest.mark.both_engines
def test_two_people_of_different_kinds_let_a_finding_pass_and_the_record_says_so(app):
    project = a_project(app, plugins={"kitchen": TEA})
    gates.propose_waiver(
        project.id,
        check_id="kitchen.tea",
        subject=None,
        reason="The kettle is being mended.",
        until=TODAY + days(7),
        by=project.by("lead-1"),
        today=TODAY,
    )
    assert project.gate().holding
    gates.second_waiver(project.id, waiver_id=rows(WaiverRow)[0].id, by=project.by("lived-1"), today=TODAY)
    sign(project)
    advance(project)
    record = rows(Transition)[0].record
    assert record["findings"][0]["waived"] is True
    assert record["findings"][0]["outcome"] == "unmet"
    assert record["waivers"] == [
        {
            "check": "kitchen.tea",
            "subject": None,
            "reason": "The kettle is being mended.",
            "until": (TODAY + days(7)).isoformat(),
            "proposed_by": "Lead 1",
            "seconded_by": "Lived 1",
        }
    ]


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("lead-1", "lead-1", "Somebody else"),
        ("lead-1", "lead-2", "Two leads"),
        ("lead-1", "research-1", "different kinds"),
        ("lived-1", "newcomer", "14 days"),
        ("newcomer", "lived-1", "14 days"),
        ("watcher", "lived-1", "role"),
        ("lived-1", "watcher", "cannot take part"),
    ],
)
def test_a_waiver_by_the_wrong_people_is_refused_and_nothing_is_written(app, one, other, why):
    members = [*FOUR, person("lead-2", "lived", role="lead"), person("newcomer", "practice", joined=TODAY - days(13))]
    project = a_project(
        app, plugins={"kitchen": TEA}, members=[*members, person("watcher", "practice", role="observer")]
    )
    with pytest.raises(NotAllowed, match=why):
        waive(project, one, other)
    db.session.rollback()
    assert rows(WaiverRow) == []
    assert project.gate().holding


def test_a_lead_cannot_second_their_own_proposal(app):
    project = a_project(app, plugins={"kitchen": TEA})
    by = project.by("lead-1")
    gates.propose_waiver(project.id, check_id="kitchen.tea", subject=None, reason="x", until=TODAY, by=by, today=TODAY)
    with pytest.raises(NotAllowed):
        gates.second_waiver(project.id, waiver_id=rows(WaiverRow)[0].id, by=by, today=TODAY)


def test_a_waiver_ends_with_its_last_day_with_its_visit_and_when_either_of_the_two_ends_it(app):
    project = a_project(app, plugins={"kitchen": TEA})
    waive(project, until=TODAY + days(7))
    assert not project.gate(TODAY + days(7)).holding
    assert project.gate(TODAY + days(8)).holding
    row = rows(WaiverRow)[0]
    with pytest.raises(NotAllowed):
        gates.end_waiver(project.id, waiver_id=row.id, by=project.by("lead-1"), today=TODAY)
    gates.end_waiver(project.id, waiver_id=row.id, by=project.by("practice-1"), today=TODAY)
    assert project.gate().holding
    waive(project, until=TODAY + days(100))
    sign(project)
    advance(project)
    assert project.gate().holding


def test_what_holds_nothing_up_and_what_is_not_there_cannot_be_waived(app):
    project = a_project(app, plugins={"kitchen": TEA})
    for check, subject in (("kitchen.cake", None), ("kitchen.tea", "lived-1")):
        with pytest.raises(NotFound):
            waive(project, check=check, subject=subject)
    answer(project)
    with pytest.raises(Refused, match="does not hold anything up"):
        waive(project)


@pytest.mark.core
def test_a_private_finding_is_waived_only_by_people_who_may_read_it(app):
    from govflow.domain.gates.checks import LEAD as A_LEAD

    def judge(case):
        return unmet("Sam’s pay ends.", short="Not ready yet.", lines={"lived-1": "Your pay ends."})

    secret = a_check(judge=judge, private=True, owed_by=A_LEAD)
    project = a_project(app, plugins={"kitchen": a_plugin(checks=[secret])})
    for pair in (("lead-1", "practice-1"), ("practice-1", "lead-1")):
        with pytest.raises(NotAllowed, match="private"):
            waive(project, *pair)
        db.session.rollback()
    waive(project, "lead-1", "lived-1")
    assert not project.gate().holding


def test_nothing_a_service_tells_about_a_private_waiver_holds_its_private_sentence(app):
    secret = a_check(judge=lambda case: unmet("Sam’s pay ends.", short="Not ready yet."), private=True)
    members = [*FOUR, person("lead-2", "lived", role="lead")]
    project = a_project(app, plugins={"kitchen": a_plugin(checks=[secret])}, members=members)
    gates.propose_waiver(
        project.id,
        check_id="kitchen.tea",
        subject=None,
        reason="Soon.",
        until=TODAY,
        by=project.by("lead-1"),
        today=TODAY,
    )
    assert "Sam" not in repr([line.facts for line in rows(EventRow)])
