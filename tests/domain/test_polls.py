"""What may be said of a poll: nothing that points at somebody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govflow.domain.polls import Poll, Statement, can_be_counted, tally, turnout

POLL = Poll(
    slug="how",
    title="How is it going?",
    version="1",
    scale={"1": "No", "2": "Yes"},
    no_score={"skip": "Not for me"},
    statements=(
        Statement(id="heard", text="I am heard.", stages=("bid", "trial")),
        Statement(id="paid", text="I am paid.", stages=("trial",)),
    ),
)


@pytest.mark.parametrize(
    ("answered", "asked", "said"),
    [
        (0, 12, None),
        (2, 12, None),
        (3, 12, "3 of 12 have answered"),
        (10, 12, "10 of 12 have answered"),
        (11, 12, None),
        (12, 12, "12 of 12 have answered"),
        (3, 4, None),
        (3, 3, "3 of 3 have answered"),
    ],
)
def test_turnout_is_said_from_three_and_never_where_one_person_is_left(answered, asked, said):
    assert turnout(answered, asked) == said


@given(asked=st.integers(0, 60), data=st.data())
def test_turnout_never_points_at_one_or_two_who_did_or_at_one_who_did_not(asked, data):
    answered = data.draw(st.integers(0, asked))
    assert (turnout(answered, asked) is None) == (answered < 3 or asked - answered == 1)


def test_a_tally_counts_every_point_of_the_scale():
    ballots = [{"heard": "2"}] * 4 + [{"heard": "skip"}]
    assert tally(["heard"], list(POLL.answers), ballots) == {"heard": {"1": 0, "2": 4, "skip": 1}}


def test_a_statement_with_fewer_than_five_answers_is_not_counted_at_all():
    ballots = [{"heard": "2", "paid": "1"}] * 4 + [{"heard": "1"}]
    assert set(tally(["heard", "paid"], list(POLL.answers), ballots)) == {"heard"}


@given(st.lists(st.dictionaries(st.sampled_from(["heard", "paid"]), st.sampled_from(["1", "2", "skip"])), max_size=12))
def test_no_published_count_stands_on_fewer_than_five_answers(ballots):
    for counts in tally(["heard", "paid"], list(POLL.answers), iter(ballots)).values():
        assert sum(counts.values()) >= 5
        assert set(counts) == {"1", "2", "skip"}


def test_statements_are_asked_in_their_stages():
    assert [one.id for one in POLL.asked_in("bid")] == ["heard"]
    assert [one.id for one in POLL.asked_in("trial")] == ["heard", "paid"]
    assert POLL.asked_in(None) == ()


def test_fewer_than_five_partners_are_not_polled():
    assert [can_be_counted(number) for number in (0, 4, 5)] == [False, False, True]
