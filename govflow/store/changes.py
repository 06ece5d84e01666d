"""What a transaction has changed of the facts that a project's snapshot is made of.

Two things follow from a changed fact, whoever wrote it: its project gets another stamp, under which snapshots are kept,
and what was changed is known until the transaction ends, so that a snapshot is brought up to date without reading
everything again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, inspect, or_, select
from sqlalchemy.orm import ORMExecuteState, Session, object_session

from govflow.store.base import db
from govflow.store.gates import EvidenceRow, SignOffRow, WaiverRow
from govflow.store.people import GroupRow, GroupSeat, MemberRow, Organisation, Person
from govflow.store.plugins import PluginSwitch, ProjectPlugin
from govflow.store.polls import PollRound
from govflow.store.projects import PauseRow, Project, Share, VisitRow, new_stamp
from govflow.store.registers import AgreementRow, DocumentRow, EntryRow, EntryVersion
from govflow.store.scope import everything

FACTS: dict[type[Any], frozenset[str]] = {
    table: frozenset()
    for table in (
        *(MemberRow, GroupRow, GroupSeat, VisitRow, PauseRow, EvidenceRow, SignOffRow, WaiverRow, ProjectPlugin, Share),
        *(PollRound, DocumentRow, AgreementRow, EntryRow, EntryVersion, PluginSwitch),
    )
} | {
    Person: frozenset({"name"}),
    Organisation: frozenset({"name", "sign_offs"}),
    Project: frozenset({"title", "started", "funding_ends", "plan", "not_due_before", "lifecycle", "lifecycle_kept"}),
}
"""The tables a snapshot is read from; of those that hold more, the columns that it reads."""
_CHANGED = "govflow.changed"


@dataclass
class Changed:
    """What this transaction has changed so far: which tables, and which lines of lists.

    `entries` are ids of lines that were there or came; `added` those among them that came. `stamps` are those that
    projects had before.
    """

    tables: set[type[Any]] = field(default_factory=set)
    entries: set[int] = field(default_factory=set)
    added: set[int] = field(default_factory=set)
    stamps: dict[int, str] = field(default_factory=dict)


def changed_facts() -> Changed:
    """What has been changed since this transaction began, and is flushed."""
    found: Changed = db.session().info.setdefault(_CHANGED, Changed())
    return found


@event.listens_for(db.session, "after_transaction_end")
def _forget(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_CHANGED, None)


@event.listens_for(db.session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    """A statement that changes many rows at once says its table, and no more; it makes no stamp of its own."""
    if (state.is_update or state.is_delete or state.is_insert) and state.bind_mapper is not None:
        table = state.bind_mapper.class_
        if table in FACTS and table is not Project:
            changed_facts().tables.add(table)


@event.listens_for(Project.stamp, "set", active_history=True)
def _note_stamp(project: Project, _: str, before: Any, __: Any) -> None:
    session = object_session(project)
    if session is not None and isinstance(before, str):
        session.info.setdefault(_CHANGED, Changed()).stamps.setdefault(project.id, before)


@event.listens_for(db.session, "before_flush")
def _note_rows(session: Session, *_: Any) -> None:
    rows = [row for row in (*session.new, *session.dirty, *session.deleted) if _is_changed(row, session)]
    if not rows:
        return
    changed = changed_facts()
    changed.tables |= {type(row) for row in rows}
    with everything(), session.no_autoflush:
        projects = sorted({one for row in rows for one in _projects_of(row, session)})
        for project_id in projects:  # in one order, so that two who change the same never wait for each other
            project = session.get(Project, project_id)
            if project is not None:
                project.stamp = new_stamp()


@event.listens_for(db.session, "after_flush")
def _note_lines(session: Session, *_: Any) -> None:
    """By now every line has its number."""
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, EntryVersion):
            changed_facts().entries.add(row.entry_id)
        elif isinstance(row, EntryRow):
            changed_facts().entries.add(row.id)
            if row in session.new:
                changed_facts().added.add(row.id)


def _is_changed(row: Any, session: Session) -> bool:
    columns = FACTS.get(type(row))
    if columns is None:
        return False
    if row in session.new or row in session.deleted:
        return True
    if not columns:
        return session.is_modified(row)
    state = inspect(row)
    return any(state.attrs[name].history.has_changes() for name in columns)


def _projects_of(row: Any, session: Session) -> Iterator[int]:
    """Whose snapshots are read from this row. New rows of a project not yet numbered have no snapshot."""
    match row:
        case Project():
            project_ids: Iterable[int | None] = [row.id]
        case Person():
            project_ids = session.scalars(select(MemberRow.project_id).where(MemberRow.person_id == row.id))
        case Organisation():
            project_ids = _of_organisation(row.id, session)
        case PluginSwitch():
            project_ids = _of_organisation(row.organisation_id, session)
        case EntryVersion():
            entry = session.get(EntryRow, row.entry_id)
            project_ids = [entry.project_id] if entry else []
        case AgreementRow():
            version = session.get(DocumentRow, row.version_id)
            project_ids = [version.project_id] if version else []
        case _:
            project_ids = [row.project_id]
    for project_id in project_ids:
        if project_id is not None:
            yield project_id


def _of_organisation(organisation_id: int | None, session: Session) -> Iterable[int]:
    shared = select(Share.project_id).where(Share.organisation_id == organisation_id)
    mine = or_(Project.organisation_id == organisation_id, Project.id.in_(shared))
    return session.scalars(select(Project.id).where(mine))
