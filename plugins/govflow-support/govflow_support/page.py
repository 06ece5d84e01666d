"""One page for everybody: my contact, asking for support, my load; and for contacts, what waits for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from govflow.plugin import Chart, Desk, Entry, Field, Form, Table, Text, day, refuse
from govflow_support.contacts import ANSWER, CHECK_IN, CONTACT, REQUEST, contact_of, line_of
from govflow_support.costs import CHANGE, load_by_kind, own_load

BREAK = "You can take a break or stop at any time. Nobody asks you why. Tell your named contact, or anybody here."
ALONE = "You alone see this. It counts your meetings of four weeks back and four weeks on, and what waits for you."


def support(desk: Desk) -> list[Any]:
    case, me = desk.case, desk.reader
    contact = contact_of(case, me)
    said = f"Your named contact is {case.name(contact)}." if contact else "You have no named contact here now."
    parts: list[Any] = [Text(heading="A person to turn to", text=f"{said}\n\n{BREAK}\n\n{case.config.in_danger}")]
    if contact:
        parts.append(_asking(desk, contact))
    parts += [_choosing(desk, contact), *_between_two(desk)]
    looks_after = {row.values["person"] for row in case.registers[CONTACT] if row.values["contact"] == me}
    if people := {key: case.name(key) for key in case.here if key in looks_after}:
        parts.append(_offering(people))
    offers = [(row.values["offered_on"], case.name(row.added_by or "")) for row in case.rows(CHECK_IN, person=me)]
    parts.append(Table(caption="Check-ins you were offered", columns=("On", "By"), rows=offers, empty="None yet."))
    changes = [(row.values["cost"], row.values["changed"]) for row in case.registers[CHANGE]]
    parts.append(Table(caption="What it costs, and what we changed", columns=("It cost", "We changed"), rows=changes))
    return parts


def load(desk: Desk) -> list[Any]:
    owed = Counter(finding.title for finding in desk.findings() if finding.open and desk.reader in finding.owed_by)
    told = [title if number == 1 else f"{title}: {number} times" for title, number in sorted(owed.items())]
    parts: list[Any] = [
        Text(text=ALONE),
        Table(
            caption="My load",
            columns=("What", "Which"),
            rows=own_load(desk.case, desk.reader, told),
            empty="Nothing waits for you.",
        ),
    ]
    if desk.case.has_role(desk.reader, "lead"):
        parts.append(Text(heading="Who asks for support", text=desk.says("support.numbers")))
        bars = load_by_kind(desk.case)
        if bars:
            parts.append(Chart(title="Meetings and actions for each person, by kind of expertise", bars=bars))
        else:
            parts.append(Text(text="The load by kind of expertise is told where five people here have it."))
    return parts


def _asking(desk: Desk, contact: str) -> Form:
    """The name stands in the form that is sent: where the contact has changed since, nothing goes to the new one."""
    name = desk.case.name(contact)
    return Form(
        slug="ask",
        title="I would like support",
        button=f"Send this to {name}",
        fields=(
            Field(
                name="to",
                label="Who reads this?",
                kind="choice",
                choices={contact: f"{name}, and nobody else"},
                required=True,
            ),
            Field(
                name="words",
                label="In your own words",
                kind="long_text",
                required=True,
                help="One line is enough, such as “Please ring me”.",
            ),
        ),
        kept={"to": contact},
        send=lambda desk, answers: desk.add("request", **answers),
    )


def _choosing(desk: Desk, contact: str | None) -> Form:
    others = {key: member.name for key, member in desk.case.here.items() if key != desk.reader}
    return Form(
        slug="contact",
        title="Choose your contact",
        button="Keep this contact",
        fields=(
            Field(
                name="contact",
                label="Whom would you like to turn to?",
                kind="choice",
                choices=others,
                required=True,
                help="You can change this at any time, and need not say why. They are told.",
            ),
        ),
        kept={"contact": contact} if contact else {},
        send=_choose,
    )


def _choose(desk: Desk, answers: Mapping[str, Any]) -> None:
    row = line_of(desk.case, desk.reader)
    if row:
        desk.remove("contact", row.key)  # a new line, so that the new contact hears of it
    desk.add("contact", person=desk.reader, contact=answers["contact"])


def _between_two(desk: Desk) -> list[Any]:
    """What I asked, what I was asked, and the answers. The desk holds nobody else's."""
    case, rows = desk.case, list(reversed(desk.case.registers[REQUEST]))
    if not rows:
        return []
    said = {row.values["request"]: row.values["words"] for row in case.registers[ANSWER]}
    told = [
        (
            case.name(row.added_by or ""),
            case.name(row.values["to"]),
            row.on,
            row.values["words"],
            _answered(desk, row, said),
        )
        for row in rows
    ]
    columns = ("From", "To", "On", "In their words", "Answer")
    parts: list[Any] = [Table(caption="Between the two of you: nobody else reads this", columns=columns, rows=told)]
    waiting = _waiting(desk)
    if waiting:
        choices = {key: f"{case.name(row.added_by or '')}, {day(row.on)}" for key, row in waiting.items()}
        fields = (
            Field(name="request", label="Whom do you answer?", kind="choice", choices=choices, required=True),
            Field(name="words", label="Your answer", kind="long_text", required=True, help="“I rang you” is enough."),
        )
        parts.append(Form(slug="answer", title="Answer", button="Send this answer", fields=fields, send=_answer))
    return parts


def _answered(desk: Desk, row: Entry, said: Mapping[str, str]) -> str:
    gone = row.values["to"] not in desk.case.here
    return said.get(row.key, "They are not here any more. Choose a contact, and ask them." if gone else "Waits")


def _waiting(desk: Desk) -> dict[str, Entry]:
    answered = {row.values["request"] for row in desk.case.registers[ANSWER]}
    return {row.key: row for row in desk.case.rows(REQUEST, to=desk.reader) if row.key not in answered}


def _answer(desk: Desk, answers: Mapping[str, Any]) -> Any:
    row = _waiting(desk).get(answers["request"])
    if row is None:
        return refuse("This has an answer already, or was taken back. Read it above.")
    desk.add("answer", request=row.key, person=row.added_by, words=answers["words"])
    return None


def _offering(people: Mapping[str, str]) -> Form:
    who = Field(name="person", label="To whom?", kind="choice", choices=people, required=True)
    return Form(slug="offer", title="Offer a check-in", button="Offer it by a letter", fields=(who,), send=_offer)


def _offer(desk: Desk, answers: Mapping[str, Any]) -> None:
    desk.add("check_in", person=answers["person"], offered_on=desk.today)
