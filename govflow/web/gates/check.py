"""One check of a gate: its finding, its form, and everything that was answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, render_template, request, url_for

from govflow.domain.gates.checks import Entry, Finding
from govflow.domain.gates.gates import Gate
from govflow.domain.gates.overdue import Due
from govflow.domain.project_state import ProjectState
from govflow.domain.questions import in_words
from govflow.domain.refusals import Invalid, NotFound, Refused
from govflow.services.base.context import context
from govflow.services.base.register_access import reads_list, sees_entry
from govflow.services.gates import evidence, snooze
from govflow.services.gates.current import gate_of
from govflow.services.gates.uploads import known_files
from govflow.services.plugins.plugin_pages import pages_seen
from govflow.web.access import ProjectView, by, in_project
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import form_for, read_form, summary, takes_files
from govflow.web.gates.blueprint import bp
from govflow.web.gates.gate_view import groups_for


@bp.route("/projects/<slug>/gate/<check_id>", methods=["GET", "POST"])
@bp.route("/projects/<slug>/gate/<check_id>/<subject>", methods=["GET", "POST"])
@takes_files
@in_project("see sentences")
def check(here: ProjectView, check_id: str, subject: str | None = None) -> Any:
    try:
        declared = evidence.check_asked(here.snapshot, check_id)
        about = evidence.subject_asked(here.snapshot, declared, subject)
    except Refused:
        abort(404)
    if isinstance(about, Entry) and not sees_entry(here.snapshot, declared.about.register or "", about, here.key):
        abort(404)
    questions = evidence.questions_asked(here.snapshot, declared)
    refusal = None
    if request.method == "POST":
        try:
            evidence.answer(
                here.project.id,
                check_id=check_id,
                subject=subject,
                given=read_form(questions),
                by=by(),
                today=here.today,
            )
            return flash_and_redirect("Thank you. That is recorded.", "gates.gate", slug=here.project.slug)
        except Invalid as error:
            refusal = error
    assert here.me is not None
    may_answer = here.project.state != ProjectState.CLOSED and evidence.may_answer(
        here.snapshot, check_id, declared, about, here.me
    )
    kept = evidence.answers_so_far(here.snapshot, check_id, declared, subject, reader=here.key)
    known = evidence.known_here(here.snapshot, reader=here.key)
    files = known_files(here.project.id, declared.questions, [kept])
    form = form_for(questions, replace(known, files=files), kept, refusal) if may_answer else None
    state = gate_of(here.snapshot)
    finding = _standing_of(state, check_id, subject)
    counted = finding.counted_for(here.key)
    page = render_template(
        "gates/check.html",
        here=here,
        check=declared,
        check_id=check_id,
        subject=subject,
        label=getattr(about, "name", None) or _label(here, declared, about),
        row=_row_of(here, finding, state),
        form=form,
        questions=questions,
        summary=summary(form, refusal),
        who=evidence.who_may_answer(here.snapshot, check_id, declared, about),
        due=declared.due.sentence() if isinstance(declared.due, Due) else "",
        answers=_answers(here, declared, check_id, subject) if may_answer or not counted else [],
        waiver="" if counted else _waiver_of(here, check_id, subject),
        later=_later(here, finding),
        put_off=None if counted else snooze.put_off_until(here.project.id, check_id, subject, today=here.today),
        lists=_lists_read(here, declared, check_id),
    )
    return page, 422 if refusal else 200


def _label(here: ProjectView, check: Any, about: Any) -> str:
    if about is None:
        return ""
    return here.snapshot.known(context().declared).entries.get(check.about.register or "", {}).get(about.key, about.key)


def _standing_of(state: Gate, check_id: str, subject: str | None) -> Finding:
    found = next((finding for finding in state.findings if finding.place == (check_id, subject)), None)
    if found is None:
        raise NotFound("There is no such check here.")
    return found


def _row_of(here: ProjectView, finding: Finding, state: Gate) -> Any:
    """How the finding stands; or, where this reader sees no more of it than a count, how many are ready."""
    only = [finding]
    if finding.counted_for(here.key):
        only = [other for other in state.findings if other.check == finding.check and other.counted_for(here.key)]
    groups = groups_for(
        only,
        waived=state.waived,
        names=here.snapshot.names(),
        today=here.today,
        slug=None,
        reader=here.key,
    )
    shown = groups[0].checks[0]
    return (shown.rows + shown.done)[0]


def _answers(here: ProjectView, check: Any, check_id: str, subject: str | None) -> list[dict[str, Any]]:
    """Everything answered so far, the newest first; private answers only for who gave them."""
    answered = here.snapshot.answered.get((check_id, subject), [])
    files = known_files(here.project.id, check.questions, [answer.answers for answer in answered])
    seen = evidence.known_here(here.snapshot, reader=here.key)
    known = replace(seen, people=here.snapshot.names(), files=files)
    questions = {question.name: question for question in check.questions}
    found = []
    for answer in reversed(answered):
        lines = [
            (questions[name], in_words(questions[name], value, known), value)
            for name, value in answer.answers.items()
            if name in questions and (not questions[name].private or answer.by == here.key)
        ]
        hidden = sum(
            1 for name in answer.answers if name in questions and questions[name].private and answer.by != here.key
        )
        found.append(
            {
                "by": known.people.get(answer.by, "someone who has left"),
                "on": answer.on,
                "lines": lines,
                "hidden": hidden,
                "visit": answer.visit,
                "now": answer.visit == here.snapshot.visit.number,
                "by_operator": answer.by_operator,
            }
        )
    return found


def _lists_read(here: ProjectView, check: Any, check_id: str) -> list[dict[str, str]]:
    """The pages of its plugin, and the texts and lists this check reads: where its finding can be changed."""
    plugin = check_id.partition(".")[0]
    declared = context().declared.plugins[plugin]
    pages = [
        (plugin, page.slug, page.title)
        for slug, page in pages_seen(here.snapshot, reader=here.key or "")
        if slug == plugin
    ]
    own = [f"{plugin}.{name}" for name in (*declared.documents, *declared.registers)]
    listed = []
    for full_id in dict.fromkeys([*own, check.about.register, *check.needs]):
        slug, _, name = (full_id or "").partition(".")
        reads = slug in here.snapshot.on and reads_list(here.snapshot, f"{slug}.{name}", here.key)
        brought = context().declared.plugins.get(slug) if reads else None
        declared_list = (brought.documents.get(name) or brought.registers.get(name)) if brought else None
        if declared_list:
            listed.append((slug, name, declared_list.title))
    return [
        {"title": title, "url": url_for("plugins.project_page", slug=here.project.slug, plugin=slug, name=name)}
        for slug, name, title in (*pages, *listed)
    ]


def _later(here: ProjectView, finding: Finding) -> str:
    """Where whoever owes it says that they want to be reminded later."""
    if here.me is None or here.project.state != ProjectState.RUNNING or not snooze.may_snooze(finding, here.me.key):
        return ""
    return url_for("mail.remind_later", slug=here.project.slug, check_id=finding.check, subject=finding.subject)


def _waiver_of(here: ProjectView, check_id: str, subject: str | None) -> str:
    return url_for("gates.waivers", slug=here.project.slug, check=check_id, subject=subject or "")
