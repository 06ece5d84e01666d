"""Registers: lists that plugins declare, and the rules for changing a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from govflow.domain.gates.checks import EVERY_MEMBER, LEAD, PROJECT, About, Case, Who
from govflow.domain.questions import Field


@dataclass(frozen=True)
class Verdict:
    """What a register's own rule says of an entry: `ok`, `warn(…)` (kept, and said) or `refuse(…)`."""

    kind: str
    sentence: str = ""


ok = Verdict("ok")


def warn(sentence: str) -> Verdict:
    """Keep the entry, and say this to whoever wrote it."""
    return Verdict("warn", sentence)


def refuse(sentence: str) -> Verdict:
    """Do not keep the entry; the sentence says what to do instead."""
    return Verdict("refuse", sentence)


def _always_ok(values: Mapping[str, Any], case: Case) -> Verdict:
    return ok


@dataclass(frozen=True, kw_only=True)
class Register:
    """A list the core keeps for a plugin: rows with fields, each with its history.

    `label` names the field that names an entry in sentences. `added_by` and `seen_by` say who may add and
    read; a `Who` list means any of them. `check_entry(values, case)` sees dates as `date`, `case.by`, and as
    `case.subject` the entry that is changed; of a new one there is none.
    `scope=ORGANISATION` keeps one list for all projects of the organisation. Where `approved_by` is given, an entry
    waits until one of them approves it; `never_by` may not, whatever their role, nor may whoever wrote it.
    `calendar=("starts", "ends")` names the date or moment fields of a calendar file; the second may be left out.
    `needs` names lists, polls and documents of other plugins that `check_entry` reads; one that is off, or that whoever
    writes may not read, is not in its case.
    `calendar_for` says in whose own calendar an entry is; where it means nobody, in everyone's who may read it. There
    it bears the name `one` and no other word, so that must be fit for a locked screen. An entry that says yes in its
    field `calendar_unless` is in no calendar.
    `secrets_to` opens a secret field, once.
    `aside`: a page of the plugin leads to it, so the project's own page does not name it.
    A `quiet` list is told of nowhere: no line of the history, nothing in a project file, no letter among those that
    leads see, and nobody hears that there are lines they may not read; keys are made by chance. No check is about
    its lines.
    """

    slug: str
    title: str
    fields: tuple[Field, ...]
    label: str
    why: str = ""
    one: str = "entry"
    added_by: tuple[Who, ...] = (LEAD,)
    seen_by: tuple[Who, ...] = (EVERY_MEMBER,)
    scope: About = PROJECT
    approved_by: tuple[Who, ...] = ()
    never_by: tuple[Who, ...] = ()
    secrets_to: tuple[Who, ...] = ()
    calendar: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    calendar_for: tuple[Who, ...] = ()
    calendar_unless: str = ""
    aside: bool = False
    quiet: bool = False
    check_entry: Callable[[Mapping[str, Any], Case], Verdict] = _always_ok


def label_of(register: Register, values: Mapping[str, Any], names: Mapping[str, str], key: str) -> str:
    """What an entry is called: its label field, a person's name where that field holds one."""
    value = values.get(register.label, key)
    return names.get(value, str(value)) if isinstance(value, str) else str(value)
