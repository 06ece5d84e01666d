"""Letters that tell of something: a day the plan aims at, a poll, a gate, a waiver, a move."""

from __future__ import annotations

import pytest

from govflow.mail.delivery import deliver
from govflow.services import sweep
from govflow.services.gates import gates
from govflow.services.mail import unsubscribe
from govflow.services.polls import polls
from govflow.store import Email, WaiverRow
from tests.support.factories import TEA, TODAY, a_project, days, person, rows
from tests.support.topics.emails import TEAM, Kept, told
from tests.support.topics.gates import answer, sign
from tests.support.topics.polls import asked
from tests.support.topics.polls import say as answer_poll

pytestmark = pytest.mark.usefixtures("noon_of_today")


@pytest.mark.both_engines
def test_the_day_the_plan_aims_at_is_told_a_month_a_week_and_a_day_before_and_names_nobody(app):
    aim = TODAY + days(30)
    a_project(app, plugins={"kitchen": TEA}, plan={"bid": aim})
    got = {number: told(TODAY + days(number)) for number in (0, 1, 23, 30, 37)}
    assert [number for number, letters in got.items() if letters] == [0, 23, 30, 37]
    assert "1 thing is not ready yet" in got[0]["lead-1"].text
    for name in ("Lived", "Practice", "Research"):
        assert name not in got[37]["lead-1"].text


def test_a_poll_is_told_of_when_it_opens_on_its_tenth_day_and_its_last_to_everyone_alike(app):
    project = asked(app)
    first = told()
    answer_poll(project, 1)
    answer_poll(project, 2)
    tenth, last = told(TODAY + days(10)), told(TODAY + days(14))
    for letters in (first, tenth, last):
        assert letters.keys() == {f"p-{number}" for number in range(6)}
    texts = {one.text.partition("\n")[2].replace(one.stop_url, "") for one in tenth.values()}
    assert len(texts) == 1, "whoever has answered and whoever has not get the same words"
    assert "last day" in last["p-0"].subject
    assert told(TODAY + days(15)) == {}


def test_a_round_that_was_closed_early_is_told_of_no_more(app):
    project = asked(app)
    sweep.sweep(today=TODAY)
    for number in range(6):
        answer_poll(project, number)
    polls.close_round(project.id, poll_id="kitchen.how", by=project.by("p-0"), today=TODAY)
    post = Kept()
    deliver(post=post)
    assert post.letters == []


def test_a_gate_that_has_come_to_be_open_is_told_once_to_those_who_can_move_on(app):
    project = a_project(app, plugins={"kitchen": TEA}, members=TEAM)
    assert told() == {}
    answer(project)
    assert told() == {}
    sign(project)
    letters = told()
    assert letters.keys() == {"lead-1", "co"}
    assert "Kettle" not in letters["co"].subject + letters["co"].text[:120]
    gates.take_back(project.id, by=project.by("lived-1"), today=TODAY)
    sweep.sweep(today=TODAY)
    gates.sign_off(project.id, by=project.by("lived-1"), today=TODAY)
    assert told(TODAY + days(1)) == {}


def test_a_proposed_waiver_is_told_to_those_who_may_agree_and_to_nobody_once_one_has(app):
    project = a_project(app, plugins={"kitchen": TEA}, members=[*TEAM, person("watcher", "practice", role="observer")])
    facts = {"check_id": "kitchen.tea", "subject": None, "reason": "Next week.", "until": TODAY + days(7)}
    gates.propose_waiver(project.id, **facts, by=project.by("lived-1"), today=TODAY)
    assert {one.person_id for one in rows(Email)} == {
        project.by(key).person_id for key in ("lead-1", "practice-1", "research-1")
    }
    (waiver,) = rows(WaiverRow)
    gates.second_waiver(project.id, waiver_id=waiver.id, by=project.by("practice-1"), today=TODAY)
    assert told() == {}


def test_a_move_is_told_to_everyone_but_who_made_it(app):
    project = a_project(app, plugins={"kitchen": TEA}, members=TEAM)
    answer(project)
    sign(project)
    gates.advance(project.id, by=project.by("lead-1"), today=TODAY)
    letters = told()
    assert letters.keys() == {"lived-1", "practice-1", "research-1", "co"}
    assert "Design" in letters["co"].text


def test_who_stopped_letters_gets_none_of_these_and_a_link_to_sign_in_all_the_same(app):
    from govflow.services.auth.sign_in import ask_for_link

    project = asked(app)
    unsubscribe.stop_reminders(unsubscribe.stop_token(project.by("p-1").person_id), today=TODAY)
    ask_for_link("p-1@example.org", browser="b", code="c", network="n")
    sweep.sweep(today=TODAY)
    post = Kept()
    deliver(post=post)
    assert [one.subject for one in post.letters if one.to == "p-1@example.org"] == ["GovFlow: your link to sign in"]
