"""Sign-offs, waivers, and when a gate is open: docs/access.md, rule by rule."""

from contextlib import nullcontext
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from govflow.domain.gates.checks import BROKEN, MET, NOT_NEEDED, UNMET, Finding
from govflow.domain.gates.gates import (
    NOT_READY,
    READY,
    SignOff,
    Waiver,
    check_until,
    count_sign_offs,
    judge_gate,
    may_waive,
    signs_for,
)
from govflow.domain.people import EXPERTISE
from govflow.domain.refusals import Invalid, NotAllowed
from govflow.plugin.testing import make_member

TODAY = date(2026, 3, 2)
LEAD = make_member("lead-1", role="lead", expertise=("research",))
LIVED = make_member("lived-1", expertise=("lived",))
PRACTICE = make_member("practice-1", expertise=("practice",))
RESEARCH = make_member("research-1", expertise=("research",))
ALL = (LEAD, LIVED, PRACTICE, RESEARCH)


def finding(outcome=UNMET, check="kitchen.tea", **facts):
    facts = {"holds": True, "subject": None, "sentence": "The kettle is not on yet.", "about": "project", **facts}
    return Finding(check=check, title="Tea", subject_label="", outcome=outcome, **facts)


def missing(ready, members=ALL, today=TODAY):
    return set(count_sign_offs(ready=ready, members=members, today=today)[1])


def counts(ready, members=ALL, today=TODAY):
    return {one.member: one.counts_for for one in count_sign_offs(ready=ready, members=members, today=today)[0]}


# --- sign-off ---------------------------------------------------------------------------------------------


def test_a_gate_wants_each_kind_the_project_has_and_a_lead():
    assert missing([]) == {"lived", "practice", "research", "lead"}
    assert missing(ALL) == set()
    assert missing([LIVED], members=(LEAD, LIVED)) == {"research", "lead"}


def test_a_lead_alone_opens_no_gate():
    assert missing([LEAD]) == {"lived", "practice", "research"}


def test_a_lead_signs_for_a_kind_only_where_nobody_else_holds_it():
    assert counts([LEAD], members=(LEAD, LIVED)) == {"lead-1": ("lead", "research")}
    assert counts([LEAD]) == {"lead-1": ("lead",)}


def test_a_kind_held_only_by_a_newcomer_is_not_signed_by_the_lead_instead():
    """Somebody else holds it: it is theirs to sign, fourteen days from now."""
    newcomer = make_member("research-2", expertise=("research",), joined=TODAY)
    assert missing([LEAD, LIVED, newcomer], members=(LEAD, LIVED, newcomer)) == {"research"}


def test_two_leads_do_not_count_for_two_kinds_others_hold():
    second = make_member("lead-2", role="lead", expertise=("lived", "practice"))
    assert missing([LEAD, second], members=(*ALL, second)) == {"lived", "practice", "research"}


def test_one_person_counts_for_one_kind():
    both = make_member("both", expertise=("lived", "practice"))
    assert len(counts([both], members=(LEAD, both))["both"]) == 1
    assert len(missing([LEAD, both], members=(LEAD, both))) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_whoever_signs_first_as_many_kinds_as_can_be_are_filled(order):
    people = [
        make_member("all", expertise=("lived", "practice", "research")),
        make_member("two", expertise=("lived", "practice")),
        make_member("one", expertise=("lived",)),
    ]
    assert missing([people[n] for n in order], members=(LEAD, *people)) == {"lead"}


@given(
    kinds=st.lists(st.sets(st.sampled_from(EXPERTISE), min_size=1), min_size=1, max_size=5),
    data=st.data(),
)
def test_the_order_of_signing_never_matters(kinds, data):
    people = [make_member(f"p{n}", expertise=tuple(sorted(one))) for n, one in enumerate(kinds)]
    members = (make_member("lead-1", role="lead"), *people)
    first = missing(people, members=members)
    assert missing(data.draw(st.permutations(people)), members=members) == first


@pytest.mark.parametrize(("days", "still"), [(13, {"lived"}), (14, set())])
def test_a_new_member_counts_after_fourteen_days(days, still):
    newcomer = make_member("lived-1", expertise=("lived",), joined=TODAY)
    members = (LEAD, newcomer, RESEARCH)
    assert missing(members, members=members, today=TODAY + timedelta(days=days)) == still


def test_an_expertise_that_just_changed_does_not_count_yet():
    changed = make_member("practice-1", expertise=("practice",), expertise_since=TODAY)
    assert missing([LEAD, LIVED, RESEARCH, changed], members=(LEAD, LIVED, RESEARCH, changed)) == {"practice"}


def test_a_lead_who_just_joined_does_not_count_as_lead_yet():
    lead = make_member("lead-1", role="lead", joined=TODAY)
    assert missing([lead, LIVED], members=(lead, LIVED)) == {"lead"}


def test_an_observer_is_neither_wanted_nor_counted():
    watcher = make_member("watcher", role="observer", expertise=("practice",))
    members = (LEAD, LIVED, RESEARCH, watcher)
    assert missing(members, members=members) == set()
    assert counts(members, members=members)["watcher"] == ()


@pytest.mark.parametrize(("who", "words"), [(LEAD, ("lead",)), (LIVED, ("lived",))])
def test_the_page_can_say_what_a_sign_off_would_count_for(who, words):
    assert signs_for(who, ALL) == words
    assert signs_for(LEAD, (LEAD, LIVED)) == ("lead", "research")


# --- the gate ---------------------------------------------------------------------------------------------


def gate(*findings, ready=ALL, waivers=(), said=()):
    signs = [SignOff(member=one.key, verdict=READY, on=TODAY) for one in ready]
    return judge_gate(findings=findings, members=ALL, sign_offs=[*signs, *said], waivers=waivers, today=TODAY)


@pytest.mark.parametrize(
    ("outcome", "holds", "open_"),
    [
        (MET, True, True),
        (NOT_NEEDED, True, True),
        (UNMET, True, False),
        (BROKEN, True, False),
        (UNMET, False, True),
        (BROKEN, False, True),
    ],
)
def test_an_unmet_or_broken_finding_that_holds_keeps_the_gate_shut(outcome, holds, open_):
    assert gate(finding(outcome, holds=holds)).open is open_


def test_a_gate_without_sign_offs_is_held_even_where_every_check_is_content():
    shut = gate(finding(MET), ready=[])
    assert not shut.open
    assert shut.reasons(None) == [
        "Still to sign off: lived experience, practice experience, research experience and a lead."
    ]


def test_not_ready_holds_the_gate_until_a_lead_has_answered():
    said = SignOff(member="lived-1", verdict=NOT_READY, words="I have not read it.", on=TODAY)
    others = [one for one in ALL if one is not LIVED]
    lived_too = make_member("lived-2", expertise=("lived",))
    for reply, unanswered in (("", ("Lived 1",)), ("We will wait.", ())):
        word = SignOff(member=said.member, verdict=NOT_READY, words=said.words, on=TODAY, reply=reply)
        signs = [SignOff(member=one.key, verdict=READY, on=TODAY) for one in (*others, lived_too)]
        found = judge_gate(findings=[], members=(*ALL, lived_too), sign_offs=[*signs, word], waivers=[], today=TODAY)
        assert found.unanswered == unanswered
        assert found.open is not bool(unanswered)


def test_the_sign_off_of_somebody_who_left_does_not_count():
    signs = [SignOff(member=key, verdict=READY, on=TODAY) for key in ("lead-1", "practice-1", "research-1", "gone")]
    found = judge_gate(findings=[], members=ALL, sign_offs=signs, waivers=[], today=TODAY)
    assert found.missing == ("lived",)


def waiver(**facts):
    facts = {"until": TODAY, "seconded_by": "practice-1", "subject": None, "check": "kitchen.tea", **facts}
    return Waiver(id=1, reason="Tea next week.", proposed_by="lived-1", **facts)


def test_a_waiver_lets_its_finding_pass_and_no_other():
    assert gate(finding(), waivers=[waiver()]).open
    assert gate(finding(BROKEN), waivers=[waiver()]).open
    assert not gate(finding(), waivers=[waiver(subject="lived-1")]).open
    assert not gate(finding(), finding(check="kitchen.milk"), waivers=[waiver()]).open


@pytest.mark.parametrize(
    "facts",
    [{"seconded_by": None}, {"until": TODAY - timedelta(days=1)}, {"ended": True}],
    ids=["alone", "over", "ended"],
)
def test_a_waiver_that_is_not_agreed_or_no_longer_stands_lets_nothing_pass(facts):
    assert not gate(finding(), waivers=[waiver(**facts)]).open


def test_the_reasons_hold_nothing_a_reader_may_not_read():
    private = finding(
        private=True, sentence="Sam’s pay ends.", short="Pay cover: 1 of 2 not ready yet.", owed_by=("lead-1",)
    )
    shut = gate(private, finding(check="kitchen.milk"))
    assert shut.reasons("lived-1") == ["Pay cover: 1 of 2 not ready yet.", "The kettle is not on yet."]
    assert "Sam’s pay ends." in shut.reasons("lead-1")


# --- waivers: who may -------------------------------------------------------------------------------------


def refused(proposer, seconder, *, members=ALL, chosen=None):
    try:
        may_waive(finding=chosen or finding(), proposer=proposer, seconder=seconder, members=members, today=TODAY)
    except NotAllowed as error:
        return str(error)
    return ""


def test_two_people_with_different_kinds_may_waive_a_lead_among_them_or_not():
    for pair in ((LIVED, PRACTICE), (LEAD, LIVED), (PRACTICE, RESEARCH)):
        assert not refused(*pair)
        assert not refused(*reversed(pair))


def test_nobody_proposes_and_seconds_the_same_waiver():
    assert "Somebody else" in refused(LEAD, LEAD)
    both = make_member("both", expertise=("lived", "practice"))
    assert "Somebody else" in refused(both, both, members=(*ALL, both))


def test_two_leads_never_waive_together():
    second = make_member("lead-2", role="lead", expertise=("lived",))
    assert "Two leads" in refused(LEAD, second, members=(*ALL, second))


def test_the_same_kind_on_both_sides_is_not_enough_in_a_mixed_group():
    assert "different kinds" in refused(LEAD, RESEARCH)
    assert "different kinds" in refused(RESEARCH, make_member("research-2", expertise=("research",)))


def test_somebody_without_expertise_cannot_be_the_other_kind():
    assert "different kinds" in refused(LIVED, make_member("plain"))


def test_in_a_group_of_one_kind_two_who_are_not_leads_may():
    people = [make_member(f"research-{n}", expertise=("research",)) for n in (1, 2)]
    assert not refused(*people, members=(LEAD, *people))
    assert "not leads" in refused(LEAD, people[0], members=(LEAD, *people))
    assert "not leads" in refused(people[0], LEAD, members=(LEAD, *people))


@pytest.mark.parametrize(
    "facts", [{"joined": TODAY - timedelta(days=13)}, {"expertise_since": TODAY - timedelta(days=13)}]
)
def test_new_members_and_new_expertise_count_for_waivers_after_fourteen_days(facts):
    new = make_member("lived-2", expertise=("lived",), **facts)
    assert "14 days" in refused(new, PRACTICE, members=(*ALL, new))
    assert "14 days" in refused(PRACTICE, new, members=(*ALL, new))


def test_an_observer_takes_part_in_no_waiver():
    watcher = make_member("watcher", role="observer", expertise=("practice",))
    assert refused(LIVED, watcher, members=(*ALL, watcher))


def test_a_private_finding_is_waived_by_people_who_may_read_it():
    private = finding(private=True, owed_by=("lead-1",), lines={"lived-1": "Your pay ends."})
    assert not refused(LEAD, LIVED, chosen=private)
    assert "private" in refused(LEAD, PRACTICE, chosen=private)
    assert "private" in refused(PRACTICE, LIVED, chosen=private)


@pytest.mark.parametrize(("days", "fine"), [(-1, False), (0, True), (366, True), (367, False)])
def test_a_waiver_lasts_from_today_to_a_year_at_most(days, fine):
    with nullcontext() if fine else pytest.raises(Invalid) as refused:
        check_until(TODAY + timedelta(days=days), TODAY)
    assert fine or set(refused.value.problems) == {"until"}
