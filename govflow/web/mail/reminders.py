"""Stopping reminders by the link in a letter, and starting them again."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, url_for

from govflow.domain.refusals import Invalid
from govflow.extensions import csrf
from govflow.services.mail import unsubscribe
from govflow.web.access import anyone, signed_in, today
from govflow.web.mail.blueprint import bp


@bp.get("/letters/stop/<token>")
@anyone
def look_at_stop_link(token: str) -> Any:
    return render_template("mail/stop_reminders.html", token=token, stopped=False)


@bp.post("/letters/stop/<token>")
@csrf.exempt
@anyone
def stop_reminders(token: str) -> Any:
    """One click in the mail program posts here without a session, so it needs no form token."""
    try:
        unsubscribe.stop_reminders(token, today=today())
    except Invalid as error:
        return render_template("mail/stop_reminders.html", token="", stopped=False, problem=str(error)), 404
    return render_template("mail/stop_reminders.html", token=token, stopped=True)


@bp.post("/letters/start")
@signed_in
def start_reminders() -> Any:
    unsubscribe.stop_reminders(unsubscribe.stop_token(g.person.id), today=today(), start_again=True)
    return redirect(url_for("my_list.my_list"))
