"""The outbox: every email owed, as rows. The queue only hurries it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import Base, Moment, OfEither, OfProject


class Letter(OfEither, Base):
    """An email we owe one person. Its Message-ID is fixed when the row is made, so a resend is the same letter.

    `about` says what a plugin's letter is written about.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "day", "kind", "serial"),
        Index("ix_letter_state", "state", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(32))
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    next_at: Mapped[datetime] = mapped_column(Moment)
    serial: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default="owed")
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(64), default=None)
    lease_until: Mapped[datetime | None] = mapped_column(Moment, default=None)
    sent_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    error: Mapped[str] = mapped_column(Text, default="")
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), default=None)
    about: Mapped[str] = mapped_column(String(300), default="")


class LetterItem(OfProject, Base):
    """One late thing in a letter: unique by finding and due cycle, so nothing is said twice."""

    __tablename__ = "letter_item"
    __table_args__ = (
        UniqueConstraint("project_id", "check", "subject", "cycle"),
        Index("ix_letter_item_letter", "letter_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    check: Mapped[str] = mapped_column(String(130))
    subject: Mapped[str] = mapped_column(String(64))
    due_on: Mapped[date]
    cycle: Mapped[date]
