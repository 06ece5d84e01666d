"""Rounds of a poll: everyone is asked, no answer is ever told, and closing keeps counts alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from govflow.domain.polls.polls import Poll, Statement
from govflow.domain.refusals import Invalid, NotAllowed, NotFound, Refused
from govflow.services import sweep
from govflow.services.base.actions import Actor, person_by_email
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates import gates
from govflow.services.history.history import history
from govflow.services.people import people
from govflow.services.polls import polls
from govflow.services.project_file import export_project
from govflow.store import EventRow, PollElector, PollRound, SealedBallot, db
from tests.support.factories import TODAY, a_check, a_plugin, a_project, days, dump, install, rows
from tests.support.servers import wait_until
from tests.support.topics.polls import PLUGINS, POLL, asked, ballots, close, everyone, say, seen


@pytest.mark.both_engines
def test_everyone_who_is_here_is_asked_once_a_stage_and_an_observer_is_not(app):
    project = asked(app)
    assert rows(PollRound)[0].asked == len(rows(SealedBallot)) == len(rows(PollElector)) == 6
    with pytest.raises(Refused, match="already"):
        polls.open_round(project.id, poll_id="kitchen.how", by=project.by("p-0"), today=TODAY)
    assert seen(project, "p-3").asked_me
    assert not seen(project, "watcher").asked_me


def test_fewer_than_five_people_are_not_polled_but_asked_to_talk(app):
    with pytest.raises(Refused, match="cannot be anonymous"):
        asked(app, 4)
    assert rows(PollRound) == []


@pytest.mark.core
def test_only_those_who_were_asked_may_answer(app):
    project = asked(app)
    people.invite(project.id, email="late@example.org", name="Late", role="member", by=project.by("p-0"), today=TODAY)
    late = Actor(person_by_email("late@example.org").id)
    people.join(project.id, title="", expertise=[], by=late, today=TODAY)
    for who in (project.by("watcher"), late):
        with pytest.raises(NotAllowed, match="not among"):
            polls.answer_round(project.id, poll_id="kitchen.how", given={"heard": "1"}, by=who, today=TODAY)


def test_somebody_who_has_left_can_no_longer_answer_and_what_they_said_still_counts(app):
    project = asked(app)
    everyone(project, "112212")
    people.leave(project.id, by=project.by("p-1"), today=TODAY + days(1))
    with pytest.raises(NotAllowed):
        say(project, 1, today=TODAY + days(1), heard="2")
    close(project, today=TODAY + days(1))
    assert rows(PollRound)[0].answered == 6


@pytest.mark.parametrize(
    "given", [{"heard": "7"}, {"heard": "Yes"}, {"cake": "1"}, {"heard": ""}, {}, {"heard": "1", "cake": "1"}]
)
def test_only_what_is_offered_can_be_answered(app, given):
    project = asked(app)
    with pytest.raises(Invalid):
        polls.answer_round(project.id, poll_id="kitchen.how", given=given, by=project.by("p-1"), today=TODAY)
    db.session.rollback()
    assert ballots() == []


def test_an_answer_takes_the_place_of_the_earlier_one_and_the_earlier_one_is_gone(app):
    project = asked(app)
    say(project, 1, heard="1")
    say(project, 1, heard="2", paid="2")
    assert ballots() == [{"heard": "2", "paid": "2"}]


def test_answering_leaves_no_line_no_time_and_no_new_version(app):
    project = asked(app)
    lines, version = len(rows(EventRow)), project.row.version
    say(project, 1)
    assert (len(rows(EventRow)), project.row.version) == (lines, version)
    assert {column.name for column in SealedBallot.__table__.columns} == {"round_id", "member_id", "sealed"}


@pytest.mark.core
@pytest.mark.both_engines
def test_nothing_in_the_database_holds_an_answer_at_any_moment(app):
    """The same bytes for everybody: who answered and who did not, short answers and long ones."""
    project = asked(app)
    everyone(project, "12121", **{"else": "A SECRET SENTENCE " * 50, "else-show": "yes"})
    sizes = {len(one.sealed) for one in rows(SealedBallot)}
    assert len(sizes) == 1
    assert len(rows(SealedBallot)) == 6
    assert "SECRET" not in dump()
    assert '"heard"' not in dump()
    close(project)
    assert dump().count("A SECRET SENTENCE") == 5 * 50, "after close, once for each writer who ticked the box"


def test_no_service_tells_an_answer_while_it_is_open(app):
    def judge(case):
        from govflow.domain.gates.checks import met

        return met(f"{case.polls} {case.evidence} {case.registers}")

    plugin = a_plugin(polls=[POLL], checks=[a_check(judge=judge)])
    project = asked(app, plugins={"kitchen": plugin})
    for number in range(6):
        say(project, number, heard="skip")
    snapshot = load_snapshot(project.row, today=TODAY)
    told = [seen(project, f"p-{number}").row.results for number in range(6)] + [
        snapshot.rounds,
        project.gate(),
        export_project(project.row),
        history(project.id),
    ]
    assert "skip" not in repr(told)
    assert snapshot.rounds["kitchen.how"][0].answered is None


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


@pytest.mark.core
def test_closing_keeps_what_may_be_told_and_takes_every_answer_away(app):
    project = asked(app, 8)
    everyone(project, "11122222")
    close(project)
    row = rows(PollRound)[0]
    assert (row.closed, row.answered) == (TODAY, 8)
    assert row.results == {"heard": {"counts": {"1": 3, "2": 5, "skip": 0}}}
    assert rows(SealedBallot) == []
    assert len(rows(PollElector)) == 8
    round_ = load_snapshot(project.row, today=TODAY).rounds["kitchen.how"][0]
    assert (round_.answered, round_.counts["heard"]["2"]) == (8, 5)
    with pytest.raises(Refused, match="closed"):
        say(project, 1)


def test_where_nearly_all_agree_no_number_is_kept_anywhere(app):
    project = asked(app, 8)
    everyone(project, "12222222")
    close(project)
    assert rows(PollRound)[0].results == {"heard": {"mostly": "high"}}
    round_ = load_snapshot(project.row, today=TODAY).rounds["kitchen.how"][0]
    assert (dict(round_.counts), round_.mostly) == ({}, {"heard": "high"})


def again(project, app, today):
    """Sign off, move on to the next stage, and ask there."""
    for key in ("p-0", "p-1"):
        gates.sign_off(project.id, by=project.by(key), today=today)
    gates.advance(project.id, by=project.by("p-0"), today=today)
    polls.open_round(project.id, poll_id="kitchen.how", by=project.by("p-0"), today=today)


TWICE = {"kitchen": a_plugin(checks=[], polls=[Poll(**{
    **vars(POLL), "statements": (Statement(id="heard", text="I am heard.", stages=("bid", "design")),)})])}  # fmt: skip


@pytest.mark.parametrize(("leaves", "shows"), [(None, "counts"), ("p-7", "direction")])
def test_where_the_group_has_changed_since_the_last_time_only_the_direction_is_told(app, leaves, shows):
    project = asked(app, 8, plugins=TWICE)
    everyone(project, "11122222")
    close(project)
    later = TODAY + days(20)
    if leaves:
        people.leave(project.id, by=project.by(leaves), today=later)
    again(project, app, later)
    assert seen(project, today=later).shows == shows
    for number, value in enumerate("1112222"):
        say(project, number, heard=value, today=later)
    close(project, today=later)
    assert (shows == "counts") == ("counts" in rows(PollRound)[1].results["heard"])


def test_with_names_all_is_hidden_until_close_and_then_told_with_names(app):
    project = asked(app, 3, names=True)
    assert seen(project).shows == "names"
    say(project, 1, heard="2", **{"else": "Mine", "else-show": "yes"})
    say(project, 2, heard="1", **{"else": "Not for all"})
    assert '"heard"' not in dump()
    assert load_snapshot(project.row, today=TODAY).rounds["kitchen.how"][0].names == {}
    close(project)
    round_ = load_snapshot(project.row, today=TODAY).rounds["kitchen.how"][0]
    assert round_.anonymous is False
    assert round_.names == {"heard": {"p-1": "2", "p-2": "1"}, "else": {"p-1": "Mine"}}
    assert rows(SealedBallot) == []


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
    sweep.sweep(today=TODAY + days(14))
    assert rows(PollRound)[0].closed is None
    sweep.sweep(today=TODAY + days(15))
    sweep.sweep(today=TODAY + days(16))
    assert rows(PollRound)[0].closed == TODAY + days(15)
    assert rows(SealedBallot) == []
    round_ = load_snapshot(project.row, today=TODAY + days(15)).rounds["kitchen.how"][0]
    assert (round_.answered, dict(round_.counts)) == (None, {})
    assert [one.verb for one in rows(EventRow)].count("round.closed") == 1


@pytest.mark.core
def test_a_round_whose_plugin_is_gone_still_closes_and_keeps_no_answer(app):
    project = asked(app)
    for number in range(6):
        say(project, number)
    install(app, {})
    sweep.sweep(today=TODAY + days(15))
    assert rows(SealedBallot) == []
    assert rows(PollRound)[0].results == {}


def test_counts_of_a_day_before_the_close_are_not_told_for_that_day(app):
    project = asked(app)
    for number in range(6):
        say(project, number)
    close(project, today=TODAY + days(3))
    round_ = load_snapshot(project.row, today=TODAY + days(2)).rounds["kitchen.how"][0]
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
    assert (row.closed, row.answered, row.results["heard"]) == (TODAY, 5, {"mostly": "high"})
    assert rows(SealedBallot) == []
    assert polls.open_for(project.by("p-1").person_id, today=TODAY) == []


def test_after_closing_deleted_ballots_are_cleared_away_on_both_databases(app, caplog):
    project = asked(app)
    for number in range(1, 6):
        say(project, number)
    close(project)
    assert rows(SealedBallot) == []
    assert not [one for one in caplog.records if one.name == "govflow.store"]


def vacuumed() -> bool:
    db.session.rollback()
    query = text("SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = 'sealed_ballot'")
    return (db.session.scalar(query) or 0) > 0


@pytest.mark.both_engines
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
    sealed = [one.sealed[:200] for one in rows(SealedBallot)]

    def held():
        files = [one.read_bytes() for one in path.parent.glob(f"{path.name}*")]
        return [one for one in sealed if any(one in content for content in files)]

    assert len(held()) == 6, "the sealed answers stand somewhere before the close, or this test proves nothing"
    close(project)
    assert held() == []
