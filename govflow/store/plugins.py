"""Which plugins are on, for an organisation and in one project."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import ORGANISATION, PROJECT, Base, OfOrganisation, OfProject


class ProjectPlugin(OfProject, Base):
    """What one organisation chose for a plugin in one project: settings of its own, and whether its lists are shared.

    `shared`: members who come from other organisations may read the plugin's lists here too.
    """

    __tablename__ = "project_plugin"

    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(ORGANISATION), primary_key=True)
    plugin: Mapped[str] = mapped_column(String(64), primary_key=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)
    shared: Mapped[bool] = mapped_column(default=False)


class PluginSwitch(OfOrganisation, Base):
    """One plugin of one organisation: on or off, and its settings. Switching off deletes nothing."""

    __tablename__ = "plugin_switch"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    plugin: Mapped[str] = mapped_column(String(64), primary_key=True)
    on: Mapped[bool]
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)
