"""The lists of a project as they stood on a day, each plugin's read when it is first asked for."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, bindparam, func, not_, or_, select
from sqlalchemy.orm import aliased

from govflow.domain.gates.checks import ORGANISATION, Entry, EntryValues
from govflow.domain.questions import Field, thaw_as, to_thaw
from govflow.domain.refusals import Invalid
from govflow.services.base.context import context
from govflow.store import EntryRow, EntryVersion, Project, db

Found = dict[str, tuple[Entry, ...]]
"""The lines of each list, by its full id."""


class Lists(Mapping[str, tuple[Entry, ...]]):
    """The lists of the project, and those its organisation keeps for all its projects with plugins it has on.

    A page is mostly about one plugin, and lists are long: so what one plugin keeps is one query, asked when the page
    gets there; going through all of them asks for all the rest at once. `dict(lists)` is a copy that asks no more.
    """

    def __init__(self, project: Project, *, today: date, keys: Mapping[int, str], own: frozenset[str]) -> None:
        self._project, self._today, self._keys, self._own = project, today, keys, own
        self._found: dict[str, Found] = {}
        self._read_already: list[ColumnElement[bool]] = []
        self._all = False

    def __getitem__(self, register: str) -> tuple[Entry, ...]:
        plugin = register.partition(".")[0]
        if plugin not in self._found and not self._all:
            self._found[plugin] = self._of(plugin)
        return self._found.get(plugin, {})[register]

    def __iter__(self) -> Iterator[str]:
        if not self._all:
            for register, entries in self._rest().items():
                self._found.setdefault(register.partition(".")[0], {})[register] = entries
            self._all = True
        return (register for found in self._found.values() for register in found)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[Found]]:
        return dict, (dict(self),)

    def _of(self, plugin: str) -> Found:
        theirs = _lists_of(plugin)
        self._read_already.append(theirs)
        kept = kept_lines.get(self._project.id, self._project.stamp, plugin, self._today)
        if kept is None:
            kept = self._read(EntryRow.project_id == self._project.id, theirs)
            kept_lines.keep(self._project.id, self._project.stamp, plugin, self._today, kept)
        return {**kept, **(self._read(self._organisations(), theirs) if self._shares(plugin) else {})}

    def _rest(self) -> Found:
        whose = or_(EntryRow.project_id == self._project.id, self._organisations())
        return self._read(whose, *([not_(or_(*self._read_already))] if self._read_already else []))

    def _organisations(self) -> ColumnElement[bool]:
        return EntryRow.organisation_id == self._project.organisation_id

    def _shares(self, plugin: str) -> bool:
        """Whether it keeps a list for all projects of the organisation; what it once kept stands with it."""
        declared = context().declared.plugins.get(plugin)
        return declared is None or any(register.scope == ORGANISATION for register in declared.registers.values())

    def _read(self, *which: ColumnElement[bool]) -> Found:
        rows = db.session.execute(_lines().where(*which), {"today": self._today})
        found: dict[str, list[Entry]] = defaultdict(list)
        fields: dict[str, dict[str, Field]] = {}
        for organisation, register, key, values, by, on, approver, approved_on, added_by in rows:
            if organisation is not None and register.partition(".")[0] not in self._own:
                continue
            if register not in fields:
                fields[register] = to_thaw(_fields(register))
            approved = approved_on is not None and approved_on <= self._today
            found[register].append(
                Entry(
                    key=key,
                    values=EntryValues(thaw_as(fields[register], values)),
                    by=self._keys.get(by or 0),
                    on=on,
                    added_by=self._keys.get(added_by or 0),
                    approved_by=self._keys.get(approver or 0) if approved else None,
                    approved_on=approved_on if approved else None,
                )
            )
        return {register: tuple(entries) for register, entries in found.items()}


@cache
def _lines() -> Select[Any]:
    """Every entry as it stood `today`: of all it has been, only its first writer, and no objects of the store.

    Put together once: it begins nearly everything that happens.
    """
    version, first = aliased(EntryVersion), aliased(EntryVersion)
    of_entry = (version.entry_id == EntryRow.id) & (version.on <= bindparam("today", type_=Date))
    latest = select(func.max(version.number)).where(of_entry).correlate(EntryRow).scalar_subquery()
    return (
        select(
            EntryRow.organisation_id,
            EntryRow.register,
            EntryRow.key,
            EntryVersion.values,
            EntryVersion.member_id,
            EntryVersion.on,
            EntryVersion.approved_by,
            EntryVersion.approved_on,
            first.member_id.label("added_by"),
        )
        .select_from(EntryRow)
        .join(EntryVersion, (EntryVersion.entry_id == EntryRow.id) & (EntryVersion.number == latest))
        .join(first, (first.entry_id == EntryRow.id) & (first.number == 1))
        .where(EntryVersion.removed.is_(False))
        .order_by(EntryRow.id)
    )


def _lists_of(plugin: str) -> ColumnElement[bool]:
    """The lists a plugin declares, by name, which an index finds; where it is gone, whatever it kept."""
    declared = context().declared.plugins.get(plugin)
    if declared is None or not declared.registers:
        return EntryRow.register.startswith(f"{plugin}.", autoescape=True)
    return EntryRow.register.in_([f"{plugin}.{name}" for name in declared.registers])


def _fields(register_id: str) -> Sequence[Field]:
    try:
        return context().declared.register(register_id).fields
    except Invalid:  # its plugin is gone; what it stored is kept as it is
        return ()


class KeptLines:
    """Long lists read once for each change of their project, and kept in this process for the pages that follow.

    A project's stamp is made anew, by chance, with every change of a fact; so what is kept under one was read while
    nothing had changed since, in whichever database, before or after a restore. Of one project's plugin only what was
    read last is kept, so that what was erased is soon gone here too. What was not asked for longest goes.
    """

    LONG, MOST = 100, 50_000
    """Lines: fewer are as quick to read; more are not kept in all."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, str], tuple[str, date, Found]] = OrderedDict()
        self._lock = Lock()

    def get(self, project: int, stamp: str, plugin: str, today: date) -> Found | None:
        with self._lock:
            kept_stamp, kept_on, found = self._kept.get((project, plugin), ("", today, {}))
            if not stamp or (kept_stamp, kept_on) != (stamp, today):
                return None
            self._kept.move_to_end((project, plugin))
            return found

    def keep(self, project: int, stamp: str, plugin: str, today: date, found: Found) -> None:
        with self._lock:
            self._kept.pop((project, plugin), None)
            if stamp and self.LONG <= _lines_in(found) <= self.MOST:
                self._kept[project, plugin] = stamp, today, found
            while sum(_lines_in(kept_entries) for *_, kept_entries in self._kept.values()) > self.MOST:
                self._kept.popitem(last=False)


def _lines_in(found: Found) -> int:
    return sum(len(entries) for entries in found.values())


kept_lines = KeptLines()
