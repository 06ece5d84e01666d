"""Who looks after whom, what may be written in which list, and what the checks say of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from govflow.plugin import (
    Case,
    Entry,
    Finding,
    Member,
    Verdict,
    after_joining,
    day,
    met,
    named,
    not_needed,
    ok,
    refuse,
    unmet,
)

CONTACT, CHECK_IN, REQUEST, ANSWER = "support.contact", "support.check_in", "support.request", "support.answer"
LINES = "Only the person, their contact, a lead or the coordinator can write this."
TO_NAME = 14


def line_of(case: Case, key: str) -> Entry | None:
    """The line that says who this person's contact is, also where the contact has left."""
    rows = case.rows(CONTACT, person=key)
    return rows[-1] if rows else None


def contact_of(case: Case, key: str) -> str | None:
    """A person's named contact, if they have one who is here."""
    row = line_of(case, key)
    return row.values["contact"] if row and row.values["contact"] in case.here else None


# --- what may be written ----------------------------------------------------------------------------------


def check_contact(values: Mapping[str, Any], case: Case) -> Verdict:
    who, whom = values["person"], values["contact"]
    before = case.subject if isinstance(case.subject, Entry) else None
    now = before or line_of(case, who)
    in_place = now is not None and now.values["contact"] in case.here
    their_own = in_place and now is not None and now.by == who
    leads = case.has_role(case.by, "lead", "coordinator") and not their_own
    steps_back = before is not None and case.by == before.values["contact"] == whom
    if case.by != who and not leads and not steps_back:
        return refuse(f"{case.name(who)} chose this contact, and alone changes it." if their_own else LINES)
    if before is not None and before.values == values:
        return ok  # it is looked at before it is changed, or taken off the list
    if before is None and in_place and case.by != who:
        return refuse(f"{case.name(who)} has a contact already. Change that line.")
    if who == whom:
        return refuse("Somebody else is your contact: a person to turn to. Choose another name.")
    if whom not in case.here:
        return refuse("Choose somebody who takes part in this project today.")
    return ok


def check_offered(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["person"] == case.by:
        return refuse("Somebody else offers you a check-in. Choose another name.")
    if case.by != contact_of(case, values["person"]) and not case.has_role(case.by, "lead", "coordinator"):
        return refuse("Their named contact, a lead or the coordinator offers a check-in.")
    if values["offered_on"] > case.today:
        return refuse("Write it down on the day you offer it. Choose today, or a day before.")
    return ok


def check_request(values: Mapping[str, Any], case: Case) -> Verdict:
    before = case.subject if isinstance(case.subject, Entry) else None
    if before is not None:
        same = before.added_by == case.by and before.values == values
        return ok if same else refuse("What you sent stays as it is. Send another one, or take this one off the list.")
    contact = contact_of(case, case.by or "")
    if contact is None:
        return refuse("You have no named contact here now. Choose one first, then send this.")
    if values["to"] != contact:
        return refuse(f"Your named contact is {case.name(contact)}. Choose them, or choose another contact first.")
    return ok


def check_answer(values: Mapping[str, Any], case: Case) -> Verdict:
    asked = next((row for row in case.registers[REQUEST] if row.key == values["request"]), None)
    if asked is None or asked.values["to"] != case.by:
        return refuse("Only whoever was asked can answer. It may have been taken back.")
    if values["person"] != asked.added_by:
        return refuse("Choose the person who asked you.")
    return ok


# --- what the checks say ----------------------------------------------------------------------------------


def has_contact(case: Case) -> Finding:
    assert isinstance(case.subject, Member)
    name, row = case.subject.name, line_of(case, case.subject.key)
    if row is None:
        return unmet(
            f"{name} has no named contact yet. Ask them whom they would like.", due=after_joining(days=TO_NAME)
        )
    if row.values["contact"] in case.here:
        return met(f"{name} has a named contact.")
    gone = next((member.left for member in case.left if member.key == row.values["contact"]), None)
    return unmet(f"{name}’s named contact is not here any more. Ask them today whom they would like.", due=gone)


def checked_in(case: Case) -> Finding:
    """That a check-in was offered, and when. Nothing is asked of what was said, or whether it was wanted."""
    assert isinstance(case.subject, Member)
    key, name = case.subject.key, case.subject.name
    offers: list[date] = [row.values["offered_on"] for row in case.rows(CHECK_IN, person=key)]
    contact = contact_of(case, key)
    last = max([case.subject.joined, *offers])
    until = last + timedelta(weeks=case.config.check_in_weeks)
    if case.today >= until:
        said = f"Offer {name} a check-in. They may say no, and need not say why."
        return unmet(said, due=until, owed_by=named(contact) if contact else None)
    if not offers:
        return not_needed(f"A check-in is offered to {name} by {day(until)}.", look_again=until)
    return met(f"{name} was offered a check-in on {day(last)}.", look_again=until)
