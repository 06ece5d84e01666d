"""People are offered payment in writing, choose for themselves, claim in three steps, and are paid in time.

The clock runs against whoever pays. Whoever is owed is never chased, and reads nothing but their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from govflow.plugin import (
    ALWAYS,
    COORDINATOR,
    FINANCE,
    LEAD,
    Case,
    Check,
    Letter,
    Page,
    Register,
    after_stage_entry,
    day,
    entry_added,
    hookimpl,
    person_field,
    setting,
)
from govflow_payments.claiming import claim_page
from govflow_payments.earnings import own_page
from govflow_payments.lists import LISTS
from govflow_payments.paying import in_time, looked_at, offers_page, pay_page
from govflow_payments.rates import in_date
from govflow_payments.rates import page as rates_page


@dataclass(frozen=True)
class Settings:
    """What an organisation may choose."""

    rates_since: date = setting(  # noqa: RUF009 — a setting is no list or dictionary
        date(2025, 12, 16), label="Which rates are too old to use without a note?", help="Those from before this day."
    )
    advice: str = setting(
        "https://www.citizensadvice.org.uk/benefits/",
        label="Where do people find free, private advice on benefits?",
        help="A web address that begins with https://.",
        most=300,
    )


def offered(case: Case) -> list[str]:
    """No sum stands in a letter: who opens it may not be alone."""
    values = case.subject.values
    return [
        f"Somebody wrote down for you what is offered for “{values['task']}” on {day(values['day'])}.",
        "Look at it, and say what you would like. You can say no. You can change your mind.",
    ]


@hookimpl
def register_config() -> type:
    return Settings


@hookimpl
def register_registers() -> Sequence[Register]:
    return LISTS


@hookimpl
def register_letters() -> list[Letter]:
    return [
        Letter(
            slug="offered",
            subject="There is something for you to look at",
            to=person_field("person"),
            when=entry_added("offer"),
            words=offered,
        )
    ]


@hookimpl
def register_pages() -> list[Page]:
    does = (LEAD, COORDINATOR, FINANCE)
    return [
        Page(
            slug="my_claim",
            title="Claim for your time",
            why="Say what you did, look it over, and send it. You need no employer, no CV and no invoice.",
            view=claim_page,
        ),
        Page(
            slug="own",
            title="What you were paid",
            why="By week, by month and by tax year. Only you can read it.",
            view=own_page,
        ),
        Page(slug="rates", title="Rates", why="What a task is paid, and who confirmed it.", view=rates_page),
        Page(
            slug="offers",
            title="Offers",
            why="Tell people in writing what they are offered, before they begin.",
            view=offers_page,
            seen_by=does,
        ),
        Page(
            slug="pay",
            title="Claims to agree and to pay",
            why="A lead agrees to the amount and the day. Somebody else pays, within 14 days of the claim.",
            view=pay_page,
            seen_by=(LEAD, FINANCE),
        ),
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="in_time",
            title="People are paid in time",
            why="Two weeks from the claim. Waiting for money is hardest for those who have least of it.",
            judge=in_time,
            owed_by=FINANCE,
            private=True,
            lasts=ALWAYS,
            holds_in=("trial", "dissemination"),
            principle="reciprocity",
        ),
        Check(
            slug="agreed",
            title="Claims are looked at",
            why="Within a week a lead looks at the amount and the day, so that there is a week left to pay.",
            judge=looked_at,
            owed_by=LEAD,
            private=True,
            lasts=ALWAYS,
            holds_in=(),
            principle="reciprocity",
        ),
        Check(
            slug="rates",
            title="The rates are looked at",
            why="Rates go up. Once a year somebody looks whether ours still hold.",
            judge=in_date,
            owed_by=COORDINATOR,
            lasts=ALWAYS,
            due=after_stage_entry(days=60),
            holds_in=(),
            principle="reciprocity",
        ),
    ]
