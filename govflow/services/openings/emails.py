"""Letters to people who asked to hear of chances to take part: confirm your address, and here is a chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from govflow.services.base.context import context
from govflow.services.mail.enqueue import enqueue_email, next_serial
from govflow.services.mail.kinds import email_kind
from govflow.services.mail.render import Values
from govflow.services.openings.subscription_links import link_token
from govflow.store import Email, Opening, Organisation, Person, Subscription, db

HEARING, CHANCE = "hearing", "chance"


def owe_confirmation(row: Subscription, *, today: date) -> None:
    """The link that confirms an address, in the transaction in which somebody asks to hear of chances."""
    serial = next_serial(row.person_id, HEARING, today)
    enqueue_email(row.person_id, row.organisation_id, HEARING, today, serial=serial)


def owe_opening(opening: Opening, people: Sequence[int], *, today: date) -> None:
    """A letter to each of them about an opening, in the transaction that publishes it."""
    for person in people:
        enqueue_email(person, opening.organisation_id, CHANCE, today, serial=opening.id).about = str(opening.id)


def subscription_of(email: Email) -> Subscription | None:
    return db.session.scalar(
        select(Subscription).where(
            Subscription.organisation_id == email.organisation_id,
            Subscription.person_id == email.person_id,
            Subscription.ended_on.is_(None),
        )
    )


def unsubscribe_url(email: Email) -> str:
    """The link that ends these emails, for who asked to be told of opportunities."""
    row = subscription_of(email)
    return f"{context().base_url}/hear/{link_token(row)}" if row else ""


@email_kind(HEARING, title="Confirm your address", stop_url=unsubscribe_url)
def confirmation_values(email: Email, person: Person, stop: str, today: date) -> Values | None:
    row = subscription_of(email)
    if row is None:
        return None
    name = db.session.get_one(Organisation, row.organisation_id).name
    return {"organisation": name, "known": row.on is not None, "link": stop}


@email_kind(CHANCE, title="A chance to take part", stop_url=unsubscribe_url)
def opening_values(email: Email, person: Person, stop: str, today: date) -> Values | None:
    """About an opening, to somebody who still wants to hear, while it still takes replies."""
    row, opening = subscription_of(email), db.session.get(Opening, int(email.about))
    if row is None or row.on is None or opening is None or opening.closes < today:
        return None
    organisation = db.session.get_one(Organisation, opening.organisation_id)
    return {
        "name": person.name,
        "organisation": organisation.name,
        "title": opening.title,
        "task": opening.task,
        "time": opening.time,
        "pay": opening.pay,
        "access": opening.access,
        "closes": opening.closes,
        "link": f"{context().base_url}/organisations/{organisation.slug}/openings/{opening.slug}",
        "stop": stop,
    }
