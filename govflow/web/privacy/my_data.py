"""What is held about me: to look at, to take away, and to have erased."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request, session

from govflow.domain.questions import Question
from govflow.domain.refusals import Invalid
from govflow.services.privacy import about_me, erasing
from govflow.web.access import by, signed_in, today
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form
from govflow.web.privacy.blueprint import bp

WORD = (
    Question(name="word", label=f"Type {erasing.WORD} to be erased", help="In capital letters. It cannot be undone."),
)


@bp.route("/me/data", methods=["GET", "POST"])
@signed_in
def my_data() -> Any:
    def save() -> Any:
        if request.form.get("do") != "erase":
            raise Invalid("Choose one of the buttons on the page.")
        erasing.erase(word=request.form.get("word", ""), by=by(), today=today())
        session.clear()
        return flash_and_redirect("You are erased here. Thank you for all you gave. Go well.", "auth.ask_for_link")

    return answer_form(
        WORD, save, "privacy/my_data.html", also=lambda: {"held": about_me.held_about(by=by(), today=today())}
    )


@bp.get("/me/data.json")
@signed_in
def my_data_file() -> Any:
    held = about_me.in_plain_values(about_me.held_about(by=by(), today=today()))
    answer = Response(json.dumps(held, ensure_ascii=False, indent=2), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="held-about-me.json"'
    return answer
