"""The words a project goes by."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request

from govflow.domain.questions import NOBODY
from govflow.domain.refusals import Invalid
from govflow.domain.terms import written_terms
from govflow.services.base import terms
from govflow.web.access import Here, by, in_project
from govflow.web.answers import done
from govflow.web.forms import form_for, summary


def add_routes(pages: Blueprint) -> None:
    @pages.route("/projects/<slug>/words", methods=["GET", "POST"])
    @in_project("choose words")
    def words(here: Here) -> Any:
        refusal = None
        if request.method == "POST":
            try:
                terms.change_terms(here.project.id, text=request.form.get("terms", ""), by=by(), today=here.today)
                return done(
                    "Kept. Pages and emails of this project use these words.", "pages.words", slug=here.project.slug
                )
            except Invalid as error:
                refusal = error
        kept = {"terms": written_terms(terms.as_terms(here.project.terms))}
        form = form_for((terms.ASKED,), NOBODY, kept, refusal)
        page = render_template("words.html", here=here, form=form, summary=summary(form, refusal))
        return page, 422 if refusal else 200
