"""One page: the share held for lived experience, what each kind gets, and the lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govflow.plugin import Bar, Chart, Desk, Entry, Link, Table, Text
from govflow_budget.lines import KINDS, LINE, LIVED, STAGES, lines, money, over, percent, pounds, share

SHOWN = 50


def overview(desk: Desk) -> list[Any]:
    case, rows = desk.case, lines(desk.case)
    part = share(case)
    if part is None:
        said = "No budget line is there yet. A lead, the coordinator or the finance contact adds them."
        return [Text(text=said), _more()]
    planned, spent = money(rows, "planned"), money(rows, "spent")
    words = (
        f"{percent(part)} of what is planned is for lived experience: {pounds(money(lines(case, LIVED), 'planned'))} "
    )
    parts: list[Any] = [
        Text(heading="In short", text=f"{words}of {pounds(planned)}. {pounds(spent)} of it all was spent so far."),
        Chart(title="Planned for lived experience, by stage", unit="Per cent", bars=_by_stage(rows)),
        _table("What the money is for", KINDS, "kind", rows),
        _table("Stage by stage", STAGES, "stage", rows),
        _lines(rows),
    ]
    return [*parts, _more()]


def for_outside(desk: Desk) -> list[Any]:
    """What was planned, by kind. What was spent would in a small group be what one person was paid."""
    rows = lines(desk.case)
    planned = [
        (title, pounds(money(here, "planned")))
        for kind, title in KINDS.items()
        if (here := [row for row in rows if row.values["kind"] == kind])
    ]
    table = Table(caption="What the money is planned for", columns=("What", "Planned"), rows=planned)
    return [Chart(title="Planned for lived experience, by stage", unit="Per cent", bars=_by_stage(rows)), table]


def _by_stage(rows: list[Entry]) -> list[Bar]:
    """In hundredths: sums stand in the tables, and long numbers leave a phone no room for words."""
    bars = [_bar("The whole project", rows)]
    for stage, title in STAGES.items():
        if here := [row for row in rows if row.values["stage"] == stage]:
            bars.append(_bar(title, here))
    return bars


def _bar(label: str, rows: list[Entry]) -> Bar:
    lived = money([row for row in rows if row.values["kind"] == LIVED], "planned")
    whole = money(rows, "planned")
    return Bar(label=label, value=round(float(100 * lived / whole), 1) if whole else 0, of=100)


def _table(caption: str, titles: Mapping[str, str], field: str, rows: list[Entry]) -> Table:
    found = []
    for name, title in titles.items():
        here = [row for row in rows if row.values[field] == name]
        if here:
            planned, spent = money(here, "planned"), money(here, "spent")
            stands = f"Over by {pounds(spent - planned)}" if spent > planned else f"{pounds(planned - spent)} left"
            found.append((title, pounds(planned), pounds(spent), stands))
    return Table(caption=caption, columns=("What", "Planned", "Spent", "How it stands"), rows=found)


def _lines(rows: list[Entry]) -> Table:
    """What is over comes first; of the rest the newest."""
    first = [*(row for row in reversed(rows) if over(row)), *(row for row in reversed(rows) if not over(row))]
    return Table(
        caption=f"Lines: {SHOWN} of {len(rows):,}" if len(rows) > SHOWN else "Lines",
        columns=("What", "Kind and stage", "Planned", "Spent"),
        rows=[
            (
                Link(text=row.values["what"], entry=(LINE, row.key)),
                f"{KINDS[row.values['kind']]}. {STAGES[row.values['stage']]}",
                pounds(money([row], "planned")),
                pounds(money([row], "spent")) + (f", over by {pounds(over(row))}" if over(row) else ""),
            )
            for row in first[:SHOWN]
        ],
    )


def _more() -> Table:
    links = [
        Link(text="All lines, to add and change", page="line"),
        Link(text="The share for lived experience", check="budget.share"),
        Link(text="What is kept for writing up", check="budget.reserve"),
    ]
    return Table(caption="More", columns=("Go to",), rows=[(link,) for link in links])
