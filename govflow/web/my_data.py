"""What is held about me: to look at, to take away, and to have erased."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, render_template, request, session

from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import Invalid
from govflow.services.privacy import about_me, erasing
from govflow.web.access import by, signed_in, today
from govflow.web.answers import done
from govflow.web.forms import form_for, summary

WORD = (
    Question(name="word", label=f"Type {erasing.WORD} to be erased", help="In capital letters. It cannot be undone."),
)


def add_routes(pages: Blueprint) -> None:
    @pages.route("/me/data", methods=["GET", "POST"])
    @signed_in
    def my_data() -> Any:
        refusal = None
        if request.method == "POST":
            try:
                if request.form.get("do") != "erase":
                    raise Invalid("Choose one of the buttons on the page.")
                erasing.erase(word=request.form.get("word", ""), by=by(), today=today())
                session.clear()
                return done("You are erased here. Thank you for all you gave. Go well.", "pages.ask")
            except Invalid as error:
                refusal = error
        held = about_me.held_about(by=by(), today=today())
        form = form_for(WORD, NOBODY, refusal=refusal)
        page = render_template("my_data.html", held=held, form=form, summary=summary(form, refusal))
        return page, 422 if refusal else 200

    @pages.get("/me/data.json")
    @signed_in
    def my_data_file() -> Any:
        held = about_me.in_plain_values(about_me.held_about(by=by(), today=today()))
        answer = Response(json.dumps(held, ensure_ascii=False, indent=2), mimetype="application/json")
        answer.headers["Content-Disposition"] = 'attachment; filename="held-about-me.json"'
        return answer
