"""letters: who is told next, how each person wants to be reminded, mail servers that are away

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

POLICIES = {
    "snooze": "govflow_project(project_id)",
    "sweep_done": "govflow_organisation(organisation_id)",
}
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("organisation", sa.Column("escalate_after", sa.Integer(), nullable=False, server_default="14"))
    op.add_column("project", sa.Column("gate_seen", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("project", sa.Column("told_open", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("person", sa.Column("unreachable_on", sa.Date(), nullable=True))
    op.add_column("letter", sa.Column("channel", sa.String(length=16), nullable=False, server_default="email"))
    op.add_column("letter", sa.Column("failing_since", MOMENT, nullable=True))
    op.execute("UPDATE project SET gate_seen = version")  # gates that stand open now are no news
    with op.batch_alter_table("letter_item") as table:
        table.add_column(sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
        table.drop_constraint("uq_letter_item_project_id", type_="unique")
        table.create_unique_constraint("uq_letter_item_project_id", ["project_id", "check", "subject", "cycle", "rank"])
    _findings()
    _tables()
    if op.get_bind().dialect.name == "postgresql":
        for table, condition in POLICIES.items():
            op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
            op.execute(f'CREATE POLICY reach ON "{table}" USING ({condition}) WITH CHECK ({condition})')


def _findings() -> None:
    """Derived rows: what is new in them is worked out from the old, so that nothing waits for a rebuild."""
    op.add_column("finding", sa.Column("organisation_id", sa.Integer(), nullable=True))
    op.add_column("finding", sa.Column("remind_before", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("finding", sa.Column("tell_from", sa.Date(), nullable=True))
    following = "due_on + 1" if op.get_bind().dialect.name == "postgresql" else "date(due_on, '+1 day')"
    op.execute(
        f"UPDATE finding SET tell_from = {following}, "
        "organisation_id = (SELECT organisation_id FROM project WHERE project.id = finding.project_id)"
    )
    with op.batch_alter_table("finding") as table:
        table.alter_column("organisation_id", existing_type=sa.Integer(), nullable=False)
        table.create_foreign_key("fk_finding_organisation_id_organisation", "organisation", ["organisation_id"], ["id"])
    op.create_index(
        "ix_finding_tell_from",
        "finding",
        ["organisation_id", "tell_from", "id"],
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open"),
    )
    _index_of_due_days("open = 1")


def _index_of_due_days(where: str) -> None:
    """SQLite used it for nothing: its condition was not letter by letter the one that queries have."""
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_finding_due", table_name="finding")
        op.create_index("ix_finding_due", "finding", ["due_on", "id"], sqlite_where=sa.text(where))


def _tables() -> None:
    op.create_table(
        "letter_wish",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("rhythm", sa.String(length=16), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("contact", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_wish_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_letter_wish")),
    )
    op.create_table(
        "snooze",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("check", sa.String(length=130), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_snooze_member_id_member")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_snooze_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snooze")),
    )
    op.create_index("ix_snooze_place", "snooze", ["project_id", "check", "subject"])
    op.create_table(
        "mail_host",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("away_until", MOMENT, nullable=True),
        sa.Column("slow", sa.Boolean(), nullable=False),
        sa.Column("next_batch_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_mail_host")),
    )
    op.create_table(
        "sweep_done",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_sweep_done_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_sweep_done")),
    )


def downgrade() -> None:
    for table in ("sweep_done", "mail_host", "snooze", "letter_wish"):
        op.drop_table(table)
    _index_of_due_days("open")
    op.drop_index("ix_finding_tell_from", table_name="finding")
    with op.batch_alter_table("finding") as table:
        table.drop_constraint("fk_finding_organisation_id_organisation", type_="foreignkey")
        for column in ("tell_from", "remind_before", "organisation_id"):
            table.drop_column(column)
    op.execute("DELETE FROM letter_item WHERE rank > 0")
    with op.batch_alter_table("letter_item") as table:
        table.drop_constraint("uq_letter_item_project_id", type_="unique")
        table.create_unique_constraint("uq_letter_item_project_id", ["project_id", "check", "subject", "cycle"])
        table.drop_column("rank")
    for table_name, column in (
        ("letter", "failing_since"),
        ("letter", "channel"),
        ("person", "unreachable_on"),
        ("project", "told_open"),
        ("project", "gate_seen"),
        ("organisation", "escalate_after"),
    ):
        op.drop_column(table_name, column)
