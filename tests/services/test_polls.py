"""Rounds of a poll: everyone is asked, no answer is ever told, and closing keeps counts alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from govflow.domain.polls import Poll, Statement
from govflow.domain.refusals import Invalid, NotAllowed, NotFound, Refused
from govflow.services import gates, outbox, polls
from govflow.services.history import history
from govflow.services.picture import picture_of
from govflow.services.project_file import export_project
from govflow.store import LogLine, PollAnswer, PollRound, db
from tests.making import TODAY, a_check, a_plugin, a_project, days, dump, install, person, rows
from tests.servers import wait_until

POLL = Poll(
    slug="how",
    title="How is it going?",
    version="1",
    days_open=14,
    scale={"1": "No", "2": "Yes"},
    no_score={"skip": "Not for me"},
    statements=(
        Statement(id="heard", text="I am heard.", stages=("bid",)),
        Statement(id="paid", text="I am paid.", stages=("bid", "trial")),
    ),
)
PLUGINS = {"kitchen": a_plugin(polls=[POLL], checks=[])}


def asked(app, number=6, **facts):
    """A project of so many partners, and an observer, in which everyone has been asked."""
    members = [person("p-0", role="lead"), *[person(f"p-{n}", "lived") for n in range(1, number)]]
    project = a_project(
        app, plugins=facts.pop("plugins", PLUGINS), members=[*members, person("watcher", role="observer")], **facts
    )
    polls.open_round(project.id, poll_id="kitchen.how", by=project.by("p-0"), today=TODAY)
    return project


def say(project, number, *, today=TODAY, **given):
    given = given or {"heard": "2", "paid": "1"}
    polls.answer_round(project.id, poll_id="kitchen.how", given=given, by=project.by(f"p-{number}"), today=today)


def seen(project, key="p-0", *, today=TODAY):
    picture = picture_of(project.row, today=today)
    return polls.round_seen(project.id, picture, "kitchen.how", member_id=project.member(key).id)


def close(project, *, today=TODAY):
    polls.close_round(project.id, poll_id="kitchen.how", by=project.by("p-0"), today=today)


def test_everyone_who_is_here_is_asked_once_a_stage_and_an_observer_is_not(app):
    project = asked(app)
    assert rows(PollRound)[0].asked == len(rows(PollAnswer)) == 6
    with pytest.raises(Refused, match="already"):
        polls.open_round(project.id, poll_id="kitchen.how", by=project.by("p-0"), today=TODAY)
    assert seen(project, "p-3").asked_me
    assert not seen(project, "watcher").asked_me


def test_fewer_than_five_people_are_not_polled_but_asked_to_talk(app):
    with pytest.raises(Refused, match="Talk about it together"):
        asked(app, 4)
    assert rows(PollRound) == []


def test_only_those_who_were_asked_may_answer(app):
    project = asked(app)
    with pytest.raises(NotAllowed):
        polls.answer_round(
            project.id, poll_id="kitchen.how", given={"heard": "1"}, by=project.by("watcher"), today=TODAY
        )
    from govflow.services import people
    from govflow.services.acting import By, person_by_email

    people.invite(project.id, email="late@example.org", name="Late", role="member", by=project.by("p-0"), today=TODAY)
    late = By(person_by_email("late@example.org").id)
    people.join(project.id, title="", expertise=[], by=late, today=TODAY)
    with pytest.raises(NotAllowed, match="not among"):
        polls.answer_round(project.id, poll_id="kitchen.how", given={"heard": "1"}, by=late, today=TODAY)


@pytest.mark.parametrize(
    "given", [{"heard": "7"}, {"heard": "Yes"}, {"cake": "1"}, {"heard": ""}, {}, {"heard": "1", "cake": "1"}]
)
def test_only_what_is_offered_can_be_answered(app, given):
    project = asked(app)
    with pytest.raises(Invalid):
        polls.answer_round(project.id, poll_id="kitchen.how", given=given, by=project.by("p-1"), today=TODAY)
    db.session.rollback()
    assert [one.answers for one in rows(PollAnswer) if one.answers] == []


def test_an_answer_takes_the_place_of_the_earlier_one_and_the_earlier_one_is_gone(app):
    project = asked(app)
    say(project, 1, heard="1")
    say(project, 1, heard="2", paid="2")
    assert [one.answers for one in rows(PollAnswer) if one.answers] == [{"heard": "2", "paid": "2"}]


def test_answering_leaves_no_line_no_time_and_no_new_version(app):
    project = asked(app)
    lines, version = len(rows(LogLine)), project.row.version
    say(project, 1)
    assert (len(rows(LogLine)), project.row.version) == (lines, version)
    assert {column.name for column in PollAnswer.__table__.columns} == {"round_id", "member_id", "answers"}


def test_no_service_tells_an_answer_while_it_is_open(app):
    def judge(case):
        from govflow.domain.checks import met

        return met(f"{case.polls} {case.evidence} {case.registers}")

    plugin = a_plugin(polls=[POLL], checks=[a_check(judge=judge)])
    project = asked(app, plugins={"kitchen": plugin})
    for number in range(6):
        say(project, number, heard="skip")
    picture = picture_of(project.row, today=TODAY)
    told = [seen(project, f"p-{number}").row.results for number in range(6)] + [
        picture.rounds,
        project.gate(),
        export_project(project.row),
        history(project.id),
    ]
    assert "skip" not in repr(told)
    assert picture.rounds["kitchen.how"][0].answered is None


def test_whether_somebody_answered_is_not_read_back_even_to_them(app):
    project = asked(app)
    before = seen(project, "p-1").asked_me
    say(project, 1)
    assert seen(project, "p-1").asked_me is before is True


@pytest.mark.parametrize(
    ("answered", "said"), [(0, None), (2, None), (3, "3 of 6 have answered"), (5, None), (6, "6 of 6 have answered")]
)
def test_turnout_is_told_only_where_it_points_at_nobody(app, answered, said):
    project = asked(app)
    for number in range(answered):
        say(project, number)
    assert seen(project).said == said


def test_closing_keeps_the_counts_and_takes_every_answer_away(app):
    project = asked(app)
    for number in range(5):
        say(project, number, heard="2" if number else "1")
    close(project)
    row = rows(PollRound)[0]
    assert (row.closed, row.answered, row.results) == (TODAY, 5, {"heard": {"1": 1, "2": 4, "skip": 0}})
    assert rows(PollAnswer) == []
    assert "'heard': '" not in dump()
    assert '"heard": "' not in dump()
    round_ = picture_of(project.row, today=TODAY).rounds["kitchen.how"][0]
    assert (round_.answered, round_.counts["heard"]["2"]) == (5, 4)
    with pytest.raises(NotAllowed):
        say(project, 1)


def test_it_cannot_be_closed_early_before_five_people_have_answered(app):
    project = asked(app)
    for number in range(4):
        say(project, number)
    with pytest.raises(Refused, match="once five people"):
        close(project)
    say(project, 4)
    close(project)


def test_only_a_lead_or_the_coordinator_asks_or_closes(app):
    project = asked(app)
    for act in (polls.open_round, polls.close_round):
        with pytest.raises(NotAllowed):
            act(project.id, poll_id="kitchen.how", by=project.by("p-1"), today=TODAY)


def test_it_closes_by_itself_after_its_last_day_and_few_answers_stay_untold(app):
    project = asked(app)
    for number in range(4):
        say(project, number, today=TODAY + days(14))
    with pytest.raises(Refused, match="closed"):
        say(project, 4, today=TODAY + days(15))
    db.session.rollback()
    outbox.sweep(today=TODAY + days(14))
    assert rows(PollRound)[0].closed is None
    outbox.sweep(today=TODAY + days(15))
    outbox.sweep(today=TODAY + days(16))
    assert rows(PollRound)[0].closed == TODAY + days(15)
    assert rows(PollAnswer) == []
    round_ = picture_of(project.row, today=TODAY + days(15)).rounds["kitchen.how"][0]
    assert (round_.answered, dict(round_.counts)) == (None, {})
    assert [one.verb for one in rows(LogLine)].count("round.closed") == 1


def test_a_round_whose_plugin_is_gone_still_closes_and_keeps_no_answer(app):
    project = asked(app)
    for number in range(6):
        say(project, number)
    install(app, {})
    outbox.sweep(today=TODAY + days(15))
    assert rows(PollAnswer) == []
    assert rows(PollRound)[0].results == {}


def test_counts_of_a_day_before_the_close_are_not_told_for_that_day(app):
    project = asked(app)
    for number in range(6):
        say(project, number)
    close(project, today=TODAY + days(3))
    round_ = picture_of(project.row, today=TODAY + days(2)).rounds["kitchen.how"][0]
    assert (round_.closed, round_.answered, dict(round_.counts)) == (None, None, {})


def test_what_is_not_asked_in_this_stage_or_is_off_is_not_there(app):
    project = a_project(app, plugins=PLUGINS, stage="design")
    with pytest.raises(NotFound):
        polls.open_round(project.id, poll_id="kitchen.how", by=project.by("lead-1"), today=TODAY)
    with pytest.raises(Invalid):
        polls.open_round(project.id, poll_id="kitchen.cake", by=project.by("lead-1"), today=TODAY)


def test_a_round_that_is_open_when_the_project_leaves_its_stage_closes_with_it(app):
    project = asked(app)
    for number in range(1, 6):
        say(project, number)
    for key in ("p-0", "p-1"):
        gates.sign_off(project.id, by=project.by(key), today=TODAY)
    gates.advance(project.id, by=project.by("p-0"), today=TODAY)
    (row,) = rows(PollRound)
    assert (row.closed, row.answered, row.results["heard"]["2"]) == (TODAY, 5, 5)
    assert rows(PollAnswer) == []
    assert polls.open_for(project.by("p-1").person_id, today=TODAY) == []


def test_after_closing_deleted_answers_are_cleared_away_on_both_databases(app, caplog):
    project = asked(app)
    for number in range(1, 6):
        say(project, number)
    close(project)
    assert rows(PollAnswer) == []
    assert not [one for one in caplog.records if one.name == "govflow.store"]


def vacuumed() -> bool:
    db.session.rollback()
    query = text("SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'poll_answer'")
    return (db.session.scalar(query) or 0) > 0


def test_after_closing_no_answer_is_left_in_a_file_of_sqlite_or_as_a_dead_row_of_postgresql(app, database_url):
    if not database_url.startswith("sqlite"):
        project = asked(app)
        for number in range(1, 6):
            say(project, number)
        assert not vacuumed()
        close(project)
        wait_until(vacuumed, 10)
        return
    path = Path(database_url.removeprefix("sqlite:///"))
    project = asked(app)
    for number in range(1, 6):
        say(project, number, heard="skip", paid="skip")
    held = [one for one in path.parent.glob(f"{path.name}*") if b'"heard": "skip"' in one.read_bytes()]
    assert held, "the answers stand somewhere before the close, or this test proves nothing"
    close(project)
    for one in path.parent.glob(f"{path.name}*"):
        assert b'"heard": "skip"' not in one.read_bytes(), one.name
