"""Chances to take part: who asked to hear of them, what is open, and who replied."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import Base, OfEither, OfOrganisation

ORGANISATION, PERSON = "organisation.id", "person.id"


class Subscription(OfOrganisation, Base):
    """Somebody who asked to hear of chances. `on` empty: not confirmed yet. `name`: as it was typed, until then.

    `key` is random; a link to this row is the key with our signature, so the database alone opens none.
    """

    __tablename__ = "interest"
    __table_args__ = (UniqueConstraint("organisation_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(ORGANISATION))
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON), index=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    asked_on: Mapped[date]
    name: Mapped[str] = mapped_column(String(300), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    on: Mapped[date | None] = mapped_column(default=None)
    ended_on: Mapped[date | None] = mapped_column(default=None)


class Opening(OfEither, Base):
    """A chance to take part, as it was published. `chosen`: how people were chosen, written down after it closed."""

    __tablename__ = "opening"
    __table_args__ = (UniqueConstraint("organisation_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(ORGANISATION))
    slug: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))
    task: Mapped[str] = mapped_column(Text)
    time: Mapped[str] = mapped_column(Text)
    pay: Mapped[str] = mapped_column(Text)
    access: Mapped[str] = mapped_column(Text)
    closes: Mapped[date]
    opened_on: Mapped[date]
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), default=None)
    chosen: Mapped[str] = mapped_column(Text, default="")
    chosen_number: Mapped[int | None] = mapped_column(default=None)
    replied_number: Mapped[int | None] = mapped_column(default=None)
    chosen_on: Mapped[date | None] = mapped_column(default=None)


class OpeningReply(OfOrganisation, Base):
    """“I am interested”: one for each person."""

    __tablename__ = "opening_reply"
    __table_args__ = (UniqueConstraint("opening_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    opening_id: Mapped[int] = mapped_column(ForeignKey("opening.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey(ORGANISATION))
    person_id: Mapped[int] = mapped_column(ForeignKey(PERSON))
    words: Mapped[str] = mapped_column(Text)
    on: Mapped[date]
