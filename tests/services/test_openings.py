"""An opening says everything before anybody replies, and afterwards how people were chosen."""

from __future__ import annotations

import pytest

from govflow.domain.refusals import ConfirmFirst, Invalid, NotAllowed, NotFound, Refused
from govflow.services.base.actions import Actor
from govflow.services.mail import outbox
from govflow.services.openings import openings, subscriptions
from govflow.services.people import people
from govflow.services.people.people import invite_person
from govflow.store import Email, Opening, OpeningReply, db
from tests.support.factories import FOUR, TEA, TODAY, a_project, days, person, rows
from tests.support.topics.openings import CLOSED, GIVEN, ask, letters, token


@pytest.fixture
def project(app):
    return a_project(app, members=[*FOUR, person("coord-1", role="coordinator")], plugins={"kitchen": TEA})


def publish(by, project="kettle", **given):
    return openings.publish(organisation="hearth", project=project, given={**GIVEN, **given}, by=by, today=TODAY)


def reply(by, words="I can talk.", on=TODAY):
    openings.reply(organisation="hearth", opening="come-and-talk", words=words, by=by, today=on)


def write_down(by, how="We drew lots.", number="1", on=CLOSED):
    openings.write_down(organisation="hearth", opening="come-and-talk", how=how, number=number, by=by, today=on)


def refused(error, what, *given, **more):
    with pytest.raises(error):
        what(*given, **more)
    db.session.rollback()


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("given", "field"),
    [
        *(({name: " "}, name) for name in GIVEN),
        ({"pay": "We will see."}, "pay"),
        ({"pay": "Not paid."}, "pay"),
        ({"pay": "not paid, because "}, "pay"),
        ({"closes": "1 3 2026"}, "closes"),
        ({"closes": "31 2 2027"}, "closes"),
        ({"task": "x" * 2_001}, "task"),
        ({"chosen": "by me"}, "chosen"),
    ],
)
def test_everything_must_be_said_before_it_is_published(project, given, field):
    with pytest.raises(Invalid) as refusal:
        publish(project.by("lead-1"), **given)
    assert field in refusal.value.problems
    db.session.rollback()
    assert (rows(Opening), rows(Email)) == ([], [])


@pytest.mark.parametrize(
    "pay", ["10 euros an hour", "Not paid, because we have no money yet.", "not paid because we are new"]
)
def test_pay_is_an_amount_or_a_reason(project, pay):
    assert publish(project.by("coord-1"), pay=pay) == "come-and-talk"


def test_admins_publish_for_the_organisation_and_leads_for_their_projects(project, admin):
    refused(NotFound, publish, project.by("lived-1"))
    refused(NotFound, publish, Actor(invite_person(email="b@example.org", name="B", organisation="x", admin=True).id))
    refused(Invalid, publish, project.by("lead-1"), project="")
    refused(Invalid, publish, admin)
    refused(ConfirmFirst, publish, Actor(admin.person_id), project="")
    assert [publish(admin, project=""), publish(project.by("lead-1"))] == ["come-and-talk", "come-and-talk-2"]
    assert publish(project.by("lead-1"), title="Add") == "add-2"


def test_everyone_who_confirmed_gets_one_letter_whose_subject_tells_nothing(project, admin):
    for email in ("one@example.org", "two@example.org", "three@example.org"):
        ask(email)
        if not email.startswith("three"):
            subscriptions.confirm(token(), today=TODAY)
    letters()
    publish(project.by("lead-1"), title="Bipolar and tea")
    found = letters()
    assert sorted(one.to for one in found) == ["one@example.org", "two@example.org"]
    assert {one.words.subject for one in found} == {"GovFlow: a chance to take part"}
    assert all("/hear/" in one.stop_url and one.words.text.endswith(f"\n{one.stop_url}\n") for one in found)
    said = found[0].words.text
    assert all(GIVEN[name] in said for name in ("task", "time", "pay", "access"))
    assert "Kettle" not in said
    publish(project.by("lead-1"), title="Another")
    subscriptions.end(found[0].stop_url.rpartition("/")[2], today=TODAY)
    assert len(letters()) == 1, "one click ends it, also for a letter that was owed already"
    publish(project.by("lead-1"), title="A third")
    assert letters(CLOSED) == [], "nobody is told of what has closed"


def test_replies_can_be_changed_and_taken_back_until_it_closes(project):
    publish(project.by("lead-1"))
    reply(project.by("lived-1"), on=TODAY)
    reply(project.by("lived-1"), "I can listen.", on=CLOSED - days(1))
    assert [one.words for one in rows(OpeningReply)] == ["I can listen."]
    refused(Invalid, reply, project.by("practice-1"), " ")
    refused(Refused, reply, project.by("practice-1"), on=CLOSED)
    openings.take_back(organisation="hearth", opening="come-and-talk", by=project.by("lived-1"), today=TODAY)
    assert rows(OpeningReply) == []


def test_how_people_were_chosen_is_written_down_once_and_stands_for_good(project):
    lead = project.by("lead-1")
    publish(lead)
    for key in ("lived-1", "practice-1"):
        reply(project.by(key))
    assert openings.still_to_write_down(lead.person_id, today=CLOSED - days(1)) == []
    [(organisation, row)] = openings.still_to_write_down(lead.person_id, today=CLOSED)
    assert (organisation.slug, row.slug) == ("hearth", "come-and-talk")
    refused(Refused, write_down, lead, on=CLOSED - days(1))
    for number in ("3", "-1", "", "1.5", "٣", "9" * 50):
        refused(Invalid, write_down, lead, number=number)
    refused(Invalid, write_down, lead, how=" ")
    write_down(lead)
    _, row = openings.opening_of("hearth", "come-and-talk")
    assert openings.how_chosen(row) == "1 of 2 people who replied took part. How they were chosen: We drew lots."
    assert openings.still_to_write_down(lead.person_id, today=CLOSED) == []
    refused(NotAllowed, write_down, lead, how="I chose my friends.")


def test_who_replied_is_read_by_whoever_made_it_and_by_admins(project, admin):
    def look(by):
        return openings.looks_after("hearth", "come-and-talk", by=by, today=TODAY)

    publish(project.by("lead-1"))
    reply(project.by("lived-1"))
    for by in (project.by("lead-1"), admin):
        assert [one.name for _, one in openings.replies(look(by)[1])] == ["Lived 1"]
    for by, error in (
        (project.by("lived-1"), NotFound), (project.by("coord-1"), NotFound), (Actor(admin.person_id), ConfirmFirst),
    ):  # fmt: skip
        refused(error, look, by)
    refused(NotFound, openings.opening_of, "hearth", "no-such")
    assert outbox.letters_owed() == 0


def test_pressing_twice_publishes_once(project):
    publish(project.by("lead-1"))
    refused(Refused, publish, project.by("lead-1"))
    assert publish(project.by("lead-1"), task="Another thing.") == "come-and-talk-2"
    assert publish(project.by("coord-1")) == "come-and-talk-3"


def test_how_people_were_chosen_is_written_down_also_after_the_project_has_closed(project):
    lead = project.by("lead-1")
    publish(lead)
    project.row.state = "closed"
    db.session.commit()
    assert len(openings.still_to_write_down(lead.person_id, today=CLOSED)) == 1
    write_down(lead, number="0")
    assert openings.still_to_write_down(lead.person_id, today=CLOSED) == []
    refused(NotFound, publish, lead, title="One more")


def test_whoever_leads_no_more_is_not_asked_to_write_down_what_they_cannot(project):
    coord = project.by("coord-1")
    publish(coord)
    people.leave(project.id, by=coord, today=TODAY)
    refused(NotFound, write_down, coord)
    assert openings.still_to_write_down(coord.person_id, today=CLOSED) == []
