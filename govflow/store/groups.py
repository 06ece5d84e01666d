"""Groups within a project: who sits in which, and the papers that are their own until they share them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import PROJECT, Base, Moment, OfProject

MEMBER = "member.id"


class GroupSeat(OfProject, Base):
    """Somebody's time in a group; whoever comes back has another. `joined` empty: asked, not yet answered."""

    __tablename__ = "panel_seat"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    group_id: Mapped[int] = mapped_column("panel_id", ForeignKey("panel.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey(MEMBER), index=True)
    chair: Mapped[bool] = mapped_column(default=False)
    joined: Mapped[date | None] = mapped_column(default=None)
    left: Mapped[date | None] = mapped_column(default=None)


class GroupNote(OfProject, Base):
    """One version of a group's meeting, note or document. Never changed; `shared_on` stands where it was shared."""

    __tablename__ = "paper"
    __table_args__ = (UniqueConstraint("panel_id", "key", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    group_id: Mapped[int] = mapped_column("panel_id", ForeignKey("panel.id"))
    key: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(300))
    on: Mapped[date]
    text: Mapped[str] = mapped_column(Text)
    member_id: Mapped[int] = mapped_column(ForeignKey(MEMBER))
    at: Mapped[datetime] = mapped_column(Moment)
    shared_on: Mapped[date | None] = mapped_column(default=None)


class GroupRow(OfProject, Base):
    """A group within a project: a panel, a working group. Who is in it, and who chairs it, is its seats."""

    __tablename__ = "panel"
    __table_args__ = (UniqueConstraint("project_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    slug: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))
