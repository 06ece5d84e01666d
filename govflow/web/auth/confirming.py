"""One more step before money, bank details and settings: show that it is you, then go on where you were."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, session, url_for

from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import ConfirmFirst, Refused
from govflow.services.auth import passkeys, second_factor
from govflow.services.base.context import end_reading
from govflow.web.access import SESSION, by, come_back_here, go_to_what_was_asked, local_path, signed_in
from govflow.web.auth.blueprint import bp
from govflow.web.errors import return_form, sent_form
from govflow.web.forms import as_invalid, form_for, status_for, summary, wait_headers

CODE = (
    Question(
        name="code",
        label="The code your app shows now",
        help="Six digits. If you do not have your phone, type one of your recovery codes.",
    ),
)
RECOVERY = (
    Question(name="code", label="One of your recovery codes", help="Twelve letters and numbers. Each works once."),
)
CARRIED = "carried-"
"""Before the name of a field of another form, which is carried along while its sender shows that it is them."""
NO_STEP_YET = (
    "This page asks for one more step, because it is about money, bank details or settings of an organisation. "
    "You have not set one up yet. It takes two minutes, and you do it once."
)


@bp.route("/me/confirm", methods=["GET", "POST"])
@signed_in
def confirm() -> Any:
    steps = second_factor.second_factors_of(g.person.id)
    if not steps.any:
        return redirect(url_for("auth.my_sign_in"))
    if request.method == "GET":
        return go_to_what_was_asked() if g.session.strong and "next" in session else _page(steps)
    given, code = request.form.get("passkey", ""), request.form.get("code", "")
    try:
        token = session[SESSION]
        session[SESSION] = (
            passkeys.confirm(by=by(), session=token, given=given)
            if given
            else second_factor.confirm(by=by(), session=token, code=code)
        )
    except Refused as error:
        return _page(steps, error)
    if "back" not in request.form:
        return go_to_what_was_asked()
    return return_form(
        "Thank you, that is confirmed. Look at it once more, then send it.",
        200,
        form=[(name.removeprefix(CARRIED), value) for name, value in sent_form() if name.startswith(CARRIED)],
        action=local_path(request.form["back"]),
    )


@bp.app_errorhandler(ConfirmFirst)
def _ask_first(error: ConfirmFirst) -> Any:
    """What was asked for comes after; a form that was posted is carried along, with everything that was typed."""
    end_reading()
    steps = second_factor.second_factors_of(g.person.id)
    if request.method == "POST":
        if steps.any:
            return _page(steps, error, carried=[(f"{CARRIED}{name}", value) for name, value in sent_form()])
        return return_form(NO_STEP_YET, 403, set_up=True)
    come_back_here()
    if steps.any:
        return redirect(url_for("auth.confirm"))
    flash(NO_STEP_YET, "note")
    return redirect(url_for("auth.my_sign_in"))


def _page(
    steps: second_factor.SecondFactors, refusal: Refused | None = None, *, carried: list[tuple[str, str]] | None = None
) -> Any:
    back = request.path
    if carried is None:
        back = local_path(request.form["back"]) if "back" in request.form else ""
        carried = [field for field in sent_form() if field[0].startswith(CARRIED)]
    problem = as_invalid(None if isinstance(refusal, ConfirmFirst) else refusal)
    form = form_for(CODE if steps.app else RECOVERY, NOBODY, refusal=problem, fresh=problem is None)
    page = render_template(
        "auth/confirm.html",
        form=form,
        summary=summary(form, problem),
        steps=steps,
        options=passkeys.options_to_show(g.person.id) if steps.passkeys and passkeys.relying_party() else "",
        back=back,
        carried=carried,
    )
    return page, 403 if isinstance(refusal, ConfirmFirst) else status_for(refusal), wait_headers(refusal)
