"""A database that was there before comes to the newest version with everything in it, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from govflow.domain.gates.lifecycle import RESEARCH
from govflow.domain.history.chain import look_over
from govflow.services.auth import sessions, sign_in_links
from govflow.services.auth.sign_in import ask_for_link
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.history.checkpoints import lines_of
from govflow.services.history.history import history
from govflow.services.people.people import invite_person
from govflow.services.project_file import export_project
from govflow.store import GroupSeat, SignInLink, db
from tests.support.factories import FOUR, TODAY, a_project, person, row_counts, rows

pytestmark = pytest.mark.both_engines

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
    assert load_snapshot(project.row, today=TODAY).lifecycle == RESEARCH
    assert look_over(lines_of(1)).problem == ""


def test_links_and_sessions_from_before_go_on_working(app: Flask) -> None:
    """And what an older version has no place for, rows of addresses that nobody knows, goes on the way down."""
    ada = invite_person(email="ada@example.org", name="Ada", organisation=None, admin=False).id
    link = sign_in_links.operator_link(ada)
    session = sign_in_links.use_link(sign_in_links.operator_link(ada), device="A phone", today=TODAY)
    ask_for_link("nobody@example.org", browser="b", code="c", network="n")
    db.session.remove()
    downgrade(revision="0002")
    db.session.remove()
    upgrade(revision="heads")
    db.session.remove()
    assert len(rows(SignInLink)) == 2
    assert sessions.signed_in(session) is not None
    assert sessions.signed_in(sign_in_links.use_link(link, device="", today=TODAY)) is not None


def test_a_history_from_before_becomes_a_chain_in_the_order_of_its_moments(app: Flask) -> None:
    """Lines of two organisations, written in turns, and one whose moment is earlier than its place."""
    one = a_project(app)
    other = a_project(app, organisation="moor", slug="peat")
    told = {project.id: [line.words for line in history(project.id)[0]] for project in (one, other)}
    db.session.remove()
    downgrade(revision="0002")
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for number, minutes in enumerate((5, 1, 3)):
        for project in (one, other):
            db.session.execute(
                text(
                    'INSERT INTO log_line (organisation_id, at, "on", verb, project_id, facts, by_operator) '
                    "VALUES (:of, :at, '2026-03-01', 'sign_off.not_ready', :of, :facts, :no)"
                ),
                {"of": project.id, "at": noon + timedelta(minutes=minutes), "no": False,
                 "facts": json.dumps({"words": f"Reason {number}, “é”."})},
            )  # fmt: skip
    db.session.commit()
    db.session.remove()
    upgrade(revision="heads")
    db.session.remove()
    for project in (one, other):
        assert look_over(lines_of(project.id)).problem == ""
        assert [line.words for line in history(project.id)[0]] == [
            *told[project.id],
            *(f"GovFlow said “not ready”: Reason {number}, “é”." for number in (0, 2, 1)),
        ]
        assert [line.number for line in lines_of(project.id)] == list(range(1, 5))
    db.session.rollback()


def test_who_was_in_a_group_and_chaired_it_still_does(app: Flask) -> None:
    """Groups were lists on the project's rows, and are seats now: there and back nobody loses theirs."""
    members = [*FOUR[:3], person("gone-1", "research", groups=["leap"], left=TODAY)]
    members[1] = {**members[1], "groups": ["leap"]}
    group = {"slug": "leap", "title": "LEAP", "chairs": ["practice-1"]}
    project = a_project(app, members=members, group=[group])
    before = export_project(project.row)
    assert [(one.chair, one.left) for one in rows(GroupSeat)] == [(False, None), (True, None), (False, TODAY)]
    db.session.remove()
    downgrade(revision="0007")
    db.session.remove()
    upgrade(revision="heads")
    db.session.remove()
    assert export_project(project.row) == before
