"""What may be written in which list, and what the checks say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from govflow.plugin import (
    Case,
    Entry,
    Finding,
    Member,
    Verdict,
    after_joining,
    after_stage_entry,
    count,
    day,
    listed,
    met,
    not_needed,
    ok,
    refuse,
    unmet,
)

AIM, SHARED, ASKING = "exchange.aim", "exchange.shared", "exchange.asking"
LEARNING, CHANCE, TAKEN, CV = "exchange.learning", "exchange.chance", "exchange.taken", "exchange.cv"
KINDS = {"lived": "lived experience", "practice": "practice", "research": "research"}
EVERYONE = "everyone"
FIVE = 5


# --- what may be written ----------------------------------------------------------------------------------


def check_own(values: Mapping[str, Any], case: Case) -> Verdict:
    """A line that its own person alone writes, changes and takes off the list."""
    before = case.subject if isinstance(case.subject, Entry) else None
    if values.get("person", case.by) != case.by or (before is not None and before.added_by != case.by):
        return refuse("Each person writes this for themselves. Choose your own name.")
    return ok


def check_asking(values: Mapping[str, Any], case: Case) -> Verdict:
    if isinstance(case.subject, Entry):
        return refuse("The letters have gone out. Ask again with a new line.")
    if values["asked_on"] != case.today:
        return refuse("The letters go out today. Choose today.")
    if case.rows(ASKING, asked_on=case.today):
        return refuse("Everyone was asked today already. Give people time.")
    return ok


def check_learning(values: Mapping[str, Any], case: Case) -> Verdict:
    if Decimal(values["cost"]) < 0:
        return refuse("A cost is 0 or more. Where it costs nothing, write 0.")
    return ok


def check_chance(values: Mapping[str, Any], case: Case) -> Verdict:
    before = case.subject.values if isinstance(case.subject, Entry) else None
    if before != values and values["until"] < case.today:
        return refuse("People need time to say yes. Choose today, or a day to come.")
    return ok


def check_taken(values: Mapping[str, Any], case: Case) -> Verdict:
    if case.subject is not None:
        return check_own(values, case)
    chance = next((row for row in case.registers[CHANCE] if row.key == values["chance"]), None)
    if chance is None:
        return refuse("This is not offered any more.")
    if values["person"] != case.by:
        return refuse("Each person says yes for themselves. Choose your own name.")
    if values.get("offered_by") != offers(case, chance):
        return refuse("Choose whoever offers this, so that they hear of it.")
    if chance.values["until"] < case.today:
        return refuse(f"People could say yes until {day(chance.values['until'])}. Ask whoever offered it.")
    if case.rows(TAKEN, chance=chance.key, person=case.by):
        return refuse("You said yes to this already.")
    return ok


def offers(case: Case, chance: Entry) -> str | None:
    """Whoever offers this, where they are still here."""
    return chance.added_by if chance.added_by in case.here else None


# --- what the checks say ----------------------------------------------------------------------------------


def asked(case: Case) -> Finding:
    """That somebody was asked in this stage. What they wrote, and whether they did, is not looked at."""
    assert isinstance(case.subject, Member)
    name, since = case.subject.name, max(case.entered, case.subject.joined)
    if case.evidence.get("asked"):
        return met(f"{name} said on {day(case.evidence.on or case.today)} that they were asked.")
    letters: list[date] = [row.on for row in case.registers[ASKING] if row.on >= since]
    if letters and case.evidence.get("asked") is not False:
        return met(f"{name} was asked on {day(letters[-1])}. What they said is theirs.")
    later = case.subject.joined > case.entered
    return unmet(
        f"Ask {name} what they hope to get from this.",
        due=after_joining(days=14) if later else after_stage_entry(days=60),
    )


def learning_plan(case: Case) -> Finding:
    rows = case.registers[LEARNING]
    if not rows:
        return unmet("Nobody has written yet what you will learn together, and what it costs.")
    if not any(row.values["for_whom"] == EVERYONE for row in rows):
        return unmet("Everything in the learning plan is for some of you. Add something for everyone.")
    return met(f"The learning plan has {count(len(rows), 'line')}, and {cost(case)} pounds for it.")


def cost(case: Case) -> str:
    return f"{sum((Decimal(row.values['cost']) for row in case.registers[LEARNING]), Decimal()):,.2f}"


def who_took(case: Case) -> Finding:
    """By kind of expertise, how many said yes to something: in fives, and only where five of a kind did not."""
    if not case.registers[CHANCE]:
        return not_needed("Nothing has been offered yet. Whatever comes is offered to all at once.")
    took = {row.values["person"] for row in case.registers[TAKEN]} & set(case.here)
    told = []
    for kind, words in KINDS.items():
        people = {key for key, member in case.here.items() if kind in member.expertise}
        if len(people & took) >= FIVE and len(people - took) >= FIVE:
            told.append(f"at least {len(people & took) // FIVE * FIVE} with {words}")
    offered = f"{count(len(case.registers[CHANCE]), 'chance was', 'chances were')} offered to everyone."
    return met(f"{offered} Something was taken up by {listed(told)}." if told else offered)
