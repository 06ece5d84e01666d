"""Joining a project that asks one in, and what one says of oneself in it."""

from __future__ import annotations

from typing import Any

from flask import abort, g, request

from govflow.domain.people import EXPERTISE_TITLES
from govflow.domain.questions import Question
from govflow.services.people import people
from govflow.web.access import by, signed_in, today
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, read_form
from govflow.web.people.blueprint import bp

ABOUT_ME = (
    Question(
        name="title",
        label="What would you like your role to be called?",
        help="Your own words. You can leave it empty, and change it at any time.",
    ),
    Question(
        name="expertise",
        label="What kinds of experience do you bring?",
        kind="choices",
        choices=EXPERTISE_TITLES,
        help="Choose all that are true for you. Only you can set this. Others in the project can see it.",
    ),
)


def questions_about_me(project: Any) -> tuple[Question, ...]:
    """What a person says of themselves in a project; with the organisation's own words for expertise, if it has any."""
    words = people.own_words(project)
    if not words:
        return ABOUT_ME
    own = Question(
        name="words",
        label="Do any of these words fit you?",
        kind="choices",
        choices={word: f"{word} ({EXPERTISE_TITLES[kind].lower()})" for word, kind in words.items()},
        help="They are this organisation’s own words. You can leave them all out.",
    )
    return (*ABOUT_ME, own)


@bp.route("/join/<slug>", methods=["GET", "POST"])
@signed_in
def join(slug: str) -> Any:
    found = next((asked for asked in people.invitations(g.person.id) if asked[1].slug == slug), None)
    if found is None:
        abort(404)
    _, project, asked_by = found
    questions = questions_about_me(project)

    def save() -> Any:
        if request.form.get("answer") == "no":
            people.say_no(project.id, by=by(), today=today())
            return flash_and_redirect("You said no. Nobody will ask you why.", "my_list.my_list")
        given = read_form(questions)
        people.join(
            project.id,
            title=given["title"],
            expertise=given["expertise"],
            words=given.get("words", ()),
            by=by(),
            today=today(),
        )
        return flash_and_redirect("Welcome. It is good that you are here.", "people.project", slug=slug)

    return answer_form(questions, save, "people/join.html", project=project, asked_by=asked_by)
