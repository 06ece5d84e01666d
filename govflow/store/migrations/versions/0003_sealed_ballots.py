"""ballots are sealed: one row an elector, the key outside the database; what may be told is settled at opening

Answers that were not sealed are not kept: a round that is open is removed with them, and can be asked again.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROUND = sa.table("poll_round", sa.column("id", sa.Integer), sa.column("results", sa.JSON))
NEW = (
    sa.Column("number", sa.Integer(), nullable=False, server_default="1"),
    sa.Column("anonymous", sa.Boolean(), nullable=False, server_default=sa.true()),
    sa.Column("shows", sa.String(length=16), nullable=False, server_default="counts"),
    sa.Column("least", sa.Integer(), nullable=False, server_default="5"),
    sa.Column("box", sa.String(length=32), nullable=False, server_default=""),
    sa.Column("put_aside", sa.Text(), nullable=False, server_default=""),
)


def upgrade() -> None:
    op.drop_table("poll_answer")
    op.execute("DELETE FROM poll_round WHERE closed IS NULL")
    for name in ("poll_elector", "sealed_ballot"):
        op.create_table(
            name,
            sa.Column("round_id", sa.Integer(), nullable=False),
            sa.Column("member_id", sa.Integer(), nullable=False),
            *([sa.Column("sealed", sa.LargeBinary(), nullable=False)] if name == "sealed_ballot" else []),
            sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f(f"fk_{name}_member_id_member")),
            sa.ForeignKeyConstraint(["round_id"], ["poll_round.id"], name=op.f(f"fk_{name}_round_id_poll_round")),
            sa.PrimaryKeyConstraint("round_id", "member_id", name=op.f(f"pk_{name}")),
        )
    with op.batch_alter_table("poll_round") as batch:
        for column in NEW:
            batch.add_column(column)
        batch.drop_constraint(op.f("uq_poll_round_project_id"), type_="unique")
        batch.create_unique_constraint(op.f("uq_poll_round_project_id"), ["project_id", "poll", "visit", "number"])
    _rewrite(lambda results: {one: {"counts": points} for one, points in results.items()})


def downgrade() -> None:
    op.execute("DELETE FROM poll_elector")
    op.execute("DELETE FROM sealed_ballot")
    op.execute("DELETE FROM poll_round WHERE closed IS NULL OR number > 1 OR NOT anonymous")
    _rewrite(lambda results: {one: told["counts"] for one, told in results.items() if "counts" in told})
    with op.batch_alter_table("poll_round") as batch:
        batch.drop_constraint(op.f("uq_poll_round_project_id"), type_="unique")
        batch.create_unique_constraint(op.f("uq_poll_round_project_id"), ["project_id", "poll", "visit"])
        for column in NEW:
            batch.drop_column(column.name)
    op.drop_table("sealed_ballot")
    op.drop_table("poll_elector")
    op.create_table(
        "poll_answer",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_poll_answer_member_id_member")),
        sa.ForeignKeyConstraint(["round_id"], ["poll_round.id"], name=op.f("fk_poll_answer_round_id_poll_round")),
        sa.PrimaryKeyConstraint("round_id", "member_id", name=op.f("pk_poll_answer")),
    )


def _rewrite(change) -> None:
    connection = op.get_bind()
    for round_id, results in connection.execute(sa.select(ROUND.c.id, ROUND.c.results)).all():
        connection.execute(ROUND.update().where(ROUND.c.id == round_id).values(results=change(results or {})))
