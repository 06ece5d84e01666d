"""Making a complaint, signed in or not; and an organisation's complaints, for its admins."""

from __future__ import annotations

from typing import Any

from flask import g, request

from govflow.domain.questions import Question
from govflow.domain.refusals import Invalid, TooOften
from govflow.services.privacy import complaints
from govflow.web.access import anyone, by, row_id, signed_in, today
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, read_form
from govflow.web.network import network
from govflow.web.privacy.blueprint import bp

OUTCOME = Question(name="words", label="What came of it?", kind="long_text", help="What you told the person.")


@bp.route("/complaint", methods=["GET", "POST"])
@anyone
def complain() -> Any:
    person_id = g.person.id if g.person else None
    asked = complaints.questions(person_id)

    def save() -> Any:
        complaints.complain(given=read_form(asked), person_id=person_id, network=network(), today=today())
        return flash_and_redirect("Thank you. Your complaint has been received.", "privacy.complain")

    return answer_form(asked, save, "privacy/complain.html", refusals=(Invalid, TooOften))


@bp.route("/organisations/<organisation>/complaints", methods=["GET", "POST"])
@signed_in
def organisation_complaints(organisation: str) -> Any:
    number = row_id(request.form.get("number")) or 0
    who: dict[str, Any] = {"organisation": organisation, "by": by(), "today": today()}

    def save() -> Any:
        if request.form.get("do") == "acknowledge":
            complaints.acknowledge(number, **who)
        else:
            complaints.tell_outcome(number, words=request.form.get("words", ""), **who)
        return flash_and_redirect("Kept.", "privacy.organisation_complaints", organisation=organisation)

    def also() -> dict[str, Any]:
        found, told = complaints.complaints_of(**who)
        return {"organisation": found, "told": told}

    return answer_form((OUTCOME,), save, "privacy/organisation_complaints.html", number=number, also=also)
