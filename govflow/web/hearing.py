"""Asking to hear of chances to take part: the form for anybody, the page behind the link, and the list."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from govflow.domain.questions import NOBODY
from govflow.domain.refusals import Invalid, Refused, TooOften
from govflow.services.base.context import context
from govflow.services.openings import subscriptions
from govflow.web.access import anyone, by, signed_in, today
from govflow.web.answers import done
from govflow.web.forms import form_for, summary
from govflow.web.network import network
from govflow.web.sign_in import code_of, problem_of, wait_of

SENT = (
    "Look in your email. If it can be written to, a letter with a link is on its way. You are on the list once you "
    "have opened the link and said yes."
)


def add_routes(pages: Blueprint) -> None:
    @pages.route("/organisations/<organisation>/hear", methods=["GET", "POST"])
    @anyone
    def hear(organisation: str) -> Any:
        found = subscriptions.organisation_page_of(organisation)
        refusal: Refused | None = None
        if request.method == "POST":
            given = {name: request.form.get(name, "") for name in ("name", "email", "words")}
            try:
                subscriptions.subscribe(organisation=organisation, network=network(), today=today(), **given)
                context().wake([found.id])
                return done(SENT, "pages.organisation", organisation=organisation)
            except (Invalid, TooOften) as error:
                refusal = error
        form = form_for(subscriptions.ASK, NOBODY, refusal=problem_of(refusal))
        page = render_template("hear.html", organisation=found, form=form, summary=summary(form, problem_of(refusal)))
        return page, code_of(refusal), wait_of(refusal)

    @pages.get("/hear/<token>")
    @anyone
    def hear_link(token: str) -> Any:
        return _link_page(token)

    @pages.post("/hear/<token>")
    @anyone
    def hear_or_not(token: str) -> Any:
        """One click in the mail program posts here without a session or a form token, and ends the letters."""
        if request.form.get("do") == "confirm":
            subscriptions.confirm(token, today=today())
        else:
            subscriptions.end(token, today=today())
        return _link_page(token)

    @pages.get("/organisations/<organisation>/interest")
    @signed_in
    def interest(organisation: str) -> Any:
        found, rows = subscriptions.list_subscribers(organisation=organisation, by=by())
        return render_template("interest.html", organisation=found, rows=rows)


def _link_page(token: str) -> Any:
    row, organisation = subscriptions.find_subscription(token)
    return render_template("hear_link.html", row=row, organisation=organisation, token=token)
