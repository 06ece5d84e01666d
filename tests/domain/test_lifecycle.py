"""The ordered stages of a project."""

import pytest

from govflow.domain.gates.lifecycle import DEFAULT_STAGES, RESEARCH
from govflow.domain.refusals import Invalid


def test_the_default_lifecycle_goes_from_bid_to_dissemination():
    assert [stage.slug for stage in RESEARCH.stages] == ["bid", "design", "trial", "dissemination"]
    assert [stage.like for stage in RESEARCH.stages] == list(DEFAULT_STAGES)
    assert RESEARCH.first.slug == "bid"


@pytest.mark.parametrize(("here", "following"), [("bid", "design"), ("design", "trial"), ("trial", "dissemination")])
def test_each_stage_is_followed_by_the_next(here, following):
    assert RESEARCH.after(here).slug == following


def test_nothing_follows_the_last_stage():
    assert RESEARCH.after("dissemination") is None


def test_a_project_may_go_back_to_every_earlier_stage_and_to_no_other():
    assert [stage.slug for stage in RESEARCH.before("trial")] == ["bid", "design"]
    assert RESEARCH.before("bid") == ()


@pytest.mark.parametrize("ask", [RESEARCH.stage, RESEARCH.after, RESEARCH.before])
def test_an_unknown_stage_is_refused_with_the_stages_there_are(ask):
    with pytest.raises(Invalid, match=r"no stage “party”.*bid, design, trial, dissemination"):
        ask("party")
