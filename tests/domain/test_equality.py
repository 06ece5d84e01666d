"""Nothing that is told of equality questions fixes what one person said, or a count that is hidden.

Who looks knows who was asked and who answered, the rule itself, their own answer and that of one other person. A result
says that one of several counts came out: those to which the rule gives the same result. All rounds of 5 to 10 people
are gone through, and larger ones where there are few options.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations_with_replacement, product

import pytest
import z3
from hypothesis import given
from hypothesis import strategies as st

from govflow.domain import promises
from govflow.domain.polls.disclosure import enough_to_ask, may_be_compared, tell_in_steps
from govflow.domain.polls.equality import NOT_SAID, QUESTIONS, counts_told, results_of, why_not_now
from govflow.domain.questions import read_answers
from govflow.domain.refusals import Invalid
from tests.support.fuzzing import votes
from tests.support.readability import grade

TODAY = date(2026, 3, 2)
Vote = Sequence[int]
Result = tuple[tuple[int, int], ...]
ROUNDS = [(options, people) for options, most in ((3, 24), (4, 18), (5, 12), (6, 11)) for people in range(5, most)]


def result(vote: Vote, rule=tell_in_steps) -> Result:
    return tuple(sorted(rule(dict(enumerate(vote)), step=5).items()))


def told(options: int, people: int, rule=tell_in_steps) -> Mapping[Result, list[Vote]]:
    """Each result that can come out, and every vote that leads to it."""
    found = defaultdict(list)
    for vote in votes(people, options):
        found[result(vote, rule)].append(vote)
    return found


def left_over(possible: Iterable[Vote], knows: Sequence[int]) -> list[Vote]:
    """What the others can have said, for people who know these answers."""
    away = Counter(knows)
    left = [[n - away[option] for option, n in enumerate(vote)] for vote in possible]
    return [vote for vote in left if min(vote) >= 0]


def fixed(shown: Result, left: list[Vote]) -> str:
    """What is fixed in these votes: everybody's answer, or a small count that was not told."""
    if not left or not sum(left[0]):
        return ""
    options = range(len(left[0]))
    if sum(any(vote[option] for vote in left) for option in options) == 1:
        return "an answer"
    small = [one for one in options if one not in dict(shown) and len({vote[one] for vote in left}) == 1]
    return "a small count" if any(1 <= left[0][one] <= 4 for one in small) else ""


def what_is_fixed(rounds: Mapping[Result, list[Vote]], options: int) -> list[str]:
    wrong = []
    for shown, possible in rounds.items():
        for several in range(3):
            for knows in combinations_with_replacement(range(options), several):
                found = fixed(shown, left_over(possible, knows))
                wrong += [f"{found}: told {shown}, seen by {knows}"] if found else []
    return wrong


@pytest.mark.parametrize("options", [3, 4, 5, 6])
def test_no_result_fixes_what_one_person_said_or_a_small_count(options):
    """For nobody, for one of those who answered, and for two who put together what they know."""
    for some, people in ROUNDS:
        if some == options:
            assert what_is_fixed(told(options, people), options) == [], f"{people} people"


def by_solver(shown: Result, possible: list[Vote], knows: int | None) -> bool:
    """Whether the solver finds no second way in which person 0 can have answered, or a hidden count can have been."""
    people, options = sum(possible[0]), len(possible[0])
    said = [[z3.Bool(f"{one} said {option}") for option in range(options)] for one in range(people)]
    solver = z3.SolverFor("QF_FD")
    for one in said:
        solver.add(z3.PbEq([(option, 1) for option in one], 1))
    solver.add(z3.Or([
        z3.And([z3.PbEq([(one[at], 1) for one in said], n) for at, n in enumerate(vote)]) for vote in possible
    ]))  # fmt: skip
    if knows is not None:
        solver.add(said[-1][knows])
    if solver.check() != z3.sat:
        return False  # nobody who gave this answer can be looking
    model = solver.model()
    first = next(at for at, option in enumerate(said[0]) if model.eval(option))
    counts = [sum(bool(model.eval(one[at])) for one in said) for at in range(options)]
    small = [at for at, n in enumerate(counts) if at not in dict(shown) and 1 <= n <= 4]
    return any(
        alone(solver, otherwise)
        for otherwise in (
            z3.Not(said[0][first]),
            *(z3.Not(z3.PbEq([(one[at], 1) for one in said], counts[at])) for at in small),
        )
    )


def alone(solver: z3.Solver, otherwise: z3.BoolRef) -> bool:
    """Whether it cannot be otherwise."""
    solver.push()
    solver.add(otherwise)
    found = solver.check() != z3.sat
    solver.pop()
    return found


@pytest.mark.parametrize("people", range(5, 11))
def test_a_solver_finds_nothing_that_is_fixed_either(people):
    """Person by person, by a solver that knows nothing of how the rule is written. By symmetry one stands for all."""
    for shown, possible in told(3, people).items():
        for knows in (None, 0, 1, 2):
            assert not by_solver(shown, possible, knows), f"told {shown}, seen by who said {knows}"


def plain_counts(points: Mapping[int, int], *, step: int) -> dict[int, int]:
    """What comes to mind first: hide what is below five, and tell the rest as it is."""
    return {option: n for option, n in points.items() if n >= step}


def test_what_comes_to_mind_first_gives_answers_away_and_both_ways_of_looking_see_it():
    """Positive control: all alike; one is different and looks; one hidden count is what is left of the sum."""
    wrong = what_is_fixed(told(3, 12, plain_counts), 3)
    assert any(one.startswith("an answer") for one in wrong)
    assert any(one.startswith("a small count") for one in wrong)
    assert by_solver(((0, 6),), [(6, 0, 0)], None)
    assert by_solver(((0, 6),), [(6, 1, 0), (6, 0, 1)], 1)
    assert by_solver(((0, 5), (1, 5)), [(5, 5, 2)], None)
    assert not by_solver(((0, 5),), [(5, 3, 0), (5, 2, 1), (6, 1, 1)], None)


# --- two results side by side -----------------------------------------------------------------------------


def both(stayed: int, gone: int, came: int) -> Mapping[tuple[Result, Result], list[tuple[Vote, Vote, Vote]]]:
    """Every two results, and what those who stayed, went and came can have said if nobody changed their mind."""
    found = defaultdict(list)
    before = {(stay, go): result(sum_of(stay, go)) for stay, go in product(votes(stayed, 3), votes(gone, 3))}
    after = {(stay, come): result(sum_of(stay, come)) for stay, come in product(votes(stayed, 3), votes(came, 3))}
    for (stay, go), first in before.items():
        for come in votes(came, 3):
            found[first, after[stay, come]].append((stay, go, come))
    return found


def sum_of(one: Vote, other: Vote) -> Vote:
    return [a + b for a, b in zip(one, other, strict=True)]


def fixed_by_both(stayed: int, gone: int, came: int) -> list[str]:
    wrong = []
    for (first, second), ways in both(stayed, gone, came).items():
        for group, name in enumerate(("stayed", "gone", "came")):
            if any(ways[0][group]):
                found = fixed((*first, *second), [way[group] for way in ways])
                wrong += [f"{name}: {found}"] if found == "an answer" else []
        for shown, of in ((first, (0, 1)), (second, (0, 2))):
            if fixed(shown, [sum_of(way[of[0]], way[of[1]]) for way in ways]):
                wrong.append(f"{shown} is fixed")
    return wrong


@pytest.mark.parametrize(
    ("stayed", "gone", "came"), [(4, 4, 4), (4, 8, 4), (4, 4, 9), (4, 6, 6), (3, 5, 5), (2, 6, 9), (1, 7, 7)]
)
def test_two_results_side_by_side_fix_nothing_either(stayed, gone, came):
    assert may_be_compared(range(stayed + came), range(-gone, stayed), asked=stayed + gone)
    assert fixed_by_both(stayed, gone, came) == []


@pytest.mark.parametrize(
    ("stayed", "gone", "came", "who"), [(8, 0, 1, "came"), (8, 1, 0, "gone"), (10, 1, 4, "gone"), (7, 6, 6, "gone")]
)
def test_with_more_people_in_common_somebody_can_be_fixed_so_they_are_not_asked(stayed, gone, came, who):
    assert not may_be_compared(range(stayed + came), range(-gone, stayed), asked=stayed + gone)
    assert f"{who}: an answer" in fixed_by_both(stayed, gone, came)


TEN = frozenset(range(10))


@pytest.mark.parametrize(
    ("before", "asked", "may"),
    [
        (TEN, 10, True),
        (TEN - {9}, 9, False),
        (TEN | {10}, 11, False),
        (TEN | {10, 11, 12, 13, 14}, 15, False),
        (frozenset(range(6, 20)), 14, True),
        (frozenset(range(5, 20)), 15, False),
        (frozenset(range(20, 30)), 10, True),
        (TEN, 9, False),
        (frozenset(range(6, 20)), 15, False),
    ],
)
def test_who_may_be_asked_again(before, asked, may):
    """The same people, or fewer than five of them; and where it is not sure who was asked, as if it were the worst."""
    assert may_be_compared(TEN, before, asked=asked) is may


def test_why_it_cannot_be_asked_is_said_in_words():
    now = {"step": 5, "today": TODAY}
    assert why_not_now(TEN, last=None, earlier=[], **now) == ""
    assert "Fewer than eight people" in why_not_now(range(7), last=None, earlier=[], **now)
    assert "Fewer than nine people" in why_not_now(range(8), step=6, today=TODAY, last=None, earlier=[])
    year = timedelta(days=365)
    assert "from 3 March 2026" in why_not_now(TEN, last=TODAY - year + timedelta(days=1), earlier=[(TEN, 10)], **now)
    assert why_not_now(TEN, last=TODAY - year, earlier=[(TEN, 10)], **now) == ""
    assert "compares both results" in why_not_now(TEN, last=TODAY - year, earlier=[(TEN - {1}, 9)], **now)


# --- the table --------------------------------------------------------------------------------------------


@given(points=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 60), min_size=3), step=st.integers(0, 12))
def test_no_count_below_five_is_told_and_each_is_rounded_down(points, step):
    found, wide = tell_in_steps(points, step=step), max(step, 5)
    for option, n in found.items():
        assert 5 <= n <= points[option]
        assert n % wide == 0
    assert sum(points.values()) - sum(found.values()) >= 3 or not found


def test_with_fewer_than_enough_people_nothing_could_be_told_and_with_enough_something_can():
    for people in range(enough_to_ask(5)):
        assert set(told(3, people)) == {()}
    assert len(told(3, enough_to_ask(5))) > 1


def test_all_who_say_the_same_look_like_some_who_do():
    assert tell_in_steps({"yes": 10, "no": 0, NOT_SAID: 0}, step=5) == {"yes": 5}
    assert tell_in_steps({"yes": 6, "no": 2, NOT_SAID: 2}, step=5) == {"yes": 5}


def test_each_question_is_counted_by_itself():
    """Whoever said two things together cannot be told from two who said one each."""
    one = [{"age": "under_35", "gender": "woman"}] * 7 + [{"age": "from_55", "gender": "man"}] * 7
    other = [{"age": "under_35", "gender": "man"}] * 7 + [{"age": "from_55", "gender": "woman"}] * 7
    found = results_of(one, step=5)
    assert found == results_of(other, step=5)
    assert found["gender"] == {"woman": 5, "man": 5}
    assert found["religion"] == {NOT_SAID: 10}, "what was left out counts as not said"


def test_a_result_reads_as_so_many_or_more_or_as_hidden():
    rows = dict(counts_told({"disability": {"yes": 10}}, step=5))
    hidden = "Fewer than 5, or hidden"
    assert rows["Do you have a disability, or a health condition that lasts?"] == [
        ("Yes", "10 or more"), ("No", hidden), ("I prefer not to say", hidden)
    ]  # fmt: skip
    assert {many for _, options in counts_told({}, step=5) for _, many in options} == {hidden}
    assert {many for _, options in counts_told({"old": {"x": 5}}, step=5) for _, many in options} == {hidden}


# --- what is asked ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.name)
def test_every_question_has_few_options_says_why_and_takes_not_saying_as_an_answer(question):
    assert list(question.choices)[-1] == NOT_SAID
    assert 3 <= len(question.choices) <= 6
    assert "We ask to see if" in question.help
    assert not question.required
    assert read_answers(QUESTIONS, {question.name: NOT_SAID}) == {question.name: NOT_SAID}


@pytest.mark.parametrize(
    "given", [{"age": "34"}, {"age": "Under 35"}, {"age": ["under_35"]}, {"diagnosis": "yes"}, {"age": 3}, {"age": {}}]
)
def test_only_what_is_offered_is_taken(given):
    with pytest.raises(Invalid):
        read_answers(QUESTIONS, given)


def test_the_questions_and_the_promises_are_easy_to_read():
    asked = " ".join(f"{one.label} {one.help}" for one in QUESTIONS)
    said = " ".join([*(one.sentence for one in promises.EQUALITY), *promises.EQUALITY_NOT_PROMISED])
    assert (grade(asked) <= 6, grade(said) <= 6) == (True, True), (grade(asked), grade(said))
