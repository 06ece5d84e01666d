"""Equality questions: everyone is asked alike, nobody's answer is ever read, and closing keeps rounded counts alone."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete

from govflow.domain.polls.equality import EQUALITY, NOT_SAID, QUESTIONS
from govflow.domain.refusals import Invalid, NotAllowed, Refused
from govflow.services import sweep
from govflow.services.base.actions import Actor, person_by_email
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.base.visibility import limit_scope_for
from govflow.services.gates import gates
from govflow.services.history.history import history
from govflow.services.people import people, projects
from govflow.services.plugins.plugin_pages import pages_seen
from govflow.services.polls import equality, polls
from govflow.services.polls.ballot_box import Box, Disturbed
from govflow.services.privacy import about_me, erasing
from govflow.services.project_file import export_project
from govflow.store import Base, Email, EventRow, Organisation, PollElector, PollRound, SealedBallot, db
from tests.support.factories import TODAY, a_check, a_plugin, a_project, days, dump, person, row_counts, rows

LAST = TODAY + days(21)
AFTER = LAST + days(1)


def a_group(app, number=10, **facts):
    members = [person("p-0", role="lead"), *[person(f"p-{n}", "lived") for n in range(1, number)]]
    return a_project(
        app, plugins=facts.pop("plugins", {"kitchen": a_plugin(checks=[])}),
        members=[*members, person("watcher", role="observer")], **facts,
    )  # fmt: skip


def ask(project, key="p-0", *, today=TODAY):
    equality.ask(project.id, by=project.by(key), today=today)


def asked(app, number=10, **facts):
    project = a_group(app, number, **facts)
    ask(project)
    return project


def say(project, number, *, today=TODAY, **given):
    equality.answer(project.id, given=given or {"disability": "yes"}, by=project.by(f"p-{number}"), today=today)


def everyone(project, answers, *, today=TODAY):
    for number, value in enumerate(answers):
        say(project, number, disability={"y": "yes", "n": "no", "-": NOT_SAID}[value], today=today)


def close(today=AFTER):
    """The day after the last one has come."""
    sweep.sweep(today=today)


def seen(project, key="p-1", *, today=TODAY):
    snapshot = load_snapshot(project.row, today=today)
    me = next((one for one in snapshot.members if one.key == key), None)
    return equality.load_asking(project.row, snapshot, me, today=today)


@pytest.mark.both_engines
def test_everyone_who_is_here_is_asked_alike_and_an_observer_is_not(app):
    project = asked(app)
    assert (rows(PollRound)[0].asked, len(rows(SealedBallot))) == (10, 10)
    assert seen(project, "p-3").asked_me
    assert not seen(project, "watcher").asked_me
    with pytest.raises(Refused, match="already"):
        ask(project)


@pytest.mark.parametrize("number", [1, 4, 7])
def test_so_few_people_that_nothing_could_be_told_are_not_asked_and_the_page_says_so_before(app, number):
    project = a_group(app, number)
    assert "Fewer than eight people are here" in seen(project, "p-0").not_now
    before = row_counts()
    with pytest.raises(Refused, match="Fewer than eight people"):
        ask(project)
    assert row_counts() == before


def test_an_organisation_that_wants_more_answers_wants_more_here_too(app):
    project = a_group(app, 8)
    db.session.get_one(Organisation, project.row.organisation_id).least_answers = 6
    db.session.commit()
    with pytest.raises(Refused, match="Fewer than nine people"):
        ask(project)


@pytest.mark.parametrize("key", ["p-1", "watcher"])
def test_only_a_lead_or_the_coordinator_asks(app, key):
    project = a_group(app)
    with pytest.raises(NotAllowed):
        ask(project, key)
    assert rows(PollRound) == []


def test_only_those_who_were_here_when_it_was_asked_may_answer(app):
    project = asked(app)
    people.invite(project.id, email="late@example.org", name="Late", role="member", by=project.by("p-0"), today=TODAY)
    late = Actor(person_by_email("late@example.org").id)
    people.join(project.id, title="", expertise=[], by=late, today=TODAY)
    for who in (project.by("watcher"), late):
        with pytest.raises(NotAllowed):
            equality.answer(project.id, given={"age": NOT_SAID}, by=who, today=TODAY)
    people.leave(project.id, by=project.by("p-1"), today=TODAY)
    with pytest.raises(NotAllowed):
        say(project, 1)


@pytest.mark.parametrize(
    "given", [{"age": "7"}, {"age": "Under 35"}, {"diagnosis": "x"}, {"age": "under_35", "x": ""}, {"age": ["yes"]}]
)
def test_only_what_is_offered_can_be_answered(app, given):
    project = asked(app)
    with pytest.raises(Invalid):
        equality.answer(project.id, given=given, by=project.by("p-1"), today=TODAY)
    db.session.rollback()
    assert ballots() == []


def ballots():
    """What the sealed rows would say if they were opened now, by somebody who has the key and the database."""
    (row,) = rows(PollRound)
    return list(Box(row.box).open(row.id, {one.member_id: one.sealed for one in rows(SealedBallot)}).values())


def test_an_answer_takes_the_place_of_the_earlier_one(app):
    project = asked(app)
    say(project, 1, age="under_35", religion="none")
    say(project, 1, age="from_55")
    assert ballots() == [{"age": "from_55"}]


def test_whoever_says_stop_is_not_counted(app):
    project = asked(app)
    say(project, 1)
    equality.take_out(project.id, by=project.by("p-1"), today=TODAY)
    say(project, 2)
    equality.answer(
        project.id, given=dict.fromkeys([one.name for one in QUESTIONS], ""), by=project.by("p-2"), today=TODAY
    )
    assert ballots() == []
    close()
    assert rows(PollRound)[0].results == {}


@pytest.mark.both_engines
def test_nothing_in_the_database_holds_an_answer_while_it_is_asked(app):
    """The same bytes for everybody: who answered much, little, or not at all."""
    project = asked(app)
    before = dump()
    assert "ethnic" not in before
    for number in range(6):
        say(project, number, orientation="lgb", ethnic_group="mixed")
    say(project, 7)
    assert "lgb" not in dump()
    assert "ethnic" not in dump()
    assert len({len(one.sealed) for one in rows(SealedBallot)}) == 1


def test_nothing_tells_whether_somebody_answered_while_it_is_asked(app):
    project = asked(app)
    lines, version, before = len(rows(EventRow)), project.row.version, seen(project)
    for number in range(1, 5):
        say(project, number)
    assert (len(rows(EventRow)), project.row.version) == (lines, version)
    assert seen(project) == before
    assert rows(PollRound)[0].answered is None
    assert equality.told(project.id) == []


def test_closing_keeps_rounded_counts_and_nothing_else(app):
    project = asked(app)
    everyone(project, "yyyyyynnn-")
    close()
    (row,) = rows(PollRound)
    assert (row.closed, row.answered) == (AFTER, None), "not even how many answered"
    assert row.results["disability"] == {"yes": 5}
    assert row.results["age"] == {NOT_SAID: 5}, "all of them left it out, and it looks as if some had"
    (told,) = equality.told(project.id)
    assert dict(dict(told.questions)[QUESTIONS[3].label]) == {
        "Yes": "5 or more", "No": "Fewer than 5, or hidden", "I prefer not to say": "Fewer than 5, or hidden"
    }  # fmt: skip
    with pytest.raises(Refused, match="closed"):
        say(project, 1, today=AFTER)


def test_nobody_can_close_it_and_it_closes_by_itself_after_its_last_day(app):
    project = asked(app)
    everyone(project, "yyyyyynnn-", today=LAST)
    for close_it in (lambda: polls.close_round(project.id, poll_id=EQUALITY, by=project.by("p-0"), today=TODAY),
                     lambda: equality.put_aside(project.id, why="Now", by=project.by("p-0"), today=TODAY)):  # fmt: skip
        with pytest.raises(Refused):
            close_it()
        db.session.rollback()
    close(LAST)
    assert rows(PollRound)[0].closed is None
    close()
    close(LAST + days(2))
    assert rows(PollRound)[0].closed == AFTER
    assert [one.verb for one in rows(EventRow)].count("round.closed") == 1


def test_too_few_answers_are_never_told(app):
    project = asked(app)
    everyone(project, "yyyyyyy")
    close()
    assert rows(PollRound)[0].results == {}
    assert not equality.told(project.id)[0].anything


# --- joined to nobody -------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_after_close_no_row_of_any_table_joins_a_round_to_a_person(app):
    """No table that points to the round has a row of it; the round's own row points to its project alone."""
    project = asked(app)
    everyone(project, "yyyyyynnn-")
    assert {one.round_id for one in rows(SealedBallot)} == {1}
    close()
    (row,) = rows(PollRound)
    pointing = {
        (table.name, key.parent.name)
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "poll_round"
    }
    assert pointing == {("poll_elector", "round_id"), ("sealed_ballot", "round_id")}
    assert (rows(PollElector), rows(SealedBallot)) == ([], [])
    assert {key.column.table.name for key in PollRound.__table__.foreign_keys} == {"project"}
    kept = json.dumps([row.results, row.put_aside, row.box, row.version, row.stage])
    assert not [one for one in range(10) if f"p-{one}" in kept]


def test_after_close_the_key_is_gone_and_with_it_all_that_a_backup_holds(app):
    project = asked(app)
    everyone(project, "yyyyyynnn-")
    backup = {one.member_id: one.sealed for one in rows(SealedBallot)}
    (row,) = rows(PollRound)
    assert len(Box(row.box).open(row.id, backup)) == 10
    close()
    assert list((app.config["GOVFLOW"].key_dir / "polls").iterdir()) == []
    with pytest.raises(Disturbed):
        Box(row.box).open(row.id, backup)


def test_what_is_held_about_somebody_says_in_a_sentence_that_answers_cannot_be_found(app):
    project = asked(app)
    say(project, 1)
    held = about_me.held_about(by=project.by("p-1"), today=TODAY)
    assert held["Equality questions"] == [{"your answers": about_me.EQUALITY_ANSWERS}]
    assert "cannot be found again" in about_me.EQUALITY_ANSWERS
    assert held["Polls you were asked in"] == []


def test_erasing_somebody_changes_no_count(app):
    """Their key may be a word that an option is named by."""
    members = [person("p-0", role="lead"), *[person(f"p-{n}") for n in range(1, 9)], person("yes")]
    project = a_project(app, plugins={"kitchen": a_plugin(checks=[])}, members=members)
    ask(project)
    everyone(project, "yyyyyynnn")
    close()
    before = rows(PollRound)[0].results
    erasing.erase(word="ERASE", by=project.by("yes"), today=LAST + days(2))
    assert rows(PollRound)[0].results == before == {**before, "disability": {"yes": 5}}


def test_whoever_is_erased_is_not_counted_in_what_is_still_open(app):
    project = asked(app)
    say(project, 1, age="under_35")
    say(project, 2, age="from_55")
    erasing.erase(word="ERASE", by=project.by("p-1"), today=TODAY)
    assert ballots() == [{"age": "from_55"}]
    for path in (app.config["GOVFLOW"].key_dir / "polls").iterdir():
        path.rename(path.with_suffix(".elsewhere"))
    erasing.erase(word="ERASE", by=project.by("p-2"), today=TODAY)
    assert len(rows(SealedBallot)) == 10


# --- kept apart from everything ---------------------------------------------------------------------------


def test_no_case_gate_export_letter_history_or_picture_has_any_of_it(app):
    def judge(case):
        from govflow.domain.gates.checks import met

        return met(f"{sorted(case.polls)} {case.evidence} {case.registers}")

    everything_asked = a_check(judge=judge, needs=(EQUALITY,))
    project = a_group(app, plugins={"kitchen": a_plugin(checks=[everything_asked])})
    before = project.gate()
    ask(project)
    everyone(project, "yyyyyynnn-")
    close()
    after = AFTER
    snapshot = load_snapshot(project.row, today=after)
    assert EQUALITY not in snapshot.rounds
    assert project.gate().findings == before.findings
    told = repr([export_project(project.row), snapshot, project.gate(after), pages_seen(snapshot, reader="p-0")])
    lines = [line.words for line in history(project.id)[0]]
    assert "disability" not in told + repr(lines)
    assert "equality" not in told.lower()
    assert [one for one in lines if "quality" in one] == [
        "“Equality questions” closed.", "P 0 asked everyone “Equality questions”. It closes on 23 March 2026."
    ]  # fmt: skip


def test_nobody_is_reminded_and_it_is_on_nobody_s_list(app):
    project = asked(app)
    say(project, 1)
    for day in range(0, 22, 3):
        sweep.sweep(today=TODAY + days(day))
    assert rows(Email) == []
    for number in range(3):
        mine = project.by(f"p-{number}").person_id
        assert polls.open_for(mine, today=TODAY) == []
        assert projects.my_list(mine, today=TODAY) == []


def test_leaving_a_stage_does_not_close_it(app):
    project = asked(app)
    for key in ("p-0", "p-1"):
        gates.sign_off(project.id, by=project.by(key), today=TODAY)
    gates.advance(project.id, by=project.by("p-0"), today=TODAY)
    assert rows(PollRound)[0].closed is None
    say(project, 1)


def end(project, today):
    for key in ("p-0", "p-1"):
        gates.sign_off(project.id, by=project.by(key), today=today)
    gates.advance(project.id, by=project.by("p-0"), today=today)


def test_when_the_project_closes_what_is_open_is_put_aside_unopened(app):
    project = asked(app, stage="dissemination")
    everyone(project, "yyyyyynnn-")
    end(project, TODAY)
    (row,) = rows(PollRound)
    assert (row.closed, row.results, row.answered) == (TODAY, {}, None)
    assert row.put_aside == equality.ENDED
    assert rows(SealedBallot) == []
    assert list((app.config["GOVFLOW"].key_dir / "polls").iterdir()) == []
    assert equality.told(project.id) == []
    with pytest.raises(Refused):
        say(project, 1)


def test_what_was_told_stays_when_the_project_closes(app):
    project = asked(app, stage="dissemination")
    everyone(project, "yyyyyynnn-")
    close()
    before = equality.told(project.id)
    end(project, AFTER)
    assert equality.told(project.id) == before
    assert before[0].anything


# --- asked again ------------------------------------------------------------------------------------------


def test_the_same_people_are_asked_again_after_a_year_and_not_sooner(app):
    project = asked(app)
    close()
    for later in (LAST + days(2), TODAY + days(364)):
        with pytest.raises(Refused, match="from 2 March 2027"):
            ask(project, today=later)
        db.session.rollback()
    ask(project, today=TODAY + days(365))
    assert [one.number for one in rows(PollRound)] == [1, 2]


def test_when_somebody_has_come_or_gone_it_is_not_asked_again(app):
    project = asked(app)
    close()
    people.leave(project.id, by=project.by("p-9"), today=LAST + days(2))
    later = TODAY + days(400)
    assert "compares both results" in seen(project, today=later).not_now
    with pytest.raises(Refused, match="compares both results"):
        ask(project, today=later)


@pytest.mark.parametrize(("shared", "may"), [(4, True), (5, False), (9, False), (10, True)])
def test_people_of_another_project_count_too_and_no_row_of_them_was_kept(app, shared, may):
    asked(app, 10)
    close()
    members = [person("q-0", role="lead"), *[person(f"p-{n}") for n in range(1, shared)],
               *[person(f"q-{n}") for n in range(shared, 10)]]  # fmt: skip
    members[0]["email"] = "p-0@example.org"
    other = a_project(app, slug="teapot", organisation="moor", members=members)
    if may:
        ask(other, "q-0", today=LAST + days(2))
    else:
        with pytest.raises(Refused, match="compares both results"):
            ask(other, "q-0", today=LAST + days(2))


def test_it_looks_beyond_what_a_page_reaches(app):
    """The lead of this page is not in the other project, and reads nothing of it but that it cannot be asked now."""
    asked(app, 10)
    members = [person("q-0", role="lead"), *[person(f"p-{n}") for n in range(1, 10)]]
    other = a_project(app, slug="teapot", organisation="moor", members=members)
    by = other.by("q-0")
    db.session.rollback()
    with app.test_request_context("/"):
        limit_scope_for(by.person_id, today=TODAY)
        with pytest.raises(Refused, match="compares both results"):
            equality.ask(other.id, by=by, today=TODAY)
        db.session.rollback()


# --- what can go wrong ------------------------------------------------------------------------------------


def test_rows_that_were_touched_are_never_opened_and_a_lead_puts_it_aside(app):
    project = asked(app)
    everyone(project, "yyyyyynnn-")
    db.session.execute(delete(SealedBallot).where(SealedBallot.member_id == project.member("p-3").id))
    db.session.commit()
    close()
    assert rows(PollRound)[0].closed is None
    late = {"by": project.by("p-0"), "today": AFTER}
    assert seen(project, today=AFTER).overdue
    with pytest.raises(Invalid):
        equality.put_aside(project.id, why=" ", **late)
    with pytest.raises(NotAllowed):
        equality.put_aside(project.id, why="Oh", by=project.by("p-1"), today=AFTER)
    db.session.rollback()
    equality.put_aside(project.id, why="Somebody touched it", **late)
    assert (rows(PollRound)[0].results, rows(SealedBallot)) == ({}, [])
    assert list((app.config["GOVFLOW"].key_dir / "polls").iterdir()) == []
    ask(project, today=AFTER)


def test_without_its_key_nothing_is_taken_and_nothing_breaks(app):
    project = asked(app)
    for path in (app.config["GOVFLOW"].key_dir / "polls").iterdir():
        path.rename(path.with_suffix(".elsewhere"))
    with pytest.raises(Refused, match="is not on this machine"):
        say(project, 1)
    db.session.rollback()
    assert seen(project).asked_me


def test_in_a_closed_project_nobody_is_asked(app):
    project = a_group(app, state="closed", stage="dissemination")
    with pytest.raises(Refused, match="closed"):
        ask(project)
