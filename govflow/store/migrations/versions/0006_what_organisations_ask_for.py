"""what an organisation asks for: more sign-offs, more answers, its own words for expertise

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisation") as batch:
        batch.add_column(sa.Column("sign_offs", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("least_answers", sa.Integer(), nullable=False, server_default="5"))
        batch.add_column(sa.Column("words", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("member") as batch:
        batch.add_column(sa.Column("words", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("member") as batch:
        batch.drop_column("words")
    with op.batch_alter_table("organisation") as batch:
        for name in ("words", "least_answers", "sign_offs"):
            batch.drop_column(name)
