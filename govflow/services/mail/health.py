"""Whether letters flow: what metrics, the doctor and a banner for admins tell. Counts alone, of everyone together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from govflow.domain.mail.reminder_days import EMAIL
from govflow.domain.wording import ago
from govflow.services.base.findings import look_agains
from govflow.services.mail.enqueue import EmailState
from govflow.store import Email, MailServer, Project, SweepDone, db, everything, now

TOO_LONG = timedelta(minutes=15)
LATE_SWEEP = timedelta(minutes=15)
LATELY = timedelta(minutes=1)
_LATELY = "govflow.late_letters"


@dataclass(frozen=True)
class Health:
    """How letters stand. `oldest` is in seconds, since the oldest email could have been posted; None: none waits."""

    owed: int
    oldest: float | None
    sent: int
    failed: int
    to_tell: int
    sweep_seconds: float
    last_sweep: datetime | None
    look_agains: int
    hosts_away: int


def health(*, today: date) -> Health:
    with everything():
        counted = {
            (state, channel == EMAIL): number
            for state, channel, number in db.session.execute(
                select(Email.state, Email.channel, func.count()).group_by(Email.state, Email.channel)
            )
        }
        swept = db.session.execute(select(func.sum(SweepDone.seconds), func.min(SweepDone.ended_at))).one()
        oldest = oldest_owed()
        return Health(
            owed=counted.get((EmailState.OWED, True), 0),
            oldest=max(0.0, (now() - oldest).total_seconds()) if oldest else None,
            sent=sum(number for (state, _), number in counted.items() if state == EmailState.SENT),
            failed=sum(number for (state, _), number in counted.items() if state == EmailState.DEAD),
            to_tell=sum(
                number for (state, by_email), number in counted.items() if state == EmailState.OWED and not by_email
            ),
            sweep_seconds=swept[0] or 0.0,
            last_sweep=swept[1],
            look_agains=db.session.scalar(select(func.count()).select_from(Project).where(look_agains(today))) or 0,
            hosts_away=db.session.scalar(
                select(func.count()).select_from(MailServer).where(MailServer.away_until.is_not(None))
            )
            or 0,
        )


def oldest_owed() -> datetime | None:
    """Since when the email that waits longest could have been posted; one that was refused for now waits since then."""
    since = func.coalesce(Email.failing_since, Email.next_at)
    with everything():
        waiting = select(func.min(since)).where(Email.state == EmailState.OWED, Email.channel == EMAIL, since <= now())
        found: datetime | None = db.session.scalar(waiting)
        return found


def late_letters() -> str:
    """A sentence when an email has waited for more than a quarter of an hour, else nothing."""
    oldest = oldest_owed()
    if oldest is None or now() - oldest <= TOO_LONG:
        return ""
    return f"The oldest email we owe was ready {ago(now() - oldest)}. None is lost: all of them still go out."


def late_letters_lately() -> str:
    """The same, asked at most once a minute in each process: it stands above every page of an admin."""
    asked, known = current_app.extensions.get(_LATELY, (None, ""))
    if asked is None or not timedelta(0) <= now() - asked < LATELY:
        known = late_letters()
        current_app.extensions[_LATELY] = now(), known
    return str(known)


def nobody_sweeps(*, every: int) -> bool:
    """Whether the last sweep is so long ago that whoever should sweep does not, though they seem to be there.

    One that ended in what is now the future tells nothing: the clock was set back since.
    """
    patience = timedelta(seconds=max(180, 3 * every))
    first, last = db.session.execute(select(func.min(SweepDone.ended_at), func.max(SweepDone.ended_at))).one()
    db.session.remove()
    return first is not None and (now() - first > patience or last - now() > patience)


def mail_problems(*, today: date) -> list[str]:
    """What the doctor says of letters, a sentence each."""
    found = health(today=today)
    said = []
    if late := late_letters():
        said.append(f"{late} Look at the mail server and the workers.")
    if found.hosts_away:
        said.append("The mail server does not answer. It is tried again every few minutes.")
    if found.last_sweep is not None and now() - found.last_sweep > LATE_SWEEP:
        when = f"{found.last_sweep:%d %B %Y %H:%M} UTC"
        said.append(f"The last sweep of some organisation was at {when}. Start one: govflow sweep --every 60")
    if found.failed:
        said.append(f"Letters that could not be posted at all: {found.failed}. Leads see whom they were for.")
    return said
