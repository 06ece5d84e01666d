"""Rate cards: what a task is paid, from which day. A card is data; one that nobody has confirmed fills in nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from govflow.plugin import (
    Case,
    Desk,
    Entry,
    Finding,
    Form,
    Link,
    Table,
    Text,
    Verdict,
    day,
    met,
    ok,
    read_toml,
    refuse,
    unmet,
)

RATE = "payments.rate"
CURRENCIES = {"GBP": "Pounds", "EUR": "Euros", "USD": "Dollars"}
A_YEAR = timedelta(days=365)
_SUM = re.compile(r"£? ?([0-9]{1,6}(?:\.[0-9]{1,2})?)")
EXAMPLE: Mapping[str, Any] = read_toml(files(__package__).joinpath("nihr.toml").read_text("utf-8"))


def lines_of(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each task of a card with its sum, or ValueError that names the line."""
    found = []
    for line in str(values["lines"]).splitlines():
        what, colon, amount = line.strip().rpartition(":")
        said = _SUM.fullmatch(amount.replace(",", "").strip())
        if line.strip() and not (what.strip() and colon and said):
            raise ValueError(
                f"Write each line as “task: amount”, such as “About one hour: 27.50”. Look at “{line:.80}”."
            )
        if said:
            found.append((what.strip(), f"{float(said[1]):.2f}"))
    return found


def check_rate(values: Mapping[str, Any], case: Case) -> Verdict:
    try:
        lines = lines_of(values)
    except ValueError as error:
        return refuse(str(error))
    if not lines:
        return refuse("Write at least one task with its amount.")
    if values.get("ends") and values["ends"] < values["starts"]:
        return refuse("These rates cannot end before they begin. Look at the two days again.")
    if values["looked_up"] > case.today:
        return refuse("Give the day on which somebody looked these up. It cannot be still to come.")
    if values["starts"] < case.config.rates_since and not values.get("note"):
        return refuse(
            f"These rates are from before {day(case.config.rates_since)}. Many went up then. "
            "Look for the new ones, or say in the note why you use these."
        )
    return ok


def in_force(case: Case, on: date) -> Entry | None:
    """The confirmed card in pounds that holds on this day; of several the one that began last."""
    cards = [
        row
        for row in case.registers.get(RATE, ())
        if row.approved_on and row.values["currency"] == "GBP"
        and row.values["starts"] <= on <= row.values.get("ends", date.max)
    ]  # fmt: skip
    return max(cards, key=lambda row: row.values["starts"], default=None)


def tasks(case: Case, on: date) -> list[tuple[str, str]]:
    """What can be filled in on this day: each task and its sum."""
    card = in_force(case, on)
    return lines_of(card.values) if card else []


def in_date(case: Case) -> Finding:
    """Whether the rates were confirmed, and looked at again within a year."""
    card = in_force(case, case.today)
    coming = [
        day_ for row in case.registers[RATE] if row.approved_on
        for day_ in (row.values["starts"], row.values.get("ends", date.max) + timedelta(days=1) if "ends" in row.values
                     else date.max) if day_ > case.today and day_ < date.max
    ]  # fmt: skip
    if card is None:
        return unmet(
            "No rates are confirmed yet, so nothing is filled in for anybody. “Rates” has an example to begin with. "
            "One person puts it on the list, another confirms it.",
            look_again=min(coming, default=None),
        )
    again = card.values["looked_up"] + A_YEAR
    if case.today < again:
        return met(f"The rates were looked up on {day(card.values['looked_up'])}.", look_again=min([again, *coming]))
    return unmet(
        f"The rates were looked up on {day(card.values['looked_up'])}. Look whether they still hold, and write down "
        "the new day.",
        due=again,
        look_again=min(coming, default=None),
    )


def page(desk: Desk) -> list[Any]:
    """The rates that hold now, and every card there is."""
    case, card = desk.case, in_force(desk.case, desk.today)
    parts: list[Any] = []
    if card:
        begun = f"From {day(card.values['starts'])}. Looked up on {day(card.values['looked_up'])}."
        parts.append(Text(heading=card.values["title"], text=begun))
    rows = tasks(case, desk.today)
    parts.append(
        Table(
            caption="What a task is paid",
            columns=("Task", "Pounds"),
            rows=rows,
            empty="No rates are confirmed yet, so nothing is filled in.",
        )
    )
    cards = sorted(case.registers[RATE], key=lambda row: row.values["starts"], reverse=True)[:50]
    parts.append(
        Table(
            caption="Rate cards",
            columns=("Card", "From", "Looked up", "Confirmed"),
            rows=[_row(row) for row in cards],
            empty="No card is on the list.",
        )
    )
    parts.append(Table(caption="More", columns=("Go to",), rows=[(Link(text="The list of rate cards", page="rate"),)]))
    if case.has_role(desk.reader, "lead", "coordinator", "finance") and not cards:
        parts.append(
            Form(fields=(), send=_put_example, title="Begin with an example", button="Put NIHR’s rates on the list")
        )
    return parts


def _row(row: Entry) -> tuple[Any, ...]:
    link = Link(text=row.values["title"], entry=(RATE, row.key))
    return (link, row.values["starts"], row.values["looked_up"], row.approved_on or "Not yet: nothing is filled in")


def _put_example(desk: Desk, answers: Mapping[str, Any]) -> None:
    desk.add("rate", **{**EXAMPLE, "lines": EXAMPLE["lines"].strip()})
