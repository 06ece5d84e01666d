"""What people brought to the project and what came of it: one log, and all that is made from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from govflow.plugin import (
    ALL,
    EVERY_MEMBER,
    LEAD,
    SUBJECT,
    Case,
    Check,
    Field,
    Finding,
    Page,
    Register,
    Verdict,
    after_stage_entry,
    count,
    day,
    entry,
    hookimpl,
    listed,
    met,
    ok,
    refuse,
    unmet,
)
from govflow_impact.lenses import LENSES
from govflow_impact.log import (
    BOX_FIELDS,
    BOXES,
    CHANGED,
    CONTRIBUTION,
    GRIPP2,
    HOW,
    PAPER,
    for_outside,
    for_papers,
    newest,
    overview,
    written,
)

TELL_IN = timedelta(days=30)
FROM_DESIGN_ON = ("design", "trial", "dissemination")


def written_down(case: Case) -> Finding:
    """Whether this stay in the stage has an example of what came of what people brought."""
    rows = [row for row in case.registers[CONTRIBUTION] if row.values["happened_on"] >= case.entered]
    if not rows:
        return unmet("Write down one example of what people brought to this stage, and what came of it.")
    return met(
        f"{count(len(rows), 'example')} in this stage, the last of {day(newest(rows)[0].values['happened_on'])}."
    )


def told(case: Case) -> Finding:
    """Whether those who took part heard what came of it."""
    row = case.subject
    if "fed_back_on" in row.values:
        return met(f"They were told on {day(row.values['fed_back_on'])}.")
    return unmet(
        "Tell the people who took part what came of it, then write down when.", due=row.values["happened_on"] + TELL_IN
    )


def short_form(case: Case) -> Finding:
    """Whether one short form has all five parts, each said or said why not."""
    forms = case.registers[GRIPP2]
    if any(written(row) == len(BOXES) for row in forms):
        return met("The short form has all five parts.")
    if not forms:
        return unmet("Begin the short form for the paper. The log gives you a first text.")
    best = max(forms, key=written)
    left = [label for name, (label, _) in BOXES.items() if not best.values.get(name)]
    return unmet(f"The short form for “{best.values['paper']}” still lacks: {listed([f'“{part}”' for part in left])}.")


def check_contribution(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["happened_on"] > case.today:
        return refuse("This day has not come yet. Write down what has happened.")
    if values.get("people", 1) < 1:
        return refuse("Give the number of people as 1 or more, or leave it empty.")
    told_on = values.get("fed_back_on")
    if told_on and not values["happened_on"] <= told_on <= case.today:
        return refuse("The day on which people were told is after the day itself, and not after today.")
    return ok


def check_story(values: Mapping[str, Any], case: Case) -> Verdict:
    return ok if values["person"] == case.by else refuse("Write what it did for you. Others write their own.")


@hookimpl
def register_registers() -> list[Register]:
    lenses = (
        Field(name=name, label=f"{title}: which of these does it touch?", kind="choices", choices=tags)
        for name, (title, tags) in LENSES.items()
    )
    return [
        Register(
            slug="contribution",
            title="What people brought",
            one="example",
            why="One log of what people did and what came of it. All else here is made from it.",
            label="what",
            fields=(
                Field(name="what", label="What did people do?", required=True, help="One sentence, without names."),
                Field(name="happened_on", label="On which day?", kind="date", required=True),
                Field(name="how", label="In which way?", kind="choice", choices=HOW, required=True),
                Field(name="people", label="How many people were it?", kind="number"),
                Field(name="hoped_for", label="What did they hope for?", kind="long_text"),
                Field(name="changed", label="Did it change something?", kind="choice", choices=CHANGED, required=True),
                Field(name="what_changed", label="What changed, or why did nothing?", kind="long_text", required=True),
                Field(name="matters", label="Why does it matter?", kind="long_text"),
                Field(
                    name="fed_back_on",
                    label="On which day were they told what came of it?",
                    kind="date",
                    help="Leave this empty until they know.",
                ),
                *lenses,
            ),
            added_by=(EVERY_MEMBER,),
            check_entry=check_contribution,
        ),
        Register(
            slug="gripp2",
            title="Short forms for papers",
            one="short form",
            why="How you worked together, told in five parts that journals know (GRIPP2, short form).",
            label="paper",
            fields=(PAPER, *BOX_FIELDS),
            added_by=(EVERY_MEMBER,),
        ),
        Register(
            slug="story",
            title="What it did for me",
            one="story",
            why="In your own words, if you like. Everyone here reads it.",
            label="person",
            fields=(
                Field(name="person", label="Who writes it?", kind="person", required=True),
                Field(name="words", label="What did it do for you?", kind="long_text", required=True),
                Field(
                    name="outside",
                    label="May people outside read it, without your name?",
                    kind="yes_no",
                    help="You can change this at any time. What was handed out before stays out.",
                ),
            ),
            added_by=(EVERY_MEMBER,),
            check_entry=check_story,
        ),
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="contributions",
            title="What people brought, and what came of it",
            why="Working together is shown by examples of what changed, and of what did not.",
            stages=FROM_DESIGN_ON,
            judge=written_down,
            due=after_stage_entry(days=90),
            gives=("what-changed",),
            principle="respecting-and-valuing-knowledge",
        ),
        Check(
            slug="fed_back",
            title="People hear what came of it",
            why="Whoever gives an idea wants to know what became of it.",
            stages=ALL,
            about=entry(CONTRIBUTION),
            judge=told,
            owed_by=SUBJECT,
            holds_in=(),
            principle="respecting-and-valuing-knowledge",
        ),
        Check(
            slug="gripp2",
            title="How we worked together, for the paper",
            why="Others can learn from how you worked only if the paper tells it.",
            stages=("dissemination",),
            judge=short_form,
            owed_by=LEAD,
            due=after_stage_entry(days=60),
            principle="respecting-and-valuing-knowledge",
        ),
    ]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="overview",
            title="What came of it",
            why="What people brought to the project, and what changed.",
            view=overview,
            in_pack=for_outside,
        ),
        Page(
            slug="for_papers",
            title="For papers",
            why="The short form that journals ask for, begun from the log.",
            view=for_papers,
        ),
    ]
