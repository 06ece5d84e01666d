"""the history is a chain for each organisation; its words stand apart and can be erased; the database keeps lines as they are

The hash of a line is written out here once more: what this migration made stays as it is, whatever becomes of our code.

Revision ID: 0004
Revises: 0003
"""

import datetime
import hashlib
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPEND_ONLY = "The history is only added to: a line is never changed or deleted."
WORDS_STAY = "The words of the history may be erased, and are never changed."
AT_ONCE = 2_000

LINE = sa.table(
    "log_line",
    sa.column("id", sa.Integer),
    sa.column("organisation_id", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("on", sa.Date),
    sa.column("verb", sa.String),
    sa.column("project_id", sa.Integer),
    sa.column("person_id", sa.Integer),
    sa.column("facts", sa.JSON),
    sa.column("by_operator", sa.Boolean),
    sa.column("number", sa.Integer),
    sa.column("facts_seal", sa.String),
    sa.column("before", sa.String),
    sa.column("hash", sa.String),
)
WORDS = sa.table(
    "log_words",
    sa.column("line_id", sa.Integer),
    sa.column("salt", sa.String),
    sa.column("facts", sa.JSON),
    sa.column("whom_id", sa.Integer),
)


def upgrade() -> None:
    op.create_table(
        "checkpoint_wish",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_checkpoint_wish_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_checkpoint_wish_person_id_person")),
        sa.PrimaryKeyConstraint("organisation_id", "person_id", name=op.f("pk_checkpoint_wish")),
    )
    op.create_table(
        "log_words",
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("whom_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["line_id"], ["log_line.id"], name=op.f("fk_log_words_line_id_log_line")),
        sa.ForeignKeyConstraint(["whom_id"], ["person.id"], name=op.f("fk_log_words_whom_id_person")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_log_words")),
    )
    with op.batch_alter_table("log_words", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_log_words_whom_id"), ["whom_id"], unique=False)
    with op.batch_alter_table("log_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.Integer(), nullable=True))
        for name in ("facts_seal", "before", "hash"):
            batch_op.add_column(sa.Column(name, sa.String(length=64), nullable=True))
    _chain_what_is_there(op.get_bind())
    with op.batch_alter_table("log_line", schema=None) as batch_op:
        batch_op.drop_index("ix_log_line_project")
        batch_op.drop_index("ix_log_line_organisation_id")
        batch_op.drop_column("facts")
        batch_op.alter_column("number", existing_type=sa.Integer(), nullable=False)
        for name in ("facts_seal", "before", "hash"):
            batch_op.alter_column(name, existing_type=sa.String(length=64), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_log_line_organisation_id"), ["organisation_id", "number"])
        batch_op.create_index("ix_log_line_project", ["project_id", "number"], unique=False)
    _guard()


def downgrade() -> None:
    _unguard()
    with op.batch_alter_table("log_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.drop_index("ix_log_line_project")
        batch_op.drop_constraint(batch_op.f("uq_log_line_organisation_id"), type_="unique")
        for name in ("number", "facts_seal", "before", "hash"):
            batch_op.drop_column(name)
        batch_op.create_index("ix_log_line_project", ["project_id", "id"], unique=False)
        batch_op.create_index("ix_log_line_organisation_id", ["organisation_id"], unique=False)
    op.execute(
        "UPDATE log_line SET facts = (SELECT w.facts FROM log_words AS w WHERE w.line_id = log_line.id) "
        "WHERE id IN (SELECT line_id FROM log_words)"
    )
    with op.batch_alter_table("log_line", schema=None) as batch_op:
        batch_op.alter_column("facts", existing_type=sa.JSON(), server_default=None)
    op.drop_table("log_words")
    op.drop_table("checkpoint_wish")


# --- the lines that are there already -----------------------------------------------------------------------


def _packed(*parts: str) -> bytes:
    return b"".join(b"%d:%b," % (len(raw), raw) for raw in [part.encode() for part in parts])


def _hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _id(number: int | None) -> str:
    return "" if number is None else str(number)


def _moment(at: datetime.datetime) -> str:
    at = at.replace(tzinfo=datetime.UTC) if at.tzinfo is None else at.astimezone(datetime.UTC)
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def _chain_what_is_there(bind: sa.Connection) -> None:
    """Number and chain each organisation's lines, oldest first; of two of one moment, the one that was written first."""
    order = sa.select(LINE).order_by(LINE.c.organisation_id, LINE.c.at, LINE.c.id)
    ids = [row.id for row in bind.execute(order.with_only_columns(LINE.c.id))]
    organisation, number, before = None, 0, ""
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        rows = {row.id: row for row in bind.execute(sa.select(LINE).where(LINE.c.id.in_(some)))}
        lines, words = [], []
        for row in (rows[one] for one in some):
            if row.organisation_id != organisation:
                organisation, number, before = row.organisation_id, 0, "0" * 64
            number += 1
            facts = {name: str(value) for name, value in (row.facts or {}).items()}
            seal, salt = "", secrets.token_hex(16)
            if facts:
                pairs = [part for name in sorted(facts) for part in (name, facts[name])]
                seal = _hex(_packed("govflow words 1", salt, "", *pairs))
                words.append({"line_id": row.id, "salt": salt, "facts": facts, "whom_id": None})
            said = [str(organisation), str(number), _moment(row.at), row.on.isoformat(), row.verb]
            said += [_id(row.project_id), _id(row.person_id), "operator" if row.by_operator else "", seal, before]
            made = _hex(_packed("govflow line 1", *said))
            lines.append({"of": row.id, "n": number, "s": seal, "b": before, "h": made})
            before = made
        bind.execute(
            sa.update(LINE)
            .where(LINE.c.id == sa.bindparam("of"))
            .values(
                number=sa.bindparam("n"), facts_seal=sa.bindparam("s"), before=sa.bindparam("b"), hash=sa.bindparam("h")
            ),
            lines,
        )
        if words:
            bind.execute(sa.insert(WORDS), words)


# --- the database keeps lines as they are -------------------------------------------------------------------


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, when, table, words in (
            ("log_line_no_update", "UPDATE", "log_line", APPEND_ONLY),
            ("log_line_no_delete", "DELETE", "log_line", APPEND_ONLY),
            ("log_words_no_update", "UPDATE", "log_words", WORDS_STAY),
        ):
            op.execute(f"CREATE TRIGGER {name} BEFORE {when} ON {table} BEGIN SELECT RAISE(ABORT, '{words}'); END")
        return
    for function, words in (("log_line_stays", APPEND_ONLY), ("log_words_stay", WORDS_STAY)):
        op.execute(
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{words}'; END $$"
        )
    op.execute(
        "CREATE TRIGGER log_line_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON log_line "
        "FOR EACH STATEMENT EXECUTE FUNCTION log_line_stays()"
    )
    op.execute(
        "CREATE TRIGGER log_words_stay BEFORE UPDATE ON log_words FOR EACH STATEMENT EXECUTE FUNCTION log_words_stay()"
    )


def _unguard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("log_line_no_update", "log_line_no_delete", "log_words_no_update"):
            op.execute(f"DROP TRIGGER {name}")
        return
    op.execute("DROP TRIGGER log_line_stays ON log_line")
    op.execute("DROP TRIGGER log_words_stay ON log_words")
    op.execute("DROP FUNCTION log_line_stays()")
    op.execute("DROP FUNCTION log_words_stay()")
