"""Whose rows the one who asks can reach at all: two layers below every permission, each enough by itself.

A page begins with nothing, and gets the projects and organisations of who is signed in (`reach`). Every query through
the session is narrowed to them here; on PostgreSQL, row-level security narrows whatever comes past it, also for the
tables' owner. Commands, workers and the sweep act for everyone: outside a request the scope is everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import has_request_context, request
from sqlalchemy import ColumnElement, Connection, and_, bindparam, event, or_, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria

from govflow.store.base import OfEither, OfOrganisation, OfProject, db

ALL, KEY = "*", "govflow.scope"


@dataclass(frozen=True)
class Scope:
    """Ids that can be reached; `None` is all of them."""

    projects: frozenset[int] | None
    organisations: frozenset[int] | None


EVERYTHING, NOTHING = Scope(None, None), Scope(frozenset(), frozenset())


def scope() -> Scope:
    found: Scope = request.environ.get(KEY, NOTHING) if has_request_context() else EVERYTHING
    return found


def limit_scope_to(projects: Iterable[int], organisations: Iterable[int]) -> None:
    """From here on, this request reaches these and no others, also where it reached everything for a moment."""
    _use(Scope(frozenset(projects), frozenset(organisations)))


@contextmanager
def everything() -> Iterator[None]:
    """For the few things a page does for everyone, such as finding out what somebody can reach."""
    if not has_request_context():
        yield
        return
    before = scope()
    _use(EVERYTHING)
    try:
        yield
    except DBAPIError:
        request.environ[KEY] = before  # this transaction hears nothing any more, and the next is told anew
        raise
    finally:
        if scope() is EVERYTHING and before is not EVERYTHING:  # else it was limited in the meantime, and stays so
            _use(before)


def _use(new: Scope) -> None:
    request.environ[KEY] = new
    if db.session.registry.has() and db.session().in_transaction():
        _tell(db.session.connection())


# --- the first layer: every query -------------------------------------------------------------------------


def _ids(name: str) -> ColumnElement[Any]:
    return bindparam(f"scope_{name}", callable_=lambda: sorted(getattr(scope(), name) or ()), expanding=True)


PROJECTS, ORGANISATIONS = _ids("projects"), _ids("organisations")


def _either(model: Any) -> ColumnElement[bool]:
    of_organisation = or_(model.organisation_id.is_(None), model.organisation_id.in_(ORGANISATIONS))
    return or_(model.project_id.in_(PROJECTS), and_(model.project_id.is_(None), of_organisation))


@cache
def _narrowed() -> tuple[Any, ...]:
    """What each kind of table is narrowed to; a test makes sure that every table says which it is."""
    from govflow.store.projects import Project

    return (
        with_loader_criteria(Project, Project.id.in_(PROJECTS), include_aliases=True),
        with_loader_criteria(OfProject, lambda one: one.project_id.in_(PROJECTS), include_aliases=True),
        with_loader_criteria(OfOrganisation, lambda one: one.organisation_id.in_(ORGANISATIONS), include_aliases=True),
        with_loader_criteria(OfEither, _either, include_aliases=True),
    )


@event.listens_for(db.session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    if scope() is not EVERYTHING and not state.is_insert:
        state.statement = state.statement.options(*_narrowed())


# --- the second: PostgreSQL's own -------------------------------------------------------------------------


@event.listens_for(db.session, "after_begin")
def _began(session: Any, transaction: Any, connection: Connection) -> None:
    if scope() is not NOTHING:  # who is told nothing reaches nothing
        _tell(connection)


def _tell(connection: Connection) -> None:
    """Tell PostgreSQL whom this transaction acts for; it forgets with the transaction."""
    if connection.dialect.name == "postgresql":
        now = scope()
        connection.execute(TELL, {"projects": _said(now.projects), "organisations": _said(now.organisations)})


TELL = select(
    text("set_config('govflow.projects', :projects, true), set_config('govflow.organisations', :organisations, true)")
)


FOR_ALL = text(
    f"SELECT set_config('govflow.projects', '{ALL}', true), set_config('govflow.organisations', '{ALL}', true)"
)


def small_write(statement: Any, values: dict[str, Any]) -> None:
    """One statement in a transaction of its own, for everyone. No process that dies takes it along.

    SQLite does not wait for the disk here, so a machine that loses its power may: for what is harmless to do again.
    PostgreSQL always waits: its server may die alone.
    """
    db.session.rollback()
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(FOR_ALL)
            connection.execute(statement, values)
            connection.commit()
            return
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA synchronous=NORMAL")
        try:
            connection.execution_options(govflow_write=True).execute(statement, values)
            connection.commit()
        finally:
            connection.rollback()
            raw.execute("PRAGMA synchronous=FULL")


def _said(ids: frozenset[int] | None) -> str:
    return ALL if ids is None else ",".join(map(str, sorted(ids)))
