"""Equality questions: one page to answer, one with the counts. Neither ever shows what anybody said."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from govflow.domain import promises
from govflow.domain.polls.equality import DAYS_OPEN, QUESTIONS
from govflow.domain.questions import NOBODY
from govflow.domain.refusals import Invalid
from govflow.services.polls import equality as asked
from govflow.web.access import Here, by, in_project
from govflow.web.answers import done
from govflow.web.forms import form_for, summary, typed


def add_routes(pages: Blueprint) -> None:
    @pages.route("/projects/<slug>/people/equality", methods=["GET", "POST"])
    @in_project("see equality")
    def equality(here: Here) -> Any:
        refusal = None
        if request.method == "POST":
            try:
                return _do(here)
            except Invalid as error:
                refusal = error
        seen = asked.asking(here.project, here.snapshot, here.me, today=here.today)
        form = form_for(QUESTIONS, NOBODY, None, refusal) if seen.asked_me else None
        page = render_template(
            "equality.html",
            here=here,
            seen=seen,
            form=form,
            summary=summary(form, refusal, {"why": "why"}),
            typed=request.form,
            promises=promises,
            days_open=DAYS_OPEN,
        )
        return page, 422 if refusal else 200

    @pages.get("/projects/<slug>/people/equality/counts")
    @in_project("see equality")
    def equality_counts(here: Here) -> Any:
        return render_template("equality_counts.html", here=here, rounds=asked.told(here.project.id))


def _do(here: Here) -> Any:
    action: dict[str, Any] = {"by": by(), "today": here.today}
    match request.form.get("do"):
        case "ask":
            asked.ask(here.project.id, **action)
            words = "Everyone is asked now."
        case "take out":
            asked.take_out(here.project.id, **action)
            words = "Nothing of you will be counted. You can still answer until it closes."
        case "put aside":
            asked.put_aside(here.project.id, why=request.form.get("why", ""), **action)
            words = "Put aside. No answer was opened. You can ask again."
        case _:
            given = typed(QUESTIONS)
            given.pop("do", None)
            asked.answer(here.project.id, given=given, **action)
            words = "Thank you. You can change your answers, or take them out, until it closes."
    return done(words, "pages.equality", slug=here.project.slug)
