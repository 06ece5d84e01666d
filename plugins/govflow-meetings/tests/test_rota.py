"""Jobs go round: nobody twice before every willing person once, and never two jobs at one meeting."""

import random

import pytest
from govflow_meetings.rota import NobodyWilling, fill

FIVE = ("chair", "note_taker", "provisions", "room", "administration")


def people(number):
    return [f"p-{one}" for one in range(number)]


def all_willing(number, jobs=FIVE):
    return {job: people(number) for job in jobs}


def unfair(meetings, willing):
    """Each time somebody had a job again while a willing person had not had it yet; or two jobs at once."""
    found = [one for one in meetings if len(set(one.values())) < len(one)]
    for job, asked in willing.items():
        left = set(asked)
        for one in meetings:
            if one.get(job) in asked:
                if one[job] not in left:
                    found.append((job, one[job], left))
                left -= {one[job]}
                left = left or set(asked)
    return found


def test_twelve_meetings_of_twelve_people_give_each_job_to_each_of_them_once():
    meetings = fill([{}] * 12, all_willing(12))
    for job in FIVE:
        assert {one[job] for one in meetings} == set(people(12))


@pytest.mark.parametrize("number", [5, 6, 7, 9, 12, 14, 70])
def test_with_enough_people_no_job_stays_open_and_nobody_is_asked_twice_too_early(number):
    meetings = fill([{}] * 60, all_willing(number))
    assert all(len(one) == len(FIVE) for one in meetings)
    assert unfair(meetings, all_willing(number)) == []


def test_the_work_is_spread_over_all():
    done = [who for one in fill([{}] * 300, all_willing(70)) for who in one.values()]
    counts = [done.count(who) for who in people(70)]
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("seed", range(60))
def test_whoever_leaves_out_whatever_it_is_fair_to_those_who_do_not(seed):
    chance = random.Random(seed)
    everybody = people(chance.randint(2, 14))
    willing = {job: [who for who in everybody if chance.random() < 0.7] or everybody[:1] for job in FIVE}
    meetings = fill([{}] * 30, willing)
    assert unfair(meetings, willing) == []
    assert all(who in willing[job] for one in meetings for job, who in one.items())
    assert fill(meetings, willing) == meetings, "what is fair already is left as it is"


@pytest.mark.parametrize("seed", range(60))
def test_when_somebody_leaves_a_job_to_others_later_it_is_dealt_out_again_fairly(seed):
    chance = random.Random(seed)
    willing = all_willing(chance.randint(6, 12))
    before = fill([{}] * 24, willing)
    gone = chance.choice(people(6))
    still = {job: [who for who in asked if who != gone] for job, asked in willing.items()}
    ahead = [{job: who for job, who in one.items() if who != gone} for one in before[8:]]
    after = fill(ahead, still, past=before[:8])
    past = [{job: who for job, who in one.items() if who != gone} for one in before[:8]]
    assert unfair([*past, *after], still) == []
    assert gone not in {who for one in after for who in one.values()}


def test_what_was_done_counts_and_who_comes_new_is_asked_once_and_not_every_time():
    past = [{"chair": who} for who in people(4)[:3]]
    meetings = fill([{}] * 5, {"chair": people(5)}, past)
    assert [one["chair"] for one in meetings[:2]] == ["p-3", "p-4"]
    assert meetings[2]["chair"] != "p-4"


def test_a_promise_stays_where_it_is_and_is_not_asked_for_twice():
    meetings = fill([{}, {"chair": "p-0"}, {}], {"chair": people(3)})
    assert meetings[1] == {"chair": "p-0"}
    assert {one["chair"] for one in meetings} == set(people(3))


def test_two_willing_people_take_turns_and_one_job_stays_open_rather_than_fall_on_one_of_them():
    assert all(len(one) == 2 for one in fill([{}] * 7, all_willing(2, FIVE[:2])))
    meetings = fill([{}] * 4, {"chair": people(2), "note_taker": ["p-0"]})
    assert [one.get("note_taker") for one in meetings] == [None if one["chair"] == "p-0" else "p-0" for one in meetings]


def test_a_job_nobody_is_willing_to_do_is_refused_by_name():
    with pytest.raises(NobodyWilling, match="note_taker") as refused:
        fill([{}], {"chair": people(2), "note_taker": []})
    assert refused.value.job == "note_taker"


def test_no_meetings_need_nobody():
    assert fill([], all_willing(3)) == []
