"""One page: when the funding ends, when the writing ends, and who is paid for what lies between."""

from __future__ import annotations

from datetime import date
from typing import Any

from govflow.plugin import Case, Chart, Desk, Entry, Link, Mark, Span, Table, Text, day, listed
from govflow_paid_authors.cover import LEFT, OUTPUT, declined, funded, gap, holes, writers_of

CHECK = "paid_authors.covered"


def write_up(desk: Desk) -> list[Any]:
    outputs = [row for row in desk.case.registers.get(OUTPUT, ()) if row.values.get("writers")]
    parts: list[Any] = [
        Table(
            caption="What is being written",
            columns=("What", "Finished by", "Pay cover"),
            rows=[
                (
                    Link(text=row.values["title"], page="write_up", query={"output": row.key}),
                    row.values["planned_end"],
                    desk.says(CHECK, row.key) or "Not asked in this stage",
                )
                for row in outputs
            ],
            empty="No output has writers yet. Add them to the list of outputs.",
        )
    ]
    wanted = desk.query.get("output", outputs[0].key if len(outputs) == 1 else "")
    chosen = next((row for row in outputs if row.key == wanted), None)
    return parts + _about(desk, chosen) if chosen else parts


def _about(desk: Desk, output: Entry) -> list[Any]:
    """Whoever looks after the money sees every writer; a writer sees themselves."""
    case = desk.case
    sees_all = case.has_role(desk.reader, "lead", "finance")
    shown = [key for key in output.values["writers"] if sees_all or key == desk.reader]
    parts: list[Any] = [Text(heading=output.values["title"], text=_funding(case, output))]
    if not shown:
        return parts
    return [
        *parts,
        _timeline(case, output, shown),
        Table(
            caption="Who is covered, and until when",
            columns=("Who", "Paid until", "What is still to do"),
            rows=[_row(case, output, key) for key in shown],
        ),
    ]


def _funding(case: Case, output: Entry) -> str:
    end, funding = output.values["planned_end"], case.project.funding_ends
    if funding is None:
        return f"The write-up is to end on {day(end)}. No day is given on which the funding ends."
    if funding >= end:
        return f"The write-up is to end on {day(end)}, while there is funding."
    days = (end - funding).days
    return f"The funding ends on {day(funding)}. The write-up is to end on {day(end)}, {days} days later."


def _timeline(case: Case, output: Entry, shown: list[str]) -> Chart:
    end, needed, spans = output.values["planned_end"], writers_of(case, output), []
    for key in shown:
        name, lines = case.name(key), funded(case, output.key, key)
        spans += [
            Span(label=name, starts=min(_from(row), row.values["until"]), ends=row.values["until"]) for row in lines
        ]
        if key in needed and not declined(case, output.key, key):
            open_ = (
                holes(lines, end, funding_ends=case.project.funding_ends) if lines else [(_since(case, output), end)]
            )
            spans += [Span(label=name, starts=starts, ends=ends, gap=True) for starts, ends in open_]
    marks = [Mark(label="The write-up ends", on=end)]
    if case.project.funding_ends:
        marks.insert(0, Mark(label="The funding ends", on=case.project.funding_ends))
    return Chart(title="Pay and the end of the writing", spans=spans, marks=marks)


def _from(row: Entry) -> date:
    return row.values.get("starts") or row.on


def _since(case: Case, output: Entry) -> date:
    """From when somebody without a line is shown as not covered: the end of the funding, or when it was planned."""
    return min(case.project.funding_ends or output.on, output.values["planned_end"])


def _row(case: Case, output: Entry, key: str) -> tuple[str, Any, str]:
    lines = funded(case, output.key, key)
    until: Any = max((row.values["until"] for row in lines), default="")
    if declined(case, output.key, key):
        return case.name(key), until or "Chose not to be paid", "Nothing"
    if key not in writers_of(case, output):
        return f"{case.name(key)} (has left)", until, _of_one_who_left(case, output, key)
    return case.name(key), until, gap(case, output.key, key, output.values["planned_end"]) or "Nothing"


def _of_one_who_left(case: Case, output: Entry, key: str) -> str:
    heard = any(
        row.values["output"] == output.key and row.values["person"] == key for row in case.registers.get(LEFT, ())
    )
    first = listed([case.name(key).split()[0]])
    return "Nothing" if heard else f"{first} has left. Ask what they want, and write it down under “Writers who left”."
