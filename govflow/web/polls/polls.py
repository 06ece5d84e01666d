"""A poll: the same statements for everyone, answers that no page shows, and what may be told after close."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import abort, request

from govflow.domain import promises
from govflow.domain.polls.polls import SHOW, WORDS, Poll, ids_of, turnout
from govflow.domain.questions import Question
from govflow.domain.refusals import Refused
from govflow.domain.terms import Theirs
from govflow.domain.wording import number
from govflow.services.polls import polls
from govflow.web.access import ProjectView, by, in_project
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form
from govflow.web.polls.blueprint import bp

TICK = {"yes": "After it closes, show my words to the group, without my name"}


@bp.route("/projects/<slug>/<plugin>/ask/<name>", methods=["GET", "POST"])
@bp.route("/projects/<slug>/<plugin>/ask/<name>/<key>", methods=["GET", "POST"])
@in_project("see poll results")
def poll(here: ProjectView, plugin: str, name: str, key: str = "") -> Any:
    poll_id = f"{plugin}.{name}.{key}" if key else f"{plugin}.{name}"
    try:
        seen = polls.round_seen(here.project.id, here.snapshot, poll_id, member_id=here.me.id if here.me else 0)
    except Refused:
        abort(404)
    asked, stage_like = seen.poll, here.snapshot.stage.like
    return answer_form(
        _questions(asked, stage_like) if seen.asked_me else None,
        lambda: _do(here, poll_id),
        "polls/poll.html",
        here=here,
        poll=asked,
        seen=seen,
        promises=promises,
        show=SHOW,
        number=number,
        overdue=seen.row is not None and not seen.row.closed and seen.row.closes < here.today,
        also=lambda: {"groups": _groups(asked, stage_like), "results": _results(here, poll_id, asked)},
    )


def _do(here: ProjectView, poll_id: str) -> Any:
    plugin, name, key = (*poll_id.split("."), None)[:3]
    where = {"slug": here.project.slug, "plugin": plugin, "name": name, "key": key}
    action: dict[str, Any] = {"poll_id": poll_id, "by": by(), "today": here.today}
    match request.form.get("do"):
        case "open" | "open with names" as how:
            polls.open_round(here.project.id, names=how != "open", **action)
            return flash_and_redirect("Everyone is asked now.", "polls.poll", **where)
        case "close":
            polls.close_round(here.project.id, **action)
            return flash_and_redirect("Closed. Now talk about it together.", "polls.poll", **where)
        case "put aside":
            polls.put_aside(here.project.id, why=request.form.get("why", ""), **action)
            return flash_and_redirect("Put aside. No answer was opened. You can ask again.", "polls.poll", **where)
    given = {key: value for key, value in request.form.items() if key not in ("csrf_token", "do")}
    polls.answer_round(here.project.id, given=given, **action)
    return flash_and_redirect("Thank you. You can change your answers until it closes.", "polls.poll", **where)


def _questions(poll: Poll, stage_like: str | None) -> list[Question]:
    found = []
    for statement in poll.asked_in(stage_like):
        if statement.kind == WORDS:
            found.append(
                Question(name=statement.id, label=statement.text, kind="long_text", help="You can leave this empty.")
            )
            found.append(
                Question(
                    name=statement.id + SHOW,
                    label="Who may read this?",
                    kind="choices",
                    choices=TICK,
                    help="If you do not tick this, your words are destroyed unread when it closes.",
                )
            )
        else:
            label, choices = statement.text, poll.answers
            if poll.options_from:  # what people wrote down, and what they vote for, word for word
                label, choices = Theirs(label), {value: Theirs(words) for value, words in choices.items()}
            found.append(Question(name=statement.id, label=label, kind="choice", choices=choices))
    return found


def _groups(poll: Poll, stage_like: str | None) -> list[tuple[str, list[Any]]]:
    return [
        (group, list(some)) for group, some in groupby(poll.asked_in(stage_like), key=lambda statement: statement.group)
    ]


def _results(here: ProjectView, poll_id: str, poll: Poll) -> list[dict[str, Any]]:
    """Closed rounds, the newest first; what may not be told is not there any more."""
    stages = {visit.number: here.snapshot.lifecycle.title_of(visit.stage) for visit in here.snapshot.visits}
    return [
        {
            "stage": stages.get(round_.visit, ""),
            "closed": round_.closed,
            "said": turnout(round_.answered or 0, round_.asked),
            "anonymous": round_.anonymous,
            "statements": [
                told
                for told in (_tell(here, poll, round_, statement) for statement in _statements_told(poll, round_))
                if told
            ],
        }
        for round_ in reversed(here.snapshot.rounds.get(ids_of(poll_id)[0], ()))
        if round_.closed and round_.about == ids_of(poll_id)[1]
    ]


def _statements_told(poll: Poll, round_: Any) -> list[tuple[str, str]]:
    """The statements of which something is told, in the poll's order; those the poll no longer has come last."""
    texts = {statement.id: statement.text for statement in poll.statements}
    there = {*round_.counts, *round_.mostly, *round_.words, *round_.names}
    return [(statement_id, texts[statement_id]) for statement_id in texts if statement_id in there] + [
        (statement_id, statement_id) for statement_id in sorted(there - set(texts))
    ]


def _tell(here: ProjectView, poll: Poll, round_: Any, statement: tuple[str, str]) -> dict[str, Any]:
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
