"""Openings: read by anybody, replied to by whoever is signed in, looked after by whoever made them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request

from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import Invalid, NotFound
from govflow.services.openings import openings
from govflow.web.access import anyone, ask_to_sign_in, by, signed_in, today
from govflow.web.answers import done
from govflow.web.forms import form_for, summary, typed

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


def add_routes(pages: Blueprint) -> None:
    @pages.get("/organisations/<organisation>/openings")
    @anyone
    def openings_(organisation: str) -> Any:
        found, live, closed = openings.openings_of(organisation, today=today())
        return render_template("openings.html", organisation=found, live=live, closed=closed, can=_can(organisation))

    @pages.route("/organisations/<organisation>/openings/add", methods=["GET", "POST"])
    @signed_in
    def add_opening(organisation: str) -> Any:
        place = openings.place_for(organisation, by=by(), today=today())
        choices = {ITSELF: place.organisation.name} if place.admin else {}
        choices |= {slug: one.title for slug, one in place.projects.items()}
        project = Question(
            name="project", label="What is it for?", kind="choice", choices=choices,
            help="The project’s title is not shown. Health conditions are best left out of the title below too.",
        )  # fmt: skip
        refusal = None
        if request.method == "POST":
            given = typed(openings.OPENING)
            chosen = given.pop("project", "")
            try:
                slug = openings.publish(
                    organisation=organisation,
                    project={ITSELF: "", "": "?"}.get(chosen, chosen),
                    given=given,
                    by=by(),
                    today=today(),
                )
                words = "Published. Everyone who asked to hear gets a letter."
                return done(words, "pages.opening", organisation=organisation, opening=slug)
            except Invalid as error:
                refusal = error
        form = form_for((project, *openings.OPENING), NOBODY, {"project": next(iter(choices))}, refusal)
        page = render_template(
            "add_opening.html", organisation=place.organisation, form=form, summary=summary(form, refusal)
        )
        return page, 422 if refusal else 200

    @pages.route("/organisations/<organisation>/openings/<opening>", methods=["GET", "POST"])
    @anyone
    def opening(organisation: str, opening: str) -> Any:
        found, row = openings.opening_of(organisation, opening)
        place: dict[str, Any] = {"organisation": organisation, "opening": opening}
        refusal = None
        if request.method == "POST":
            if not g.person:
                return ask_to_sign_in()
            try:
                if request.form.get("do") == "take back":
                    openings.take_back(**place, by=by(), today=today())
                    return done("Your reply is gone. You can reply again until it closes.", "pages.opening", **place)
                openings.reply(**place, words=request.form.get("words", ""), by=by(), today=today())
                return done("Thank you. Your reply is kept. They write to you.", "pages.opening", **place)
            except Invalid as error:
                refusal = error
        mine = openings.my_reply(row, by=by()) if g.person else None
        form = form_for(REPLY, NOBODY, {"words": mine}, refusal)
        page = render_template(
            "opening.html",
            organisation=found,
            opening=row,
            live=row.closes >= today(),
            mine=mine,
            how=openings.how_chosen(row),
            form=form,
            summary=summary(form, refusal),
            can=_can(organisation) and (row.person_id == g.person.id or _admin(organisation)),
        )
        return page, 422 if refusal else 200

    @pages.route("/organisations/<organisation>/openings/<opening>/replies", methods=["GET", "POST"])
    @signed_in
    def opening_replies(organisation: str, opening: str) -> Any:
        found, row = openings.looks_after(organisation, opening, by=by(), today=today())
        refusal = None
        if request.method == "POST":
            given = {name: request.form.get(name, "") for name in ("how", "number")}
            try:
                openings.write_down(organisation=organisation, opening=opening, by=by(), today=today(), **given)
                words = "Written down. It stands on the page for good."
                return done(words, "pages.opening", organisation=organisation, opening=opening)
            except Invalid as error:
                refusal = error
        form = form_for(CHOSEN, NOBODY, refusal=refusal)
        page = render_template(
            "opening_replies.html",
            organisation=found,
            opening=row,
            live=row.closes >= today(),
            replies=openings.replies(row),
            how=openings.how_chosen(row),
            form=form,
            summary=summary(form, refusal),
        )
        return page, 422 if refusal else 200


def _place(organisation: str) -> openings.Publisher | None:
    try:
        return openings.place_for(organisation, by=by(), today=today()) if g.person else None
    except NotFound:
        return None


def _can(organisation: str) -> bool:
    return _place(organisation) is not None


def _admin(organisation: str) -> bool:
    place = _place(organisation)
    return place is not None and place.admin
