"""Signing in by an emailed link or a passkey, signing out, and stopping reminders."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, session, url_for

from govflow.domain.questions import Question
from govflow.domain.refusals import Invalid, Refused, TooOften
from govflow.domain.short_codes import grouped, read_out
from govflow.services.auth import passkeys, sessions
from govflow.services.auth.emails import SIGN_IN_MINUTES
from govflow.services.auth.sign_in import LETTERS_AN_HOUR, ask_for_link, new_browser
from govflow.services.mail import unsubscribe
from govflow.web.access import SESSION, anyone, signed_in, to_what_was_asked, today
from govflow.web.forms import NOBODY, form_for, summary
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


def add_routes(pages: Blueprint) -> None:
    @pages.route("/sign-in", methods=["GET", "POST"])
    @anyone
    def ask() -> Any:
        refusal: Refused | None = None
        if request.method == "POST":
            browser, code = _browser()
            try:
                ask_for_link(request.form.get("email", ""), browser=browser, code=code, network=network())
                session[ASKED] = [browser, code, int(time.time())]
                return redirect(url_for("pages.asked"))
            except (Invalid, TooOften) as error:
                refusal = error
        return _ask_page(refusal)

    @pages.get("/sign-in/sent")
    @anyone
    def asked() -> Any:
        if ASKED not in session:
            return redirect(url_for("pages.ask"))
        code = session[ASKED][1]
        return render_template(
            "sign_in_sent.html",
            minutes=SIGN_IN_MINUTES,
            most=LETTERS_AN_HOUR,
            code=grouped(code),
            said=read_out(code),
        )

    @pages.post("/sign-in/passkey")
    @anyone
    def sign_in_by_passkey() -> Any:
        try:
            opened = passkeys.sign_in(given=request.form.get("passkey", ""), device=request.user_agent.string)
        except Refused as error:
            return _ask_page(error)
        return _in(opened)

    @pages.get("/sign-in/<token>")
    @anyone
    def link(token: str) -> Any:
        return _link_page(token)

    @pages.post("/sign-in/<token>")
    @anyone
    def use(token: str) -> Any:
        code, device = request.form.get("code", ""), request.user_agent.string
        try:
            opened = sessions.use_link(token, device=device, browser=_asking(), code=code)
        except Refused as error:
            return _link_page(token, error)
        return _in(opened)

    @pages.post("/sign-out")
    @anyone
    def sign_out() -> Any:
        token = session.pop(SESSION, None)
        if token:
            sessions.sign_out(token)
        session.clear()
        return redirect(url_for("pages.ask"))

    @pages.get("/letters/stop/<token>")
    @anyone
    def stop(token: str) -> Any:
        return render_template("stop_letters.html", token=token, stopped=False)

    @pages.post("/letters/stop/<token>")
    @anyone
    def stop_at_once(token: str) -> Any:
        """One click in the mail program posts here without a session, so it needs no form token."""
        try:
            unsubscribe.stop_reminders(token, today=today())
        except Invalid as error:
            return render_template("stop_letters.html", token="", stopped=False, problem=str(error)), 404
        return render_template("stop_letters.html", token=token, stopped=True)

    @pages.post("/letters/start")
    @signed_in
    def start_letters() -> Any:
        unsubscribe.stop_reminders(unsubscribe.stop_token(g.person.id), today=today(), start_again=True)
        return redirect(url_for("pages.mine"))


def _ask_page(refusal: Refused | None) -> Any:
    problem = problem_of(refusal)
    form = form_for(EMAIL, NOBODY, refusal=problem)
    page = render_template(
        "sign_in.html",
        form=form,
        summary=summary(form, problem),
        options=passkeys.options_to_show() if passkeys.relying_party() else "",
    )
    return page, code_of(refusal), wait_of(refusal)


def _link_page(token: str, refusal: Refused | None = None) -> Any:
    """The page behind a link. Looking uses nothing up, however often, and whoever looks."""
    works = sessions.link_works(token)
    problem = problem_of(refusal)
    form = form_for(CODE, NOBODY, refusal=problem) if works and sessions.wants_code(token, browser=_asking()) else None
    page = render_template(
        "sign_in_link.html", works=works, token=token, form=form, summary=summary(form, problem) if works else []
    )
    return page, code_of(refusal) if works else 410, wait_of(refusal)


def problem_of(refusal: Refused | None) -> Invalid | None:
    """A refusal as the page's form shows it."""
    return refusal if refusal is None or isinstance(refusal, Invalid) else Invalid(str(refusal))


def code_of(refusal: Refused | None) -> int:
    """The status of a page that shows a form again."""
    return 200 if refusal is None else 429 if isinstance(refusal, TooOften) else 422


def wait_of(refusal: Refused | None) -> dict[str, str]:
    return {"Retry-After": str(refusal.wait)} if isinstance(refusal, TooOften) else {}


def _browser() -> tuple[str, str]:
    """What binds a link to this browser: the same for a while, so that a link that was asked for earlier works too."""
    kept = session.get(ASKED)
    if kept and time.time() - kept[2] < sessions.WAITED_FOR.total_seconds():
        return kept[0], kept[1]
    return new_browser()


def _asking() -> str:
    return str(session.get(ASKED, [""])[0])


def _in(token: str) -> Any:
    """This browser is signed in; whoever was before is signed out, and what bound a link to it is done with."""
    old = session.pop(SESSION, None)
    if old:
        sessions.sign_out(old)
    session.pop(ASKED, None)
    session[SESSION] = token
    return to_what_was_asked()
