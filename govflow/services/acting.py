"""How a person's act begins: the project locked, the person found in it, the permission asked; and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from govflow.domain.access import WORDS, Actor, may, who_may
from govflow.domain.picture import Picture
from govflow.domain.refusals import ConfirmFirst, NotAllowed, NotFound, Refused
from govflow.domain.wording import listed
from govflow.services.findings import refresh
from govflow.services.picture import MemberWithId, picture_of
from govflow.store import Person, Project, db, lock_project, tell


@dataclass(frozen=True)
class By:
    """Who acts. `operator`: done on the command line for this person, and recorded so.

    `strong`: they have shown a second step in this session, a passkey or a code.
    """

    person_id: int
    operator: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Act:
    """One act under way: the locked project, the picture of it on the day, and the member who acts."""

    project: Project
    picture: Picture
    me: MemberWithId
    by: By
    today: date

    def log(self, verb: str, whom: int | None = None, /, **facts: str) -> None:
        log(self.project, verb, by=self.by, today=self.today, whom=whom, **facts)

    def changed(self) -> None:
        """A fact changed: raise the project's version and work its findings out again."""
        self.project.version += 1
        refresh(self.project, today=self.today)


def begin(project_id: int, action: str, *, by: By, today: date, even_closed: bool = False) -> Act:
    """Lock the project and make sure that this person may do this in it."""
    project = lock_project(project_id)
    picture = picture_of(project, today=today)
    me = member_for(picture, by.person_id)
    if me is None:
        raise NotAllowed("You are not in this project, so you cannot do this here.")
    require(me, action)
    if project.state == "closed" and not even_closed:
        raise Refused("This project is closed. Nothing in it changes any more.")
    return Act(project=project, picture=picture, me=me, by=by, today=today)


def require(me: MemberWithId, action: str) -> None:
    if not may(Actor(role=me.role), action):
        roles = listed([f"a {role}" for role in who_may(action)[:2]], "or")
        raise NotAllowed(f"Your role here does not let you {WORDS.get(action, 'do this')}. Ask {roles}, who can.")


def require_strong(by: By | None) -> None:
    """For money, bank details and an organisation's settings: ask it after whether they may at all."""
    if by is not None and not (by.strong or by.operator):
        raise ConfirmFirst()


def member_for(picture: Picture, person_id: int) -> MemberWithId | None:
    """This person among the members of today."""
    for one in picture.members:
        if isinstance(one, MemberWithId) and one.person_id == person_id:
            return one
    return None


def member_by_key(picture: Picture, key: str) -> MemberWithId:
    for one in picture.members:
        if one.key == key and isinstance(one, MemberWithId):
            return one
    raise NotFound(f"There is nobody called “{key:.60}” in this project now.")


def log(project: Project, verb: str, *, by: By | None, today: date, whom: int | None = None, **facts: str) -> None:
    """Tell one line of a project's history. `whom`: the person it tells of, where that is not who acts.

    It is written as the act is committed, or neither is. Facts are for everyone in the project: no answer, no sum, no
    reason of a private finding.
    """
    tell(
        project.organisation_id,
        verb,
        facts,
        on=today,
        project_id=project.id,
        person_id=by.person_id if by else None,
        whom_id=whom,
        by_operator=bool(by and by.operator),
    )


def log_of(
    organisation_id: int, verb: str, *, by: By | None, today: date, whom: int | None = None, **facts: str
) -> None:
    """Tell one line of an organisation's own history, which its admins read. Without `by` the operator acted."""
    tell(
        organisation_id,
        verb,
        facts,
        on=today,
        person_id=by.person_id if by else None,
        whom_id=whom,
        by_operator=by is None or by.operator,
    )


def person_by_email(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email == email.strip().lower()))
