"""“Remind me later”: whoever owes a thing says until when, and why. The gate does not change by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from govflow.domain.gates.checks import Finding
from govflow.domain.mail.reminder_days import LONGEST_SNOOZE
from govflow.domain.questions import NOBODY, Question, read_answers, read_day
from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.domain.wording import day
from govflow.services.base.actions import Actor, start_action
from govflow.services.base.findings import judge_now
from govflow.services.base.register_access import hidden_places
from govflow.store import Snooze, db

QUESTIONS = (
    Question(
        name="until",
        label="Remind me again on",
        kind="date",
        required=True,
        help="At most four weeks from today.",
    ),
    Question(
        name="reason",
        label="Why later?",
        required=True,
        most=300,
        help="A few words. Whoever may read about this can read them, and so can leads and coordinators.",
    ),
)
NOT_YOURS = "Only whoever looks after this can put off its reminders. You can ask them how it is going."


def snooze(
    project_id: int, *, check_id: str, subject: str | None, given: Mapping[str, Any], by: Actor, today: date
) -> None:
    """Send no reminder of one thing until a day. It stays not ready, and stays on the list."""
    action = start_action(project_id, "see sentences", by=by, today=today)
    finding = next((one for one in judge_now(action.snapshot) if one.place == (check_id, subject or None)), None)
    if finding is None or hidden_places(action.snapshot, [finding], reader=action.me.key):
        raise NotFound("There is nothing of this kind in this stage.")
    if not may_snooze(finding, action.me.key):
        raise NotAllowed(NOT_YOURS)
    answers = read_answers(QUESTIONS, given, NOBODY)
    until = read_day(answers["until"], QUESTIONS[0].label)
    if not today < until <= today + LONGEST_SNOOZE:
        words = f"Give a day after today, and not later than {day(today + LONGEST_SNOOZE)}."
        raise Invalid(words, {"until": words})
    db.session.add(
        Snooze(
            project_id=project_id,
            check=check_id,
            subject=subject or "",
            member_id=action.me.id,
            reason=answers["reason"],
            until=until,
            on=today,
        )
    )
    if finding.private:
        action.log("reminder.put_off_privately", check=finding.title, until=day(until))
    else:
        action.log("reminder.put_off", check=finding.title, until=day(until), why=answers["reason"])
    db.session.commit()


def may_snooze(finding: Finding, key: str) -> bool:
    """Whoever owes it, while it is not done."""
    return finding.open and key in finding.owed_by


def put_off_until(project_id: int, check_id: str, subject: str | None, *, today: date) -> date | None:
    """The day on which reminders of this begin again, where somebody put them off."""
    latest = (
        select(Snooze.until)
        .where(Snooze.project_id == project_id, Snooze.check == check_id, Snooze.subject == (subject or ""))
        .order_by(Snooze.id.desc())
        .limit(1)
    )
    until = db.session.scalar(latest)
    return until if until and until > today else None
