"""Openings: read by anybody, replied to by whoever is signed in, looked after by whoever made them."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request

from govflow.domain.questions import Question
from govflow.domain.refusals import NotFound
from govflow.services.openings import openings
from govflow.web.access import anyone, ask_to_sign_in, by, signed_in, today
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, read_form
from govflow.web.openings.blueprint import bp

REPLY = (
    Question(
        name="words",
        label="Why would you like to?",
        kind="long_text",
        help="A few words are enough. Only the people who look after this read them, with your name and address.",
    ),
)
CHOSEN = (
    Question(name="number", label="How many of those who replied take part?"),
    Question(
        name="how",
        label="How were they chosen?",
        kind="long_text",
        help="Everybody can read this, also those who were not chosen. Name nobody.",
    ),
)
ITSELF = "-"
"""In the form: the opening is for the organisation itself, and for no project."""


@bp.get("/organisations/<organisation>/openings")
@anyone
def overview(organisation: str) -> Any:
    found, live, closed = openings.openings_of(organisation, today=today())
    return render_template(
        "openings/overview.html", organisation=found, live=live, closed=closed, can=_can(organisation)
    )


@bp.route("/organisations/<organisation>/openings/add", methods=["GET", "POST"])
@signed_in
def add(organisation: str) -> Any:
    place = openings.place_for(organisation, by=by(), today=today())
    choices = {ITSELF: place.organisation.name} if place.admin else {}
    choices |= {slug: project.title for slug, project in place.projects.items()}
    project = Question(
        name="project", label="What is it for?", kind="choice", choices=choices,
        help="The project’s title is not shown. Health conditions are best left out of the title below too.",
    )  # fmt: skip

    def save() -> Any:
        given = read_form(openings.OPENING)
        chosen = given.pop("project", "")
        slug = openings.publish(
            organisation=organisation,
            project={ITSELF: "", "": "?"}.get(chosen, chosen),
            given=given,
            by=by(),
            today=today(),
        )
        words = "Published. Everyone who asked to hear gets a letter."
        return flash_and_redirect(words, "openings.opening", organisation=organisation, opening=slug)

    return answer_form(
        (project, *openings.OPENING),
        save,
        "openings/add.html",
        kept={"project": next(iter(choices))},
        organisation=place.organisation,
    )


@bp.route("/organisations/<organisation>/openings/<opening>", methods=["GET", "POST"])
@anyone
def opening(organisation: str, opening: str) -> Any:
    found, row = openings.opening_of(organisation, opening)
    if request.method == "POST" and not g.person:
        return ask_to_sign_in()
    place: dict[str, Any] = {"organisation": organisation, "opening": opening}

    def save() -> Any:
        if request.form.get("do") == "take back":
            openings.take_back(**place, by=by(), today=today())
            words = "Your reply is gone. You can reply again until it closes."
        else:
            openings.reply(**place, words=request.form.get("words", ""), by=by(), today=today())
            words = "Thank you. Your reply is kept. They write to you."
        return flash_and_redirect(words, "openings.opening", **place)

    mine = openings.my_reply(row, by=by()) if g.person else None
    return answer_form(
        REPLY,
        save,
        "openings/opening.html",
        kept={"words": mine},
        organisation=found,
        opening=row,
        live=row.closes >= today(),
        mine=mine,
        also=lambda: {
            "how": openings.how_chosen(row),
            "can": _may_look_after(organisation, row),
        },
    )


@bp.route("/organisations/<organisation>/openings/<opening>/replies", methods=["GET", "POST"])
@signed_in
def replies(organisation: str, opening: str) -> Any:
    found, row = openings.looks_after(organisation, opening, by=by(), today=today())

    def save() -> Any:
        given = {name: request.form.get(name, "") for name in ("how", "number")}
        openings.write_down(organisation=organisation, opening=opening, by=by(), today=today(), **given)
        words = "Written down. It stands on the page for good."
        return flash_and_redirect(words, "openings.opening", organisation=organisation, opening=opening)

    return answer_form(
        CHOSEN,
        save,
        "openings/replies.html",
        organisation=found,
        opening=row,
        live=row.closes >= today(),
        also=lambda: {"replies": openings.replies(row), "how": openings.how_chosen(row)},
    )


def _place(organisation: str) -> openings.Publisher | None:
    try:
        return openings.place_for(organisation, by=by(), today=today()) if g.person else None
    except NotFound:
        return None


def _can(organisation: str) -> bool:
    return _place(organisation) is not None


def _may_look_after(organisation: str, row: Any) -> bool:
    place = _place(organisation)
    return place is not None and (row.person_id == g.person.id or place.admin)
