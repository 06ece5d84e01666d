"""Projects: the stays in their stages, their pauses, and whom they are shared with."""

from __future__ import annotations

from datetime import date
from secrets import token_hex
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, event, select
from sqlalchemy.orm import Mapped, mapped_column

from govflow.domain.project_state import ProjectState
from govflow.store.base import ORGANISATION, PROJECT, Base, OfProject, db, write


def new_stamp() -> str:
    return token_hex(16)


class Project(Base):
    """`version` rises with every change; a move succeeds only at the version it was judged at.

    `lifecycle_kept` is the version of the lifecycle the project goes by: the one it started with, until it is moved.
    `gate_seen`: the version at which the sweep last looked whether its gate is open, and `told_open` the visit of which
    that was told. `terms`: the group's own words for ours, singular and plural. `stamp`: a word made by
    chance with every change of `version`; two states of a project never have one stamp, not even after a restore.
    """

    __tablename__ = "project"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(ORGANISATION), index=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    lifecycle: Mapped[str] = mapped_column(String(64))
    stage: Mapped[str] = mapped_column(String(64))
    started: Mapped[date]
    state: Mapped[str] = mapped_column(String(16), default=ProjectState.RUNNING.value)
    funding_ends: Mapped[date | None] = mapped_column(default=None)
    plan: Mapped[dict[str, str]] = mapped_column(JSON, default_factory=dict)
    not_due_before: Mapped[date | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    judged_on: Mapped[date | None] = mapped_column(default=None, index=True)
    follows_id: Mapped[int | None] = mapped_column(ForeignKey(PROJECT), default=None)
    lifecycle_kept: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)
    gate_seen: Mapped[int] = mapped_column(default=0)
    told_open: Mapped[int] = mapped_column(default=0)
    terms: Mapped[dict[str, list[str]]] = mapped_column(JSON, default_factory=dict)
    stamp: Mapped[str] = mapped_column(String(32), default_factory=new_stamp)


@event.listens_for(Project.version, "set")
def _stamp(project: Project, *_: object) -> None:
    project.stamp = new_stamp()


class Share(OfProject, Base):
    """Another organisation the project is shared with."""

    __tablename__ = "share"

    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(ORGANISATION), primary_key=True)


class VisitRow(OfProject, Base):
    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    number: Mapped[int]
    stage: Mapped[str] = mapped_column(String(64))
    entered: Mapped[date]
    left: Mapped[date | None] = mapped_column(default=None)
    why: Mapped[str] = mapped_column(Text, default="")


class PauseRow(OfProject, Base):
    __tablename__ = "pause"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT), index=True)
    began: Mapped[date]
    ended: Mapped[date | None] = mapped_column(default=None)
    why: Mapped[str] = mapped_column(Text, default="")


def lock_project(project_id: int) -> Project:
    """Begin to write to one project: nobody else changes it until this transaction ends."""
    write()
    return db.session.execute(
        select(Project).where(Project.id == project_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()
