"""The one place where refusals become answers, and where what was typed is given back."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, flash, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from govflow.domain.refusals import GateHeld, Invalid, Moved, NotAllowed, NotFound, Refused
from govflow.services.base.context import end_reading
from govflow.services.base.project_plugins import PageBroken

log = logging.getLogger("govflow.web")
NOT_TYPED = {"csrf_token"}
CHOSEN = {
    *("visit", "do", "say", "move", "to", "answer", "waiver", "member", "check", "subject", "remove", "stage"),
    *("form", "after", "number", "version", "field", "plugin", "organisation", "back", "passkey", "session", "said"),
}
"""Fields a button or a link filled: sent again, and not shown as somebody's words."""
MOST_GIVEN_BACK = 500  # fields; no form of ours has as many
WORDS = {
    400: ("That could not be read", "Something in the address or the form was not whole. Go back and try again."),
    403: (
        "This is not for your role",
        "You are in this project, but your role does not open this page. If you think it should, ask a lead.",
    ),
    404: (
        "There is nothing here",
        "The page does not exist, or it is not one that you can see. Check the address, or start from your list.",
    ),
    405: ("That could not be done this way", "Go back and use the button on the page."),
    413: ("That was too much at once", "What you sent is larger than we can take. Send less, or shorten the text."),
    429: ("Please wait a moment", "That was asked for very often. Try again in a few minutes."),
    500: (
        "Something went wrong on our side",
        "Nothing you typed was half kept. Try again in a moment. If it goes on, tell the people who run this service.",
    ),
    503: (
        "We will be back in a moment",
        "The database is not answering just now. Nothing is lost. Try again in a minute.",
    ),
}


def add_refusals(app: Flask) -> None:
    app.register_error_handler(NotFound, lambda error: show_status(404))
    app.register_error_handler(NotAllowed, lambda error: answer_refusal(error, 403))
    app.register_error_handler(Moved, lambda error: return_form(str(error), 409))
    app.register_error_handler(PageBroken, lambda error: show_broken_plugin(str(error)))
    app.register_error_handler(Refused, lambda error: answer_refusal(error, 409))
    app.register_error_handler(CSRFError, lambda error: return_form("Your page was older than your visit here.", 400))
    app.register_error_handler(HTTPException, lambda error: show_status(error.code or 500))
    app.register_error_handler(RequestEntityTooLarge, lambda error: show_status(413))
    app.register_error_handler(DataError, lambda error: show_status(400))
    app.register_error_handler(OperationalError, _answer_without_database)
    app.register_error_handler(Exception, _answer_unexpected)


def show_status(code: int) -> Any:
    """A plain page for a status; the same bytes whatever it was that could not be shown."""
    if code not in WORDS:
        code = 400 if code < 500 else 500
    title, words = WORDS[code]
    end_reading()
    answer = make_response(render_template("error.html", title=title, words=words, person=g.get("person")), code)
    if code == 503:
        answer.headers["Retry-After"] = "30"
    return answer


def show_broken_plugin(sentence: str) -> Any:
    """One page of one plugin went wrong: it says which, and that nothing else did."""
    words = f"{sentence} Nothing was changed. Everything else works. The people who run this service can see why."
    if request.method == "POST":
        return return_form(words, 502)
    end_reading()
    return make_response(
        render_template("error.html", title="This page could not be shown", words=words, person=g.get("person")), 502
    )


def answer_refusal(error: Refused, code: int) -> Any:
    """A refusal as a sentence; what was typed stays on the page."""
    end_reading()
    if isinstance(error, (Invalid, GateHeld)):
        code = 409 if isinstance(error, GateHeld) else 422
    return return_form(str(error), code, again=code != 403)


def return_form(
    sentence: str,
    code: int,
    *,
    sign_in: bool = False,
    set_up: bool = False,
    again: bool = True,
    form: list[tuple[str, str]] | None = None,
    action: str = "",
) -> Any:
    """Say what went wrong and show every text that was typed; with a button that sends it `again` where that helps.

    `sign_in`, `set_up`: what to do first, in another tab. `form` and `action`: of another form than the one just sent.
    """
    end_reading()
    typed = form if form is not None else sent_form()
    return make_response(
        render_template(
            "return_form.html",
            sentence=sentence,
            typed=[field for field in typed if field[0] not in CHOSEN],
            chosen=[field for field in typed if field[0] in CHOSEN],
            sign_in=sign_in,
            set_up=set_up,
            again=again,
            ready=form is not None or set_up,
            action=action or request.path,
            person=g.get("person"),
        ),
        code,
    )


def sent_form() -> list[tuple[str, str]]:
    """What was sent, field by field, without the form's own token."""
    names = [name for name in list(request.form)[:MOST_GIVEN_BACK] if name not in NOT_TYPED]
    return [(name, value) for name in names for value in request.form.getlist(name) if value]


def flash_and_redirect(words: str, endpoint: str, **values: Any) -> Any:
    """After something worked: say so, and go on."""
    flash(words, "success")
    return redirect(url_for(endpoint, **values))


def _answer_without_database(error: OperationalError) -> Any:
    log.error("the database is away: %s", error)
    return show_status(503)


def _answer_unexpected(error: Exception) -> Any:
    log.exception("unexpected: %s %s", request.method, request.url_rule)
    return show_status(500)
