"""A private finding, for those who may not read it: on the page of one check, over the API, and when it was waived."""

from __future__ import annotations

import html
import re

import pytest

from govflow.domain.checks import COORDINATOR, MEMBER, SUBJECT, met, unmet
from govflow.services import gates
from govflow.services.tokens import make_token
from govflow.store import WaiverRow, db
from tests.api.test_api import ask
from tests.conftest import settings_for
from tests.making import FOUR, TODAY, Made, a_check, a_plugin, a_project, days, install, person, rows
from tests.web.world import signed_in_as

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
    from govflow.services.acting import By, person_by_email
    from govflow.services.people import invite, join

    asked = {"email": "eye@example.org", "name": "Eye", "role": "observer"}
    invite(project.id, by=project.by("lead-1"), today=TODAY, **asked)
    join(project.id, title="", expertise=[], by=By(person_by_email("eye@example.org").id), today=TODAY)
    token = make_token("eye@example.org", scope="read", organisation=None, today=TODAY)
    rest = [one for one in ask(app, token, "/projects/kettle/gate").json["findings"] if one["check"] == "kitchen.rest"]
    assert [one["outcome"] for one in rest] == ["met"] * 4 + ["unmet"] * 2
    assert {(one["subject"], one["due_on"], one["sentence"]) for one in rest} == {(None, None, "")}
