"""An agenda: check-in, then the recap, always; what people typed; breaks, and time to be together."""

from datetime import datetime

import pytest
from govflow_meetings.agenda import BREAK, CHECK_IN, RECAP, SOCIAL, items, timed

TEN = datetime.fromisoformat("2026-03-10T10:30")
USUAL = {"check_in": 10, "recap": 10, "pause": 10, "social": 15}


def test_the_recap_of_last_time_comes_first_after_the_check_in_whatever_is_typed():
    for text in ("", "20 Choosing our name", "5 Recap\n90 Everything else"):
        assert [what for _, _, what in timed(TEN, text, **USUAL)][:2] == [CHECK_IN, RECAP]


def test_each_item_has_its_time_and_its_minutes_and_a_break_comes_each_hour():
    rows = list(timed(TEN, "20 Choosing our name\n\n30 What the visits showed\n25 The leaflet", **USUAL))
    assert rows == [
        ("10:30", 10, CHECK_IN),
        ("10:40", 10, RECAP),
        ("10:50", 20, "Choosing our name"),
        ("11:10", 10, BREAK),
        ("11:20", 30, "What the visits showed"),
        ("11:50", 25, "The leaflet"),
        ("12:15", 10, BREAK),
        ("12:25", 15, SOCIAL),
    ]


def test_a_check_in_of_no_minutes_is_still_offered_and_other_things_of_none_are_not():
    rows = list(timed(TEN, "90 One long thing", check_in=0, recap=5, pause=0, social=0))
    assert [what for _, _, what in rows] == [CHECK_IN, RECAP, "One long thing"]


@pytest.mark.parametrize(
    "line", ["Choosing our name", "20", "twenty Our name", "2000 Our name", "-5 Our name", "20Name"]
)
def test_a_line_without_minutes_is_refused_with_what_to_do(line):
    with pytest.raises(ValueError, match="Begin each line of the agenda with its minutes") as refused:
        items(f"10 Tea\n{line}")
    assert line in str(refused.value)


def test_what_is_typed_is_text_and_nothing_else():
    assert items("20 <b>Our name</b>") == [(20, "<b>Our name</b>")]
