"""Polls: the same statements put to every partner. What may be told of the answers is in disclosure.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from govflow.domain.gates.checks import PROJECT, About
from govflow.domain.gates.lifecycle import DEFAULT_STAGES as ALL
from govflow.domain.gates.overdue import add_months
from govflow.domain.polls.disclosure import LEAST_TO_SHOW, MIXED, publish, tell_words
from govflow.domain.questions import clean_text
from govflow.domain.refusals import Invalid
from govflow.domain.wording import listed

LEAST_TURNOUT = 3
SCALE, WORDS = "scale", "words"
WORDS_MOST, MOST_OPTIONS = 1_000, 20
CHOICE = "choice"
"""The one question of a vote on an entry."""
SHOW = "-show"
"""Added to a statement's id: the tick with which a writer lets the group read their words."""
HIGH, MIDDLE, LOW, NO_SCORE = "high", "middle", "low", "no score"

Ballot = Mapping[str, Any]
"""One person's answers: a value of the scale, or `{"words": …, "show": …}`, by statement."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement people answer on the poll's scale, or, with `kind="words"`, in their own words.

    `stages` are the default stages it is asked in. Words are shown to the group only if their writer ticks so.
    """

    id: str
    text: str
    stages: tuple[str, ...]
    group: str = ""
    kind: str = SCALE


@dataclass(frozen=True, kw_only=True)
class Poll:
    """Statements put to every member alike, once a stage. `scale` and `no_score` map a value to its words.

    `repeats_every`: it can be put again in the same stage so many months after it was put last.

    `scale` goes from the low end to the high end. `anonymous=False`: after it closes, all see who said what.
    With `about=entry("decisions.decision")` and `options_from="options"` it is a vote on each entry of one of your own
    lists: no statements, but the lines of that field to choose from, as they stand when it opens, once for each entry
    and whatever the stage.
    """

    slug: str
    title: str
    version: str
    statements: tuple[Statement, ...] = ()
    scale: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    no_score: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    days_open: int = 14
    anonymous: bool = True
    about: About = PROJECT
    options_from: str = ""
    repeats_every: int = 0

    def can_be_put_again(self, opened: date, closed: date | None, today: date) -> bool:
        """Whether a round that was put on that day, and has closed, may be followed by another one by now."""
        return bool(self.repeats_every) and closed is not None and add_months(opened, self.repeats_every) <= today

    def asked_in(self, stage_like: str | None) -> tuple[Statement, ...]:
        if self.options_from:
            return self.statements
        return tuple(statement for statement in self.statements if stage_like in statement.stages)

    @property
    def answers(self) -> dict[str, str]:
        return {**self.scale, **self.no_score}

    @property
    def sides(self) -> dict[str, str]:
        """The side of the scale each answer is on. The middle of an odd scale is one of its own."""
        if self.options_from:
            return {value: value for value in self.answers}
        last = len(self.scale) - 1
        found = {
            value: MIDDLE if 2 * place == last else HIGH if 2 * place > last else LOW
            for place, value in enumerate(self.scale)
        }
        return found | dict.fromkeys(self.no_score, NO_SCORE)

    def direction(self, side: str) -> str:
        """“Most chose Agree or Strongly agree.”"""
        if side == MIXED:
            return "The answers are mixed."
        labels = [label for value, label in self.answers.items() if self.sides[value] == side]
        return f"Most chose “{listed(labels, 'or')}”."


def options_in(text: str) -> tuple[str, ...]:
    """What can be voted for: each line once. Fewer than two is no vote, and more than twenty nobody can weigh up."""
    found = tuple(dict.fromkeys(" ".join(line.split()) for line in text.splitlines() if line.strip()))
    return found if 2 <= len(found) <= MOST_OPTIONS else ()


def vote_on(poll: Poll, question: str, options: Sequence[str]) -> Poll:
    """The poll as it is put about one entry: one question, and these options to choose from."""
    choice = Statement(id=CHOICE, text=question, stages=ALL)
    return replace(
        poll, statements=(choice,), scale={str(number): option for number, option in enumerate(options, start=1)}
    )


def ids_of(poll_id: str) -> tuple[str, str]:
    """`decisions.ballot.venue`, a vote on an entry, is the poll's id and the entry's key, else none."""
    plugin, _, rest = poll_id.partition(".")
    slug, _, key = rest.partition(".")
    return f"{plugin}.{slug}", key


def read_ballot(poll: Poll, stage: str, given: Mapping[str, str]) -> dict[str, Any]:
    """A ballot as it was sent, checked: only what is asked, only what is offered. Nothing at all is refused."""
    asked = {statement.id: statement for statement in poll.asked_in(stage)}
    ticks = {name + SHOW for name, asked_of in asked.items() if asked_of.kind == WORDS}
    problems = {
        name: f"There is no statement “{name:.60}” here." for name in given if name not in asked and name not in ticks
    }
    ballot: dict[str, Any] = {}
    for name, statement in asked.items():
        value = given.get(name, "")
        if statement.kind == WORDS:
            words = clean_text(value).strip()
            if len(words) > WORDS_MOST:
                problems[name] = f"Use at most {WORDS_MOST:,} letters. You have {len(words):,}."
            elif words:
                ballot[name] = {"words": words, "show": given.get(name + SHOW) == "yes"}
        elif value and value not in poll.answers:
            problems[name] = "Choose one of the answers that are offered."
        elif value:
            ballot[name] = value
    if problems:
        raise Invalid(" ".join(dict.fromkeys(problems.values())), problems)
    if not ballot:
        raise Invalid("Nothing was answered. Answer at least one, or leave it: nobody will ask why.")
    return ballot


def longest_ballot(poll: Poll, stage: str) -> int:
    """How many bytes the longest possible ballot takes as JSON: four for each letter of one's own words."""
    value = max((len(answer.encode()) for answer in poll.answers), default=0)
    return sum(
        len(statement.id.encode()) + 8 + (4 * WORDS_MOST + 40 if statement.kind == WORDS else value)
        for statement in poll.asked_in(stage)
    )


def results_of(poll: Poll, stage: str, ballots: Iterable[Ballot], *, shows: str, least: int) -> dict[str, Any]:
    """All that is kept of a poll without names: what may be told of each statement, and nothing else."""
    ballots = list(ballots)
    found: dict[str, Any] = {}
    for statement in poll.asked_in(stage):
        given = [ballot[statement.id] for ballot in ballots if statement.id in ballot]
        if statement.kind == WORDS:
            words = tell_words([(table["words"], table["show"]) for table in given], least=least)
            told: dict[str, Any] = {"words": words} if words else {}
        else:
            chosen = Counter(given)
            points = {value: chosen.get(value, 0) for value in poll.answers}
            told = publish(points, poll.sides, shows=shows, least=least)
        if told:
            found[statement.id] = told
    return found


def named_results(poll: Poll, stage: str, ballots: Mapping[str, Ballot]) -> dict[str, Any]:
    """All that is kept of a poll with names: who said what, by member key. It was told before they answered."""
    found: dict[str, Any] = {}
    for statement in poll.asked_in(stage):
        said = {key: ballot[statement.id] for key, ballot in ballots.items() if statement.id in ballot}
        if statement.kind == WORDS:
            said = {key: words["words"] for key, words in said.items() if words["show"]}
        if said:
            found[statement.id] = {"names": said}
    return found


def turnout(answered: int, asked: int) -> str | None:
    """“4 of 12 have answered”, or None where saying so would point at somebody (access.md)."""
    if answered < LEAST_TURNOUT or asked - answered == 1:
        return None
    return f"{answered} of {asked} have answered"


def can_be_anonymous(asked: int, least: int = LEAST_TO_SHOW) -> bool:
    """Fewer than five partners: a talk, or a vote with names, serves them better than a promise nobody can keep."""
    return asked >= max(least, LEAST_TO_SHOW)
