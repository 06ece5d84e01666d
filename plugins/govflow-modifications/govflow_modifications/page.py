"""One page: where each change stands, how long each step takes, and whose idea it was."""

from __future__ import annotations

from typing import Any

from govflow.plugin import Bar, Chart, Desk, Link, Table, Text
from govflow_modifications.steps import KINDS, MODIFICATION, SET_BY, STEPS, stands, took, waited

AS_TOLD = (
    "The sponsor, the committee and the funder set these days, not we. They stand here as somebody was told them. "
    "What counts is their letter."
)


def changes(desk: Desk) -> list[Any]:
    case = desk.case
    rows = sorted(case.registers[MODIFICATION], key=lambda row: row.on, reverse=True)
    parts: list[Any] = [
        Text(text=AS_TOLD),
        Table(
            caption="Changes to the approved plan",
            columns=("What changes", "Kind", "Where it stands", "Answer by", "Days so far", "From a partner’s idea"),
            rows=[
                (
                    Link(text=row.values["what"], entry=(MODIFICATION, row.key)),
                    KINDS.get(row.values.get("kind", ""), "Not said yet"),
                    stands(row),
                    _by(row),
                    waited(row, case),
                    bool(row.values.get("partner_idea")),
                )
                for row in rows
            ],
            empty="No change is written down.",
        ),
    ]
    if not rows:
        return parts
    steps = [took(row, case) for row in rows]
    bars = [
        Bar(label=words, value=round(sum(found) / len(found), 1))
        for name, words in STEPS.items()
        if (found := [owed_email[name] for owed_email in steps if name in owed_email])
    ]
    if bars:
        parts.append(Chart(title="How long each step took", bars=bars, unit="Days, on average"))
    ideas = sum(bool(row.values.get("partner_idea")) for row in rows)
    parts.append(Chart(title="Whose idea it was", bars=[Bar(label="From a partner’s idea", value=ideas, of=len(rows))]))
    return parts


def _by(row: Any) -> Any:
    if "answer_by" not in row.values:
        return ""
    on = row.values["answer_by"]
    return f"{on.day} {on:%B %Y}, set by: {SET_BY[row.values['set_by']]}"
