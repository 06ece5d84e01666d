"""One page: put a question, see what is open, what was decided, and how much of it together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from govflow.plugin import Bar, Chart, Desk, Entry, Field, Form, Link, Table
from govflow_decisions.deciding import (
    DECIDED,
    DECISION,
    DONE,
    METHODS,
    NAMED,
    OPEN,
    STANDS,
    decided,
    made_together,
    stage_of,
)

SHOWN = 50


def log(desk: Desk) -> list[Any]:
    case = desk.case
    rows, done = case.registers[DECISION], decided(case)
    together = made_together(done, case)
    parts: list[Any] = []
    if done:
        parts.append(_by_stage(desk, done, together))
    parts.append(
        Table(
            caption="Still open",
            columns=("What is to be decided?", "How", "Since"),
            rows=[(_to(row), METHODS[row.values["method"]], row.on) for row in rows if row.values["stands"] == OPEN],
            empty="Nothing is open.",
        )
    )
    parts.append(_form())
    parts.append(
        Table(
            caption=f"Decided: the last {SHOWN} of {len(done)}" if len(done) > SHOWN else "Decided",
            columns=("Question", "Outcome", "How", "On", "By all kinds of experience"),
            rows=[
                (_to(row), row.values["outcome"], _how(desk, row), row.values["decided_on"], row.key in together)
                for row in done[:SHOWN]
            ],
        )
    )
    if votes := [vote for vote in case.polls["ballot"] if vote.closed]:
        parts.append(_votes(desk, votes))
    tried = [row for row in rows if row.values["stands"] not in (OPEN, DECIDED)]
    if tried:
        parts.append(
            Table(
                caption=STANDS["not_agreed"],
                columns=("Question", "On", "Views, and why"),
                rows=[(_to(row), row.values["decided_on"], row.values.get("not_followed", "")) for row in tried],
            )
        )
    return parts


def for_outside(desk: Desk) -> list[Any]:
    """How much was decided together, without what was decided and by whom."""
    done = decided(desk.case)
    ways = Counter(DONE.get(row.values["method"], "By one person, after a try to agree") for row in done)
    how = Table(caption="How we decided", columns=("How", "Decisions"), rows=ways.most_common())
    return [_by_stage(desk, done, made_together(done, desk.case)), how] if done else [how]


def _by_stage(desk: Desk, done: list[Entry], together: set[str]) -> Chart:
    """So that everyone sees where decisions move to fewer people."""
    bars = []
    by_stage: dict[str, list[Entry]] = {}
    for row in done:
        by_stage.setdefault(stage_of(row, desk.case), []).append(row)
    for stage in dict.fromkeys(visit.stage for visit in desk.case.visits):
        if here := by_stage.get(stage, []):
            title = desk.case.lifecycle.title_of(stage)
            bars.append(Bar(label=title, value=sum(row.key in together for row in here), of=len(here)))
    return Chart(title="Decided with every kind of experience, by stage", bars=bars)


def _votes(desk: Desk, votes: list[Any]) -> Table:
    """What came out of votes without names, as far as it can be told without pointing at anybody."""
    rows = {row.key: row for row in desk.case.registers[DECISION]}
    return Table(
        caption="Votes without names",
        columns=("Question", "Closed on", "What came of it"),
        rows=[
            (_to(rows[vote.about]) if vote.about in rows else "No longer listed", vote.closed, _told(vote))
            for vote in reversed(votes)
        ],
    )


def _told(vote: Any) -> str:
    titles = {**vote.options, "none": "None of these"}
    if counts := vote.counts.get("choice"):
        return ", ".join(f"{titles[value]}: {number}" for value, number in counts.items())
    most = vote.mostly.get("choice")
    if most in titles:
        return f"Most chose “{titles[most]}”"
    return "The votes are mixed" if most else "Too few voted, so nothing is told"


def _how(desk: Desk, row: Any) -> str:
    if row.values["method"] == NAMED:
        return f"{desk.case.name(row.values['decided_by'])} decided, after no agreement"
    return DONE[row.values["method"]]


def _form() -> Form:
    return Form(
        slug="put",
        title="Put a question to the group",
        button="Put it",
        fields=(
            Field(name="question", label="What is to be decided?", required=True),
            Field(name="options", label="What can we choose from?", kind="long_text", help="One on each line."),
            Field(
                name="method",
                label="How shall we decide it?",
                kind="choice",
                choices={name: words for name, words in METHODS.items() if name != NAMED},
                required=True,
            ),
        ),
        send=_put,
    )


def _put(desk: Desk, answers: Mapping[str, Any]) -> None:
    desk.add("decision", stands=OPEN, **answers)


def _to(row: Any) -> Link:
    return Link(text=row.values["question"], entry=(DECISION, row.key))
