"""One page: what is shared, the names as they would be printed, and what each person says for themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govflow.plugin import Desk, Entry, Field, File, Form, Link, Table, Text, listed, refuse
from govflow_outputs.lists import AGREED, ANSWERS, MINE
from govflow_outputs.rules import (
    AGREEMENT,
    ANONYMOUS,
    COLLECTIVE,
    CREDIT,
    CREDIT_MODELS,
    HOW,
    INVITATION,
    KINDS,
    NAMED,
    NOT_NAMED,
    OUTPUT,
    ROLES,
    THANKED,
    agreed,
    lines_of,
)

CHECKS = ("how_shared", "everyone_asked", "finished", "credited", "funder_told")


def writing(desk: Desk) -> list[Any]:
    rows = desk.case.registers[OUTPUT]
    parts: list[Any] = [
        Table(
            caption="What we share",
            columns=("What", "Kind", "Finished by", "Whose name stands on it"),
            rows=[
                (
                    Link(text=row.values["title"], page="writing", query={"output": row.key}),
                    KINDS[row.values["kind"]],
                    row.values["planned_end"],
                    CREDIT_MODELS.get(agreed(desk.case, row.key).get("credit", ""), "Not agreed yet"),
                )
                for row in rows
            ],
            empty="Nothing is on the list of outputs yet.",
        )
    ]
    chosen = _chosen(desk)
    return parts + _about(desk, chosen) if chosen else parts


def _chosen(desk: Desk) -> Entry | None:
    """The output in the address; else the only one there is."""
    rows = desk.case.registers[OUTPUT]
    if "output" not in desk.query:
        return rows[0] if len(rows) == 1 else None
    return next((row for row in rows if row.key == desk.query["output"]), None)


def _about(desk: Desk, output: Entry) -> list[Any]:
    case, found, title = desk.case, agreed(desk.case, output.key), output.values["title"]
    said = [words for slug in CHECKS if (words := desk.says(f"outputs.{slug}", output.key))]
    parts: list[Any] = [Text(heading=title, text="\n".join(f"- {words}" for words in said) or "Nothing is asked yet.")]
    if found:
        parts += _names(case, output, found)
    asked = lines_of(case, INVITATION, output.key)
    if desk.reader in asked and "answer" not in asked[desk.reader].values:
        parts.append(_answering(asked[desk.reader]))
    if desk.reader in (*output.values.get("writers", ()), *found.get("contributors", ())):
        parts.append(_mine(desk, output))
    if _to_ask(desk, output):
        who = listed([case.name(key) for key in _to_ask(desk, output)])
        parts.append(Form(slug="ask", title=f"Ask {who} to help write", fields=(), send=_ask, button="Ask them"))
    kept = {name: value for name, value in found.items() if name != "output"}
    parts.append(Form(slug="agree", title="What we agreed", fields=AGREED, kept=kept, send=_agree))
    return parts


# --- the names --------------------------------------------------------------------------------------------------


def _names(case: Any, output: Entry, found: Mapping[str, Any]) -> list[Any]:
    """The names as they would be printed, with nothing that somebody did not choose."""
    lines = sorted(lines_of(case, CREDIT, output.key).values(), key=_printed)
    authors = [row for row in lines if row.values["how"] not in (THANKED, NOT_NAMED)]
    byline = byline_of(found, authors)
    thanks = [_printed(row) for row in lines if row.values["how"] == THANKED]
    words = [byline or "Nobody has said yet how they want to be named."]
    if found["credit"] != NAMED and authors:
        words.append(f"Writers: {listed([_printed(row) for row in authors])}.")
    if thanks:
        words.append(f"With thanks to {listed(thanks)}.")
    if found.get("owner"):
        words.append(f"It belongs to: {found['owner']}.")
    table = Table(
        caption="Each of us, in our own words",
        columns=("Name", "How", "In their own words", "Beside the name", "What they did"),
        rows=[
            (
                _printed(row),
                HOW[row.values["how"]],
                row.values.get("title", ""),
                row.values.get("affiliation", ""),
                listed([ROLES[one] for one in row.values.get("roles", ())]),
            )
            for row in lines
            if row.values["how"] != NOT_NAMED
        ],
        empty="Nobody has written their line yet.",
    )
    text = "\n\n".join([output.values["title"], *words, *(_line(row) for row in authors)])
    return [
        Text(heading="The names, as they would stand there", text="\n\n".join(words)),
        table,
        File(name="names.txt", text=f"{text}\n", label="Take the names away as a file"),
    ]


def byline_of(found: Mapping[str, Any], authors: list[Entry]) -> str:
    """What stands under the title: names from A to Z, or the name of the group."""
    names = listed([_printed(row) for row in authors])
    if found["credit"] == COLLECTIVE:
        return str(found["collective"])
    return names if found["credit"] == NAMED else ": ".join(one for one in (found["collective"], names) if one)


def _printed(row: Entry) -> str:
    return "An author without a name" if row.values["how"] == ANONYMOUS else str(row.values.get("display_name", ""))


def _line(row: Entry) -> str:
    words = [_printed(row), row.values.get("title", ""), row.values.get("affiliation", "")]
    roles = listed([ROLES[one] for one in row.values.get("roles", ())])
    return ", ".join(word for word in words if word) + (f": {roles}" if roles else "")


# --- what a reader can do ---------------------------------------------------------------------------------------


def _mine(desk: Desk, output: Entry) -> Form:
    mine = lines_of(desk.case, CREDIT, output.key).get(desk.reader)
    kept = mine.values if mine else {"display_name": desk.case.name(desk.reader)}
    return Form(
        slug="mine", title="How I want to be named", fields=MINE, kept=kept, send=_say, button="This is how I want it"
    )


def _say(desk: Desk, answers: Mapping[str, Any]) -> Any:
    output = _chosen(desk)
    if output is None:
        return refuse("This output is not listed any more.")
    mine = lines_of(desk.case, CREDIT, output.key).get(desk.reader)
    if mine:
        blank = dict.fromkeys(field.name for field in MINE)
        desk.change("credit", mine.key, **{**blank, **answers})
    else:
        desk.add("credit", output=output.key, person=desk.reader, **answers)
    return None


def _agree(desk: Desk, answers: Mapping[str, Any]) -> Any:
    output = _chosen(desk)
    if output is None:
        return refuse("This output is not listed any more.")
    row = next((entry for entry in desk.case.registers[AGREEMENT] if entry.values["output"] == output.key), None)
    if row:
        blank = dict.fromkeys(field.name for field in AGREED)
        desk.change("agreement", row.key, **{**blank, **answers})
    else:
        desk.add("agreement", output=output.key, **answers)
    return None


def _to_ask(desk: Desk, output: Entry) -> list[str]:
    """Those who had a part, are here, are not writers and were not asked yet."""
    done = (*output.values.get("writers", ()), *lines_of(desk.case, INVITATION, output.key))
    had_part = agreed(desk.case, output.key).get("contributors", ())
    return [check for check in had_part if check in desk.case.here and check not in done]


def _ask(desk: Desk, answers: Mapping[str, Any]) -> Any:
    output = _chosen(desk)
    for key in _to_ask(desk, output) if output else ():
        desk.add("invitation", output=output.key, person=key)
    return None if desk.wishes else refuse("Everyone was asked already.")


def _answering(row: Entry) -> Form:
    return Form(
        slug="answer",
        title="You are asked to help write",
        fields=(Field(name="answer", label="Would you like to help?", kind="choice", choices=ANSWERS, required=True),),
        send=lambda desk, answers: desk.change("invitation", row.key, answer=answers["answer"]),
        button="Send my answer",
    )
