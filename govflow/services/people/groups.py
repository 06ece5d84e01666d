"""Groups of a project: started, joined, chaired, left. Nobody puts themself into a group of others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Select, func, or_, select

from govflow.domain.access import Viewer, may
from govflow.domain.people import MemberWithId, Role
from govflow.domain.questions import TEXT_MOST, read_words
from govflow.domain.refusals import Invalid, NotAllowed, NotFound, Refused
from govflow.domain.wording import short_name
from govflow.services.base.actions import Action, Actor, member_by_key, start_action
from govflow.store import GroupNote, GroupRow, GroupSeat, db

MOST_GROUPS = 100
CALLS_TOGETHER = (Role.LEAD, Role.COORDINATOR)


@dataclass
class Group:
    """A group as it is today. `members` and `chairs` are keys; `papers`: how many there are, shared or not."""

    id: int
    slug: str
    title: str
    members: dict[str, date] = field(default_factory=dict)
    chairs: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    ever: bool = False
    papers: int = 0


# --- looking ----------------------------------------------------------------------------------------------


def groups_of(project_id: int, members: Iterable[MemberWithId], *, today: date) -> list[Group]:
    """The groups of a project with who is in them today, in three queries."""
    keys = {member.id: member.key for member in members}
    rows = db.session.scalars(
        select(GroupRow).where(GroupRow.project_id == project_id).order_by(GroupRow.title, GroupRow.id)
    )
    found = {row.id: Group(row.id, row.slug, row.title) for row in rows}
    for seat in db.session.scalars(_seats(project_id)):
        group, key = found[seat.group_id], keys.get(seat.member_id)
        group.ever |= seat.joined is not None
        over = seat.left is not None and seat.left <= today
        if key is None or over:
            continue
        if seat.joined is None:
            group.asked.append(key)
        elif seat.joined <= today:
            group.members[key] = seat.joined
            group.chairs += [key] if seat.chair else []
    counted = select(GroupNote.group_id, func.count(GroupNote.key.distinct())).where(GroupNote.project_id == project_id)
    for group_id, number in db.session.execute(counted.group_by(GroupNote.group_id)):
        found[group_id].papers = number
    return list(found.values())


def group_named(project_id: int, slug: str, members: Iterable[MemberWithId], *, today: date) -> Group:
    for group in groups_of(project_id, members, today=today):
        if group.slug == slug:
            return group
    raise NotFound(f"There is no group “{slug:.64}” in this project.")


def may_ask_in(group: Group, me: MemberWithId, other: MemberWithId) -> bool:
    """Who is in a group asks anybody in. A lead or coordinator outside it does too, but once it has begun neither
    themself nor one another: what is in its papers is not theirs to open."""
    if other.key in (*group.members, *group.asked) or other.role == Role.OBSERVER:
        return False
    if me.key in group.members:
        return True
    begun = group.ever or group.papers
    return may(Viewer(role=me.role), "start groups") and not (begun and other.role in CALLS_TOGETHER)


def may_choose_chairs(group: Group, me: MemberWithId) -> bool:
    """The group's chairs choose; while it has none, a lead does."""
    return me.key in group.chairs if group.chairs else me.role == Role.LEAD


# --- changing ---------------------------------------------------------------------------------------------


def start(project_id: int, *, title: str, myself: bool, by: Actor, today: date) -> str:
    """Begin a group, oneself in it or not; answers with its short name."""
    action = start_action(project_id, "start groups", by=by, today=today)
    title = " ".join(read_words(title, "title", "Give the group a name.", most=TEXT_MOST).split())
    there = list(db.session.scalars(select(GroupRow).where(GroupRow.project_id == project_id)))
    if title.casefold() in {one.title.casefold() for one in there}:
        sentence = "This project has a group of that name already."
        raise Invalid(sentence, {"title": sentence})
    if len(there) >= MOST_GROUPS:
        raise Refused(f"A project has at most {MOST_GROUPS} groups.")
    slug = free_name(title, {group.slug for group in there} | {"start"}, otherwise="group")
    row = GroupRow(project_id=project_id, slug=slug, title=title)
    db.session.add(row)
    db.session.flush()
    action.log("group.started", group=title)
    if myself:
        db.session.add(GroupSeat(project_id=project_id, group_id=row.id, member_id=action.me.id, joined=today))
        action.log("group.joined", member=action.me.name, group=title)
    action.mark_changed()
    db.session.commit()
    return slug


def ask_in(project_id: int, *, group: str, member: str, by: Actor, today: date) -> str:
    """Ask a member into a group; they are in it when they say yes. Answers with their name."""
    action, found = _begin(project_id, group, by=by, today=today)
    if not member:
        raise Invalid("Choose who is asked.", {"member": "Choose who is asked."})
    other = member_by_key(action.snapshot, member)
    if other.key in found.members or other.key in found.asked:
        raise Refused(f"{other.name} is in this group already, or has been asked.")
    if not may_ask_in(found, action.me, other):
        raise NotAllowed("Ask somebody who is in the group. They can ask this person in.")
    db.session.add(GroupSeat(project_id=project_id, group_id=found.id, member_id=other.id))
    action.project.version += 1
    db.session.commit()
    return other.name


def answer(project_id: int, *, group: str, yes: bool, by: Actor, today: date) -> None:
    """Say yes or no to being asked into a group. Nobody is told of a no."""
    action, found = _begin(project_id, group, by=by, today=today)
    seat = _seat(found, action.me, today)
    if seat is None or seat.joined is not None:
        raise NotFound("Nobody has asked you into this group. You may have answered already.")
    if yes:
        seat.joined = today
        action.log("group.joined", member=action.me.name, group=found.title)
    else:
        seat.left = today
    action.mark_changed()
    db.session.commit()


def leave(project_id: int, *, group: str, by: Actor, today: date) -> None:
    """Leave a group, without a reason."""
    action, found = _begin(project_id, group, by=by, today=today)
    seat = _seat(found, action.me, today)
    if seat is None or seat.joined is None:
        raise NotFound("You are not in this group.")
    seat.left = today
    action.log("group.left", member=action.me.name, group=found.title)
    action.mark_changed()
    db.session.commit()


def choose_chair(project_id: int, *, group: str, member: str, chair: bool, by: Actor, today: date) -> None:
    """Make somebody who is in the group one of its chairs, or end that."""
    action, found = _begin(project_id, group, by=by, today=today)
    if not may_choose_chairs(found, action.me):
        raise NotAllowed("The chairs of this group choose. While it has none, a lead does.")
    if member not in found.members:
        raise Invalid("Choose somebody who is in the group.", {"member": "Choose somebody who is in the group."})
    other = member_by_key(action.snapshot, member)
    seat = _seat(found, other, today)
    assert seat is not None
    if seat.chair != chair:
        seat.chair = chair
        action.log("group.chair" if chair else "group.no_chair", member=other.name, group=found.title)
        action.mark_changed()
    db.session.commit()


def end_seats(action: Action, member: MemberWithId) -> None:
    """In the transaction that ends somebody's time in the project: it ends in its groups too."""
    for seat in db.session.scalars(_seats(action.project.id).where(GroupSeat.member_id == member.id)):
        if seat.left is None or seat.left > action.today:
            seat.left = action.today


def free_name(title: str, taken: set[str], *, otherwise: str) -> str:
    """A short name for an address, which nobody else has here; it begins with a letter."""
    begins = re.match(r"[^a-z0-9]*[a-z]", title.lower())
    return short_name(title if begins else f"{otherwise} {title}", taken, otherwise=otherwise)


def _begin(project_id: int, slug: str, *, by: Actor, today: date) -> tuple[Action, Group]:
    action = start_action(project_id, "see groups", by=by, today=today)
    return action, group_named(project_id, slug, members_of(action), today=today)


def members_of(action: Action) -> list[MemberWithId]:
    return list(action.snapshot.members)


def _seats(project_id: int) -> Select[GroupSeat]:
    return select(GroupSeat).where(GroupSeat.project_id == project_id).order_by(GroupSeat.joined, GroupSeat.id)


def _seat(group: Group, member: MemberWithId, today: date) -> GroupSeat | None:
    """This person's seat in the group, or that they are asked into it."""
    return db.session.scalar(
        select(GroupSeat)
        .where(GroupSeat.group_id == group.id, GroupSeat.member_id == member.id)
        .where(or_(GroupSeat.left.is_(None), GroupSeat.left > today))
        .order_by(GroupSeat.id.desc())
        .limit(1)
    )
