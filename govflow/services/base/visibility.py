"""What somebody can reach: worked out once for each page, before anything else is asked."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from govflow.store import Admin, MemberRow, Project, Share, db, everything, limit_scope_to


def limit_scope_for(person_id: int, *, today: date) -> bool:
    """Narrow this request to the projects somebody is in, or asked into, and those of organisations they look after.

    Whether they look after any.
    """
    with everything():
        looked_after = set(db.session.scalars(select(Admin.organisation_id).where(Admin.person_id == person_id)))
        mine = select(MemberRow.project_id).where(
            MemberRow.person_id == person_id, or_(MemberRow.left.is_(None), MemberRow.left > today)
        )
        shared_with_ours = select(Share.project_id).where(Share.organisation_id.in_(looked_after))
        rows = db.session.execute(
            select(Project.id, Project.organisation_id).where(
                or_(
                    Project.id.in_(mine),
                    Project.organisation_id.in_(looked_after),
                    Project.id.in_(shared_with_ours),
                )
            )
        ).all()
        projects = {row.id for row in rows}
        partners = set(db.session.scalars(select(Share.organisation_id).where(Share.project_id.in_(projects))))
    limit_scope_to(projects, looked_after | partners | {row.organisation_id for row in rows})
    return bool(looked_after)
