"""Balance, as four groups of the sources had it: each by a policy of its own."""

from __future__ import annotations

from tests.support.factories import FOUR, LEAD, TODAY, days, person

CHECK, POLICY, POST = "balance.balance", "/balance/policy/add", "/balance/post/add"


def people(lived: int, practice: int, research: int, **facts):
    kinds = [("lived", lived), ("practice", practice), ("research", research)]
    found = [person(f"{kind}-{number}", kind, **facts) for kind, most in kinds for number in range(1, most + 1)]
    return [one if one["key"] != "research-1" else {**one, "role": "lead"} for one in found]


def begin(walk, members, **more):
    return walk(plugins=("balance",), stage="design", members=members, **more)


def test_hounslow_had_equal_numbers_and_a_member_who_leaves_shows_the_same_day(walk) -> None:
    """S1: 4, 4, 4; when one lived member leaves it reads 3, 4, 4, and a welcome opens for whoever comes instead."""
    here = begin(walk, people(4, 4, 4))
    assert here.check(CHECK).outcome == "not_needed"
    here.send("lived-2", POLICY, rule="equal", why="Equality of expertise")
    assert here.check(CHECK).outcome == "met"
    here.send("research-1", "/people/remove", member="lived-4", why="Moved away.")
    found = here.check(CHECK)
    assert found.sentence == "Everyone: not ready yet: 3, 4, 4."
    assert found.due_on == TODAY + days(30)
    assert "Everyone: not ready yet: 3, 4, 4." in here.see("lived-1", "/gate")


def test_community_navigators_had_six_four_four_and_chose_another_policy(walk) -> None:
    """S3: equal numbers would not be ready; lived experience not fewer than any other is."""
    here = begin(walk, people(6, 4, 4))
    here.send("lived-1", POLICY, rule="equal", why="A first idea")
    assert here.check(CHECK).sentence == "Everyone: not ready yet: 6, 4, 4."
    here.send("lived-1", "/balance/policy/a-first-idea", rule="lived_first", why="More of us live with it")
    assert here.check(CHECK).outcome == "met"


def test_the_network_group_has_ten_to_twelve_people(walk) -> None:
    here = begin(walk, people(8, 0, 1))
    bad = here.send("research-1", POLICY, expect=422, rule="range", least="12", most="10", why="The call says so")
    assert "Say how many people there are at least, and at most." in bad
    here.send("research-1", POLICY, rule="range", least="10", most="12", why="The call says so")
    assert here.check(CHECK).sentence == "Everyone: 9 people, and 10 to 12 were agreed."


def test_a_second_service_user_does_not_fill_the_carers_seat(walk) -> None:
    """The LEAG: two co-chairs, one from each perspective."""
    chairs = [
        {**one, "groups": ["leag"], "seat": seat}
        for one, seat in zip(people(2, 0, 0), ("Service user", "Service user"), strict=True)
    ]
    here = begin(walk, [LEAD, *chairs], group=[{"slug": "leag", "title": "LEAG", "chairs": ["lived-1"]}])
    no_group = here.send(
        "lead-1", POLICY, expect=422, rule="seats", group="leap", seats="carer", why="Two perspectives"
    )
    assert "Nobody is in a group “leap”. There is: leag." in no_group
    here.send("lead-1", POLICY, rule="seats", group="leag", seats="service user\ncarer", why="Two perspectives")
    assert here.check(CHECK).sentence == "leag: nobody holds the seat of: carer."


def test_an_interview_panel_needs_a_member_with_lived_experience(walk) -> None:
    panel = [{**one, "groups": ["panel-2"]} if one["key"] in ("lead-1", "practice-1") else one for one in FOUR]
    here = begin(walk, panel, group=[{"slug": "panel-2", "title": "Panel 2", "chairs": ["lead-1"]}])
    here.send("lead-1", POLICY, rule="one_lived", group="panel-2", why="They choose the navigators")
    assert here.check(CHECK).sentence == "panel-2: nobody in it has lived experience."
    assert "panel-2" in here.see("lived-1", "/balance/who_is_here")


def test_unmet_then_late_then_a_letter_then_met_by_pages_alone(walk) -> None:
    """PARTNERS2: the coordinator's post ends; at each of three sites a service user researcher takes over."""
    sites = ("Lancashire", "Birmingham", "Devon")
    sur = [person(f"sur-{site.lower()}", "lived", "research") for site in sites]
    here = begin(walk, [*FOUR, *sur])
    ends = TODAY + days(60)
    for site in sites:
        here.send(
            "lead-1", POST, post="Coordinator", site=site, person="research-1", starts=TODAY, ends=ends, paid="yes"
        )
    assert here.check("balance.posts").outcome == "met"
    here.go_to(ends - days(20))
    assert "Research 1 holds “Coordinator” in “Devon” until 1 May 2026" in here.check("balance.posts").sentence
    here.go_to(ends + days(1))
    assert "Nobody holds “Coordinator” in “Lancashire”." in here.mail()["lead-1"]
    for site in sites:
        here.send(
            "lead-1", POST, post="Coordinator", site=site, person=f"sur-{site.lower()}", starts=ends + days(1),
            takes_over_from="research-1", paid="yes",
        )  # fmt: skip
    assert (
        "Still to hand over from Research 1 to Sur Devon: “Coordinator” in “Devon”"
        in here.check("balance.posts").sentence
    )
    for number, site in enumerate(sites, start=4):
        here.send(
            "lead-1", f"/balance/post/coordinator-{number}", post="Coordinator", site=site,
            person=f"sur-{site.lower()}",
            starts=ends + days(1), takes_over_from="research-1", handed_over="yes", paid="yes",
        )  # fmt: skip
    assert here.check("balance.posts").sentence == "3 posts: somebody holds each of them."
    assert here.check("balance.core_team").outcome == "met"


def test_a_post_that_ends_before_it_begins_is_refused(walk) -> None:
    here = begin(walk, FOUR)
    bad = here.send("lead-1", POST, expect=422, post="Researcher", person="lived-1", starts=TODAY, ends=TODAY - days(9))
    assert "A post cannot end before it begins." in bad
    assert "Researcher" in bad
