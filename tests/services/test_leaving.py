"""Leaving or being removed ends sessions, links and letters at once: nothing is left that still works."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
import time_machine
from flask import Flask

from govflow.domain.gates.checks import COORDINATOR
from govflow.domain.gates.overdue import after_stage_entry
from govflow.services import sweep
from govflow.services.auth import sessions, sign_in_links
from govflow.services.auth.sign_in import ask_for_link
from govflow.services.base.actions import Actor, person_by_email
from govflow.services.gates import gates
from govflow.services.mail import outbox
from govflow.services.people import people
from govflow.store import Email, SignInLink, db
from tests.support.factories import FOUR, NOTHING, TODAY, Made, a_check, a_plugin, a_project, person, rows

ANN = person("ann", "lived", role="coordinator")
EMAIL = "ann@example.org"
LATE = {"kitchen": a_plugin(checks=[a_check(due=after_stage_entry(days=30), owed_by=COORDINATOR)])}


@pytest.fixture(autouse=True)
def noon_of_today():
    with time_machine.travel(datetime.combine(TODAY, time(12), tzinfo=UTC), tick=True):
        yield


def ann() -> int:
    found = person_by_email(EMAIL)
    assert found is not None
    return found.id


def a_browser() -> str:
    token = sessions.start_session(ann(), device="A phone", today=TODAY)
    db.session.commit()
    return token


def remove(project: Made) -> None:
    people.remove(project.id, member="ann", by=project.by("lead-1"), today=TODAY)


def leave(project: Made) -> None:
    people.leave(project.id, by=project.by("ann"), today=TODAY)


def posted_to_ann() -> list[str]:
    lease, ids = outbox.claim()
    ready = [outbox.compose(one, lease, today=TODAY) for one in ids]
    return [one.words.text for one in ready if one and one.to == EMAIL]


@pytest.fixture
def project(app: Flask) -> Made:
    return a_project(app, plugins={"kitchen": NOTHING}, members=[*FOUR, ANN])


@pytest.mark.both_engines
@pytest.mark.parametrize("go", [leave, remove])
def test_whoever_is_in_nothing_any_more_is_signed_out_everywhere(project: Made, go) -> None:
    browsers = [a_browser() for _ in range(3)]
    go(project)
    assert [sessions.signed_in(one) for one in browsers] == [None] * 3
    assert sessions.sessions_of(ann()) == []


@pytest.mark.parametrize("go", [leave, remove])
def test_their_links_work_no_more_printed_posted_or_only_asked_for(project: Made, go) -> None:
    printed = sign_in_links.operator_link(ann())
    ask_for_link(EMAIL, browser="b", code="2346C79D", network="n")
    [letter] = posted_to_ann()
    posted = letter.partition("/sign-in/")[2].split()[0]
    ask_for_link(EMAIL, browser="b", code="2346C79D", network="n")
    go(project)
    assert posted_to_ann() == [], "A link that was asked for before is not posted after."
    assert not sign_in_links.link_works(printed)
    assert not sign_in_links.link_works(posted)
    assert all(one.used_at for one in rows(SignInLink))


def test_a_letter_that_a_worker_holds_already_is_not_worded_any_more(project: Made) -> None:
    ask_for_link(EMAIL, browser="b", code="2346C79D", network="n")
    lease, ids = outbox.claim()
    assert len(ids) == 1
    remove(project)
    assert outbox.compose(ids[0], lease, today=TODAY) is None


def test_letters_about_the_project_are_cancelled_and_those_about_others_go_on(app: Flask) -> None:
    first = a_project(app, plugins=LATE, members=[*FOUR, ANN], slug="first", title="First")
    a_project(app, members=[*FOUR, ANN], slug="second", title="Second")
    a_project(app, members=[*FOUR], slug="third", title="Third")
    sweep.sweep(today=TODAY)
    remove(first)
    [letter] = posted_to_ann()
    assert "(Second)" in letter
    assert "First" not in letter


@pytest.mark.both_engines
def test_a_reminder_about_nothing_else_is_cancelled_at_once(app: Flask) -> None:
    project = a_project(app, plugins=LATE, members=[*FOUR, ANN])
    sweep.sweep(today=TODAY)
    assert {one.state for one in rows(Email, person_id=ann())} == {"owed"}
    remove(project)
    assert {one.state for one in rows(Email, person_id=ann())} == {"cancelled"}


def test_whoever_leaves_one_of_two_projects_stays_signed_in(app: Flask, project: Made) -> None:
    a_project(app, members=[*FOUR, ANN], slug="other")
    here = a_browser()
    leave(project)
    assert sessions.signed_in(here) is not None


def test_being_asked_in_or_looking_after_an_organisation_is_being_somewhere(app: Flask, project: Made) -> None:
    other = a_project(app, members=FOUR, slug="other")
    people.invite(other.id, email=EMAIL, name="Ann", role="member", by=other.by("lead-1"), today=TODAY)
    here = a_browser()
    remove(project)
    assert sessions.signed_in(here) is not None
    people.say_no(other.id, by=Actor(ann()), today=TODAY)
    assert sessions.signed_in(here) is None, "Who says no to the last is nowhere any more."


def test_an_admin_who_leaves_a_project_is_still_an_admin(project: Made) -> None:
    people.invite_person(email=EMAIL, name="Ann", organisation="hearth", admin=True)
    here = a_browser()
    leave(project)
    assert sessions.signed_in(here) is not None


def test_a_closed_project_keeps_nobody_signed_in_who_left_the_last_open_one(app: Flask, project: Made) -> None:
    from tests.support.topics.gates import closed

    done = closed(app, members=[*FOUR, ANN], slug="done")
    assert done.row.state == "closed"
    here = a_browser()
    leave(project)
    assert sessions.signed_in(here) is None


def test_who_was_removed_may_be_asked_in_again_and_signs_in_anew(project: Made) -> None:
    remove(project)
    people.invite(project.id, email=EMAIL, name="Ann", role="member", by=project.by("lead-1"), today=TODAY)
    ask_for_link(EMAIL, browser="b", code="2346C79D", network="n")
    letters = posted_to_ann()
    token = next(one for one in letters if "/sign-in/" in one).partition("/sign-in/")[2].split()[0]
    assert sessions.signed_in(sign_in_links.use_link(token, device="", browser="b", today=TODAY)) is not None


def test_a_gate_is_not_held_up_by_who_has_gone(project: Made) -> None:
    gates.sign_off(project.id, by=project.by("ann"), today=TODAY)
    remove(project)
    assert [one.member for one in project.gate().signed] == []
