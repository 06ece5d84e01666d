"""A button that is pressed twice, or in two tabs at the same moment: it is done once, and nobody meets an error."""

from __future__ import annotations

import pytest

from govflow.domain.refusals import NotAllowed
from govflow.services.auth import second_factor
from govflow.services.base.actions import Actor
from govflow.services.history import weekly_checkpoint
from govflow.services.openings import openings
from govflow.services.people.people import invite_person
from govflow.services.plugins import plugins
from govflow.store import CheckpointWish, CodeApp, Opening, PluginSwitch, ProjectPlugin
from tests.support.concurrency import at_once
from tests.support.factories import FOUR, NOTHING, TEA, TODAY, Made, a_project, install, rows
from tests.support.topics.openings import CLOSED, GIVEN

pytestmark = pytest.mark.both_engines

TIMES = 4


@pytest.fixture
def project(app) -> Made:
    return a_project(app, members=FOUR, plugins={"kitchen": TEA})


@pytest.fixture
def admin(project) -> Actor:
    return Actor(invite_person(email="ada@example.org", name="Ada", organisation="hearth", admin=True).id, strong=True)


def test_setting_up_an_app_is_begun_once(app, project):
    by = project.by("lead-1")
    assert at_once(app, TIMES, lambda _: second_factor.begin_app(by=by)) == [None] * TIMES
    assert len(rows(CodeApp)) == 1


def test_how_people_were_chosen_is_written_down_by_one(app, project):
    by = project.by("lead-1")
    openings.publish(organisation="hearth", project="kettle", given=GIVEN, by=by, today=TODAY)
    place = {"organisation": "hearth", "opening": "come-and-talk", "number": "0", "by": by, "today": CLOSED}
    answers = at_once(app, TIMES, lambda index: openings.write_down(how=f"Way {index}.", **place))
    [first] = [index for index, one in enumerate(answers) if one is None]
    assert [type(one) for one in answers].count(NotAllowed) == TIMES - 1
    assert rows(Opening)[0].chosen == f"Way {first}."


def test_what_an_organisation_sets_is_kept_once(app, project, admin):
    install(app, {"kitchen": TEA, "new": NOTHING})
    of = {"organisation": "hearth", "by": admin, "today": TODAY}
    acts = (
        (lambda _: plugins.switch(plugin="new", on=True, **of), PluginSwitch),
        (
            lambda _: plugins.change_in_project(plugin="new", project="kettle", given={}, shared=True, **of),
            ProjectPlugin,
        ),
        (lambda _: weekly_checkpoint.ask_for_checkpoints(wanted=True, **of), CheckpointWish),
    )
    for act, table in acts:
        before = len(rows(table))
        assert at_once(app, TIMES, act) == [None] * TIMES, table
        assert len(rows(table)) == before + 1
