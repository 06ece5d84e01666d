"""a stamp for each change of a project, under which long lists are kept; letters of long ago are found by their day

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("project", sa.Column("stamp", sa.String(32), nullable=False, server_default=""))
    op.create_index("ix_letter_day", "letter", ["day"])


def downgrade() -> None:
    op.drop_index("ix_letter_day", table_name="letter")
    with op.batch_alter_table("project") as changed:
        changed.drop_column("stamp")
