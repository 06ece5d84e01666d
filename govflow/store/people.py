"""Organisations, people, and who looks after which."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import Base


class Organisation(Base):
    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    timezone: Mapped[str] = mapped_column(String(64), default="Europe/London")


class PluginSwitch(Base):
    """One plugin of one organisation: on or off, and its settings. Switching off deletes nothing."""

    __tablename__ = "plugin_switch"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    plugin: Mapped[str] = mapped_column(String(64), primary_key=True)
    on: Mapped[bool]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)


class Person(Base):
    """Somebody with an email address. What they are in a project is a member."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    reminders_stopped_on: Mapped[date | None] = mapped_column(default=None)


class Admin(Base):
    """A person who looks after an organisation's settings. It gives no sight of its projects' inside."""

    __tablename__ = "admin"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
