"""The outbox: every email owed, as rows. The queue only hurries it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import Base, Moment, OfEither, OfOrganisation, OfProject


class Email(OfEither, Base):
    """An email we owe one person. Its Message-ID is fixed when the row is made, so a resend is the same letter.

    `about` says what a plugin's letter is written about. `channel`: how it is told; all but an email is told by the
    coordinator.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "day", "kind", "serial"),
        Index("ix_letter_state", "state", "next_at"),
        Index("ix_letter_day", "day"),
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
    failing_since: Mapped[datetime | None] = mapped_column(Moment, default=None)
    error: Mapped[str] = mapped_column(Text, default="")
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), default=None)
    about: Mapped[str] = mapped_column(String(300), default="")
    channel: Mapped[str] = mapped_column(String(16), default="email")


class EmailItem(OfProject, Base):
    """One late thing in a letter: unique by finding and due cycle, so nothing is said twice.

    `rank`: the place in the line of those who are told of it; nought is who owes it.
    """

    __tablename__ = "letter_item"
    __table_args__ = (
        UniqueConstraint("project_id", "check", "subject", "cycle", "rank"),
        Index("ix_letter_item_letter", "letter_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    check: Mapped[str] = mapped_column(String(130))
    subject: Mapped[str] = mapped_column(String(64))
    due_on: Mapped[date]
    cycle: Mapped[date]
    rank: Mapped[int] = mapped_column(default=0)


class NotificationPreferences(Base):
    """How one person wants to be reminded. Hours are of the day in the organisation's time zone.

    `contact`: the number or postal address for a `channel` that is no email, sealed.
    """

    __tablename__ = "letter_wish"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), default="email")
    rhythm: Mapped[str] = mapped_column(String(16), default="daily")
    weekday: Mapped[int] = mapped_column(default=0)
    quiet_from: Mapped[int | None] = mapped_column(default=None)
    quiet_to: Mapped[int | None] = mapped_column(default=None)
    paused_until: Mapped[date | None] = mapped_column(default=None)
    contact: Mapped[dict[str, str]] = mapped_column(JSON, default_factory=dict)


class Snooze(OfProject, Base):
    """Somebody who owes a thing asked not to be reminded of it until a day, and said why. A later row replaces it."""

    __tablename__ = "snooze"
    __table_args__ = (Index("ix_snooze_place", "project_id", "check", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    check: Mapped[str] = mapped_column(String(130))
    subject: Mapped[str] = mapped_column(String(64))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[date]
    on: Mapped[date]


class MailServer(Base):
    """How a mail server has answered of late: after several errors in a row nobody asks it for a while.

    `slow`: it has come back, and gets a few letters a second until those that waited are gone.
    """

    __tablename__ = "mail_host"

    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    errors: Mapped[int] = mapped_column(default=0)
    away_until: Mapped[datetime | None] = mapped_column(Moment, default=None)
    slow: Mapped[bool] = mapped_column(default=False)
    next_batch_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class SweepDone(OfOrganisation, Base):
    """When the last sweep of an organisation ended, and how long it took."""

    __tablename__ = "sweep_done"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(Moment)
    seconds: Mapped[float] = mapped_column(Float)
