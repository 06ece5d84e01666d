"""Checks: what a gate asks, what a check may know, and how one check is judged safely."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from govflow.domain.gates.lifecycle import DEFAULT_STAGES, Lifecycle, Stage
from govflow.domain.gates.overdue import Due, Pause, past_pauses
from govflow.domain.people import Member, Role, with_role
from govflow.domain.questions import Question


class Outcome(StrEnum):
    """What became of a check, as findings keep it and the API says it."""

    MET = "met"
    UNMET = "unmet"
    NOT_NEEDED = "not_needed"
    BROKEN = "broken"


MET, UNMET, NOT_NEEDED, BROKEN = Outcome
SENTENCE_MOST = 2_000
CALM = "This check could not be worked out just now, so it holds the gate. The people who run this service can see why."


# --- what a check is about, and who it turns to ------------------------------------------------


@dataclass(frozen=True)
class About:
    """What a check is about: the project, each member, or each entry of a register."""

    kind: str
    register: str | None = None


PROJECT = About("project")
ORGANISATION = About("organisation")
MEMBER = About("member")


def entry(register: str) -> About:
    """About each entry of a register, named in full: `entry("outputs.output")`."""
    return About("entry", register)


@dataclass(frozen=True)
class Who:
    """Somebody a check turns to; worked out afresh for each case."""

    kind: str
    values: tuple[str, ...] = ()


def role(*names: str) -> Who:
    """Everyone who has one of these roles: lead, coordinator, finance, member, observer."""
    return Who("role", names)


def person_field(name: str) -> Who:
    """The person, or people, a field of the entry names."""
    return Who("person_field", (name,))


def named(*keys: str) -> Who:
    """These members, by key, the one to be told first in front: for a finding whose judge worked out who it is."""
    return Who("named", keys)


LEAD = role("lead")
COORDINATOR = role("coordinator")
FINANCE = role("finance")
SUBJECT = Who("subject")
"""The member a check is about; of an entry, whoever added it."""
EVERY_MEMBER = Who("every_member")
INVITER = Who("inviter")
ALL = DEFAULT_STAGES
VISIT, ALWAYS = "visit", "always"
_STAND_INS = {"lead": (), "coordinator": ("lead",), "finance": ("coordinator", "lead")}


def people_meant(who: Who, case: Case) -> tuple[str, ...]:
    """The keys of the members meant, the one to be told first in front.

    A role nobody holds falls to the next: finance contact, then coordinator, then lead. Someone who
    has left is never meant; an inviter who has left is stood in for by a lead.
    """
    here = case.here
    match who.kind:
        case "role":
            for wanted in (who.values, *[(name,) for name in _STAND_INS.get(who.values[0], ())]):
                found = with_role(here.values(), *wanted)
                if found:
                    return tuple(member.key for member in found)
            return ()
        case "every_member":
            return tuple(here)
        case "subject":
            key = case.subject.key if isinstance(case.subject, Member) else getattr(case.subject, "added_by", None)
            return (key,) if key is not None and key in here else ()
        case "inviter":
            inviter = case.subject.invited_by if isinstance(case.subject, Member) else None
            return (inviter,) if inviter is not None and inviter in here else people_meant(LEAD, case)
        case "named":
            return tuple(key for key in who.values if key in here)
        case "person_field":
            value = case.subject.values.get(who.values[0]) if isinstance(case.subject, Entry) else None
            keys: Iterable[str] = value if isinstance(value, (list, tuple)) else [value] if value else []
            return tuple(key for key in keys if key in here)
    return ()


# --- what a check may know ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ProjectFacts:
    """The project as checks see it. `plan` maps a stage to the day its gate is aimed at."""

    slug: str
    title: str
    started: date
    funding_ends: date | None = None
    plan: Mapping[str, date] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    not_due_before: date | None = None


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One stay in a stage, numbered from 1. `why` says why the project came back, where it did."""

    number: int
    stage: str
    entered: date
    left: date | None = None
    why: str = ""


class EntryValues(dict[str, Any]):
    """What stands in a line of a list: there to be read by everyone who looks, and changed by nobody."""

    def _never(self, *_: Any, **__: Any) -> Any:
        raise TypeError("What stands in a list is not changed here. Ask the desk: desk.change(register, key, …).")

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _never

    def __reduce__(self) -> tuple[Any, ...]:
        return EntryValues, (dict(self),)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of a register, as it stands. Dates in `values` are `date`s, people are member keys.

    `by` wrote what stands there, `added_by` began the row. `approved_on` is there once this text was approved.
    """

    key: str
    values: Mapping[str, Any]
    by: str | None
    on: date
    added_by: str | None = None
    approved_by: str | None = None
    approved_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Round:
    """One time a poll was put. What came out is there only after close, and only what may be told of it.

    By statement: `counts` of each answer, or `mostly`, the side most chose; `words` people wanted shown, in no order;
    `names`, who said what, only where everyone was told so before (`anonymous` is false then). Of a vote on an entry:
    `about`, its key, and `options`, what could be chosen, by the value that stands in `counts` and `mostly`.
    """

    visit: int
    opened: date
    closes: date
    closed: date | None
    asked: int
    answered: int | None = None
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    mostly: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    anonymous: bool = True
    about: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


class Evidence(Mapping[str, Any]):
    """What was answered to a check: a mapping of question name to answer, the latest winning.

    Empty, and so false, when nobody has answered. `by`, `on` and `visit` are of the latest answer;
    `each` holds what each person answered, by member key.
    """

    def __init__(
        self,
        answers: Mapping[str, Any] | None = None,
        *,
        by: str | None = None,
        on: date | None = None,
        visit: int | None = None,
        each: Mapping[str, Evidence] | None = None,
    ):
        self._answers = dict(answers or {})
        self.by, self.on, self.visit = by, on, visit
        self.each = dict(each or {})

    def __getitem__(self, name: str) -> Any:
        return self._answers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._answers)

    def __len__(self) -> int:
        return len(self._answers)

    def __repr__(self) -> str:
        return f"Evidence({list(self._answers)}, by={self.by!r}, on={self.on!r})"


@dataclass(frozen=True, kw_only=True)
class Case:
    """Everything a check may know about one subject on one day: frozen, and no rows in it.

    `visits` are all stays in stages up to today, the oldest first; `visit` is the last of them. `from_file`: a line of
    a project file is looked at, which carries no approvals: what it says was so when it was written down.
    """

    project: ProjectFacts
    lifecycle: Lifecycle
    stage: Stage
    visit: Visit
    today: date
    subject: Member | Entry | None = None
    members: tuple[Member, ...] = ()
    left: tuple[Member, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
    registers: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    polls: Mapping[str, tuple[Round, ...]] = field(default_factory=dict)
    documents: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    config: Any = None
    by: str | None = None
    visits: tuple[Visit, ...] = ()
    from_file: bool = False

    @cached_property
    def here(self) -> Mapping[str, Member]:
        """The members who are no observers, by key."""
        return {member.key: member for member in self.members if member.role != Role.OBSERVER}

    def _about(self, subject: Member | Entry | None, evidence: Evidence) -> Case:
        """The same case about somebody or something else. A project has thousands, so nothing is worked out twice."""
        case = object.__new__(Case)
        case.__dict__.update(self.__dict__, subject=subject, evidence=evidence)
        return case

    def rows(self, register: str, **wanted: Any) -> list[Entry]:
        """The entries of a register, named in full, in which each of these fields has this value."""
        return [
            row
            for row in self.registers[register]
            if all(row.values.get(name) == value for name, value in wanted.items())
        ]

    def has_role(self, key: str | None, *roles: str) -> bool:
        """Whether this member has one of these roles here today."""
        return key is not None and key in self.here and self.here[key].role in roles

    @property
    def entered(self) -> date:
        """The day on which this stage was entered."""
        return self.visit.entered

    def name(self, key: str) -> str:
        """A member's name, also of one who has left."""
        for member in (*self.members, *self.left):
            if member.key == key:
                return member.name
        return "someone who is no longer listed"


# --- what a check says ----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a check says today about one subject, with the one sentence a lead reads.

    `due` is a day, or a rule worked out from the case (then pauses move it). `owed_by`, `remind_every`
    (days between reminders) and `remind_before` (days before the due day) override the check's own. From the day
    `look_again` the answer may change by itself. For private checks `short` is what everybody else reads, and `lines`
    gives a member their own sentence: it is about them, so no reminder of it goes to them.
    """

    outcome: str
    sentence: str
    due: date | Due | None = None
    owed_by: Who | None = None
    look_again: date | None = None
    short: str = ""
    lines: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    remind_every: int | None = None
    remind_before: tuple[int, ...] | None = None
    error: str = ""


def met(sentence: str, *, look_again: date | None = None, short: str = "") -> Judgement:
    """The check is content."""
    return Judgement(outcome=MET, sentence=sentence, look_again=look_again, short=short)


def unmet(
    sentence: str,
    *,
    due: date | Due | None = None,
    owed_by: Who | None = None,
    look_again: date | None = None,
    short: str = "",
    lines: Mapping[str, str] | None = None,
    remind_every: int | None = None,
    remind_before: tuple[int, ...] | None = None,
) -> Judgement:
    """The check is not content yet; the sentence says what is left to do."""
    return Judgement(
        outcome=UNMET,
        sentence=sentence,
        due=due,
        owed_by=owed_by,
        look_again=look_again,
        short=short,
        lines=dict(lines or {}),
        remind_every=remind_every,
        remind_before=remind_before,
    )


def not_needed(sentence: str, *, look_again: date | None = None, short: str = "") -> Judgement:
    """The check has nothing to ask here."""
    return Judgement(outcome=NOT_NEEDED, sentence=sentence, look_again=look_again, short=short)


def broken(sentence: str = CALM, *, error: str = "") -> Judgement:
    """The check could not be worked out. Only the core says this; it holds the gate."""
    return Judgement(outcome=BROKEN, sentence=sentence, error=error)


@dataclass(frozen=True, kw_only=True)
class Check:
    """One question a gate asks.

    `why` is read by people: one or two plain sentences. `judge(case)` returns `met(…)`, `unmet(…)` or
    `not_needed(…)`. `stages` and `holds_in` name default stages; a check that applies but does not hold
    is advice. `lifecycles` limits it to lifecycles of these slugs; empty: all. `lasts=VISIT` forgets answers
    when the project enters a stage anew, `ALWAYS` keeps them. `remind_every` is how many days lie between
    reminders once it is late, `remind_before` how many days before its due day reminders are written too, like
    `(30, 7, 0)`. `gives` names items that other checks need not ask for; `needs` names registers,
    polls and documents of other plugins. `principle` is the id of an NIHR principle the check serves, for grouping.
    """

    slug: str
    title: str
    why: str
    judge: Callable[[Case], Judgement]
    stages: tuple[str, ...] = ALL
    lifecycles: tuple[str, ...] = ()
    about: About = PROJECT
    questions: tuple[Question, ...] = ()
    answered_by: Who = EVERY_MEMBER
    lasts: str = VISIT
    owed_by: Who = LEAD
    due: Due | None = None
    remind_every: int = 7
    remind_before: tuple[int, ...] = ()
    holds_in: tuple[str, ...] = ALL
    private: bool = False
    gives: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    principle: str | None = None

    def applies_in(self, lifecycle: Lifecycle, stage: Stage) -> bool:
        return stage.like in self.stages and (not self.lifecycles or lifecycle.slug in self.lifecycles)

    def holds(self, stage: Stage) -> bool:
        return stage.like in self.holds_in


def find(check: Check, case: Case) -> Judgement:
    """Judge one check on one case. Whatever goes wrong, the answer is *broken*: silence never opens a gate."""
    try:
        said = check.judge(case)
        wrong = _what_is_wrong(said)
    except KeyboardInterrupt:
        raise
    except BaseException:  # a plugin may raise anything, SystemExit included
        return broken(error=traceback.format_exc(limit=20))
    return broken(error=wrong) if wrong else said


def days_before(given: object) -> bool:
    """Whether these can be the days before a due day on which reminders are written."""
    return isinstance(given, tuple) and all(type(table) is int and 0 <= table <= 366 for table in given)


def _what_is_wrong(said: object) -> str:
    if not isinstance(said, Judgement):
        return f"the judge answered {type(said).__name__}, not met(…), unmet(…) or not_needed(…)"
    if said.outcome not in (MET, UNMET, NOT_NEEDED):
        return f"the outcome {said.outcome!r} is not one a judge may give"
    if not isinstance(said.owed_by, (Who, type(None))):
        return "owed_by takes LEAD, SUBJECT, role(…) and the like"
    if said.lines and not isinstance(said.lines, Mapping):
        return "lines takes a mapping of member key to sentence"
    for text in (said.sentence, said.short or "-", *(said.lines.values() if said.lines else ())):
        if not isinstance(text, str) or not text.strip():
            return "a sentence is missing"
        if len(text) > SENTENCE_MOST:
            return f"a sentence has {len(text)} letters; at most {SENTENCE_MOST} are read"
    if said.remind_every is not None and not (isinstance(said.remind_every, int) and 1 <= said.remind_every <= 366):
        return "remind_every takes a number of days from 1 to 366"
    if said.remind_before is not None and not days_before(said.remind_before):
        return "remind_before takes days before the due day, like (30, 7, 0)"
    if not isinstance(said.due, (date, Due, type(None))) or not isinstance(said.look_again, (date, type(None))):
        return "due takes a day or a due rule, look_again a day"
    return ""


# --- a finding at its place ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding at its place: which check, about whom, whether it holds, when it is due and who owes it."""

    check: str
    title: str
    about: str
    subject: str | None
    subject_label: str
    outcome: str
    sentence: str
    holds: bool
    private: bool = False
    short: str = ""
    lines: Mapping[str, str] = field(default_factory=dict)
    due_on: date | None = None
    owed_by: tuple[str, ...] = ()
    look_again: date | None = None
    remind_every: int = 7
    remind_before: tuple[int, ...] = ()
    group: str = ""

    @property
    def place(self) -> tuple[str, str | None]:
        return (self.check, self.subject)

    @property
    def open(self) -> bool:
        """Whether something is still to be done, advice included."""
        return self.outcome in (UNMET, BROKEN)

    def readable_by(self, reader: str | None) -> bool:
        """Whether this member may read the full sentence: whoever owes it, or whom it is about (access.md)."""
        about_reader = self.about == "member" and reader == self.subject
        return not self.private or (reader is not None and (about_reader or reader in self.owed_by))

    def counted_for(self, reader: str | None) -> bool:
        """Private findings about members are counted for everybody who may not read them: names would tell enough."""
        return self.private and self.about == "member" and not self.readable_by(reader) and reader not in self.lines

    def sentence_for(self, reader: str | None) -> str:
        if self.readable_by(reader):
            return self.sentence
        if reader is not None and reader in self.lines:
            return self.lines[reader]
        return self.short or (f"{self.title}: not ready yet." if self.open else f"{self.title}: done.")

    def seen_by(self, reader: str | None) -> Finding:
        """The same finding with nothing in it that this reader may not read."""
        return replace(self, sentence=self.sentence_for(reader), lines={}, short="")


def settle(check_id: str, check: Check, case: Case, said: Judgement, *, label: str, group: str = "") -> Finding:
    """Work out what a finding means at its place: due day, who owes it, whether it holds."""
    rule = said.due if said.due is not None else check.due
    due_on = _due_on(rule, case) if said.outcome == UNMET and rule is not None else None
    if due_on and case.project.not_due_before:
        due_on = max(due_on, case.project.not_due_before)
    owed = people_meant(said.owed_by or check.owed_by, case) if said.outcome in (UNMET, BROKEN) else ()
    return Finding(
        check=check_id,
        title=check.title,
        about=check.about.kind,
        subject=case.subject.key if case.subject else None,
        subject_label=label,
        outcome=said.outcome,
        sentence=said.sentence,
        holds=check.holds(case.stage),
        private=check.private,
        short=said.short,
        lines=dict(said.lines),
        due_on=due_on,
        owed_by=owed,
        look_again=said.look_again,
        remind_every=said.remind_every or check.remind_every,
        remind_before=check.remind_before if said.remind_before is None else said.remind_before,
        group=group,
    )


def _due_on(rule: date | Due, case: Case) -> date | None:
    if isinstance(rule, date):
        return rule
    anchor: Any = {"project_start": case.project.started, "stage_entry": case.entered}.get(rule.anchor)
    if rule.anchor == "joining":
        anchor = case.subject.joined if isinstance(case.subject, Member) else None
    elif anchor is None and isinstance(case.subject, Entry):
        anchor = case.subject.values.get(rule.anchor)
    if isinstance(anchor, datetime):
        anchor = anchor.date()
    if not isinstance(anchor, date):
        return None
    return past_pauses(anchor, rule.day(anchor, answered=case.evidence.on), case.project.pauses, case.today)
