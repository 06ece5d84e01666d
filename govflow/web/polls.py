"""A poll: the same statements for everyone, answers that no page shows, counts after close."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, render_template, request

from govflow.domain.polls import Poll
from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import Invalid, Refused
from govflow.services import polls
from govflow.web.access import Here, by, in_project
from govflow.web.answers import done
from govflow.web.forms import form_for, summary


def add_routes(pages: Blueprint) -> None:
    @pages.route("/projects/<slug>/<plugin>/ask/<name>", methods=["GET", "POST"])
    @in_project("see poll results")
    def poll(here: Here, plugin: str, name: str) -> Any:
        poll_id = f"{plugin}.{name}"
        try:
            asked = polls.poll_asked(here.picture, poll_id)
        except Refused:
            abort(404)
        refusal = None
        if request.method == "POST":
            try:
                return _do(here, poll_id, asked)
            except Invalid as error:
                refusal = error
        seen = polls.round_seen(here.project.id, here.picture, poll_id, member_id=here.me.id if here.me else 0)
        questions = _questions(asked, here.picture.stage.like)
        form = form_for(questions, NOBODY, None, refusal) if seen.asked_me else None
        page = render_template(
            "poll.html",
            here=here,
            poll=asked,
            seen=seen,
            form=form,
            summary=summary(form, refusal),
            groups=_groups(asked, here.picture.stage.like),
            results=_results(here, poll_id, asked),
        )
        return page, 422 if refusal else 200


def _do(here: Here, poll_id: str, asked: Poll) -> Any:
    plugin, _, name = poll_id.partition(".")
    where = {"slug": here.project.slug, "plugin": plugin, "name": name}
    match request.form.get("do"):
        case "open":
            polls.open_round(here.project.id, poll_id=poll_id, by=by(), today=here.today)
            return done("Everyone is asked now.", "pages.poll", **where)
        case "close":
            polls.close_round(here.project.id, poll_id=poll_id, by=by(), today=here.today)
            return done("Closed. Now talk about it together.", "pages.poll", **where)
    given = {key: value for key, value in request.form.items() if key not in ("csrf_token", "do")}
    polls.answer_round(here.project.id, poll_id=poll_id, given=given, by=by(), today=here.today)
    return done("Thank you. You can change your answers until it closes.", "pages.poll", **where)


def _questions(poll: Poll, stage_like: str | None) -> list[Question]:
    return [
        Question(name=one.id, label=one.text, kind="choice", choices=poll.answers) for one in poll.asked_in(stage_like)
    ]


def _groups(poll: Poll, stage_like: str | None) -> list[tuple[str, list[Any]]]:
    return [(group, list(some)) for group, some in groupby(poll.asked_in(stage_like), key=lambda one: one.group)]


def _results(here: Here, poll_id: str, poll: Poll) -> list[dict[str, Any]]:
    """Closed rounds, the newest first; what may not be shown is already left out."""
    texts = {one.id: one.text for one in poll.statements}
    stages = {one.number: here.picture.lifecycle.title_of(one.stage) for one in here.picture.visits}
    return [
        {
            "stage": stages.get(one.visit, ""),
            "closed": one.closed,
            "answered": one.answered,
            "asked": one.asked,
            "statements": [
                (
                    texts.get(statement, statement),
                    [{"label": poll.answers.get(value, value), "n": n} for value, n in points.items()],
                )
                for statement, points in one.counts.items()
            ],
        }
        for one in reversed(here.picture.rounds.get(poll_id, ()))
        if one.closed
    ]
