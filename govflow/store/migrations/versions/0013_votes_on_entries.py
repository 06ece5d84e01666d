"""votes on an entry of a list: what can be voted for is kept with the round

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("poll_round") as table:
        table.add_column(sa.Column("offers", sa.JSON(), nullable=False, server_default="[]"))
        table.alter_column("poll", existing_type=sa.String(130), type_=sa.String(200), existing_nullable=False)


def downgrade() -> None:
    for table in ("sealed_ballot", "poll_elector"):
        op.execute(f"DELETE FROM {table} WHERE round_id IN (SELECT id FROM poll_round WHERE poll LIKE '%.%.%')")
    op.execute("DELETE FROM poll_round WHERE poll LIKE '%.%.%'")
    with op.batch_alter_table("poll_round") as table:
        table.alter_column("poll", existing_type=sa.String(200), type_=sa.String(130), existing_nullable=False)
        table.drop_column("offers")
