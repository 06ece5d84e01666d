"""groups: who sits in them, and their own papers; chances to take part, and who asked to hear of them

Revision ID: 0009
Revises: 0008
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

POLICIES = {
    "panel_seat": "govflow_project(project_id)",
    "paper": "govflow_project(project_id)",
    "interest": "govflow_organisation(organisation_id)",
    "opening": "CASE WHEN project_id IS NOT NULL THEN govflow_project(project_id) "
    "ELSE govflow_organisation(organisation_id) END",
    "opening_reply": "govflow_organisation(organisation_id)",
}


def upgrade() -> None:
    for_everyone()
    op.create_table(
        "panel_seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("chair", sa.Boolean(), nullable=False),
        sa.Column("joined", sa.Date(), nullable=True),
        sa.Column("left", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_panel_seat_project_id_project")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_seat_panel_id_panel")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_panel_seat_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel_seat")),
    )
    for column in ("project_id", "panel_id", "member_id"):
        op.create_index(op.f(f"ix_panel_seat_{column}"), "panel_seat", [column])
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shared_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_paper_project_id_project")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_paper_panel_id_panel")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_paper_member_id_member")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint("panel_id", "key", "number", name=op.f("uq_paper_panel_id")),
    )
    op.create_index(op.f("ix_paper_project_id"), "paper", ["project_id"])
    make_openings()
    seat_everyone()
    with op.batch_alter_table("panel") as batch:
        batch.drop_column("chairs")
    with op.batch_alter_table("member") as batch:
        batch.drop_column("groups")
    if op.get_bind().dialect.name == "postgresql":
        for table, condition in POLICIES.items():
            op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
            op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
            op.execute(f'CREATE POLICY reach ON "{table}" USING ({condition}) WITH CHECK ({condition})')


def make_openings() -> None:
    op.create_table(
        "interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_interest_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_interest_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
        sa.UniqueConstraint("key", name=op.f("uq_interest_key")),
        sa.UniqueConstraint("organisation_id", "person_id", name=op.f("uq_interest_organisation_id")),
    )
    op.create_index(op.f("ix_interest_person_id"), "interest", ["person_id"])
    op.create_table(
        "opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("task", "time", "pay", "access", "chosen")),
        sa.Column("closes", sa.Date(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("chosen_number", sa.Integer(), nullable=True),
        sa.Column("replied_number", sa.Integer(), nullable=True),
        sa.Column("chosen_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_opening_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_opening_project_id_project")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opening_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        sa.UniqueConstraint("organisation_id", "slug", name=op.f("uq_opening_organisation_id")),
    )
    op.create_index(op.f("ix_opening_person_id"), "opening", ["person_id"])
    op.create_table(
        "opening_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opening_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["opening_id"], ["opening.id"], name=op.f("fk_opening_reply_opening_id_opening")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_opening_reply_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opening_reply_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_reply")),
        sa.UniqueConstraint("opening_id", "person_id", name=op.f("uq_opening_reply_opening_id")),
    )


def downgrade() -> None:
    for_everyone()
    with op.batch_alter_table("panel") as batch:
        batch.add_column(sa.Column("chairs", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("member") as batch:
        batch.add_column(sa.Column("groups", sa.JSON(), nullable=False, server_default="[]"))
    write_groups_back()
    op.execute("DELETE FROM letter WHERE kind IN ('hearing', 'chance')")
    for table in reversed(POLICIES):
        op.drop_table(table)


def for_everyone() -> None:
    """Row-level security holds for whoever migrates too: without this PostgreSQL would show no row to move."""
    if op.get_bind().dialect.name == "postgresql":
        for name in ("projects", "organisations"):
            op.execute(f"SELECT set_config('govflow.{name}', '*', true)")


def listed(value: object) -> list[str]:
    """A JSON column as plain SQL gives it: a list on PostgreSQL, text on SQLite."""
    return list(json.loads(value) if isinstance(value, str) else value or [])  # type: ignore[call-overload]


def seat_everyone() -> None:
    """Whoever was named in a group, or as its chair, gets a seat for as long as they are in the project."""
    bind = op.get_bind()
    panels = bind.execute(sa.text("SELECT id, project_id, slug, chairs FROM panel ORDER BY id")).all()
    members = bind.execute(
        sa.text('SELECT id, project_id, key, "groups", joined, "left" FROM member WHERE joined IS NOT NULL ORDER BY id')
    ).all()
    seats = [
        {
            "project": panel.project_id,
            "panel": panel.id,
            "member": member.id,
            "chair": member.key in listed(panel.chairs),
            "joined": member.joined,
            "left": member.left,
        }
        for panel in panels
        for member in members
        if member.project_id == panel.project_id
        and (panel.slug in listed(member.groups) or member.key in listed(panel.chairs))
    ]
    if seats:
        bind.execute(
            sa.text(
                'INSERT INTO panel_seat (project_id, panel_id, member_id, chair, joined, "left") '
                "VALUES (:project, :panel, :member, :chair, :joined, :left)"
            ),
            seats,
        )


def write_groups_back() -> None:
    """As before: the groups on each member, the chairs on each group. Of whoever left the project, those to the end."""
    bind = op.get_bind()
    rows = bind.execute(
        sa.text(
            "SELECT panel.id AS panel, panel.slug, member.id AS member, member.key, panel_seat.chair FROM panel_seat "
            "JOIN panel ON panel.id = panel_seat.panel_id JOIN member ON member.id = panel_seat.member_id "
            "WHERE panel_seat.joined IS NOT NULL "
            'AND (panel_seat."left" IS NULL OR panel_seat."left" = member."left") ORDER BY panel.id, panel_seat.id'
        )
    ).all()
    groups: dict[int, list[str]] = {}
    chairs: dict[int, list[str]] = {}
    for row in rows:
        groups.setdefault(row.member, []).append(row.slug)
        if row.chair:
            chairs.setdefault(row.panel, []).append(row.key)
    for table, column, found in (("member", '"groups"', groups), ("panel", "chairs", chairs)):
        for key, names in found.items():
            statement = f"UPDATE {table} SET {column} = :names WHERE id = :id"  # names of ours alone
            bind.execute(sa.text(statement), {"names": json.dumps(names), "id": key})
