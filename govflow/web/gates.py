"""The gate: what holds it, each check's page, signing off, letting pass together, moving on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from govflow.domain.gates.checks import Entry, Finding
from govflow.domain.gates.gates import Gate, signs_for
from govflow.domain.gates.overdue import Due
from govflow.domain.people import EXPERTISE_TITLES
from govflow.domain.questions import NOBODY, Question, in_words, read_day
from govflow.domain.refusals import GateHeld, Invalid, NotFound, Refused
from govflow.services.base.actions import Actor
from govflow.services.base.context import context
from govflow.services.base.project_plugins import off_here
from govflow.services.base.register_access import hidden_places, reads_list, sees_entry
from govflow.services.gates import evidence, gates, snooze
from govflow.services.gates.current import gate_of, sign_offs_of, waivers_of
from govflow.services.gates.uploads import known_files
from govflow.services.gates.waiver_access import everyone_reads, matters_read, titles_read
from govflow.services.plugins.plugin_pages import pages_seen
from govflow.web.access import Here, by, in_project, row_id
from govflow.web.answers import done
from govflow.web.forms import form_for, summary, typed
from govflow.web.gate_view import groups_for, in_short

SAY = (
    Question(
        name="words",
        label="Why is it not ready?",
        kind="long_text",
        help="Everyone in the project will read this. A lead has to answer you in writing.",
    ),
)
REASON = Question(
    name="reason",
    label="Why may this pass for now?",
    kind="long_text",
    help="Everyone in the project will read this.",
)
FOR_FEW = (
    "Only those who may read this matter will read this. "
    "Everyone else reads that a private matter may pass, and until when."
)
UNTIL = Question(name="until", label="Until when?", kind="date", help="A year at most.")


def add_routes(pages: Blueprint) -> None:
    @pages.get("/projects/<slug>/gate")
    @in_project("see checks")
    def gate(here: Here) -> Any:
        return _gate_page(here)

    @pages.post("/projects/<slug>/advance")
    @in_project("move")
    def advance(here: Here) -> Any:
        try:
            _, after = gates.advance(
                here.project.id,
                by=by(),
                today=here.today,
                visit=row_id(request.form.get("visit")),
                close=request.form.get("do") == "close",
            )
        except GateHeld as error:
            return _gate_page(here, refusal=error), 409
        stages = {one.slug: one.title for one in here.snapshot.lifecycle.stages}
        words = (
            f"The project moved on to {stages[after]}."
            if after in stages
            else "The project is closed. Thank you, everyone."
        )
        return done(words, "pages.project", slug=here.project.slug)

    @pages.route("/projects/<slug>/gate/<check_id>", methods=["GET", "POST"])
    @pages.route("/projects/<slug>/gate/<check_id>/<subject>", methods=["GET", "POST"])
    @in_project("see sentences")
    def check(here: Here, check_id: str, subject: str | None = None) -> Any:
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
                    given=typed(questions),
                    by=by(),
                    today=here.today,
                )
                return done("Thank you. That is recorded.", "pages.gate", slug=here.project.slug)
            except Invalid as error:
                refusal = error
        assert here.me is not None
        may_answer = here.project.state != "closed" and evidence.may_answer(
            here.snapshot, check_id, declared, about, here.me
        )
        kept = evidence.answers_so_far(here.snapshot, check_id, declared, subject, reader=here.key)
        known = evidence.known_here(here.snapshot, reader=here.key)
        files = known_files(here.project.id, declared.questions, [kept])
        form = form_for(questions, replace(known, files=files), kept, refusal) if may_answer else None
        state = gate_of(here.project, here.snapshot)
        finding = _standing_of(state, check_id, subject)
        counted = finding.counted_for(here.key)
        page = render_template(
            "check.html",
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

    @pages.route("/projects/<slug>/sign-off", methods=["GET", "POST"])
    @in_project("sign off")
    def sign_off(here: Here) -> Any:
        refusal = None
        if request.method == "POST":
            try:
                return _sign_off(here)
            except Invalid as error:
                refusal = error
        form = form_for(SAY, NOBODY, refusal=refusal)
        assert here.me is not None
        said = sign_offs_of(here.project.id, here.snapshot)
        page = render_template(
            "sign_off.html",
            here=here,
            form=form,
            summary=summary(form, refusal, {"reply": f"reply-{request.form.get('member', '')}"}),
            gate=gate_of(here.project, here.snapshot),
            said=said,
            mine=next((one for one in said if one.member == here.key), None),
            names=here.snapshot.names(),
            typed=request.form,
            signs_for=[EXPERTISE_TITLES.get(kind, "lead") for kind in signs_for(here.me, here.snapshot.members)],
            counts=here.me.counts_on(here.today),
            kinds=EXPERTISE_TITLES,
        )
        return page, 422 if refusal else 200

    @pages.route("/projects/<slug>/waivers", methods=["GET", "POST"])
    @in_project("waive")
    def waivers(here: Here) -> Any:
        refusal = None
        if request.method == "POST":
            try:
                return _waive(here)
            except Invalid as error:
                refusal = error
        state = gate_of(here.project, here.snapshot)
        place = _place(request.values.get("check", ""), request.values.get("subject", ""))
        read = matters_read(here.snapshot, state.findings, reader=here.key)
        chosen = next((one for one in state.findings if one.place == place and one.open and place in read), None)
        for_few = chosen is not None and not everyone_reads(here.snapshot, chosen)
        form = form_for((replace(REASON, help=FOR_FEW) if for_few else REASON, UNTIL), NOBODY, refusal=refusal)
        waivers = waivers_of(here.project.id, here.snapshot)
        page = render_template(
            "waivers.html",
            here=here,
            form=form,
            summary=summary(form, refusal),
            names=here.snapshot.names(),
            chosen=chosen,
            can=[one for one in state.holding if one.place in read],
            waivers=waivers,
            titles=titles_read(here.snapshot, state.findings, waivers, reader=here.key),
        )
        return page, 422 if refusal else 200


def _gate_page(here: Here, refusal: GateHeld | None = None) -> str:
    snapshot = here.snapshot
    state = gate_of(here.project, snapshot)
    words = in_short(
        snapshot.stage.title,
        held=len(state.holding),
        missing=state.missing,
        unanswered=len(state.unanswered),
        is_open=state.open,
    )
    following = snapshot.lifecycle.after(snapshot.stage.slug)
    return render_template(
        "gate.html",
        here=here,
        gate=state,
        in_short_words=words,
        following=following,
        off=off_here(here.project),
        refusal=refusal,
        groups=groups_for(
            state.findings,
            waived=state.waived,
            names=snapshot.names(),
            today=here.today,
            slug=here.project.slug if here.may("see sentences") else None,
            reader=here.key,
            sentences=here.may("see sentences"),
            counted=hidden_places(snapshot, state.findings, reader=here.key),
        ),
    )


def _sign_off(here: Here) -> Any:
    slug, project, visit = here.project.slug, here.project.id, row_id(request.form.get("visit"))
    match request.form.get("say"):
        case "ready":
            gates.sign_off(project, by=by(), today=here.today, visit=visit)
            return done("You signed off. Thank you.", "pages.gate", slug=slug)
        case "not_ready":
            gates.say_not_ready(project, words=request.form.get("words", ""), by=by(), today=here.today, visit=visit)
            return done("You said that it is not ready. A lead has to answer you.", "pages.sign_off", slug=slug)
        case "take_back":
            gates.take_back(project, by=by(), today=here.today, visit=visit)
            return done("Your sign-off is taken back.", "pages.sign_off", slug=slug)
        case "reply":
            words, member = request.form.get("reply", ""), request.form.get("member", "")
            said = row_id(request.form.get("said"))
            gates.reply_to(project, member=member, words=words, by=by(), today=here.today, said=said)
            return done("Your answer is recorded.", "pages.sign_off", slug=slug)
    raise Refused("Choose what you want to say.")


def _waive(here: Here) -> Any:
    slug, project = here.project.slug, here.project.id
    acting: Actor = by()
    match request.form.get("do"):
        case "propose":
            check_id, subject = _place(request.form.get("check", ""), request.form.get("subject", ""))
            problems = {}
            try:
                until = read_day(request.form.get("until", ""), "Until when?")
            except Invalid as error:
                problems["until"] = str(error)
            if not request.form.get("reason", "").strip():
                problems["reason"] = "Say why this may pass for now."
            if problems:
                raise Invalid(" ".join(problems.values()), problems)
            gates.propose_waiver(
                project,
                check_id=check_id,
                subject=subject,
                reason=request.form["reason"],
                until=until,
                by=acting,
                today=here.today,
            )
            return done("Proposed. It counts when somebody else agrees.", "pages.waivers", slug=slug)
        case "second":
            gates.second_waiver(project, waiver_id=row_id(request.form.get("waiver")) or 0, by=acting, today=here.today)
            return done("Agreed. This may pass for now.", "pages.waivers", slug=slug)
        case "end":
            gates.end_waiver(project, waiver_id=row_id(request.form.get("waiver")) or 0, by=acting, today=here.today)
            return done("Ended.", "pages.waivers", slug=slug)
    raise Refused("Choose what you want to do.")


def _place(check_id: str, subject: str) -> tuple[str, str | None]:
    return check_id, subject or None


def _label(here: Here, check: Any, about: Any) -> str:
    if about is None:
        return ""
    return here.snapshot.known(context().declared).entries.get(check.about.register or "", {}).get(about.key, about.key)


def _standing_of(state: Gate, check_id: str, subject: str | None) -> Finding:
    found = next((one for one in state.findings if one.place == (check_id, subject)), None)
    if found is None:
        raise NotFound("There is no such check here.")
    return found


def _row_of(here: Here, finding: Finding, state: Gate) -> Any:
    """How the finding stands; or, where this reader sees no more of it than a count, how many are ready."""
    only = [finding]
    if finding.counted_for(here.key):
        only = [one for one in state.findings if one.check == finding.check and one.counted_for(here.key)]
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


def _answers(here: Here, check: Any, check_id: str, subject: str | None) -> list[dict[str, Any]]:
    """Everything answered so far, the newest first; private answers only for who gave them."""
    answered = here.snapshot.answered.get((check_id, subject), [])
    files = known_files(here.project.id, check.questions, [one.answers for one in answered])
    seen = evidence.known_here(here.snapshot, reader=here.key)
    known = replace(seen, people=here.snapshot.names(), files=files)
    questions = {one.name: one for one in check.questions}
    found = []
    for one in reversed(here.snapshot.answered.get((check_id, subject), [])):
        lines = [
            (questions[name], in_words(questions[name], value, known), value)
            for name, value in one.answers.items()
            if name in questions and (not questions[name].private or one.by == here.key)
        ]
        hidden = sum(1 for name in one.answers if name in questions and questions[name].private and one.by != here.key)
        found.append(
            {
                "by": known.people.get(one.by, "someone who has left"),
                "on": one.on,
                "lines": lines,
                "hidden": hidden,
                "visit": one.visit,
                "now": one.visit == here.snapshot.visit.number,
                "by_operator": one.by_operator,
            }
        )
    return found


def _lists_read(here: Here, check: Any, check_id: str) -> list[dict[str, str]]:
    """The pages of its plugin, and the texts and lists this check reads: where its finding can be changed."""
    plugin = check_id.partition(".")[0]
    declared = context().declared.plugins[plugin]
    pages = [
        (plugin, one.slug, one.title)
        for slug, one in pages_seen(here.snapshot, reader=here.key or "")
        if slug == plugin
    ]
    own = [f"{plugin}.{name}" for name in (*declared.documents, *declared.registers)]
    listed = []
    for full_id in dict.fromkeys([*own, check.about.register, *check.needs]):
        slug, _, name = (full_id or "").partition(".")
        reads = slug in here.snapshot.on and reads_list(here.snapshot, f"{slug}.{name}", here.key)
        brought = context().declared.plugins.get(slug) if reads else None
        one = (brought.documents.get(name) or brought.registers.get(name)) if brought else None
        if one:
            listed.append((slug, name, one.title))
    return [
        {"title": title, "url": url_for("pages.listed", slug=here.project.slug, plugin=slug, name=name)}
        for slug, name, title in (*pages, *listed)
    ]


def _later(here: Here, finding: Finding) -> str:
    """Where whoever owes it says that they want to be reminded later."""
    if here.me is None or here.project.state != "running" or not snooze.may_snooze(finding, here.me.key):
        return ""
    return url_for("pages.later", slug=here.project.slug, check_id=finding.check, subject=finding.subject)


def _waiver_of(here: Here, check_id: str, subject: str | None) -> str:
    return url_for("pages.waivers", slug=here.project.slug, check=check_id, subject=subject or "")
