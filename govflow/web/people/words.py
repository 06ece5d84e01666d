"""The words a project goes by."""

from __future__ import annotations

from typing import Any

from flask import request

from govflow.domain.terms import written_terms
from govflow.services.base import terms
from govflow.web.access import ProjectView, by, in_project
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form
from govflow.web.people.blueprint import bp


@bp.route("/projects/<slug>/words", methods=["GET", "POST"])
@in_project("choose words")
def choose_words(here: ProjectView) -> Any:
    def save() -> Any:
        terms.change_terms(here.project.id, text=request.form.get("terms", ""), by=by(), today=here.today)
        words = "Kept. Pages and emails of this project use these words."
        return flash_and_redirect(words, "people.choose_words", slug=here.project.slug)

    kept = {"terms": written_terms(terms.as_terms(here.project.terms))}
    return answer_form((terms.ASKED,), save, "people/choose_words.html", kept=kept, here=here)
