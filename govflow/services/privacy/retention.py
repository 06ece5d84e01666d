"""How long things are kept that nobody needs for ever. The sweep calls it; each rule names where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, or_, select

from govflow.store import AccessNeed, Attempt, Email, EmailItem, MemberRow, SignedIn, SignInLink, db, write

LONGEST_CYCLE = 366
"""Days between two reminders, at the most (`domain.checks`): until then a letter keeps us from saying it twice."""


@dataclass(frozen=True)
class Rule:
    """What goes, after how many days, and why then. `rows` are the ids of what is over on a day, and the table."""

    what: str
    days: int
    source: str
    rows: Callable[[date], tuple[Any, Select[Any]]]


def _needs(last: date) -> tuple[Any, Select[Any]]:
    gone = or_(MemberRow.left <= last, AccessNeed.ended_on <= last)
    return AccessNeed, select(AccessNeed.id).join(MemberRow, MemberRow.id == AccessNeed.member_id).where(gone)


def _sessions(last: date) -> tuple[Any, Select[Any]]:
    return SignedIn, select(SignedIn.id).where(func.coalesce(SignedIn.ended_at, SignedIn.seen_at) < _evening(last))


def _links(last: date) -> tuple[Any, Select[Any]]:
    return SignInLink, select(SignInLink.id).where(SignInLink.expires_at < _evening(last))


def _tries(last: date) -> tuple[Any, Select[Any]]:
    return Attempt, select(Attempt.id).where(Attempt.at < _evening(last))


def _items(last: date) -> tuple[Any, Select[Any]]:
    ids = select(EmailItem.id).join(Email, Email.id == EmailItem.letter_id)
    return EmailItem, ids.where(Email.day <= last, Email.state != "owed")


def _letters(last: date) -> tuple[Any, Select[Any]]:
    return Email, select(Email.id).where(Email.day <= last, Email.state != "owed")


def _evening(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)


MAIL_LOG = "login_and_mail_log, 12 months (advice: long enough to look into something, and no longer)"
RULES = (
    Rule("What somebody needs, after they leave or take it back", 30, "access_needs, 30 days after leaving", _needs),
    Rule("Sessions that have ended", 365, MAIL_LOG, _sessions),
    Rule("Links to sign in; in fact a day, see services/base/rate_limits.py", 365, MAIL_LOG, _links),
    Rule("What was tried at the door; in fact an hour, see services/base/rate_limits.py", 365, MAIL_LOG, _tries),
    Rule("What a letter was about", LONGEST_CYCLE, MAIL_LOG, _items),
    Rule("That a letter was posted", LONGEST_CYCLE, MAIL_LOG, _letters),
)


def forget_expired(*, today: date) -> int:
    """Delete what is over. Answers with how many rows went; takes the write lock only where there are some."""
    due = [rule.rows(today - timedelta(days=rule.days)) for rule in RULES]
    if not any(db.session.scalar(ids.limit(1)) for _, ids in due):
        return 0
    write()
    gone = 0
    for table, ids in due:
        done = db.session.execute(delete(table).where(table.id.in_(ids)).execution_options(synchronize_session=False))
        gone += done.rowcount  # type: ignore[attr-defined]
    db.session.commit()
    return gone
