"""What I need to take part, and what people told me that they need."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request

from govflow.domain.questions import Known
from govflow.domain.refusals import Invalid
from govflow.services.privacy import access_needs
from govflow.web.access import Here, by, in_project
from govflow.web.answers import done
from govflow.web.forms import form_for, summary, typed


def add_routes(pages: Blueprint) -> None:
    @pages.route("/projects/<slug>/people/me/needs", methods=["GET", "POST"])
    @in_project("see access needs")
    def my_needs(here: Here) -> Any:
        if here.me is None:
            abort(404)
        refusal = None
        if request.method == "POST":
            try:
                if request.form.get("do") == "take back":
                    access_needs.take_back(here.project.id, by=by(), today=here.today)
                    return done("Taken back. What you wrote is gone.", "pages.my_needs", slug=here.project.slug)
                given = typed(access_needs.QUESTIONS)
                given.pop("do", None)
                access_needs.write_need(here.project.id, given=given, by=by(), today=here.today)
                return done("Kept. Only the people you chose can read it.", "pages.my_needs", slug=here.project.slug)
            except Invalid as error:
                refusal = error
        mine = access_needs.my_need(here.project, here.me)
        there = Known(people=access_needs.can_be_told(here.snapshot, here.me), entries={})
        kept = {"need": mine.text, "told_to": [one for one in mine.told_to if one in there.people]} if mine else None
        form = form_for(access_needs.QUESTIONS, there, kept, refusal)
        page = render_template("my_needs.html", here=here, form=form, summary=summary(form, refusal), mine=mine)
        return page, 422 if refusal else 200

    @pages.route("/projects/<slug>/people/needs", methods=["GET", "POST"])
    @in_project("see access needs")
    def needs(here: Here) -> Any:
        if here.me is None:
            abort(404)
        opened = None
        if request.method == "POST":
            opened = access_needs.read_need(
                here.project.id, member=request.form.get("member", ""), by=by(), today=here.today
            )
        told = access_needs.told_me(here.snapshot, here.me)
        return render_template("needs.html", here=here, told=told, opened=opened)
