"""The pages of the equality questions: what is said before the first one, and that no page ever shows an answer."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from govflow.domain import promises
from govflow.domain.polls.equality import QUESTIONS
from govflow.services.polls import polls
from tests.support.site import TODAY, World, steady, token_of

URL = "/projects/p2/people/equality"
EVERYONE = ("lead", "member", "coordinator", "finance", "writer", "second", "third", "fourth")


def post(world: World, who: str, **form: str):
    client = world.client(who)
    return client.post(URL, data={"csrf_token": token_of(client), **form})


def sent(world: World, who: str, **form: str) -> str:
    """The page that comes after a form was sent."""
    client = world.client(who)
    answer = client.post(URL, data={"csrf_token": token_of(client), **form}, follow_redirects=True)
    return answer.get_data(as_text=True)


def page(world: World, who: str, url: str = URL) -> str:
    return world.client(who).get(url).get_data(as_text=True)


def main(body: str) -> str:
    """What stands on the page, without what was done a moment ago."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body[body.find("<h1") :]))


def test_everything_is_said_before_the_first_question(world: World) -> None:
    assert "Ask everyone now" in page(world, "p2-lead")
    assert "Ask everyone now" not in page(world, "p2-member")
    assert post(world, "p2-lead", do="ask").status_code == 302
    told = main(page(world, "p2-member"))
    first = told.index(QUESTIONS[0].label)
    for sentence in (
        "You need not answer.",
        "It may not be used to decide anything about one person.",
        "Nobody sees what you say.",
        "Nobody is told who has answered.",
        *(one.sentence for one in promises.EQUALITY),
        *promises.EQUALITY_NOT_PROMISED,
    ):
        assert told.index(sentence) < first, sentence
    for question in QUESTIONS:
        assert question.label in told
        assert question.help in told
    assert told.count("I prefer not to say") == len(QUESTIONS) + 2


def test_no_page_shows_or_marks_an_answer(world: World) -> None:
    """Whoever answers sees what they saw before, and so does everyone else, on every page."""
    post(world, "p2-lead", do="ask")
    pages = (
        URL,
        f"{URL}/counts",
        "/projects/p2",
        "/projects/p2/people",
        "/projects/p2/gate",
        "/projects/p2/history",
        "/",
    )

    def seen() -> dict[tuple[str, str], str]:
        return {(who, url): steady(page(world, f"p2-{who}", url)) for who in EVERYONE for url in pages}

    before = seen()
    assert "Thank you" in sent(world, "p2-member", disability="yes", religion="none")
    assert seen() == before
    assert not [url for url, body in before.items() if re.search(r"\b(checked|selected)\b", body)]
    assert "Nothing of you will be counted" in sent(world, "p2-member", do="take out")
    assert seen() == before


def test_the_counts_come_after_it_has_closed_and_say_what_they_are_not_for(world: World) -> None:
    post(world, "p2-lead", do="ask")
    assert "There are no counts yet" in page(world, "p2-finance", f"{URL}/counts")
    for number, key in enumerate(EVERYONE):
        post(world, f"p2-{key}", disability="yes" if number < 6 else "no")
    with world.open():
        polls.close_due_rounds(today=TODAY + timedelta(days=22))
    told = main(page(world, "p2-finance", f"{URL}/counts"))
    assert "It may not be used to decide anything about one person." in told
    assert "have answered" not in told, "all of them might have"
    assert "Yes 5 or more No Fewer than 5, or hidden I prefer not to say Fewer than 5, or hidden" in told
    assert "Equality questions” closed" in page(world, "p2-member", "/projects/p2/history")


def test_who_came_later_is_told_so_and_gets_no_form(world: World) -> None:
    with world.open():
        from govflow.services.base.actions import person_by_email
        from govflow.services.people import people

        project, lead = world.project("p2").id, world.by("p2-lead")
        new = {"email": "new@example.org", "name": "New", "role": "member"}
        people.invite(project, by=lead, today=TODAY, **new)
        person = person_by_email("new@example.org")
        assert person is not None
        by = type(lead)(person.id)
    post(world, "p2-lead", do="ask")
    with world.open():
        people.join(project, title="", expertise=[], by=by, today=TODAY)
    body = page(world, "new")
    assert "You came after everyone was asked" in body
    assert "Send my answers" not in body


@pytest.mark.parametrize("who", ["p1-observer", "admin-a"])
def test_observers_and_admins_see_neither_page(world: World, who: str) -> None:
    for url in ("/projects/p1/people/equality", "/projects/p1/people/equality/counts"):
        assert world.client(who).get(url).status_code == 403


def test_what_cannot_be_asked_says_why_and_offers_nothing_else(world: World) -> None:
    with world.open():
        from govflow.services.people import people

        people.leave(world.project("p2").id, by=world.by("p2-fourth"), today=TODAY)
    body = page(world, "p2-lead")
    assert "Fewer than eight people are here" in body
    assert "<form" not in body[body.find("<main") :]
    assert post(world, "p2-lead", do="ask").status_code == 409


def test_a_value_that_is_not_offered_comes_back_at_its_question(world: World) -> None:
    post(world, "p2-lead", do="ask")
    answer = post(world, "p2-member", age="<b>7", religion="none")
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#age"' in body
    assert re.search(r'value="none"[^>]*checked', body), "what was chosen stays chosen"


def test_it_is_linked_where_a_member_finds_it_and_is_on_no_list(world: World) -> None:
    post(world, "p2-lead", do="ask")
    for url in ("/projects/p2", "/projects/p2/people"):
        assert f'href="{URL}"' in page(world, "p2-member", url)
    assert "quality" not in page(world, "p2-member", "/")
