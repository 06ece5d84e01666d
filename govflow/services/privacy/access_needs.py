"""What somebody needs to take part: written by them, sealed, and read by whom they named, one reading at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from govflow.domain.people import MemberWithId, Role
from govflow.domain.questions import Known, Question, read_answers
from govflow.domain.refusals import Invalid, NotFound
from govflow.domain.snapshot import ProjectSnapshot
from govflow.services.base.actions import Actor, start_action
from govflow.services.base.vault import NO_KEY, Locked, access_key, decrypt, encrypt, key_is_here
from govflow.store import AccessNeed, Project, db, everything

QUESTIONS = (
    Question(
        name="need",
        label="What do you need to take part well?",
        kind="long_text",
        help="Say what you need, not why. For example: large print; a break every hour; a ground-floor room. "
        "You never have to name an illness.",
        most=2_000,
    ),
    Question(
        name="told_to",
        label="Who must act on it, and may read it?",
        kind="people",
        help="Only these people can read it. You can choose nobody for now.",
    ),
)
EMPTY = "Say what you need. If you need nothing any more, take it back with the button below."


@dataclass(frozen=True)
class Mine:
    """One's own need, opened. `locked`: why it cannot be opened here."""

    text: str
    told_to: list[str]
    on: date
    locked: str = ""


def can_be_told(snapshot: ProjectSnapshot, me: MemberWithId) -> dict[str, str]:
    """Whom somebody may name: everyone here but themselves and observers."""
    return {
        member.key: member.name for member in snapshot.members if member.key != me.key and member.role != Role.OBSERVER
    }


def my_need(project: Project, me: MemberWithId) -> Mine | None:
    row = _row(project.id, me.id)
    if row is None or row.ended_on:
        return None
    try:
        text, locked = decrypt(row.sealed, key=access_key(project.organisation_id)), ""
    except Locked as error:
        text, locked = "", str(error)
    return Mine(text, list(row.told_to), row.on, locked)


def write_need(project_id: int, *, given: Mapping[str, Any], by: Actor, today: date) -> None:
    """Say what one needs, and to whom. It takes the place of what was said before."""
    action = start_action(project_id, "see access needs", by=by, today=today)
    answers = read_answers(QUESTIONS, given, Known(people=can_be_told(action.snapshot, action.me), entries={}))
    if "need" not in answers:
        raise Invalid(EMPTY, {"need": EMPTY})
    facts = {
        "sealed": encrypt(answers["need"], key=_key(action.project)),
        "told_to": answers.get("told_to", []),
        "on": today,
    }
    row = _row(project_id, action.me.id)
    if row is None:
        db.session.add(AccessNeed(project_id=project_id, member_id=action.me.id, **facts))
    else:
        row.sealed, row.told_to, row.on, row.ended_on = facts["sealed"], facts["told_to"], today, None
    db.session.commit()


def take_back(project_id: int, *, by: Actor, today: date) -> None:
    """It is needed no more: what was written is gone at once."""
    action = start_action(project_id, "see access needs", by=by, today=today, even_closed=True)
    row = _row(project_id, action.me.id)
    if row is None or row.ended_on:
        raise NotFound("There is nothing to take back.")
    row.sealed, row.told_to, row.ended_on = {}, [], today
    db.session.commit()


def told_me(snapshot: ProjectSnapshot, me: MemberWithId) -> list[MemberWithId]:
    """Those here who said what they need to this member. Not what they said."""
    rows = db.session.scalars(
        select(AccessNeed).where(
            AccessNeed.member_id.in_([member.id for member in snapshot.members]),
            AccessNeed.ended_on.is_(None),
        )
    )
    told = {row.member_id for row in rows if me.key in row.told_to}
    return [member for member in snapshot.members if member.id in told]


def read_need(project_id: int, *, member: str, by: Actor, today: date) -> tuple[str, str]:
    """Whose need this is, and what it says, for somebody who was named; that it was read is kept.

    To all others there is nothing, whether or not somebody wrote something.
    """
    action = start_action(project_id, "see access needs", by=by, today=today, even_closed=True)
    other = next((person for person in told_me(action.snapshot, action.me) if person.key == member), None)
    row = _row(project_id, other.id) if other else None
    if other is None or row is None:
        raise NotFound("Nobody of this name has told you what they need.")
    text = decrypt(row.sealed, key=access_key(action.project.organisation_id))
    action.log("need.read", other.person_id, member=other.name)
    db.session.commit()
    return other.name, text


def _key(project: Project) -> str:
    """The key to seal with. While it is away no other is made: what is sealed already would then be lost."""
    key = access_key(project.organisation_id)
    if not key_is_here(key):
        ours = select(Project.id).where(Project.organisation_id == project.organisation_id)
        sealed = select(AccessNeed.id).where(AccessNeed.project_id.in_(ours), AccessNeed.ended_on.is_(None))
        with everything():
            if db.session.scalar(sealed.limit(1)):
                raise Locked(NO_KEY)
    return key


def _row(project_id: int, member_id: int) -> AccessNeed | None:
    return db.session.scalar(
        select(AccessNeed).where(AccessNeed.project_id == project_id, AccessNeed.member_id == member_id)
    )
