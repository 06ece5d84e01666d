"""Pages of an organisation: what anybody may know of it, and what its admins look after."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, render_template, request

from govflow.domain.history.chain import said
from govflow.domain.questions import NOBODY
from govflow.domain.refusals import Invalid
from govflow.services.history import checkpoints
from govflow.services.history import emails as checkpoint_letters
from govflow.services.history import history as histories
from govflow.services.openings import openings
from govflow.services.people import organisations
from govflow.web.access import anyone, by, row_id, signed_in, today
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
        found = organisations.ours(organisation, by())
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

    @pages.route("/organisations/<organisation>/history", methods=["GET", "POST"])
    @signed_in
    def organisation_history(organisation: str) -> Any:
        found = organisations.ours(organisation, by())
        if request.method == "POST":
            if request.form.get("do") not in ("ask", "stop"):
                abort(400)
            wanted = request.form["do"] == "ask"
            checkpoint_letters.ask_for_checkpoints(organisation, wanted=wanted, by=by(), today=today())
            words = "You get the checkpoint by email each week." if wanted else "You get no more emails with it."
            return done(words, "pages.organisation_history", organisation=organisation)
        lines, older = histories.organisation_history(found.id, before=row_id(request.args.get("before")))
        last = checkpoints.latest(found.slug)
        return render_template(
            "organisation_history.html",
            organisation=found,
            lines=lines,
            older=older,
            last=last,
            signed_at=said(last.at) if last else "",
            asked=checkpoint_letters.asked_for_checkpoints(found.id, g.person.id),
            stopped=g.person.reminders_stopped_on is not None,
        )
