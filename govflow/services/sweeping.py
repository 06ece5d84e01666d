"""The sweep: what may have changed is judged again, and what is late becomes a letter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from govflow.domain.overdue import cycle
from govflow.services.checkpoints import write_as_part_of_the_sweep
from govflow.services.findings import refresh
from govflow.services.hearing_links import forget_unconfirmed
from govflow.services.letters import OWED, new_letter
from govflow.services.letters.checkpoints import owe_checkpoint_letters
from govflow.services.letters.reminders import REMINDER
from govflow.services.outbox import letters_owed, wake_for_owed
from govflow.services.polls import close_due_rounds
from govflow.services.retention import forget_expired
from govflow.services.tries import forget_old
from govflow.store import FindingRow, Letter, LetterItem, MemberRow, Person, Project, db, lock_project, now, write

BATCH = 1_000
LOOK_AGAIN_WITHIN = timedelta(days=7)


def sweep(*, today: date, dry_run: bool = False) -> dict[str, object]:
    """Judge what needs judging, write the letters that are owed, wake the workers. Running it twice adds nothing."""
    judged = _rejudge(today, dry_run=dry_run)
    if not dry_run:
        close_due_rounds(today=today)
        forget_old()
        forget_expired(today=today)
        forget_unconfirmed(today)
    late, new = 0, 0
    for batch in _late_batches(today):
        late += len(batch)
        new += _write_letters(batch, today, dry_run=dry_run)
    if not dry_run:
        write_as_part_of_the_sweep()
        new += owe_checkpoint_letters(today=today)
    owed = letters_owed()
    if dry_run:
        db.session.rollback()
    else:
        wake_for_owed()
    return {"today": today.isoformat(), "judged": judged, "late": late, "letters_new": new, "letters_owed": owed}


def _rejudge(today: date, *, dry_run: bool) -> int:
    """Judge again the projects whose findings may have changed by themselves. In a dry run nothing is kept."""
    stale = (
        select(Project.id)
        .where(
            Project.state == "running",
            or_(
                Project.judged_on.is_(None),
                Project.judged_on <= today - LOOK_AGAIN_WITHIN,
                Project.id.in_(
                    select(FindingRow.project_id).where(FindingRow.look_again <= today, Project.judged_on < today)
                ),
            ),
        )
        .order_by(Project.id)
    )
    judged = 0
    for project_id in db.session.scalars(stale).all():
        project = db.session.get_one(Project, project_id) if dry_run else lock_project(project_id)
        refresh(project, today=today)
        judged += (
            db.session.scalar(select(func.count()).select_from(FindingRow).where(FindingRow.project_id == project_id))
            or 0
        )
        if dry_run:
            db.session.flush()
        else:
            db.session.commit()
    return judged


@dataclass(frozen=True)
class _Late:
    """A late finding, as much of it as a letter needs."""

    id: int
    project: int
    check: str
    subject: str
    due_on: date
    remind_every: int
    owed_by: list[str]


def _late_batches(today: date) -> Iterator[list[_Late]]:
    """Every late finding of a running project, through the index, a thousand at a time."""
    after: tuple[date, int] = (date.min, 0)
    while True:
        rows = db.session.execute(
            select(
                FindingRow.id,
                FindingRow.project_id,
                FindingRow.check,
                FindingRow.subject,
                FindingRow.due_on,
                FindingRow.remind_every,
                FindingRow.owed_by,
            )
            .join(Project, Project.id == FindingRow.project_id)
            .where(
                FindingRow.open,
                FindingRow.due_on < today,
                or_(FindingRow.due_on > after[0], (FindingRow.due_on == after[0]) & (FindingRow.id > after[1])),
                Project.state == "running",
            )
            .order_by(FindingRow.due_on, FindingRow.id)
            .limit(BATCH)
        )
        batch = [_Late(*row) for row in rows]  # type: ignore[arg-type]  # a late finding has a due day
        if batch:
            after = (batch[-1].due_on, batch[-1].id)
            yield batch
        if len(batch) < BATCH:
            return


def _write_letters(late: Sequence[_Late], today: date, *, dry_run: bool) -> int:
    for attempt in (1, 2, 3):
        if not dry_run:
            write()
        try:
            new = _add_items(late, today)
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


def _add_items(late: Sequence[_Late], today: date) -> int:
    projects = {one.project for one in late}
    longest = timedelta(days=max(one.remind_every for one in late))
    said = {
        tuple(row)
        for row in db.session.execute(
            select(LetterItem.project_id, LetterItem.check, LetterItem.subject, LetterItem.cycle).where(
                LetterItem.project_id.in_(projects), LetterItem.cycle > today - longest
            )
        )
    }
    owed = [(one, cycle(one.due_on, today, every=one.remind_every)) for one in late]
    owed = [(one, of) for one, of in owed if (one.project, one.check, one.subject, of) not in said]
    if not owed:
        return 0
    people = _people_here(projects, today)
    organisations = {
        row.id: row.organisation_id
        for row in db.session.execute(select(Project.id, Project.organisation_id).where(Project.id.in_(projects)))
    }
    letters = _todays_letters({person for by_key in people.values() for person in by_key.values()}, today)
    new = 0
    for one, of in owed:
        told = next((people[one.project][key] for key in one.owed_by if key in people[one.project]), None)
        if told is None:
            continue
        place = (told, organisations[one.project])
        letter = letters.get(place)
        if letter is None:
            letter = letters[place] = new_letter(told, organisations[one.project], REMINDER, today)
            new += 1
        elif letter.state != OWED or (letter.lease_until and letter.lease_until > now()):
            continue  # told today already, or on its way; tomorrow's sweep will say it
        db.session.add(
            LetterItem(
                letter_id=letter.id,
                project_id=one.project,
                check=one.check,
                subject=one.subject,
                due_on=one.due_on,
                cycle=of,
            )
        )
    db.session.flush()
    return new


def _people_here(projects: Iterable[int], today: date) -> dict[int, dict[str, int]]:
    """Project -> member key -> person, of those who are here today and have not stopped reminders."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = db.session.execute(
        select(MemberRow.project_id, MemberRow.key, MemberRow.person_id)
        .join(Person, Person.id == MemberRow.person_id)
        .where(MemberRow.project_id.in_(projects), MemberRow.joined <= today)
        .where(or_(MemberRow.left.is_(None), MemberRow.left > today), Person.reminders_stopped_on.is_(None))
    )
    for project, key, person in rows:
        found[project][key] = person
    return found


def _todays_letters(people: Iterable[int], today: date) -> dict[tuple[int, int | None], Letter]:
    rows = db.session.scalars(
        select(Letter)
        .where(Letter.person_id.in_(set(people)), Letter.day == today, Letter.kind == REMINDER)
        .order_by(Letter.id)
        .with_for_update()  # a letter that is being claimed is not added to
    )
    return {(row.person_id, row.organisation_id): row for row in rows}
