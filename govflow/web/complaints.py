"""Making a complaint, signed in or not; and an organisation's complaints, for its admins."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request

from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import Invalid, Refused, TooOften
from govflow.services.privacy import complaints
from govflow.web.access import anyone, by, row_id, signed_in, today
from govflow.web.answers import done
from govflow.web.forms import form_for, summary, typed
from govflow.web.network import network
from govflow.web.sign_in import code_of, problem_of, wait_of

OUTCOME = Question(name="words", label="What came of it?", kind="long_text", help="What you told the person.")


def add_routes(pages: Blueprint) -> None:
    @pages.route("/complaint", methods=["GET", "POST"])
    @anyone
    def complaint() -> Any:
        person_id = g.person.id if g.person else None
        asked = complaints.questions(person_id)
        refusal: Refused | None = None
        if request.method == "POST":
            try:
                complaints.complain(given=typed(asked), person_id=person_id, network=network(), today=today())
                return done("Thank you. Your complaint has been received.", "pages.complaint")
            except (Invalid, TooOften) as error:
                refusal = error
        problem = refusal if isinstance(refusal, Invalid) else problem_of(refusal)
        form = form_for(asked, NOBODY, refusal=problem)
        page = render_template("complaint.html", form=form, summary=summary(form, problem))
        return page, code_of(refusal), wait_of(refusal)

    @pages.route("/organisations/<organisation>/complaints", methods=["GET", "POST"])
    @signed_in
    def organisation_complaints(organisation: str) -> Any:
        refusal, number = None, row_id(request.form.get("number")) or 0
        if request.method == "POST":
            who: dict[str, Any] = {"organisation": organisation, "by": by(), "today": today()}
            try:
                if request.form.get("do") == "acknowledge":
                    complaints.acknowledge(number, **who)
                else:
                    complaints.tell_outcome(number, words=request.form.get("words", ""), **who)
                return done("Kept.", "pages.organisation_complaints", organisation=organisation)
            except Invalid as error:
                refusal = error
        found, told = complaints.complaints_of(organisation=organisation, by=by(), today=today())
        form = form_for((OUTCOME,), NOBODY, refusal=refusal)
        page = render_template(
            "organisation_complaints.html",
            organisation=found,
            told=told,
            form=form,
            number=number,
            summary=summary(form, refusal),
        )
        return page, 422 if refusal else 200
