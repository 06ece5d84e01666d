"""Somebody with the database, and without our program: what they can do to a history behind its back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from flask import Flask
from sqlalchemy import text

from govflow.domain.history.chain import hash_of
from govflow.services.history.checkpoints import lines_of
from govflow.store import Organisation, db

UNGUARD = {
    "sqlite": (
        "DROP TRIGGER log_line_no_update",
        "DROP TRIGGER log_line_no_delete",
        "DROP TRIGGER log_words_no_update",
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'UNIQUE (organisation_id, number)', 'CHECK (1)') "
        "WHERE name = 'log_line'",
        "DELETE FROM sqlite_master WHERE type = 'index' AND tbl_name = 'log_line' AND sql IS NULL",
        "PRAGMA writable_schema=RESET",
    ),
    "postgresql": (
        "DROP TRIGGER log_line_stays ON log_line",
        "DROP TRIGGER log_words_stay ON log_words",
        "ALTER TABLE log_words DROP CONSTRAINT fk_log_words_line_id_log_line",
        "ALTER TABLE log_line DROP CONSTRAINT uq_log_line_organisation_id",
        "ALTER TABLE log_line DROP CONSTRAINT pk_log_line",
    ),
}
"""The triggers and the constraints go first."""


class Attacker:
    """A connection of one's own, with no guard left in its way."""

    def __init__(self, run: Callable[..., Any]):
        self.run = run

    def set(self, line: int, /, **values: Any) -> None:
        """Write over fields of a line."""
        fields = ", ".join(f'"{name}" = :{name}' for name in values)
        self.run(f"UPDATE log_line SET {fields} WHERE number = :of", **values, of=line)

    def set_words(self, number: int, **facts: str) -> None:
        self.run(
            "UPDATE log_words SET facts = :facts WHERE line_id = (SELECT id FROM log_line WHERE number = :of)",
            facts=json.dumps(facts),
            of=number,
        )

    def delete(self, *numbers: int) -> None:
        for number in numbers:
            self.run("DELETE FROM log_words WHERE line_id = (SELECT id FROM log_line WHERE number = :of)", of=number)
            self.run("DELETE FROM log_line WHERE number = :of", of=number)

    def copy(self, line: int, /, **values: Any) -> None:
        """Put in a line like this one, with other fields."""
        row = dict(self.run("SELECT * FROM log_line WHERE number = :of", of=line).mappings().one())
        row |= {"id": 1_000 + line, **values}
        names = ", ".join(f'"{name}"' for name in row)
        self.run(f"INSERT INTO log_line ({names}) VALUES ({', '.join(f':{name}' for name in row)})", **row)

    def hash_again(self, start: int) -> None:
        """Make the chain fit again from this line on, by our own rules."""
        organisation = db.session.query(Organisation.id).scalar()
        before = None
        db.session.rollback()
        for line in list(lines_of(organisation)):
            if line.number >= start:
                line.before = before or line.before
                self.set(line.number, before=line.before, hash=hash_of(line))
                before = hash_of(line)
        db.session.rollback()


@contextmanager
def behind_its_back(app: Flask) -> Iterator[Attacker]:
    """The triggers are dropped, constraints too; each statement is committed by itself."""
    db.session.remove()
    with db.engine.connect() as connection:
        dialect = connection.dialect.name
        if dialect == "postgresql":  # row-level security does not stop whoever has the whole database
            connection.execute(text("SELECT set_config('govflow.projects', '*', false)"))
            connection.execute(text("SELECT set_config('govflow.organisations', '*', false)"))
            connection.commit()
        if dialect == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")

        def run(statement: str, **values: Any) -> Any:
            plain = {
                name: value.isoformat(" ") if isinstance(value, (date, datetime)) and dialect == "sqlite" else value
                for name, value in values.items()
            }
            found = connection.execute(text(statement), plain)
            if not found.returns_rows:
                connection.commit()
            return found

        for statement in UNGUARD[dialect]:
            run(statement)
        yield Attacker(run)
        connection.rollback()
        if dialect == "sqlite":
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
    db.session.remove()
