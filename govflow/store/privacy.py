"""What somebody needs to take part, for the eyes of whom they named alone."""

from __future__ import annotations

from datetime import date

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import Base, OfProject


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
