"""A plugin that declares one of everything: what the core draws for plugins is looked at with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from govflow.plugin import (
    COORDINATOR,
    EVERY_MEMBER,
    FINANCE,
    LEAD,
    SUBJECT,
    Bar,
    Case,
    Chart,
    Desk,
    Document,
    Field,
    File,
    Form,
    Letter,
    Link,
    Mark,
    Page,
    Register,
    Span,
    Table,
    Text,
    Verdict,
    entry_added,
    hookimpl,
    ok,
    refuse,
    warn,
)


def check_guest(values: Mapping[str, Any], case: Case) -> Verdict:
    if values.get("goes") and values.get("comes") and values["goes"] < values["comes"]:
        return refuse("A guest cannot go before they come.")
    if values["name"] == "Nobody":
        return warn("Nobody is a strange name. It is kept.")
    return ok


GUESTS = Register(
    slug="guest",
    title="Guests",
    one="guest",
    why="Who comes to tea.",
    label="name",
    fields=(
        Field(name="name", label="What is their name?", required=True),
        Field(name="comes", label="When do they come?", kind="moment"),
        Field(name="goes", label="When do they go?", kind="moment"),
        Field(name="cake", label="Which cake?", kind="choice", choices={"plum": "Plum", "apple": "Apple"}),
        Field(name="host", label="Who asks them in?", kind="person"),
        Field(name="site", label="Where do they write?", kind="link"),
        Field(name="letter", label="Their letter", kind="file"),
        Field(name="code", label="The code of their door", secret=True),
    ),
    added_by=(EVERY_MEMBER,),
    approved_by=(LEAD, COORDINATOR),
    never_by=(SUBJECT,),
    secrets_to=(FINANCE,),
    calendar=("comes", "goes"),
    check_entry=check_guest,
)


def view(desk: Desk) -> list[Any]:
    guests = desk.case.registers["parlour.guest"]
    chosen = [entry for entry in guests if desk.query.get("cake") in (None, entry.values.get("cake"))]
    if desk.query.get("crash"):
        raise RuntimeError("the tea is spilt")
    first = desk.case.project.started
    return [
        Text(heading="Welcome", text="Tea is at four.\n\n- Bring a friend\n- <b>No</b> dogs\n\nThat is all."),
        Table(
            caption="Guests",
            columns=("Name", "Since", "Has cake", "More"),
            rows=[
                (
                    Link(text=entry.values["name"], entry=("parlour.guest", entry.key)),
                    entry.on,
                    "cake" in entry.values,
                    Link(text="The same cake", page="room", query={"cake": entry.values.get("cake", "none")}),
                )
                for entry in chosen
            ],
        ),
        Chart(title="Cake", bars=[Bar(label="Plum", value=2, of=4), Bar(label="Apple", value=3.5)], unit="Slices"),
        Chart(
            title="The year",
            spans=[
                Span(label="Winter", starts=first, ends=first + timedelta(days=80)),
                Span(label="No tea", starts=first + timedelta(days=81), ends=first + timedelta(days=120), gap=True),
            ],
            marks=[Mark(label="The day", on=date(2026, 3, 2))],
        ),
        Form(
            slug="ask",
            title="Ask somebody in",
            fields=(
                Field(name="name", label="Whom?", required=True),
                Field(name="host", label="By whom?", kind="person"),
            ),
            send=ask_in,
            button="Ask them in",
        ),
        Form(
            slug="count", title="Count", fields=(Field(name="cups", label="How many cups?", kind="number"),), send=count
        ),
        File(name="guests.txt", text="\n".join(entry.values["name"] for entry in guests), label="The list of guests"),
    ]


def ask_in(desk: Desk, answers: Mapping[str, Any]) -> Verdict | None:
    if answers["name"] == "The cat":
        return refuse("Cats come when they like.")
    desk.add("guest", **answers)
    return None


def count(desk: Desk, answers: Mapping[str, Any]) -> Verdict:
    return warn(f"{answers.get('cups', 0)} cups. Nothing is kept of that.")


@hookimpl
def register_registers() -> list[Register]:
    return [GUESTS]


@hookimpl
def register_documents() -> list[Document]:
    return [Document(slug="rules", title="Rules of the parlour", why="How we drink tea together.")]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(slug="room", title="The parlour", why="Who comes, and when.", view=view),
        Page(slug="back_room", title="The back room", view=lambda desk: Text(text="Only for leads."), seen_by=(LEAD,)),
    ]


@hookimpl
def register_letters() -> list[Letter]:
    said = ["A guest was asked in."]
    return [Letter(slug="asked", subject="A guest comes", to=LEAD, when=entry_added("guest"), words=lambda case: said)]
