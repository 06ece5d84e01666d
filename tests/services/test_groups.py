"""Groups of a project: nobody puts themself into one of others, and its people choose their chairs."""

from __future__ import annotations

import pytest

from govflow.domain.refusals import Invalid, NotAllowed, NotFound, Refused
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.people import groups, people
from govflow.services.project_file import export_project, import_project
from govflow.store import EventRow, GroupSeat, db
from tests.support.factories import FOUR, TEA, TODAY, a_project, days, made, person, rows

COORDINATOR = person("coord-1", "practice", role="coordinator")


@pytest.fixture
def project(app):
    return a_project(app, members=[*FOUR, COORDINATOR, person("seer-1", role="observer")], plugins={"kitchen": TEA})


def start(project, key="lead-1", title="LEAP Birmingham", myself=False):
    return groups.start(project.id, title=title, myself=myself, by=project.by(key), today=TODAY)


def ask(project, who, by, group="leap-birmingham"):
    groups.ask_in(project.id, group=group, member=who, by=project.by(by), today=TODAY)


def say(project, key, yes=True, on=TODAY):
    groups.answer(project.id, group="leap-birmingham", yes=yes, by=project.by(key), today=on)


def chair(project, who, by, chair=True):
    groups.choose_chair(project.id, group="leap-birmingham", member=who, chair=chair, by=project.by(by), today=TODAY)


def group(project, on=TODAY):
    return groups.group_named(project.id, "leap-birmingham", load_snapshot(project.row, today=on).members, today=on)


def refused(error, what, *given, **more):
    with pytest.raises(error):
        what(*given, **more)
    db.session.rollback()


@pytest.mark.both_engines
def test_whoever_is_asked_into_a_group_is_in_it_when_they_say_yes(project):
    assert start(project) == "leap-birmingham"
    ask(project, "lived-1", "lead-1")
    assert (group(project).members, group(project).asked) == ({}, ["lived-1"])
    say(project, "lived-1", on=TODAY + days(1))
    assert group(project, TODAY + days(1)).members == {"lived-1": TODAY + days(1)}
    assert [one.groups for one in load_snapshot(project.row, today=TODAY + days(1)).members if one.groups] == [
        ("leap-birmingham",)
    ]
    assert [one.verb for one in rows(EventRow)][-2:] == ["group.started", "group.joined"]


def test_who_says_no_is_not_in_it_and_nobody_is_told(project):
    start(project)
    ask(project, "lived-1", "lead-1")
    say(project, "lived-1", yes=False)
    assert (group(project).members, group(project).asked) == ({}, [])
    assert rows(EventRow)[-1].verb == "group.started"
    refused(NotFound, say, project, "lived-1")
    ask(project, "lived-1", "lead-1")  # and can be asked again
    say(project, "lived-1")
    assert list(group(project).members) == ["lived-1"]


def test_a_lead_cannot_come_into_a_group_that_has_begun_unless_its_people_ask(project):
    start(project)
    ask(project, "lived-1", "lead-1")
    say(project, "lived-1")
    for by, who in (("lead-1", "lead-1"), ("lead-1", "coord-1"), ("coord-1", "lead-1")):
        refused(NotAllowed, ask, project, who, by)
    groups.leave(project.id, group="leap-birmingham", by=project.by("lived-1"), today=TODAY)
    refused(NotAllowed, ask, project, "lead-1", "coord-1")  # its papers stay its own when it is empty
    ask(project, "lived-1", "lead-1")
    say(project, "lived-1")
    ask(project, "lead-1", "lived-1")
    say(project, "lead-1")
    assert sorted(group(project).members) == ["lead-1", "lived-1"]


def test_members_cannot_start_groups_and_outsiders_of_a_group_cannot_ask_in(project):
    refused(NotAllowed, start, project, "lived-1")
    start(project, myself=True)
    refused(NotAllowed, ask, project, "practice-1", "lived-1")
    refused(NotAllowed, ask, project, "seer-1", "lead-1")
    refused(NotAllowed, say, project, "seer-1")
    refused(NotFound, ask, project, "nobody", "lead-1")
    refused(NotFound, ask, project, "lived-1", "lead-1", group="no-such")
    refused(Invalid, ask, project, "", "lead-1")
    refused(Refused, ask, project, "lead-1", "lead-1")


@pytest.mark.parametrize("title", ["", "  \n ", "x" * 301, "leap BIRMINGHAM"])
def test_a_group_needs_a_name_of_its_own(project, title):
    start(project)
    with pytest.raises(Invalid) as refusal:
        start(project, title=title)
    assert "title" in refusal.value.problems


def test_names_that_make_the_same_address_get_another(project):
    assert [start(project, title=one) for one in ("Start", "Ünï!", "ünï?", "7 up")] == [
        "start-2",
        "n",
        "n-2",
        "group-7-up",
    ]


def test_a_lead_chooses_the_first_chair_and_the_chairs_choose_from_then_on(project):
    start(project)
    for key in ("lived-1", "practice-1"):
        ask(project, key, "lead-1")
        say(project, key)
    refused(NotAllowed, chair, project, "lived-1", "lived-1")
    refused(Invalid, chair, project, "research-1", "lead-1")
    chair(project, "lived-1", "lead-1")
    refused(NotAllowed, chair, project, "practice-1", "lead-1")
    refused(NotAllowed, chair, project, "lived-1", "lead-1", chair=False)
    chair(project, "practice-1", "lived-1")
    assert sorted(group(project).chairs) == ["lived-1", "practice-1"]
    chair(project, "lived-1", "practice-1", chair=False)
    assert group(project).chairs == ["practice-1"]


@pytest.mark.parametrize("how", ["leave", "remove"])
def test_who_leaves_the_project_leaves_its_groups(project, how):
    start(project)
    ask(project, "lived-1", "lead-1")
    say(project, "lived-1")
    if how == "leave":
        people.leave(project.id, by=project.by("lived-1"), today=TODAY + days(2))
    else:
        people.remove(project.id, member="lived-1", by=project.by("lead-1"), today=TODAY + days(2))
    assert [one.left for one in rows(GroupSeat)] == [TODAY + days(2)]
    assert group(project, TODAY + days(1)).members
    assert not group(project, TODAY + days(2)).members


def test_since_when_somebody_is_in_a_group_goes_with_the_project_file(project):
    start(project)
    ask(project, "lived-1", "lead-1")
    say(project, "lived-1")
    ask(project, "practice-1", "lead-1")
    text = export_project(project.row)
    assert f"joined = {{ lived-1 = {TODAY} }}" in text
    import_project(text.replace('slug = "kettle"', 'slug = "second"').encode(), today=TODAY, keep_dates=True)
    assert group(made("second")).members == {"lived-1": TODAY}
    for wrong, said in (
        (f"practice-1 = {TODAY}", "not in this group"),
        ("lived-1 = 2020-01-01", "was not in the project"),
    ):
        with pytest.raises(Invalid, match=said):
            import_project(text.replace(f"lived-1 = {TODAY}", wrong).encode(), today=TODAY)
        db.session.rollback()
