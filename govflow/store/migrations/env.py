"""How migrations run: on the app's own engine, SQLite's foreign keys off while tables are rebuilt."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import text

db = current_app.extensions["migrate"].db
config = context.config


def render_item(kind: str, item: object, autogen_context: object) -> str | bool:
    """Our own column type is written as what it is in the database, so that old migrations need no code of ours."""
    if kind == "type" and type(item).__name__ == "Moment":
        return "sa.DateTime(timezone=True)"
    return False


def run_migrations() -> None:
    with db.engine.connect() as connection:
        raw = connection.connection.driver_connection
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            raw.execute("PRAGMA foreign_keys=OFF")  # outside a transaction, or it does nothing
        else:  # a migration changes rows of everyone
            connection.execute(text("SELECT set_config('govflow.projects', '*', false)"))
            connection.execute(text("SELECT set_config('govflow.organisations', '*', false)"))
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            render_item=render_item,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
                if broken:
                    raise RuntimeError(f"a migration left rows without their parent: {broken[:3]}")
        if sqlite:
            raw.execute("PRAGMA foreign_keys=ON")


run_migrations()
