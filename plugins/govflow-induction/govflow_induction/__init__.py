"""Everyone who joins, at any stage, is welcomed properly, and the joiner is the one who says so."""

from __future__ import annotations

from dataclasses import dataclass

from govflow.plugin import (
    ALWAYS,
    INVITER,
    MEMBER,
    SUBJECT,
    Case,
    Check,
    Finding,
    Question,
    after_joining,
    day,
    hookimpl,
    met,
    setting,
    unmet,
)


@dataclass(frozen=True)
class Settings:
    """What an organisation may choose."""

    days_to_settle_in: int = setting(
        14,
        label="How many days does a new person have to settle in?",
        help="After that, whoever invited them is reminded.",
        least=1,
        most=365,
        per_project=True,
    )


def welcomed(case: Case) -> Finding:
    joiner = case.subject
    if case.evidence.get("agreed"):
        return met(f"{joiner.name} said on {day(case.evidence.on)} that they are settled in.")
    return unmet(
        f"{joiner.name} joined on {day(joiner.joined)} and has not yet said that they are settled in.",
        due=after_joining(days=case.config.days_to_settle_in),
    )


QUESTIONS = (
    Question(name="principles", label="Someone told me about the project and its principles", kind="yes_no"),
    Question(
        name="ways_of_working",
        label="I know how we work together",
        kind="yes_no",
        help="Our ways of working: read them, or ask someone to go through them with you.",
    ),
    Question(name="decisions", label="I know who decides what, and what we cannot change", kind="yes_no"),
    Question(
        name="own_title",
        label="What would you like your role to be called?",
        help="Your own words. You can change it at any time.",
    ),
    Question(
        name="hopes",
        label="What do you hope to get from this project?",
        kind="long_text",
        private=True,
        help="Only you can read this back.",
    ),
    Question(
        name="how_i_work",
        label="How do you like to work, and how should we reach you?",
        kind="long_text",
        help="For example: mornings are hard for me; please phone, do not email.",
    ),
    Question(
        name="pay_asked",
        label="I was told what I am offered for my time, and I have made my choice",
        kind="yes_no",
        help="You can be paid, take less, give it away or say no. Your choice itself is not asked here.",
    ),
    Question(
        name="contact",
        label="Who is your named contact?",
        kind="person",
        help="The person you can turn to with any question or worry.",
    ),
    Question(name="how_to_stop", label="I know how to take a break or stop, without giving a reason", kind="yes_no"),
    Question(
        name="credit",
        label="How would you like to be credited?",
        kind="long_text",
        private=True,
        help="Your name, a pen name, or no name. You will be asked again before anything is published.",
    ),
    Question(
        name="agreed",
        label="I am settled in, and I am happy to work this way",
        kind="yes_no",
        required=True,
        help="Say no if something is still missing. That is fine, and nobody will chase you.",
    ),
)


@hookimpl
def register_config() -> type:
    return Settings


@hookimpl
def register_checks() -> list[Check]:
    return [
        Check(
            slug="welcomed",
            title="Welcome and induction",
            why="New people need time and help to learn how this group works. "
            "Only the person who joined can say that it is done.",
            about=MEMBER,
            judge=welcomed,
            questions=QUESTIONS,
            answered_by=SUBJECT,
            owed_by=INVITER,
            remind_every=14,
            lasts=ALWAYS,
            gives=("inductions",),
            principle="building-and-maintaining-relationships",
        )
    ]
