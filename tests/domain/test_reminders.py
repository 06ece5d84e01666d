"""Who is told of what is late, and how each person wants to be told."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govflow.domain.mail.escalation import escalation_order
from govflow.domain.mail.reminder_days import ONLY_LATE, WEEKLY, Preferences

TODAY = date(2026, 3, 4)  # a Wednesday
LONDON = ZoneInfo("Europe/London")


def test_who_owes_it_is_told_first_then_who_can_help_and_each_once():
    assert escalation_order(["lead-2"], stand_ins=["co", "lead-1", "lead-2"]) == ("lead-2", "co", "lead-1")


def test_nobody_is_chased_for_what_is_owed_to_them():
    assert escalation_order(
        ["lead-1", "money"], stand_ins=["co", "lead-1"], spared={"lead-1": "Your pay ends early."}
    ) == (
        "money",
        "co",
    )


def test_whom_a_thing_is_about_helps_nobody_but_may_owe_it():
    assert escalation_order(["inviter"], stand_ins=["joiner", "lead-1"], subject="joiner") == ("inviter", "lead-1")
    assert escalation_order(["joiner"], stand_ins=["joiner", "lead-1"], subject="joiner") == ("joiner", "lead-1")


def test_a_pause_ends_on_its_day():
    wish = Preferences(paused_until=TODAY)
    assert wish.paused(TODAY - timedelta(days=1))
    assert not wish.paused(TODAY)
    assert not Preferences().paused(TODAY)


def test_only_late_is_only_late():
    wish = Preferences(rhythm=ONLY_LATE)
    assert [wish.wants(TODAY + timedelta(days=days), TODAY) for days in (-1, 0, 7)] == [True, False, False]
    assert Preferences().wants(TODAY + timedelta(days=7), TODAY)


@given(st.integers(0, 6), st.integers(0, 400))
def test_what_comes_up_in_a_week_is_told_on_its_chosen_day(weekday, ahead):
    owed = TODAY + timedelta(days=ahead)
    told = Preferences(rhythm=WEEKLY, weekday=weekday).told_from(owed)
    assert told.weekday() == weekday
    assert timedelta(0) <= told - owed <= timedelta(days=6)
    assert Preferences(weekday=weekday).told_from(owed) == owed


@pytest.mark.parametrize(
    ("hours", "asked", "posted"),
    [
        ((20, 8), "2026-03-04 19:59", "2026-03-04 19:59"),
        ((20, 8), "2026-03-04 20:00", "2026-03-05 08:00"),
        ((20, 8), "2026-03-05 07:59", "2026-03-05 08:00"),
        ((20, 8), "2026-03-05 08:00", "2026-03-05 08:00"),
        ((9, 17), "2026-03-04 12:30", "2026-03-04 17:00"),
        ((9, 17), "2026-03-04 08:30", "2026-03-04 08:30"),
        ((0, 6), "2026-03-29 00:30", "2026-03-29 06:00"),  # the clocks go forward that night
        ((22, 7), "2026-10-24 23:00", "2026-10-25 07:00"),  # and back that one
        ((8, 8), "2026-03-04 08:30", "2026-03-04 08:30"),
        ((None, 8), "2026-03-04 03:00", "2026-03-04 03:00"),
    ],
)
def test_no_letter_comes_in_quiet_hours(hours, asked, posted):
    wish = Preferences(quiet_from=hours[0], quiet_to=hours[1])
    moment = datetime.fromisoformat(asked).replace(tzinfo=LONDON)
    assert wish.posted_from(moment) == datetime.fromisoformat(posted).replace(tzinfo=LONDON)


@given(st.integers(0, 23), st.integers(0, 23), st.datetimes(timezones=st.just(LONDON), allow_imaginary=False))
def test_a_letter_is_never_posted_before_it_is_owed_nor_a_day_late(begin, end, moment):
    wish = Preferences(quiet_from=begin, quiet_to=end)
    posted = wish.posted_from(moment)
    assert timedelta(0) <= posted - moment <= timedelta(days=1)
    assert wish.posted_from(posted) == posted
