"""One page: what was said and what came of it, and three small forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from govflow.plugin import Desk, Entry, Field, File, Form, Link, Table, Text, refuse
from govflow_feedback.raised import CONCERN, THEME, WORD, agreed_by_all, reply_to

NOT_MEANT = "You can also write it, without your name, when everyone is asked next."


def said_and_done(sources: Mapping[str, str]) -> Callable[[Desk], list[Any]]:
    """The view, with the words for where something was said."""

    def view(desk: Desk) -> list[Any]:
        case = desk.case
        parts: list[Any] = [
            Table(
                caption="You said, we did",
                columns=("You said", "Where", "We did"),
                rows=[
                    (
                        Link(text=row.values["you_said"], entry=(THEME, row.key)),
                        sources[row.values["source"]],
                        row.values.get("we_did", "Not answered yet"),
                    )
                    for row in reversed(case.registers[THEME])
                ],
            ),
            _concerns(desk, CONCERN, "Concerns told to the group"),
        ]
        if case.registers[WORD]:
            parts.append(_concerns(desk, WORD, "Told to one person: only the two of you see this"))
        if to_answer := _to_answer(desk):
            parts.append(_answering(to_answer))
        parts.append(_raising(desk))
        if lessons := agreed_by_all(case):
            parts.append(Text(heading="What we learned, to share with others", text=lessons.text))
            parts.append(File(name="what-we-learned.txt", text=lessons.text, label="Take it away as a file"))
        return parts

    return view


def _concerns(desk: Desk, register: str, caption: str) -> Table:
    rows = []
    for row in reversed(desk.case.registers[register]):
        reply = reply_to(desk.case, row.key)
        answer = reply.values["words"] if reply else "Waits for an answer"
        rows.append((desk.case.name(row.values["person"]), row.values["words"], answer))
    return Table(caption=caption, columns=("From", "In their words", "What came of it"), rows=rows, empty="None.")


def _to_answer(desk: Desk) -> dict[str, Entry]:
    """The concerns that wait and that this reader may answer, by the register and key they are chosen with."""
    found = {f"concern:{row.key}": row for row in desk.case.registers[CONCERN]}
    found |= {f"word:{row.key}": row for row in desk.case.registers[WORD] if row.values["to"] == desk.reader}
    return {
        name: row
        for name, row in found.items()
        if row.values["person"] != desk.reader and reply_to(desk.case, row.key) is None
    }


def _answering(to_answer: Mapping[str, Entry]) -> Form:
    choices = {name: _short(row.values["words"]) for name, row in to_answer.items()}
    return Form(
        slug="answer",
        title="Answer a concern",
        button="Keep this answer",
        fields=(
            Field(name="which", label="Which concern?", kind="choice", choices=choices, required=True),
            Field(name="words", label="What did you talk about, and what follows?", kind="long_text", required=True),
        ),
        send=_answer,
    )


def _answer(desk: Desk, answers: Mapping[str, Any]) -> Any:
    row = _to_answer(desk).get(answers["which"])
    if row is None:
        return refuse("This concern has an answer already. Read it above.")
    of, _, key = answers["which"].partition(":")
    register = "reply" if of == "concern" else "quiet_reply"
    desk.add(register, **{of: key}, person=row.values["person"], words=answers["words"])
    return None


def _raising(desk: Desk) -> Form:
    others = {key: member.name for key, member in desk.case.here.items() if key != desk.reader}
    return Form(
        slug="raise",
        title="Raise a concern",
        button="Raise it",
        fields=(
            Field(name="words", label="In your own words", kind="long_text", help=NOT_MEANT, required=True),
            Field(
                name="to",
                label="Whom do you tell?",
                kind="choice",
                choices={"group": "The whole group", **others},
                required=True,
            ),
        ),
        send=_raise,
    )


def _raise(desk: Desk, answers: Mapping[str, Any]) -> None:
    if answers["to"] == "group":
        desk.add("concern", person=desk.reader, words=answers["words"])
    else:
        desk.add("word", person=desk.reader, to=answers["to"], words=answers["words"])


def _short(words: str) -> str:
    return words if len(words) <= 80 else f"{words[:79]}…"
