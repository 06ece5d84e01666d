"""Equality questions: one page to answer, one with the counts. Neither ever shows what anybody said."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from govflow.domain import promises
from govflow.domain.polls.equality import DAYS_OPEN, QUESTIONS
from govflow.services.polls import equality as asked
from govflow.web.access import ProjectView, by, in_project
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, read_form
from govflow.web.polls.blueprint import bp


@bp.route("/projects/<slug>/people/equality", methods=["GET", "POST"])
@in_project("see equality")
def equality(here: ProjectView) -> Any:
    seen = asked.load_asking(here.project, here.snapshot, here.me, today=here.today)
    return answer_form(
        QUESTIONS if seen.asked_me else None,
        lambda: _do(here),
        "polls/equality.html",
        places={"why": "why"},
        here=here,
        seen=seen,
        typed=request.form,
        promises=promises,
        days_open=DAYS_OPEN,
    )


@bp.get("/projects/<slug>/people/equality/counts")
@in_project("see equality")
def equality_counts(here: ProjectView) -> Any:
    return render_template("polls/equality_counts.html", here=here, rounds=asked.told(here.project.id))


def _do(here: ProjectView) -> Any:
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
            given = read_form(QUESTIONS)
            given.pop("do", None)
            asked.answer(here.project.id, given=given, **action)
            words = "Thank you. You can change your answers, or take them out, until it closes."
    return flash_and_redirect(words, "polls.equality", slug=here.project.slug)
