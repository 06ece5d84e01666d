"""How a group works together: a text agreed by everyone who is here, and the limits, said plainly and by whom set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from govflow.plugin import (
    ALWAYS,
    EVERY_MEMBER,
    LEAD,
    Case,
    Check,
    Document,
    Field,
    Finding,
    Page,
    Register,
    Verdict,
    after_stage_entry,
    by_project_month,
    count,
    hookimpl,
    listed,
    met,
    ok,
    refuse,
    unmet,
)
from govflow_ways_of_working.answers import (
    AGREEMENT,
    CAN,
    CANNOT,
    REMIT,
    asked_until,
    concern_of,
    rules_without_why,
    silent,
    waiting,
)
from govflow_ways_of_working.page import together

DECIDES = {CAN: "We decide this together", CANNOT: "We cannot change this"}
LEVELS = {
    "co_produced": "Co-produced: we decide and do it together",
    "collaborated": "Collaborated: we do it together, some decide",
    "consulted": "Consulted: people are asked, others decide",
    "informed": "Informed: people are told",
}


def agreed(case: Case) -> Finding:
    """Whether everyone who is here has said what they think of the newest version, and each concern has an answer."""
    versions = case.documents[AGREEMENT]
    if not versions:
        return unmet("Our ways of working are not written yet. Write a first version, and talk about it.")
    latest, left, concerns = versions[-1], silent(case), waiting(case)
    bare = rules_without_why(latest.text)
    if not left and not concerns and not bare:
        stand = sum(sentence.answer != "agree" for key, sentence in latest.said.items() if key in case.here)
        if stand:
            said = f"{count(stand, 'concern')} {'stands' if stand == 1 else 'stand'}, with an answer."
            return met(f"Everyone has said what they think of version {latest.number}. {said}")
        return met(f"Everyone who is here agreed to version {latest.number}.")
    full, short = [], []
    if left:
        has = "has" if len(left) == 1 else "have"
        people = count(len(left), "person", "people")
        short.append(f"{people} {has} not said yet what they think of version {latest.number}.")
        full.append(f"{listed([case.name(key) for key in left])} {has} not said yet what they think of it.")
    if concerns:
        words = f"{count(len(concerns), 'concern')} {'waits' if len(concerns) == 1 else 'wait'} for an answer."
        short.append(words)
        full.append(f"{words} From: {listed([case.name(key) for key in concerns])}.")
    if bare:
        words = f"{count(len(bare), 'rule')} {'says' if len(bare) == 1 else 'say'} no why yet: {listed(bare)}."
        short.append(words)
        full.append(words)
    return unmet(
        f"Version {latest.number}: {' '.join(full)}",
        short=" ".join(short),
        due=asked_until(case, (*left, *concerns)),
        lines=dict.fromkeys(left, f"You have not said yet what you think of version {latest.number}.")
        | dict.fromkeys(concerns, "Your concern waits for an answer. You need do nothing."),
    )


def limits(case: Case) -> Finding:
    """Whether it is written down what the group can decide, what it cannot, and who decides if it cannot agree."""
    rows = case.registers[REMIT]
    can, cannot = (sum(row.values["decides"] == kind for row in rows) for kind in (CAN, CANNOT))
    missing = [
        words
        for words, there in (
            ("what you decide together", can),
            ("what you cannot change, and why", cannot),
            ("who decides if you cannot agree", any(row.values.get("decider") for row in rows)),
        )
        if not there
    ]
    if missing:
        return unmet(f"Still to write down: {listed(missing)}.")
    return met(f"{count(can, 'thing')} we decide together, {cannot} we cannot change.")


def check_limit(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["decides"] == CANNOT and not values.get("set_by"):
        return refuse("Say who set this limit, such as the funder or the law. A limit nobody set can be changed.")
    return ok


def check_answer(values: Mapping[str, Any], case: Case) -> Verdict:
    name = case.name(values["person"])
    if concern_of(case, values["person"], int(values["version"])) is None:
        return refuse(f"{name} has said no concern about version {values['version']}. Look at what people said.")
    if case.by == values["person"]:
        return refuse("Somebody else answers your concern. You can change what you said, in the text itself.")
    return ok


@hookimpl
def register_documents() -> list[Document]:
    return [
        Document(
            slug=AGREEMENT,
            title="Our ways of working",
            why="How we work together, in our own words. Everyone who is here says whether they agree.",
            help="One paragraph for each rule. Under it, on a new line, say why. Begin that line with “Why:”.",
        )
    ]


@hookimpl
def register_registers() -> list[Register]:
    return [
        Register(
            slug="remit",
            title="What we can decide",
            one="limit",
            why="What we decide together, what we cannot change and why, and who decides if we cannot agree.",
            label="what",
            added_by=(EVERY_MEMBER,),
            check_entry=check_limit,
            fields=(
                Field(name="what", label="What is it about?", help="A few words: meeting times, pay.", required=True),
                Field(name="decides", label="Can we decide it?", kind="choice", choices=DECIDES, required=True),
                Field(name="why", label="Why is that so?", kind="long_text", required=True),
                Field(name="decider", label="Who decides if we cannot agree?"),
                Field(name="set_by", label="Who set it so?", help="For example: the funder, the law, we ourselves."),
            ),
        ),
        Register(
            slug="activity",
            title="How far we share each activity",
            one="activity",
            why="Not everything is co-produced, and that is honest. Say for each activity how far it is shared.",
            label="what",
            added_by=(EVERY_MEMBER,),
            fields=(
                Field(
                    name="what", label="Which activity?", help="It may be a study of its own, or a task.", required=True
                ),
                Field(name="level", label="How far is it shared?", kind="choice", choices=LEVELS, required=True),
                Field(name="note", label="Why so?", kind="long_text", required=True),
                Field(name="led_by", label="Who leads it?", help="A group, or people."),
            ),
        ),
        Register(
            slug="answer",
            title="Answers to concerns",
            one="answer",
            why="A concern begins a talk. This is what came of it.",
            label="person",
            added_by=(EVERY_MEMBER,),
            check_entry=check_answer,
            fields=(
                Field(name="person", label="Whose concern?", kind="person", required=True),
                Field(name="version", label="About which version?", kind="number", required=True),
                Field(
                    name="words", label="What did you talk about, and what follows?", kind="long_text", required=True
                ),
            ),
        ),
    ]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="together",
            title="How we work together",
            why="Who has said what of our ways of working, what we can decide, and how far each activity is shared.",
            view=together(DECIDES, LEVELS),
        )
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="agreed",
            title="Ways of working",
            why="How we work is written down, with the reasons, and everyone here has said whether they agree. "
            "A concern holds nothing up. It is answered.",
            judge=agreed,
            stages=("design", "trial", "dissemination"),
            holds_in=("design", "trial"),
            owed_by=LEAD,
            due=by_project_month(6),
            private=True,
            lasts=ALWAYS,
            gives=("ways-of-working",),
            principle="building-and-maintaining-relationships",
        ),
        Check(
            slug="limits",
            title="What we can decide",
            why="Saying early what can be changed, what cannot and who set it so is honest. It saves bad surprises.",
            judge=limits,
            stages=("bid", "design", "trial"),
            owed_by=LEAD,
            due=after_stage_entry(days=60),
            lasts=ALWAYS,
            gives=("decision-map",),
            principle="sharing-of-power",
        ),
    ]
