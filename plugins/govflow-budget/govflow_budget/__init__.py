"""Where the money goes: how much is for lived experience, what is kept for writing up, and what is over.

A share below the group's own target is advice. A reason makes it met: people decide, not a number.
"""

from __future__ import annotations

from decimal import Decimal

from govflow.plugin import (
    ALWAYS,
    FINANCE,
    Case,
    Check,
    Finding,
    Page,
    Question,
    Register,
    after_stage_entry,
    hookimpl,
    listed,
    met,
    role,
    unmet,
)
from govflow_budget.lines import BUDGET, RESERVE, lines, money, overspent, percent, pounds, share
from govflow_budget.page import for_outside, overview

WHO_PLANS = role("lead", "coordinator", "finance")


def held_for_lived_experience(case: Case) -> Finding:
    """Whether the share for lived experience is what the group wanted, or it says why not."""
    part = share(case)
    if part is None:
        return unmet("No budget line is there yet. Write down what the money is for.")
    said = f"{percent(part)} of what is planned is for lived experience"
    target = case.evidence.get("target")
    if target is None:
        return unmet(f"{said}. Say together how much it should be.")
    if not 0 <= target <= 100:
        return unmet(f"{said}. You wanted {target} %, and nothing is more than all. Give a number from 0 to 100.")
    if part >= Decimal(str(target)):
        return met(f"{said}. You wanted {target} %.")
    reason = case.evidence.get("reason")
    if reason:
        return met(f"{said}. You wanted {target} %. Why it is less: “{reason}”")
    return unmet(f"{said}. You wanted {target} %. Say why it is less, or move money to it.")


def reserve_is_there(case: Case) -> Finding:
    """Whether money for writing up is set apart from the bid on, or the group says why not."""
    kept = lines(case, RESERVE)
    if planned := money(kept, "planned"):
        left = planned - money(kept, "spent")
        return met(f"{pounds(planned)} is kept for writing up. {pounds(max(left, Decimal(0)))} of it is left.")
    if reason := case.evidence.get("none"):
        return met(f"Nothing is kept for writing up. Why: “{reason}”")
    return unmet(
        "Nothing is kept for writing up yet. Contracts often end before the writing does. "
        "Set money apart in the budget, or say why not."
    )


def within_plan(case: Case) -> Finding:
    said = overspent(case)
    if not said:
        return met("No line is over, or each that is says why.")
    return unmet(f"{listed(said)}. Say why in its note, or move money to it.")


@hookimpl
def register_registers() -> list[Register]:
    return [BUDGET]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="overview",
            title="Where the money goes",
            why="How much is for lived experience, what each part gets, and what was spent.",
            view=overview,
            in_pack=for_outside,
        )
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="share",
            title="The share for lived experience",
            why="Experience is not a voluntary extra. How much of the budget is for it is your own choice, said aloud.",
            judge=held_for_lived_experience,
            answered_by=WHO_PLANS,
            lasts=ALWAYS,
            due=after_stage_entry(days=60),
            holds_in=(),
            questions=(
                Question(
                    name="target",
                    label="How much of the budget should be for lived experience?",
                    kind="number",
                    required=True,
                    help="In hundredths (per cent), such as 25.",
                ),
                Question(
                    name="reason",
                    label="If it is less: why?",
                    kind="long_text",
                    most=500,
                    help="One or two sentences. Everyone reads them.",
                ),
            ),
            principle="sharing-of-power",
        ),
        Check(
            slug="reserve",
            title="Money is kept for writing up",
            why="Writing goes on when contracts have ended. Money set apart in the bid pays everyone who writes.",
            judge=reserve_is_there,
            answered_by=WHO_PLANS,
            lasts=ALWAYS,
            due=after_stage_entry(days=60),
            holds_in=("bid",),
            questions=(
                Question(
                    name="none",
                    label="If nothing is kept: why not?",
                    kind="long_text",
                    most=500,
                    help="For example, that the employers of all writers pay for it.",
                ),
            ),
            principle="reciprocity",
        ),
        Check(
            slug="spending",
            title="Spending stays within the plan",
            why="What is over is paid by another line. Saying so early leaves a choice.",
            judge=within_plan,
            owed_by=FINANCE,
            lasts=ALWAYS,
            due=after_stage_entry(days=60),
            holds_in=(),
            principle="sharing-of-power",
        ),
    ]
