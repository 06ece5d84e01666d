"""What somebody needs to take part, for the eyes of whom they named alone; and complaints."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import Base, OfOrganisation, OfProject


class AccessNeed(OfProject, Base):
    """What one member needs, sealed with the organisation's key. A new text takes the place of the earlier one.

    `told_to`: keys of the members who may read it. `ended_on`: taken back on that day; nothing is sealed then.
    """

    __tablename__ = "access_need"
    __table_args__ = (UniqueConstraint("project_id", "member_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    sealed: Mapped[dict[str, str]] = mapped_column(JSON)
    told_to: Mapped[list[str]] = mapped_column(JSON)
    on: Mapped[date]
    ended_on: Mapped[date | None] = mapped_column(default=None)


class Complaint(OfOrganisation, Base):
    """A complaint, sealed. It says nothing of who made it, but for what they wrote. `organisation_id` empty: not known.

    `outcome` is sealed too: what came of it, as an admin wrote it down.
    """

    __tablename__ = "complaint"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    sealed: Mapped[dict[str, str]] = mapped_column(JSON)
    on: Mapped[date]
    acknowledged_on: Mapped[date | None] = mapped_column(default=None)
    outcome: Mapped[dict[str, str]] = mapped_column(JSON, default_factory=dict)
    outcome_on: Mapped[date | None] = mapped_column(default=None)
