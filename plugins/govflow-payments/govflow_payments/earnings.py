"""What one person was paid, by week, month and tax year: read by them alone. Expenses are no income."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from govflow.plugin import Desk, Entry, Form, Link, Table, Text, day
from govflow_payments.lists import EACH, LISTS, NEAR, PAID, money, pounds

SHOWN = 12
NEAR_SHARE = Decimal("0.8")


def week_of(on: date) -> date:
    return on - timedelta(days=on.weekday())


def month_of(on: date) -> date:
    return on.replace(day=1)


def tax_year_of(on: date) -> date:
    """It begins on 6 April."""
    begins = date(on.year, 4, 6)
    return begins if on >= begins else date(on.year - 1, 4, 6)


BEGINS: Mapping[str, Callable[[date], date]] = {"week": week_of, "month": month_of, "year": tax_year_of}
TITLES = {"week": "By week", "month": "By month", "year": "By tax year"}


def income(desk: Desk) -> list[Entry]:
    """What the reader was paid for their time. What went to a charity was not paid to them."""
    rows = [row for row in desk.case.registers[PAID] if row.values["person"] == desk.reader]
    return [row for row in rows if row.values["how"] != "charity"]


def totals(rows: list[Entry], every: str) -> dict[date, Decimal]:
    found: dict[date, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[BEGINS[every](row.values["paid_on"])] += money(row.values, "amount")
    return dict(sorted(found.items(), reverse=True))


def own_page(desk: Desk) -> list[Any]:
    rows = income(desk)
    spent = sum((money(row.values, "expenses") for row in rows), Decimal(0))
    near = near_words(desk)
    parts: list[Any] = [
        Text(
            heading=near and "You come near your own amount",
            text=f"{near}\n\n" * bool(near) + "Only you can read this page. It counts the money for your time, on the "
            "day it went out. Expenses are no income, so they are not counted"
            + (f": you got {pounds(spent)} back. " if spent else ". ")
            + "What you gave to a charity is not counted. To tell others of your income, if you have to, is up to you.",
        )
    ]
    parts += [_table(rows, every) for every in ("year", "month", "week")]
    return [*parts, _near_form(desk), Table(caption="More", columns=("Go to",), rows=_more(desk))]


def _more(desk: Desk) -> list[tuple[Link]]:
    more = [(Link(text="Claim for your time", page="my_claim"),)]
    if desk.config.advice.startswith("https://"):
        more.append((Link(text="Free, private advice if you get benefits", web=desk.config.advice),))
    return more


def _table(rows: list[Entry], every: str) -> Table:
    return Table(
        caption=TITLES[every],
        columns=("Beginning on", "Paid for your time"),
        rows=[(begins, pounds(total)) for begins, total in list(totals(rows, every).items())[:SHOWN]],
        empty="Nothing was paid yet.",
    )


def near_words(desk: Desk, *, also: Decimal = Decimal(0)) -> str:
    """A word to the reader alone where they come near the amount they gave; `also`: what they are claiming now."""
    rows = [row for row in desk.case.registers[NEAR] if row.values["person"] == desk.reader]
    if not rows:
        return ""
    every, limit = rows[-1].values["every"], money(rows[-1].values, "amount")
    begins = BEGINS[every](desk.today)
    so_far = totals(income(desk), every).get(begins, Decimal(0)) + also
    if so_far < limit * NEAR_SHARE:
        return ""
    counted = f"{pounds(so_far)} since {day(begins)}"
    return f"You asked to be told near {pounds(limit)}: it is {counted}{', with this claim' if also else ''}."


def _near_form(desk: Desk) -> Form:
    rows = [row for row in desk.case.registers[NEAR] if row.values["person"] == desk.reader]

    def keep(desk: Desk, answers: Mapping[str, Any]) -> None:
        if rows:
            desk.change("near", rows[-1].key, **answers)
        else:
            desk.add("near", person=desk.reader, **answers)

    fields = {field.name: field for each in LISTS if each.slug == "near" for field in each.fields}
    return Form(
        slug="near",
        title="Tell me when I come near an amount",
        fields=(fields["amount"], fields["every"]),
        kept=rows[-1].values if rows else {"every": next(iter(EACH))},
        send=keep,
        button="Tell me",
    )
