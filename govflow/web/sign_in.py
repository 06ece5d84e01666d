"""Signing in by an emailed link, signing out, and stopping reminders."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, session, url_for

from govflow.domain.questions import Question
from govflow.domain.refusals import Invalid, Refused
from govflow.services import links, outbox
from govflow.services.sign_in import ask_for_link
from govflow.web.access import SESSION, anyone, local_path, signed_in, today
from govflow.web.forms import NOBODY, form_for, summary

EMAIL = (Question(name="email", label="Your email address", help="We send you a link. You need no password."),)


def add_routes(pages: Blueprint) -> None:
    @pages.route("/sign-in", methods=["GET", "POST"])
    @anyone
    def ask() -> Any:
        refusal = None
        if request.method == "POST":
            try:
                ask_for_link(request.form.get("email", ""), today=today())
                return redirect(url_for("pages.asked"))
            except Invalid as error:
                refusal = error
        form = form_for(EMAIL, NOBODY, refusal=refusal)
        page = render_template("sign_in.html", form=form, summary=summary(form, refusal))
        return page, 422 if refusal else 200

    @pages.get("/sign-in/sent")
    @anyone
    def asked() -> Any:
        return render_template("sign_in_sent.html", minutes=outbox.SIGN_IN_MINUTES)

    @pages.get("/sign-in/<token>")
    @anyone
    def link(token: str) -> Any:
        works = links.link_works(token)
        return render_template("sign_in_link.html", works=works, token=token), 200 if works else 410

    @pages.post("/sign-in/<token>")
    @anyone
    def use(token: str) -> Any:
        try:
            opened = links.use_link(token, device=request.user_agent.string)
        except Refused:
            return render_template("sign_in_link.html", works=False, token=""), 410
        old = session.pop(SESSION, None)
        if old:
            links.sign_out(old)
        session[SESSION] = opened
        return redirect(local_path(session.pop("next", "/")))

    @pages.post("/sign-out")
    @anyone
    def sign_out() -> Any:
        token = session.pop(SESSION, None)
        if token:
            links.sign_out(token)
        session.clear()
        return redirect(url_for("pages.ask"))

    @pages.get("/letters/stop/<token>")
    @anyone
    def stop(token: str) -> Any:
        return render_template("stop_letters.html", token=token, stopped=False)

    @pages.post("/letters/stop/<token>")
    @anyone
    def stop_at_once(token: str) -> Any:
        """One click in the mail program posts here without a session, so it needs no form token."""
        try:
            outbox.stop_reminders(token, today=today())
        except Invalid as error:
            return render_template("stop_letters.html", token="", stopped=False, problem=str(error)), 404
        return render_template("stop_letters.html", token=token, stopped=True)

    @pages.post("/letters/start")
    @signed_in
    def start_letters() -> Any:
        outbox.stop_reminders(outbox.stop_token(g.person.id), today=today(), start_again=True)
        return redirect(url_for("pages.mine"))
