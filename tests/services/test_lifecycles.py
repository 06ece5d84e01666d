"""Lifecycles of plugins: a project keeps the version it started with; moving is previewed, and recorded."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

from govflow.domain.gates.gates import WITHDRAWN
from govflow.domain.gates.lifecycle import RESEARCH, Lifecycle, Stage
from govflow.domain.refusals import Invalid, Moved, NotAllowed, Refused
from govflow.plugin.hookspecs import hookimpl
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates import gates
from govflow.services.history.history import history
from govflow.services.people import lifecycles
from govflow.services.people.projects import board
from govflow.services.project_file import export_project
from govflow.store import PluginSwitch
from tests.support.factories import TODAY, Made, a_check, a_plugin, a_project, days, install, rows

FIRST = Lifecycle(
    slug="baking",
    title="Baking",
    version="1",
    stages=(Stage(slug="mix", title="Mix", like="design"), Stage(slug="bake", title="Bake", like="trial")),
)
SECOND = dataclasses.replace(
    FIRST,
    version="2",
    stages=(
        Stage(slug="weigh", title="Weigh", like="bid"),
        Stage(slug="stir", title="Stir", like="design"),
        Stage(slug="bake", title="Bake", like="trial"),
    ),
)
YEARLY = Lifecycle(
    slug="club", title="Club", version="1", stages=(Stage(slug="year", title="Year", like="trial", repeats_every=12),)
)
ASKED = a_check(stages=("design",))


def kitchen(lifecycle: Lifecycle, **more) -> dict[str, object]:
    return {"kitchen": a_plugin(lifecycles=[lifecycle], checks=[ASKED], **more)}


def baking(app: Flask, **file) -> Made:
    return a_project(app, plugins=kitchen(FIRST), **{"lifecycle": "kitchen.baking", "stage": "mix", **file})


def seen(project: Made) -> lifecycles.Preview | None:
    return lifecycles.preview(project.row, load_snapshot(project.row, today=TODAY))


@pytest.mark.both_engines
def test_a_project_goes_by_the_stages_of_its_own_lifecycle(app: Flask) -> None:
    project = baking(app)
    snapshot = load_snapshot(project.row, today=TODAY)
    assert [stage.slug for stage in snapshot.lifecycle.stages] == ["mix", "bake"]
    assert project.finding("kitchen.tea").outcome == "unmet"
    (shown,), _ = board(project.member("lead-1").person_id, today=TODAY)
    assert shown.stages == (("mix", "Mix"), ("bake", "Bake"))


def test_a_short_name_is_enough_where_one_lifecycle_alone_has_it(app: Flask) -> None:
    project = baking(app, lifecycle="baking")
    assert project.row.lifecycle == "kitchen.baking"
    assert 'lifecycle = "kitchen.baking"' in export_project(project.row)


def test_an_unknown_lifecycle_is_refused_with_those_there_are(app: Flask) -> None:
    with pytest.raises(Invalid, match=r"no lifecycle “boxing”.*research and kitchen.baking"):
        baking(app, lifecycle="boxing")


def test_choosing_a_plugins_lifecycle_switches_its_checks_on(app: Flask) -> None:
    install(app, kitchen(FIRST))
    a_project(app, lifecycle="baking", stage="mix")
    assert [(row.plugin, row.on) for row in rows(PluginSwitch, plugin="kitchen")] == [("kitchen", True)]


def test_a_running_project_keeps_the_version_it_started_with(app: Flask) -> None:
    project = baking(app)
    install(app, kitchen(SECOND))
    assert load_snapshot(project.row, today=TODAY).lifecycle == FIRST
    install(app, {})
    assert load_snapshot(project.row, today=TODAY).lifecycle == FIRST, "also when its plugin is gone"


def test_the_preview_says_what_would_change_and_changes_nothing(app: Flask) -> None:
    project = baking(app)
    assert seen(project) is None
    gates.sign_off(project.id, by=project.by("lived-1"), today=TODAY)
    install(app, kitchen(SECOND))
    preview = seen(project)
    assert preview is not None
    assert preview.stage is not None
    assert (preview.stage.slug, preview.stages_gone, preview.stages_new) == ("stir", ("Mix",), ("Weigh", "Stir"))
    assert (preview.checks_gone, preview.checks_new, preview.sign_offs) == ((), (), 1)
    assert project.row.stage == "mix"


def test_moving_to_the_newer_version_is_recorded_and_takes_sign_offs_back(app: Flask) -> None:
    project = baking(app)
    gates.sign_off(project.id, by=project.by("lived-1"), today=TODAY)
    install(app, kitchen(SECOND))
    assert lifecycles.move(project.id, to_version="2", by=project.by("lead-1"), today=TODAY) == "Stir"
    assert project.row.stage == "stir"
    assert load_snapshot(project.row, today=TODAY).lifecycle == SECOND
    assert [one.verdict for one in load_snapshot(project.row, today=TODAY).sign_offs] == [WITHDRAWN]
    lines, _ = history(project.id)
    assert "from version 1 to version 2 of “Baking”" in lines[0].words


def test_what_was_shown_is_what_is_moved_to(app: Flask) -> None:
    project = baking(app)
    install(app, kitchen(dataclasses.replace(SECOND, version="3")))
    with pytest.raises(Moved):
        lifecycles.move(project.id, to_version="2", by=project.by("lead-1"), today=TODAY)


def test_only_a_lead_moves_a_project_to_another_version(app: Flask) -> None:
    project = baking(app)
    install(app, kitchen(SECOND))
    with pytest.raises(NotAllowed):
        lifecycles.move(project.id, to_version="2", by=project.by("lived-1"), today=TODAY)


def test_a_stage_that_has_no_place_in_the_new_version_stays_until_it_is_left(app: Flask) -> None:
    project = baking(app)
    gone = dataclasses.replace(FIRST, version="2", stages=(Stage(slug="eat", title="Eat", like="dissemination"),))
    install(app, kitchen(gone))
    with pytest.raises(Refused, match="Mix is not in version 2"):
        lifecycles.move(project.id, to_version="2", by=project.by("lead-1"), today=TODAY)


def ready(project: Made) -> None:
    for key in ("lead-1", "lived-1", "practice-1", "research-1"):
        gates.sign_off(project.id, by=project.by(key), today=TODAY)


def test_the_gate_of_a_standing_group_leads_into_the_next_year(app: Flask) -> None:
    project = a_project(app, plugins={"kitchen": a_plugin(lifecycles=[YEARLY])}, lifecycle="club", stage="year")
    ready(project)
    assert gates.advance(project.id, by=project.by("lead-1"), today=TODAY) == ("year", "year")
    snapshot = load_snapshot(project.row, today=TODAY)
    assert (snapshot.visit.number, snapshot.visit.entered, project.row.state) == (2, TODAY, "running")
    assert snapshot.sign_offs == ()


def test_a_standing_group_can_be_closed_at_its_gate(app: Flask) -> None:
    project = a_project(app, plugins={"kitchen": a_plugin(lifecycles=[YEARLY])}, lifecycle="club", stage="year")
    ready(project)
    assert gates.advance(project.id, by=project.by("lead-1"), today=TODAY, close=True) == ("year", "closed")
    assert project.row.state == "closed"


def test_a_stage_with_others_after_it_cannot_be_closed_early(app: Flask) -> None:
    project = a_project(app, plugins={})
    ready(project)
    with pytest.raises(Refused, match="after its last stage"):
        gates.advance(project.id, by=project.by("lead-1"), today=TODAY, close=True)


def test_a_check_of_one_lifecycle_is_not_asked_in_another(app: Flask) -> None:
    club = a_check("minutes", stages=("trial",), lifecycles=("club",))
    plugins = {"kitchen": a_plugin(lifecycles=[YEARLY], checks=[club])}
    project = a_project(app, plugins=plugins, stage="trial")
    assert project.gate().findings == ()
    other = a_project(app, plugins=plugins, lifecycle="club", stage="year", slug="club")
    assert [one.check for one in other.gate().findings] == ["kitchen.minutes"]


@pytest.mark.parametrize(
    ("stages", "sentence"),
    [
        ((), "at least one stage"),
        ((Stage(slug="a", title="A"), Stage(slug="a", title="B")), "used twice"),
        ((Stage(slug="A b", title="A"),), "no name for a stage"),
        ((Stage(slug="closed", title="Closed"),), "no name for a stage"),
        ((Stage(slug="a", title=" "),), "needs a title"),
        ((Stage(slug="a", title="A", like="party"),), "like “party”"),
        ((Stage(slug="a", title="A", repeats_every=12), Stage(slug="b", title="B")), "only the last stage repeats"),
        ((Stage(slug="a", title="A", repeats_every=0),), "only the last stage repeats"),
    ],
)
def test_a_lifecycle_that_makes_no_sense_is_refused_with_a_sentence(stages, sentence: str) -> None:
    from govflow.plugin_host.loader import PluginRefused, ask_plugin

    plugin = type("P", (), {})()
    plugin.register_lifecycles = hookimpl(lambda: [dataclasses.replace(FIRST, stages=stages)])
    with pytest.raises(PluginRefused, match=sentence):
        ask_plugin("kitchen", plugin)


def test_the_start_of_a_year_counts_from_the_day_it_was_entered(app: Flask) -> None:
    project = a_project(app, plugins={"kitchen": a_plugin(lifecycles=[YEARLY])}, lifecycle="club", stage="year")
    ready(project)
    gates.advance(project.id, by=project.by("lead-1"), today=TODAY)
    assert load_snapshot(project.row, today=TODAY + days(30)).visit.entered == TODAY
    assert RESEARCH.first.repeats_every is None
