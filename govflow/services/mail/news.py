"""Letters that tell of what has happened in a project: one each to those it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from govflow.domain.mail.reminder_days import EMAIL, Preferences
from govflow.services.base.escalation import reachable_people
from govflow.services.mail.enqueue import enqueue_email
from govflow.services.mail.reminders import posted_from
from govflow.store import Organisation, Project, db


def owe_news(
    kind: str, project: Project, keys: Iterable[str] | None, *, today: date, serial: int, about: str = ""
) -> int:
    """A letter to each of these members whom one reaches, in the caller's transaction. `keys` None: to everyone here.

    `serial` tells the thing it is about from others of its kind: nobody gets two letters about one.
    """
    here, wishes = reachable_people([project.id], today)
    there = here[project.id]
    timezone = db.session.get_one(Organisation, project.organisation_id).timezone
    told = [there.reached[key] for key in (there.reached if keys is None else keys) if key in there.reached]
    for person in told:
        email = enqueue_email(person, project.organisation_id, kind, today, serial=serial, project=project.id)
        wish = wishes.get(person, Preferences())
        email.about, email.next_at = about, posted_from(wish, timezone, email.next_at)
        email.channel = wish.channel if there.caller_for(person) else EMAIL
    return len(told)
