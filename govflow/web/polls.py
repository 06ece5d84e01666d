"""A poll: the same statements for everyone, answers that no page shows, and what may be told after close."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, render_template, request

from govflow.domain import promises
from govflow.domain.polls.polls import SHOW, WORDS, Poll, ids_of, turnout
from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import Invalid, Refused
from govflow.domain.terms import Theirs
from govflow.domain.wording import number
from govflow.services.polls import polls
from govflow.web.access import Here, by, in_project
from govflow.web.answers import done
from govflow.web.forms import form_for, summary

TICK = {"yes": "After it closes, show my words to the group, without my name"}


def add_routes(pages: Blueprint) -> None:
    @pages.route("/projects/<slug>/<plugin>/ask/<name>", methods=["GET", "POST"])
    @pages.route("/projects/<slug>/<plugin>/ask/<name>/<key>", methods=["GET", "POST"])
    @in_project("see poll results")
    def poll(here: Here, plugin: str, name: str, key: str = "") -> Any:
        poll_id = f"{plugin}.{name}.{key}" if key else f"{plugin}.{name}"
        try:
            seen = polls.round_seen(here.project.id, here.snapshot, poll_id, member_id=here.me.id if here.me else 0)
        except Refused:
            abort(404)
        refusal = None
        if request.method == "POST":
            try:
                return _do(here, poll_id)
            except Invalid as error:
                refusal = error
        asked = seen.poll
        questions = _questions(asked, here.snapshot.stage.like)
        form = form_for(questions, NOBODY, None, refusal) if seen.asked_me else None
        page = render_template(
            "poll.html",
            here=here,
            poll=asked,
            seen=seen,
            form=form,
            summary=summary(form, refusal),
            groups=_groups(asked, here.snapshot.stage.like),
            results=_results(here, poll_id, asked),
            promises=promises,
            show=SHOW,
            number=number,
            overdue=seen.row is not None and not seen.row.closed and seen.row.closes < here.today,
        )
        return page, 422 if refusal else 200


def _do(here: Here, poll_id: str) -> Any:
    plugin, name, key = (*poll_id.split("."), None)[:3]
    where = {"slug": here.project.slug, "plugin": plugin, "name": name, "key": key}
    action: dict[str, Any] = {"poll_id": poll_id, "by": by(), "today": here.today}
    match request.form.get("do"):
        case "open" | "open with names" as how:
            polls.open_round(here.project.id, names=how != "open", **action)
            return done("Everyone is asked now.", "pages.poll", **where)
        case "close":
            polls.close_round(here.project.id, **action)
            return done("Closed. Now talk about it together.", "pages.poll", **where)
        case "put aside":
            polls.put_aside(here.project.id, why=request.form.get("why", ""), **action)
            return done("Put aside. No answer was opened. You can ask again.", "pages.poll", **where)
    given = {key: value for key, value in request.form.items() if key not in ("csrf_token", "do")}
    polls.answer_round(here.project.id, given=given, **action)
    return done("Thank you. You can change your answers until it closes.", "pages.poll", **where)


def _questions(poll: Poll, stage_like: str | None) -> list[Question]:
    found = []
    for one in poll.asked_in(stage_like):
        if one.kind == WORDS:
            found.append(Question(name=one.id, label=one.text, kind="long_text", help="You can leave this empty."))
            found.append(
                Question(
                    name=one.id + SHOW,
                    label="Who may read this?",
                    kind="choices",
                    choices=TICK,
                    help="If you do not tick this, your words are destroyed unread when it closes.",
                )
            )
        else:
            label, choices = one.text, poll.answers
            if poll.options_from:  # what people wrote down, and what they vote for, word for word
                label, choices = Theirs(label), {value: Theirs(words) for value, words in choices.items()}
            found.append(Question(name=one.id, label=label, kind="choice", choices=choices))
    return found


def _groups(poll: Poll, stage_like: str | None) -> list[tuple[str, list[Any]]]:
    return [(group, list(some)) for group, some in groupby(poll.asked_in(stage_like), key=lambda one: one.group)]


def _results(here: Here, poll_id: str, poll: Poll) -> list[dict[str, Any]]:
    """Closed rounds, the newest first; what may not be told is not there any more."""
    stages = {one.number: here.snapshot.lifecycle.title_of(one.stage) for one in here.snapshot.visits}
    return [
        {
            "stage": stages.get(one.visit, ""),
            "closed": one.closed,
            "said": turnout(one.answered or 0, one.asked),
            "anonymous": one.anonymous,
            "statements": [
                told for told in (_told(here, poll, one, statement) for statement in _asked(poll, one)) if told
            ],
        }
        for one in reversed(here.snapshot.rounds.get(ids_of(poll_id)[0], ()))
        if one.closed and one.about == ids_of(poll_id)[1]
    ]


def _asked(poll: Poll, round_: Any) -> list[tuple[str, str]]:
    """The statements of which something is told, in the poll's order; those the poll no longer has come last."""
    texts = {one.id: one.text for one in poll.statements}
    there = {*round_.counts, *round_.mostly, *round_.words, *round_.names}
    return [(one, texts[one]) for one in texts if one in there] + [(one, one) for one in sorted(there - set(texts))]


def _told(here: Here, poll: Poll, round_: Any, statement: tuple[str, str]) -> dict[str, Any]:
    name, text = statement
    people = here.snapshot.names()
    return {
        "text": text,
        "counts": [
            {"label": poll.answers.get(value, value), "n": n} for value, n in round_.counts.get(name, {}).items()
        ],
        "mostly": poll.direction(round_.mostly[name]) if name in round_.mostly else "",
        "words": round_.words.get(name, ()),
        "names": [
            (people.get(key, key), poll.answers.get(value, value)) for key, value in round_.names.get(name, {}).items()
        ],
    }
