"""The log and what is made from it: counts, the table for people outside, a first draft of the short form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from govflow.plugin import Bar, Case, Chart, Desk, Entry, Field, Form, Link, Table, Text, count, day, listed
from govflow_impact.lenses import LENSES

CONTRIBUTION, GRIPP2, STORY = "impact.contribution", "impact.gripp2", "impact.story"
SHOWN = 50
HOW = {
    "meeting": "In a meeting",
    "reading": "By reading and commenting",
    "panel": "On a panel",
    "design": "By designing or planning",
    "research": "By doing research",
    "writing": "By writing",
    "talk": "By giving a talk or training",
    "other": "In another way",
}
CHANGED = {"yes": "Something changed", "not_yet": "Nothing yet, because…", "no": "Nothing changed, because…"}
BOXES = {
    "aim": ("What was the aim of working together?", "What people hoped for."),
    "methods": ("How did you work together?", "Who took part, in what, and how often. Counts, no names."),
    "results": ("What came of it?", "Good and bad."),
    "discussion": ("How far did it shape the study?", "And why that matters."),
    "reflections": ("What would you do again, and what not?", "In the group’s own words."),
}
PAPER = Field(name="paper", label="For which paper or report is it?", required=True)
BOX_FIELDS = tuple(
    Field(
        name=name,
        label=label,
        kind="long_text",
        help=f"{about} Or say “does not apply, because…”.",
    )
    for name, (label, about) in BOXES.items()
)


def newest(rows: Iterable[Entry]) -> list[Entry]:
    return sorted(rows, key=lambda row: (row.values["happened_on"], row.on), reverse=True)


def overview(desk: Desk) -> list[Any]:
    rows = newest(desk.case.registers[CONTRIBUTION])
    log = Table(
        caption=f"The last {SHOWN} of {len(rows)}" if len(rows) > SHOWN else "What people did, and what came of it",
        columns=("What people did", "On", "Did it change something?", "What, or why not", "They were told on"),
        rows=[
            (
                Link(text=row.values["what"], entry=(CONTRIBUTION, row.key)),
                row.values["happened_on"],
                CHANGED[row.values["changed"]],
                row.values["what_changed"],
                row.values.get("fed_back_on") or "Not yet",
            )
            for row in rows[:SHOWN]
        ],
        empty="Nothing is written down yet. Begin with one example.",
    )
    return [*_charts(rows), log]


def _charts(rows: list[Entry]) -> list[Chart]:
    if not rows:
        return []
    came = Counter(row.values["changed"] for row in rows)
    found = [Chart(title="What came of it", bars=[Bar(label=CHANGED[one], value=came[one]) for one in CHANGED])]
    for field, (title, tags) in LENSES.items():
        ticked = Counter(tag for row in rows for tag in row.values.get(field, ()))
        if ticked:
            found.append(Chart(title=title, bars=[Bar(label=words, value=ticked[tag]) for tag, words in tags.items()]))
    return found


def for_outside(desk: Desk) -> list[Any]:
    """The log without names, what people let us tell of themselves, and the short form."""
    rows = newest(desk.case.registers[CONTRIBUTION])
    told = [" ".join(row.values["words"].split()) for row in desk.case.registers[STORY] if row.values.get("outside")]
    forms = desk.case.registers[GRIPP2]
    return [
        *_charts(rows),
        Table(
            caption="Examples, the newest first",
            columns=("What people did", "On", "What they hoped for", "What came of it", "Why it matters"),
            rows=[
                (
                    row.values["what"],
                    row.values["happened_on"],
                    row.values.get("hoped_for", ""),
                    f"{CHANGED[row.values['changed']]} {row.values['what_changed']}".replace("… ", " "),
                    row.values.get("matters", ""),
                )
                for row in rows[:SHOWN]
            ],
        ),
        *(
            [Text(heading="What it did for us", text="\n".join(f"- {' '.join(change.split())}" for change in told))]
            if told
            else []
        ),
        *(
            Table(
                caption=f"GRIPP2, short form: {row.values['paper']}",
                columns=("Part", "What we say"),
                rows=[(label, row.values.get(name, "")) for name, (label, _) in BOXES.items()],
            )
            for row in forms
        ),
    ]


def for_papers(desk: Desk) -> list[Any]:
    forms = desk.case.registers[GRIPP2]
    return [
        Table(
            caption="Short forms so far",
            columns=("For", "Parts that are written"),
            rows=[
                (Link(text=row.values["paper"], entry=(GRIPP2, row.key)), f"{written(row)} of {len(BOXES)}")
                for row in forms
            ],
            empty="None yet.",
        ),
        Text(text="What you see below was put together from the log. Change it until it is yours."),
        Form(
            title="Begin a short form",
            fields=(PAPER, *BOX_FIELDS),
            send=lambda desk, answers: desk.add("gripp2", **answers),
            button="Keep this form",
            kept=draft(desk.case),
        ),
    ]


def written(row: Entry) -> int:
    return sum(bool(row.values.get(name)) for name in BOXES)


def draft(case: Case) -> dict[str, str]:
    """A first text of each part, made from the log alone; the last part is the group's."""
    rows = list(reversed(newest(case.registers[CONTRIBUTION])))
    if not rows:
        return {}
    ways = Counter(HOW[row.values["how"]].lower() for row in rows)
    often = [f"{count(number, 'time')} {way}" for way, number in ways.most_common()]
    people = [row.values["people"] for row in rows if "people" in row.values]
    crowd = f", with up to {int(max(people))} people at once" if people else ""
    first, last = rows[0].values["happened_on"], rows[-1].values["happened_on"]
    return {
        "aim": _lines(row.values.get("hoped_for") for row in rows),
        "methods": f"Between {day(first)} and {day(last)} people took part {listed(often)}{crowd}.",
        "results": _lines(f"{row.values['what']}: {row.values['what_changed']}" for row in rows),
        "discussion": _lines(row.values.get("matters") for row in rows),
    }


def _lines(said: Iterable[str | None]) -> str:
    return "\n".join(dict.fromkeys(" ".join(sentence.split()) for sentence in said if sentence))
