"""What may be said of a poll: nothing that points at somebody."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govflow.domain.polls.disclosure import COUNTS
from govflow.domain.polls.polls import (
    HIGH,
    LOW,
    MIDDLE,
    NO_SCORE,
    Poll,
    Statement,
    can_be_anonymous,
    longest_ballot,
    read_ballot,
    results_of,
    turnout,
)
from govflow.domain.refusals import Invalid

POLL = Poll(
    slug="how",
    title="How is it going?",
    version="1",
    scale={"1": "No", "2": "Yes"},
    no_score={"skip": "Not for me"},
    statements=(
        Statement(id="heard", text="I am heard.", stages=("bid", "trial")),
        Statement(id="paid", text="I am paid.", stages=("trial",)),
        Statement(id="words", text="Anything else?", stages=("trial",), kind="words"),
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


def test_a_ballot_keeps_only_what_is_asked_and_offered():
    assert read_ballot(POLL, "trial", {"heard": "2", "paid": "", "words": " Hello ", "words-show": "yes"}) == {
        "heard": "2",
        "words": {"words": "Hello", "show": True},
    }
    for sent in ({"heard": "9"}, {"cake": "1"}, {"words": "x" * 1001}, {}, {"words-show": "yes"}, {"words": "  "}):
        with pytest.raises(Invalid):
            read_ballot(POLL, "trial", sent)


def test_the_longest_ballot_anybody_can_send_is_no_longer_than_said():
    worst = {"heard": "skip", "paid": "skip", "words": "\U0001f600" * 1000, "words-show": "yes"}
    ballot = read_ballot(POLL, "trial", worst)
    assert len(json.dumps(ballot, ensure_ascii=False).encode()) <= longest_ballot(POLL, "trial")
    ballot = read_ballot(POLL, "trial", worst | {"words": '"' * 1000})
    assert len(json.dumps(ballot, ensure_ascii=False).encode()) <= longest_ballot(POLL, "trial")


def test_results_keep_what_may_be_told_and_nothing_else():
    words = [{"words": f"Word {n}", "show": n < 2} for n in range(5)]
    ballots = [{"heard": "12"[n % 2], "words": words[n]} for n in range(5)] + [{"heard": value} for value in "1212"]
    found = results_of(POLL, "trial", ballots, shows=COUNTS, least=5)
    assert found["heard"] == {"counts": {"1": 5, "2": 4, "skip": 0}}
    assert sorted(found["words"]["words"]) == ["Word 0", "Word 1"]
    assert "paid" not in found


def test_the_sides_of_a_scale_follow_its_order():
    five = Poll(
        slug="x",
        title="x",
        version="1",
        statements=(),
        scale=dict(zip("12345", "abcde", strict=True)),
        no_score={"s": "S"},
    )
    assert five.sides == {"1": LOW, "2": LOW, "3": MIDDLE, "4": HIGH, "5": HIGH, "s": NO_SCORE}
    assert POLL.sides == {"1": LOW, "2": HIGH, "skip": NO_SCORE}
    assert five.direction(HIGH) == "Most chose “d or e”."


def test_statements_are_asked_in_their_stages():
    assert [one.id for one in POLL.asked_in("bid")] == ["heard"]
    assert [one.id for one in POLL.asked_in("trial")] == ["heard", "paid", "words"]
    assert POLL.asked_in(None) == ()


def test_fewer_than_five_partners_cannot_be_asked_without_names():
    assert [can_be_anonymous(number) for number in (0, 4, 5)] == [False, False, True]
