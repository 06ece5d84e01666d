"""Nothing that is told fixes what one person said: all votes of five to ten people, looked at by a solver.

Who looks is the worst colleague there is: they know who was asked and who answered, the rule itself, and their own
answer. A result says that one of several counts came out: those to which the rule gives the same result. If every way
of answering that is left gives somebody the same answer, or the same side, that person's answer is fixed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

import pytest
import z3
from hypothesis import given
from hypothesis import strategies as st

from govflow.domain.polls.disclosure import COUNTS, DIRECTION, how_to_show, publish, tell_words
from govflow.domain.polls.polls import Poll
from tests.support.fuzzing import votes

SCALES = {
    "yes or no": Poll(slug="a", title="a", version="1", statements=(), scale={"1": "No", "2": "Yes"}),
    "three points": Poll(slug="a", title="a", version="1", statements=(), scale={"1": "a", "2": "b", "3": "c"}),
    "yes, no, skip": Poll(
        slug="a", title="a", version="1", statements=(), scale={"1": "No", "2": "Yes"}, no_score={"s": "skip"}
    ),
    "four points": Poll(slug="a", title="a", version="1", statements=(), scale=dict(zip("1234", "abcd", strict=True))),
    "five points": Poll(
        slug="a", title="a", version="1", statements=(), scale=dict(zip("12345", "abcde", strict=True))
    ),
}
PEOPLE = range(5, 11)


@cache
def told(scale: str, people: int, shows: str) -> Mapping[str, list[tuple[int, ...]]]:
    """Each result that can come out, and every vote that leads to it."""
    poll = SCALES[scale]
    found = defaultdict(list)
    for vote in votes(people, len(poll.answers)):
        points = dict(zip(poll.answers, vote, strict=True))
        found[repr(publish(points, poll.sides, shows=shows, least=5))].append(vote)
    return found


def fixed_for(scale: str, possible: list[tuple[int, ...]], knows: int | None) -> bool:
    """Whether the solver finds no two ways of answering that differ for person 0, or in the side they are on.

    `knows`: the answer of the last person, who looks; None: somebody who was not asked looks.
    """
    sides = list(SCALES[scale].sides.values())
    said = [[z3.Bool(f"{one} said {value}") for value in range(len(sides))] for one in range(sum(possible[0]))]
    solver = z3.SolverFor("QF_FD")
    for one in said:
        solver.add(z3.PbEq([(value, 1) for value in one], 1))

    def came_out(vote: tuple[int, ...]) -> z3.BoolRef:
        return z3.And([z3.PbEq([(one[at], 1) for one in said], n) for at, n in enumerate(vote)])

    solver.add(z3.Or([came_out(vote) for vote in possible]))
    if knows is not None:
        solver.add(said[-1][knows])
        if solver.check() != z3.sat:
            return False  # nobody who gave this answer can be looking
    assert solver.check() == z3.sat
    model = solver.model()
    there = next(at for at, value in enumerate(said[0]) if model.eval(value))
    solver.add([z3.Not(value) for at, value in enumerate(said[0]) if sides[at] == sides[there]])
    return solver.check() != z3.sat


@pytest.mark.parametrize("shows", [COUNTS, DIRECTION])
@pytest.mark.parametrize("scale", SCALES)
def test_no_result_of_one_poll_fixes_anybodys_answer(scale, shows):
    """By symmetry one other person stands for all. The longest scales of the largest groups, and results that fit
    very many votes, are left to the test without a solver below."""
    for people in PEOPLE if len(SCALES[scale].answers) < 3 else (5, 6):
        for result, possible in told(scale, people, shows).items():
            if len(possible) > 30:
                continue
            for knows in (None, *range(len(SCALES[scale].answers))):
                assert not fixed_for(scale, possible, knows), f"{people} people, {result}, seen by who said {knows}"


@pytest.mark.parametrize("shows", [COUNTS, DIRECTION])
@pytest.mark.parametrize("scale", SCALES)
def test_the_others_can_always_have_answered_on_more_than_one_side(scale, shows):
    """The same without a solver, for every result: take away one's own answer, and look at the sides that are left."""
    sides = list(SCALES[scale].sides.values())
    for people in PEOPLE:
        for result, possible in told(scale, people, shows).items():
            for knows in (None, *range(len(sides))):
                left = [[n - (at == knows) for at, n in enumerate(vote)] for vote in possible]
                ways = [frozenset(sides[at] for at, n in enumerate(vote) if n) for vote in left if min(vote) >= 0]
                assert not ways or len(frozenset().union(*ways)) > 1, f"{people} people, {result}, seen by {knows}"


def test_the_solver_finds_what_a_naive_rule_gives_away():
    """Positive control: telling plain counts fixes answers when all agree, and when all but the one who looks do."""
    assert fixed_for("yes or no", [(0, 6)], None)
    assert fixed_for("yes or no", [(1, 5)], 0)
    assert not fixed_for("yes or no", [(1, 5)], 1)
    assert fixed_for("five points", [(0, 0, 0, 2, 4)], None), "all on one side, though not on one point"
    assert not fixed_for("yes or no", [(3, 3)], 0)


@pytest.mark.parametrize("shows", [COUNTS, DIRECTION])
@given(points=st.dictionaries(st.sampled_from(["1", "2", "s"]), st.integers(0, 60)))
def test_fewer_than_five_are_never_told(shows, points):
    sides = SCALES["yes, no, skip"].sides
    found = publish(points, sides, shows=shows, least=1)
    assert bool(found) == (sum(points.values()) >= 5)
    assert publish(points, sides, shows=shows, least=12) == {} or sum(points.values()) >= 12


def test_words_are_told_only_if_their_writer_ticked_so():
    written = [(f"word {number}", number % 2 == 0) for number in range(6)]
    assert sorted(tell_words(written, least=5)) == ["word 0", "word 2", "word 4"]
    assert tell_words(written[:4], least=5) == []
    assert tell_words(written, least=7) == []


def test_words_are_told_in_an_order_that_says_nothing_of_their_writers():
    """Over 200 tellings each of six words stands first about as often as any other (33 ± 3 standard deviations)."""
    firsts = [tell_words([(str(number), True) for number in range(6)], least=5)[0] for _ in range(600)]
    assert all(70 <= firsts.count(str(number)) <= 130 for number in range(6))


# --- two polls, and people who come and go ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "earlier", "shows"),
    [
        ({1, 2, 3, 4, 5}, [], COUNTS),
        ({1, 2, 3, 4, 5}, [{1, 2, 3, 4, 5}], COUNTS),
        ({1, 2, 3, 4, 5}, [{6, 7, 8, 9, 10}], COUNTS),
        ({1, 2, 3, 4, 5}, [{1, 2, 3, 4, 5, 6}], DIRECTION),
        ({1, 2, 3, 4, 5, 6}, [{1, 2, 3, 4, 5}], DIRECTION),
        ({1, 2, 3, 4, 5}, [{1, 2, 3, 4, 5}, {1, 2, 3, 4, 9}], DIRECTION),
    ],
)
def test_where_the_group_changed_no_counts_are_told_that_could_be_taken_from_one_another(asked, earlier, shows):
    assert how_to_show(asked, earlier) == shows


def fixed_over_two(first: str, second: str, before: int, gone: int, came: int) -> tuple[bool, bool]:
    """Whether somebody who stayed, or who came or went, is fixed for one who thinks that nobody changed their mind."""
    scale, stayed = "yes or no", before - gone
    one, two = told(scale, before, COUNTS)[first], told(scale, stayed + came, DIRECTION)[second]
    solver = z3.Solver()
    stay, go, come = z3.Ints("stay go come")  # how many of each said yes
    solver.add(stay >= 0, stay <= stayed, go >= 0, go <= gone, come >= 0, come <= came)
    solver.add(z3.Or([stay + go == vote[1] for vote in one]), z3.Or([stay + come == vote[1] for vote in two]))
    if solver.check() != z3.sat:
        return False, False

    def settled(yes: z3.ArithRef, group: int) -> bool:
        sure = False
        for all_of_them in (0, group):
            solver.push()
            solver.add(yes != all_of_them)
            sure |= group > 0 and solver.check() != z3.sat
            solver.pop()
        return sure

    return settled(stay, stayed), settled(go, gone) or settled(come, came)


def test_over_two_polls_only_people_who_came_or_went_can_be_guessed_and_the_page_said_so():
    """All results of two polls, with up to two people gone and up to two new: who stayed is never fixed."""
    guessed = 0
    for before in (6, 8):
        for gone, came in ((1, 0), (0, 1), (1, 1), (2, 1)):
            for first in told("yes or no", before, COUNTS):
                for second in told("yes or no", before - gone + came, DIRECTION):
                    stayed, moved = fixed_over_two(first, second, before, gone, came)
                    assert not stayed, f"{before} people, {gone} gone, {came} came: {first} then {second}"
                    guessed += moved
    assert guessed, "or the warning on the page (promises.CHANGED_GROUP) is not needed"
