"""Questions drawn as forms. Reading and checking is the domain's; a form only shows and keeps what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import Field, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from govflow.domain.questions import NOBODY, Known, Question
from govflow.domain.refusals import Invalid
from govflow.domain.wording import day

__all__ = ["NOBODY", "form_for", "summary", "typed"]
MANY = ("choices", "people")
FEW = 8
DAY_HINT = "For example, 27 3 2026."


def form_for(
    questions: Sequence[Question], known: Known, kept: Mapping[str, Any] | None = None, refusal: Invalid | None = None
) -> FlaskForm:
    """A form of these questions: with what was just typed, else with what was kept; problems stand at their fields."""
    fields = {question.name: _field(question, known) for question in questions}
    made = type("QuestionForm", (FlaskForm,), fields)
    shown = {question.name: _shown(question, (kept or {}).get(question.name)) for question in questions}
    form = made(data=shown) if request.method == "GET" else made()
    for name, sentence in (refusal.problems if refusal else {}).items():
        if name in form:
            form[name].errors = [sentence]
    return form


def typed(questions: Sequence[Question]) -> dict[str, Any]:
    """What was typed, by question name. Names no question has are passed on, to be refused by name."""
    kinds = {question.name: question.kind for question in questions}
    return {
        name: request.form.getlist(name) if kinds.get(name) in MANY else request.form.get(name, "")
        for name in (*kinds, *(one for one in request.form if one not in kinds))
        if name not in ("csrf_token", "visit", "remove")
    }


def summary(
    form: FlaskForm | None, refusal: Invalid | None, places: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """The lines of an error summary, each leading to its field; `places` names those that are drawn elsewhere."""
    if refusal is None:
        return []
    lines = []
    for name, sentence in refusal.problems.items():
        line = {"text": sentence}
        if form is not None and name in form:
            line["href"] = f"#{name}"
        elif places and name in places:
            line["href"] = f"#{places[name]}"
        lines.append(line)
    return lines or [{"text": str(refusal)}]


def _field(question: Question, known: Known) -> Field:
    label, hint = question.label, question.help
    match question.kind:
        case "long_text":
            return TextAreaField(label, description=hint, widget=GovTextArea())
        case "date":
            return StringField(label, description=f"{hint} {DAY_HINT}".strip(), widget=GovTextInput())
        case "yes_no":
            return _one(label, hint, {"yes": "Yes", "no": "No"})
        case "choice":
            return _one(label, hint, question.choices or {})
        case "person":
            return _one(label, hint, known.people)
        case "entry_of":
            return _one(label, hint, known.entries.get(question.of or "", {}))
        case "choices":
            return _several(label, hint, question.choices or {})
        case "people":
            return _several(label, hint, known.people)
        case _:
            return StringField(label, description=hint, widget=GovTextInput())


def _one(label: str, hint: str, choices: Mapping[str, str]) -> Field:
    if 0 < len(choices) <= FEW:
        options = [SelectChoice(value=value, label=words) for value, words in choices.items()]
        return RadioField(label, description=hint, choices=options, widget=GovRadioInput(), validate_choice=False)
    options = [SelectChoice(value="", label="Choose"), *(SelectChoice(value=v, label=w) for v, w in choices.items())]
    return SelectField(label, description=hint, choices=options, widget=GovSelect(), validate_choice=False)


def _several(label: str, hint: str, choices: Mapping[str, str]) -> Field:
    options = [SelectChoice(value=value, label=words) for value, words in choices.items()]
    return SelectMultipleField(
        label,
        description=hint or "Choose everyone or everything that fits.",
        choices=options,
        widget=GovCheckboxesInput(),
        validate_choice=False,
    )


def _shown(question: Question, value: Any) -> Any:
    if value is None:
        return [] if question.kind in MANY else None
    if question.kind == "date":
        return day(value if isinstance(value, date) else date.fromisoformat(value))
    if question.kind == "yes_no":
        return "yes" if value else "no"
    return list(value) if question.kind in MANY else str(value)
