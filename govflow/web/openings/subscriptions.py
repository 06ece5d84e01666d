"""Asking to hear of chances to take part: the form for anybody, the page behind the link, and the list."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from govflow.domain.refusals import Invalid, TooOften
from govflow.extensions import csrf
from govflow.services.base.context import context
from govflow.services.openings import subscriptions
from govflow.web.access import anyone, by, signed_in, today
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form
from govflow.web.network import network
from govflow.web.openings.blueprint import bp

SENT = (
    "Look in your email. If it can be written to, a letter with a link is on its way. You are on the list once you "
    "have opened the link and said yes."
)


@bp.route("/organisations/<organisation>/hear", methods=["GET", "POST"])
@anyone
def ask_to_hear(organisation: str) -> Any:
    found = subscriptions.organisation_page_of(organisation)

    def save() -> Any:
        given = {name: request.form.get(name, "") for name in ("name", "email", "words")}
        subscriptions.subscribe(organisation=organisation, network=network(), today=today(), **given)
        context().wake([found.id])
        return flash_and_redirect(SENT, "people.organisation", organisation=organisation)

    return answer_form(
        subscriptions.ASK, save, "openings/ask_to_hear.html", refusals=(Invalid, TooOften), organisation=found
    )


@bp.get("/hear/<token>")
@anyone
def open_hear_link(token: str) -> Any:
    return _link_page(token)


@bp.post("/hear/<token>")
@csrf.exempt
@anyone
def hear_or_not(token: str) -> Any:
    """One click in the mail program posts here without a session or a form token, and ends the letters."""
    if request.form.get("do") == "confirm":
        subscriptions.confirm(token, today=today())
    else:
        subscriptions.end(token, today=today())
    return _link_page(token)


@bp.get("/organisations/<organisation>/interest")
@signed_in
def who_wants_to_hear(organisation: str) -> Any:
    found, rows = subscriptions.list_subscribers(organisation=organisation, by=by())
    return render_template("openings/who_wants_to_hear.html", organisation=found, rows=rows)


def _link_page(token: str) -> Any:
    row, organisation = subscriptions.find_subscription(token)
    return render_template("openings/hear_link.html", row=row, organisation=organisation, token=token)
