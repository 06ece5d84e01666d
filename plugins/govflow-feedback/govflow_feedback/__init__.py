"""Everyone is asked every six months how working together is, and what they said is answered: you said, we did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from govflow.plugin import (
    ALL,
    ALWAYS,
    EVERY_MEMBER,
    LEAD,
    SUBJECT,
    Case,
    Check,
    Document,
    Field,
    Finding,
    Letter,
    Page,
    Poll,
    Register,
    Statement,
    Verdict,
    after_field,
    by_project_month,
    day,
    entry,
    entry_added,
    every_months,
    hookimpl,
    met,
    not_needed,
    ok,
    person_field,
    refuse,
    unmet,
)
from govflow_feedback.page import said_and_done
from govflow_feedback.raised import CONCERN, LESSONS, MONTHS, ROUND, THEME, WORD, reply_to

ANSWER_IN = timedelta(days=30)
SOON = timedelta(days=14)
SOURCES = {
    "survey": "Said when everyone was asked",
    "meeting": "Said in a meeting, or by the way",
    "advice": "Advice of the group to its organisation",
}
SCALE = {"1": "Strongly disagree", "2": "Disagree", "3": "In the middle", "4": "Agree", "5": "Strongly agree"}
STATEMENTS = {
    "ready": "I get what I need early enough to prepare.",
    "heard": "I can say what I think, and it is heard.",
    "reached": "We keep in touch in a way that suits me.",
    "part": "My part in this project is clear to me.",
    "back": "When I say something, I hear what came of it.",
}
OWN_WORDS = {"keep": "What should we keep as it is?", "change": "What should we do differently?"}


def next_round(case: Case) -> date:
    """The day by which everyone is to be asked: month six of the project, then every six months."""
    rounds = case.polls[ROUND]
    if not rounds:
        return by_project_month(MONTHS).day(case.project.started)
    return every_months(MONTHS).day(rounds[-1].opened)


def asked(case: Case) -> Finding:
    rounds, until = case.polls[ROUND], next_round(case)
    if case.today < until - SOON:
        if not rounds:
            return not_needed(f"Everyone is asked for the first time by {day(until)}.", look_again=until - SOON)
        return met(f"Everyone was asked on {day(rounds[-1].opened)}, and is by {day(until)}.", look_again=until - SOON)
    return unmet(f"Ask everyone how working together is, by {day(until)}.", due=until)


def did(case: Case) -> Finding:
    """Whether what was said has an answer."""
    row = case.subject
    if row.values.get("we_did"):
        return met("We did something about it, or said why not.")
    owner = row.values.get("owner")
    if owner in case.here:
        return unmet(f"{case.name(owner)} says what we did about it, or why we did not.", owed_by=person_field("owner"))
    return unmet("Say what we did about it, or why we did not, and who looks after it.")


def answered(case: Case) -> Finding:
    """Whether a concern has an answer, thirty days after it was raised at the latest."""
    row = case.subject
    if reply_to(case, row.key):
        return met("It has an answer.")
    return unmet("A concern waits for an answer. Talk with whoever raised it.", due=row.on + ANSWER_IN)


def check_raised(values: Mapping[str, Any], case: Case) -> Verdict:
    if values["person"] != case.by:
        return refuse("Raise a concern in your own name only. Unnamed, you can write it when everyone is asked next.")
    if values.get("to") == case.by:
        return refuse("Choose somebody else: they will be asked to answer you.")
    return ok


def check_reply(values: Mapping[str, Any], case: Case) -> Verdict:
    row = next((line for name in (CONCERN, WORD) for line in case.registers[name] if line.key == _of(values)), None)
    if row is None:
        return refuse("This concern is not listed any more.")
    if values["person"] != row.values["person"]:
        return refuse(f"It was {case.name(row.values['person'])} who raised this. Choose them.")
    if case.by == row.values["person"]:
        return refuse("Somebody else answers your concern.")
    if "to" in row.values and row.values["to"] != case.by:
        return refuse(f"{case.name(row.values['to'])} was asked to answer this.")
    return ok


def _of(values: Mapping[str, Any]) -> str | None:
    return values.get("concern") or values.get("word")


def told(case: Case) -> list[str]:
    return [
        f"{case.name(case.subject.added_by)} has a concern, and tells you alone.",
        "Please talk with them, and answer within thirty days.",
    ]


PERSON = Field(name="person", label="Who raises it?", kind="person", required=True)
WORDS = Field(name="words", label="In your own words", kind="long_text", required=True)


@hookimpl
def register_polls() -> list[Poll]:
    scaled = [Statement(id=name, text=text, stages=ALL, group="Working together") for name, text in STATEMENTS.items()]
    words = [
        Statement(id=name, text=text, stages=ALL, group="In your own words", kind="words")
        for name, text in OWN_WORDS.items()
    ]
    return [
        Poll(
            slug=ROUND,
            title="How is working together?",
            version="1",
            statements=(*scaled, *words),
            scale=SCALE,
            no_score={"skip": "I would rather not say"},
            repeats_every=MONTHS,
        )
    ]


@hookimpl
def register_documents() -> list[Document]:
    return [
        Document(
            slug=LESSONS,
            title="What we learned, to share with others",
            why="What people said can help other groups. It is shared only when everyone here agrees to the words.",
        )
    ]


@hookimpl
def register_registers() -> list[Register]:
    return [
        Register(
            slug="theme",
            title="You said, we did",
            one="line",
            why="What people said, and what was done about it.",
            label="you_said",
            added_by=(EVERY_MEMBER,),
            fields=(
                Field(name="you_said", label="What was said?", help="Name nobody.", required=True),
                Field(name="source", label="Where was it said?", kind="choice", choices=SOURCES, required=True),
                Field(name="heard_on", label="On which day did we hear it?", kind="date", required=True),
                Field(name="owner", label="Who looks after it?", kind="person"),
                Field(name="we_did", label="What did we do, or why did we not?", kind="long_text"),
            ),
        ),
        Register(
            slug="concern",
            title="Concerns told to the group",
            one="concern",
            why="Anyone may raise a concern. It has an answer within thirty days.",
            label="words",
            added_by=(EVERY_MEMBER,),
            check_entry=check_raised,
            fields=(PERSON, WORDS),
        ),
        Register(
            slug="word",
            title="Concerns told to one person",
            one="concern",
            why="Only you and whoever you choose read this.",
            label="person",
            added_by=(EVERY_MEMBER,),
            seen_by=(SUBJECT, person_field("to")),
            check_entry=check_raised,
            fields=(PERSON, Field(name="to", label="Whom do you tell?", kind="person", required=True), WORDS),
        ),
        Register(
            slug="reply",
            title="Answers to concerns told to the group",
            one="answer",
            label="person",
            added_by=(EVERY_MEMBER,),
            check_entry=check_reply,
            fields=(
                Field(name="concern", label="Which concern?", kind="entry_of", of=CONCERN, required=True),
                PERSON,
                WORDS,
            ),
        ),
        Register(
            slug="quiet_reply",
            title="Answers to concerns told to one person",
            one="answer",
            label="person",
            added_by=(EVERY_MEMBER,),
            seen_by=(SUBJECT, person_field("person")),
            check_entry=check_reply,
            fields=(Field(name="word", label="Which concern?", kind="entry_of", of=WORD, required=True), PERSON, WORDS),
        ),
    ]


@hookimpl
def register_letters() -> list[Letter]:
    return [
        Letter(
            slug="told",
            subject="Somebody asks you to talk with them",
            to=person_field("to"),
            when=entry_added("word"),
            words=told,
        )
    ]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="said_and_done",
            title="You said, we did",
            why="What people said and what came of it. Raise a concern here, to the group or to one person.",
            view=said_and_done(SOURCES),
        )
    ]


@hookimpl
def register_checks() -> list[Check]:
    raised = {"judge": answered, "holds_in": (), "lasts": ALWAYS, "principle": "building-and-maintaining-relationships"}
    return [
        Check(
            slug="asked",
            title="How is working together? Asked every six months",
            why="Asking everyone, without names, shows what should change while it still can.",
            judge=asked,
            holds_in=(),
            principle="building-and-maintaining-relationships",
        ),
        Check(
            slug="we_did",
            title="You said, we did",
            why="People say what they think if something comes of it, or if they hear why nothing did.",
            about=entry(THEME),
            judge=did,
            due=after_field("heard_on", days=30),
            holds_in=(),
            lasts=ALWAYS,
            principle="respecting-and-valuing-knowledge",
        ),
        Check(
            slug="concern",
            title="A concern told to the group",
            why="A concern that nobody answers is one that nobody raises again.",
            about=entry(CONCERN),
            owed_by=LEAD,
            **raised,
        ),
        Check(
            slug="word",
            title="A concern told to one person",
            why="Whoever is told something in confidence answers it.",
            about=entry(WORD),
            owed_by=person_field("to"),
            private=True,
            **raised,
        ),
    ]
