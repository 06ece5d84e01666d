"""Organisations, people, who looks after which, who is in a project, and in which of its groups, with their papers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import ORGANISATION, PROJECT, Base, Moment, OfOrganisation, OfProject

MEMBER = "member.id"


class Person(Base):
    """Somebody with an email address. What they are in a project is a member.

    `unreachable_on`: the day a mail server said that there is no such address, until one takes a letter again.
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    reminders_stopped_on: Mapped[date | None] = mapped_column(default=None)
    unreachable_on: Mapped[date | None] = mapped_column(default=None)


class MemberRow(OfProject, Base):
    """A person in a project. `joined` empty: invited, not yet answered. `ended_by`: who ended it, if not themselves.

    `words`: the organisation's own words for expertise that they chose.
    `home_id`: the organisation of a shared project they belong to; empty: the project's own.
    """

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("project_id", "key"), Index("ix_member_person", "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16), default="member")
    title: Mapped[str] = mapped_column(String(300), default="")
    organisation: Mapped[str] = mapped_column(String(300), default="")
    expertise: Mapped[list[str]] = mapped_column(JSON, default_factory=list)
    expertise_since: Mapped[date | None] = mapped_column(default=None)
    seat: Mapped[str] = mapped_column(String(300), default="")
    invited_by: Mapped[str | None] = mapped_column(String(64), default=None)
    invited_on: Mapped[date | None] = mapped_column(default=None)
    joined: Mapped[date | None] = mapped_column(default=None)
    left: Mapped[date | None] = mapped_column(default=None)
    ended_by: Mapped[str | None] = mapped_column(String(64), default=None)
    home_id: Mapped[int | None] = mapped_column(ForeignKey(ORGANISATION), default=None)
    words: Mapped[list[str]] = mapped_column(JSON, default_factory=list)


class Admin(OfOrganisation, Base):
    """A person who looks after an organisation's settings. It gives no sight of its projects' inside."""

    __tablename__ = "admin"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)


class Organisation(Base):
    """`sign_offs`: what its gates ask for beyond one of each kind, `{"kinds": {"lived": 2}, "panels": ["LEAP"]}`.

    `least_answers`: how many answers a poll needs before anything is told. `words`: its own words for each kind of
    expertise, which people may choose beside it. `escalate_after`: the days after which the next in line is told of
    what is late.
    """

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    timezone: Mapped[str] = mapped_column(String(64), default="Europe/London")
    sign_offs: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)
    least_answers: Mapped[int] = mapped_column(default=5)
    words: Mapped[dict[str, list[str]]] = mapped_column(JSON, default_factory=dict)
    escalate_after: Mapped[int] = mapped_column(default=14)
    terms: Mapped[dict[str, list[str]]] = mapped_column(JSON, default_factory=dict)


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
