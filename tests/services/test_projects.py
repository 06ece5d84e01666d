"""Pause and resume, closing, and the next project in which people are asked, not copied."""

from __future__ import annotations

import pytest

from govflow.domain.gates.checks import MEMBER, SUBJECT
from govflow.domain.gates.overdue import after_joining, after_stage_entry
from govflow.domain.refusals import Invalid, NotAllowed, Refused
from govflow.services import sweep
from govflow.services.gates import gates
from govflow.services.history.history import history
from govflow.services.mail import outbox
from govflow.services.people import people, projects
from govflow.store import Email, FindingRow, MemberRow, PollRound, Project, db
from tests.support.factories import (
    FOUR,
    LONG_AGO,
    NOTHING,
    TEA,
    TODAY,
    a_check,
    a_plugin,
    a_project,
    days,
    made,
    person,
    rows,
)
from tests.support.topics.gates import closed

DUE = {"kitchen": a_plugin(checks=[a_check(due=after_stage_entry(days=90))])}


@pytest.mark.both_engines
def test_due_days_move_by_the_length_of_a_pause(app):
    project = a_project(app, plugins=DUE)
    assert project.finding("kitchen.tea").due_on == LONG_AGO + days(90)
    by = project.by("lead-1")
    projects.pause(project.id, why="Summer.", by=by, today=TODAY)
    assert project.finding("kitchen.tea", today=TODAY + days(20)).due_on == LONG_AGO + days(110)
    projects.resume(project.id, by=by, today=TODAY + days(30))
    assert project.finding("kitchen.tea", today=TODAY + days(31)).due_on == LONG_AGO + days(120)
    assert rows(FindingRow)[0].due_on == LONG_AGO + days(120)


def test_no_letter_is_written_while_a_project_is_paused(app):
    project = a_project(app, plugins=DUE)
    projects.pause(project.id, why="Summer.", by=project.by("lead-1"), today=TODAY)
    for day in (100, 200):
        assert sweep.sweep(today=TODAY + days(day))["letters_new"] == 0
    assert rows(Email) == []


def test_a_letter_that_was_owed_when_the_pause_began_is_not_posted(app):
    project = a_project(app, plugins=DUE, entered=LONG_AGO - days(200), started=LONG_AGO - days(200))
    assert sweep.sweep(today=TODAY)["letters_new"] == 1
    projects.pause(project.id, why="Summer.", by=project.by("lead-1"), today=TODAY)
    lease, ids = outbox.claim()
    assert [outbox.compose(one, lease, today=TODAY) for one in ids] == [None]
    assert [one.state for one in rows(Email)] == ["cancelled"]


def test_a_paused_project_does_not_move_until_it_is_started_again(app):
    project = a_project(app, plugins={"kitchen": NOTHING})
    by = project.by("lead-1")
    for key in ("lead-1", "lived-1", "practice-1", "research-1"):
        gates.sign_off(project.id, by=project.by(key), today=TODAY)
    projects.pause(project.id, why="Summer.", by=by, today=TODAY)
    with pytest.raises(Refused, match="paused"):
        gates.advance(project.id, by=by, today=TODAY)
    projects.resume(project.id, by=by, today=TODAY)
    assert gates.advance(project.id, by=by, today=TODAY) == ("bid", "design")


def test_pausing_and_resuming_need_a_lead_a_reason_and_the_right_moment(app):
    project = a_project(app, plugins={"kitchen": NOTHING})
    lead = project.by("lead-1")
    with pytest.raises(Refused, match="not paused"):
        projects.resume(project.id, by=lead, today=TODAY)
    with pytest.raises(Invalid):
        projects.pause(project.id, why=" ", by=lead, today=TODAY)
    with pytest.raises(NotAllowed):
        projects.pause(project.id, why="x", by=project.by("lived-1"), today=TODAY)
    projects.pause(project.id, why="x", by=lead, today=TODAY)
    with pytest.raises(Refused, match="already"):
        projects.pause(project.id, why="x", by=lead, today=TODAY)


def test_a_project_that_came_paused_from_a_file_can_be_started_again(app):
    project = a_project(app, plugins=DUE, state="paused")
    projects.resume(project.id, by=project.by("lead-1"), today=TODAY + days(10))
    assert project.row.state == "running"


def test_a_closed_project_owes_nothing_and_nobody_is_reminded_of_it(app):
    project = closed(app)
    assert rows(FindingRow, project_id=project.id) == []
    assert sweep.sweep(today=TODAY + days(500))["letters_new"] == 0


def test_the_next_project_begins_only_from_a_closed_one_and_by_its_lead(app):
    project = a_project(app, plugins={"kitchen": NOTHING})
    with pytest.raises(Refused, match="Close this project first"):
        projects.start_next(project.id, title="Next", by=project.by("lead-1"), today=TODAY)
    done = closed(app, slug="other")
    with pytest.raises(NotAllowed):
        projects.start_next(done.id, title="Next", by=done.by("lived-1"), today=TODAY)
    with pytest.raises(Invalid):
        projects.start_next(done.id, title="  ", by=done.by("lead-1"), today=TODAY)


def test_in_the_next_project_people_are_asked_and_not_copied(app):
    lived = person("lived-2", "lived", title="Carer", organisation="Home", seat="carer")
    project = closed(
        app, members=[*FOUR, lived, person("watcher", role="observer"), person("gone", left=TODAY - days(1))]
    )
    slug = projects.start_next(project.id, title="Kettle two", by=project.by("lead-1"), today=TODAY + days(5))
    following = made(slug)
    found = {one.key: one for one in rows(MemberRow, project_id=following.id)}
    assert set(found) == {"lead-1", "lived-1", "lived-2", "practice-1", "research-1"}
    assert found["lead-1"].joined == TODAY + days(5)
    assert {one.joined for key, one in found.items() if key != "lead-1"} == {None}
    asked = found["lived-2"]
    assert (asked.title, asked.organisation, asked.seat, asked.expertise, asked.role) == ("", "", "", [], "member")
    assert [one[1].slug for one in people.invitations(asked.person_id)] == [slug]
    with pytest.raises(NotAllowed):
        gates.sign_off(following.id, by=following.by("lived-1"), today=TODAY + days(5))


def test_everyone_asked_into_the_next_project_gets_a_letter_that_asks_them(app):
    project = closed(app)
    slug = projects.start_next(project.id, title="Kettle two", by=project.by("lead-1"), today=TODAY)
    asked = {one.person_id for one in rows(MemberRow, project_id=made(slug).id) if one.joined is None}
    assert {one.person_id for one in rows(Email, kind="invitation")} == asked


@pytest.mark.core
def test_the_next_project_starts_in_the_first_stage_with_nothing_answered(app):
    project = closed(app)
    slug = projects.start_next(project.id, title="Kettle two", by=project.by("lead-1"), today=TODAY)
    row = made(slug).row
    assert (row.stage, row.state, row.started, row.follows_id) == ("bid", "running", TODAY, project.id)
    assert made(slug).gate().signed == ()
    words = [one.words for one in history(row.id)[0]]
    assert words == [
        "Lead 1 started this project as the next one after “The Kettle Study”. Its people were asked, not copied."
    ]


def test_a_taken_slug_gets_a_number_silently(app):
    slugs = [a_project(app, slug="tea").slug for _ in range(3)]
    assert slugs == ["tea", "tea-2", "tea-3"]


def test_the_board_shows_only_what_a_person_is_in_or_looks_after(app):
    mine = a_project(app, plugins={"kitchen": TEA})
    a_project(app, slug="foreign", organisation="other", members=[person("stranger", role="lead")])
    admin = people.invite_person(email="admin@example.org", name="Ada", organisation="other", admin=True)
    shown, total = projects.board(mine.by("lived-1").person_id, today=TODAY)
    assert ([one.slug for one in shown], total) == (["kettle"], 1)
    assert [one.check for one in shown[0].holding] == ["kitchen.tea"]
    assert [one.slug for one in projects.board(admin.id, today=TODAY)[0]] == ["foreign"]


def test_my_list_holds_what_i_owe_and_what_waits_for_my_own_answer(app):
    own = a_check("own", about=MEMBER, answered_by=SUBJECT, due=after_joining(days=1))
    project = a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(), own])})
    mine = projects.my_list(project.by("lived-1").person_id, today=TODAY)
    assert [(one.finding.place, one.mine) for one in mine] == [(("kitchen.own", "lived-1"), False)]
    leads = projects.my_list(project.by("lead-1").person_id, today=TODAY)
    assert all(one.mine for one in leads)
    assert len(leads) == 5


def test_nothing_of_a_poll_is_there_before_one_was_asked(app):
    a_project(app)
    assert rows(PollRound) == []
    db.session.rollback()


def test_whoever_belongs_to_a_partner_does_so_in_the_next_project_too(app):
    """Or they would read lists that the project's own organisation keeps to itself."""
    project = closed(app, members=[*FOUR, person("moor-1", "lived", home="moor")], shared_with=["moor"])
    slug = projects.start_next(project.id, title="Kettle two", by=project.by("lead-1"), today=TODAY)
    homes = {key: made(slug).member(key).home_id for key in ("lead-1", "lived-1", "moor-1")}
    assert homes == {key: project.member(key).home_id for key in homes}
    assert homes["moor-1"] not in (None, homes["lived-1"])


def test_pressing_twice_starts_one_next_project_and_asks_its_people_once(app):
    project = closed(app)
    start = {"title": "Kettle two", "by": project.by("lead-1"), "today": TODAY}
    assert projects.start_next(project.id, **start) == projects.start_next(project.id, **start)
    assert len(rows(Project, follows_id=project.id)) == 1
    assert len(rows(Email, kind="invitation")) == 3
    assert projects.start_next(project.id, **{**start, "title": "Another"}) == "another"
