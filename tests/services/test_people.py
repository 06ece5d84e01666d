"""People: asked in, joining, changing what is theirs, leaving."""

from __future__ import annotations

import pytest

from govflow.domain.refusals import Invalid, NotAllowed, NotFound, Refused
from govflow.services.base.actions import person_by_email
from govflow.services.gates import gates
from govflow.services.people import people
from govflow.store import Admin, Email, EventRow, MemberRow, Organisation, Person, SignOffRow, db
from tests.support.concurrency import at_once
from tests.support.factories import FOUR, NOTHING, TODAY, a_project, days, person, rows

HERE = {"kitchen": NOTHING}


def invite(project, email="new@example.org", name="New Kettle", role="member", *, by="lead-1", today=TODAY):
    people.invite(project.id, email=email, name=name, role=role, by=project.by(by), today=today)


def by_email(email="new@example.org"):
    from govflow.services.base.actions import Actor

    return Actor(person_by_email(email).id)


def join(project, *, title="Carer", expertise=("lived",), today=TODAY):
    people.join(project.id, title=title, expertise=list(expertise), by=by_email(), today=today)


@pytest.mark.core
@pytest.mark.both_engines
def test_somebody_asked_in_is_in_when_they_say_yes_in_their_own_words(app):
    project = a_project(app, plugins=HERE)
    invite(project, email="New@Example.org")
    row = project.member("new-kettle")
    assert (row.joined, row.expertise, row.title, row.invited_by) == (None, [], "", "lead-1")
    with pytest.raises(NotAllowed):
        gates.sign_off(project.id, by=by_email(), today=TODAY)
    join(project, title="  Carer \n and cook ", expertise=["practice", "lived"])
    row = project.member("new-kettle")
    assert (row.joined, row.expertise, row.title) == (TODAY, ["lived", "practice"], "Carer and cook")
    with pytest.raises(NotFound):
        join(project)


def test_an_invitation_is_one_letter_and_its_first_words_do_not_name_the_project(app):
    project = a_project(app, plugins=HERE)
    invite(project)
    from govflow.services.mail import outbox

    lease, ids = outbox.claim()
    words = outbox.compose(ids[0], lease, today=TODAY).words
    assert len(ids) == 1
    assert "Lead 1 asks you" in words.text
    assert "Kettle Study" not in words.subject + words.text


def test_an_invitation_taken_up_before_it_was_posted_is_not_posted(app):
    project = a_project(app, plugins=HERE)
    invite(project)
    join(project)
    from govflow.services.mail import outbox

    lease, ids = outbox.claim()
    assert outbox.compose(ids[0], lease, today=TODAY) is None


@pytest.mark.parametrize("role", ["member", "finance", "observer"])
def test_only_a_lead_or_the_coordinator_asks_somebody_in(app, role):
    project = a_project(
        app, plugins=HERE, members=[*FOUR, person("other", role=role), person("co", role="coordinator")]
    )
    with pytest.raises(NotAllowed):
        invite(project, by="other")
    invite(project, by="co")
    with pytest.raises(Invalid, match="Only a lead"):
        invite(project, email="second@example.org", role="lead", by="co")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"email": "a b@example.org"}, "email"),
        ({"name": " "}, "name"),
        ({"role": "king"}, "role"),
        ({"email": "lived-1@example.org"}, "email"),
        ({"email": "a\r\nBcc: x@example.org"}, "email"),
    ],
)
def test_an_invitation_with_faults_is_refused_by_field_and_nobody_is_made(app, facts, field):
    project = a_project(app, plugins=HERE)
    with pytest.raises(Invalid) as refused:
        invite(project, **facts)
    db.session.rollback()
    assert set(refused.value.problems) == {field}
    assert len(rows(MemberRow)) == len(rows(Person)) == 4
    assert rows(Email) == []


def test_who_is_asked_already_is_not_asked_twice(app):
    project = a_project(app, plugins=HERE)
    invite(project)
    with pytest.raises(Invalid, match="already, or has been asked"):
        invite(project)


def test_saying_no_leaves_no_word_of_it_and_one_may_be_asked_again_and_say_no_again(app):
    project = a_project(app, plugins=HERE)
    for _ in range(2):
        invite(project)
        assert len(people.invitations(by_email().person_id)) == 1
        people.say_no(project.id, by=by_email(), today=TODAY)
        assert people.invitations(by_email().person_id) == []
    assert [one.verb for one in rows(EventRow) if one.verb not in ("project.imported", "plugin.on")] == [
        "member.invited"
    ] * 2
    with pytest.raises(NotFound):
        people.say_no(project.id, by=by_email(), today=TODAY)


def test_a_name_that_is_already_known_stays_its_owner_s(app):
    project = a_project(app, plugins=HERE)
    other = a_project(app, slug="other", members=[person("stranger", role="lead")])
    invite(project, email="stranger@example.org", name="Nickname")
    assert other.member("stranger").person_id == person_by_email("stranger@example.org").id
    assert person_by_email("stranger@example.org").name == "Stranger"


def test_only_the_kinds_there_are_can_be_brought(app):
    project = a_project(app, plugins=HERE)
    invite(project)
    with pytest.raises(Invalid) as refused:
        join(project, expertise=["lived", "magic"])
    assert set(refused.value.problems) == {"expertise"}


def test_a_new_member_s_sign_off_counts_after_fourteen_days(app):
    project = a_project(app, plugins=HERE, members=[one for one in FOUR if one["key"] != "lived-1"])
    invite(project)
    join(project)
    for by in (by_email(), project.by("lead-1"), project.by("practice-1"), project.by("research-1")):
        gates.sign_off(project.id, by=by, today=TODAY)
    assert project.gate(TODAY + days(13)).missing == ("lived",)
    assert project.gate(TODAY + days(14)).open


@pytest.mark.both_engines
def test_changed_expertise_counts_after_fourteen_days_and_giving_one_up_at_once(app):
    project = a_project(app, plugins=HERE)
    by = project.by("practice-1")

    def change(*kinds):
        people.change_self(project.id, title="Nurse", expertise=kinds, by=by, today=TODAY)
        return project.member("practice-1").expertise_since

    since = project.member("practice-1").expertise_since
    assert change("practice") == since
    assert change("lived", "practice") == TODAY
    for key in ("lead-1", "lived-1", "practice-1", "research-1"):
        gates.sign_off(project.id, by=project.by(key), today=TODAY)
    assert project.gate(TODAY + days(13)).missing == ("practice",)
    assert project.gate(TODAY + days(14)).open


@pytest.mark.core
@pytest.mark.both_engines
def test_leaving_ends_everything_at_once_and_what_was_done_stays(app):
    project = a_project(app, plugins=HERE)
    by = project.by("lived-1")
    gates.sign_off(project.id, by=by, today=TODAY)
    people.leave(project.id, by=by, today=TODAY)
    assert [one.member for one in project.gate().signed] == []
    with pytest.raises(NotAllowed):
        people.change_self(project.id, title="x", expertise=[], by=by, today=TODAY)
    assert len(rows(SignOffRow)) == 1
    assert project.member("lived-1").left == TODAY


def test_the_only_lead_cannot_leave_nor_be_removed(app):
    project = a_project(app, plugins=HERE, members=[*FOUR, person("co", role="coordinator")])
    with pytest.raises(Refused, match="only lead"):
        people.leave(project.id, by=project.by("lead-1"), today=TODAY)
    for key in ("co", "lead-1"):
        with pytest.raises(Refused):
            people.remove(project.id, member="lead-1", by=project.by(key), today=TODAY)
    people.remove(project.id, member="lived-1", by=project.by("co"), today=TODAY)
    with pytest.raises(NotAllowed):
        people.remove(project.id, member="practice-1", by=project.by("research-1"), today=TODAY)


def test_a_closed_project_takes_nobody_in(app):
    from tests.support.topics.gates import closed

    project = closed(app)
    with pytest.raises(Refused):
        invite(project)


def test_the_operator_makes_the_first_people_known_and_twice_changes_nothing(app):
    for _ in range(2):
        people.invite_person(email="Ada@example.org", name="Ada", organisation="hearth", admin=True)
    assert len(rows(Person)) == len(rows(Admin)) == len(rows(Organisation)) == 1
    for facts in (
        {"email": "x", "name": "X"},
        {"email": "x@example.org", "name": " "},
        {"email": "x@example.org", "name": "X", "admin": True},
    ):
        with pytest.raises(Invalid):
            people.invite_person(**{"organisation": None, "admin": False, **facts})
    with pytest.raises(Invalid):
        people.invite_person(email="x@example.org", name="X", organisation="Not A Slug", admin=False)


def test_asking_the_same_address_twice_does_not_tell_whose_it_is(app):
    """A made-up name, sent twice: the refusal must not answer with the name that somebody goes by elsewhere."""
    project = a_project(app, plugins=HERE)
    other = [person("zoe-hidden", role="lead", email="zoe@example.org")]
    a_project(app, plugins=HERE, members=other, slug="teapot", organisation="elsewhere")
    invite(project, email="zoe@example.org", name="Some One")
    with pytest.raises(Invalid) as refusal:
        invite(project, email="zoe@example.org", name="Some One")
    assert "Zoe" not in str(refusal.value)
    assert "in this project already" in refusal.value.problems["email"]


@pytest.mark.both_engines
def test_two_leads_who_ask_the_same_new_person_at_the_same_moment_both_do(app):
    projects = [
        a_project(app, plugins=HERE, members=[person(f"lead-{slug}", role="lead")], slug=slug) for slug in ("a", "b")
    ]
    facts = [(one.id, one.by(f"lead-{one.slug}")) for one in projects]
    asked = {"email": "new@example.org", "name": "New Kettle", "role": "member", "today": TODAY}
    answers = at_once(app, 2, lambda index: people.invite(facts[index][0], by=facts[index][1], **asked))
    assert answers == [None, None]
    assert len(rows(MemberRow, person_id=person_by_email("new@example.org").id)) == 2


def test_an_address_no_letter_can_be_written_to_is_refused_when_it_is_typed(app):
    """Mail servers that take such letters are rare: nobody would ever hear why no link comes."""
    project = a_project(app, plugins=HERE)
    with pytest.raises(Invalid) as refusal:
        invite(project, email="jörg@example.org")
    assert "before the @" in refusal.value.problems["email"]


def test_a_domain_with_other_letters_is_kept_as_mail_servers_know_it(app):
    project = a_project(app, plugins=HERE)
    invite(project, email="Ann@Exämple.org")
    assert rows(Person)[-1].email == "ann@xn--exmple-cua.org"
    with pytest.raises(Invalid, match="already"):
        invite(project, email="ann@exämple.org")
