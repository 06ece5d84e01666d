"""What somebody can reach: worked out once for each page, before anything else is asked."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Integer, cast, null, or_, select, union_all

from govflow.store import Admin, MemberRow, Project, Share, db, everything, limit_scope_to


def limit_scope_for(person_id: int, *, today: date) -> bool:
    """Narrow this request to the projects somebody is in, or asked into, and those of organisations they look after.

    Whether they look after any. All of it is one question to the database, as every page begins with it.
    """
    looked_after = select(Admin.organisation_id).where(Admin.person_id == person_id).cte("looked_after")
    ours = select(looked_after.c.organisation_id)
    mine = select(MemberRow.project_id).where(
        MemberRow.person_id == person_id, or_(MemberRow.left.is_(None), MemberRow.left > today)
    )
    shared_with_ours = select(Share.project_id).where(Share.organisation_id.in_(ours))
    reached = (
        select(Project.id, Project.organisation_id)
        .where(or_(Project.id.in_(mine), Project.organisation_id.in_(ours), Project.id.in_(shared_with_ours)))
        .cte("reached")
    )
    none = cast(null(), Integer)
    of_partners = select(Share.organisation_id).where(Share.project_id.in_(select(reached.c.id))).distinct()
    everything_reached = union_all(
        select(reached.c.id.label("project"), reached.c.organisation_id.label("organisation"), none.label("ours")),
        select(none, none, looked_after.c.organisation_id),
        select(none, of_partners.subquery().c.organisation_id, none),
    )
    with everything():
        rows = db.session.execute(everything_reached).all()
        after = {row.ours for row in rows if row.ours is not None}
        limit_scope_to(
            {row.project for row in rows if row.project is not None},
            after | {row.organisation for row in rows if row.organisation is not None},
        )
    return bool(after)
