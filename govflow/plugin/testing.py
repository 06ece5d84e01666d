"""Help for testing a plugin: build a case by hand, judge it, hold a plugin to the door's promises."""

from __future__ import annotations

import inspect
import signal
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from govflow.domain.gates.checks import (
    BROKEN,
    EVERY_MEMBER,
    ORGANISATION,
    Case,
    Check,
    Entry,
    Evidence,
    Finding,
    Judgement,
    ProjectFacts,
    Round,
    Visit,
    find,
    people_meant,
    settle,
)
from govflow.domain.gates.evidence_pack import nameless
from govflow.domain.gates.lifecycle import RESEARCH, Lifecycle
from govflow.domain.people import Member
from govflow.domain.plugins.pages import Change, Desk, OrganisationDesk, Page, Part, parts_of, said_by, send_form
from govflow.domain.questions import KINDS, Known, NewFile, read_answers, thaw
from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.domain.registers.documents import Version
from govflow.domain.registers.registers import Register, Verdict, ok, warn
from govflow.plugin import hookspecs, validation

TODAY = date(2026, 3, 2)


def make_member(key: str = "lead-1", **facts: Any) -> Member:
    """A member who joined on 1 January 2026; name and everything else can be given."""
    facts.setdefault("name", key.replace("-", " ").title())
    facts.setdefault("joined", date(2026, 1, 1))
    return Member(key=key, **facts)


def make_case(
    *,
    stage: str = "bid",
    today: date = TODAY,
    entered: date | None = None,
    members: Sequence[Member] = (),
    subject: Member | Entry | None = None,
    answers: Mapping[str, Any] | None = None,
    by: str | None = "lead-1",
    on: date | None = None,
    registers: Mapping[str, Sequence[Entry]] | None = None,
    polls: Mapping[str, Sequence[Round]] | None = None,
    given: Sequence[str] = (),
    config: Any = None,
    lifecycle: Lifecycle = RESEARCH,
    documents: Mapping[str, Sequence[Version]] | None = None,
    of: Any = None,
    slug: str = "",
    **project: Any,
) -> Case:
    """A case as the core would hand it to a judge. Days are `date`s; what is left out is empty.

    `of` is your plugin's module: the case then has its registers, polls and documents, empty unless given, and its
    settings. `slug` is the plugin's name, where it is not the module's without `govflow_`. Everything else that is
    given is of the project: `funding_ends`, `plan`, `pauses`.
    """
    lists, rounds, texts = dict(registers or {}), dict(polls or {}), dict(documents or {})
    if of is not None:
        name = slug or slug_of(of)
        lists = {**{f"{name}.{checkpoint.slug}": () for checkpoint in _declared(of, "register_registers")}, **lists}
        rounds = {**{declaration.slug: () for declaration in _declared(of, "register_polls")}, **rounds}
        texts = {**{declaration.slug: () for declaration in _declared(of, "register_documents")}, **texts}
        config = _settings(of) if config is None else config
    entered = entered or today - timedelta(days=30)
    visit = Visit(number=1, stage=stage, entered=entered)
    members = tuple(members) or (make_member("lead-1", role="lead"),)
    facts = ProjectFacts(slug="example", title="Example", started=project.pop("started", entered), **project)
    evidence = Evidence(answers, by=by, on=on or today, visit=1) if answers else Evidence()
    return Case(
        project=facts,
        lifecycle=lifecycle,
        stage=lifecycle.stage(stage),
        visit=visit,
        visits=(visit,),
        today=today,
        subject=subject,
        members=tuple(member for member in members if member.here_on(today)),
        left=tuple(member for member in members if not member.here_on(today)),
        evidence=evidence,
        registers={name: tuple(rows) for name, rows in lists.items()},
        polls={name: tuple(put) for name, put in rounds.items()},
        documents={name: tuple(versions) for name, versions in texts.items()},
        given=frozenset(given),
        config=config,
        by=by,
    )


def slug_of(module: Any) -> str:
    """The name a plugin of this module usually has: `ethics` of `govflow_ethics`."""
    return str(getattr(module, "__name__", "example")).rpartition(".")[2].removeprefix("govflow_")


def make_entry(key: str = "entry-1", *, by: str | None = "lead-1", on: date = TODAY, **values: Any) -> Entry:
    """One row of a register: its values by field name. `added_by` is `by`; approve it with `dataclasses.replace`."""
    return Entry(key=key, values=values, by=by, on=on, added_by=by)


def judged(check: Check, case: Case) -> Judgement:
    """What the check says, judged as the core judges it: whatever goes wrong is *broken*."""
    return find(check, case)


SLOW = 0.05
"""Seconds one judge may take on one case."""


def problems_of(module: Any, cases: Mapping[str, Sequence[Case]] | None = None, *, slug: str = "") -> list[str]:
    """Everything the door would not take, or would not like, about a plugin: a sentence each.

    `cases` gives checks cases of your own, by the check's slug; a check about an entry is judged on those alone.
    """
    slug = slug or slug_of(module)
    found = _hook_problems(module) or _declaring_problems(module, slug)
    if found:
        return found
    for check in _declared(module, "register_checks"):
        found += _check_problems(check, _cases_for(check, module, slug, (cases or {}).get(check.slug, ())))
    return list(dict.fromkeys([*found, *_page_problems(module, slug), *_letter_problems(module, slug)]))


def assert_plugin_conforms(module: Any, cases: Mapping[str, Sequence[Case]] | None = None, *, slug: str = "") -> None:
    """Fail, naming every problem, unless the plugin keeps the door's promises.

    Hooks are spelt right and take nothing; every check has a title, a why and a judge that answers quickly with a
    sentence, also where nothing has been answered yet; over 400 days no answer changes before its `look_again`; every
    page can be drawn where nothing is there yet, and every letter worded. `slug`: the plugin's name, where it is not
    the module's without `govflow_`.
    """
    found = problems_of(module, cases, slug=slug)
    assert not found, "\n".join(found)


def _hook_problems(module: Any) -> list[str]:
    known = {name: set(inspect.signature(hook).parameters) for name, hook in _hooks().items()}
    found = []
    for name, hook in vars(module).items():
        marked = getattr(hook, "govflow_impl", None)
        if marked is None and not (name.startswith("register_") and callable(hook)):
            continue
        if name not in known:
            found.append(f"{name}: there is no such hook. There is: {', '.join(sorted(known))}.")
        elif marked is None:
            found.append(f"{name}: it is not marked with @hookimpl, so it is never asked.")
        elif not set(inspect.signature(hook).parameters) <= known[name]:
            handed = f"{', '.join(sorted(known[name]))} and nothing else" if known[name] else "nothing"
            found.append(f"{name}: it takes {inspect.signature(hook)}; this hook is handed {handed}.")
        elif marked.get("wrapper") or marked.get("hookwrapper"):
            found.append(f"{name}: a wrapper would answer for others; a plugin answers for itself.")
    return found


def _hooks() -> dict[str, Any]:
    return {name: hook for name, hook in vars(hookspecs).items() if name.startswith("register_")}


def _settings(module: Any) -> Any:
    config = module.register_config() if hasattr(module, "register_config") else None
    return config() if config else None


def _declared(module: Any, hook: str) -> list[Any]:
    if not hasattr(module, hook):
        return []
    implementation = getattr(module, hook)
    if "config" in inspect.signature(implementation).parameters:
        return list(implementation(config=_settings(module)))
    return list(implementation())


def _declaring_problems(module: Any, slug: str) -> list[str]:
    """What the door itself would refuse."""
    try:
        validation.config(slug, module.register_config() if hasattr(module, "register_config") else None)
        said = {}
        for hook in validation.HOOKS:
            said[hook] = validation.by_slug(slug, hook, _declared(module, f"register_{hook}"))
        validation.together(slug, said)
    except validation.PluginRefused as error:
        return [str(error)]
    return []


def _cases_for(check: Check, module: Any, slug: str, own: Sequence[Case]) -> list[Case]:
    if check.about.kind == "entry":
        return list(own)
    subject = make_member("joiner", invited_by="lead-1") if check.about.kind == "member" else None
    lead = make_member("lead-1", role="lead")
    return [
        make_case(
            of=module,
            slug=slug,
            stage=stage,
            subject=subject,
            members=[member for member in (lead, subject) if member],
            registers=dict.fromkeys(check.needs, ()),
        )
        for stage in check.stages
    ] + list(own)


def _page_problems(module: Any, slug: str) -> list[str]:
    """Each page drawn once where nothing is there yet."""
    found = []
    for page in _declared(module, "register_pages"):
        desk: Desk | OrganisationDesk = Desk(case=make_case(of=module, slug=slug, by="lead-1"), reader="lead-1")
        if page.scope == ORGANISATION:
            desk = OrganisationDesk(organisation="example", today=TODAY, config=_settings(module))
        try:
            parts_of(page, desk)
        except Exception as error:
            found.append(f"page {page.slug}: it cannot be drawn where nothing is there yet: {_said_by(error)}.")
    return found


def _letter_problems(module: Any, slug: str) -> list[str]:
    """Each letter worded once, about an entry with a value in every field."""
    registers = {declaration.slug: declaration for declaration in _declared(module, "register_registers")}
    found = []
    for letter in _declared(module, "register_letters"):
        register = registers[letter.when.register]
        values = {field.name: KINDS[field.kind].example for field in register.fields}
        case = make_case(of=module, slug=slug, subject=make_entry(**values))
        try:
            said = list(letter.words(case))
            if not said or not all(isinstance(paragraph, str) and paragraph.strip() for paragraph in said):
                raise TypeError("words must give a list of paragraphs, each with text in it")
        except Exception as error:
            found.append(f"letter {letter.slug}: it cannot be worded: {_said_by(error)}.")
    return found


def _said_by(error: Exception) -> str:
    """What went wrong, and in which line of the plugin."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


def _check_problems(check: Check, cases: Sequence[Case]) -> list[str]:
    where = f"check {check.slug}"
    found: list[str] = []
    for case in cases:
        began = time.perf_counter()
        with _no_longer_than(1.0):
            said = find(check, case)
        took = time.perf_counter() - began
        if took >= 1.0:
            return [*found, f"{where}: its judge did not answer within a second in the stage {case.stage.slug}."]
        if said.outcome == BROKEN:
            return [*found, f"{where}: broken in the stage {case.stage.slug}: {said.error.strip().splitlines()[-1]}"]
        if took > SLOW:
            return [*found, f"{where}: its judge took {took:.2f} s; {SLOW} s is enough for one case."]
        found += _stale(where, check, case, said)
    return found


@contextmanager
def _no_longer_than(seconds: float) -> Iterator[None]:
    """A judge that hangs is stopped, where the system lets us: an exception is raised in it."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TimeoutError("it did not answer in time")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _stale(where: str, check: Check, case: Case, said: Judgement) -> list[str]:
    """Walk on day by day: an answer may change by itself only from the day its judge said to look again."""
    look_again = said.look_again
    for days in range(1, 401):
        today = case.today + timedelta(days=days)
        then = find(check, replace(case, today=today))
        if then.outcome != said.outcome and (look_again is None or today < look_again):
            hint = f"look_again={look_again}" if look_again else "no look_again"
            return [f"{where}: it said “{said.outcome}” with {hint}, and “{then.outcome}” on {today}."]
        if then.outcome != said.outcome or (look_again and today >= look_again):
            said, look_again = then, then.look_again
    return []


# --- a desk for tests -----------------------------------------------------------------------------------------


class FakeDesk:
    """A desk in memory for the project pages of one plugin: see a page, send its forms, look at what was kept.

    `module` is the plugin, `slug` its name. Registers begin as `case` has them and keep what is sent by the same rules
    as the real desk: the questions' own, `check_entry`, who may add. Raises `Invalid` and `NotAllowed` as the real one.
    `reader` is a key among the case's members. A file is given as `NewFile(name="a.pdf", data=b"%PDF-…")`.
    A test of GovFlow holds the two desks to the same answers.
    """

    def __init__(self, slug: str, module: Any, *, case: Case, reader: str = "lead-1"):
        if reader not in case.here:
            raise ValueError(f"The reader “{reader}” is not among the case's members: {', '.join(case.here)}.")
        self.slug, self.reader = slug, reader
        self._files: dict[str, str] = {}
        self._registers: dict[str, Register] = {
            declaration.slug: declaration for declaration in _declared(module, "register_registers")
        }
        self._pages: dict[str, Page] = {
            declaration.slug: declaration for declaration in _declared(module, "register_pages")
        }
        self._checks: list[Check] = _declared(module, "register_checks")
        empty: dict[str, tuple[Entry, ...]] = {f"{slug}.{name}": () for name in self._registers}
        config = case.config if case.config is not None else _settings(module)
        self.case = replace(case, registers={**empty, **case.registers}, config=config, by=reader)

    def see(self, page: str, **query: str) -> list[Part]:
        """What the page says."""
        return parts_of(self._page(page), self._desk(query))

    def pack(self, page: str) -> list[Part]:
        """What of the page stands in the evidence pack, where the desk knows nobody's name."""
        view = self._page(page).in_pack
        if view is None:
            raise ValueError(f"The page “{page}” has nothing in the evidence pack: it declares no in_pack.")
        open_lists = {
            f"{self.slug}.{register.slug}" for register in self._registers.values() if EVERY_MEMBER in register.seen_by
        }
        return said_by(view, replace(self._desk({}), case=nameless(self._desk({}).case, open_lists), reader=""))

    def send(self, page: str, form: str = "form", *, query: Mapping[str, str] | None = None, **answers: Any) -> Verdict:
        """Send one form of the page; answers with its verdict, and keeps what it wished for, all or nothing.

        `query` is what stands in the page's address.
        """
        desk = self._desk(query or {})
        verdict, _ = send_form(self._page(page), desk, form, answers, self._known())
        case, said = self.case, [verdict.sentence]
        for wish in desk.wishes:
            case, warning = self._keep(case, wish)
            said.append(warning)
        self.case = case
        warnings = " ".join(sentence for sentence in said if sentence)
        return warn(warnings) if warnings else ok

    def entries(self, register: str) -> tuple[Entry, ...]:
        """What the register holds now."""
        if register not in self._registers:
            raise NotFound(f"There is no register “{register}”. There is: {', '.join(self._registers) or 'none'}.")
        return self.case.registers[f"{self.slug}.{register}"]

    def approve(self, register: str, key: str, *, by: str) -> None:
        """Approve an entry as this member; `NotAllowed` where they may not."""
        rows = self.entries(register)
        entry = next((row for row in rows if row.key == key), None)
        if entry is None:
            raise NotFound(f"There is no “{key}” in “{register}”.")
        case, wanted = replace(self.case, subject=entry), self._registers[register]
        may = any(by in people_meant(who, case) for who in wanted.approved_by)
        if not may or by in (entry.by, entry.added_by) or any(by in people_meant(w, case) for w in wanted.never_by):
            raise NotAllowed("Somebody else has to approve this.")
        done = replace(entry, approved_by=by, approved_on=self.case.today)
        kept = tuple(done if row.key == key else row for row in rows)
        self.case = replace(self.case, registers={**self.case.registers, f"{self.slug}.{register}": kept})

    def _page(self, name: str) -> Page:
        page = self._pages.get(name)
        case = replace(self.case, subject=None)
        if page is None or not any(self.reader in people_meant(who, case) for who in page.seen_by):
            raise NotFound(f"There is no page “{name}” here.")
        return page

    def _desk(self, query: Mapping[str, str]) -> Desk:
        seen = {
            f"{self.slug}.{name}": tuple(
                row
                for row in self.case.registers[f"{self.slug}.{name}"]
                if any(self.reader in people_meant(who, replace(self.case, subject=row)) for who in register.seen_by)
            )
            for name, register in self._registers.items()
        }
        return Desk(
            case=replace(self.case, registers={**self.case.registers, **seen}),
            reader=self.reader,
            query=dict(query),
            findings=self._findings,
        )

    def _findings(self) -> list[Finding]:
        """What the plugin's own checks say of what is kept now."""
        found = []
        for check in self._checks:
            entries = self.case.registers.get(check.about.register or "", ())
            about: Mapping[str, Sequence[Member | Entry]] = {"member": self.case.members, "entry": entries}
            for subject in about.get(check.about.kind, (None,)):
                case = replace(self.case, subject=subject)
                found.append(settle(f"{self.slug}.{check.slug}", check, case, find(check, case), label=""))
        return found

    def _known(self) -> Known:
        entries = {name: {row.key: row.key for row in rows} for name, rows in self.case.registers.items()}
        people, left = ({member.key: member.name for member in some} for some in (self.case.members, self.case.left))
        return Known(people=people, entries=entries, files=self._files, left=left)

    def _keep(self, case: Case, wish: Change) -> tuple[Case, str]:
        """The case with this wish in it, and a warning of the register's own rule or nothing."""
        register, name = self._registers[wish.register], f"{self.slug}.{wish.register}"
        if not any(self.reader in people_meant(who, replace(case, subject=None)) for who in register.added_by):
            raise NotAllowed(f"You cannot add to “{register.title}”.")
        rows = list(case.registers[name])
        before = next((row for row in rows if row.key == wish.key), None)
        if wish.key and before is None:
            raise NotFound(f"There is no “{wish.key}” in “{register.title}”.")
        stands = replace(case, subject=before)
        if before is not None and (said := register.check_entry(before.values, stands)).kind == "refuse":
            raise NotAllowed(said.sentence)
        if before is not None and wish.remove:
            rows.remove(before)
            return replace(case, registers={**case.registers, name: tuple(rows)}), ""
        values = read_answers(register.fields, {**(before.values if before else {}), **wish.values}, self._known())
        for name_of, value in values.items():
            if isinstance(value, NewFile):
                values[name_of] = f"file-{len(self._files) + 1}"
                self._files[values[name_of]] = value.name
        facts = thaw(register.fields, values)
        verdict = register.check_entry(facts, replace(case, subject=before))
        if verdict.kind == "refuse":
            raise Invalid(verdict.sentence)
        key = before.key if before else f"{wish.register}-{len(rows) + 1}"
        added_by = before.added_by if before else self.reader
        entry = Entry(key=key, values=facts, by=self.reader, on=case.today, added_by=added_by)
        rows = [entry if row.key == key else row for row in rows] if before else [*rows, entry]
        return replace(case, registers={**case.registers, name: tuple(rows)}), verdict.sentence
