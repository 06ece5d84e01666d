"""One page: who has said what of each version, concerns and their answers, limits, and how far things are shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from govflow.plugin import AGREE, CONCERN, Bar, Chart, Desk, Field, Form, Link, Table, day, refuse
from govflow_ways_of_working.answers import ACTIVITY, AGREEMENT, REMIT, answer_to, waiting

VERSIONS_SHOWN = 6
SAID = {AGREE: "Agrees", CONCERN: "Has a concern"}


def together(decides: Mapping[str, str], levels: Mapping[str, str]) -> Callable[[Desk], list[Any]]:
    """The view, with the words of both lists."""

    def view(desk: Desk) -> list[Any]:
        case = desk.case
        parts: list[Any] = [_who_said_what(desk), _concerns(desk)]
        if to_answer := _to_answer(desk):
            parts.append(_form(to_answer))
        parts.append(
            Table(
                caption="What we can decide",
                columns=("About", "Can we?", "Why", "Who set it, and who decides if we cannot agree"),
                rows=[
                    (_to(REMIT, row, "what"), decides[row.values["decides"]], row.values["why"], _who(row))
                    for row in case.registers[REMIT]
                ],
            )
        )
        activities = case.registers[ACTIVITY]
        bars = [
            Bar(label=title.partition(":")[0], value=sum(row.values["level"] == level for row in activities))
            for level, title in levels.items()
        ]
        if activities:
            parts.append(Chart(title="How far we share our activities", bars=bars))
        return parts

    return view


def _who_said_what(desk: Desk) -> Table:
    versions = desk.case.documents[AGREEMENT][-VERSIONS_SHOWN:]
    return Table(
        caption="Who has said what",
        columns=("Name", *(f"Version {version.number}, {day(version.on)}" for version in versions)),
        rows=[
            (
                member.name,
                *(SAID[version.said[key].answer] if key in version.said else "Not said yet" for version in versions),
            )
            for key, member in desk.case.here.items()
        ],
    )


def _concerns(desk: Desk) -> Table:
    """The newest version's concerns, each with what came of it."""
    versions = desk.case.documents[AGREEMENT]
    latest = versions[-1] if versions else None
    rows = []
    for key, entry in latest.said.items() if latest else ():
        if entry.answer == CONCERN:
            answer = answer_to(desk.case, key, latest.number, since=entry.on)
            rows.append((desk.case.name(key), entry.words, answer.values["words"] if answer else "Waits for an answer"))
    return Table(caption="Concerns", columns=("From", "In their words", "What came of it"), rows=rows, empty="None.")


def _to_answer(desk: Desk) -> dict[str, str]:
    """The concerns this reader may answer: all that wait, but their own."""
    versions = desk.case.documents[AGREEMENT]
    return {key: desk.case.name(key) for key in waiting(desk.case) if key != desk.reader} if versions else {}


def _form(to_answer: Mapping[str, str]) -> Form:
    return Form(
        slug="answer",
        title="Answer a concern",
        button="Keep this answer",
        fields=(
            Field(name="person", label="Whose concern?", kind="choice", choices=dict(to_answer), required=True),
            Field(
                name="words",
                label="What did you talk about, and what follows?",
                kind="long_text",
                help="Talk with them first. Everyone in the project reads this.",
                required=True,
            ),
        ),
        send=_answer,
    )


def _answer(desk: Desk, answers: Mapping[str, Any]) -> Any:
    if answers["person"] not in _to_answer(desk):
        return refuse("This concern has an answer already. Read it above.")
    number = desk.case.documents[AGREEMENT][-1].number
    desk.add("answer", person=answers["person"], version=number, words=answers["words"])
    return None


def _who(row: Any) -> str:
    set_by, decider = row.values.get("set_by"), row.values.get("decider")
    said = [f"Set by {set_by}."] if set_by else []
    return " ".join([*said, f"If we cannot agree, {decider}."] if decider else said)


def _to(register: str, row: Any, field: str) -> Link:
    return Link(text=row.values[field], entry=(register, row.key))
