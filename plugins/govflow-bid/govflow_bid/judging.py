"""What each check of a bid says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from govflow.plugin import (
    Case,
    Entry,
    Finding,
    Member,
    after_stage_entry,
    count,
    day,
    listed,
    met,
    named,
    not_needed,
    unmet,
)
from govflow_bid.lists import COST, DRAFT, FORMS, HEARD, HELP, HOURS, KEEPER, KINDS, MAP, SUPPORT, TIME, WRITING

REMIT = "ways_of_working.remit"
TWO_WEEKS = timedelta(days=14)
MOST = 3


def amount(row: Entry) -> Decimal:
    """Days times rate, for each person the line is for."""
    values = row.values
    each = Decimal(str(values.get("days", 0))) * Decimal(values.get("rate", 0))
    return each * max(1, len(values.get("people", ())))


def pounds(sum_: Decimal) -> str:
    return f"£{sum_:,.2f}".removesuffix(".00")


def partners_named(case: Case) -> Finding:
    """Whether somebody with lived experience was here before the first draft was fixed."""
    fixed = [row for row in case.registers[DRAFT] if "fixed_on" in row.values]
    if not fixed:
        here = sum(_lived(member) for member in case.here.values())
        if here:
            return met(f"No draft is fixed yet, and {_people(here)} with lived experience can still change it.")
        return unmet("Nobody with lived experience is here yet. Name your partners before a draft is fixed.")
    first = min(fixed, key=lambda row: row.values["fixed_on"])
    on = first.values["fixed_on"]
    early = [
        one for one in (*case.here.values(), *case.left)
        if _lived(one) and one.joined <= on and (one.left is None or one.left > on)
    ]  # fmt: skip
    if early:
        return met(
            f"When a draft was first fixed, on {day(on)}, {_people(len(early))} with lived experience had a say."
        )
    return unmet(
        f"“{first.values['what']}” was fixed on {day(on)}. Nobody with lived experience was here by then. "
        "Open it again, so that they can change it."
    )


def decisions_mapped(case: Case) -> Finding:
    if REMIT in case.registers:
        return not_needed("“What we can decide” asks for this. Nobody writes it twice.")
    if rows := case.registers[MAP]:
        return met(f"It is written down who decides: {count(len(rows), 'decision')}.")
    return unmet("It is not written down yet who decides what in this bid, and within which limits.")


def partners_costed(case: Case) -> Finding:
    """Whether each partner has a line for their time, and one for writing up when the contract is over."""
    partners = [member for member in case.here.values() if {"lived", "practice"} & set(member.expertise)]
    if not partners:
        return not_needed("No partner is here yet. “Partners are named” asks for them.")
    left = [
        f"{KINDS[kind].lower()}, for {_some(names)}"
        for kind in (TIME, WRITING)
        if (names := [member.name for member in partners if not case_has(case, kind, member.key)])
    ]
    if left:
        return unmet(f"Still to cost: {'; and '.join(left)}.")
    asked = sum((amount(row) for row in case.registers[COST] if row.values["kind"] in (TIME, WRITING)), Decimal(0))
    return met(
        f"Each of {_people(len(partners), 'partner', 'partners')} is costed to the end of writing: {pounds(asked)}."
    )


def case_has(case: Case, kind: str, person: str | None = None) -> bool:
    rows = case.rows(COST, kind=kind)
    return any(person is None or person in row.values.get("people", ()) for row in rows)


def support_costed(case: Case) -> Finding:
    left = [words.lower() for kind, words in SUPPORT.items() if not case_has(case, kind)]
    if left:
        return unmet(f"Still to cost: {listed(left)}. If nothing is planned for it, say why not.")
    return met("Access, training and coordination have a line each.")


def inclusion_costed(case: Case) -> Finding:
    """Whether a plan for reaching people who are often left out is written, and has a line."""
    plan, line = case.evidence.get("plan"), case_has(case, "inclusion")
    if not plan:
        return unmet("Say whom you want to reach who is often left out, and how.")
    if not line:
        return unmet("The plan for reaching people is written. It has no line in the costing yet.")
    return met(f"The plan for reaching people has a line. It says: “{plan}”")


def help_offered(case: Case) -> Finding:
    person = case.subject
    assert isinstance(person, Member)
    if not _lived(person) or person.key not in case.here:
        return not_needed("This is asked for partners with lived experience.")
    rows = case.rows(HELP, person=person.key)
    left = [words for form, words in FORMS.items() if not any(form in row.values["forms"] for row in rows)]
    if not left:
        by = _some(sorted({case.name(row.values["offered_by"]) for row in rows}))
        return met(f"{person.name} was offered help with the CV and the costing. By: {by}.")
    due = max(case.entered, person.joined) + TWO_WEEKS
    forms = listed([f"{form[0].lower()}{form[1:]}" for form in left])
    return unmet(f"Offer {person.name} help with {forms}.", due=due)


def hours_lost(case: Case) -> Finding:
    """What an institution's own barriers took from people: said of it, until it says what it changes."""
    rows = case.registers[HOURS]
    if not rows:
        return not_needed("Nobody has lost hours to an institution’s barriers, or nobody has written it down.")
    hosts = [_said_of(host, found) for host, found in by_host(rows).items()]
    said = " ".join([*hosts[:MOST], *([f"{len(hosts) - MOST} more did so too."] if len(hosts) > MOST else [])])
    new = [row for row in rows if case.evidence.on is None or row.on > case.evidence.on]
    if new:
        return unmet(f"{said} Ask what is to change there, and by when.", due=min(row.on for row in new) + TWO_WEEKS)
    return met(f"{said} What changes: “{case.evidence['changes']}”")


def _said_of(host: str, rows: list[Entry]) -> str:
    people, hours = len({row.values["person"] for row in rows}), sum(row.values["hours"] for row in rows)
    return f"“{host}” cost {_people(people)} {hours:g} hours by its own barriers, such as “{rows[-1].values['what']}”."


def by_host(rows: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The hours of each institution, however its name was typed; the one that took most comes first."""
    found: dict[str, list[Entry]] = {}
    for row in rows:
        found.setdefault(" ".join(row.values["host"].casefold().split()), []).append(row)
    most = sorted(found.values(), key=lambda some: -sum(row.values["hours"] for row in some))
    return {some[0].values["host"]: some for some in most}


def kept_real(case: Case) -> Finding:
    """Whether what people outside say was heard before the bid goes on."""
    aimed = case.project.plan.get(case.stage.slug)
    due = aimed - TWO_WEEKS if aimed else after_stage_entry(days=60)
    rows = case.registers[KEEPER]
    keepers = [row for row in rows if row.values["person"] in case.here]
    held = {row.values["person"] for row in rows}
    if heard := [row for row in case.registers[HEARD] if row.by in held]:
        follows = sum("follows" in row.values for row in heard)
        return met(
            f"{count(len(heard), 'piece')} of feedback heard. For {follows} it is said what follows for the bid."
        )
    if not keepers:
        return unmet("Nobody keeps it real yet. Ask somebody to talk with people outside about the bid.", due=due)
    row = keepers[-1].values
    said = f"{case.name(row['person'])} holds “{row['what']}”. Still to write down: what “{row['with_whom']}” said."
    return unmet(said, due=due, owed_by=named(*(entry.values["person"] for entry in keepers)))


def _lived(one: Member) -> bool:
    return "lived" in one.expertise


def _people(number: int, one: str = "person", many: str = "people") -> str:
    return count(number, one, many)


def _some(names: list[str]) -> str:
    return listed([*names[:MOST], *([f"{len(names) - MOST} more"] if len(names) > MOST else [])])
