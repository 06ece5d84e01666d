"""What an organisation asks for beyond what GovFlow asks of everyone, and its own words for what people bring."""

from __future__ import annotations

import tomllib

import pytest

from govflow.domain.refusals import ConfirmFirst, GateHeld, Invalid, NotAllowed, NotFound
from govflow.services.base.actions import Actor, person_by_email
from govflow.services.gates import gates
from govflow.services.people import groups, organisations, people
from govflow.services.people.people import invite_person
from govflow.services.polls import polls
from govflow.services.project_file import export_project, import_project
from govflow.store import EventRow, MemberRow, Organisation, PollRound, db
from tests.support.factories import TODAY, a_plugin, a_project, days, person, rows
from tests.support.topics.polls import POLL

PEOPLE = [
    person("lead-1", "research", role="lead"),
    person("lived-1", "lived", groups=["leap"]),
    person("lived-2", "lived", groups=["leap"]),
    person("practice-1", "practice"),
    person("research-1", "research"),
]  # fmt: skip
LEAP = {"slug": "leap", "title": "LEAP", "chairs": ["lived-2"]}


@pytest.fixture
def project(app):
    return a_project(app, members=PEOPLE, group=[LEAP], plugins={"kitchen": a_plugin(checks=[], polls=[POLL])})


@pytest.fixture
def admin(project):
    return Actor(invite_person(email="ada@example.org", name="Ada", organisation="hearth", admin=True).id, strong=True)


def ask(admin, **given):
    organisations.change_rules(organisation="hearth", given=given, by=admin, today=TODAY)


def sign(project, *keys):
    for key in keys:
        gates.sign_off(project.id, by=project.by(key), today=TODAY)


def missing(project):
    return list(project.gate().missing)


@pytest.mark.both_engines
def test_two_lived_experience_sign_offs_are_two_people_s(project, admin):
    ask(admin, sign_lived="2")
    sign(project, "lead-1", "lived-1", "practice-1", "research-1")
    assert missing(project) == ["lived:2"]
    assert project.gate().reasons(None) == ["Still to sign off: a second person with lived experience."]
    with pytest.raises(GateHeld, match="a second person with lived experience"):
        gates.advance(project.id, by=project.by("lead-1"), today=TODAY)
    sign(project, "lived-2")
    gates.advance(project.id, by=project.by("lead-1"), today=TODAY)


def test_a_panel_signs_by_its_chair_and_the_chair_counts_for_a_kind_as_well(project, admin):
    ask(admin, panels="leap")
    sign(project, "lead-1", "lived-1", "practice-1", "research-1")
    assert project.gate().reasons(None) == ["Still to sign off: the panel “LEAP”."]
    gates.take_back(project.id, by=project.by("lived-1"), today=TODAY)
    sign(project, "lived-2")
    assert missing(project) == []


def test_a_panel_the_project_does_not_have_holds_its_gate_and_says_so(project, admin):
    ask(admin, panels="carers")
    assert "carers, which this project does not have yet" in " ".join(project.gate().reasons(None))


def test_a_kind_the_organisation_asks_for_and_nobody_brings_is_wanted(app):
    project = a_project(app, members=[PEOPLE[0], PEOPLE[3], PEOPLE[4]])
    admin = Actor(invite_person(email="ada@example.org", name="Ada", organisation="hearth", admin=True).id, strong=True)
    assert "lived" not in missing(project)
    ask(admin, sign_lived="2")
    assert [one for one in missing(project) if "lived" in one] == ["lived", "lived:2"]


def test_only_an_admin_of_this_organisation_says_what_it_asks_for(project, admin):
    other = Actor(
        invite_person(email="bea@example.org", name="Bea", organisation="elsewhere", admin=True).id, strong=True
    )
    for who in (project.by("lead-1"), other):
        with pytest.raises(NotFound):
            ask(who, sign_lived="2")
        db.session.rollback()
    assert rows(Organisation)[0].sign_offs == {}


def test_what_an_organisation_asks_for_is_changed_only_after_one_more_step(project, admin):
    with pytest.raises(ConfirmFirst):
        ask(Actor(admin.person_id), sign_lived="2")


def test_an_admin_who_leads_a_project_can_ask_for_more_and_not_for_less(project, admin):
    lead = project.by("lead-1", strong=True)
    invite_person(email="lead-1@example.org", name="x", organisation="hearth", admin=True)
    ask(lead, sign_lived="2", panels="leap")
    for less in ({"sign_lived": "1", "panels": "leap"}, {"sign_lived": "2"}, {}):
        with pytest.raises(NotAllowed, match="Ask another admin"):
            ask(lead, **less)
        db.session.rollback()
    ask(admin)
    assert rows(Organisation)[0].sign_offs == {}
    assert [one.verb for one in rows(EventRow)].count("organisation.rules") == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"sign_lived": "0"}, "sign_lived"),
        ({"sign_lived": "6"}, "sign_lived"),
        ({"sign_lived": "1.5"}, "sign_lived"),
        ({"sign_lived": "two"}, "sign_lived"),
        ({"least_answers": "4"}, "least_answers"),
        ({"least_answers": "51"}, "least_answers"),
        ({"words_lived": "x" * 61}, "words_lived"),
        ({"panels": "\n".join(f"p{number}" for number in range(13))}, "panels"),
        ({"cake": "1"}, "cake"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_at_its_field(project, admin, given, field):
    with pytest.raises(Invalid) as refusal:
        ask(admin, **given)
    assert field in refusal.value.problems
    db.session.rollback()
    assert (rows(Organisation)[0].sign_offs, rows(Organisation)[0].least_answers) == ({}, 5)


def test_more_answers_may_be_asked_for_and_never_fewer_than_five(project, admin):
    ask(admin, least_answers="6")
    with pytest.raises(Exception, match="Fewer than six people are here, so this cannot be anonymous"):
        polls.open_round(project.id, poll_id="kitchen.how", by=project.by("lead-1"), today=TODAY)
    db.session.rollback()
    ask(admin)
    polls.open_round(project.id, poll_id="kitchen.how", by=project.by("lead-1"), today=TODAY)
    ask(admin, least_answers="40")
    assert rows(PollRound)[0].least == 5, "what was said when it opened holds until it closes"


def test_people_choose_the_organisation_s_own_words_and_each_brings_its_kind(project, admin):
    ask(admin, words_lived="Carer\nSurvivor researcher", words_research="Survivor scholar")
    people.invite(project.id, email="new@example.org", name="New", role="member", by=project.by("lead-1"), today=TODAY)
    new = Actor(person_by_email("new@example.org").id)
    people.join(project.id, title="", expertise=["practice"], words=["Carer"], by=new, today=TODAY)
    row = rows(MemberRow)[-1]
    assert (row.expertise, row.words) == (["lived", "practice"], ["Carer"])
    with pytest.raises(Invalid, match="Carer, Survivor researcher and Survivor scholar"):
        people.change_self(project.id, title="", expertise=[], words=["King"], by=new, today=TODAY)
    db.session.rollback()
    people.change_self(project.id, title="", expertise=[], words=["Survivor scholar"], by=new, today=TODAY + days(1))
    row = rows(MemberRow)[-1]
    assert (row.expertise, row.words, row.expertise_since) == (["research"], ["Survivor scholar"], TODAY + days(1))


def test_own_words_go_with_the_project_file(app):
    project = a_project(app, members=[*PEOPLE[:4], person("carer", "lived", words=["Carer"])], group=[LEAP])
    text = export_project(project.row)
    assert [member.get("words") for member in tomllib.loads(text)["member"] if member["key"] == "carer"] == [["Carer"]]
    import_project(text.replace('slug = "kettle"', 'slug = "second"').encode(), today=TODAY, keep_dates=True)
    assert [one.words for one in rows(MemberRow, key="carer")] == [["Carer"], ["Carer"]]


@pytest.mark.parametrize("said", ["leap-b", "Birmingham LEAP", " birmingham  leap ", "BIRMINGHAM-LEAP"])
def test_an_admin_names_a_group_as_people_say_it_and_need_see_no_project_s_groups(app, said):
    group = {"slug": "leap-b", "title": "Birmingham LEAP", "chairs": ["lived-2"]}
    project = a_project(app, members=[{**one, "groups": []} for one in PEOPLE], group=[group])
    admin = Actor(invite_person(email="ada@example.org", name="Ada", organisation="hearth", admin=True).id, strong=True)
    ask(admin, panels=said)
    assert "panel:leap-b" in missing(project)
    sign(project, "lived-2")
    assert "panel:leap-b" not in missing(project)


def test_a_group_that_takes_on_a_wanted_name_does_not_take_the_place_of_the_one_that_had_it(project, admin):
    groups.start(project.id, title="L.E.A.P", myself=True, by=project.by("lead-1"), today=TODAY)
    groups.start(project.id, title="leap!", myself=True, by=project.by("lead-1"), today=TODAY)
    ask(admin, panels="Leap")
    sign(project, "lead-1")
    assert "panel:leap" in missing(project), "its chair signs, and nobody who began another group of the same sound"


def test_a_group_started_under_the_name_that_is_asked_for_is_the_one(project, admin):
    ask(admin, panels="Family carers\nfamily-carers\n★")
    assert [one for one in missing(project) if one.startswith("panel:")] == ["panel:family-carers", "panel:★"]
    groups.start(project.id, title="Family Carers", myself=True, by=project.by("lead-1"), today=TODAY)
    sign(project, "lead-1")
    assert [one for one in missing(project) if one.startswith("panel:")] == ["panel:★"]


def test_a_leading_admin_may_write_the_same_name_in_another_way(project, admin):
    lead = project.by("lead-1", strong=True)
    invite_person(email="lead-1@example.org", name="x", organisation="hearth", admin=True)
    ask(admin, panels="leap")
    ask(lead, panels="LEAP")
    with pytest.raises(NotAllowed):
        ask(lead, panels="Another")
