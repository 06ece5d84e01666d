"""The lines of a budget: what each is for, what is planned and spent, and the rules for writing one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from govflow.plugin import COORDINATOR, FINANCE, LEAD, Case, Entry, Field, Register, Verdict, count, ok, refuse, warn

LINE = "budget.line"
LIVED, RESERVE = "lived", "reserve"
KINDS = {
    LIVED: "Lived experience",
    "access": "Access and support",
    "training": "Training",
    "coordination": "Coordination",
    RESERVE: "Kept for writing up",
    "research": "Research",
    "practice": "Practice",
    "other": "Something else",
}
STAGES = {"bid": "Bid", "design": "Design", "trial": "Trial or study", "dissemination": "Dissemination"}


def money(rows: Iterable[Entry], name: str) -> Decimal:
    return sum((Decimal(row.values.get(name) or 0) for row in rows), Decimal(0))


def pounds(amount: Decimal) -> str:
    return f"£{amount:,.2f}".removesuffix(".00")


def lines(case: Case, *kinds: str) -> list[Entry]:
    """The lines of the budget, of these kinds where some are named."""
    return [row for row in case.registers.get(LINE, ()) if not kinds or row.values["kind"] in kinds]


def over(row: Entry) -> Decimal:
    """How much more was spent than planned."""
    return max(money([row], "spent") - money([row], "planned"), Decimal(0))


def over_words(row: Entry) -> str:
    spent, planned = pounds(money([row], "spent")), pounds(money([row], "planned"))
    return f"“{row.values['what']}” is over by {pounds(over(row))}: {spent} spent of {planned} planned"


def check_line(values: Mapping[str, Any], case: Case) -> Verdict:
    planned, spent = Decimal(values["planned"]), Decimal(values.get("spent") or 0)
    before = case.subject.values if isinstance(case.subject, Entry) else {}
    if not planned and not spent:
        return refuse("Say how much is planned. A line of nothing tells nobody anything.")
    if values["kind"] == RESERVE and spent and case.stage.like != "dissemination":
        return refuse(
            "This money is kept for writing up. It can be spent from dissemination on. "
            "Leave “spent” empty, or put it on another line."
        )
    if before.get("kind") == RESERVE and case.stage.like != "bid" and not values.get("note"):
        less = values["kind"] != RESERVE or planned < Decimal(before["planned"])
        if less:
            return refuse("This was set apart in the bid, for writing up. To make it less, say why in the note.")
    if spent > planned:
        return warn(f"Kept. This line is over by {pounds(spent - planned)}. Say why in the note, or move money to it.")
    return ok


BUDGET = Register(
    slug="line",
    title="Budget",
    one="budget line",
    why="What the money is for, what is planned and what was spent. Everyone in the project reads it.",
    label="what",
    added_by=(LEAD, COORDINATOR, FINANCE),
    check_entry=check_line,
    fields=(
        Field(name="what", label="What is it for?", required=True),
        Field(name="kind", label="What kind is it?", kind="choice", choices=KINDS, required=True),
        Field(name="stage", label="In which stage is it spent?", kind="choice", choices=STAGES, required=True),
        Field(name="planned", label="How much is planned?", kind="money", required=True,
              help="In pounds, such as 1,250.50."),
        Field(name="spent", label="How much was spent so far?", kind="money"),
        Field(name="held_by", label="Who holds this money?", help="An organisation, or a group."),
        Field(name="note", label="A note", kind="long_text", help="Why it is over, or why it changed."),
    ),
)  # fmt: skip


def share(case: Case) -> Decimal | None:
    """What part of the plan is for lived experience, in hundredths; None while nothing is planned."""
    whole = money(lines(case), "planned")
    return 100 * money(lines(case, LIVED), "planned") / whole if whole else None


FRACTIONS = {10: "a tenth", 20: "a fifth", 25: "a quarter", 33: "a third", 50: "a half", 67: "two thirds",
             75: "three quarters"}  # fmt: skip


def percent(part: Decimal) -> str:
    """“24 %: almost a quarter”, as people say it."""
    number = f"{part:.1f}".removesuffix(".0")
    for whole, words in FRACTIONS.items():
        if whole - 2 <= part < whole and number != str(whole):
            return f"{number} %: almost {words}"
        if number == str(whole):
            return f"{number} %: {words}"
    return f"{number} %"


def overspent(case: Case, most: int = 5) -> list[str]:
    """Each line that is over and does not say why, in words."""
    rows = [row for row in lines(case) if over(row) and not row.values.get("note")]
    more = [count(len(rows) - most, "other line") + " too"] if len(rows) > most else []
    return [*(over_words(row) for row in rows[:most]), *more]
