"""the own terms of an organisation and of a project

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("organisation", "project"):
        op.add_column(table, sa.Column("terms", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    for table in ("project", "organisation"):
        with op.batch_alter_table(table) as changed:
            changed.drop_column("terms")
