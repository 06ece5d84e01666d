"""A private finding, for those who may not read it: on the page of one check, over the API, and when it was waived."""

from __future__ import annotations

import html
import re

import pytest

from govflow.domain.gates.checks import COORDINATOR, MEMBER, SUBJECT, met, unmet
from govflow.services.auth.tokens import make_token
from govflow.services.gates import gates
from govflow.store import WaiverRow, db
from tests.support.factories import FOUR, TODAY, Made, a_check, a_plugin, a_project, days, install, person, rows
from tests.support.settings import settings_for
from tests.support.site import signed_in_as
from tests.support.web.api import ask

REASON = "Kanarireason"


def rested(case):
    """Everybody but lived-1 and research-1 has said so."""
    if case.evidence.get("done"):
        return met(f"{case.subject.name} Kanaririsen.")
    return unmet(f"{case.subject.name} Kanarirests.", short="Rest: some are not ready yet.")


REST = a_check("rest", title="Rest", about=MEMBER, judge=rested, answered_by=SUBJECT, owed_by=COORDINATOR, private=True)
TEA = a_check("tea", title="Tea for all", judge=lambda case: unmet("No tea yet."))


@pytest.fixture
def project(app) -> Made:
    was = app.config["GOVFLOW"]
    app.config["GOVFLOW"] = settings_for(was.instance, was.database_url, today=TODAY)
    there = [*FOUR, person("coord-1", "practice", role="coordinator"), person("coord-2", "lived", role="coordinator")]
    said = [
        {"check": "kitchen.rest", "about": key, "by": key, "on": TODAY - days(5), "answers": {"done": True}}
        for key in ("lead-1", "practice-1", "coord-1", "coord-2")
    ]
    return a_project(app, members=there, evidence=said, plugins={"kitchen": a_plugin(checks=[REST, TEA])})


def text_of(app, project: Made, key: str, path: str) -> str:
    person_id = project.member(key).person_id
    db.session.rollback()
    client = signed_in_as(app, person_id)
    db.session.rollback()
    answer = client.get(f"/projects/kettle{path}")
    assert answer.status_code == 200, path
    db.session.rollback()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def waived(project: Made, check: str, subject: str | None, one: str, other: str) -> None:
    gates.waive(
        project.id, check_id=check, subject=subject, reason=REASON, until=TODAY + days(9),
        by=project.by(one), second=project.by(other), today=TODAY,
    )  # fmt: skip


@pytest.mark.both_engines
@pytest.mark.parametrize("key", ["lived-1", "practice-1", "research-1"])
def test_the_page_of_somebody_s_private_check_tells_others_a_count_and_not_whose_it_is(app, project, key):
    """Or going from page to page would tell one by one what the gate only counts."""
    page = text_of(app, project, "lead-1", f"/gate/kitchen.rest/{key}")
    assert "2 of 5 not ready yet." in page
    assert "Answered so far" not in page
    assert "Let this pass" not in page
    assert "Kanari" not in page


def test_whoever_it_is_about_and_whoever_owes_it_read_the_sentence_there(app, project):
    assert "Lived 1 Kanarirests." in text_of(app, project, "lived-1", "/gate/kitchen.rest/lived-1")
    assert "Lived 1 Kanarirests." in text_of(app, project, "coord-1", "/gate/kitchen.rest/lived-1")


def test_the_page_that_lets_pass_does_not_tell_whose_private_finding_is_open(app, project):
    for key in ("lived-1", "practice-1"):
        page = text_of(app, project, "lead-1", f"/waivers?check=kitchen.rest&subject={key}")
        assert key.replace("-", " ").title() not in page
        assert "Propose this" not in page


def test_over_the_api_a_private_finding_has_no_name_no_day_and_no_place_of_its_own(app, project):
    def gate(key: str):
        token = make_token(f"{key}@example.org", scope="read", organisation=None, today=TODAY)
        return ask(app, token, "/projects/kettle/gate").json["findings"]

    mine, theirs = gate("coord-1"), gate("practice-1")
    assert {one["subject"] for one in mine if one["outcome"] == "unmet"} == {"lived-1", "research-1", None}
    rest = [one for one in theirs if one["check"] == "kitchen.rest"]
    assert [one["subject"] for one in rest].count("practice-1") == 1, "one's own"
    others = [one for one in rest if one["subject"] is None]
    assert [one["outcome"] for one in others] == ["met"] * 3 + ["unmet"] * 2, "not in the order of the members"
    assert {(one["due_on"], *one["owed_by"], one["waived"]) for one in others} == {(None, False)}
    assert "Kanarirests" not in str(theirs)


def test_an_observer_s_program_cannot_tell_members_apart_by_their_order(app, project):
    from govflow.services.base.actions import Actor, person_by_email
    from govflow.services.people.people import invite, join

    asked = {"email": "eye@example.org", "name": "Eye", "role": "observer"}
    invite(project.id, by=project.by("lead-1"), today=TODAY, **asked)
    join(project.id, title="", expertise=[], by=Actor(person_by_email("eye@example.org").id), today=TODAY)
    token = make_token("eye@example.org", scope="read", organisation=None, today=TODAY)
    rest = [one for one in ask(app, token, "/projects/kettle/gate").json["findings"] if one["check"] == "kitchen.rest"]
    assert [one["outcome"] for one in rest] == ["met"] * 4 + ["unmet"] * 2
    assert {(one["subject"], one["due_on"], one["sentence"]) for one in rest} == {(None, None, "")}


def test_a_private_finding_that_was_waived_is_told_to_others_without_title_whom_or_reason(app, project):
    waived(project, "kitchen.rest", "lived-1", "coord-1", "coord-2")
    for key in ("lead-1", "practice-1", "research-1"):
        page = text_of(app, project, key, "/waivers")
        assert "A private matter was waived" in page
        assert "11 March 2026" in page
        for word in (REASON, "Rest", "Lived 1", "Coord 1", "Coord 2"):
            assert word not in page.replace("Reading", "").partition("Proposed and agreed")[2], word
    for key in ("coord-1", "coord-2", "lived-1"):
        page = text_of(app, project, key, "/waivers")
        assert REASON in page
        assert "Rest: Lived 1" in page


def test_a_proposal_about_a_private_finding_is_seconded_by_nobody_who_may_not_read_it(app, project):
    gates.propose_waiver(
        project.id, check_id="kitchen.rest", subject="lived-1", reason=REASON, until=TODAY, by=project.by("coord-1"),
        today=TODAY,
    )  # fmt: skip
    assert len(rows(WaiverRow)) == 1
    page = text_of(app, project, "lead-1", "/waivers")
    assert "It is proposed to waive a private matter" in page
    assert "I agree: let it pass" not in page
    assert "I agree: let it pass" in text_of(app, project, "coord-2", "/waivers")


def test_what_everyone_may_read_is_told_with_its_reason_as_before(app, project):
    waived(project, "kitchen.tea", None, "lived-1", "practice-1")
    page = text_of(app, project, "research-1", "/waivers")
    assert f"Tea for all Until this day. Proposed by Lived 1, agreed by Practice 1. {REASON}" in page


def test_the_form_says_who_will_read_the_reason(app, project):
    tea = text_of(app, project, "lead-1", "/waivers?check=kitchen.tea")
    assert "Everyone in the project will read this." in tea
    rest = text_of(app, project, "coord-1", "/waivers?check=kitchen.rest&subject=lived-1")
    assert "Everyone in the project will read this." not in rest
    assert "Only those who may read this matter will read this." in rest


def test_in_a_past_visit_the_reason_is_for_those_who_could_read_the_finding_then(app, project):
    waived(project, "kitchen.rest", "lived-1", "coord-1", "coord-2")
    waived(project, "kitchen.tea", None, "lived-1", "practice-1")
    for key in ("lead-1", "lived-1", "practice-1", "research-1"):
        gates.sign_off(project.id, by=project.by(key), today=TODAY)
    waived(project, "kitchen.rest", "research-1", "coord-1", "coord-2")
    gates.advance(project.id, by=project.by("lead-1"), today=TODAY)
    other = text_of(app, project, "practice-1", "/visits/1")
    assert other.count("A private matter was waived.") == 2
    assert other.count(REASON) == 1
    assert text_of(app, project, "coord-1", "/visits/1").count(REASON) == 3
    assert text_of(app, project, "lived-1", "/visits/1").count(REASON) == 2


def test_of_a_check_that_is_gone_only_the_two_who_let_it_pass_read_more(app, project):
    from govflow.services.plugins.plugins import switch

    waived(project, "kitchen.tea", None, "lived-1", "practice-1")
    switch(organisation="hearth", plugin="kitchen", on=False, by=None, today=TODAY)
    assert REASON in text_of(app, project, "lead-1", "/waivers"), "it is off, and still known not to be private"
    install(app, {})
    assert REASON not in text_of(app, project, "lead-1", "/waivers")
    assert REASON in text_of(app, project, "practice-1", "/waivers")
