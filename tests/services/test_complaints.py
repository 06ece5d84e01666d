"""Complaints: from anybody, sealed, to the admins they are for and nobody else; late ones are marked."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from govflow.domain.refusals import ConfirmFirst, Invalid, NotFound, Refused, TooOften
from govflow.services import health
from govflow.services.base.actions import Actor
from govflow.services.mail import outbox
from govflow.services.people.people import invite_person
from govflow.services.privacy import complaints
from govflow.store import Complaint, Email, now
from tests.support.factories import FOUR, NOTHING, TODAY, Made, a_project, days, dump, rows

TEXT = {"what": "Kanariwhat: my form was left open", "reach": "Kanarireach@example.org"}


@pytest.fixture
def project(app: Flask) -> Made:
    return a_project(app, plugins={"kitchen": NOTHING})


def admin(name: str = "ada", organisation: str = "hearth") -> Actor:
    found = invite_person(email=f"{name}@example.org", name=name.title(), organisation=organisation, admin=True)
    return Actor(found.id, strong=True)


def say(person_id: int | None = None, *, network: str = "192.0.2.1", today=TODAY, **more: str) -> None:
    complaints.complain(given={**TEXT, **more}, person_id=person_id, network=network, today=today)


def read(by: Actor, organisation: str = "hearth", today=TODAY):
    return complaints.complaints_of(organisation=organisation, by=by, today=today)[1]


def posted() -> list[tuple[str, str, str]]:
    lease, ids = outbox.claim()
    ready = [outbox.compose(one, lease, today=TODAY) for one in ids]
    return [(one.to, one.words.subject, one.words.text) for one in ready if one]


@pytest.mark.both_engines
def test_a_member_s_complaint_is_read_by_the_admins_of_their_organisation_alone(app, project):
    a_project(app, slug="other", organisation="elsewhere")
    ours, theirs = admin(), admin("eve", "elsewhere")
    say(project.by("lived-1").person_id, about="hearth")
    assert [(one.what, one.reach) for one in read(ours)] == [(TEXT["what"], TEXT["reach"])]
    assert read(theirs, "elsewhere") == []
    with pytest.raises(NotFound):
        read(theirs)
    with pytest.raises(NotFound):
        read(project.by("lead-1", strong=True))
    with pytest.raises(ConfirmFirst):
        read(Actor(ours.person_id))


def test_nothing_of_it_or_of_who_made_it_is_in_the_database_or_in_a_letter(project):
    admin()
    say(project.by("lived-1").person_id)
    [(to, subject, text)] = posted()
    assert (to, subject) == ("ada@example.org", "GovFlow: a complaint has come")
    assert "Kanari" not in text + dump() + repr(rows(Complaint))
    assert "/organisations/hearth/complaints" in text
    assert not {"person_id", "member_id"} & set(Complaint.__table__.columns.keys())


def test_a_visitor_names_the_organisation_and_is_not_told_which_there_are(app, project):
    a_project(app, slug="other", organisation="elsewhere")
    admin()
    say(about=" HEARTH ")
    say(about="No such house")
    assert [(one.organisation_id is None) for one in rows(Complaint)] == [False, True]
    assert [one.name for one in complaints.questions(None)] == ["about", "what", "reach"]
    assert complaints.questions(None)[0].choices is None


def test_where_there_is_one_organisation_every_complaint_is_its(project):
    say()
    assert [one.organisation_id for one in rows(Complaint)] == [project.row.organisation_id]


def test_one_that_names_no_organisation_is_handed_on_by_the_operator(app, project, tmp_path):
    a_project(app, slug="other", organisation="elsewhere")
    by = admin()
    say()
    [row] = complaints.of_nobody()
    assert complaints.words_of(row) == (TEXT["what"], TEXT["reach"])
    assert posted() == []
    assert any(
        "name no organisation" in one for one in health.problems(redis_url="", migrations=_migrations(app), today=TODAY)
    )
    complaints.hand_on(row.id, organisation="hearth", today=TODAY)
    assert [one.what for one in read(by)] == [TEXT["what"]]
    assert len(posted()) == 1
    with pytest.raises(NotFound):
        complaints.hand_on(row.id, organisation="hearth", today=TODAY)


def _migrations(app: Flask) -> str:
    return str(app.extensions["migrate"].directory)


def test_after_thirty_days_without_a_word_it_is_late_and_no_longer_once_they_were_told(project):
    by = admin()
    say()
    assert [one.late for one in read(by, today=TODAY + days(30))] == [False]
    assert [one.late for one in read(by, today=TODAY + days(31))] == [True]
    [row] = rows(Complaint)
    complaints.acknowledge(row.id, organisation="hearth", by=by, today=TODAY + days(31))
    assert [(one.late, one.acknowledged_on) for one in read(by, today=TODAY + days(40))] == [(False, TODAY + days(31))]
    with pytest.raises(Refused):
        complaints.acknowledge(row.id, organisation="hearth", by=by, today=TODAY)


def test_what_came_of_it_is_kept_sealed_and_counts_as_an_answer(project):
    by = admin()
    say()
    [row] = rows(Complaint)
    with pytest.raises(Invalid):
        complaints.tell_outcome(row.id, words=" ", organisation="hearth", by=by, today=TODAY)
    complaints.tell_outcome(row.id, words="Kanarioutcome", organisation="hearth", by=by, today=TODAY + days(3))
    [told] = read(by)
    assert (told.outcome, told.outcome_on, told.acknowledged_on) == ("Kanarioutcome", TODAY + days(3), TODAY + days(3))
    assert "Kanarioutcome" not in dump()


def test_nobody_records_anything_on_a_complaint_of_others(app, project):
    a_project(app, slug="other", organisation="elsewhere")
    say(about="hearth")
    [row] = rows(Complaint)
    eve = admin("eve", "elsewhere")
    for organisation in ("hearth", "elsewhere"):
        with pytest.raises(NotFound):
            complaints.acknowledge(row.id, organisation=organisation, by=eve, today=TODAY)
    with pytest.raises(NotFound):
        complaints.acknowledge(2**31 - 1, organisation="elsewhere", by=eve, today=TODAY)


def test_five_an_hour_come_from_one_network_and_the_sixth_waits(project):
    for _ in range(5):
        say()
    with pytest.raises(TooOften):
        say()
    say(network="192.0.2.2")
    with time_machine.travel(now() + timedelta(minutes=61), tick=True):
        say()
    assert len(rows(Complaint)) == 7


def test_an_admin_who_looks_after_it_no_more_gets_no_letter(project):
    from govflow.store import Admin, db

    admin()
    say()
    db.session.delete(rows(Admin)[0])
    db.session.commit()
    assert posted() == []
    assert [one.state for one in rows(Email)] == ["cancelled"]


@pytest.mark.parametrize("given", [{}, {"what": " "}, {"what": "x" * 10_001}, {"what": "x", "more": "y"}])
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(project, given):
    with pytest.raises(Invalid):
        complaints.complain(given=given, person_id=None, network="n", today=TODAY)
    assert rows(Complaint) == []


def test_somebody_in_two_organisations_says_which(app, project):
    a_project(app, slug="other", organisation="elsewhere", members=FOUR)
    who = project.by("lived-1").person_id
    with pytest.raises(Invalid, match="which organisation"):
        say(who)
    say(who, about="elsewhere")
    assert [one.organisation_id for one in rows(Complaint)] != [project.row.organisation_id]
