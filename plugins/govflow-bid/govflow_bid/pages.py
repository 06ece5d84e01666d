"""The pages of a bid: who writes it, what it asks for, and what an institution's barriers cost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from govflow.plugin import Bar, Case, Chart, Desk, Field, Form, Link, Page, Table, Text, Verdict, day, hookimpl, refuse
from govflow_bid.judging import amount, by_host, pounds
from govflow_bid.lists import COST, COST_FIELDS, DRAFT, HOURS, HOURS_FIELDS, KINDS

RATE = "payments.rate"
SHOWN = 50
_SUM = re.compile(r"£? ?([0-9][0-9,]{0,8}(?:\.[0-9]{1,2})?)")


# --- who writes it ------------------------------------------------------------------------------------------


def drafts(desk: Desk) -> list[Any]:
    case = desk.case
    rows = sorted(case.registers[DRAFT], key=lambda row: row.values["written_on"], reverse=True)
    lived = {member.key for member in (*case.members, *case.left) if "lived" in member.expertise}
    with_lived = sum(bool(lived & set(row.values["authors"])) for row in rows)
    table = Table(
        caption="Drafts of the bid",
        columns=("Draft", "Written on", "Fixed on", "Writers", "Of them with lived experience"),
        rows=[
            (
                Link(text=row.values["what"], entry=(DRAFT, row.key)),
                row.values["written_on"],
                row.values.get("fixed_on", "Still open"),
                len(row.values["authors"]),
                len(lived & set(row.values["authors"])),
            )
            for row in rows[:SHOWN]
        ],
        empty="No draft is written down yet.",
    )
    if not rows:
        return [table]
    bars = [Bar(label="A writer with lived experience", value=with_lived, of=len(rows))]
    return [Chart(title="Drafts that were written with lived experience", bars=bars), table]


# --- what it asks for ---------------------------------------------------------------------------------------


def costs(desk: Desk) -> list[Any]:
    case, rows = desk.case, desk.case.registers[COST]
    lines = Table(
        caption=f"Lines: {SHOWN} of {len(rows):,}" if len(rows) > SHOWN else "Lines",
        columns=("What", "For whom", "Days and rate", "All in all"),
        rows=[
            (
                Link(text=row.values["what"], entry=(COST, row.key)),
                ", ".join(case.name(key) for key in row.values.get("people", ())) or "Everyone",
                _reckoned(row.values),
                pounds(amount(row)),
            )
            for row in list(reversed(rows))[:SHOWN]
        ],
    )
    return [*costs_in_short(desk), _cost_form(case), lines]


def costs_in_short(desk: Desk) -> list[Any]:
    """What is asked for, of each kind: no names, so it is in the evidence pack too."""
    found = {kind: [row for row in desk.case.registers[COST] if row.values["kind"] == kind] for kind in KINDS}
    sums = {kind: sum(map(amount, rows), Decimal(0)) for kind, rows in found.items()}
    rows = [(words, pounds(sums[kind]) if found[kind] else "Not costed yet") for kind, words in KINDS.items()]
    return [
        Table(
            caption="What the bid asks for",
            columns=("Kind", "Sum"),
            rows=[*rows, ("All", pounds(sum(sums.values(), Decimal(0))))],
        )
    ]


def _reckoned(values: Mapping[str, Any]) -> str:
    if "none" in values:
        return f"Nothing: “{values['none']}”"
    people = len(values.get("people", ()))
    return f"{values['days']:g} × {pounds(Decimal(values['rate']))}" + (f" × {people} people" if people > 1 else "")


def card_in_force(case: Case) -> list[tuple[str, str]]:
    """Each task and its sum on the confirmed rate card of today; nothing where payments is off."""
    cards = [
        row for row in case.registers.get(RATE, ())
        if row.approved_on and row.values.get("currency") == "GBP"
        and row.values["starts"] <= case.today <= row.values.get("ends", date.max)
    ]  # fmt: skip
    if not cards:
        return []
    found = []
    for line in str(max(cards, key=lambda row: row.values["starts"]).values["lines"]).splitlines():
        task, _, sum_ = line.strip().rpartition(":")
        if task and (said := _SUM.fullmatch(sum_.strip())):
            found.append((task.strip(), said[1].replace(",", "")))
    return found


def _cost_form(case: Case) -> Form:
    """Everything a finance office would ask, on one form. A rate of the card need not be typed."""
    card = card_in_force(case)
    choices = {str(number): f"{task}: £{sum_}" for number, (task, sum_) in enumerate(card)}
    pick = Field(name="card", label="A rate of your rate card", kind="choice", choices=choices)
    fields = [question for question in COST_FIELDS if question.name != "rate"]
    rate = next(question for question in COST_FIELDS if question.name == "rate")

    def send(desk: Desk, answers: Mapping[str, Any]) -> Verdict | None:
        given = dict(answers)
        chosen = given.pop("card", None)
        if chosen and "rate" in given:
            return refuse("Choose a rate of the card, or type one. Leave the other one empty.")
        if chosen:
            given["rate"] = card[int(chosen)][1]
        desk.add("cost", **given)
        return None

    return Form(
        slug="cost",
        title="Cost one thing",
        fields=(*fields[:4], *([pick] if card else ()), rate, *fields[4:]),
        send=send,
        button="Add it to the costing",
    )


# --- what barriers cost -------------------------------------------------------------------------------------


def lost(desk: Desk) -> list[Any]:
    mine = sorted(desk.case.rows(HOURS, person=desk.reader), key=lambda row: row.values["lost_on"], reverse=True)
    return [
        *lost_in_short(desk),
        Form(slug="hours", title="Write down hours you lost", fields=HOURS_FIELDS, send=_log, button="Write it down"),
        Table(
            caption="Your own hours",
            columns=("What", "Whose barrier", "On", "Hours"),
            rows=[
                (
                    Link(text=row.values["what"], entry=(HOURS, row.key)),
                    row.values["host"],
                    row.values["lost_on"],
                    row.values["hours"],
                )
                for row in mine[:SHOWN]
            ],
            empty="You have written down no hours.",
        ),
    ]


def _log(desk: Desk, answers: Mapping[str, Any]) -> None:
    desk.add("hours", person=desk.reader, **answers)


def lost_in_short(desk: Desk) -> list[Any]:
    """How much each institution's barriers took, and not from whom: so it is in the evidence pack too."""
    hosts = by_host(desk.case.registers[HOURS])
    if not hosts:
        return [Text(text="No hours lost to an institution’s own barriers are written down.")]
    bars = [Bar(label=host, value=sum(row.values["hours"] for row in rows)) for host, rows in list(hosts.items())[:20]]
    first = min(row.values["lost_on"] for rows in hosts.values() for row in rows)
    words = (
        f"Since {day(first)}, {sum(bar.value for bar in bars):g} hours went on forms and rules that shut people out."
    )
    return [Text(text=words), Chart(title="Hours that barriers took", bars=bars, unit="Hours")]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="drafts",
            title="Who writes the bid",
            why="Each draft, its writers, and when it was fixed.",
            view=drafts,
        ),
        Page(
            slug="costs",
            title="What the bid asks for",
            why="Days times a rate gives the cost. Nobody needs a finance office for it.",
            view=costs,
            needs=(RATE,),
            in_pack=costs_in_short,
        ),
        Page(
            slug="lost",
            title="What barriers cost us",
            why="Hours that an institution’s own forms and rules took from people.",
            view=lost,
            in_pack=lost_in_short,
        ),
    ]
