"""What an organisation asks for at its gates beyond one sign-off of each kind and a lead’s."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import select

from govflow.domain.gates.gates import NO_EXTRA_SIGN_OFFS, GroupWanted, SignOffRules
from govflow.domain.snapshot import ProjectSnapshot
from govflow.services.base.snapshot import groups_on
from govflow.store import GroupRow, Organisation, Project, db


def asked_for(project: Project, snapshot: ProjectSnapshot) -> SignOffRules:
    """What the project's own organisation asks for at its gates beyond one sign-off of each kind and a lead's."""
    rule = db.session.get_one(Organisation, project.organisation_id).sign_offs
    if not rule:
        return NO_EXTRA_SIGN_OFFS
    names = rule.get("panels", [])
    rows = (
        db.session.scalars(select(GroupRow).where(GroupRow.project_id == project.id).order_by(GroupRow.id))
        if names
        else ()
    )
    groups: dict[str, GroupRow] = {}
    for row in rows:  # of two groups that one name would fit, it is the older one: no new one takes its place
        groups.setdefault(plain_name(row.slug), row)
        groups.setdefault(plain_name(row.title), row)
    chairs = groups_on(project.id, snapshot.today, chairs_only=True) if groups else {}
    wanted = [_group_wanted(name, groups.get(plain_name(name)), snapshot, chairs) for name in names]
    return SignOffRules(kinds=rule.get("kinds", {}), groups=tuple({group.slug: group for group in wanted}.values()))


def _group_wanted(
    name: str, row: GroupRow | None, snapshot: ProjectSnapshot, chairs: Mapping[int, list[str]]
) -> GroupWanted:
    """An admin names a group as people say it, and sees no project's groups. A file's short name fits as well."""
    if row is None:
        return GroupWanted(slug=plain_name(name), title=f"{name}, which this project does not have yet")
    there = {one.key for one in snapshot.members if row.slug in one.groups}
    chairing = {one.key for one in snapshot.members if row.slug in chairs.get(getattr(one, "id", 0), ())}
    return GroupWanted(slug=row.slug, title=row.title, members=frozenset(chairing or there))


def plain_name(name: str) -> str:
    """A group's name or short name, however its capitals, spaces and dashes are written."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-") or name
