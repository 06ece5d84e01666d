"""The sweep: what may have changed is judged again, and what is due to be told becomes a letter."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from sqlalchemy import Date, Integer, Text, bindparam, cast, func, select, tuple_, type_coerce
from sqlalchemy.exc import IntegrityError

from govflow.domain.project_state import ProjectState
from govflow.services.base.findings import look_agains, refresh_findings, refresh_many
from govflow.services.gates.emails import aimed_at, tell_open_gates
from govflow.services.history.checkpoints import write_as_part_of_the_sweep
from govflow.services.history.weekly_checkpoint import owe_checkpoint_letters
from govflow.services.mail.calls_to_make import calls_to_make
from govflow.services.mail.enqueue import Today, day_in
from govflow.services.mail.outbox import drop_calls, letters_owed, wake_for_owed
from govflow.services.mail.reminders import ReminderItem, owe_reminders
from govflow.services.openings.subscription_links import forget_unconfirmed
from govflow.services.polls.emails import owe_poll_letters
from govflow.services.polls.polls import close_due_rounds
from govflow.services.polls.rounds import forget_closed
from govflow.services.privacy.retention import forget_expired
from govflow.store import FindingRow, Organisation, Project, SweepDone, db, now, write

log = logging.getLogger("govflow.sweep")
BATCH = 2_000
AT_ONCE = 50
"""Projects that are judged again together, and locked together while what differs is written."""


@dataclass
class Swept:
    """What a sweep found: findings judged again, findings that are late, letters that are new."""

    judged: int = 0
    late: int = 0
    new: int = 0

    def add(self, other: Swept) -> None:
        self.judged, self.late, self.new = self.judged + other.judged, self.late + other.late, self.new + other.new


def sweep(*, today: Today, dry_run: bool = False) -> dict[str, object]:
    """Judge what needs judging, write the letters that are owed, wake the workers. Running it twice adds nothing."""
    whole = Swept()
    if not dry_run:
        whole.new += sweep_installation(today=today)
    trouble: Exception | None = None
    for organisation_id in organisations():
        try:
            whole.add(sweep_organisation(organisation_id, today=today, dry_run=dry_run))
        except Exception as error:  # it keeps no other organisation waiting; whoever called hears of it afterwards
            log.exception("organisation %s could not be swept", organisation_id)
            db.session.rollback()
            trouble = error
    owed = letters_owed()
    if dry_run:
        db.session.rollback()
    else:
        wake_for_owed()
    if trouble is not None:
        raise trouble
    day = day_in(today, "Europe/London")
    return {
        "today": day.isoformat(),
        "judged": whole.judged,
        "late": whole.late,
        "letters_new": whole.new,
        "letters_owed": owed,
    }


def sweep_installation(*, today: Today) -> int:
    """What belongs to no organisation: what is old is forgotten, checkpoints are written. How many letters are new."""
    day = day_in(today, "Europe/London")
    forget_expired(today=day)
    forget_unconfirmed(day)
    forget_closed()
    write_as_part_of_the_sweep()
    return owe_checkpoint_letters(today=day)


def organisations() -> list[int]:
    return list(db.session.scalars(select(Organisation.id).order_by(Organisation.id)))


def sweep_organisation(organisation_id: int, *, today: Today, dry_run: bool = False) -> Swept:
    """The sweep of one organisation, by the calendar of its own time zone."""
    began = time.monotonic()
    day = day_in(today, db.session.get_one(Organisation, organisation_id).timezone)
    found = Swept(judged=_rejudge(organisation_id, day, dry_run=dry_run))
    if not dry_run:
        close_due_rounds(today=day, organisation_id=organisation_id)
        found.new += owe_poll_letters(organisation_id, today=day)
        found.new += tell_open_gates(organisation_id, today=day)
        drop_calls(organisation_id, today=day)
    for batch in chain(_due_batches(organisation_id, day), _others(organisation_id, day)):
        found.late += sum(item.late(day) for item in batch)
        found.new += _write(organisation_id, batch, day, dry_run=dry_run)
    if not dry_run:
        _note(organisation_id, time.monotonic() - began)
    return found


def _rejudge(organisation_id: int, today: date, *, dry_run: bool) -> int:
    """Judge again the projects whose findings may have changed by themselves. In a dry run nothing is kept."""
    of_ours = select(Project.id).where(Project.organisation_id == organisation_id, look_agains(today))
    ids = db.session.scalars(of_ours.where(Project.started <= today).order_by(Project.id)).all()
    judged = 0
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        if dry_run:
            for project in db.session.scalars(select(Project).where(Project.id.in_(some)).order_by(Project.id)):
                refresh_findings(project, today=today)
        else:
            judged += refresh_many(some, today=today)
            db.session.commit()
    if dry_run:
        db.session.flush()
        rows = select(func.count()).select_from(FindingRow).where(FindingRow.project_id.in_(ids))
        judged = db.session.scalar(rows) or 0
    return judged


def _due_batches(organisation_id: int, today: date) -> Iterator[list[ReminderItem]]:
    """Everything of running projects that is to be told by now, through the index, some at a time."""
    since, after = date.min, 0
    day, read = _Once(date.fromisoformat), _Once(json.loads)
    while True:
        place = {"organisation": organisation_id, "today": today, "since": since, "after": after}
        with db.session.connection().execute(_SCAN, place) as found:
            assert found.cursor is not None
            rows = found.cursor.fetchall()  # as the driver has them, so that finding them is most of the work
        if rows:
            since, after = day[rows[-1][-2]], rows[-1][-1]
            yield [
                ReminderItem(
                    project, check, subject, about, day[due], every, read[before], read[owed_by], read[lines], private
                )
                for project, check, subject, about, due, every, before, owed_by, lines, private, _, _ in rows
            ]
        if len(rows) < BATCH:
            return


class _Once(dict[str, Any]):
    """What a text says, read once: of a thousand findings most say the same."""

    def __init__(self, read: Callable[[str], Any]):
        self._read = read

    def __missing__(self, kept: str) -> Any:
        found = self[kept] = self._read(kept)
        return found


_finding, _project = FindingRow.__table__.c, Project.__table__.c
_SCAN = (  # of the tables themselves, and as text: the rows come as the database gives them
    select(
        *(_finding.project_id, _finding.check, _finding.subject, _finding.about),
        *(cast(_finding.due_on, Text), _finding.remind_every, cast(_finding.remind_before, Text)),
        *(cast(_finding.owed_by, Text), cast(_finding.lines, Text), type_coerce(_finding.private, Integer)),
        *(cast(_finding.tell_from, Text), _finding.id),
    )
    .join_from(FindingRow.__table__, Project.__table__, _project.id == _finding.project_id)
    .where(
        _finding.open,
        _finding.organisation_id == bindparam("organisation"),
        _finding.tell_from <= bindparam("today"),
        tuple_(_finding.tell_from, _finding.id) > tuple_(bindparam("since", type_=Date), bindparam("after")),
        _project.state == ProjectState.RUNNING,
    )
    .order_by(_finding.tell_from, _finding.id)
    .limit(BATCH)
)


def _others(organisation_id: int, today: date) -> Iterator[list[ReminderItem]]:
    """What is told and is no finding: days that plans aim at, and people who asked to be told by somebody."""
    yield aimed_at(organisation_id, today)
    yield calls_to_make(organisation_id, today)


def _write(organisation_id: int, due: Sequence[ReminderItem], today: date, *, dry_run: bool) -> int:
    for attempt in (1, 2, 3):
        if not dry_run:
            write()
        try:
            new = owe_reminders(organisation_id, due, today)
            if dry_run:
                db.session.flush()
            else:
                db.session.commit()
            return new
        except IntegrityError:  # another sweep was at work; what it wrote need not be written again
            db.session.rollback()
            if attempt == 3:
                raise
    return 0


def _note(organisation_id: int, seconds: float) -> None:
    write()
    row = db.session.get(SweepDone, organisation_id)
    if row is None:
        db.session.add(SweepDone(organisation_id=organisation_id, ended_at=now(), seconds=seconds))
    else:
        row.ended_at, row.seconds = now(), seconds
    try:
        db.session.commit()
    except IntegrityError:  # another sweep noted its first at the same moment
        db.session.rollback()
