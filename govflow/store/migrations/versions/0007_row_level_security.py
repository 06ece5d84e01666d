"""on PostgreSQL: rows of a project or an organisation are reached only by whom the transaction acts for

The app says whom with `set_config('govflow.projects', '1,2', true)`, or `*` for everyone; a connection that has said
nothing reaches no row. The policies hold for the tables' owner too. Later migrations give each new table its policy
with `govflow_project(…)` or `govflow_organisation(…)`.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BY_PROJECT = (
    "document_version",
    "evidence",
    "finding",
    "letter_item",
    "member",
    "panel",
    "pause",
    "poll_round",
    "project_plugin",
    "share",
    "sign_off",
    "transition",
    "upload",
    "visit",
    "waiver",
)
EITHER = "CASE WHEN project_id IS NOT NULL THEN govflow_project(project_id) ELSE {otherwise} END"
POLICIES = {
    "project": "govflow_project(id)",
    **dict.fromkeys(BY_PROJECT, "govflow_project(project_id)"),
    "admin": "govflow_organisation(organisation_id)",
    "plugin_switch": "govflow_organisation(organisation_id)",
    "entry": EITHER.format(otherwise="govflow_organisation(organisation_id)"),
    "log_line": EITHER.format(otherwise="govflow_organisation(organisation_id)"),
    "letter": EITHER.format(otherwise="organisation_id IS NULL OR govflow_organisation(organisation_id)"),
    "log_words": "line_id IN (SELECT id FROM log_line)",
    "checkpoint_wish": "govflow_organisation(organisation_id)",
    "entry_version": "entry_id IN (SELECT id FROM entry)",
    "agreement": "version_id IN (SELECT id FROM document_version)",
    "poll_elector": "round_id IN (SELECT id FROM poll_round)",
    "sealed_ballot": "round_id IN (SELECT id FROM poll_round)",
}
FUNCTION = """
CREATE FUNCTION govflow_{name}(wanted integer) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN current_setting('govflow.{name}s', true) = '*' THEN true
        ELSE coalesce(wanted = ANY (string_to_array(nullif(current_setting('govflow.{name}s', true), ''), ',')::int[]), false)
    END
$$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in ("project", "organisation"):
        op.execute(FUNCTION.format(name=name))
    for table, condition in POLICIES.items():
        op.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        op.execute(f'CREATE POLICY reach ON "{table}" USING ({condition}) WITH CHECK ({condition})')


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in POLICIES:
        op.execute(f'DROP POLICY reach ON "{table}"')
        op.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        op.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
    for name in ("project", "organisation"):
        op.execute(f"DROP FUNCTION govflow_{name}(integer)")
