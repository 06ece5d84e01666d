"""Three pages: what each gives and gets, learning and chances, and a page about oneself to hand over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govflow.plugin import Desk, Entry, Field, File, Form, Table, Text, count, day, refuse
from govflow_exchange.rules import AIM, ASKING, CHANCE, CV, LEARNING, SHARED, TAKEN, cost, offers

OWN = {
    "strengths": "What are you good at?",
    "gives": "What would you like to give?",
    "gets": "What do you hope to get?",
}
WHOM = {"everyone": "For everyone", "some": "For some of us"}
PARTS = {
    "name": "What name shall stand on it?",
    "about": "Who are you, in your own words?",
    "did": "What did you do here?",
    "learned": "What did you learn?",
    "reach": "How can people reach you?",
}
ALONE = (
    "You alone read this, unless you tick below what the group may read. "
    "The gate sees that you were asked, and nothing else. You need not write anything."
)

EMPTY = "Nothing is here yet. Anybody can add a line to the list of this name."


def long(name: str, label: str, help: str = "") -> Field:
    return Field(name=name, label=label, kind="long_text", help=help)


# --- what each gives and gets -----------------------------------------------------------------------------


def give_and_get(desk: Desk) -> list[Any]:
    case = desk.case
    mine = case.registers[AIM]
    parts: list[Any] = [Text(heading="In your own words", text=ALONE), _writing(desk)]
    if mine:
        rows = [(row.values["said_on"], *(row.values.get(name, "") for name in OWN)) for row in reversed(mine)]
        parts.append(Table(caption="What you said: for you alone", columns=("On", *OWN.values()), rows=rows))
    told = [
        (case.name(row.values["person"]), *(row.values.get(name, "") for name in OWN)) for row in case.registers[SHARED]
    ]
    parts.append(
        Table(
            caption="What people chose to tell the group",
            columns=("Who", *OWN.values()),
            rows=told,
            empty="Nothing yet.",
        )
    )
    if case.has_role(desk.reader, "lead", "coordinator") and not case.rows(ASKING, asked_on=desk.today):
        parts.append(
            Form(slug="ask", title="Ask everyone", fields=(), send=_ask, button="Send everyone the same letter")
        )
    return parts


def _ask(desk: Desk, answers: Mapping[str, Any]) -> None:
    desk.add("asking", asked_on=desk.today)


def _now(desk: Desk) -> Entry | None:
    """What they wrote in this stage, if they have."""
    mine = [row for row in desk.case.registers[AIM] if row.values["said_on"] >= desk.case.entered]
    return mine[-1] if mine else None


def _writing(desk: Desk) -> Form:
    mine, told = desk.case.registers[AIM], desk.case.rows(SHARED, person=desk.reader)
    before: Mapping[str, Any] = mine[-1].values if mine else {}
    kept = {name: before[name] for name in OWN if name in before}
    if told:
        kept["tell"] = [name for name in OWN if name in told[-1].values]
    share = Field(
        name="tell",
        label="Which of these may the group read?",
        kind="choices",
        choices=OWN,
        help="Tick none, and nobody does. You can change this at any time.",
    )
    return Form(
        slug="mine", button="Keep this", fields=(*(long(*page) for page in OWN.items()), share), send=_write, kept=kept
    )


def _write(desk: Desk, answers: Mapping[str, Any]) -> Any:
    said = {name: answers[name] for name in OWN if answers.get(name)}
    if not said:
        return refuse("Write something in one of the three, or leave this page. Nobody minds.")
    tell = {name: said[name] for name in answers.get("tell", ()) if name in said}
    now, empty = _now(desk), dict.fromkeys(OWN, "")
    if now:
        desk.change("aim", now.key, **{**empty, **said}, said_on=desk.today)
    else:
        desk.add("aim", said_on=desk.today, **said)
    for row in desk.case.rows(SHARED, person=desk.reader):
        desk.remove("shared", row.key)
    if tell:
        desk.add("shared", person=desk.reader, **tell)
    return None


# --- learning and chances ---------------------------------------------------------------------------------


def learning(desk: Desk) -> list[Any]:
    case = desk.case
    chances = [
        (row.values["title"], row.values["words"], row.values["until"], case.name(row.added_by or ""), _mine(desk, row))
        for row in reversed(case.registers[CHANCE])
    ]
    parts = [
        *_plan(desk),
        Table(
            caption="Offered to everyone",
            columns=("What", "In short", "Say yes by", "From", "You"),
            rows=chances,
            empty=EMPTY,
        ),
    ]
    mine = {row.key: row.values["title"] for row in case.registers[CHANCE] if row.added_by == desk.reader}
    if mine:
        rows = [
            (mine[row.values["chance"]], case.name(row.values["person"]))
            for row in case.registers[TAKEN]
            if row.values["chance"] in mine
        ]
        parts.append(Table(caption="Who said yes to what you offer: for you alone", columns=("What", "Who"), rows=rows))
    if choices := {row.key: row.values["title"] for row in _open(desk)}:
        field = Field(
            name="chance", label="What would you like to take up?", kind="choice", choices=choices, required=True
        )
        parts.append(Form(slug="take", title="Say yes", button="Say yes to this", fields=(field,), send=_take))
    parts.append(Text(text=desk.says("exchange.taken") or "Nothing has been offered yet."))
    return parts


def in_pack(desk: Desk) -> list[Any]:
    """For people outside: what is learned and what it costs, and how much was offered to all."""
    offered = count(len(desk.case.registers[CHANCE]), "chance was", "chances were")
    return [*_plan(desk), Text(text=f"{offered} offered to everyone at once.")]


def _plan(desk: Desk) -> list[Any]:
    rows = [
        (
            row.values["what"],
            WHOM[row.values["for_whom"]],
            row.values.get("when", ""),
            row.values["cost"],
            bool(row.values.get("done")),
        )
        for row in desk.case.registers[LEARNING]
    ]
    columns = ("What", "For whom", "When", "Pounds", "Done")
    return [
        Table(caption="What we learn together", columns=columns, rows=rows, empty=EMPTY),
        Text(text=f"All of it: {cost(desk.case)} pounds."),
    ]


def _mine(desk: Desk, chance: Entry) -> str:
    return "You said yes" if desk.case.rows(TAKEN, chance=chance.key, person=desk.reader) else ""


def _open(desk: Desk) -> list[Entry]:
    rows = [row for row in desk.case.registers[CHANCE] if row.values["until"] >= desk.today]
    return [row for row in rows if row.added_by != desk.reader and not _mine(desk, row)]


def _take(desk: Desk, answers: Mapping[str, Any]) -> Any:
    chance = next((row for row in _open(desk) if row.key == answers["chance"]), None)
    if chance is None:
        return refuse("This is not open any more. Ask whoever offered it.")
    desk.add("taken", chance=chance.key, person=desk.reader, offered_by=offers(desk.case, chance) or "")
    return None


# --- a page about oneself ---------------------------------------------------------------------------------


def cv(desk: Desk) -> list[Any]:
    rows = desk.case.registers[CV]
    kept: Mapping[str, Any] = rows[-1].values if rows else {}
    text = "You alone read this, until you hand it over yourself. Say only what you would like others to know."
    fields = tuple(Field(name=name, label=label, kind="long_text", most=600) for name, label in PARTS.items())
    form = Form(slug="cv", title="Write it", button="Keep this", fields=fields, send=_keep_cv, kept=kept)
    parts: list[Any] = [Text(heading="One page about you", text=text), form]
    if rows:
        page = "\n\n".join(kept[name] for name in PARTS if kept.get(name))
        page = f"{page}\n\nIn my own words, {day(rows[-1].on)}. Project: {desk.case.project.title}.\n"
        parts.append(File(name="about-me.txt", text=page, label="Take it away as a file"))
    return parts


def _keep_cv(desk: Desk, answers: Mapping[str, Any]) -> Any:
    if not any(answers.get(name) for name in PARTS):
        return refuse("Write something first, in any of the five. What you leave empty is left out.")
    values = {name: answers.get(name) or "" for name in PARTS}
    rows = desk.case.registers[CV]
    if rows:
        desk.change("cv", rows[-1].key, **values)
    else:
        desk.add("cv", written_on=desk.today, **values)
    return None
