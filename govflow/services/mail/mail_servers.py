"""Mail servers that are away, and that have just come back: kept in the database, so that all workers know.

After five errors in a row nobody asks for a while; then one letter tries. Whoever waited costs no letter an attempt.
What has piled up then goes out a few letters a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from govflow.domain.mail.reminder_days import EMAIL
from govflow.services.mail.enqueue import EmailState
from govflow.store import Email, MailServer, db, now, write

ERRORS_IN_A_ROW = 5
AWAY_FOR = [timedelta(minutes=minutes) for minutes in (1, 2, 5)]
PROBE_FOR = timedelta(seconds=90)
A_SECOND = 10
CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True)
class SendAllowance:
    """How many letters may be taken for this server now; if none, after how many seconds to ask again.

    `troubled`: it did not answer of late, so that its first answer is news.
    """

    most: int
    wait: float = 0.0
    troubled: bool = False
    slow: bool = False


def allowance_for(host: str, *, most: int) -> SendAllowance:
    """Whether letters may be taken for this server, in the transaction that takes them."""
    row = db.session.get(MailServer, host, with_for_update=True, populate_existing=True) if host else None
    moment = now()
    if row is None:
        return SendAllowance(most)
    if row.away_until is not None:
        if _ahead(row.away_until, moment, AWAY_FOR[-1]):
            return SendAllowance(0, (row.away_until - moment).total_seconds(), troubled=True)
        row.away_until = moment + PROBE_FOR  # whoever comes here first tries, with one letter
        return SendAllowance(1, troubled=True)
    if row.slow:
        if row.next_batch_at is not None and _ahead(row.next_batch_at, moment, timedelta(seconds=1)):
            return SendAllowance(0, (row.next_batch_at - moment).total_seconds(), slow=True)
        row.next_batch_at = moment + timedelta(seconds=1)
        return SendAllowance(min(most, A_SECOND), slow=True)
    return SendAllowance(most, troubled=row.errors > 0)


def _ahead(until: datetime, moment: datetime, longest: timedelta) -> bool:
    """Whether this is still to come. Further ahead than it can have been set, it comes from a clock since set back."""
    return moment < until <= moment + longest + CLOCKS_DIFFER


def hurry_again(host: str) -> None:
    """In the transaction that found nothing to take: nobody goes slowly any more once all that had piled up is gone."""
    waiting = select(Email.id).where(Email.state == EmailState.OWED, Email.channel == EMAIL, Email.next_at <= now())
    row = db.session.get(MailServer, host)
    if row is not None and row.slow and db.session.scalar(waiting.limit(1)) is None:
        row.slow, row.next_batch_at = False, None


def record_silence(host: str) -> None:
    """The server could not be reached, or would take nothing from anybody."""
    write()
    row = db.session.get(MailServer, host, with_for_update=True, populate_existing=True)
    if row is None:
        row = MailServer(host=host)
        db.session.add(row)
    row.errors += 1
    if row.errors >= ERRORS_IN_A_ROW:
        row.away_until = now() + AWAY_FOR[min(row.errors - ERRORS_IN_A_ROW, len(AWAY_FOR) - 1)]
    db.session.commit()


def record_answer(host: str) -> None:
    """The server took a letter again. Letters that could not be tried meanwhile begin their two days anew."""
    write()
    row = db.session.get(MailServer, host, with_for_update=True, populate_existing=True)
    if row is not None and row.errors:
        row.slow = row.errors >= ERRORS_IN_A_ROW
        row.errors, row.away_until, row.next_batch_at = 0, None, None
        if row.slow:
            waiting = update(Email).where(Email.state == EmailState.OWED, Email.failing_since.is_not(None))
            db.session.execute(waiting.values(failing_since=None).execution_options(synchronize_session=False))
    db.session.commit()
