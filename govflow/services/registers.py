"""Lists that plugins declare: read, add to, change with history."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select

from govflow.domain.checks import Case, Entry, Who, people_meant
from govflow.domain.picture import Picture
from govflow.domain.questions import read_answers, thaw
from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.domain.registers import Register, label_of
from govflow.services.acting import Act, By, begin
from govflow.services.evidence import known_here
from govflow.services.house import house
from govflow.store import EntryRow, EntryVersion, db, now


def add(project_id: int, *, register_id: str, given: Mapping[str, Any], by: By, today: date) -> str:
    """Add an entry; answers with a warning to show, or nothing."""
    act = begin(project_id, "see registers", by=by, today=today)
    register = register_asked(act.picture, register_id)
    if not may_add(act.picture, register_id, register, act.me.key):
        raise NotAllowed(f"You cannot add to “{register.title}”. A lead or the coordinator can.")
    values, warning = _read(act, register_id, register, given)
    row = EntryRow(
        project_id=act.project.id, register=register_id, key=_new_key(act.project.id, register_id, register, values)
    )
    db.session.add(row)
    db.session.flush()
    _keep(act, row, 1, values)
    _log(act, "entry.added", register, values)
    act.changed()
    db.session.commit()
    return warning


def change(
    project_id: int, *, register_id: str, key: str, given: Mapping[str, Any], by: By, today: date, remove: bool = False
) -> str:
    """Change an entry, or take it off the list. What it was before stays in its history."""
    act = begin(project_id, "see registers", by=by, today=today)
    register = register_asked(act.picture, register_id)
    entry = entry_asked(act.picture, register_id, register, key, reader=act.me.key)
    if not may_add(act.picture, register_id, register, act.me.key):
        raise NotAllowed(f"You cannot change “{register.title}”. A lead or the coordinator can.")
    row = _row(act.project.id, register_id, key)
    # Whoever may not have written what stands there may not write over it either, nor take it away.
    stands = thaw(register.fields, _latest(row.id).values)
    if register.check_entry(stands, _case(act, register_id)).kind == "refuse":
        raise NotAllowed("Only whoever could have written this line can change it or take it off the list.")
    if remove:
        values, warning = dict(_latest(row.id).values), ""
    else:
        values, warning = _read(act, register_id, register, given)
        if entry.values.get("person") is not None and entry.values["person"] != values.get("person"):
            raise Invalid(
                "A line stays with its person. Add a new line for somebody else.",
                {"person": "Leave the person as it is."},
            )
    _keep(act, row, _latest(row.id).number + 1, values, removed=remove)
    _log(act, "entry.changed", register, values)
    act.changed()
    db.session.commit()
    return warning


def register_asked(picture: Picture, register_id: str) -> Register:
    register = house().declared.register(register_id)
    if register_id.partition(".")[0] not in picture.on:
        raise NotFound(f"The plugin of “{register_id}” is off in this project.")
    return register


def entry_asked(picture: Picture, register_id: str, register: Register, key: str, *, reader: str) -> Entry:
    """An entry this reader may see, or the same refusal as for one that is not there."""
    for entry in picture.entries.get(register_id, ()):
        if entry.key == key and may_see(picture, register, entry, reader):
            return entry
    raise NotFound(f"There is no “{key:.60}” in “{register.title}”.")


def entries_seen(picture: Picture, register_id: str, register: Register, *, reader: str) -> list[Entry]:
    return [entry for entry in picture.entries.get(register_id, ()) if may_see(picture, register, entry, reader)]


def may_see(picture: Picture, register: Register, entry: Entry, reader: str) -> bool:
    return reader in _meant(picture, register.seen_by, entry)


def may_add(picture: Picture, register_id: str, register: Register, reader: str) -> bool:
    return reader in _meant(picture, register.added_by, None)


def history_of(project_id: int, register_id: str, key: str) -> list[EntryVersion]:
    """Every version of one entry, the newest first."""
    row = _row(project_id, register_id, key)
    found = db.session.scalars(
        select(EntryVersion).where(EntryVersion.entry_id == row.id).order_by(EntryVersion.number.desc())
    )
    return list(found)


def _meant(picture: Picture, who: Iterable[Who], entry: Entry | None) -> set[str]:
    case = Case(
        project=picture.project,
        lifecycle=picture.lifecycle,
        stage=picture.stage,
        visit=picture.visit,
        today=picture.today,
        subject=entry,
        members=picture.members,
    )
    return {key for one in who for key in people_meant(one, case)}


def _case(act: Act, register_id: str) -> Case:
    plugin = register_id.partition(".")[0]
    return Case(
        project=act.picture.project,
        lifecycle=act.picture.lifecycle,
        stage=act.picture.stage,
        visit=act.picture.visit,
        today=act.today,
        members=act.picture.members,
        left=act.picture.left,
        registers={name: rows for name, rows in act.picture.entries.items() if name.startswith(f"{plugin}.")},
        config=act.picture.on.get(plugin),
        by=act.me.key,
    )


def _read(act: Act, register_id: str, register: Register, given: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    values = read_answers(register.fields, given, known_here(act.picture))
    verdict = register.check_entry(thaw(register.fields, values), _case(act, register_id))
    if verdict.kind == "refuse":
        raise Invalid(verdict.sentence)
    return values, verdict.sentence


def _new_key(project_id: int, register_id: str, register: Register, values: Mapping[str, Any]) -> str:
    """A short name from the label, numbered where it is taken, never used twice."""
    base = (
        re.sub(r"[^a-z0-9]+", "-", str(values.get(register.label, register.slug)).lower()).strip("-")[:40]
        or register.slug
    )
    taken = set(
        db.session.scalars(
            select(EntryRow.key).where(EntryRow.project_id == project_id, EntryRow.register == register_id)
        )
    )
    taken.add("add")  # an address of the list itself
    number, key = 1, base
    while key in taken:
        number += 1
        key = f"{base}-{number}"
    return key


def _keep(act: Act, row: EntryRow, number: int, values: dict[str, Any], *, removed: bool = False) -> None:
    db.session.add(
        EntryVersion(
            entry_id=row.id,
            number=number,
            values=values,
            member_id=act.me.id,
            on=act.today,
            at=now(),
            by_operator=act.by.operator,
            removed=removed,
        )
    )


def _log(act: Act, verb: str, register: Register, values: Mapping[str, Any]) -> None:
    if any(one.kind == "every_member" for one in register.seen_by):
        act.log(verb, register=register.title, label=label_of(register, values, act.picture.names(), ""))
    else:
        act.log(f"{verb}_privately", register=register.title)


def _row(project_id: int, register_id: str, key: str) -> EntryRow:
    row = db.session.scalar(
        select(EntryRow).where(EntryRow.project_id == project_id, EntryRow.register == register_id, EntryRow.key == key)
    )
    if row is None:
        raise NotFound("There is no such entry.")
    return row


def _latest(entry_id: int) -> EntryVersion:
    number = select(func.max(EntryVersion.number)).where(EntryVersion.entry_id == entry_id).scalar_subquery()
    return db.session.execute(
        select(EntryVersion).where(EntryVersion.entry_id == entry_id, EntryVersion.number == number)
    ).scalar_one()
