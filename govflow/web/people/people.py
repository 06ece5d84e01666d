"""The people of a project: who is here, asking somebody in, what is one's own, leaving."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import abort, render_template, request

from govflow.domain.people import EXPERTISE, EXPERTISE_TITLES, ROLE_TITLES, Role
from govflow.domain.questions import Question
from govflow.domain.wording import shortened
from govflow.services.people import people
from govflow.web.access import ProjectView, by, in_project
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, read_form
from govflow.web.people.blueprint import bp
from govflow.web.people.joining import questions_about_me

ASK_IN = (
    Question(name="name", label="Their name"),
    Question(name="email", label="Their email address"),
    Question(
        name="role",
        label="What are they asked to do here?",
        kind="choice",
        choices={name: title.capitalize() for name, title in ROLE_TITLES.items()},
    ),
)
LEAST = 5


@bp.get("/projects/<slug>/people")
@in_project("see names")
def members(here: ProjectView) -> Any:
    inside = here.actor.role is not None and here.actor.role != Role.OBSERVER
    members = [member for member in here.snapshot.members if member.role != Role.OBSERVER]
    held = Counter(kind for member in members for kind in member.expertise)
    return render_template(
        "people/members.html",
        here=here,
        inside=inside,
        sections=_sections(members) if inside else [],
        observers=[member for member in here.snapshot.members if member.role == Role.OBSERVER],
        numbers=[
            {"label": EXPERTISE_TITLES[kind], "n": held[kind] if held[kind] >= LEAST else None} for kind in EXPERTISE
        ],
        total=len(members) if len(members) >= LEAST else None,
        roles=ROLE_TITLES,
    )


@bp.route("/projects/<slug>/people/invite", methods=["GET", "POST"])
@in_project("invite")
def invite(here: ProjectView) -> Any:
    def save() -> Any:
        given = {name: request.form.get(name, "") for name in ("name", "email", "role")}
        people.invite(here.project.id, by=by(), today=here.today, **given)
        words = f"{shortened(given['name'].strip(), 80)} is asked to join. We sent an email."
        return flash_and_redirect(words, "people.members", slug=here.project.slug)

    return answer_form(ASK_IN, save, "people/invite.html", kept={"role": "member"}, here=here)


@bp.route("/projects/<slug>/people/me", methods=["GET", "POST"])
@in_project("see names")
def about_me(here: ProjectView) -> Any:
    me = here.me
    if me is None:
        abort(404)
    questions = questions_about_me(here.project)

    def save() -> Any:
        if request.form.get("do") == "leave":
            people.leave(here.project.id, by=by(), today=here.today)
            return flash_and_redirect("You have left the project. Thank you for all you gave.", "my_list.my_list")
        given = read_form(questions)
        people.change_self(
            here.project.id,
            title=given["title"],
            expertise=given["expertise"],
            words=given.get("words", ()),
            by=by(),
            today=here.today,
        )
        return flash_and_redirect("Changed.", "people.members", slug=here.project.slug)

    kept = {"title": me.title, "expertise": list(me.expertise), "words": list(me.words)}
    return answer_form(questions, save, "people/about_me.html", kept=kept, here=here)


@bp.post("/projects/<slug>/people/remove")
@in_project("invite")
def remove(here: ProjectView) -> Any:
    people.remove(here.project.id, member=request.form.get("member", ""), by=by(), today=here.today)
    return flash_and_redirect(
        "Their time in the project has ended. What they did stays.", "people.members", slug=here.project.slug
    )


def _sections(members: list[Any]) -> list[tuple[str, list[Any]]]:
    """Members by the first kind of expertise they named; several kinds show as chips."""
    found: list[tuple[str, list[Any]]] = []
    for kind in EXPERTISE:
        found.append(
            (EXPERTISE_TITLES[kind], [member for member in members if member.expertise and member.expertise[0] == kind])
        )
    found.append(("Not said yet", [member for member in members if not member.expertise]))
    return [(title, some) for title, some in found if some]
