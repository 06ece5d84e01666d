"""A project on one day, frozen: what is loaded once and from which every case is cut."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from govflow.domain.gates.checks import (
    CALM,
    VISIT,
    Case,
    Check,
    Entry,
    Evidence,
    Finding,
    ProjectFacts,
    Round,
    Visit,
    Who,
    people_meant,
)
from govflow.domain.gates.gates import NO_EXTRA_SIGN_OFFS, Gate, SignOff, SignOffRules, Waiver
from govflow.domain.gates.lifecycle import Lifecycle, Stage
from govflow.domain.people import Member, MemberWithId, Role
from govflow.domain.plugins.declarations import Declared, DeclaredPlugin
from govflow.domain.questions import Known, thaw
from govflow.domain.refusals import Invalid, NotFound
from govflow.domain.registers.documents import Version
from govflow.domain.registers.registers import Register, label_of
from govflow.domain.wording import listed

NOTHING_YET = Evidence()


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One piece of evidence: who answered what, when, in which visit. `answers` as they are kept."""

    check: str
    subject: str | None
    answers: Mapping[str, Any]
    by: str
    on: date
    visit: int
    by_operator: bool = False


@dataclass
class Judged:
    """What has been judged of one snapshot so far: the findings of each check, by its full id, and the gate.

    The one part of a snapshot that is filled in later; what it says follows from the rest.
    """

    findings: dict[str, tuple[Finding, ...]] = field(default_factory=dict)
    gate: Gate | None = None


@dataclass(frozen=True, kw_only=True)
class ProjectSnapshot:
    """Everything pages read and checks may be told about a project on `today`, the same for whoever reads it.

    `on` maps each switched-on plugin to its settings, `off` each that was switched off to who did. `sign_offs` are the
    latest word of each member on this visit, in the order in which they spoke; `waivers` are of this visit, proposed
    ones included. `stamp` is the project's as it was read, and another one after every change.

    `lists_for` limits who reads a plugin's lists to members of these organisations; a plugin that is not in it: all.
    A list of the organisation is read by its own members, unless that organisation has it in `lists_shared`.
    """

    project: ProjectFacts
    lifecycle: Lifecycle
    visits: tuple[Visit, ...]
    today: date
    members: tuple[MemberWithId, ...]
    left: tuple[MemberWithId, ...]
    evidence: tuple[Answered, ...]
    entries: Mapping[str, tuple[Entry, ...]]
    rounds: Mapping[str, tuple[Round, ...]]
    on: Mapping[str, Any]
    documents: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)
    lists_for: Mapping[str, frozenset[int]] = field(default_factory=dict)
    lists_shared: frozenset[str] = frozenset()
    organisation: int = 0
    version: int = 0
    stamp: str = ""
    off: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sign_offs: tuple[SignOff, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    sign_off_rules: SignOffRules = NO_EXTRA_SIGN_OFFS
    judged: Judged = field(default_factory=Judged, compare=False, repr=False)
    answered: Mapping[tuple[str, str | None], list[Answered]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_place: dict[tuple[str, str | None], list[Answered]] = {}
        for answer in self.evidence:
            by_place.setdefault((answer.check, answer.subject), []).append(answer)
        object.__setattr__(self, "answered", by_place)

    @property
    def visit(self) -> Visit:
        return self.visits[-1]

    @property
    def stage(self) -> Stage:
        return self.lifecycle.stage(self.visit.stage)

    @property
    def everyone(self) -> tuple[MemberWithId, ...]:
        return (*self.members, *self.left)

    def member(self, key: str | None) -> MemberWithId | None:
        return next((person for person in self.members if person.key == key), None)

    def names(self) -> dict[str, str]:
        return self._names

    @cached_property
    def _names(self) -> dict[str, str]:
        return {member.key: member.name for member in self.everyone}

    def known(self, declared: Declared) -> Known:
        """What answers may point to today: people who are here, entries that are listed."""
        return Known(people=self.names(), entries=Labels(self, declared))

    def given(self, declared: Declared) -> frozenset[str]:
        """The items that switched-on checks give in this stage, so that no other check asks for them."""
        return frozenset(item for _, check, _ in checks_asked(self, declared) for item in check.gives)


class Labels(Mapping[str, Mapping[str, str]]):
    """What the entries of each list are called, by key: worked out for the lists that are asked for, and no others.

    `seen` picks those that whoever reads may see; the others are not in it.
    """

    def __init__(
        self,
        snapshot: ProjectSnapshot,
        declared: Declared,
        seen: Callable[[str, Sequence[Entry]], Sequence[Entry]] = lambda _, entries: entries,
    ) -> None:
        self._snapshot, self._declared, self._seen = snapshot, declared, seen
        self._labels: dict[str, dict[str, str]] = {}

    def __getitem__(self, register_id: str) -> Mapping[str, str]:
        if register_id not in self._labels:
            register, names = _register(self._declared, register_id), self._snapshot.names()
            self._labels[register_id] = {
                row.key: label_of(register, row.values, names, row.key) if register else row.key
                for row in self._seen(register_id, self._snapshot.entries[register_id])
            }
        return self._labels[register_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._snapshot.entries)

    def __len__(self) -> int:
        return len(self._snapshot.entries)


def _register(declared: Declared, register_id: str) -> Register | None:
    plugin, _, slug = register_id.partition(".")
    return declared.plugins[plugin].registers.get(slug) if plugin in declared.plugins else None


def checks_of(declared: Declared, on: Mapping[str, Any]) -> Iterator[tuple[str, Check, DeclaredPlugin]]:
    """Every check of every switched-on plugin that loaded, by full id."""
    for slug in sorted(on):
        plugin = declared.plugins.get(slug)
        if plugin and not plugin.problem:
            for name, check in plugin.checks_with(on[slug]).items():
                yield f"{slug}.{name}", check, plugin


def checks_asked(snapshot: ProjectSnapshot, declared: Declared) -> Iterator[tuple[str, Check, DeclaredPlugin]]:
    """The checks that apply in the project's stage."""
    for check_id, check, plugin in checks_of(declared, snapshot.on):
        if check.applies_in(snapshot.lifecycle, snapshot.stage):
            yield check_id, check, plugin


def check_named(snapshot: ProjectSnapshot, declared: Declared, check_id: str) -> Check:
    """A check of a plugin that is on in this project, or a refusal by name."""
    slug, _, name = check_id.partition(".")
    plugin = declared.plugins.get(slug)
    if plugin and slug not in snapshot.on and name in plugin.checks:
        raise NotFound(f"The plugin of “{check_id}” is off in this project.")
    found = plugin.checks_with(snapshot.on.get(slug)).get(name) if plugin else None
    if found is None:
        known = [finding for finding, _, _ in checks_of(declared, snapshot.on)]
        raise Invalid(f"There is no check “{check_id:.130}”. There is: {listed(known) or 'none'}.")
    return found


def absent_plugins(declared: Declared, on: Mapping[str, Any], stage: Stage) -> list[Finding]:
    """A stand-in that is always broken for each switched-on plugin that is gone or could not be loaded."""
    found = []
    for slug in sorted(on):
        plugin = declared.plugins.get(slug)
        if plugin and not plugin.problem:
            continue
        title = f"Plugin “{slug}”"
        sentence = (
            f"The plugin “{slug}” could not be loaded, so what it checks holds the gate."
            if plugin
            else f"Plugin missing: “{slug}” is not installed any more, so what it checks holds the gate."
        )
        found.append(
            Finding(
                check=f"{slug}.plugin",
                title=title,
                about="project",
                subject=None,
                subject_label="",
                outcome="broken",
                sentence=sentence,
                holds=True,
            )
        )
    return found


def case_for(
    snapshot: ProjectSnapshot,
    declared: Declared,
    check_id: str,
    check: Check,
    subject: Member | Entry | None,
    *,
    given: frozenset[str],
    by: str | None = None,
) -> Case:
    """The case of one check and one subject. A register or poll it did not say it `needs` is not there."""
    (case,) = cases_for(snapshot, declared, check_id, check, (subject,), given=given, by=by)
    return case


def cases_for(
    snapshot: ProjectSnapshot,
    declared: Declared,
    check_id: str,
    check: Check,
    subjects: Iterable[Member | Entry | None],
    *,
    given: frozenset[str],
    by: str | None = None,
) -> Iterator[Case]:
    """The cases of one check, one for each subject; what they have in common is put together once."""
    plugin = declared.plugins[check_id.partition(".")[0]]
    reads = set(check.needs) | ({check.about.register} if check.about.register else set())
    common = plugin_case(snapshot, declared, plugin, reads, given=given, by=by)
    common.here  # noqa: B018 — worked out here, so that every case has it
    for subject in subjects:
        yield common._about(subject, evidence_for(snapshot, check_id, check, subject.key if subject else None))


def meant_by(snapshot: ProjectSnapshot, who: Iterable[Who], subject: Member | Entry | None = None) -> tuple[str, ...]:
    """The keys of everybody whom any of these means here today, each once."""
    case = _only_people(snapshot)._about(subject, NOTHING_YET)
    return tuple(dict.fromkeys(key for one in who for key in people_meant(one, case)))


def means(snapshot: ProjectSnapshot, who: Iterable[Who], key: str | None) -> Callable[[Entry], bool]:
    """Whether any of these means this member, to be asked of a long list: what no entry changes is worked out once."""
    case = _only_people(snapshot)
    of_entry = [one for one in who if one.kind in ("subject", "person_field")]
    if any(key in people_meant(one, case) for one in who if one not in of_entry):
        return lambda _: True
    if key not in case.here:
        return lambda _: False
    fields = tuple(one.values[0] for one in of_entry if one.kind == "person_field")
    adds = len(fields) < len(of_entry)

    def meant(entry: Entry) -> bool:
        """As `people_meant` says, for ten thousand lines."""
        for name in fields:
            value = entry.values.get(name)
            if value == key or (isinstance(value, (list, tuple)) and key in value):
                return True
        return adds and entry.added_by == key

    return meant


def _only_people(snapshot: ProjectSnapshot) -> Case:
    return Case(
        project=snapshot.project,
        lifecycle=snapshot.lifecycle,
        stage=snapshot.stage,
        visit=snapshot.visit,
        today=snapshot.today,
        subject=None,
        members=snapshot.members,
    )


def read_by(check: Check, plugin: DeclaredPlugin) -> set[str]:
    """The lists, polls and documents a check may read, by full id: its plugin's own, and those it `needs`."""
    own = {f"{plugin.slug}.{name}" for name in (*plugin.registers, *plugin.polls, *plugin.documents)}
    about = {check.about.register} if check.about.register else set()
    return own | set(check.needs) | about


def untouched(before: ProjectSnapshot, after: ProjectSnapshot, declared: Declared) -> frozenset[str]:
    """The checks of `after`, by full id, that cannot see anything that differs from `before`.

    What every check sees is the same for it only if the day, the project, its people, their groups, the documents and
    all settings are; of lists and polls it sees those it may read, of evidence its own.
    """
    if _seen_by_all(before) != _seen_by_all(after):
        return frozenset()
    changed = _names_that_differ(before.entries, after.entries) | _names_that_differ(before.rounds, after.rounds)
    answered = {check_id for check_id, _ in _names_that_differ(before.answered, after.answered)}
    return frozenset(
        check_id
        for check_id, check, plugin in checks_asked(after, declared)
        if check_id not in answered and not changed & read_by(check, plugin)
    )


def _seen_by_all(snapshot: ProjectSnapshot) -> tuple[Any, ...]:
    return (
        snapshot.today,
        snapshot.project,
        snapshot.lifecycle,
        snapshot.visits,
        snapshot.members,
        snapshot.left,
        snapshot.on,
        snapshot.documents,
        snapshot.organisation,
    )


def _names_that_differ(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> set[Any]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def plugin_case(
    snapshot: ProjectSnapshot,
    declared: Declared,
    plugin: DeclaredPlugin,
    reads: Collection[str] = (),
    *,
    subject: Member | Entry | None = None,
    evidence: Evidence | None = None,
    given: frozenset[str] = frozenset(),
    by: str | None = None,
) -> Case:
    """What a plugin may know here: its own lists, polls and documents, and of others only what it `reads`.

    Its own polls and documents go by their slug alone, everything else by full id.
    """
    own = {f"{plugin.slug}.{name}" for name in (*plugin.registers, *plugin.polls, *plugin.documents)}
    there = {
        f"{slug}.{name}"
        for slug in snapshot.on
        if slug in declared.plugins
        for name in (
            *declared.plugins[slug].registers,
            *declared.plugins[slug].polls,
            *declared.plugins[slug].documents,
        )
    } & (own | set(reads))
    called = {name: name.partition(".")[2] if name in own else name for name in there}
    return Case(
        project=snapshot.project,
        lifecycle=snapshot.lifecycle,
        stage=snapshot.stage,
        visit=snapshot.visit,
        today=snapshot.today,
        subject=subject,
        members=snapshot.members,
        left=snapshot.left,
        evidence=evidence or Evidence(),
        registers={name: snapshot.entries.get(name, ()) for name in there},
        polls={called[name]: snapshot.rounds.get(name, ()) for name in there},
        documents={called[name]: snapshot.documents.get(name, ()) for name in there},
        given=given,
        config=snapshot.on.get(plugin.slug),
        by=by,
        visits=snapshot.visits,
    )


def evidence_for(snapshot: ProjectSnapshot, check_id: str, check: Check, subject: str | None) -> Evidence:
    """What was answered, dates as dates. Only this visit's where the check lasts for a visit."""
    rows = [
        answer
        for answer in snapshot.answered.get((check_id, subject), ())
        if check.lasts != VISIT or answer.visit == snapshot.visit.number
    ]
    if not rows:
        return NOTHING_YET
    each = {
        answer.by: Evidence(thaw(check.questions, answer.answers), by=answer.by, on=answer.on, visit=answer.visit)
        for answer in rows
    }
    last = rows[-1]
    return Evidence(thaw(check.questions, last.answers), by=last.by, on=last.on, visit=last.visit, each=each)


def subjects_of(snapshot: ProjectSnapshot, check: Check) -> Sequence[Member | Entry | None]:
    match check.about.kind:
        case "member":
            return [member for member in snapshot.members if member.role != Role.OBSERVER]
        case "entry":
            return snapshot.entries.get(check.about.register or "", ())
        case _:
            return (None,)


def subject_label(snapshot: ProjectSnapshot, declared: Declared, subject: Member | Entry | None, check: Check) -> str:
    if isinstance(subject, Member):
        return subject.name
    if isinstance(subject, Entry):
        register = _register(declared, check.about.register or "")
        return label_of(register, subject.values, snapshot.names(), subject.key) if register else subject.key
    return ""


def missing_need(snapshot: ProjectSnapshot, declared: Declared, check_id: str, check: Check) -> Finding | None:
    """A stand-in where the list a check is about belongs to a plugin that is off or gone: it cannot be judged."""
    register = check.about.register
    if register is None or (register.partition(".")[0] in snapshot.on and _register(declared, register)):
        return None
    sentence = f"“{check.title}” needs the plugin “{register.partition('.')[0]}”, which is off or missing."
    return Finding(
        check=check_id,
        title=check.title,
        about="project",
        subject=None,
        subject_label="",
        outcome="broken",
        sentence=sentence or CALM,
        holds=check.holds(snapshot.stage),
    )
