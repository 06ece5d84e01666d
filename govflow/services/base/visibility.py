"""What somebody can reach: worked out once for each page, before anything else is asked."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Date, Integer, bindparam, cast, null, or_, select, union_all

from govflow.store import Admin, MemberRow, Project, Share, db, everything, limit_scope_to


def limit_scope_for(person_id: int, *, today: date) -> bool:
    """Narrow this request to the projects somebody is in, or asked into, and those of organisations they look after.

    Whether they look after any.
    """
    with everything():
        rows = db.session.execute(_reached(), {"person": person_id, "today": today}).all()
        after = {row.ours for row in rows if row.ours is not None}
        limit_scope_to(
            {row.project for row in rows if row.project is not None},
            after | {row.organisation for row in rows if row.organisation is not None},
        )
    return bool(after)


@cache
def _reached() -> CompoundSelect[*tuple[Any, ...]]:
    """One question for all of it, put together once: every page begins with it."""
    person = bindparam("person", type_=Integer)
    looked_after = select(Admin.organisation_id).where(Admin.person_id == person).cte("looked_after")
    ours = select(looked_after.c.organisation_id)
    still_there = or_(MemberRow.left.is_(None), MemberRow.left > bindparam("today", type_=Date))
    mine = select(MemberRow.project_id).where(MemberRow.person_id == person, still_there)
    shared_with_ours = select(Share.project_id).where(Share.organisation_id.in_(ours))
    reached = (
        select(Project.id, Project.organisation_id)
        .where(or_(Project.id.in_(mine), Project.organisation_id.in_(ours), Project.id.in_(shared_with_ours)))
        .cte("reached")
    )
    none = cast(null(), Integer)
    of_partners = select(Share.organisation_id).where(Share.project_id.in_(select(reached.c.id))).distinct().subquery()
    return union_all(
        select(reached.c.id.label("project"), reached.c.organisation_id.label("organisation"), none.label("ours")),
        select(none, none, looked_after.c.organisation_id),
        select(none, of_partners.c.organisation_id, none),
    )
