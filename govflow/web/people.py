"""The people of a project: who is here, asking somebody in, what is one's own, leaving."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Blueprint, abort, render_template, request

from govflow.domain.people import EXPERTISE, EXPERTISE_TITLES, ROLE_TITLES
from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import Invalid
from govflow.domain.wording import shortened
from govflow.services.people import people
from govflow.web.access import Here, by, in_project
from govflow.web.answers import done
from govflow.web.forms import form_for, summary, typed
from govflow.web.mine import about_me

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


def add_routes(pages: Blueprint) -> None:
    @pages.get("/projects/<slug>/people")
    @in_project("see names")
    def people_(here: Here) -> Any:
        inside = here.actor.role is not None and here.actor.role != "observer"
        members = [one for one in here.snapshot.members if one.role != "observer"]
        held = Counter(kind for one in members for kind in one.expertise)
        return render_template(
            "people.html",
            here=here,
            inside=inside,
            sections=_sections(members) if inside else [],
            observers=[one for one in here.snapshot.members if one.role == "observer"],
            numbers=[
                {"label": EXPERTISE_TITLES[kind], "n": held[kind] if held[kind] >= LEAST else None}
                for kind in EXPERTISE
            ],
            total=len(members) if len(members) >= LEAST else None,
            roles=ROLE_TITLES,
        )

    @pages.route("/projects/<slug>/people/invite", methods=["GET", "POST"])
    @in_project("invite")
    def invite(here: Here) -> Any:
        refusal = None
        if request.method == "POST":
            given = {name: request.form.get(name, "") for name in ("name", "email", "role")}
            try:
                people.invite(here.project.id, by=by(), today=here.today, **given)
                return done(
                    f"{shortened(given['name'].strip(), 80)} is asked to join. We sent an email.",
                    "pages.people_",
                    slug=here.project.slug,
                )
            except Invalid as error:
                refusal = error
        form = form_for(ASK_IN, NOBODY, {"role": "member"}, refusal)
        return render_template(
            "invite.html", here=here, form=form, summary=summary(form, refusal)
        ), 422 if refusal else 200

    @pages.route("/projects/<slug>/people/me", methods=["GET", "POST"])
    @in_project("see names")
    def me(here: Here) -> Any:
        refusal = None
        if here.me is None:
            abort(404)
        questions = about_me(here.project)
        if request.method == "POST":
            if request.form.get("do") == "leave":
                people.leave(here.project.id, by=by(), today=here.today)
                return done("You have left the project. Thank you for all you gave.", "pages.mine")
            given = typed(questions)
            try:
                people.change_self(
                    here.project.id,
                    title=given["title"],
                    expertise=given["expertise"],
                    words=given.get("words", ()),
                    by=by(),
                    today=here.today,
                )
                return done("Changed.", "pages.people_", slug=here.project.slug)
            except Invalid as error:
                refusal = error
        kept = {"title": here.me.title, "expertise": list(here.me.expertise), "words": list(here.me.words)}
        form = form_for(questions, NOBODY, kept, refusal)
        return render_template("me.html", here=here, form=form, summary=summary(form, refusal)), 422 if refusal else 200

    @pages.post("/projects/<slug>/people/remove")
    @in_project("invite")
    def remove(here: Here) -> Any:
        people.remove(here.project.id, member=request.form.get("member", ""), by=by(), today=here.today)
        return done(
            "Their time in the project has ended. What they did stays.", "pages.people_", slug=here.project.slug
        )


def _sections(members: list[Any]) -> list[tuple[str, list[Any]]]:
    """Members by the first kind of expertise they named; several kinds show as chips."""
    found: list[tuple[str, list[Any]]] = []
    for kind in EXPERTISE:
        found.append((EXPERTISE_TITLES[kind], [one for one in members if one.expertise and one.expertise[0] == kind]))
    found.append(("Not said yet", [one for one in members if not one.expertise]))
    return [(title, some) for title, some in found if some]
