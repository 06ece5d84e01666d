"""How I want to be reminded: by what, how often, in which hours, and not at all for a while. Nobody asks why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from govflow.domain.mail.reminder_days import CHANNELS, DAILY, EMAIL, LONGEST_PAUSE, RHYTHMS
from govflow.domain.questions import NOBODY, Question, read_answers, read_day
from govflow.domain.refusals import Invalid
from govflow.domain.wording import day
from govflow.services.base.actions import Actor
from govflow.services.base.vault import Locked, decrypt, encrypt
from govflow.store import NotificationPreferences, db, write

WEEKDAYS = dict(enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")))
QUESTIONS = (
    Question(
        name="paused_until",
        label="No reminders before this day",
        kind="date",
        help="For a holiday, an illness or a rest. You need not say why. Somebody else is asked meanwhile. "
        "Leave it empty for no break.",
    ),
    Question(
        name="channel",
        label="How shall we remind you?",
        kind="choice",
        choices=CHANNELS,
        help="By email it comes from us. For all others your coordinator rings or writes to you. "
        "Links to sign in always come by email.",
    ),
    Question(
        name="contact",
        label="Your phone number, or your postal address",
        kind="long_text",
        most=500,
        help="Only if you do not want email. It is locked before it is kept. Your coordinators and leads can read it "
        "when something is to be told to you.",
    ),
    Question(name="rhythm", label="How often?", kind="choice", choices=RHYTHMS),
    Question(
        name="weekday",
        label="On which day, if once a week?",
        kind="choice",
        choices={str(number): name for number, name in WEEKDAYS.items()},
    ),
    Question(
        name="quiet_from",
        label="No emails from this hour",
        kind="number",
        help="Hours go from 0 to 23. For example, 20 is eight in the evening. Leave both empty if any time is fine.",
    ),
    Question(name="quiet_to", label="Until this hour", kind="number", help="For example, 8 is eight in the morning."),
)
CONTACT = "Say where they can reach you, or choose email."
HOURS = "Give an hour from 0 to 23."
BOTH = "Give both hours, or leave both empty."


def preferences_kept(person_id: int) -> dict[str, Any]:
    """What somebody said, as the form shows it; without a word from them, how it is without one."""
    row = db.session.get(NotificationPreferences, person_id)
    if row is None:
        return {"channel": EMAIL, "rhythm": DAILY, "weekday": "0"}
    return {
        "channel": row.channel,
        "contact": contact_of(row),
        "rhythm": row.rhythm,
        "weekday": str(row.weekday),
        "quiet_from": row.quiet_from,
        "quiet_to": row.quiet_to,
        "paused_until": row.paused_until,
    }


def contact_of(row: NotificationPreferences) -> str:
    if not row.contact:
        return ""
    try:
        return decrypt(row.contact)
    except Locked as error:
        return str(error)


def change_preferences(*, given: Mapping[str, Any], by: Actor, today: date) -> None:
    """Keep how somebody wants to be reminded, from the next letter on."""
    answers = read_answers(QUESTIONS, given, NOBODY)
    channel = answers.get("channel", EMAIL)
    hours = {name: _hour(name, answers.get(name)) for name in ("quiet_from", "quiet_to")}
    if (hours["quiet_from"] is None) != (hours["quiet_to"] is None):
        raise Invalid(BOTH, {"quiet_to" if hours["quiet_to"] is None else "quiet_from": BOTH})
    if channel != EMAIL and not answers.get("contact"):
        raise Invalid(CONTACT, {"contact": CONTACT})
    label = QUESTIONS[0].label
    paused = read_day(answers["paused_until"], label) if answers.get("paused_until") else None
    if paused and not today < paused <= today + LONGEST_PAUSE:
        words = f"Give a day after today, and not later than {day(today + LONGEST_PAUSE)}."
        raise Invalid(words, {"paused_until": words})
    write()
    row = db.session.get(NotificationPreferences, by.person_id)
    if row is None:
        row = NotificationPreferences(person_id=by.person_id)
        db.session.add(row)
    row.channel, row.contact = channel, encrypt(answers["contact"]) if channel != EMAIL else {}
    row.rhythm, row.weekday = answers.get("rhythm", DAILY), int(answers.get("weekday", 0))
    row.quiet_from, row.quiet_to = hours["quiet_from"], hours["quiet_to"]
    row.paused_until = paused
    db.session.commit()


def _hour(name: str, given: Any) -> int | None:
    if given is None:
        return None
    if given != int(given) or not 0 <= given <= 23:
        raise Invalid(HOURS, {name: HOURS})
    return int(given)
