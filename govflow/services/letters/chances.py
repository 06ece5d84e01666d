"""Letters to people who asked to hear of chances to take part: confirm your address, and here is a chance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from govflow.domain.letters import Words, chance, hearing
from govflow.domain.wording import day
from govflow.services.hearing_links import link_token
from govflow.services.house import house
from govflow.services.letters import new_letter, next_serial
from govflow.store import Interest, Letter, Opening, Organisation, Person, db

HEARING, CHANCE = "hearing", "chance"


def owe_hearing(row: Interest, *, today: date) -> None:
    """The link that confirms an address, in the transaction in which somebody asks to hear of chances."""
    serial = next_serial(row.person_id, HEARING, today)
    new_letter(row.person_id, row.organisation_id, HEARING, today, serial=serial)


def owe_opening(opening: Opening, people: Sequence[int], *, today: date) -> None:
    """A letter to each of them about an opening, in the transaction that publishes it."""
    for person in people:
        new_letter(person, opening.organisation_id, CHANCE, today, serial=opening.id).about = str(opening.id)


def interest_of(letter: Letter) -> Interest | None:
    return db.session.scalar(
        select(Interest).where(
            Interest.organisation_id == letter.organisation_id,
            Interest.person_id == letter.person_id,
            Interest.ended_on.is_(None),
        )
    )


def hearing_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    row = interest_of(letter)
    if row is None:
        return None
    name = db.session.get_one(Organisation, row.organisation_id).name
    return hearing(organisation=name, known=row.on is not None, link=stop)


def chance_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    """About an opening, to somebody who still wants to hear, while it still takes replies."""
    row, opening = interest_of(letter), db.session.get(Opening, int(letter.about))
    if row is None or row.on is None or opening is None or opening.closes < today:
        return None
    organisation = db.session.get_one(Organisation, opening.organisation_id)
    return chance(
        name=person.name,
        organisation=organisation.name,
        title=opening.title,
        said=(
            ("What", opening.task),
            ("Time", opening.time),
            ("Pay", opening.pay),
            ("Access", opening.access),
            ("Reply until", day(opening.closes)),
        ),
        link=f"{house().base_url}/organisations/{organisation.slug}/openings/{opening.slug}",
        stop=stop,
    )


def stop_hearing_url(letter: Letter) -> str:
    """The link that ends hearing of chances, in a letter that is about that."""
    row = interest_of(letter) if letter.kind in (HEARING, CHANCE) else None
    return f"{house().base_url}/hear/{link_token(row)}" if row else ""
