"""Whoever asks to hear of chances confirms their address first, and ends it with one click."""

from __future__ import annotations

import pytest

from govflow.domain.refusals import ConfirmFirst, Invalid, NotFound, TooOften
from govflow.services import sweep
from govflow.services.base.actions import Actor, person_by_email
from govflow.services.openings import subscriptions
from govflow.services.people.people import invite_person
from govflow.store import Email, Person, Subscription, db
from tests.support.factories import TEA, TODAY, a_project, days, dump, rows
from tests.support.topics.openings import ask, letters, token


@pytest.fixture
def project(app):
    return a_project(app, plugins={"kitchen": TEA})


def listed(admin):
    return [
        (person.name, row.words) for row, person in subscriptions.list_subscribers(organisation="hearth", by=admin)[1]
    ]


@pytest.mark.both_engines
def test_nobody_is_on_the_list_until_they_say_yes_by_the_link_in_the_letter(project, admin):
    ask(words="I like tea.")
    assert listed(admin) == []
    [letter] = letters()
    assert letter.to == "new@example.org"
    assert letter.words.subject == "GovFlow: please confirm your address"
    link = letter.words.text.strip().rpartition("/")[2]
    assert link not in dump(), "the database holds no link that works"
    subscriptions.confirm(link, today=TODAY)
    assert listed(admin) == [("New Person", "I like tea.")]
    subscriptions.end(link, today=TODAY)
    assert listed(admin) == []
    assert rows(Subscription)[0].words == ""
    subscriptions.confirm(link, today=TODAY)  # an old letter puts nobody back
    assert listed(admin) == []


def test_what_is_done_is_the_same_for_an_address_we_know(project, admin):
    for email in ("new@example.org", "lived-1@example.org"):
        assert ask(email) == project.row.organisation_id
    assert [one.kind for one in rows(Email)] == ["hearing", "hearing"]
    assert person_by_email("lived-1@example.org").name == "Lived 1"


def test_whoever_types_the_address_of_others_changes_nothing_of_theirs(project, admin):
    ask("lived-1@example.org", words="I like tea.")
    subscriptions.confirm(token(), today=TODAY)
    ask("lived-1@example.org", name="A villain", words="I like money.")
    assert listed(admin) == [("Lived 1", "I like tea.")]
    ask("new@example.org", name="A villain")
    assert "villain" not in "".join(letter.words.text for letter in letters())
    assert person_by_email("new@example.org").name == "new@example.org"
    invite_person(email="new@example.org", name="Nell", organisation=None, admin=False)
    subscriptions.confirm(token(), today=TODAY)
    assert ("Nell", "") in listed(admin)


def test_an_address_gets_three_letters_an_hour_and_a_network_twenty_asks(project):
    assert [bool(ask()) for _ in range(5)] == [True, True, True, False, False]
    assert len(rows(Email)) == 3
    for number in range(15):
        ask(f"p{number}@example.org")
    with pytest.raises(TooOften):
        ask("more@example.org")
    db.session.rollback()
    assert ask("more@example.org", network="another")


def test_who_never_confirms_is_forgotten_after_a_week(project, admin):
    ask()
    ask("lived-1@example.org")
    sweep.sweep(today=TODAY + days(7))
    assert len(rows(Subscription)) == 2
    sweep.sweep(today=TODAY + days(8))
    assert rows(Subscription) == []
    assert person_by_email("new@example.org") is None
    assert person_by_email("lived-1@example.org") is not None
    assert len(rows(Person)) == 5


def test_only_admins_of_this_organisation_see_the_list_after_one_more_step(project, admin):
    for who, error in (
        (project.by("lead-1", strong=True), NotFound),
        (
            Actor(invite_person(email="b@example.org", name="B", organisation="other", admin=True).id, strong=True),
            NotFound,
        ),
        (Actor(admin.person_id), ConfirmFirst),
    ):
        with pytest.raises(error):
            subscriptions.list_subscribers(organisation="hearth", by=who)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 400}, "name"),
        ({"email": "nobody"}, "email"),
        ({"email": ""}, "email"),
        ({"words": "y" * 1_001}, "words"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(project, given, field):
    with pytest.raises(Invalid) as refusal:
        ask(**given)
    assert field in refusal.value.problems
    assert rows(Subscription) == []


@pytest.mark.parametrize("link", ["", "not-a-link", "ImFiYyI.Zz", "é" * 50])
def test_a_link_that_is_not_whole_opens_nothing(project, link):
    for what in (subscriptions.confirm, subscriptions.end):
        with pytest.raises(NotFound):
            what(link, today=TODAY)
        db.session.rollback()
    with pytest.raises(NotFound):
        ask(organisation="no-such-place")
