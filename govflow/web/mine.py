"""My list: what I owe, what waits for me, and who asks me in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, render_template, request

from govflow.domain.gates.overdue import is_late
from govflow.domain.people import EXPERTISE_TITLES
from govflow.domain.questions import Question
from govflow.domain.refusals import Invalid
from govflow.domain.wording import day
from govflow.services.openings import openings
from govflow.services.people import people, projects
from govflow.services.polls import polls
from govflow.web.access import by, signed_in, today
from govflow.web.answers import done
from govflow.web.forms import NOBODY, form_for, summary, typed

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


def about_me(project: Any) -> tuple[Question, ...]:
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


def add_routes(pages: Blueprint) -> None:
    @pages.get("/")
    @signed_in
    def mine() -> Any:
        day_now = today()
        owed = projects.my_list(g.person.id, today=day_now)
        return render_template(
            "mine.html",
            late=[one for one in owed if one.mine and is_late(one.finding.due_on, day_now)],
            due=[one for one in owed if one.mine and not is_late(one.finding.due_on, day_now)],
            waiting=[one for one in owed if not one.mine],
            asked=polls.open_for(g.person.id, today=day_now),
            to_write_down=openings.still_to_write_down(g.person.id, today=day_now),
            invitations=people.invitations(g.person.id),
            day_words=day,
            today=day_now,
        )

    @pages.route("/join/<slug>", methods=["GET", "POST"])
    @signed_in
    def join(slug: str) -> Any:
        found = next((one for one in people.invitations(g.person.id) if one[1].slug == slug), None)
        if found is None:
            abort(404)
        _, project, asked_by = found
        questions = about_me(project)
        refusal = None
        if request.method == "POST":
            if request.form.get("answer") == "no":
                people.say_no(project.id, by=by(), today=today())
                return done("You said no. Nobody will ask you why.", "pages.mine")
            given = typed(questions)
            try:
                people.join(
                    project.id,
                    title=given["title"],
                    expertise=given["expertise"],
                    words=given.get("words", ()),
                    by=by(),
                    today=today(),
                )
                return done("Welcome. It is good that you are here.", "pages.project", slug=slug)
            except Invalid as error:
                refusal = error
        form = form_for(questions, NOBODY, refusal=refusal)
        page = render_template(
            "join.html", project=project, asked_by=asked_by, form=form, summary=summary(form, refusal)
        )
        return page, 422 if refusal else 200
