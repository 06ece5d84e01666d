"""Who is in a project, and from when their expertise counts."""

from datetime import date, timedelta

import pytest

from govflow.domain.people import kinds_held, with_role
from govflow.plugin.testing import make_member

JOINED = date(2026, 1, 1)


def on(days):
    return JOINED + timedelta(days=days)


def test_a_member_is_here_from_the_day_they_joined_until_the_day_they_left():
    member = make_member("lived-1", joined=JOINED, left=on(10))
    assert [member.here_on(on(day)) for day in (-1, 0, 9, 10)] == [False, True, True, False]


@pytest.mark.parametrize(("days", "counts"), [(0, False), (13, False), (14, True)])
def test_a_new_member_counts_after_fourteen_days(days, counts):
    assert make_member("lived-1", joined=JOINED).counts_on(on(days)) is counts


def test_changed_expertise_counts_fourteen_days_after_the_change():
    member = make_member("lived-1", joined=JOINED, expertise_since=on(100))
    assert not member.counts_on(on(113))
    assert member.counts_on(on(114))


def test_expertise_from_before_joining_still_waits_for_fourteen_days_here():
    assert not make_member("lived-1", joined=JOINED, expertise_since=on(-900)).counts_on(on(13))


def test_an_observer_never_counts():
    assert not make_member("watcher", role="observer", joined=JOINED).counts_on(on(400))


def test_someone_who_left_does_not_count():
    assert not make_member("lived-1", joined=JOINED, left=on(20)).counts_on(on(20))


def test_the_kinds_of_a_group_are_those_of_its_partners_in_the_usual_order():
    members = [
        make_member("a", expertise=("research", "lived")),
        make_member("b", expertise=("practice",), role="observer"),
    ]
    assert kinds_held(members) == ["lived", "research"]


def test_people_with_a_role_come_in_the_order_of_roles_then_by_when_they_joined():
    members = [
        make_member("lead-2", role="lead", joined=on(5)),
        make_member("finance-1", role="finance"),
        make_member("lead-1", role="lead", joined=JOINED),
        make_member("lived-1"),
    ]
    assert [one.key for one in with_role(members, "finance", "lead")] == ["finance-1", "lead-1", "lead-2"]


def test_a_first_name_is_there_even_when_no_name_is():
    assert make_member("a", name="Grace Kettle").first_name == "Grace"
    assert make_member("a", name="  ").first_name == "  "
