"""Openings: chances to take part that say everything before anybody replies, and how people were chosen after."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, true

from govflow.domain.people import Role
from govflow.domain.project_state import ProjectState
from govflow.domain.questions import Question, read_answers, read_words
from govflow.domain.refusals import Invalid, NotAllowed, NotFound, Refused
from govflow.domain.wording import count, day
from govflow.services.base.actions import Actor, log, log_of, require_strong
from govflow.services.mail.outbox import wake_for_owed
from govflow.services.openings.emails import owe_opening
from govflow.services.openings.subscriptions import organisation_page_of
from govflow.services.people.groups import free_name
from govflow.store import (
    Admin,
    MemberRow,
    Opening,
    OpeningReply,
    Organisation,
    Person,
    Project,
    Subscription,
    db,
    everything,
    one_at_a_time,
    write,
)

MOST = 2_000
NOT_PAID = re.compile(r"not paid,? because\s+\S", re.IGNORECASE)
PAY = "Say how much, with a number, or write “not paid, because …” and the reason."
OPENING = (
    Question(name="title", label="What is it called?", required=True),
    Question(name="task", label="What would people do?", kind="long_text", required=True),
    Question(name="time", label="How much time does it take, and when?", kind="long_text", required=True),
    Question(name="pay", label="What is it paid?", kind="long_text", help=PAY, required=True),
    Question(
        name="access",
        label="What makes it possible to take part?",
        kind="long_text",
        help="Where it is, whether one can take part from home, breaks, support, travel, language.",
        required=True,
    ),
    Question(name="closes", label="Until which day can people reply?", kind="date", required=True),
)


# --- reading: for everybody -------------------------------------------------------------------------------


def openings_of(organisation: str, *, today: date) -> tuple[Organisation, list[Opening], list[Opening]]:
    """An organisation's openings: those that take replies, the first to close first, and those that closed."""
    with everything():
        found = organisation_page_of(organisation)
        rows = list(db.session.scalars(select(Opening).where(Opening.organisation_id == found.id)))
    live = sorted((row for row in rows if row.closes >= today), key=lambda one: (one.closes, one.id))
    closed = sorted(
        (opening for opening in rows if opening.closes < today), key=lambda one: (one.closes, one.id), reverse=True
    )
    return found, live, closed


def opening_of(organisation: str, slug: str) -> tuple[Organisation, Opening]:
    with everything():
        found = organisation_page_of(organisation)
        row = db.session.scalar(
            select(Opening)
            .where(Opening.organisation_id == found.id, Opening.slug == slug)
            .execution_options(populate_existing=True)
        )
    if row is None:
        raise NotFound("There is no such opening.")
    return found, row


def how_chosen(opening: Opening) -> str:
    """The sentence that is kept for good."""
    if opening.chosen_number is None:
        return ""
    people = count(opening.replied_number or 0, "person", "people")
    return f"{opening.chosen_number} of {people} who replied took part. How they were chosen: {opening.chosen}"


# --- publishing -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Publisher:
    """Where somebody may publish: for the organisation as its admin, and for projects they lead or coordinate."""

    organisation: Organisation
    admin: bool
    projects: dict[str, Project]


def place_for(organisation: str, *, by: Actor, today: date, even_closed: bool = False) -> Publisher:
    """`even_closed`: also for projects that have ended, in which nothing is published any more."""
    found = organisation_page_of(organisation)
    admin = db.session.get(Admin, (found.id, by.person_id)) is not None
    mine = db.session.scalars(
        select(Project)
        .join(MemberRow, MemberRow.project_id == Project.id)
        .where(MemberRow.person_id == by.person_id, MemberRow.role.in_((Role.LEAD, Role.COORDINATOR)))
        .where(MemberRow.joined <= today, or_(MemberRow.left.is_(None), MemberRow.left > today))
        .where(Project.organisation_id == found.id, true() if even_closed else Project.state != ProjectState.CLOSED)
        .order_by(Project.title)
    )
    place = Publisher(found, admin, {project.slug: project for project in mine})
    if not admin and not place.projects:
        raise NotFound("You cannot publish anything for this organisation.")
    return place


def publish(*, organisation: str, project: str, given: Mapping[str, Any], by: Actor, today: date) -> str:
    """Publish an opening, and owe a letter to everyone who asked to hear; answers with its short name."""
    write()
    place = place_for(organisation, by=by, today=today)
    if project not in ({"", *place.projects} if place.admin else place.projects):
        sentence = "Choose what this is for."
        raise Invalid(sentence, {"project": sentence})
    if not project:
        require_strong(by)
    values = _read(given, today)
    one_at_a_time(f"openings of {place.organisation.id}")
    of_theirs = Opening.organisation_id == place.organisation.id
    same = {"person_id": by.person_id, "opened_on": today, "title": values["title"], "task": values["task"]}
    if db.session.scalar(select(Opening.id).where(of_theirs).filter_by(**same).limit(1)):
        raise Refused("You have published this today already. Everyone who asked to hear gets one letter about it.")
    with everything():  # a short name that another project's opening has is taken too
        taken = set(db.session.scalars(select(Opening.slug).where(of_theirs)))
    row = Opening(
        organisation_id=place.organisation.id,
        project_id=place.projects[project].id if project else None,
        slug=free_name(values["title"], taken | {"add"}, otherwise="opening"),
        opened_on=today,
        person_id=by.person_id,
        **values,
    )
    db.session.add(row)
    db.session.flush()
    waiting = select(Subscription.person_id).where(
        Subscription.organisation_id == place.organisation.id,
        Subscription.on.is_not(None),
        Subscription.ended_on.is_(None),
    )
    owe_opening(row, list(db.session.scalars(waiting)), today=today)
    _log(row, "opening.published", by, today)
    slug = row.slug
    db.session.commit()
    wake_for_owed()
    return slug


def _read(given: Mapping[str, Any], today: date) -> dict[str, Any]:
    values = read_answers(OPENING, given)
    problems = {
        name: f"That has {len(values[name]):,} letters. At most {MOST:,} are kept. Make it shorter."
        for name in ("task", "time", "pay", "access")
        if len(values[name]) > MOST
    }
    closes = values["closes"]
    values["closes"] = closes if isinstance(closes, date) else date.fromisoformat(closes)
    if values["closes"] < today:
        problems["closes"] = "Give a day that is still to come, or today."
    if not any(amount.isdigit() for amount in values["pay"]) and not NOT_PAID.search(values["pay"]):
        problems["pay"] = PAY
    if problems:
        raise Invalid(" ".join(problems.values()), problems)
    return values


# --- replying ---------------------------------------------------------------------------------------------


def my_reply(opening: Opening, *, by: Actor) -> str | None:
    with everything():
        return db.session.scalar(
            select(OpeningReply.words).where(
                OpeningReply.opening_id == opening.id, OpeningReply.person_id == by.person_id
            )
        )


def reply(*, organisation: str, opening: str, words: str, by: Actor, today: date) -> None:
    """“I am interested”, in a few words of one's own. Until it closes they can be changed."""
    with everything():
        row = _begin_reply(organisation, opening, today)
        words = read_words(words, "words", "Say in a few words why you would like to.", most=MOST)
        mine = db.session.scalar(
            select(OpeningReply).where(OpeningReply.opening_id == row.id, OpeningReply.person_id == by.person_id)
        )
        if mine is None:
            db.session.add(
                OpeningReply(
                    opening_id=row.id,
                    organisation_id=row.organisation_id,
                    person_id=by.person_id,
                    words=words,
                    on=today,
                )
            )
        else:
            mine.words = words
        db.session.commit()


def take_back(*, organisation: str, opening: str, by: Actor, today: date) -> None:
    """Not interested any more: the reply is gone."""
    with everything():
        row = _begin_reply(organisation, opening, today)
        mine = (OpeningReply.opening_id == row.id) & (OpeningReply.person_id == by.person_id)
        db.session.execute(delete(OpeningReply).where(mine))
        db.session.commit()


def _begin_reply(organisation: str, opening: str, today: date) -> Opening:
    write()
    _, row = opening_of(organisation, opening)
    one_at_a_time(f"opening {row.id}")
    if row.closes < today:
        raise Refused(f"This closed on {day(row.closes)}. It takes no replies any more.")
    return row


# --- looking after it -------------------------------------------------------------------------------------


def looks_after(organisation: str, slug: str, *, by: Actor, today: date) -> tuple[Organisation, Opening]:
    """An opening, for whoever made it, if they still could, and for the organisation's admins."""
    found, row = opening_of(organisation, slug)
    place = place_for(organisation, by=by, today=today, even_closed=True)
    mine = row.person_id == by.person_id and row.project_id in {project.id for project in place.projects.values()}
    if not mine:
        if not place.admin:
            raise NotFound("There is no such opening.")
        require_strong(by)
    return found, row


def replies(opening: Opening) -> list[tuple[OpeningReply, Person]]:
    """Who replied, in the order of their names: being quick counts for nothing."""
    rows = db.session.execute(
        select(OpeningReply, Person)
        .join(Person, Person.id == OpeningReply.person_id)
        .where(OpeningReply.opening_id == opening.id)
        .order_by(func.lower(Person.name), Person.id)
    )
    return [(row, person) for row, person in rows]


def write_down(*, organisation: str, opening: str, how: str, number: str, by: Actor, today: date) -> None:
    """Record how people were chosen, and how many. It stands on the opening's page for good."""
    write()
    one_at_a_time(f"chosen for {organisation}/{opening}")
    _, row = looks_after(organisation, opening, by=by, today=today)
    if row.chosen_on is not None:
        raise NotAllowed("How people were chosen is written down already. It stays as it is.")
    if row.closes >= today:
        raise Refused("People can still reply. Write this down after the closing day.")
    problems: dict[str, str] = {}
    of = len(replies(row))
    number = number.strip()
    if not (number.isascii() and number.isdigit() and len(number) < 6 and int(number) <= of):
        problems["number"] = f"Give a whole number from 0 to {of}."
    try:
        how = read_words(how, "how", "Say how people were chosen, so that those who were not can see it.", most=MOST)
    except Invalid as error:
        problems |= error.problems
    if problems:
        raise Invalid(" ".join(problems.values()), problems)
    row.chosen, row.chosen_number, row.replied_number, row.chosen_on = how, int(number), of, today
    _log(row, "opening.chosen", by, today)
    db.session.commit()


def still_to_write_down(person_id: int, *, today: date) -> list[tuple[Organisation, Opening]]:
    """What somebody published that has closed, does not say yet how people were chosen, and is still theirs to say."""
    admin = exists().where(Admin.organisation_id == Opening.organisation_id, Admin.person_id == person_id)
    leads = exists().where(
        MemberRow.project_id == Opening.project_id,
        MemberRow.person_id == person_id,
        MemberRow.role.in_((Role.LEAD, Role.COORDINATOR)),
        MemberRow.joined <= today,
        or_(MemberRow.left.is_(None), MemberRow.left > today),
    )
    rows = db.session.execute(
        select(Organisation, Opening)
        .join(Opening, Opening.organisation_id == Organisation.id)
        .where(Opening.person_id == person_id, Opening.closes < today, Opening.chosen_on.is_(None))
        .where(or_(admin, leads))
        .order_by(Opening.closes, Opening.id)
    )
    return [(place, row) for place, row in rows]


def _log(row: Opening, verb: str, by: Actor, today: date) -> None:
    project = db.session.get(Project, row.project_id) if row.project_id else None
    if project:
        log(project, verb, by=by, today=today, opening=row.title)
    else:
        log_of(row.organisation_id, verb, by=by, today=today, opening=row.title)
