"""Documents that plugins declare: the text, its versions, and who has answered to it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from flask import abort, render_template, request

from govflow.domain.project_state import ProjectState
from govflow.domain.questions import NOBODY, Question
from govflow.domain.refusals import Invalid, Refused
from govflow.domain.registers.documents import ANSWERS, CONCERN, Document, Version
from govflow.services.registers import documents
from govflow.web.access import ProjectView, by, row_id
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import form_for, summary


def document_page(here: ProjectView, plugin: str, name: str) -> Any:
    """The latest version, or an earlier one; on POST a new version or an answer."""
    document_id = f"{plugin}.{name}"
    try:
        document = documents.document_asked(here.snapshot, document_id, reader=here.key or "")
    except Refused:
        abort(404)
    refusal, writing = None, False
    if request.method == "POST":
        writing = request.form.get("do") == "write"
        try:
            return _write(here, plugin, name) if writing else _say(here, plugin, name)
        except Invalid as error:
            refusal = error
    versions = here.snapshot.documents.get(document_id, ())
    number = row_id(request.args.get("version")) or len(versions)
    if versions and not 1 <= number <= len(versions):
        abort(404)
    shown = versions[number - 1] if versions else None
    open_project = here.project.state != ProjectState.CLOSED
    may_write = open_project and documents.may_write(here.snapshot, document, here.key or "")
    may_say = open_project and shown is versions[-1] if versions else False
    write_form = form_for(
        _questions_to_write(document),
        NOBODY,
        {"text": versions[-1].text} if versions else {},
        refusal if writing else None,
    )
    say_form = form_for(
        _questions_to_answer(document), NOBODY, _answer_so_far(shown, here.key), None if writing else refusal
    )
    page = render_template(
        "registers/document.html",
        here=here,
        document=document,
        plugin=plugin,
        name=name,
        versions=versions,
        shown=shown,
        changes=_changes(versions, number),
        names=here.snapshot.names(),
        answers=ANSWERS,
        still=documents.still_to_say(here.snapshot, document, versions[-1]) if versions else [],
        may_write=may_write,
        writing=may_write and (writing or not versions or request.args.get("write") == "yes"),
        may_say=may_say and documents.may_say(here.snapshot, document, here.key or ""),
        write_form=write_form,
        say_form=say_form,
        summary=summary(write_form if writing else say_form, refusal),
    )
    return page, 422 if refusal else 200


def _questions_to_write(document: Document) -> tuple[Question, ...]:
    help_ = f"{document.help} An empty line begins a new paragraph.".strip()
    return (Question(name="text", label="The text", kind="long_text", help=help_),)


def _questions_to_answer(document: Document) -> tuple[Question, ...]:
    asked = [
        Question(
            name="answer",
            label="What do you say to this version?",
            kind="choice",
            choices={answer: ANSWERS[answer] for answer in document.answers},
        )
    ]
    if CONCERN in document.answers:
        asked.append(
            Question(
                name="words",
                label="Your concern, in your own words",
                kind="long_text",
                help="Only if you have one. Everyone in the project will read it.",
            )
        )
    return tuple(asked)


def _answer_so_far(shown: Version | None, me: str | None) -> dict[str, str]:
    mine = shown.said.get(me or "") if shown else None
    return {"answer": mine.answer, "words": mine.words} if mine else {}


def _write(here: ProjectView, plugin: str, name: str) -> Any:
    number = documents.write(
        here.project.id,
        document_id=f"{plugin}.{name}",
        text=request.form.get("text", ""),
        after=row_id(request.form.get("after")) or 0,
        by=by(),
        today=here.today,
    )
    words = f"Version {number} is kept. Everyone it is put to is asked again."
    return flash_and_redirect(words, "plugins.project_page", slug=here.project.slug, plugin=plugin, name=name)


def _say(here: ProjectView, plugin: str, name: str) -> Any:
    documents.say(
        here.project.id,
        document_id=f"{plugin}.{name}",
        number=row_id(request.form.get("number")) or 0,
        answer=request.form.get("answer", ""),
        words=request.form.get("words", ""),
        by=by(),
        today=here.today,
    )
    return flash_and_redirect(
        "Thank you. That is recorded.", "plugins.project_page", slug=here.project.slug, plugin=plugin, name=name
    )


def _changes(versions: Sequence[Version], number: int) -> list[tuple[str, str]]:
    """What is new against the version before, paragraph by paragraph: (“added” or “gone”, text)."""
    if number < 2:
        return []
    before, after = (_paragraphs(versions[place].text) for place in (number - 2, number - 1))
    found = []
    for _, gone, gone_to, new, new_to in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if before[gone:gone_to] != after[new:new_to]:
            found += [("gone", paragraph) for paragraph in before[gone:gone_to]] + [
                ("added", paragraph) for paragraph in after[new:new_to]
            ]
    return found


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.split("\n") if paragraph.strip()]
