"""How long things are kept that nobody needs for ever. The sweep calls it; each rule names where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, or_, select

from govflow.services.base.rate_limits import COUNTED_FOR
from govflow.store import AccessNeed, Attempt, Email, EmailItem, MemberRow, SignedIn, SignInLink, db, now, write

LONGEST_CYCLE = timedelta(days=366)
"""Between two reminders, at the most (`domain.checks`): until then a letter keeps us from saying it twice."""


@dataclass(frozen=True)
class Rule:
    """What goes, how long it is kept, and why as long. `rows` are the ids of what is over, and the table.

    They are asked for what ended on or before a day, in the calendar of the sweep; where it is kept for less than two
    days, before a moment.
    """

    what: str
    kept: timedelta
    source: str
    rows: Callable[[Any], tuple[Any, Select[Any]]]

    def over(self, today: date) -> tuple[Any, Select[Any]]:
        return self.rows(now() - self.kept if self.kept < timedelta(days=2) else today - self.kept)


def _needs(last: date) -> tuple[Any, Select[Any]]:
    gone = or_(MemberRow.left <= last, AccessNeed.ended_on <= last)
    return AccessNeed, select(AccessNeed.id).join(MemberRow, MemberRow.id == AccessNeed.member_id).where(gone)


def _sessions(last: date) -> tuple[Any, Select[Any]]:
    return SignedIn, select(SignedIn.id).where(func.coalesce(SignedIn.ended_at, SignedIn.seen_at) < _evening(last))


def _links(before: datetime) -> tuple[Any, Select[Any]]:
    return SignInLink, select(SignInLink.id).where(SignInLink.expires_at < before)


def _attempts(before: datetime) -> tuple[Any, Select[Any]]:
    return Attempt, select(Attempt.id).where(Attempt.at < before)


def _items(last: date) -> tuple[Any, Select[Any]]:
    ids = select(EmailItem.id).join(Email, Email.id == EmailItem.letter_id)
    return EmailItem, ids.where(Email.day <= last, Email.state != "owed")


def _letters(last: date) -> tuple[Any, Select[Any]]:
    return Email, select(Email.id).where(Email.day <= last, Email.state != "owed")


def _evening(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)


NEEDS_END = "access_needs, 30 days after leaving"
MAIL_LOG = "login_and_mail_log, 12 months (advice: long enough to look into something, and no longer)"
NO_LONGER_NEEDED = "storage limitation: nothing reads it any more (UK GDPR, article 5(1)(e))"
RULES = (
    Rule("What somebody needs, after they leave or take it back", timedelta(days=30), NEEDS_END, _needs),
    Rule("Sessions that have ended", timedelta(days=365), MAIL_LOG, _sessions),
    Rule("Links to sign in, after they ended", timedelta(days=1), NO_LONGER_NEEDED, _links),
    Rule("What was tried at the door", COUNTED_FOR, NO_LONGER_NEEDED, _attempts),
    Rule("What a letter was about", LONGEST_CYCLE, MAIL_LOG, _items),
    Rule("That a letter was posted", LONGEST_CYCLE, MAIL_LOG, _letters),
)


def forget_expired(*, today: date) -> int:
    """Delete what is over. Answers with how many rows went; takes the write lock only where there are some."""
    due = [rule.over(today) for rule in RULES]
    if not any(db.session.scalar(ids.limit(1)) for _, ids in due):
        return 0
    write()
    gone = 0
    for table, ids in due:
        done = db.session.execute(delete(table).where(table.id.in_(ids)).execution_options(synchronize_session=False))
        gone += done.rowcount  # type: ignore[attr-defined]
    db.session.commit()
    return gone
