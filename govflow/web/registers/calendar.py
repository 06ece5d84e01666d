"""Calendars: of a list, of one entry, and each person's own, which a calendar program reads at a secret address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any

from flask import Response, g, render_template, request
from icalendar import Calendar
from icalendar import Event as CalendarEvent

from govflow.domain.refusals import Invalid
from govflow.extensions import digest_of, limit
from govflow.services.base.context import context
from govflow.services.registers import calendar_feeds
from govflow.services.registers.calendar_feeds import FeedEvent
from govflow.web.access import anyone, by, signed_in, today
from govflow.web.errors import flash_and_redirect
from govflow.web.registers.blueprint import bp

FEED_LIMIT = "240 per hour"


def _which_feed() -> str:
    return digest_of(str((request.view_args or {}).get("token")))


@bp.route("/me/calendar", methods=["GET", "POST"])
@signed_in
def my_calendar() -> Any:
    address = ""
    if request.method == "POST":
        match request.form.get("do"):
            case "make":
                address = f"{context().base_url}/calendar/{calendar_feeds.make_feed(by=by())}"
            case "end":
                calendar_feeds.end_feed(by=by())
                return flash_and_redirect(
                    "Your calendar address has ended. Nothing is read there any more.", "registers.my_calendar"
                )
            case _:
                raise Invalid("Choose one of the buttons on the page.")
    made_on = calendar_feeds.feed_made_on(g.person.id)
    return render_template("registers/my_calendar.html", address=address, made_on=made_on)


@bp.get("/calendar/<token>")
@limit(FEED_LIMIT, key_func=_which_feed)
@anyone
def calendar_feed(token: str) -> Any:
    """Who knows the address reads it, and each address only so often."""
    events = calendar_feeds.read_feed(token, today=today())
    said = f"Where it is, and what for, stands in GovFlow: {context().base_url}/"
    answer = Response(as_calendar(events, description=said), mimetype="text/calendar")
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def as_calendar(events: Iterable[FeedEvent], *, description: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//GovFlow//EN")
    calendar.add("version", "2.0")
    for happening in events:
        event = CalendarEvent()
        event.add("uid", f"{happening.uid}@govflow")
        event.add("dtstamp", datetime.combine(happening.on, time(), UTC))
        event.add("summary", happening.name)
        event.add("dtstart", happening.starts)
        event.add("dtend", happening.ends)
        if description:
            event.add("description", description)
        calendar.add_component(event)
    return calendar.to_ical()
