"""A database that was there before comes to the newest version with everything in it, and back."""

from __future__ import annotations

from flask import Flask
from flask_migrate import downgrade, upgrade

from govflow.domain.lifecycle import RESEARCH
from govflow.services.picture import picture_of
from govflow.services.project_file import export_project
from govflow.store import db
from tests.making import TODAY, a_project, row_counts

OUTPUT = {
    "register": "outputs.output", "key": "paper", "by": "lead-1", "on": TODAY,
    "values": {"title": "A paper", "kind": "paper", "planned_end": TODAY},
}  # fmt: skip


def test_a_project_from_before_goes_on_as_it_was(app: Flask) -> None:
    """Down to the first tables and up again: what an installation of the first release goes through."""
    project = a_project(app, entry=[OUTPUT], stage="design")
    before, counted = export_project(project.row), row_counts()
    db.session.remove()
    downgrade(revision="0001")
    db.session.remove()
    upgrade(revision="heads")
    db.session.remove()
    assert row_counts() == counted
    assert export_project(project.row) == before
    assert project.row.lifecycle_kept == {}
    assert picture_of(project.row, today=TODAY).lifecycle == RESEARCH
