"""What an organisation asks for at its gates beyond one sign-off of each kind and a lead’s."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from govflow.domain.gates.gates import NO_EXTRA_SIGN_OFFS, GroupWanted, SignOffRules
from govflow.domain.people import Member
from govflow.store import GroupRow, GroupSeat, MemberRow, Organisation, Project, db


def sign_off_rules_of(projects: Collection[Project]) -> dict[int, dict[str, Any]]:
    """What the organisations of these projects ask for, by the organisation's id, as it is kept."""
    ids = {project.organisation_id for project in projects}
    rows = db.session.execute(select(Organisation.id, Organisation.sign_offs).where(Organisation.id.in_(ids)))
    return {row.id: row.sign_offs for row in rows}


def sign_off_rules(
    project: Project, rule: Mapping[str, Any], members: Collection[Member], *, today: date
) -> SignOffRules:
    """What the project's own organisation asks for at its gates beyond one sign-off of each kind and a lead's.

    `rule` as it is kept; `members` are those who are in the project today.
    """
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
    chairs = chairs_on(project.id, today) if groups else {}
    wanted = [_group_wanted(name, groups.get(plain_name(name)), members, chairs) for name in names]
    return SignOffRules(kinds=rule.get("kinds", {}), groups=tuple({group.slug: group for group in wanted}.values()))


def _group_wanted(
    name: str, row: GroupRow | None, members: Collection[Member], chairs: Mapping[str, Collection[str]]
) -> GroupWanted:
    """An admin names a group as people say it, and sees no project's groups. A file's short name fits as well."""
    if row is None:
        return GroupWanted(slug=plain_name(name), title=f"{name}, which this project does not have yet")
    there = {member.key for member in members if row.slug in member.groups}
    chairing = {member.key for member in members if row.slug in chairs.get(member.key, ())}
    return GroupWanted(slug=row.slug, title=row.title, members=frozenset(chairing or there))


def chairs_on(project_id: int, day: date) -> dict[str, set[str]]:
    """Member key -> the short names of the groups they chaired on that day."""
    rows = db.session.execute(
        select(MemberRow.key, GroupRow.slug)
        .join(GroupSeat, GroupSeat.member_id == MemberRow.id)
        .join(GroupRow, GroupRow.id == GroupSeat.group_id)
        .where(GroupSeat.project_id == project_id, GroupSeat.chair, GroupSeat.joined <= day)
        .where(or_(GroupSeat.left.is_(None), GroupSeat.left > day))
    )
    found: dict[str, set[str]] = defaultdict(set)
    for member, slug in rows:
        found[member].add(slug)
    return found


def plain_name(name: str) -> str:
    """A group's name or short name, however its capitals, spaces and dashes are written."""
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-") or name
