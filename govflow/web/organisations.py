"""Pages of an organisation: what anybody may know of it, and what its admins look after."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request

from govflow.domain.questions import NOBODY
from govflow.domain.refusals import Invalid
from govflow.services import openings, organisations
from govflow.web.access import anyone, by, signed_in, today
from govflow.web.answers import done
from govflow.web.forms import form_for, summary, typed


def add_routes(pages: Blueprint) -> None:
    @pages.get("/organisations/<organisation>")
    @anyone
    def organisation(organisation: str) -> Any:
        found, live, _ = openings.openings_of(organisation, today=today())
        seen = organisations.seen_by(found, g.person.id if g.person else None, today=today())
        return render_template("organisation.html", seen=seen, organisation=found, openings=live)

    @pages.route("/organisations/<organisation>/rules", methods=["GET", "POST"])
    @signed_in
    def organisation_rules(organisation: str) -> Any:
        found = organisations.looked_after(organisation, by())
        refusal = None
        if request.method == "POST":
            try:
                organisations.change_rules(
                    organisation=organisation, given=typed(organisations.RULES), by=by(), today=today()
                )
                return done("Kept.", "pages.organisation_rules", organisation=organisation)
            except Invalid as error:
                refusal = error
        form = form_for(organisations.RULES, NOBODY, organisations.rules_kept(found), refusal)
        page = render_template("organisation_rules.html", organisation=found, form=form, summary=summary(form, refusal))
        return page, 422 if refusal else 200
