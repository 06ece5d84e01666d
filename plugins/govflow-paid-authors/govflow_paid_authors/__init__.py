"""Every person on a writing list is paid, or has chosen not to be, until the write-up is planned to end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from govflow.plugin import (
    EVERY_MEMBER,
    FINANCE,
    LEAD,
    Case,
    Check,
    Field,
    Finding,
    Register,
    Verdict,
    after_stage_entry,
    count,
    day,
    entry,
    hookimpl,
    met,
    not_needed,
    ok,
    person_field,
    refuse,
    unmet,
)

OUTPUT = "outputs.output"
COVER = "paid_authors.cover"
HOW = {"funded": "There is a funded line", "declined": "The person has chosen not to be paid"}


def covered(case: Case) -> Finding:
    """Whether each writer's cover reaches the planned end of the write-up, whenever the funding ends."""
    output = case.subject
    end: date = output.values["planned_end"]
    here = {member.key for member in case.members}
    writers = [key for key in output.values.get("writers", ()) if key in here]
    if not writers:
        return not_needed("Nobody is on the writing list yet.")
    gaps = {key: sentence for key in writers if (sentence := gap(case, output.key, key, end))}
    if not gaps:
        return met(
            f"Pay cover: all {len(writers)} writers are covered to {day(end)}.",
            short=f"Pay cover: all {len(writers)} ready.",
        )
    short = f"Pay cover: {len(gaps)} of {len(writers)} not ready yet."
    last_weeks = case.project.funding_ends and case.today >= case.project.funding_ends - timedelta(days=90)
    return unmet(" ".join(gaps.values()), short=short, lines=gaps, remind_every=7 if last_weeks else 30)


def gap(case: Case, output: str, person: str, end: date) -> str:
    """What is missing for one writer, or nothing."""
    first = case.name(person).split()[0]
    if case.rows(COVER, output=output, person=person, how="declined"):
        return ""
    funded = case.rows(COVER, output=output, person=person)
    until = max((row.values["until"] for row in funded if "until" in row.values), default=None)
    if until is None:
        return f"{first} has no pay cover for the write-up yet."
    if until < end:
        return f"{first}’s pay ends {count((end - until).days, 'day')} before the write-up does."
    return ""


def check_cover(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["how"] == "declined":
        if case.by != values["person"]:
            return refuse("Only the person can say that they choose not to be paid. Ask them to add this themselves.")
        if not values.get("words"):
            return refuse("Say in your own words that you choose not to be paid. You can change your mind at any time.")
        return ok
    if not values.get("until"):
        return refuse("Give the day until which the money is there.")
    if case.has_role(case.by, "lead", "coordinator", "finance"):
        return ok
    return refuse("A lead or the finance contact adds funded lines. You can add that you choose not to be paid.")


@hookimpl
def register_registers() -> list[Register]:
    return [
        Register(
            slug="cover",
            title="Pay cover",
            one="line of pay cover",
            why="Who is paid for the write-up, and until when. "
            "You see your own lines; a lead and the finance contact see all.",
            label="person",
            fields=(
                Field(name="output", label="For which output?", kind="entry_of", of=OUTPUT, required=True),
                Field(name="person", label="For whom?", kind="person", required=True),
                Field(name="how", label="How is their time covered?", kind="choice", choices=HOW, required=True),
                Field(
                    name="until",
                    label="Until which day is the money there?",
                    kind="date",
                    help="Leave this empty if you choose not to be paid.",
                ),
                Field(
                    name="words",
                    label="In your own words",
                    kind="long_text",
                    help="Only where you choose not to be paid. You can change your mind at any time.",
                ),
            ),
            added_by=(EVERY_MEMBER,),
            seen_by=(LEAD, FINANCE, person_field("person")),
            check_entry=check_cover,
        )
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="covered",
            title="Pay cover for writers",
            why="Writing up often goes on after contracts end. Nobody should have to finish the work unpaid.",
            about=entry(OUTPUT),
            judge=covered,
            owed_by=LEAD,
            due=after_stage_entry(days=30),
            holds_in=("dissemination",),
            private=True,
            principle="reciprocity",
        )
    ]
