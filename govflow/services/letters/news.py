"""Letters that tell of what has happened in a project: one each to those it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from govflow.domain.reminders import EMAIL, Wish
from govflow.services.letters import new_letter
from govflow.services.letters.reminders import posted_from
from govflow.services.line import people_here
from govflow.store import Organisation, Project, db


def owe_news(
    kind: str, project: Project, keys: Iterable[str] | None, *, today: date, serial: int, about: str = ""
) -> int:
    """A letter to each of these members whom one reaches, in the caller's transaction. `keys` None: to everyone here.

    `serial` tells the thing it is about from others of its kind: nobody gets two letters about one.
    """
    here, wishes = people_here([project.id], today)
    there = here[project.id]
    timezone = db.session.get_one(Organisation, project.organisation_id).timezone
    told = [there.reached[key] for key in (there.reached if keys is None else keys) if key in there.reached]
    for person in told:
        letter = new_letter(person, project.organisation_id, kind, today, serial=serial, project=project.id)
        wish = wishes.get(person, Wish())
        letter.about, letter.next_at = about, posted_from(wish, timezone, letter.next_at)
        letter.channel = wish.channel if there.caller_for(person) else EMAIL
    return len(told)
