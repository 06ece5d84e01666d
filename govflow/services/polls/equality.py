"""Equality questions: everyone is asked alike, nobody's answer is ever read, and closing keeps rounded counts alone.

The answers are sealed as those of a poll are. No plugin, gate, letter, export or API knows of them, no row says who was
asked once it has closed, and nobody closes it before its last day: whoever chooses the moment could choose the people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from govflow.domain.access import Viewer, may
from govflow.domain.people import MemberWithId, Role
from govflow.domain.polls.equality import (
    DAYS_OPEN,
    EQUALITY,
    LONGEST,
    QUESTIONS,
    STEPS,
    TITLE,
    VERSION,
    counts_told,
    why_not_now,
)
from govflow.domain.project_state import ProjectState
from govflow.domain.questions import read_answers, read_words
from govflow.domain.refusals import NotAllowed, Refused
from govflow.domain.snapshot import ProjectSnapshot
from govflow.domain.wording import day
from govflow.services.base.actions import Actor, log, start_action
from govflow.services.polls.ballot_box import Box, Disturbed
from govflow.services.polls.rounds import (
    add_round,
    forget_closed,
    least_of,
    leave_unopened,
    member_here,
    partners,
    untouched,
)
from govflow.store import MemberRow, PollRound, Project, SealedBallot, db, everything, lock_project

CLOSED = "This has closed, so answers can no longer be changed."
ENDED = "The project was closed while it was being asked."


@dataclass(frozen=True)
class Asking:
    """Whether it is being asked, and of whom. `not_now`: why it cannot be asked today, or empty.

    `overdue`: its last day is over, and it could not be opened. Whether anybody has answered is not read back.
    """

    row: PollRound | None
    asked_me: bool
    overdue: bool
    not_now: str
    step: int


@dataclass(frozen=True)
class PublishedRound:
    """What is told of one round: its questions with each option in words. Not how many answered, or all might have."""

    closed: date
    questions: list[tuple[str, list[tuple[str, str]]]]
    anything: bool


def load_asking(project: Project, snapshot: ProjectSnapshot, me: MemberWithId | None, *, today: date) -> Asking:
    row = _running(project.id)
    step = row.least if row else least_of(project)
    mine = row is not None and me is not None and db.session.get(SealedBallot, (row.id, me.id)) is not None
    overdue = row is not None and row.closes < today
    return Asking(
        row=row,
        asked_me=mine and not overdue and project.state != ProjectState.CLOSED,
        overdue=overdue,
        not_now="" if row else _why_not_now(project, snapshot, step, today),
        step=step,
    )


def told(project_id: int) -> list[PublishedRound]:
    """What may be told of each round that has closed, the newest first."""
    rows = db.session.scalars(
        select(PollRound)
        .where(PollRound.project_id == project_id, PollRound.poll == EQUALITY)
        .where(PollRound.closed.is_not(None), PollRound.put_aside == "")
        .order_by(PollRound.id.desc())
    )
    return [
        PublishedRound(
            closed=row.closed or row.closes,
            questions=counts_told(row.results, step=row.least),
            anything=bool(row.results),
        )
        for row in rows
    ]


# --- asking and answering -----------------------------------------------------------------------------


def ask(project_id: int, *, by: Actor, today: date) -> None:
    """Ask everyone who is in the project today. They, and nobody later, may answer, until it closes by itself."""
    action = start_action(project_id, "ask equality", by=by, today=today)
    if _running(project_id):
        raise Refused("Everyone is being asked already.")
    here, step = partners(action.snapshot), least_of(action.project)
    if refusal := _why_not_now(action.project, action.snapshot, step, today):
        raise Refused(refusal)
    row = PollRound(
        project_id=project_id,
        poll=EQUALITY,
        version=VERSION,
        visit=action.snapshot.visit.number,
        stage="",
        opened=today,
        closes=today + timedelta(days=DAYS_OPEN),
        asked=len(here),
        number=_last(project_id, PollRound.number, 0) + 1,
        shows=STEPS,
        least=step,
    )
    with add_round(row, [member.id for member in here], longest=LONGEST):
        action.log("round.opened", poll=TITLE, closes=day(row.closes))
        db.session.commit()


def answer(project_id: int, *, given: Mapping[str, Any], by: Actor, today: date) -> None:
    """Seal one person's answers in place of any earlier ones. With none at all, earlier ones are taken out."""
    _seal(project_id, read_answers(QUESTIONS, given), by=by, today=today)


def take_out(project_id: int, *, by: Actor, today: date) -> None:
    """Say stop: nothing of this person is counted, as if they had not answered."""
    _seal(project_id, {}, by=by, today=today)


def _seal(project_id: int, ballot: Mapping[str, Any], *, by: Actor, today: date) -> None:
    project = lock_project(project_id)
    row, me = _running(project_id), member_here(project_id, by.person_id, today)
    mine = db.session.get(SealedBallot, (row.id, me.id)) if row and me else None
    if me is None or not may(Viewer(role=me.role), "answer equality"):
        raise NotAllowed("You are not among the people who are asked.")
    if project.state == ProjectState.CLOSED:
        raise Refused("This project is closed. Nothing in it changes any more.")
    if row is None or row.closes < today:
        raise Refused(CLOSED)
    if mine is None:
        raise NotAllowed("You came after everyone was asked. Next time you are asked too.")
    _replace(row, mine, ballot)


def take_out_everywhere(person_id: int) -> None:
    """Whoever is erased is not counted in what is still open; after the commit that erased them.

    Where a box cannot be opened now, what they said is never opened either, unless its key comes back.
    """
    open_rounds = (
        select(PollRound.id, SealedBallot.member_id, PollRound.project_id)
        .join(SealedBallot, SealedBallot.round_id == PollRound.id)
        .join(MemberRow, MemberRow.id == SealedBallot.member_id)
        .where(MemberRow.person_id == person_id, PollRound.poll == EQUALITY)
    )
    for round_id, member_id, project_id in db.session.execute(open_rounds).all():
        lock_project(project_id)
        row, mine = db.session.get_one(PollRound, round_id), db.session.get(SealedBallot, (round_id, member_id))
        try:
            if mine is not None:
                _replace(row, mine, {})
        except Disturbed:
            db.session.rollback()


def _replace(row: PollRound, mine: SealedBallot, ballot: Mapping[str, Any]) -> None:
    with Box(row.box).replace(mine.member_id, mine.sealed, ballot) as sealed:
        mine.sealed = sealed
        db.session.commit()


# --- ending -------------------------------------------------------------------------------------------


def put_aside(project_id: int, *, why: str, by: Actor, today: date) -> None:
    """End it without opening a single answer, because the sealed answers were disturbed. It can be asked anew."""
    why = read_words(why, "why", "Say why. Everyone will read it.")
    action = start_action(project_id, "ask equality", by=by, today=today)
    row = _running(project_id)
    if row is None:
        raise Refused("There is nothing open to put aside.")
    if untouched(row):
        raise Refused(f"The sealed answers are as they were given. It closes by itself after {day(row.closes)}.")
    leave_unopened(row, today, why)
    action.log("round.put_aside", poll=TITLE, why=why)
    db.session.commit()
    forget_closed()


def end_with_the_project(project: Project, *, today: date) -> None:
    """What is being asked when a project closes is put aside, and no answer is opened; part of the move."""
    row = _running(project.id)
    if row is not None:
        leave_unopened(row, today, ENDED)
        log(project, "round.put_aside", by=None, today=today, poll=TITLE, why=ENDED)


# --- when it may be asked -----------------------------------------------------------------------------


def _running(project_id: int) -> PollRound | None:
    return db.session.scalar(
        select(PollRound).where(
            PollRound.project_id == project_id, PollRound.poll == EQUALITY, PollRound.closed.is_(None)
        )
    )


def _last(project_id: int, column: Any, otherwise: Any, *where: Any) -> Any:
    """The largest value of a column among the project's rounds."""
    of = select(func.max(column)).where(PollRound.project_id == project_id, PollRound.poll == EQUALITY, *where)
    return db.session.scalar(of) or otherwise


def _why_not_now(project: Project, snapshot: ProjectSnapshot, step: int, today: date) -> str:
    here = {member.person_id for member in partners(snapshot)}
    last = _last(project.id, PollRound.opened, None, PollRound.put_aside == "")
    return why_not_now(here, step=step, today=today, last=last, earlier=_asked_earlier(here))


def _asked_earlier(here: set[int]) -> list[tuple[set[int], int]]:
    """Who was asked in each earlier round in which one of these people was, wherever it was, and how many they were.

    No row says it. They are those who were in the project on the day it opened, and that is known anyway.
    """
    with everything():  # two projects with nearly the same people give away as much as one that is asked twice
        rows = db.session.execute(
            select(PollRound.id, PollRound.asked, MemberRow.person_id)
            .join(MemberRow, MemberRow.project_id == PollRound.project_id)
            .where(PollRound.poll == EQUALITY, PollRound.put_aside == "", MemberRow.role != Role.OBSERVER)
            .where(MemberRow.joined <= PollRound.opened)
            .where(MemberRow.left.is_(None) | (MemberRow.left > PollRound.opened))
            .where(PollRound.project_id.in_(select(MemberRow.project_id).where(MemberRow.person_id.in_(here))))
        ).all()
    people: dict[int, set[int]] = {}
    numbers: dict[int, int] = {}
    for round_id, asked, person_id in rows:
        people.setdefault(round_id, set()).add(person_id)
        numbers[round_id] = asked
    return [(some, numbers[person]) for person, some in people.items() if some & here]
