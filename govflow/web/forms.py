"""Questions drawn as forms. Reading and checking is the domain's; a form only shows and keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import current_app, render_template, request
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovFileInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from markupsafe import Markup, escape
from wtforms import Field, FileField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

from govflow.domain.questions import FILE_KINDS, FILE_MOST, KINDS, NOBODY, Known, NewFile, Question
from govflow.domain.refusals import Invalid, Refused, TooOften
from govflow.domain.wording import listed
from govflow.web.own_words import own

View = Callable[..., Any]
NOT_ASKED = ("csrf_token", "visit", "remove", "form")
EARLIER = "earlier-"
"""Before the name of a file's field: the file that was kept, which stays unless another is sent."""
FEW = 8
DAY_HINT = "For example, 27 3 2026."
MOMENT_HINT = "For example, 27 3 2026 14:30."
SECRET_HINT = "This is kept sealed. It is shown once, to whoever needs it."


def takes_files(view: View) -> View:
    """A page whose form may bring a file; what is sent to it may be larger."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def make_room_for_files() -> None:
    """A form is small; one that may bring a file, to where files are asked for, may be larger."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_files", False) and request.mimetype == "multipart/form-data":
        request.max_content_length = FILE_MOST + (1 << 20)


def answer_form(
    questions: Sequence[Question] | None,
    save: Callable[[], Any],
    template: str,
    *,
    kept: Mapping[str, Any] | None = None,
    known: Known | Callable[[], Known] = NOBODY,
    refusals: tuple[type[Refused], ...] = (Invalid,),
    places: Mapping[str, str] | None = None,
    also: Callable[[], Mapping[str, Any]] | None = None,
    **context: Any,
) -> Any:
    """A page with a form. What is sent goes to `save`, which answers; refused, it is shown again with what is wrong.

    `questions` is None where this person is asked nothing. `kept` is what stands in the form at first, `places` names
    fields that the template draws itself. What is dear to find out comes from `known` and `also`: they are asked only
    when the page is drawn.
    """
    refusal: Refused | None = None
    if request.method == "POST":
        try:
            return save()
        except refusals as error:
            refusal = error
    problem = as_invalid(refusal)
    form = None
    if questions is not None:
        form = form_for(questions, known() if callable(known) else known, kept, problem)
    more = also() if also else {}
    page = render_template(template, form=form, summary=summary(form, problem, places), **context, **more)
    return page, status_for(refusal), wait_headers(refusal)


def form_for(
    questions: Sequence[Question],
    known: Known,
    kept: Mapping[str, Any] | None = None,
    refusal: Invalid | None = None,
    *,
    fresh: bool = False,
) -> FlaskForm:
    """A form of these questions: with what was just typed, else with what was kept; problems stand at their fields.

    `fresh`: another form of the page was sent, so this one shows what was kept.
    """
    fields = {question.name: _field(question, known) for question in questions}
    made = type("QuestionForm", (FlaskForm,), fields)
    shown = {question.name: _value_to_show(question, (kept or {}).get(question.name)) for question in questions}
    as_kept = fresh or request.method == "GET"
    form = made(formdata=None, data=shown) if as_kept else made()
    for question in questions:
        if question.kind == "file":
            here = (kept or {}).get(question.name) or request.form.get(EARLIER + question.name, "")
            form[question.name].earlier = (here, known.files[here]) if here in known.files else None
    for name, sentence in (refusal.problems if refusal else {}).items():
        if name in form:
            form[name].errors = [own(sentence)]
    return form


def read_form(questions: Sequence[Question]) -> dict[str, Any]:
    """What was typed, by question name. Names no question has are passed on, to be refused by name."""
    kinds = {question.name: question.kind for question in questions}
    several = {name for name, kind in kinds.items() if KINDS[kind].several}
    form = request.form  # asked for once: somebody may send a great many fields
    found: dict[str, Any] = {
        name: form.getlist(name) if name in several else form.get(name, "")
        for name in (*kinds, *(other for other in form if other not in kinds))
        if name not in NOT_ASKED and not name.startswith(EARLIER)
    }
    for name, kind in kinds.items():
        if kind == "file":
            sent = request.files.get(name)
            new = sent.read(FILE_MOST + 1) if sent and sent.filename else b""
            if sent:
                sent.close()
            found[name] = (
                NewFile(name=sent.filename or "", data=new) if sent and new else request.form.get(EARLIER + name, "")
            )
    return found


def summary(
    form: FlaskForm | None, refusal: Invalid | None, places: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """The lines of an error summary, each leading to its field; `places` names those that are drawn elsewhere."""
    if refusal is None:
        return []
    lines = []
    for name, sentence in refusal.problems.items():
        line = {"text": own(sentence)}
        if form is not None and name in form:
            line["href"] = f"#{name}"
        elif places and name in places:
            line["href"] = f"#{places[name]}"
        lines.append(line)
    return lines or [{"text": own(str(refusal))}]


def as_invalid(refusal: Refused | None) -> Invalid | None:
    """A refusal as the page's form shows it."""
    return refusal if refusal is None or isinstance(refusal, Invalid) else Invalid(str(refusal))


def status_for(refusal: Refused | None) -> int:
    """The status of a page that shows a form again."""
    if refusal is None:
        return 200
    return 429 if isinstance(refusal, TooOften) else 422


def wait_headers(refusal: Refused | None) -> dict[str, str]:
    return {"Retry-After": str(refusal.wait)} if isinstance(refusal, TooOften) else {}


def _field(question: Question, known: Known) -> Field:
    hint = own(f"{question.help} {SECRET_HINT}".strip() if question.secret else question.help)
    label = own(question.label)
    return WIDGETS[KINDS[question.kind].widget](question, known, label, hint)


def _ask_line(question: Question, known: Known, label: str, hint: str) -> Field:
    return StringField(label, description=hint, widget=GovTextInput())


def _ask_box(question: Question, known: Known, label: str, hint: str) -> Field:
    return TextAreaField(label, description=hint, widget=GovTextArea())


def _ask_day(question: Question, known: Known, label: str, hint: str) -> Field:
    return StringField(label, description=f"{hint} {DAY_HINT}".strip(), widget=GovTextInput())


def _ask_moment(question: Question, known: Known, label: str, hint: str) -> Field:
    return StringField(label, description=f"{hint} {MOMENT_HINT}".strip(), widget=GovTextInput())


def _ask_file(question: Question, known: Known, label: str, hint: str) -> Field:
    return FileField(label, description=f"{hint} {_files(question)}".strip(), widget=GovFileInput())


def _ask_yes_no(question: Question, known: Known, label: str, hint: str) -> Field:
    return _choose_one(label, hint, {"yes": "Yes", "no": "No"})


def _ask_choice(question: Question, known: Known, label: str, hint: str) -> Field:
    return _choose_one(label, hint, _choices(question))


def _ask_choices(question: Question, known: Known, label: str, hint: str) -> Field:
    return _choose_several(label, hint, _choices(question))


def _ask_person(question: Question, known: Known, label: str, hint: str) -> Field:
    return _choose_one(label, hint, _people(question, known))


def _ask_people(question: Question, known: Known, label: str, hint: str) -> Field:
    return _choose_several(label, hint, _people(question, known))


def _ask_entry(question: Question, known: Known, label: str, hint: str) -> Field:
    return _choose_one(label, hint, known.entries.get(question.of or "", {}))


WIDGETS: Mapping[str, Callable[[Question, Known, str, str], Field]] = {
    "line": _ask_line,
    "box": _ask_box,
    "day": _ask_day,
    "moment": _ask_moment,
    "file": _ask_file,
    "yes or no": _ask_yes_no,
    "one choice": _ask_choice,
    "several choices": _ask_choices,
    "one person": _ask_person,
    "several people": _ask_people,
    "one entry": _ask_entry,
}
"""How a form asks, by the name that a kind of question has for it (`domain/questions.py`)."""


def _choices(question: Question) -> dict[str, str]:
    return {value: own(words) for value, words in (question.choices or {}).items()}


def _people(question: Question, known: Known) -> dict[str, str]:
    """Whom one may choose; of somebody who has left it is said."""
    return {
        key: name if key in known.people else f"{name} ({own('has left')})"
        for key, name in known.people_for(question).items()
    }


def _files(question: Question) -> str:
    """Which files are taken, in words."""
    kinds = listed(
        [words for ending, (words, _) in FILE_KINDS.items() if ending in (question.files or FILE_KINDS)], "or"
    )
    return f"{kinds[0].upper()}{kinds[1:]}, at most {FILE_MOST >> 20} MB."


class LongSelect(GovSelect):
    """As the package draws it, but its options in one go: for a thousand of them a template takes seconds."""

    def __call__(self, field: Any, **kwargs: Any) -> Markup:
        options = [
            f'<option value="{escape(item.value)}"{" selected" if item.selected else ""}>{escape(item.label)}</option>'
            for item in field.iter_choices()
        ]
        bare = self.render(self.map_gov_params(field, **{"id": field.id, "items": [], **kwargs}))
        before, end, after = bare.rpartition("</select>")
        return Markup("".join([before, *options, end, after]))


def _choose_one(label: str, hint: str, choices: Mapping[str, str]) -> Field:
    if 0 < len(choices) <= FEW:
        options = [SelectChoice(value=value, label=words) for value, words in choices.items()]
        return RadioField(label, description=hint, choices=options, widget=GovRadioInput(), validate_choice=False)
    options = [SelectChoice(value="", label="Choose"), *(SelectChoice(value=v, label=w) for v, w in choices.items())]
    return SelectField(label, description=hint, choices=options, widget=LongSelect(), validate_choice=False)


class Checkboxes(GovCheckboxesInput):
    """As the package draws them, from a template of our own."""

    template = "_checkboxes.html"


def _choose_several(label: str, hint: str, choices: Mapping[str, str]) -> Field:
    options = [SelectChoice(value=value, label=words) for value, words in choices.items()]
    return SelectMultipleField(
        label,
        description=hint or "Choose everyone or everything that fits.",
        choices=options,
        widget=Checkboxes(),
        validate_choice=False,
    )


def _value_to_show(question: Question, value: Any) -> Any:
    kind = KINDS[question.kind]
    if value is None:
        return [] if kind.several else None
    return kind.typed(question, value, NOBODY)
