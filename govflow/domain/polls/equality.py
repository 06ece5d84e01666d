"""Equality questions: what is asked of everyone alike, to see between groups who has a place here and who is missing.

Nothing of it may decide about one person. Options are few and broad, because a small count is never told; what is told
is in disclosure.py. The groups are the broad ones of the UK census of 2021.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from govflow.domain.polls.disclosure import enough_to_ask, may_be_compared, tell_in_steps
from govflow.domain.polls.polls import Ballot
from govflow.domain.questions import Question
from govflow.domain.wording import day, number

EQUALITY = "equality"
"""Names its rounds. A plugin's polls have a point in their names, so none of them is ever called this."""
TITLE = "Equality questions"
VERSION = "1"
STEPS = "steps"
DAYS_OPEN = 21
DAYS_APART = 365
NOT_SAID = "not_said"


def _question(name: str, label: str, why: str, **choices: str) -> Question:
    return Question(
        name=name, label=label, help=why, kind="choice", choices={**choices, NOT_SAID: "I prefer not to say"}
    )


QUESTIONS = (
    _question(
        "age",
        "How old are you?",
        "We ask to see if younger and older people both have a place here.",
        under_35="Under 35",
        from_35="35 to 54",
        from_55="55 or over",
    ),
    _question(
        "ethnic_group",
        "What is your ethnic group?",
        "We ask to see if some groups are missing here. They are the broad groups of the UK census.",
        asian="Asian or Asian British",
        black="Black, Black British, Caribbean or African",
        mixed="Mixed, or more than one",
        white="White",
        other="Another ethnic group",
    ),
    _question(
        "gender",
        "Are you a woman, a man, or do you use another word?",
        "We ask to see if all of them have a say here.",
        woman="Woman",
        man="Man",
        other="I use another word",
    ),
    _question(
        "disability",
        "Do you have a disability, or a health condition that lasts?",
        "Of body or mind, for 12 months or more. We do not ask which. We ask to see if the work is open to all.",
        yes="Yes",
        no="No",
    ),
    _question(
        "religion",
        "What is your religion or belief?",
        "We ask to see if people with some beliefs are missing here.",
        none="No religion",
        christian="Christian",
        muslim="Muslim",
        other="Another religion or belief",
    ),
    _question(
        "orientation",
        "What is your sexual orientation?",
        "This means who you are drawn to. We ask to see if some people are missing here.",
        straight="Straight",
        lgb="Lesbian, gay, bisexual, or another word",
    ),
)
LONGEST = sum(len(question.name) + 8 + max(len(value) for value in question.choices or {}) for question in QUESTIONS)
"""How many bytes the longest answers take as JSON."""
COMPARED = (
    "Some of the people here were asked before, here or in another project, and some were not. Somebody who compares "
    "both results could work out what one person said. So it cannot be asked now. It can be asked again when the same "
    "people are here, or fewer than five of them."
)


def why_not_now(
    here: Collection[int], *, step: int, today: date, last: date | None, earlier: Iterable[tuple[Collection[int], int]]
) -> str:
    """Why these people cannot be asked today, in words for everyone; empty where they can.

    `last`: the day they were last asked in this project. `earlier`: who was asked in each earlier round, as ids of
    people, and how many they were.
    """
    least = enough_to_ask(step)
    if len(here) < least:
        return (
            f"Fewer than {number(least)} people are here. In so small a group a count could show who somebody is. "
            "So nothing could be told, and nobody is asked."
        )
    if not all(may_be_compared(here, before, asked=asked) for before, asked in earlier):
        return COMPARED
    if last and today < last + timedelta(days=DAYS_APART):
        return f"It was asked on {day(last)}. It can be asked again from {day(last + timedelta(days=DAYS_APART))}."
    return ""


def results_of(ballots: Iterable[Ballot], *, step: int) -> dict[str, Any]:
    """All that is kept: of each question, how many or more chose an option. What was left out counts as not said."""
    ballots = list(ballots)
    found: dict[str, Any] = {}
    for question in QUESTIONS:
        said = Counter(ballot.get(question.name, NOT_SAID) for ballot in ballots)
        told = tell_in_steps({value: said[value] for value in question.choices or {}}, step=step)
        if told:
            found[question.name] = told
    return found


def counts_told(results: Mapping[str, Mapping[str, int]], *, step: int) -> list[tuple[str, list[tuple[str, str]]]]:
    """Kept results in words, every question and every option: “5 or more”, or that it is hidden."""
    hidden = f"Fewer than {step}, or hidden"
    return [
        (
            question.label,
            [
                (label, f"{told} or more" if (told := results.get(question.name, {}).get(value)) else hidden)
                for value, label in (question.choices or {}).items()
            ],
        )
        for question in QUESTIONS
    ]
