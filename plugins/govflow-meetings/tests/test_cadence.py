"""When a group meets: a rhythm that changes by itself, and no time in which nobody would meet."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from govflow_meetings.cadence import RHYTHMS, Slot, Stretch, problem_of, slots

BEGAN = date(2019, 6, 3)
EIGHTEEN_MONTHS, THREE_AND_A_HALF_YEARS = date(2020, 12, 2), date(2022, 12, 2)
NETWORK = [
    Stretch("six_weeks", BEGAN, EIGHTEEN_MONTHS),
    Stretch("three_months", date(2020, 12, 3), THREE_AND_A_HALF_YEARS),
]


def test_every_six_weeks_for_eighteen_months_then_every_three_months_is_thirteen_and_eight():
    """“The group meets every six weeks for the first 18 months of the network, followed by every three months.”"""
    found = slots(NETWORK)
    assert [sum(one.ends <= EIGHTEEN_MONTHS for one in found), sum(one.ends > EIGHTEEN_MONTHS for one in found)] == [
        13,
        8,
    ]
    assert (found[0].starts, found[-1].ends) == (BEGAN, THREE_AND_A_HALF_YEARS)


@pytest.mark.parametrize("month", range(1, 13))
def test_it_is_thirteen_and_eight_whichever_day_it_begins(month):
    begins, changes, ends = date(2026, month, 1), date(2027, month, 1), date(2029, month, 1)
    changes = changes.replace(year=changes.year + (month + 6 > 12), month=(month + 5) % 12 + 1)
    ends = ends.replace(year=ends.year + (month + 6 > 12), month=(month + 5) % 12 + 1)
    a_day = timedelta(days=1)
    first, then = Stretch("six_weeks", begins, changes - a_day), Stretch("three_months", changes, ends - a_day)
    assert (len(slots([first])), len(slots([then]))) == (13, 8)


def test_twice_a_month_for_six_months_is_twelve():
    assert len(slots([Stretch("twice_a_month", date(2015, 4, 1), date(2015, 9, 30))])) == 12


@pytest.mark.parametrize("rhythm", RHYTHMS)
@pytest.mark.parametrize("begins", [date(2026, 1, 31), date(2028, 2, 29), date(2026, 12, 15)])
def test_slots_follow_each_other_without_a_day_between_and_fill_the_stretch(rhythm, begins):
    ends = begins + timedelta(days=400)
    found = slots([Stretch(rhythm, begins, ends)])
    assert (found[0].starts, found[-1].ends) == (begins, ends)
    assert all(after.starts == before.ends + timedelta(days=1) for before, after in pairwise(found))


def test_meetings_keep_their_day_of_the_week():
    like = date(2026, 3, 4)
    for slot in slots([Stretch("month", date(2026, 3, 4), date(2027, 3, 3))]):
        assert slot.starts <= slot.day(like) <= slot.ends
        assert slot.day(like).weekday() == like.weekday()
    assert Slot(date(2026, 3, 4), date(2026, 4, 3)).day(like) == like


@pytest.mark.parametrize(
    ("begins", "words"),
    [
        (
            date(2020, 12, 10),
            "Nobody would meet between 2 December 2020 and 10 December 2020. Begin the second rhythm on",
        ),
        (date(2020, 12, 1), "The first rhythm still lasts on 1 December 2020. Begin the second on 3 December 2020."),
    ],
)
def test_a_gap_is_refused_and_so_is_an_overlap_with_what_to_do(begins, words):
    said = problem_of([NETWORK[0], Stretch("three_months", begins, THREE_AND_A_HALF_YEARS)])
    assert said.startswith(words)


@pytest.mark.parametrize(
    ("stretch", "words"),
    [
        (Stretch("month", date(2026, 3, 2), date(2026, 3, 1)), "is before the first"),
        (Stretch("three_months", date(2026, 3, 2), date(2026, 4, 1)), "is too short to meet every three months"),
        (Stretch("week", date(2026, 1, 1), date(2199, 1, 1)), "more than 400 meetings"),
    ],
)
def test_a_stretch_without_a_meeting_or_with_too_many_is_refused(stretch, words):
    assert words in problem_of([stretch])


def test_nothing_is_wrong_with_what_the_network_wrote():
    assert problem_of(NETWORK) == ""
