"""Pages about letters: how I want to be reminded, reminding later, and what a lead sees of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, render_template, request

from govflow.domain.questions import NOBODY
from govflow.domain.refusals import Invalid
from govflow.services import letter_wishes, letters_seen, snoozing
from govflow.services.closed_lists import hidden_places
from govflow.services.findings import standings_of
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
                letter_wishes.change_wishes(given=typed(letter_wishes.QUESTIONS), by=by(), today=today())
                return done("Kept. It is so from the next letter on.", "pages.my_letters")
            except Invalid as error:
                refusal = error
        kept = letter_wishes.wishes_kept(g.person.id)
        form = form_for(letter_wishes.QUESTIONS, NOBODY, kept, refusal)
        return render_template("my_letters.html", form=form, summary=summary(form, refusal)), 422 if refusal else 200

    @pages.route("/projects/<slug>/later/<check_id>", methods=["GET", "POST"], defaults={"subject": None})
    @pages.route("/projects/<slug>/later/<check_id>/<subject>", methods=["GET", "POST"])
    @in_project("see sentences")
    def later(here: Here, check_id: str, subject: str | None) -> Any:
        standing = next((one for one in standings_of(here.picture) if one.place == (check_id, subject)), None)
        if standing is None or here.me is None or hidden_places(here.picture, [standing], reader=here.me.key):
            abort(404)
        refusal = None
        if request.method == "POST":
            try:
                given = typed(snoozing.QUESTIONS)
                project = here.project.id
                snoozing.snooze(project, check_id=check_id, subject=subject, given=given, by=by(), today=here.today)
                words = "Kept. You are reminded again on that day."
                return done(words, "pages.check", slug=here.project.slug, check_id=check_id, subject=subject)
            except Invalid as error:
                refusal = error
        form = form_for(snoozing.QUESTIONS, NOBODY, None, refusal)
        page = render_template(
            "later.html",
            here=here,
            standing=standing.seen_by(here.me.key),
            form=form if snoozing.may_snooze(standing, here.me.key) else None,
            not_yours=snoozing.NOT_YOURS,
            until=snoozing.put_off_until(here.project.id, check_id, subject, today=here.today),
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
            calls=letters_seen.calls(here.picture, here.project.id, reader=key),
            unreachable=letters_seen.unreachable(here.picture),
            put_off=letters_seen.put_off(here.picture, here.project.id, reader=key),
            coming=letters_seen.coming(here.project, reader=key, today=here.today),
            sent=letters_seen.sent(here.project),
        )


def _look_after(here: Here) -> Any:
    """One of two buttons: somebody was told, or an address is to be tried again."""
    member = request.form.get("member", "")
    if request.form.get("do") == "told":
        name = letters_seen.told(here.project.id, member=member, by=by(), today=here.today)
        return done(f"Thank you. {name} has been told.", "pages.project_letters", slug=here.project.slug)
    name = letters_seen.try_again(here.project.id, member=member, by=by(), today=here.today)
    return done(f"From now on letters go to {name} again.", "pages.project_letters", slug=here.project.slug)
