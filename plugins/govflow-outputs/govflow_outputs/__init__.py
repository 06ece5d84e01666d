"""What the project will share with the world, who writes it, and how each of them is named."""

from __future__ import annotations

from dataclasses import dataclass

from govflow.plugin import (
    ALWAYS,
    Case,
    Check,
    Letter,
    Page,
    Register,
    before_field,
    entry,
    entry_added,
    hookimpl,
    person_field,
    setting,
)
from govflow_outputs.judging import everyone_asked, finished, funder_told, how_shared, named_as_they_want
from govflow_outputs.lists import AGREEMENTS, CREDITS, INVITATIONS, LEAVERS, OUTPUTS
from govflow_outputs.page import writing
from govflow_outputs.rules import OUTPUT, output_of


@dataclass(frozen=True)
class Settings:
    days_before_public: int = setting(
        28,
        label="How many days before it is public does the funder want to see it?",
        help="The funder sets this. NIHR asked for 28 days in the guide we read; look at your own contract.",
        per_project=True,
        least=0,
        most=365,
    )


def asked(case: Case) -> list[str]:
    output = output_of(case.subject.values, case)
    title = f"“{output.values['title']}”" if output else "something the project will share"
    return [
        f"{case.name(case.subject.added_by)} asks whether you would like to help with {title}: "
        "to write or read a part of it, and to say yes to the last version.",
        "You had a part in the work, so you are asked. Say yes or no, as you like. "
        "Your time for it should be paid. Ask a lead how.",
    ]


@hookimpl
def register_config() -> type[Settings]:
    return Settings


@hookimpl
def register_registers() -> list[Register]:
    return [OUTPUTS, AGREEMENTS, CREDITS, INVITATIONS, LEAVERS]


@hookimpl
def register_letters() -> list[Letter]:
    return [
        Letter(
            slug="asked",
            subject="You are asked to help with something",
            to=person_field("person"),
            when=entry_added("invitation"),
            words=asked,
        )
    ]


@hookimpl
def register_pages() -> list[Page]:
    return [
        Page(
            slug="writing",
            title="Writing and credit",
            why="Whose names stand on what we share. Each person says for themselves how they want to be named.",
            view=writing,
        )
    ]


@hookimpl
def register_checks() -> list[Check]:
    last = {"stages": ("dissemination",), "due": before_field("planned_end", days=0), "private": True}
    return [
        Check(
            slug="how_shared",
            title="Whose name stands on it",
            why="Talked about before the writing begins, credit is shared fairly. Later it is harder.",
            about=entry(OUTPUT),
            judge=how_shared,
            due=before_field("planned_end", days=90),
            holds_in=(),
            lasts=ALWAYS,
            principle="sharing-of-power",
        ),
        Check(
            slug="everyone_asked",
            title="Everyone who had a part is asked to write",
            why="Whoever had a part in the work gets the chance to write, to say what should change, and to say yes.",
            about=entry(OUTPUT),
            judge=everyone_asked,
            due=before_field("planned_end", days=60),
            holds_in=("dissemination",),
            lasts=ALWAYS,
            principle="including-all-perspectives-and-skills",
        ),
        Check(
            slug="finished",
            title="Written and reviewed",
            why="Everyone whose name stands on it had a part in the text, and says yes to it.",
            about=entry(OUTPUT),
            judge=finished,
            principle="sharing-of-power",
            **last,
        ),
        Check(
            slug="credited",
            title="Named as they want",
            why="How somebody is named is theirs to say, and to say again when they have seen the last version.",
            about=entry(OUTPUT),
            judge=named_as_they_want,
            principle="respecting-and-valuing-knowledge",
            **last,
        ),
        Check(
            slug="funder_told",
            title="The funder has seen it in time",
            why="Many funders want to see what is shared some weeks before it is public.",
            about=entry(OUTPUT),
            judge=funder_told,
            holds_in=("dissemination",),
            lasts=ALWAYS,
            remind_before=(30, 7, 0),
        ),
    ]
