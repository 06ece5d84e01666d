"""How I sign in: my passkeys, my app, my recovery codes, and the browsers in which I am signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, session, url_for

from govflow.domain.devices import device_in_words
from govflow.domain.questions import Question
from govflow.domain.refusals import Invalid, Refused, TooOften
from govflow.domain.wording import ago
from govflow.services.auth import passkeys, second_factor, sessions
from govflow.web.access import SESSION, by, local_path, row_id, signed_in
from govflow.web.answers import done
from govflow.web.forms import NOBODY, form_for, summary
from govflow.web.sign_in import code_of, problem_of, wait_of

FIRST_CODE = (Question(name="code", label="The code your app shows now", help="Six digits."),)
NAME = (Question(name="name", label="What shall we call this passkey?", help="For example, “my phone”."),)


def add_routes(pages: Blueprint) -> None:
    @pages.route("/me/sign-in", methods=["GET", "POST"])
    @signed_in
    def my_sign_in() -> Any:
        if request.method == "POST":
            return _change(request.form.get("do", ""))
        return render_template(
            "my_sign_in.html", steps=second_factor.second_factors_of(g.person.id), place=passkeys.relying_party()
        )

    @pages.route("/me/sign-in/app", methods=["GET", "POST"])
    @signed_in
    def my_app() -> Any:
        refusal: Refused | None = None
        if request.method == "POST":
            try:
                session[SESSION], codes = second_factor.confirm_app(
                    by=by(), session=session[SESSION], code=request.form.get("code", "")
                )
                return _set_up(codes)
            except (Invalid, TooOften) as error:
                refusal = error
        app = second_factor.app_begun(by=by())
        if app is None:
            return redirect(url_for("pages.my_sign_in"))
        problem = problem_of(refusal)
        form = form_for(FIRST_CODE, NOBODY, refusal=problem)
        page = render_template("my_app.html", app=app, form=form, summary=summary(form, problem))
        return page, code_of(refusal), wait_of(refusal)

    @pages.route("/me/sign-in/passkey", methods=["GET", "POST"])
    @signed_in
    def my_passkey() -> Any:
        refusal = None
        if request.method == "POST":
            name, given = request.form.get("name", ""), request.form.get("passkey", "")
            try:
                session[SESSION], codes = passkeys.add(by=by(), session=session[SESSION], name=name, given=given)
                return _set_up(codes)
            except Invalid as error:
                refusal = error
        options = passkeys.options_to_add(by=by()) if passkeys.relying_party() else ""
        form = form_for(NAME, NOBODY, refusal=refusal)
        page = render_template("my_passkey.html", options=options, form=form, summary=summary(form, refusal))
        return page, code_of(refusal)

    @pages.route("/me/sessions", methods=["GET", "POST"])
    @signed_in
    def my_sessions() -> Any:
        if request.method == "POST":
            if request.form.get("do") == "others":
                sessions.end_other_sessions(by=by(), token=session[SESSION])
                return done("You are signed out everywhere but here.", "pages.my_sessions")
            sessions.end_session(row_id(request.form.get("session")) or 0, by=by())
            return done("That browser is signed out.", "pages.my_sessions")
        moment = datetime.now(UTC)
        found = [
            {
                "id": one.id,
                "device": device_in_words(one.device),
                "began": ago(moment - one.began_at),
                "seen": ago(moment - one.seen_at),
                "here": one.id == g.session.id,
            }
            for one in sessions.sessions_of(g.person.id)
        ]
        return render_template("my_sessions.html", sessions=sorted(found, key=lambda one: not one["here"]))


def _change(what: str) -> Any:
    match what:
        case "begin app":
            second_factor.begin_app(by=by())
            return redirect(url_for("pages.my_app"))
        case "remove app":
            second_factor.remove_app(by=by(), session=session[SESSION])
            return done("The app is taken away. Its codes work no more.", "pages.my_sign_in")
        case "remove passkey":
            number = row_id(request.form.get("passkey")) or 0
            passkeys.remove(by=by(), session=session[SESSION], passkey_id=number)
            return done("The passkey is taken away.", "pages.my_sign_in")
        case "new codes":
            return _codes(second_factor.new_codes(by=by()))
        case _:
            raise Invalid("Choose one of the buttons on the page.")


def _set_up(codes: list[str]) -> Any:
    """Recovery codes are shown after the first second step; then one goes on to what was asked for."""
    return _codes(codes) if codes else done("That is set up. Thank you.", "pages.my_sign_in")


def _codes(codes: list[str]) -> Any:
    return render_template("my_codes.html", codes=codes, onward=local_path(session.pop("next", "/me/sign-in")))
