"""The lists of a project as they stood on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from govflow.domain.gates.checks import ORGANISATION, Entry, EntryValues
from govflow.domain.questions import Field, thaw_as, to_thaw
from govflow.domain.refusals import Invalid
from govflow.services.base.context import context
from govflow.store import EntryRow, EntryVersion, Project, db

Found = dict[str, tuple[Entry, ...]]
"""The lines of each list, by its full id."""


@dataclass(frozen=True)
class Reader:
    """For whom lists are read: a project, the keys of its members by id, and the plugins its own organisation has."""

    project: Project
    keys: Mapping[int, str]
    own: Collection[str]


def read_lists(readers: Collection[Reader], *, today: date) -> dict[int, Found]:
    """The lines of several projects, by id, and those that an organisation keeps for all its projects."""
    projects = [reader.project.id for reader in readers]
    organisations = {reader.project.organisation_id for reader in readers}
    whose = or_(EntryRow.project_id.in_(projects), EntryRow.organisation_id.in_(organisations))
    found: dict[int, dict[str, list[Entry]]] = {project: defaultdict(list) for project in projects}
    for reader, _, register, entry in _read(whose, readers, today=today):
        found[reader.project.id][register].append(entry)
    return {
        project: {register: tuple(entries) for register, entries in lists.items()} for project, lists in found.items()
    }


def with_changed_lines(
    before: Mapping[str, tuple[Entry, ...]],
    ids: Collection[int],
    *,
    added: Collection[int],
    reader: Reader,
    today: date,
) -> Found | None:
    """The lists of `before` with these lines as they stand now, or None where their order cannot be told.

    A line stands where its number puts it: one that was `added` since comes last; one that comes back after it was
    removed has a place in the middle that only reading the whole list tells.
    """
    lines = select(EntryRow.id, EntryRow.register, EntryRow.key).where(EntryRow.id.in_(ids)).order_by(EntryRow.id)
    now = {id_: entry for _, id_, _, entry in _read(EntryRow.id.in_(ids), [reader], today=today)}
    found = dict(before)
    for id_, register, key in db.session.execute(lines):
        entries = found.get(register, ())
        at = next((place for place, line in enumerate(entries) if line.key == key), len(entries))
        line = (now[id_],) if id_ in now else ()
        if line and at == len(entries) and id_ not in added:
            return None
        found[register] = (*entries[:at], *line, *entries[at + 1 :])
    return {register: entries for register, entries in found.items() if entries}


def marks_of_organisations(ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """By organisation: another one with every change of a list it keeps for all its projects; () where it has none.

    A project's stamp tells nothing of them to whoever held the project at that moment.
    """
    found: dict[int, tuple[int, ...]] = dict.fromkeys(ids, ())
    if not _keeps_lists():
        return found
    rows = db.session.execute(
        select(EntryRow.organisation_id, func.count(), func.max(EntryVersion.id), func.count(EntryVersion.approved_on))
        .join(EntryVersion, EntryVersion.entry_id == EntryRow.id)
        .where(EntryRow.organisation_id.in_(ids))
        .group_by(EntryRow.organisation_id)
    )
    for organisation, lines, last, approved in rows:
        if organisation is not None:
            found[organisation] = (lines, last or 0, approved)
    return found


def _keeps_lists() -> bool:
    """Whether any plugin declares a list of that kind, so that there is something to ask for."""
    plugins = context().declared.plugins.values()
    return any(one.scope == ORGANISATION for plugin in plugins for one in plugin.registers.values())


def _read(
    which: ColumnElement[bool], readers: Collection[Reader], *, today: date
) -> Iterator[tuple[Reader, int, str, Entry]]:
    """Each line for each project whose list it is in: id, list and line, as they stood today."""
    of_project = {reader.project.id: [reader] for reader in readers}
    of_organisation: dict[int, list[Reader]] = defaultdict(list)
    for reader in readers:
        of_organisation[reader.project.organisation_id].append(reader)
    fields: dict[str, dict[str, Field]] = {}
    for row in db.session.execute(_lines().where(which), {"today": today}):
        if row.register not in fields:
            fields[row.register] = to_thaw(_fields(row.register))
        values = EntryValues(thaw_as(fields[row.register], row.values))
        if row.project_id is not None:
            for reader in of_project.get(row.project_id, ()):
                yield reader, row.id, row.register, _entry(row, values, reader.keys, today)
            continue
        for reader in of_organisation[row.organisation_id]:
            if row.register.partition(".")[0] in reader.own:
                yield reader, row.id, row.register, _entry(row, values, reader.keys, today)


def _entry(row: Any, values: EntryValues, keys: Mapping[int, str], today: date) -> Entry:
    approved = row.approved_on is not None and row.approved_on <= today
    return Entry(
        key=row.key,
        values=values,
        by=keys.get(row.member_id or 0),
        on=row.on,
        added_by=keys.get(row.added_by or 0),
        approved_by=keys.get(row.approved_by or 0) if approved else None,
        approved_on=row.approved_on if approved else None,
    )


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
            EntryRow.id,
            EntryRow.project_id,
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


def _fields(register_id: str) -> Sequence[Field]:
    try:
        return context().declared.register(register_id).fields
    except Invalid:  # its plugin is gone; what it stored is kept as it is
        return ()
