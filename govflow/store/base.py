"""The database: one session, UTC moments, and how a writing service takes its lock."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, ExceptionContext, MetaData, event, func, inspect, select, true
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass
from sqlalchemy.types import TypeDecorator

log = logging.getLogger("govflow.store")
logging.getLogger("sqlalchemy").setLevel(logging.WARNING)  # at DEBUG it writes every row it reads to the log
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True, repr=False):
    """Our own base, handed to flask-sqlalchemy by its metadata alone (its dataclass support is broken on 2.1).

    A row's `repr` names the row and nothing in it: it may come to stand in a log or a traceback.
    """

    metadata = MetaData(naming_convention=NAMING)

    def __repr__(self) -> str:
        found = inspect(self).identity
        return f"<{type(self).__name__} {', '.join(map(str, found)) if found else 'new'}>"


PROJECT, ORGANISATION = "project.id", "organisation.id"
"""What foreign keys of most tables point to."""


class _Any:
    """Stands for a column that each table has itself, where a condition is written for all of them at once."""

    def in_(self, ids: Any) -> Any:
        return true()

    is_ = in_


_ANY: Any = _Any()


class OfProject:
    """A table whose rows belong to a project."""

    project_id = _ANY


class OfOrganisation:
    """A table whose rows belong to an organisation."""

    organisation_id = _ANY


class OfEither:
    """A table whose rows belong to a project or, where there is none, to an organisation or a person alone."""

    project_id = _ANY
    organisation_id = _ANY


db = SQLAlchemy(metadata=Base.metadata)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, always aware: SQLite forgets the zone, PostgreSQL keeps it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@event.listens_for(Engine, "connect")
def _set_up_connection(connection: Any, record: Any) -> None:
    """SQLite as a careful database: WAL, every commit on disk, foreign keys, and transactions begun by us."""
    if "sqlite" not in type(connection).__module__:
        return
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=10000",
        "foreign_keys=ON",
        "secure_delete=ON",
        "trusted_schema=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    """Readers begin plainly; a writing service takes SQLite's one write lock at its first step, so none is lost."""
    if connection.dialect.name == "sqlite":
        writing = connection.get_execution_options().get("govflow_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@event.listens_for(Engine, "handle_error")
def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL tells the whole row that it refused, from the second line on; an error goes to the log without it."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args and isinstance(error.args[0], str):
            error.args = (error.args[0].partition("\n")[0], *error.args[1:])


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def forget_deleted(*tables: str, whole: bool = False) -> None:
    """After a commit that deleted what nobody may find again: what a database still keeps of it is cleared away.

    SQLite's log is emptied into the file, where deleted bytes are overwritten, and with `whole` the file is written
    anew; PostgreSQL vacuums the tables. Its own log and every backup keep the rows until they run out. The commit
    stands whether or not this works.
    """
    db.session.rollback()
    try:
        with db.engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                raw = connection.connection.driver_connection
                if raw is not None:
                    if whole:
                        raw.execute("VACUUM")
                    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                named = ", ".join(f'"{table}"' for table in tables)
                connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(f"VACUUM {named}")
    except (SQLAlchemyError, sqlite3.Error) as error:
        log.warning("deleted rows could not be cleared away yet: %s", error)


def end_reading() -> None:
    """End the read transaction this request has open, so that what comes next sees the present."""
    db.session.rollback()


def write() -> None:
    """Begin a writing transaction: the first line of every writing service."""
    end_reading()
    db.session.connection(execution_options={"govflow_write": True})


def one_at_a_time(name: str) -> None:
    """Until this transaction ends, nobody else is past this line with the same name. SQLite has one writer anyway."""
    if db.engine.dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        db.session.execute(select(func.pg_advisory_xact_lock(number)))
