"""One way for sealed answers, of polls and of equality questions: a blank row for everyone who is asked, an answer in
place of it, and all rows opened at once or none (ballot_box.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select, update

from govflow.domain.people import MemberWithId, Role
from govflow.domain.polls.polls import Ballot
from govflow.domain.snapshot import ProjectSnapshot
from govflow.services.polls.ballot_box import Box, Disturbed
from govflow.store import MemberRow, Organisation, PollElector, PollRound, Project, SealedBallot, db, forget_deleted


def partners(snapshot: ProjectSnapshot) -> list[MemberWithId]:
    """Everyone who is asked alike: who is here today, and does not only look on."""
    return [member for member in snapshot.members if member.role != Role.OBSERVER]


def least_of(project: Project) -> int:
    """How many answers the project's organisation wants before anything is told: five, or more."""
    return db.session.get_one(Organisation, project.organisation_id).least_answers


def member_here(project_id: int, person_id: int, today: date) -> MemberRow | None:
    return db.session.scalar(
        select(MemberRow).where(MemberRow.project_id == project_id, MemberRow.person_id == person_id, _here_on(today))
    )


def _here_on(day: Any) -> ColumnElement[bool]:
    return and_(MemberRow.joined <= day, or_(MemberRow.left.is_(None), MemberRow.left > day))


class Elector(NamedTuple):
    """One member's place in a round: whether they were asked, and their sealed row while it is open."""

    round_id: int
    box: str
    stage: str
    closed: date | None
    closes: date
    offers: list[str]
    member_id: int
    role: str
    asked: int | None
    sealed: bytes | None


def elector_of(person_id: int, project_id: int, poll_id: str, today: date) -> Elector | None:
    """The place of a member of today in the newest round of a poll: what a vote needs, in one query."""
    who = {"person": person_id, "project": project_id, "poll": poll_id, "today": today}
    found = db.session.execute(_PLACE, who).one_or_none()
    return Elector._make(found) if found else None


def put_sealed(round_id: int, member_id: int, sealed: bytes) -> None:
    db.session.execute(_PUT, {"of_round": round_id, "of_member": member_id, "new": sealed})


# Written down once, not for each of the many who vote in the same minute.
_PLACE = (
    select(
        *(PollRound.id, PollRound.box, PollRound.stage, PollRound.closed, PollRound.closes, PollRound.offers),
        *(MemberRow.id, MemberRow.role, PollElector.member_id, SealedBallot.sealed),
    )
    .join(MemberRow, MemberRow.project_id == PollRound.project_id)
    .outerjoin(PollElector, and_(PollElector.round_id == PollRound.id, PollElector.member_id == MemberRow.id))
    .outerjoin(SealedBallot, and_(SealedBallot.round_id == PollRound.id, SealedBallot.member_id == MemberRow.id))
    .where(PollRound.project_id == bindparam("project"), PollRound.poll == bindparam("poll"))
    .where(MemberRow.person_id == bindparam("person"), _here_on(bindparam("today")))
    .order_by(PollRound.id.desc())
    .limit(1)
)
_PUT = (
    update(SealedBallot)
    .where(SealedBallot.round_id == bindparam("of_round"), SealedBallot.member_id == bindparam("of_member"))
    .values(sealed=bindparam("new"))
    .execution_options(synchronize_session=False)
)


@contextmanager
def add_round(row: PollRound, members: Iterable[int], *, longest: int) -> Iterator[None]:
    """A new round with a blank sealed row for each member. The caller commits inside; if it does not come about, no
    key is left behind.
    """
    db.session.add(row)
    db.session.flush()
    box, rows = Box.make(row.id, list(members), longest=longest)
    try:
        row.box = box.name
        db.session.add_all(
            SealedBallot(round_id=row.id, member_id=entry, sealed=sealed) for entry, sealed in rows.items()
        )
        yield
    except BaseException:
        box.destroy()
        raise


def open_ballots(row: PollRound) -> Mapping[int, Ballot]:
    """Every answer, for the one moment of counting."""
    rows = db.session.execute(
        select(SealedBallot.member_id, SealedBallot.sealed).where(SealedBallot.round_id == row.id)
    )
    return Box(row.box).open(row.id, dict(rows.all()))


def untouched(row: PollRound) -> bool:
    """Whether the sealed rows are as they were given, so that the round can be closed."""
    try:
        open_ballots(row)
    except Disturbed:
        return False
    return True


def take_away(row: PollRound) -> None:
    """Every sealed row goes. After the commit, `forget_closed` destroys the key."""
    db.session.execute(delete(SealedBallot).where(SealedBallot.round_id == row.id))


def leave_unopened(row: PollRound, today: date, why: str) -> None:
    """End a round without opening a single answer."""
    row.closed, row.put_aside, row.answered, row.results = today, why, None, {}
    take_away(row)


def forget_closed() -> None:
    """After the commit that closed rounds: their keys are destroyed, and what deleted rows leave behind is cleared.

    If this process dies before, the next sweep does it.
    """
    db.session.rollback()
    folder = current_app.config["GOVFLOW"].key_dir / "polls"
    here = {path.stem for path in folder.glob("*.key")}
    if not here:
        return
    spent = db.session.scalars(select(PollRound.box).where(PollRound.box.in_(here), PollRound.closed.is_not(None)))
    names = spent.all()
    for name in names:
        Box(name).destroy()
    if names:
        forget_deleted("sealed_ballot")
