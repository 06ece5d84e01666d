"""Signing in by an emailed link or a passkey, and signing out."""

from __future__ import annotations

import time
from typing import Any

from flask import redirect, render_template, request, session, url_for

from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import Invalid, Refused, TooOften
from govflow.domain.short_codes import grouped, read_out
from govflow.services.auth import passkeys, sessions, sign_in, sign_in_links
from govflow.web.access import SESSION, anyone, go_to_what_was_asked, today
from govflow.web.auth.blueprint import bp
from govflow.web.forms import as_invalid, form_for, status_for, summary, wait_headers
from govflow.web.network import network

EMAIL = (Question(name="email", label="Your email address", help="We send you a link. You need no password."),)
CODE = (
    Question(
        name="code",
        label="The code",
        help="Look at the screen where you typed your email address. Capitals, spaces and dashes do not matter.",
    ),
)
ASKED = "asked"
"""In the cookie: what binds a link to this browser, the code for other browsers, and when a link was asked for last."""


@bp.route("/sign-in", methods=["GET", "POST"])
@anyone
def ask_for_link() -> Any:
    refusal: Refused | None = None
    if request.method == "POST":
        browser, code = _bind_browser()
        try:
            sign_in.ask_for_link(request.form.get("email", ""), browser=browser, code=code, network=network())
            session[ASKED] = [browser, code, int(time.time())]
            return redirect(url_for("auth.link_sent"))
        except (Invalid, TooOften) as error:
            refusal = error
    return _ask_page(refusal)


@bp.get("/sign-in/sent")
@anyone
def link_sent() -> Any:
    if ASKED not in session:
        return redirect(url_for("auth.ask_for_link"))
    code = session[ASKED][1]
    return render_template(
        "auth/link_sent.html",
        minutes=sign_in_links.SIGN_IN_MINUTES,
        most=sign_in.LETTERS_AN_HOUR,
        code=grouped(code),
        said=read_out(code),
    )


@bp.post("/sign-in/passkey")
@anyone
def sign_in_by_passkey() -> Any:
    try:
        opened = passkeys.sign_in(
            given=request.form.get("passkey", ""), device=request.user_agent.string, today=today()
        )
    except Refused as error:
        return _ask_page(error)
    return _sign_in_here(opened)


@bp.get("/sign-in/<token>")
@anyone
def open_link(token: str) -> Any:
    return _link_page(token)


@bp.post("/sign-in/<token>")
@anyone
def use_link(token: str) -> Any:
    code, device = request.form.get("code", ""), request.user_agent.string
    try:
        opened = sign_in_links.use_link(token, device=device, browser=_browser_that_asked(), code=code, today=today())
    except Refused as error:
        return _link_page(token, error)
    return _sign_in_here(opened)


@bp.post("/sign-out")
@anyone
def sign_out() -> Any:
    token = session.pop(SESSION, None)
    if token:
        sessions.sign_out(token)
    session.clear()
    answer = redirect(url_for("auth.ask_for_link"))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _ask_page(refusal: Refused | None) -> Any:
    problem = as_invalid(refusal)
    form = form_for(EMAIL, NOBODY, refusal=problem)
    page = render_template(
        "auth/ask_for_link.html",
        form=form,
        summary=summary(form, problem),
        options=passkeys.options_to_show() if passkeys.relying_party() else "",
    )
    return page, status_for(refusal), wait_headers(refusal)


def _link_page(token: str, refusal: Refused | None = None) -> Any:
    """The page behind a link. Looking uses nothing up, however often, and whoever looks."""
    works = sign_in_links.link_works(token)
    problem = as_invalid(refusal)
    form = (
        form_for(CODE, NOBODY, refusal=problem)
        if works and sign_in_links.wants_code(token, browser=_browser_that_asked())
        else None
    )
    page = render_template(
        "auth/link.html", works=works, token=token, form=form, summary=summary(form, problem) if works else []
    )
    return page, status_for(refusal) if works else 410, wait_headers(refusal)


def _bind_browser() -> tuple[str, str]:
    """What binds a link to this browser: the same for a while, so that a link that was asked for earlier works too."""
    kept = session.get(ASKED)
    if kept and time.time() - kept[2] < sign_in_links.WAITED_FOR.total_seconds():
        return kept[0], kept[1]
    return sign_in.new_browser()


def _browser_that_asked() -> str:
    return str(session.get(ASKED, [""])[0])


def _sign_in_here(token: str) -> Any:
    """This browser is signed in; whoever was before is signed out, and what bound a link to it is done with."""
    old = session.pop(SESSION, None)
    if old:
        sessions.sign_out(old)
    session.pop(ASKED, None)
    session[SESSION] = token
    return go_to_what_was_asked()
