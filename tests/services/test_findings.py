"""The derived rows: always what judging afresh would say, and never trusted by a move."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, event

from govflow.cli.up import demo_files
from govflow.domain.gates.checks import ALWAYS, MEMBER
from govflow.domain.gates.overdue import after_joining, after_stage_entry
from govflow.services import health
from govflow.services.base.findings import finding_from_row, judge_now
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates import evidence, gates
from govflow.services.people import people, projects
from govflow.services.plugins import plugins
from govflow.services.project_file import import_project
from govflow.store import FindingRow, Project, db
from tests.support.factories import FOUR, TODAY, a_check, a_plugin, a_project, made, person, rows

CHECKS = [
    a_check(due=after_stage_entry(days=30)),
    a_check("each", about=MEMBER, due=after_joining(days=14), lasts=ALWAYS, private=True),
]
PLUGINS = {"kitchen": a_plugin(checks=CHECKS), "garden": a_plugin(checks=[a_check()])}


def same(project, today=TODAY):
    """Whether the rows say what judging now says."""
    fresh = {one.place: one for one in judge_now(load_snapshot(project.row, today=today))}
    kept = {one.place: one for one in map(finding_from_row, rows(FindingRow, project_id=project.id))}
    for one in (*fresh.values(), *kept.values()):
        object.__setattr__(one, "group", "")
    assert kept == fresh
    assert fresh or project.row.state == "closed"


@pytest.mark.core
@pytest.mark.both_engines
def test_after_every_act_the_rows_say_what_judging_afresh_says(app):
    project = a_project(app, plugins=PLUGINS, members=[*FOUR, person("lead-2", role="lead")])
    lead, lived = project.by("lead-1"), project.by("lived-1")
    acts = [
        lambda: evidence.answer(
            project.id, check_id="kitchen.tea", subject=None, given={"done": "yes"}, by=lived, today=TODAY
        ),
        lambda: evidence.answer(
            project.id, check_id="kitchen.each", subject="lived-1", given={"done": "yes"}, by=lead, today=TODAY
        ),
        lambda: people.change_self(project.id, title="Cook", expertise=["lived"], by=lived, today=TODAY),
        lambda: people.remove(project.id, member="practice-1", by=lead, today=TODAY),
        lambda: people.leave(project.id, by=project.by("lead-2"), today=TODAY),
        lambda: projects.pause(project.id, why="Rest.", by=lead, today=TODAY),
        lambda: projects.resume(project.id, by=lead, today=TODAY),
        lambda: plugins.switch(organisation="hearth", plugin="garden", on=False, by=None, today=TODAY),
    ]
    same(project)
    for act in acts:
        act()
        same(project)


def test_a_move_and_a_step_back_rewrite_the_rows(app):
    project = a_project(
        app,
        plugins={
            "kitchen": a_plugin(checks=[a_check(stages=("design",)), a_check("bid", holds_in=(), stages=("bid",))])
        },
    )
    for key in ("lead-1", "lived-1", "practice-1", "research-1"):
        gates.sign_off(project.id, by=project.by(key), today=TODAY)
    gates.advance(project.id, by=project.by("lead-1"), today=TODAY)
    assert [one.check for one in rows(FindingRow)] == ["kitchen.tea"]
    same(project)
    gates.go_back(project.id, stage="bid", why="x", by=project.by("lead-1"), today=TODAY)
    assert [one.check for one in rows(FindingRow)] == ["kitchen.bid"]


def test_rows_thrown_away_are_worked_out_again_the_same(app):
    project = a_project(app, plugins=PLUGINS)
    before = {finding_from_row(one).place: finding_from_row(one) for one in rows(FindingRow)}
    db.session.execute(delete(FindingRow))
    db.session.commit()
    assert health.rebuild_findings(today=TODAY) == 1
    after = {finding_from_row(one).place: finding_from_row(one) for one in rows(FindingRow)}
    assert after == before
    same(project)


@pytest.mark.core
def test_a_move_never_trusts_the_rows(app):
    from govflow.domain.refusals import GateHeld

    project = a_project(app, plugins=PLUGINS)
    db.session.execute(delete(FindingRow))
    db.session.commit()
    with pytest.raises(GateHeld):
        gates.advance(project.id, by=project.by("lead-1"), today=TODAY)


def test_a_row_that_did_not_change_is_not_written_again(app):
    project = a_project(app, plugins=PLUGINS)
    written = []

    def note(connection, cursor, statement, *rest):
        if "finding" in statement.lower() and not statement.lower().startswith("select"):
            written.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    health.rebuild_findings(today=TODAY)
    assert written == []
    assert project.row.judged_on == TODAY


@pytest.mark.core
@pytest.mark.usefixtures("with_practices")
@pytest.mark.parametrize("name", sorted(demo_files()))
def test_the_demo_projects_rows_are_what_judging_says(app, name):
    project = made(import_project(demo_files()[name], today=TODAY, to_present=True)["slug"])
    same(project)
    assert len(rows(FindingRow)) > 5


def test_looking_at_a_gate_takes_as_many_queries_for_seventy_members_as_for_four(app):
    counted = []

    def queries(slug, members):
        project = a_project(app, slug=slug, members=members)
        db.session.expire_all()
        asked = []
        listener = lambda *given: asked.append(given[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listener)
        project.gate()
        event.remove(db.engine, "before_cursor_execute", listener)
        counted.append(len(asked))

    queries("small", FOUR)
    queries("large", [*FOUR, *[person(f"more-{n}", "lived") for n in range(70)]])
    assert counted[0] == counted[1] < 20


def test_a_project_is_judged_for_its_own_day_and_no_row_of_another_is_touched(app):
    first = a_project(app, plugins=PLUGINS)
    second = a_project(app, plugins=PLUGINS, slug="second")
    before = [(one.id, one.outcome) for one in rows(FindingRow, project_id=second.id)]
    evidence.answer(
        first.id, check_id="kitchen.tea", subject=None, given={"done": "yes"}, by=first.by("lived-1"), today=TODAY
    )
    assert [(one.id, one.outcome) for one in rows(FindingRow, project_id=second.id)] == before
    assert {one.judged_on for one in rows(Project)} == {TODAY}
    same(second, TODAY)
    same(first, TODAY)
