"""Every person on a writing list is paid, or has chosen not to be, until the write-up is planned to end."""

from __future__ import annotations

from datetime import date, timedelta

from govflow.plugin import (
    EVERY_MEMBER,
    FINANCE,
    LEAD,
    Case,
    Check,
    Field,
    Finding,
    Page,
    Register,
    after_stage_entry,
    day,
    entry,
    hookimpl,
    met,
    not_needed,
    person_field,
    unmet,
)
from govflow_paid_authors.cover import HOW, LEFT, OUTPUT, check_cover, gap, writers_of
from govflow_paid_authors.page import write_up


def covered(case: Case) -> Finding:
    """Whether each writer's cover reaches the planned end of the write-up, whenever the funding ends."""
    output = case.subject
    end: date = output.values["planned_end"]
    writers = writers_of(case, output)
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
    leads = {key for key in case.here if case.has_role(key, "lead")}
    # Whoever lacks cover is not told so by letter. Where that is every lead, they are told all the same: they owe it.
    lines = {key: words for key, words in gaps.items() if key not in leads or not leads <= set(gaps)}
    return unmet(" ".join(gaps.values()), short=short, lines=lines, remind_every=7 if last_weeks else 30)


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
                Field(name="person", label="For whom?", kind="person", required=True, left=True),
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
                Field(
                    name="starts",
                    label="From which day?",
                    kind="date",
                    help="Leave this empty if it is there from the beginning.",
                ),
            ),
            needs=(OUTPUT,),
            added_by=(EVERY_MEMBER,),
            seen_by=(LEAD, FINANCE, person_field("person")),
            check_entry=check_cover,
        )
    ]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="write_up",
            title="Pay to the end of the writing",
            why="Writing often goes on after the funding ends. Who is paid until when, and what is still missing. "
            "You see yourself; a lead and the finance contact see all.",
            view=write_up,
            needs=(OUTPUT, LEFT),
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
            needs=(LEFT,),
            principle="reciprocity",
        )
    ]
