"""Pages about letters: how I want to be reminded, reminding later, and what a lead sees of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, render_template, request

from govflow.domain.questions import NOBODY
from govflow.domain.refusals import Invalid
from govflow.services.base.findings import judge_now
from govflow.services.base.register_access import hidden_places
from govflow.services.gates import snooze
from govflow.services.mail import email_log, preferences
from govflow.web.access import Here, by, in_project, signed_in, today
from govflow.web.answers import done
from govflow.web.forms import form_for, summary, typed


def add_routes(pages: Blueprint) -> None:
    @pages.route("/me/letters", methods=["GET", "POST"])
    @signed_in
    def my_letters() -> Any:
        refusal = None
        if request.method == "POST":
            try:
                preferences.change_preferences(given=typed(preferences.QUESTIONS), by=by(), today=today())
                return done("Kept. It is so from the next letter on.", "pages.my_letters")
            except Invalid as error:
                refusal = error
        kept = preferences.preferences_kept(g.person.id)
        form = form_for(preferences.QUESTIONS, NOBODY, kept, refusal)
        return render_template("my_letters.html", form=form, summary=summary(form, refusal)), 422 if refusal else 200

    @pages.route("/projects/<slug>/later/<check_id>", methods=["GET", "POST"], defaults={"subject": None})
    @pages.route("/projects/<slug>/later/<check_id>/<subject>", methods=["GET", "POST"])
    @in_project("see sentences")
    def later(here: Here, check_id: str, subject: str | None) -> Any:
        finding = next((one for one in judge_now(here.snapshot) if one.place == (check_id, subject)), None)
        if finding is None or here.me is None or hidden_places(here.snapshot, [finding], reader=here.me.key):
            abort(404)
        refusal = None
        if request.method == "POST":
            try:
                given = typed(snooze.QUESTIONS)
                project = here.project.id
                snooze.snooze(project, check_id=check_id, subject=subject, given=given, by=by(), today=here.today)
                words = "Kept. You are reminded again on that day."
                return done(words, "pages.check", slug=here.project.slug, check_id=check_id, subject=subject)
            except Invalid as error:
                refusal = error
        form = form_for(snooze.QUESTIONS, NOBODY, None, refusal)
        page = render_template(
            "later.html",
            here=here,
            finding=finding.seen_by(here.me.key),
            form=form if snooze.may_snooze(finding, here.me.key) else None,
            not_yours=snooze.NOT_YOURS,
            until=snooze.put_off_until(here.project.id, check_id, subject, today=here.today),
            summary=summary(form, refusal),
        )
        return page, 422 if refusal else 200

    @pages.route("/projects/<slug>/letters", methods=["GET", "POST"])
    @in_project("see letters")
    def project_letters(here: Here) -> Any:
        if here.me is None:
            abort(404)
        if request.method == "POST":
            return _look_after(here)
        key = here.me.key
        return render_template(
            "project_letters.html",
            here=here,
            calls=email_log.calls(here.snapshot, here.project.id, reader=key),
            unreachable=email_log.unreachable(here.snapshot),
            put_off=email_log.put_off(here.snapshot, here.project.id, reader=key),
            coming=email_log.coming(here.project, reader=key, today=here.today),
            sent=email_log.sent(here.project),
        )


def _look_after(here: Here) -> Any:
    """One of two buttons: somebody was told, or an address is to be tried again."""
    member = request.form.get("member", "")
    if request.form.get("do") == "told":
        name = email_log.mark_told(here.project.id, member=member, by=by(), today=here.today)
        return done(f"Thank you. {name} has been told.", "pages.project_letters", slug=here.project.slug)
    name = email_log.try_again(here.project.id, member=member, by=by(), today=here.today)
    return done(f"From now on letters go to {name} again.", "pages.project_letters", slug=here.project.slug)
