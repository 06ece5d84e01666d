"""The gate: answers to checks, how each check stood, sign-offs, waivers and moves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import ORGANISATION, PROJECT, Base, Moment, OfProject


class EvidenceRow(OfProject, Base):
    """One answer to a check. Never changed, never removed; the latest wins."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_place", "project_id", "check"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    visit: Mapped[int]
    check: Mapped[str] = mapped_column(String(130))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(Moment)
    subject: Mapped[str] = mapped_column(String(64), default="")
    by_operator: Mapped[bool] = mapped_column(default=False)


class FindingRow(OfProject, Base):
    """Derived: how each check stood when a fact last changed. May be thrown away and rebuilt; moves never trust it.

    `tell_from`: the first day on which a reminder of it is owed.
    """

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("project_id", "check", "subject"),
        Index("ix_finding_due", "due_on", "id", sqlite_where=text("open = 1"), postgresql_where=text("open")),
        Index(
            *("ix_finding_tell_from", "organisation_id", "tell_from", "id"),
            sqlite_where=text("open = 1"),  # letter by letter as queries say it, or SQLite passes the index by
            postgresql_where=text("open"),
        ),
        Index("ix_finding_look_again", "look_again"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    organisation_id: Mapped[int] = mapped_column(ForeignKey(ORGANISATION))
    check: Mapped[str] = mapped_column(String(130))
    subject: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))
    about: Mapped[str] = mapped_column(String(16))
    subject_label: Mapped[str] = mapped_column(String(300))
    outcome: Mapped[str] = mapped_column(String(16))
    sentence: Mapped[str] = mapped_column(Text)
    short: Mapped[str] = mapped_column(Text)
    lines: Mapped[dict[str, str]] = mapped_column(JSON)
    private: Mapped[bool]
    holds: Mapped[bool]
    open: Mapped[bool]
    owed_by: Mapped[list[str]] = mapped_column(JSON)
    due_on: Mapped[date | None]
    look_again: Mapped[date | None]
    remind_every: Mapped[int]
    remind_before: Mapped[list[int]] = mapped_column(JSON, default_factory=list)
    tell_from: Mapped[date | None] = mapped_column(default=None)


class SignOffRow(OfProject, Base):
    """What a member said of one visit. A later row replaces an earlier one; none is erased."""

    __tablename__ = "sign_off"
    __table_args__ = (Index("ix_sign_off_visit", "project_id", "visit"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    visit: Mapped[int]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    verdict: Mapped[str] = mapped_column(String(16))
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(Moment)
    words: Mapped[str] = mapped_column(Text, default="")
    by_operator: Mapped[bool] = mapped_column(default=False)
    reply: Mapped[str] = mapped_column(Text, default="")
    reply_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"), default=None)
    reply_on: Mapped[date | None] = mapped_column(default=None)


class WaiverRow(OfProject, Base):
    __tablename__ = "waiver"
    __table_args__ = (Index("ix_waiver_visit", "project_id", "visit"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    visit: Mapped[int]
    check: Mapped[str] = mapped_column(String(130))
    subject: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[date]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    proposed_on: Mapped[date]
    seconded_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"), default=None)
    seconded_on: Mapped[date | None] = mapped_column(default=None)
    ended_on: Mapped[date | None] = mapped_column(default=None)
    by_operator: Mapped[bool] = mapped_column(default=False)


class Transition(OfProject, Base):
    """A recorded move, with every finding, waiver and sign-off of that moment in `record`."""

    __tablename__ = "transition"
    __table_args__ = (UniqueConstraint("project_id", "from_visit"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    kind: Mapped[str] = mapped_column(String(16))
    from_visit: Mapped[int]
    to_visit: Mapped[int | None]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(Moment)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    why: Mapped[str] = mapped_column(Text, default="")
    by_operator: Mapped[bool] = mapped_column(default=False)
