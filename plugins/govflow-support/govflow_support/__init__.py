"""People are looked after: a named contact, check-ins offered, support that one person is asked for, and the cost told.

What somebody asks of their contact is read by the two, and told nowhere: no check is about it, and no history has it.
"""

from __future__ import annotations

from dataclasses import dataclass

from govflow.plugin import (
    COORDINATOR,
    EVERY_MEMBER,
    LEAD,
    MEMBER,
    SUBJECT,
    Case,
    Check,
    Field,
    Letter,
    Page,
    Poll,
    Register,
    day,
    entry_added,
    hookimpl,
    person_field,
    setting,
)  # fmt: skip
from govflow_support import contacts, costs, page

BOND = "building-and-maintaining-relationships"
THE_TWO = (SUBJECT, person_field("person"))


@dataclass(frozen=True)
class Settings:
    """What an organisation may choose."""

    check_in_weeks: int = setting(
        8, label="After how many weeks is a check-in offered again?", least=1, most=52, per_project=True
    )
    in_danger: str = setting(
        "This page is not read day and night. If you are in danger, ring 999. For help with your health, ring 111.",
        label="What should somebody do who needs help at once?",
        kind="long_text",
        most=500,
    )


def named_told(case: Case) -> list[str]:
    return [
        f"You are the named contact of {case.name(case.subject.values['person'])}: somebody they can turn to.",
        "Would you rather not be? Take your name off the list. Nobody asks you why.",
    ]


def asked_told(case: Case) -> list[str]:
    return [
        f"{case.name(case.subject.added_by)} asks you to talk with them, and tells you alone.",
        "Please answer them today if you can. Tell nobody else, unless they say that you may.",
    ]


def answered_told(case: Case) -> list[str]:
    return [f"{case.name(case.subject.added_by)} has answered you. Only the two of you can read it."]


def offered_told(case: Case) -> list[str]:
    return [
        f"{case.name(case.subject.added_by)} offers you a talk: how is it going, and what would help?",
        "You may say no, or say nothing. Only that it was offered is written down, never what you say.",
    ]


def debrief_told(case: Case) -> list[str]:
    values = case.subject.values
    return [
        f"There is time to talk about the meeting of {day(values['held_on'])}: {values['where']}",
        "Everybody is asked alike. Come if you would like to. Nobody counts who comes.",
    ]


@hookimpl
def register_config() -> type:
    return Settings


@hookimpl
def register_polls() -> list[Poll]:
    return [costs.COST]


@hookimpl
def register_registers() -> list[Register]:
    person = Field(name="person", label="Who is it for?", kind="person", required=True)
    words = Field(name="words", label="In your own words", kind="long_text", required=True)
    return [
        Register(
            slug="contact",
            title="Named contacts",
            one="contact",
            why="Each person chooses somebody to turn to. The two, a lead and the coordinator read their line.",
            label="person",
            added_by=(EVERY_MEMBER,),
            seen_by=(person_field("person"), person_field("contact"), LEAD, COORDINATOR),
            check_entry=contacts.check_contact,
            fields=(person, Field(name="contact", label="Whom can they turn to?", kind="person", required=True)),
        ),
        Register(
            slug="check_in",
            title="Check-ins offered",
            one="offer",
            why="That one was offered, and when. What was said is never written down, nor whether it was wanted.",
            label="offered_on",
            quiet=True,
            added_by=(EVERY_MEMBER,),
            seen_by=THE_TWO,
            check_entry=contacts.check_offered,
            fields=(person, Field(name="offered_on", label="When was it offered?", kind="date", required=True)),
        ),
        Register(
            slug="request",
            title="Between you and your contact",
            one="line",
            why="Only you and your named contact read this. Nothing is told of it anywhere else.",
            label="to",
            quiet=True,
            added_by=(EVERY_MEMBER,),
            seen_by=(SUBJECT, person_field("to")),
            check_entry=contacts.check_request,
            fields=(Field(name="to", label="Who is your named contact?", kind="person", required=True), words),
        ),
        Register(
            slug="answer",
            title="Answers of contacts",
            one="answer",
            label="person",
            quiet=True,
            added_by=(EVERY_MEMBER,),
            seen_by=THE_TWO,
            check_entry=contacts.check_answer,
            fields=(
                Field(name="request", label="What do you answer?", kind="entry_of", of=contacts.REQUEST, required=True),
                person,
                words,
            ),
        ),
        Register(
            slug="debrief",
            title="Time to talk after a meeting",
            one="time to talk",
            why="After a hard meeting, offer time to talk. Everybody gets the same letter. Nobody counts who comes.",
            label="where",
            added_by=(EVERY_MEMBER,),
            fields=(
                Field(name="held_on", label="When was the meeting?", kind="date", required=True),
                Field(name="where", label="When and where can people talk?", required=True),
            ),
        ),
        Register(
            slug="change",
            title="What it costs, and what we changed",
            one="change",
            why="People say what taking part costs if something comes of it, or if they hear why nothing did.",
            label="cost",
            added_by=(EVERY_MEMBER,),
            fields=(
                Field(name="cost", label="What did it cost people?", help="Name nobody.", required=True),
                Field(name="changed", label="What did we change, or why not?", kind="long_text", required=True),
            ),
        ),
    ]


@hookimpl
def register_letters() -> list[Letter]:
    person = person_field("person")
    told = (
        ("named", "Somebody can turn to you", person_field("contact"), "contact", named_told),
        ("asked", "Somebody asks you to talk with them", person_field("to"), "request", asked_told),
        ("answered", "You have an answer", person, "answer", answered_told),
        ("offered", "Somebody offers you a talk", person, "check_in", offered_told),
        ("debrief", "There is time to talk", EVERY_MEMBER, "debrief", debrief_told),
    )
    return [
        Letter(slug=slug, subject=subject, to=to, when=entry_added(register), words=words)
        for slug, subject, to, register, words in told
    ]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="with_me",
            title="Support",
            why="Your named contact, and what the two of you write to each other. Nobody else reads it.",
            view=page.support,
        ),
        Page(
            slug="my_load",
            title="My load",
            why="How much there is for you to do.",
            view=page.load,
            needs=(costs.MEETING, costs.ACTION),
        ),
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="contact",
            title="A named contact for each person",
            why="Working with what one has lived through is hard at times. Everybody has somebody to turn to.",
            about=MEMBER,
            judge=contacts.has_contact,
            owed_by=COORDINATOR,
            private=True,
            holds_in=("design",),
            gives=("support-plan",),
            principle=BOND,
        ),
        Check(
            slug="check_in",
            title="Check-ins offered",
            why="Being asked is easier than asking. Only that it was offered is written down.",
            about=MEMBER,
            judge=contacts.checked_in,
            owed_by=COORDINATOR,
            private=True,
            holds_in=(),
            principle=BOND,
        ),
        Check(
            slug="cost",
            title="What taking part costs",
            why="Taking part can harm people. It is seldom talked about. Ask in each stage, and change what you can.",
            judge=costs.asked,
            owed_by=LEAD,
            holds_in=(),
            principle=BOND,
        ),
        Check(
            slug="numbers",
            title="Support, in numbers",
            why="Where many need support, the project has to change. Below five people nothing is told.",
            judge=costs.numbers,
            private=True,
            holds_in=(),
            principle=BOND,
        ),
    ]
