"""Rounds of a poll: ask everyone, keep answers to nobody's eyes, close into counts.

The answers are not sealed yet. No service reads them but the one that closes the round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, select

from govflow.domain.picture import Picture
from govflow.domain.polls import LEAST_TO_SHOW, Poll, can_be_counted, tally, turnout
from govflow.domain.refusals import Invalid, NotAllowed, NotFound, Refused
from govflow.domain.wording import day
from govflow.services.acting import By, begin, log
from govflow.services.findings import refresh
from govflow.services.house import house
from govflow.store import MemberRow, PollAnswer, PollRound, Project, db, forget_deleted, lock_project


@dataclass(frozen=True)
class RoundSeen:
    """A round as a member may see it. `said` is the turnout sentence, or None where it would point at somebody."""

    poll_id: str
    poll: Poll
    row: PollRound | None
    asked_me: bool
    said: str | None
    enough_people: bool


def poll_asked(picture: Picture, poll_id: str) -> Poll:
    poll = house().declared.poll(poll_id)
    if poll_id.partition(".")[0] not in picture.on or not poll.asked_in(picture.stage.like):
        raise NotFound("This is not asked here now.")
    return poll


def round_seen(project_id: int, picture: Picture, poll_id: str, *, member_id: int) -> RoundSeen:
    """The round of this visit, and what may be said about it. Whether the reader answered is not read back."""
    poll = poll_asked(picture, poll_id)
    row = _round(project_id, poll_id, picture.visit.number)
    if row is None:
        enough = can_be_counted(len(_partners(picture)))
        return RoundSeen(poll_id, poll, None, asked_me=False, said=None, enough_people=enough)
    mine = db.session.get(PollAnswer, (row.id, member_id)) is not None
    answered = row.answered if row.closed else _answered(row.id)
    return RoundSeen(
        poll_id,
        poll,
        row,
        asked_me=mine and row.closed is None,
        said=turnout(answered or 0, row.asked),
        enough_people=can_be_counted(row.asked),
    )


def open_round(project_id: int, *, poll_id: str, by: By, today: date) -> None:
    """Put the statements to everyone who is in the project today."""
    act = begin(project_id, "run poll", by=by, today=today)
    poll = poll_asked(act.picture, poll_id)
    if _round(project_id, poll_id, act.picture.visit.number):
        raise Refused("Everyone has been asked in this stage already.")
    partners = _partners(act.picture)
    if not can_be_counted(len(partners)):
        raise Refused(
            "Fewer than five people are here, so single answers could be guessed. Talk about it together instead."
        )
    row = PollRound(
        project_id=project_id,
        poll=poll_id,
        version=poll.version,
        visit=act.picture.visit.number,
        stage=act.picture.stage.like or "",
        opened=today,
        closes=today + timedelta(days=poll.days_open),
        asked=len(partners),
    )
    db.session.add(row)
    db.session.flush()
    for member in partners:
        db.session.add(PollAnswer(round_id=row.id, member_id=member.id))
    act.log("round.opened", poll=poll.title, closes=day(row.closes))
    act.changed()
    db.session.commit()


def answer_round(project_id: int, *, poll_id: str, given: Mapping[str, str], by: By, today: date) -> None:
    """Keep one person's answers in place of any earlier ones. Leaves no line in the history, and no time."""
    act = begin(project_id, "answer poll", by=by, today=today)
    poll = poll_asked(act.picture, poll_id)
    row = _round(project_id, poll_id, act.picture.visit.number)
    mine = db.session.get(PollAnswer, (row.id, act.me.id)) if row else None
    if row is None or mine is None:
        raise NotAllowed("You are not among the people who were asked this time.")
    if row.closed or row.closes < today:
        raise Refused("This has closed, so answers can no longer be changed.")
    mine.answers = _read(poll, row.stage, given)
    db.session.commit()


def close_round(project_id: int, *, poll_id: str, by: By, today: date) -> None:
    """Close before the last day. Only once five people have answered, so that closing cannot single anyone out."""
    act = begin(project_id, "run poll", by=by, today=today)
    poll_asked(act.picture, poll_id)
    row = _round(project_id, poll_id, act.picture.visit.number)
    if row is None or row.closed:
        raise Refused("There is nothing open to close.")
    if _answered(row.id) < LEAST_TO_SHOW:
        raise Refused(
            f"It closes by itself on {day(row.closes)}. You can close it sooner once five people have answered."
        )
    _close(row, today)
    act.log("round.closed", poll=house().declared.poll(poll_id).title)
    act.changed()
    db.session.commit()
    forget_deleted()


def close_due_rounds(*, today: date) -> int:
    """Close every round whose last day is over; part of the sweep."""
    due = db.session.execute(
        select(PollRound.id, PollRound.project_id).where(PollRound.closed.is_(None), PollRound.closes < today)
    ).all()
    for round_id, project_id in due:
        project: Project = lock_project(project_id)
        row = db.session.get_one(PollRound, round_id, populate_existing=True)
        if row.closed is None:
            _close(row, today)
            log(project, "round.closed", by=None, today=today, poll=_title(row.poll))
            project.version += 1
            refresh(project, today=today)
        db.session.commit()
    if due:
        forget_deleted()
    return len(due)


def close_rounds_of(project: Project, visit: int, *, today: date) -> None:
    """When a project leaves a stage, what was still being asked there closes; part of the move."""
    rows = db.session.scalars(
        select(PollRound).where(
            PollRound.project_id == project.id, PollRound.visit == visit, PollRound.closed.is_(None)
        )
    )
    for row in rows.all():
        _close(row, today)
        log(project, "round.closed", by=None, today=today, poll=_title(row.poll))


def _title(poll_id: str) -> str:
    try:
        return house().declared.poll(poll_id).title
    except Invalid:
        return poll_id


def _close(row: PollRound, today: date) -> None:
    """Turn the answers into counts and remove every one of them."""
    ballots = [
        one for one in db.session.scalars(select(PollAnswer.answers).where(PollAnswer.round_id == row.id)) if one
    ]
    row.closed, row.answered = today, len(ballots)
    try:
        poll = house().declared.poll(row.poll)
    except Invalid:  # its plugin is gone: nothing can be shown, and no answer is kept
        row.results = {}
    else:
        asked = [statement.id for statement in poll.asked_in(row.stage)]
        row.results = tally(asked, list(poll.answers), ballots)
    db.session.execute(delete(PollAnswer).where(PollAnswer.round_id == row.id))


def _read(poll: Poll, stage: str, given: Mapping[str, str]) -> dict[str, str]:
    asked = {statement.id for statement in poll.asked_in(stage)}
    problems = {name: f"There is no statement “{name:.60}” here." for name in given if name not in asked}
    answers = {name: value for name, value in given.items() if name in asked and value}
    problems.update(
        {
            name: "Choose one of the answers that are offered."
            for name, value in answers.items()
            if value not in poll.answers
        }
    )
    if problems:
        raise Invalid(" ".join(dict.fromkeys(problems.values())), problems)
    if not answers:
        raise Invalid("Nothing was answered. Answer at least one, or leave it: nobody will ask why.")
    return answers


def _partners(picture: Picture) -> list:
    return [one for one in picture.members if one.role != "observer"]


def _round(project_id: int, poll_id: str, visit: int) -> PollRound | None:
    return db.session.scalar(
        select(PollRound).where(PollRound.project_id == project_id, PollRound.poll == poll_id, PollRound.visit == visit)
    )


def _answered(round_id: int) -> int:
    # A JSON column keeps "no answer" as SQL NULL or JSON null; both are nobody's answer.
    rows = db.session.scalars(select(PollAnswer.answers).where(PollAnswer.round_id == round_id))
    return sum(1 for answers in rows if answers)


def open_for(person_id: int, *, today: date) -> list[tuple[str, str, str, PollRound]]:
    """The rounds this person was asked in and that are still open: project slug and title, poll id, round.

    Whether they have answered is not told: the page is the same before and after.
    """
    rows = db.session.execute(
        select(Project.slug, Project.title, PollRound.poll, PollRound)
        .join(PollRound, PollRound.project_id == Project.id)
        .join(PollAnswer, PollAnswer.round_id == PollRound.id)
        .join(MemberRow, MemberRow.id == PollAnswer.member_id)
        .where(MemberRow.person_id == person_id, PollRound.closed.is_(None), PollRound.closes >= today)
        .where(MemberRow.left.is_(None), Project.state == "running")
        .order_by(PollRound.closes)
    )
    return [(slug, title, poll, row) for slug, title, poll, row in rows]
