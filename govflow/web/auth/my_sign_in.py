"""How I sign in: my passkeys, my app, my recovery codes, and the browsers in which I am signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import g, redirect, render_template, request, session, url_for

from govflow.domain.devices import device_in_words
from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import Invalid, Refused, TooOften
from govflow.domain.wording import ago
from govflow.services.auth import passkeys, second_factor, sessions
from govflow.web.access import SESSION, by, local_path, row_id, signed_in, today
from govflow.web.auth.blueprint import bp
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, as_invalid, form_for, status_for, summary, wait_headers

FIRST_CODE = (Question(name="code", label="The code your app shows now", help="Six digits."),)
NAME = (Question(name="name", label="What shall we call this passkey?", help="For example, “my phone”."),)


@bp.route("/me/sign-in", methods=["GET", "POST"])
@signed_in
def my_sign_in() -> Any:
    if request.method == "POST":
        return _change(request.form.get("do", ""))
    return render_template(
        "auth/my_sign_in.html", steps=second_factor.second_factors_of(g.person.id), place=passkeys.relying_party()
    )


@bp.route("/me/sign-in/app", methods=["GET", "POST"])
@signed_in
def set_up_app() -> Any:
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            session[SESSION], codes = second_factor.confirm_app(
                by=by(), session=session[SESSION], code=request.form.get("code", ""), today=today()
            )
            return _set_up(codes)
        except (Invalid, TooOften) as error:
            refusal = error
    app = second_factor.app_begun(by=by())
    if app is None:
        return redirect(url_for("auth.my_sign_in"))
    problem = as_invalid(refusal)
    form = form_for(FIRST_CODE, NOBODY, refusal=problem)
    page = render_template("auth/set_up_app.html", app=app, form=form, summary=summary(form, problem))
    return page, status_for(refusal), wait_headers(refusal)


@bp.route("/me/sign-in/passkey", methods=["GET", "POST"])
@signed_in
def add_passkey() -> Any:
    def save() -> Any:
        name, given = request.form.get("name", ""), request.form.get("passkey", "")
        session[SESSION], codes = passkeys.add(by=by(), session=session[SESSION], name=name, given=given, today=today())
        return _set_up(codes)

    return answer_form(
        NAME,
        save,
        "auth/add_passkey.html",
        also=lambda: {"options": passkeys.options_to_add(by=by()) if passkeys.relying_party() else ""},
    )


@bp.route("/me/sessions", methods=["GET", "POST"])
@signed_in
def my_sessions() -> Any:
    if request.method == "POST":
        if request.form.get("do") == "others":
            sessions.end_other_sessions(by=by(), token=session[SESSION])
            return flash_and_redirect("You are signed out everywhere but here.", "auth.my_sessions")
        sessions.end_session(row_id(request.form.get("session")) or 0, by=by())
        return flash_and_redirect("That browser is signed out.", "auth.my_sessions")
    moment = datetime.now(UTC)
    found = [
        {
            "id": browser.id,
            "device": device_in_words(browser.device),
            "began": ago(moment - browser.began_at),
            "seen": ago(moment - browser.seen_at),
            "here": browser.id == g.session.id,
        }
        for browser in sessions.sessions_of(g.person.id)
    ]
    return render_template("auth/my_sessions.html", sessions=sorted(found, key=lambda row: not row["here"]))


def _change(what: str) -> Any:
    match what:
        case "begin app":
            second_factor.begin_app(by=by())
            return redirect(url_for("auth.set_up_app"))
        case "remove app":
            second_factor.remove_app(by=by(), session=session[SESSION], today=today())
            return flash_and_redirect("The app is taken away. Its codes work no more.", "auth.my_sign_in")
        case "remove passkey":
            number = row_id(request.form.get("passkey")) or 0
            passkeys.remove(by=by(), session=session[SESSION], passkey_id=number, today=today())
            return flash_and_redirect("The passkey is taken away.", "auth.my_sign_in")
        case "new codes":
            return _codes(second_factor.new_codes(by=by()))
        case _:
            raise Invalid("Choose one of the buttons on the page.")


def _set_up(codes: list[str]) -> Any:
    """Recovery codes are shown after the first second step; then one goes on to what was asked for."""
    return _codes(codes) if codes else flash_and_redirect("That is set up. Thank you.", "auth.my_sign_in")


def _codes(codes: list[str]) -> Any:
    return render_template("auth/my_codes.html", codes=codes, onward=local_path(session.pop("next", "/me/sign-in")))
