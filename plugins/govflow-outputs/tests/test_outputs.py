"""The list of what a project will share."""

import govflow_outputs
import pytest
from govflow_outputs.lists import OUTPUTS as OUTPUT
from govflow_outputs.rules import KINDS, ROLES

from govflow.domain.questions import Known, read_answers
from govflow.domain.refusals import Invalid
from govflow.plugin import EVERY_MEMBER
from govflow.plugin.testing import assert_plugin_conforms

KNOWN = Known(people={"lived-1": "Grace Kettle"}, entries={})


def read(**given):
    return read_answers(
        OUTPUT.fields, {"title": "A paper", "kind": "paper", "planned_end": "2026-12-01", **given}, KNOWN
    )


def test_the_fields_are_those_that_other_plugins_and_people_hold_on_to():
    assert [one.name for one in OUTPUT.fields] == ["title", "kind", "planned_end", "writers"]
    assert OUTPUT.slug == "output"


def test_everybody_may_add_and_see():
    assert OUTPUT.added_by == OUTPUT.seen_by == (EVERY_MEMBER,)


@pytest.mark.parametrize("kind", KINDS)
def test_an_output_may_be_a_paper_as_well_as_a_craft_piece(kind):
    assert read(kind=kind)["kind"] == kind


@pytest.mark.parametrize("field", ["title", "kind", "planned_end"])
def test_without_title_kind_and_planned_end_it_is_no_output(field):
    with pytest.raises(Invalid) as refused:
        read(**{field: ""})
    assert set(refused.value.problems) == {field}


def test_writers_are_people_of_the_project_and_may_still_be_nobody():
    assert read(writers="lived-1")["writers"] == ["lived-1"]
    assert "writers" not in read()
    with pytest.raises(Invalid):
        read(writers="stranger")


def test_a_writer_who_left_can_stay_on_the_list():
    known = Known(people={"lived-1": "Grace Kettle"}, entries={}, left={"gone": "Sam Teapot"})
    given = {"title": "A paper", "kind": "paper", "planned_end": "2026-12-01", "writers": ["lived-1", "gone"]}
    assert read_answers(OUTPUT.fields, given, known)["writers"] == ["lived-1", "gone"]


def test_the_roles_are_the_fourteen_of_credit():
    assert len(ROLES) == 14
    assert {"conceptualization", "writing-original-draft", "writing-review-editing"} <= set(ROLES)


def test_it_conforms():
    assert_plugin_conforms(govflow_outputs)
