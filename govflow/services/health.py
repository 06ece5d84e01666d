"""Looking after an installation: is the database ready, do letters flow, do all plugins load."""

from __future__ import annotations

from datetime import date

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from redis import Redis, RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from govflow.services.base.context import context
from govflow.services.base.findings import refresh_findings
from govflow.services.history import checkpoints
from govflow.services.mail.health import mail_problems
from govflow.services.privacy.complaints import of_nobody
from govflow.store import Project, db, lock_project


def database_ready(migrations: str) -> str:
    """An empty string when the database answers and is at the newest version, else a sentence."""
    try:
        with db.engine.connect() as connection:
            current = set(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError:
        return "The database cannot be reached."
    wanted = set(ScriptDirectory(migrations).get_heads())
    return "" if current == wanted else "The database is not at the newest version. Run: govflow db upgrade"


def rebuild_findings(*, today: date) -> int:
    """Throw every derived row away and work it out again, a project at a time."""
    ids = list(db.session.scalars(select(Project.id).order_by(Project.id)))
    for project_id in ids:
        refresh_findings(lock_project(project_id), today=today)
        db.session.commit()
    return len(ids)


def problems(*, redis_url: str, migrations: str, today: date) -> list[str]:
    """A sentence for each thing that is wrong."""
    not_ready = database_ready(migrations)
    if not_ready:
        return [not_ready]
    found = [
        f"The plugin {plugin.slug} could not be loaded: {plugin.problem}"
        for plugin in context().declared.plugins.values()
        if plugin.problem
    ]
    if not redis_url:
        found.append("No redis_url is set, so no worker runs; letters are posted by the sweep alone.")
    else:
        try:
            with Redis.from_url(redis_url, socket_connect_timeout=2) as connection:
                connection.ping()
        except (RedisError, OSError):
            found.append("Redis cannot be reached. Letters are posted by the sweep until it is back.")
    failed = context().failed_jobs()
    if failed:
        found.append(
            f"Jobs of the workers that went wrong in the last day: {failed}. Nothing is lost: the sweep does what they "
            "left. Look in the log of the workers for what happened."
        )
    found += mail_problems(today=today)
    waiting = len(of_nobody())
    if waiting:
        found.append(f"Complaints that name no organisation we know: {waiting}. Read them: govflow complaints")
    return found + checkpoints.problems()
