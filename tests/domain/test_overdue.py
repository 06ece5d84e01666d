"""When something is due, what a pause does to it, and which reminder is owed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govflow.domain.gates.overdue import (
    Pause,
    add_months,
    after_field,
    after_joining,
    after_stage_entry,
    before_field,
    by_project_month,
    cycle,
    due_day,
    every_months,
    is_late,
    ranks,
    reminded_from,
)

START = date(2026, 1, 1)


def on(days):
    return START + timedelta(days=days)


def test_without_a_pause_a_thing_is_due_so_many_days_after_its_anchor():
    assert due_day(START, 60, (), on(0)) == on(60)
    assert due_day(START, -30, (), on(0)) == on(-30)


@pytest.mark.parametrize(
    ("pause", "due"),
    [
        (Pause(began=on(10), ended=on(20)), 70),
        (Pause(began=on(-20), ended=on(-5)), 60),  # over before the anchor
        (Pause(began=on(-20), ended=on(5)), 65),  # only what lies after the anchor counts
        (Pause(began=on(61), ended=on(90)), 60),  # after it was due
        (Pause(began=on(60), ended=on(90)), 90),  # from the due day itself
        (Pause(began=on(10), ended=on(10)), 60),
    ],
)
def test_a_pause_moves_the_due_day_by_its_length(pause, due):
    assert due_day(START, 60, [pause], on(200)) == on(due)


def test_two_pauses_both_move_it_also_where_the_first_brings_the_second_into_reach():
    pauses = [Pause(began=on(65), ended=on(70)), Pause(began=on(50), ended=on(60))]
    assert due_day(START, 60, pauses, on(200)) == on(75)


def test_an_open_pause_moves_it_day_by_day_so_that_nothing_falls_due_while_it_lasts():
    pause = Pause(began=on(10))
    for today in (10, 11, 59, 60, 61, 400):
        assert due_day(START, 60, [pause], on(today)) == on(60 + today - 10)
        assert not is_late(due_day(START, 60, [pause], on(today)), on(today))


@given(days=st.integers(0, 400), began=st.integers(0, 400), length=st.integers(0, 400))
def test_a_pause_never_makes_anything_due_sooner_nor_later_than_by_its_length(days, began, length):
    paused = due_day(START, days, [Pause(began=on(began), ended=on(began + length))], on(1_000))
    assert on(days) <= paused <= on(days + length)


@pytest.mark.parametrize(("today", "late"), [(9, False), (10, False), (11, True)])
def test_a_thing_is_late_from_the_day_after(today, late):
    assert is_late(on(10), on(today)) is late


def test_what_has_no_due_day_is_never_late():
    assert not is_late(None, on(10_000))


def test_the_first_reminder_falls_on_the_day_after_and_then_one_a_week():
    fell = [cycle(on(0), on(today)) for today in range(1, 16)]
    assert fell == [on(1)] * 7 + [on(8)] * 7 + [on(15)]


@given(start=st.integers(1, 3_000), gap=st.integers(0, 6))
def test_whoever_looks_within_a_week_owes_the_same_reminder_or_the_next(start, gap):
    first, second = cycle(on(0), on(start)), cycle(on(0), on(start + gap))
    assert second - first in (timedelta(0), timedelta(days=7))


@given(st.integers(1, 3_000))
def test_however_many_days_nobody_looked_one_thing_owes_one_reminder_the_latest(today):
    fell = cycle(on(0), on(today))
    assert fell <= on(today) < fell + timedelta(days=7)
    assert (fell - on(1)).days % 7 == 0


def test_a_day_that_is_known_beforehand_is_told_before_on_it_and_weekly_after():
    fell = [cycle(on(30), on(today), before=(30, 7, 0)) for today in (0, 1, 22, 23, 29, 30, 36, 37, 44)]
    assert fell == [on(0), on(0), on(0), on(23), on(23), on(30), on(30), on(37), on(44)]
    assert cycle(on(30), on(-1), before=(30, 7, 0)) is None
    assert reminded_from(on(30), before=(30, 7, 0)) == on(0)


def test_what_is_told_a_week_before_and_not_on_the_day_is_told_the_day_after():
    assert [cycle(on(7), on(today), before=(7,)) for today in (0, 6, 7, 8, 15)] == [on(0), on(0), on(0), on(8), on(15)]
    assert reminded_from(on(7)) == on(8)


@given(st.lists(st.integers(0, 90), max_size=4), st.integers(1, 40), st.integers(-100, 400))
def test_the_reminder_that_is_owed_never_lies_ahead_and_never_goes_back(before, every, today):
    now = cycle(on(0), on(today), every=every, before=tuple(before))
    then = cycle(on(0), on(today + 1), every=every, before=tuple(before))
    begun = on(today) >= reminded_from(on(0), before=before) or (0 in before and on(today) >= on(0))
    assert (now is not None) == begun
    if now is not None:
        assert now <= on(today)
        assert then in (now, on(today + 1))


def test_one_more_person_is_told_when_the_last_has_known_for_a_fortnight():
    assert ranks({}, on(400), after=14) == 1, "nobody else hears of it before who owes it"
    assert [ranks({0: on(0)}, on(days), after=14) for days in (0, 13, 14, 400)] == [1, 1, 2, 2]
    assert [ranks({0: on(0), 1: on(14)}, on(days), after=14) for days in (27, 28)] == [2, 3]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (after_stage_entry(days=60), "due 60 days after the start of this stage"),
        (after_joining(days=14), "due 14 days after joining"),
        (after_joining(days=1), "due 1 day after joining"),
        (after_field("planned_end", days=0), "due on the day of planned end"),
        (before_field("planned_end", days=30), "due 30 days before planned end"),
    ],
)
def test_a_due_rule_says_itself_in_words(rule, words):
    assert rule.sentence() == words


# --- rules as values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (after_joining(days=14), "due 14 days after joining"),
        (after_stage_entry(days=1), "due 1 day after the start of this stage"),
        (before_field("planned_end", days=30), "due 30 days before planned end"),
        (after_field("planned_end", days=0), "due on the day of planned end"),
        (every_months(6), "due every 6 months, counted from the start of the project"),
        (every_months(1, since="stage_entry"), "due every month, counted from the start of this stage"),
        (by_project_month(6), "due by the end of month 6 of the project"),
    ],
)
def test_the_sentence_of_a_rule_is_made_from_it(rule, words):
    assert rule.sentence() == words


def test_a_month_of_the_project_ends_the_day_before_the_next_begins():
    assert by_project_month(6).day(date(2014, 3, 1)) == date(2014, 8, 31)
    assert by_project_month(1).day(date(2026, 1, 31)) == date(2026, 2, 27)


def test_every_six_months_is_due_after_the_last_answer():
    rule, start = every_months(6), date(2026, 1, 15)
    assert rule.day(start) == date(2026, 7, 15)
    assert rule.day(start, answered=date(2026, 7, 14)) == date(2026, 7, 15)
    assert rule.day(start, answered=date(2026, 7, 15)) == date(2027, 1, 15)
    assert rule.day(start, answered=date(2030, 1, 1)) == date(2030, 1, 15)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 60), st.integers(0, 9000))
def test_a_day_that_comes_round_again_is_the_first_after_the_answer(start, months, later):
    answered = start + timedelta(days=later)
    due = every_months(months).day(start, answered=answered)
    assert due > answered
    rounds = (due.year - start.year) * 12 + due.month - start.month
    assert rounds % months == 0
    assert rounds == months or add_months(start, rounds - months) <= answered


@pytest.mark.parametrize(
    "wrong", [lambda: every_months(0), lambda: every_months(3, since="x"), lambda: by_project_month(0)]
)
def test_a_rule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="month"):
        wrong()
