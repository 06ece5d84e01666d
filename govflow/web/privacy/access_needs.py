"""What I need to take part, and what people told me that they need."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request

from govflow.domain.questions import Known
from govflow.services.privacy import access_needs
from govflow.web.access import ProjectView, by, in_project
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, read_form
from govflow.web.privacy.blueprint import bp


@bp.route("/projects/<slug>/people/me/needs", methods=["GET", "POST"])
@in_project("see access needs")
def my_needs(here: ProjectView) -> Any:
    if here.me is None:
        abort(404)

    def save() -> Any:
        if request.form.get("do") == "take back":
            access_needs.take_back(here.project.id, by=by(), today=here.today)
            words = "Taken back. What you wrote is gone."
        else:
            given = read_form(access_needs.QUESTIONS)
            given.pop("do", None)
            access_needs.write_need(here.project.id, given=given, by=by(), today=here.today)
            words = "Kept. Only the people you chose can read it."
        return flash_and_redirect(words, "privacy.my_needs", slug=here.project.slug)

    mine = access_needs.my_need(here.project, here.me)
    there = Known(people=access_needs.can_be_told(here.snapshot, here.me), entries={})
    kept = {"need": mine.text, "told_to": [key for key in mine.told_to if key in there.people]} if mine else None
    return answer_form(
        access_needs.QUESTIONS, save, "privacy/my_needs.html", kept=kept, known=there, here=here, mine=mine
    )


@bp.route("/projects/<slug>/people/needs", methods=["GET", "POST"])
@in_project("see access needs")
def needs_told(here: ProjectView) -> Any:
    if here.me is None:
        abort(404)
    opened = None
    if request.method == "POST":
        opened = access_needs.read_need(
            here.project.id, member=request.form.get("member", ""), by=by(), today=here.today
        )
    told = access_needs.told_me(here.snapshot, here.me)
    return render_template("privacy/needs_told.html", here=here, told=told, opened=opened)
