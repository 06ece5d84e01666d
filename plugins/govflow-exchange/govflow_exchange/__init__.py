"""What each person gives and gets, in their own words; what is learned together; chances offered to all at once."""

from __future__ import annotations

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
    Question,
    Register,
    after_stage_entry,
    day,
    entry_added,
    hookimpl,
    person_field,
)  # fmt: skip
from govflow_exchange import pages, rules

MIDDLE = ("design", "trial", "dissemination")
ASKED = Question(
    name="asked",
    label="Did somebody ask you in this stage what you hope to get?",
    kind="yes_no",
    help="By a letter, by phone or over tea. What you said is not asked here.",
)


def asked_told(case: Case) -> list[str]:
    return [
        "What are you good at? What would you like to give, and what do you hope to get?",
        "Everyone is asked this in each stage. What you write is yours, and you alone read it.",
        "You need not answer. Nobody sees whether you did. You find it under “What we give and get”.",
    ]


def chance_told(case: Case) -> list[str]:
    values = case.subject.values
    return [
        f"{case.name(case.subject.added_by)} offers this to everyone: “{values['title']}”.",
        values["words"],
        f"You can say yes until {day(values['until'])}. Nobody counts who does not.",
    ]


def _own(name: str = "person") -> Field:
    return Field(name=name, label="Who are you?", kind="person", required=True)


@hookimpl
def register_registers() -> list[Register]:
    words = tuple(pages.long(*page) for page in pages.OWN.items())
    mine = {"added_by": (EVERY_MEMBER,), "seen_by": (SUBJECT,), "quiet": True, "check_entry": rules.check_own}
    return [
        Register(
            slug="aim",
            title="What I give and get",
            one="line",
            why="For you alone.",
            label="said_on",
            fields=(Field(name="said_on", label="On which day?", kind="date", required=True), *words),
            **mine,  # type: ignore[arg-type]
        ),
        Register(
            slug="cv",
            title="One page about me",
            one="page",
            why="For you alone, until you hand it over yourself.",
            label="written_on",
            fields=(
                Field(name="written_on", label="On which day?", kind="date", required=True),
                *(Field(name=name, label=label, kind="long_text", most=600) for name, label in pages.PARTS.items()),
            ),
            **mine,  # type: ignore[arg-type]
        ),
        Register(
            slug="shared",
            title="What people chose to tell the group",
            one="line",
            label="person",
            added_by=(EVERY_MEMBER,),
            check_entry=rules.check_own,
            fields=(_own(), *words),
        ),
        Register(
            slug="asking",
            title="When everyone was asked what they hope for",
            one="line",
            why="Each line sends everyone the same letter.",
            label="asked_on",
            added_by=(LEAD, COORDINATOR),
            check_entry=rules.check_asking,
            fields=(Field(name="asked_on", label="On which day?", kind="date", required=True),),
        ),
        Register(
            slug="learning",
            title="What we learn together",
            one="line",
            why="For everyone, not only for people with lived experience. Each line says what it costs.",
            label="what",
            added_by=(EVERY_MEMBER,),
            check_entry=rules.check_learning,
            fields=(
                Field(name="what", label="What do we learn?", required=True),
                Field(name="for_whom", label="For whom?", kind="choice", choices=pages.WHOM, required=True),
                Field(name="when", label="When?", kind="date"),
                Field(
                    name="cost",
                    label="How many pounds?",
                    kind="money",
                    required=True,
                    help="Where it is free, write 0.",
                ),
                Field(name="done", label="Is it done?", kind="yes_no"),
            ),
        ),
        Register(
            slug="chance",
            title="Offered to everyone",
            one="chance",
            why="A talk, a study to advise, training. Each line sends everyone the same letter at once.",
            label="title",
            added_by=(EVERY_MEMBER,),
            check_entry=rules.check_chance,
            fields=(
                Field(name="title", label="What is it called?", required=True),
                Field(
                    name="words",
                    label="What is it, what does it take, and what is paid?",
                    kind="long_text",
                    most=1500,
                    required=True,
                ),
                Field(name="until", label="Until when can people say yes?", kind="date", required=True),
            ),
        ),
        Register(
            slug="taken",
            title="Who said yes to what",
            one="yes",
            why="You and whoever offers it read this. Everybody else reads how many, from five up.",
            label="chance",
            quiet=True,
            added_by=(EVERY_MEMBER,),
            seen_by=(SUBJECT, person_field("offered_by")),
            check_entry=rules.check_taken,
            fields=(
                Field(name="chance", label="To what?", kind="entry_of", of=rules.CHANCE, required=True),
                _own(),
                Field(name="offered_by", label="Who offers it?", kind="person"),
            ),
        ),
    ]


@hookimpl
def register_letters() -> list[Letter]:
    return [
        Letter(
            slug="asked",
            subject="What do you hope for?",
            to=EVERY_MEMBER,
            when=entry_added("asking"),
            words=asked_told,
        ),
        Letter(
            slug="chance",
            subject="Something you could take part in",
            to=EVERY_MEMBER,
            when=entry_added("chance"),
            words=chance_told,
        ),
        Letter(
            slug="taken",
            subject="Somebody said yes",
            to=person_field("offered_by"),
            when=entry_added("taken"),
            words=lambda case: [f"{case.name(case.subject.added_by)} said yes to what you offer."],
        ),
    ]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="give_and_get",
            title="What we give and get",
            why="What you are good at, what you give and what you hope for.",
            view=pages.give_and_get,
        ),
        Page(
            slug="learn",
            title="Learning and chances",
            why="What we learn together, and what is offered to everyone.",
            view=pages.learning,
            in_pack=pages.in_pack,
        ),
        Page(
            slug="about_me",
            title="One page about me",
            why="Your work here, in your own words, to take with you.",
            view=pages.cv,
        ),
    ]


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="asked",
            title="Each person was asked what they hope for",
            why="Give and take is fair only if each person can say what they want from it. They keep what they say.",
            about=MEMBER,
            judge=rules.asked,
            stages=MIDDLE,
            holds_in=MIDDLE,
            questions=(ASKED,),
            answered_by=SUBJECT,
            owed_by=LEAD,
            gives=("personal-aims",),
            principle="reciprocity",
        ),
        Check(
            slug="learning",
            title="A learning plan, with a budget",
            why="Nobody is born knowing how to work like this. Everyone learns, and it is paid for.",
            judge=rules.learning_plan,
            stages=("bid", "design"),
            holds_in=("bid", "design"),
            due=after_stage_entry(days=60),
            gives=("training-plan",),
            principle="reciprocity",
        ),
        Check(
            slug="taken",
            title="Offered to all at once",
            why="Whoever hears of something first has more of it. So everyone hears at the same time.",
            judge=rules.who_took,
            holds_in=(),
            principle="reciprocity",
        ),
    ]
