"""Pages of an organisation: what anybody may know of it, and what its admins look after."""

from __future__ import annotations

from typing import Any

from flask import g, render_template

from govflow.services.openings import openings
from govflow.services.people import organisations
from govflow.web.access import anyone, by, signed_in, today
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, read_form
from govflow.web.people.blueprint import bp


@bp.get("/organisations/<organisation>")
@anyone
def organisation(organisation: str) -> Any:
    found, live, _ = openings.openings_of(organisation, today=today())
    seen = organisations.seen_by(found, g.person.id if g.person else None, today=today())
    return render_template("people/organisation.html", seen=seen, organisation=found, openings=live)


@bp.route("/organisations/<organisation>/rules", methods=["GET", "POST"])
@signed_in
def organisation_rules(organisation: str) -> Any:
    found = organisations.ours(organisation, by())

    def save() -> Any:
        given = read_form(organisations.RULES)
        organisations.change_rules(organisation=organisation, given=given, by=by(), today=today())
        return flash_and_redirect("Kept.", "people.organisation_rules", organisation=organisation)

    kept = organisations.rules_kept(found)
    return answer_form(organisations.RULES, save, "people/organisation_rules.html", kept=kept, organisation=found)
