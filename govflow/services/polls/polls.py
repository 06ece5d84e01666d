"""Rounds of a poll: ask everyone, keep sealed answers that nobody can read, close into what may be told.

Answers are sealed with and without names alike (ballot_box.py), so that nothing is known of anybody's before close.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from govflow.domain.access import Viewer, may
from govflow.domain.polls.disclosure import COUNTS, LEAST_TO_SHOW, NAMES, how_to_show
from govflow.domain.polls.equality import EQUALITY, TITLE
from govflow.domain.polls.equality import results_of as equality_results
from govflow.domain.polls.polls import (
    Ballot,
    Poll,
    can_be_anonymous,
    ids_of,
    longest_ballot,
    named_results,
    read_ballot,
    results_of,
    turnout,
)
from govflow.domain.project_state import ProjectState
from govflow.domain.questions import read_words
from govflow.domain.refusals import Invalid, NotAllowed, Refused
from govflow.domain.snapshot import ProjectSnapshot
from govflow.domain.wording import day, number
from govflow.services.base.actions import Actor, log, start_action
from govflow.services.base.context import context
from govflow.services.base.findings import refresh_findings
from govflow.services.polls.ballot_box import Box, Disturbed
from govflow.services.polls.definition import offers_of, poll_asked, poll_of
from govflow.services.polls.rounds import (
    add_round,
    elector_of,
    forget_closed,
    least_of,
    leave_unopened,
    open_ballots,
    partners,
    put_sealed,
    take_away,
    untouched,
)
from govflow.store import MemberRow, PollElector, PollRound, Project, db, lock_project

journal = logging.getLogger("govflow.polls")
TOO_FEW = (
    "Fewer than {least} people are here, so this cannot be anonymous. Talk about it together instead, "
    "or ask with names: then everyone is told beforehand that all will see who said what."
)
LEFT_UNOPENED = "The project went on while the sealed answers could not be opened."


@dataclass(frozen=True)
class RoundSeen:
    """A round as a member may see it. `said` is the turnout sentence, or None where it would point at somebody.

    `shows`: what will be told after close, as it is, or would be, settled at opening.
    """

    poll_id: str
    poll: Poll
    row: PollRound | None
    asked_me: bool
    said: str | None
    enough_people: bool
    shows: str
    least: int = LEAST_TO_SHOW


def round_seen(project_id: int, snapshot: ProjectSnapshot, poll_id: str, *, member_id: int) -> RoundSeen:
    """The round of this visit, and what may be said about it. Whether the reader answered is not read back."""
    row = _round(project_id, poll_id, snapshot.visit.number)
    poll = poll_asked(snapshot, poll_id, row)
    again = row is not None and poll.can_be_put_again(row.opened, row.closed, snapshot.today)
    if row is None or row.put_aside or again:
        here, least = partners(snapshot), least_of(db.session.get_one(Project, project_id))
        return RoundSeen(
            poll_id,
            poll,
            None if again else row,
            asked_me=False,
            said=None,
            enough_people=can_be_anonymous(len(here), least),
            least=least,
            shows=_shows(project_id, poll_id, here) if poll.anonymous else NAMES,
        )
    mine = db.session.get(PollElector, (row.id, member_id)) is not None
    answered = row.answered if row.closed else Box(row.box).turnout()
    return RoundSeen(
        poll_id,
        poll,
        row,
        asked_me=mine and row.closed is None,
        said=turnout(answered or 0, row.asked),
        enough_people=can_be_anonymous(row.asked, row.least),
        least=row.least,
        shows=row.shows,
    )


# --- asking -------------------------------------------------------------------------------------------


def open_round(project_id: int, *, poll_id: str, by: Actor, today: date, names: bool = False) -> None:
    """Put the statements to everyone who is in the project today. They, and nobody later, may answer.

    `names`: with names, which everyone is told before they answer; the only way where fewer than five are here.
    """
    action = start_action(project_id, "run poll", by=by, today=today)
    poll = poll_asked(action.snapshot, poll_id)
    before = _round(project_id, poll_id, action.snapshot.visit.number)
    again = before is not None and poll.can_be_put_again(before.opened, before.closed, today)
    if before and not before.put_aside and not again:
        raise Refused("Everyone has been asked already. What was asked once is not asked again here.")
    here = partners(action.snapshot)
    anonymous = poll.anonymous and not names
    least = least_of(action.project)
    if anonymous and not can_be_anonymous(len(here), least):
        raise Refused(TOO_FEW.format(least=number(least)))
    row = PollRound(
        project_id=project_id,
        poll=poll_id,
        version=poll.version,
        visit=action.snapshot.visit.number,
        stage=action.snapshot.stage.like or "",
        opened=today,
        closes=today + timedelta(days=poll.days_open),
        asked=len(here),
        number=before.number + 1 if before else 1,
        anonymous=anonymous,
        shows=_shows(project_id, poll_id, here) if anonymous else NAMES,
        least=least,
        offers=offers_of(poll),
    )
    ids = [member.id for member in here]
    with add_round(row, ids, longest=longest_ballot(poll, row.stage)):
        db.session.add_all(PollElector(round_id=row.id, member_id=member_id) for member_id in ids)
        action.log("round.opened" if anonymous else "round.opened_with_names", poll=poll.title, closes=day(row.closes))
        action.mark_changed()
        db.session.commit()


def answer_round(project_id: int, *, poll_id: str, given: Mapping[str, str], by: Actor, today: date) -> None:
    """Seal one person's answers in place of any earlier ones. Leaves no line in the history, and no time."""
    project = lock_project(project_id)
    mine = elector_of(by.person_id, project_id, poll_id, today)
    if mine and mine.asked and (mine.closed or mine.closes < today):
        raise Refused("This has closed, so answers can no longer be changed.")
    if mine is None or mine.sealed is None or not may(Viewer(role=mine.role), "answer poll"):
        raise NotAllowed("You are not among the people who were asked this time.")
    if project.state == ProjectState.CLOSED:
        raise Refused("This project is closed. Nothing in it changes any more.")
    ballot = read_ballot(poll_of(poll_id, mine.offers), mine.stage, given)
    with Box(mine.box).replace(mine.member_id, mine.sealed, ballot) as sealed:
        put_sealed(mine.round_id, mine.member_id, sealed)
        db.session.commit()


# --- closing ------------------------------------------------------------------------------------------


def close_round(project_id: int, *, poll_id: str, by: Actor, today: date) -> None:
    """Close before the last day. Only once five people have answered, so that closing cannot single anyone out."""
    action = start_action(project_id, "run poll", by=by, today=today)
    row = _round(project_id, poll_id, action.snapshot.visit.number)
    poll_asked(action.snapshot, poll_id, row)
    if row is None or row.closed:
        raise Refused("There is nothing open to close.")
    if row.anonymous and (Box(row.box).turnout() or 0) < row.least and row.closes >= today:
        raise Refused(
            f"It closes by itself on {day(row.closes)}. "
            f"You can close it sooner once {number(row.least)} people have answered."
        )
    _close(row, today)
    action.log("round.closed", poll=context().declared.poll(poll_id).title)
    action.mark_changed()
    db.session.commit()
    forget_closed()


def put_aside(project_id: int, *, poll_id: str, why: str, by: Actor, today: date) -> None:
    """End a round without opening a single answer, because its sealed answers were disturbed. It can be asked anew."""
    why = read_words(why, "why", "Say why. Everyone will read it.")
    action = start_action(project_id, "run poll", by=by, today=today)
    row = _round(project_id, poll_id, action.snapshot.visit.number)
    if row is None or row.closed:
        raise Refused("There is nothing open to put aside.")
    if untouched(row):  # or a lead could end a vote whose result they fear
        raise Refused("The sealed answers are as they were given, so this can be closed. Close it instead.")
    leave_unopened(row, today, why)
    action.log("round.put_aside", poll=_title(poll_id), why=why)
    action.mark_changed()
    db.session.commit()
    forget_closed()


def close_due_rounds(*, today: date, organisation_id: int | None = None) -> int:
    """Close every round whose last day is over; part of the sweep. One that was disturbed stays for a lead to see.

    Without `organisation_id`: of all.
    """
    over = select(PollRound.id, PollRound.project_id).where(PollRound.closed.is_(None), PollRound.closes < today)
    if organisation_id is not None:
        over = over.join(Project, Project.id == PollRound.project_id).where(Project.organisation_id == organisation_id)
    due = db.session.execute(over).all()
    for round_id, project_id in due:
        project: Project = lock_project(project_id)
        row = db.session.get_one(PollRound, round_id, populate_existing=True)
        if row.closed is None:
            try:
                _close(row, today)
            except Disturbed as refusal:
                journal.warning("round %s of project %s stays open: %s", round_id, project_id, refusal)
                db.session.rollback()
                continue
            log(project, "round.closed", by=None, today=today, poll=_title(row.poll))
            project.version += 1
            refresh_findings(project, today=today)
        db.session.commit()
    if due:
        forget_closed()
    return len(due)


def close_rounds_of(project: Project, visit: int, *, today: date) -> None:
    """When a project leaves a stage, what was still being asked there closes; part of the move."""
    rows = db.session.scalars(
        select(PollRound)
        .where(PollRound.project_id == project.id, PollRound.visit == visit, PollRound.closed.is_(None))
        .where(PollRound.poll != EQUALITY)
    )
    for row in rows.all():
        try:
            _close(row, today)
            log(project, "round.closed", by=None, today=today, poll=_title(row.poll))
        except Disturbed:
            leave_unopened(row, today, LEFT_UNOPENED)
            log(project, "round.put_aside", by=None, today=today, poll=_title(row.poll), why=LEFT_UNOPENED)


def _title(poll_id: str) -> str:
    if poll_id == EQUALITY:
        return TITLE
    try:
        return context().declared.poll(poll_id).title
    except Invalid:
        return poll_id


def _close(row: PollRound, today: date) -> None:
    """Open all answers at once, keep what may be told, and remove every one of them."""
    ballots = open_ballots(row)
    row.closed, row.answered = today, None if row.poll == EQUALITY else len(ballots)
    row.results = _results(row, ballots)
    take_away(row)


def _results(row: PollRound, ballots: Mapping[int, Ballot]) -> dict[str, Any]:
    if row.poll == EQUALITY:
        return equality_results(ballots.values(), step=row.least)
    try:
        poll = poll_of(row.poll, row.offers)
    except Invalid:  # its plugin is gone: nothing can be shown, and no answer is kept
        return {}
    if row.anonymous:
        return results_of(poll, row.stage, ballots.values(), shows=row.shows, least=row.least)
    found = db.session.execute(select(MemberRow.id, MemberRow.key).where(MemberRow.id.in_(ballots))).all()
    keys = dict(found)
    return named_results(poll, row.stage, {keys[elector]: ballot for elector, ballot in ballots.items()})


# --- who, and which -----------------------------------------------------------------------------------


def _shows(project_id: int, poll_id: str, here: Sequence) -> str:
    """Counts, unless some, but not all, of these people were asked in an earlier round of which something was told."""
    rows = db.session.execute(
        select(PollElector.round_id, MemberRow.person_id)
        .join(MemberRow, MemberRow.id == PollElector.member_id)
        .join(PollRound, PollRound.id == PollElector.round_id)
        .where(PollRound.project_id == project_id, PollRound.poll == poll_id, PollRound.anonymous)
        .where(PollRound.closed.is_not(None), PollRound.answered >= LEAST_TO_SHOW)
    ).all()
    earlier: dict[int, set[int]] = {}
    for round_id, person_id in rows:
        earlier.setdefault(round_id, set()).add(person_id)
    return how_to_show({member.person_id for member in here}, earlier.values()) if earlier else COUNTS


def _round(project_id: int, poll_id: str, visit: int) -> PollRound | None:
    """The round of this stay in the stage; of a vote on an entry the one there is, for nobody votes twice on it."""
    rounds = select(PollRound).where(PollRound.project_id == project_id, PollRound.poll == poll_id)
    if not ids_of(poll_id)[1]:
        rounds = rounds.where(PollRound.visit == visit)
    return db.session.scalar(rounds.order_by(PollRound.id.desc()).limit(1))


def open_for(person_id: int, *, today: date) -> list[tuple[str, str, str, PollRound]]:
    """The rounds this person was asked in and that are still open: project slug and title, what is asked, round.

    Whether they have answered is not told: the page is the same before and after.
    """
    rows = db.session.execute(
        select(Project.slug, Project.title, PollRound)
        .join(PollRound, PollRound.project_id == Project.id)
        .join(PollElector, PollElector.round_id == PollRound.id)
        .join(MemberRow, MemberRow.id == PollElector.member_id)
        .where(MemberRow.person_id == person_id, PollRound.closed.is_(None), PollRound.closes >= today)
        .where(MemberRow.left.is_(None), Project.state == ProjectState.RUNNING)
        .order_by(PollRound.closes)
    )
    return [(slug, title, row.offers[0] if row.offers else _title(row.poll), row) for slug, title, row in rows]
