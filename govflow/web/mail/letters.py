"""Pages about letters: how I want to be reminded, reminding later, and what a lead sees of them."""

from __future__ import annotations

from typing import Any

from flask import abort, g, render_template, request

from govflow.services.base.findings import judge_now
from govflow.services.base.register_access import hidden_places
from govflow.services.gates import snooze
from govflow.services.mail import email_log, preferences
from govflow.web.access import ProjectView, by, in_project, signed_in, today
from govflow.web.errors import flash_and_redirect
from govflow.web.forms import answer_form, read_form
from govflow.web.mail.blueprint import bp


@bp.route("/me/letters", methods=["GET", "POST"])
@signed_in
def my_letters() -> Any:
    def save() -> Any:
        preferences.change_preferences(given=read_form(preferences.QUESTIONS), by=by(), today=today())
        return flash_and_redirect("Kept. It is so from the next letter on.", "mail.my_letters")

    kept = preferences.preferences_kept(g.person.id)
    return answer_form(preferences.QUESTIONS, save, "mail/my_letters.html", kept=kept)


@bp.route("/projects/<slug>/later/<check_id>", methods=["GET", "POST"], defaults={"subject": None})
@bp.route("/projects/<slug>/later/<check_id>/<subject>", methods=["GET", "POST"])
@in_project("see sentences")
def remind_later(here: ProjectView, check_id: str, subject: str | None) -> Any:
    place = (check_id, subject)
    finding = next((finding for finding in judge_now(here.snapshot) if finding.place == place), None)
    if finding is None or here.me is None or hidden_places(here.snapshot, [finding], reader=here.me.key):
        abort(404)

    def save() -> Any:
        given, project = read_form(snooze.QUESTIONS), here.project.id
        snooze.snooze(project, check_id=check_id, subject=subject, given=given, by=by(), today=here.today)
        words = "Kept. You are reminded again on that day."
        return flash_and_redirect(words, "gates.check", slug=here.project.slug, check_id=check_id, subject=subject)

    return answer_form(
        snooze.QUESTIONS if snooze.may_snooze(finding, here.me.key) else None,
        save,
        "mail/remind_later.html",
        here=here,
        finding=finding.seen_by(here.me.key),
        not_yours=snooze.NOT_YOURS,
        also=lambda: {"until": snooze.put_off_until(here.project.id, check_id, subject, today=here.today)},
    )


@bp.route("/projects/<slug>/letters", methods=["GET", "POST"])
@in_project("see letters")
def project_letters(here: ProjectView) -> Any:
    if here.me is None:
        abort(404)
    if request.method == "POST":
        return _look_after(here)
    key = here.me.key
    return render_template(
        "mail/project_letters.html",
        here=here,
        calls=email_log.calls(here.snapshot, here.project.id, reader=key),
        unreachable=email_log.unreachable(here.snapshot),
        put_off=email_log.put_off(here.snapshot, here.project.id, reader=key),
        coming=email_log.coming(here.project, reader=key, today=here.today),
        sent=email_log.sent(here.project),
    )


def _look_after(here: ProjectView) -> Any:
    """One of two buttons: somebody was told, or an address is to be tried again."""
    member = request.form.get("member", "")
    if request.form.get("do") == "told":
        name = email_log.mark_told(here.project.id, member=member, by=by(), today=here.today)
        return flash_and_redirect(f"Thank you. {name} has been told.", "mail.project_letters", slug=here.project.slug)
    name = email_log.try_again(here.project.id, member=member, by=by(), today=here.today)
    return flash_and_redirect(
        f"From now on letters go to {name} again.", "mail.project_letters", slug=here.project.slug
    )
