"""Letters about a round of questions: when it opens, on its tenth day and on its last, to everyone asked alike.

A letter to those alone who have not answered would write into the mail log who they are.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from govflow.domain.polls.equality import EQUALITY
from govflow.domain.project_state import ProjectState
from govflow.domain.refusals import Refused
from govflow.services.base.context import context
from govflow.services.mail.kinds import email_kind
from govflow.services.mail.news import owe_news
from govflow.services.mail.render import Values
from govflow.store import Email, MemberRow, Person, PollElector, PollRound, Project, db, write

POLL = "poll"
AGAIN = timedelta(days=10)


def told_on(opened: date, closes: date, today: date) -> date:
    """The latest day by now on which everyone asked is told: the first, the tenth after it, the last."""
    return max(one for one in (opened, opened + AGAIN, closes) if one <= min(today, closes) or one == opened)


def owe_poll_letters(organisation_id: int, *, today: date) -> int:
    """The letters of open rounds that are not written yet; part of the sweep. Running it twice adds nothing."""
    rounds = (
        select(PollRound)
        .join(Project, Project.id == PollRound.project_id)
        .where(Project.organisation_id == organisation_id, Project.state == ProjectState.RUNNING)
        .where(PollRound.closed.is_(None), PollRound.put_aside == "", PollRound.closes >= today)
        .where(PollRound.poll != EQUALITY)  # nobody is reminded of those
        .order_by(PollRound.id)
    )
    if not [round_ for round_ in db.session.scalars(rounds) if not _told(round_, today)]:
        return 0
    write()
    new = 0
    for row in db.session.scalars(rounds.with_for_update(of=PollRound)).all():
        of = told_on(row.opened, row.closes, today)
        if not _told(row, today):
            asked = select(MemberRow.key).join(PollElector, PollElector.member_id == MemberRow.id)
            keys = db.session.scalars(asked.where(PollElector.round_id == row.id).order_by(MemberRow.id))
            project = db.session.get_one(Project, row.project_id)
            new += owe_news(POLL, project, list(keys), today=of, serial=row.id, about=str(row.id))
    db.session.commit()
    return new


def _told(row: PollRound, today: date) -> bool:
    of = told_on(row.opened, row.closes, today)
    emails = select(Email.id).where(Email.kind == POLL, Email.project_id == row.project_id)
    return db.session.scalar(emails.where(Email.serial == row.id, Email.day == of).limit(1)) is not None


@email_kind(POLL, title="Questions are open", stops=True, plain="Some questions are open. They need not answer.")
def poll_values(email: Email, person: Person, stop: str, today: date) -> Values | None:
    """While the round is open. It says nothing of who has answered, because nobody knows."""
    row = db.session.get(PollRound, int(email.about))
    if row is None or row.closed or row.closes < today:
        return None
    project = db.session.get_one(Project, row.project_id)
    try:
        title = row.offers[0] if row.offers else context().declared.poll(row.poll).title
    except Refused:
        return None
    page = row.poll.replace(".", "/ask/", 1).replace(".", "/")
    return {
        "name": person.name,
        "project": project.title,
        "title": title,
        "until": row.closes,
        "last": row.closes == today,
        "private": row.anonymous,
        "link": f"{context().base_url}/projects/{project.slug}/{page}",
        "stop": stop,
    }
