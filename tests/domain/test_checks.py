"""A check is judged safely, knows whom it turns to, and says private things to nobody else."""

from datetime import date, timedelta

import pytest

from govflow.domain.gates.checks import (
    BROKEN,
    COORDINATOR,
    EVERY_MEMBER,
    FINANCE,
    INVITER,
    LEAD,
    MEMBER,
    SENTENCE_MOST,
    SUBJECT,
    Check,
    Entry,
    Finding,
    Judgement,
    find,
    met,
    named,
    not_needed,
    people_meant,
    person_field,
    settle,
    unmet,
)
from govflow.domain.gates.overdue import Pause, after_field, after_joining, after_stage_entry
from govflow.plugin.testing import TODAY, make_case, make_member


def check(judge, **facts):
    return Check(slug="tea", title="Put the kettle on", why="Tea helps.", judge=judge, **facts)


class Nasty(BaseException):
    def __str__(self):
        raise RuntimeError("not even its words can be read")


def raising(error):
    def judge(case):
        raise error

    return judge


@pytest.mark.parametrize(
    "judge",
    [
        raising(RuntimeError("oh")),
        raising(SystemExit(0)),
        raising(GeneratorExit()),
        raising(Nasty()),
        raising(MemoryError()),
        raising(StopIteration()),
        lambda case: None,
        lambda case: True,
        lambda case: "met",
        lambda case: {"outcome": "met"},
        lambda case: met(""),
        lambda case: met(None),
        lambda case: met("x" * 10_000_000),
        lambda case: Judgement(outcome="open", sentence="Trust me."),
        lambda case: Judgement(outcome=BROKEN, sentence="I am broken."),
        lambda case: met("x", short="y" * (SENTENCE_MOST + 1)),
        lambda case: unmet("x", lines={"lead-1": ""}),
        lambda case: unmet("x", due="tomorrow"),
        lambda case: met("x", look_again="soon"),
        lambda: met("It takes no case."),
        None,
        lambda case: case.subject.name,
        lambda case: case.evidence["not there"],
        lambda case: case.registers["another.plugin"],
    ],
)
def test_a_check_that_raises_lies_or_says_nothing_is_broken(judge):
    said = find(check(judge), make_case())
    assert said.outcome == BROKEN
    assert len(said.sentence) < 200


def test_a_broken_check_says_calm_words_and_keeps_the_traceback_apart():
    said = find(check(raising(ValueError("secret detail"))), make_case())
    assert "secret detail" in said.error
    assert "secret detail" not in said.sentence


def test_a_judge_that_answers_with_a_shape_that_cannot_be_read_is_broken():
    """`lines` that is no mapping, `owed_by` that is nobody a check can turn to: wrong types are broken too."""
    for said in (
        Judgement(outcome="unmet", sentence="x", lines=["lead-1"]),
        Judgement(outcome="unmet", sentence="x", lines=7),
        Judgement(outcome="unmet", sentence="x", owed_by="lead-1"),
    ):
        assert find(check(lambda case, said=said: said), make_case()).outcome == BROKEN


def test_ctrl_c_is_not_swallowed():
    with pytest.raises(KeyboardInterrupt):
        find(check(raising(KeyboardInterrupt())), make_case())


@pytest.mark.parametrize("said", [met("Done."), unmet("Not yet."), not_needed("Nothing to ask.")])
def test_an_honest_answer_comes_through_as_it_was_said(said):
    assert find(check(lambda case: said), make_case()) is said


def test_a_case_cannot_be_changed_by_a_judge():
    def judge(case):
        case.today = date(2000, 1, 1)
        return met("Time has stopped.")

    assert find(check(judge), make_case()).outcome == BROKEN


# --- whom it turns to -------------------------------------------------------------------------------------

PEOPLE = (
    make_member("lead-1", role="lead"),
    make_member("lived-1", invited_by="research-1"),
    make_member("research-1", invited_by="lead-1"),
    make_member("watcher", role="observer"),
    make_member("gone", left=date(2026, 2, 1)),
)


def meant(who, *people, **facts):
    return people_meant(who, make_case(members=people or PEOPLE, **facts))


def test_a_role_nobody_holds_falls_to_the_next():
    coordinator = make_member("coordinator-1", role="coordinator")
    finance = make_member("finance-1", role="finance")
    assert meant(FINANCE, *PEOPLE, coordinator, finance) == ("finance-1",)
    assert meant(FINANCE, *PEOPLE, coordinator) == ("coordinator-1",)
    assert meant(FINANCE) == meant(COORDINATOR) == meant(LEAD) == ("lead-1",)


def test_every_member_means_the_partners_who_are_here():
    assert meant(EVERY_MEMBER) == ("lead-1", "lived-1", "research-1")


def test_the_subject_is_the_member_a_check_is_about():
    assert meant(SUBJECT, subject=PEOPLE[1]) == ("lived-1",)
    assert meant(SUBJECT) == ()


def test_an_inviter_who_has_left_is_stood_in_for_by_a_lead():
    assert meant(INVITER, subject=PEOPLE[1]) == ("research-1",)
    assert meant(INVITER, subject=make_member("new", invited_by="gone")) == ("lead-1",)
    assert meant(INVITER, subject=make_member("new")) == ("lead-1",)


@pytest.mark.parametrize(
    ("value", "keys"), [("lived-1", ("lived-1",)), (["lived-1", "gone"], ("lived-1",)), (None, ()), (7, ())]
)
def test_a_person_field_means_whom_the_entry_names(value, keys):
    row = Entry(key="paper", values={"writers": value}, by="lead-1", on=TODAY)
    assert meant(person_field("writers"), subject=row) == keys


def test_named_members_are_meant_in_their_order_as_far_as_they_are_here():
    assert meant(named("research-1", "gone", "nobody", "watcher", "lead-1")) == ("research-1", "lead-1")
    assert meant(named()) == ()


# --- at its place -----------------------------------------------------------------------------------------


def settled(said, case=None, **facts):
    case = case or make_case(members=PEOPLE)
    return settle("kitchen.tea", check(lambda case: said, **facts), case, said, label="")


def test_only_what_is_unmet_is_due():
    assert settled(unmet("No."), due=after_stage_entry(days=60)).due_on == TODAY + timedelta(days=30)
    assert settled(met("Yes."), due=after_stage_entry(days=60)).due_on is None
    assert settled(unmet("No.")).due_on is None


def test_a_day_the_finding_names_itself_comes_before_the_rule_of_the_check():
    assert settled(unmet("No.", due=date(2026, 5, 5)), due=after_stage_entry(days=1)).due_on == date(2026, 5, 5)


def test_nothing_falls_due_before_the_grace_after_an_import_is_over():
    case = make_case(members=PEOPLE, not_due_before=date(2026, 3, 16))
    assert settled(unmet("No."), case, due=after_stage_entry(days=1)).due_on == date(2026, 3, 16)
    assert settled(unmet("No.", due=date(2026, 9, 9)), case).due_on == date(2026, 9, 9)


def test_a_pause_moves_what_a_rule_makes_due():
    pauses = (Pause(began=TODAY - timedelta(days=10), ended=TODAY - timedelta(days=3)),)
    case = make_case(members=PEOPLE, pauses=pauses)
    assert settled(unmet("No."), case, due=after_stage_entry(days=60)).due_on == TODAY + timedelta(days=37)


def test_joining_and_a_field_of_an_entry_are_anchors_too():
    joiner = make_case(members=PEOPLE, subject=make_member("new", joined=date(2026, 2, 20)))
    assert settled(unmet("No."), joiner, due=after_joining(days=14)).due_on == date(2026, 3, 6)
    row = Entry(key="paper", values={"planned_end": date(2026, 4, 1)}, by=None, on=TODAY)
    case = make_case(members=PEOPLE, subject=row)
    assert settled(unmet("No."), case, about=MEMBER, due=after_field("planned_end", days=-1)).due_on == date(
        2026, 3, 31
    )
    assert settled(unmet("No."), case, due=after_field("no_such", days=1)).due_on is None


def test_a_check_holds_in_its_stages_and_advises_elsewhere():
    for stage, holds in (("bid", False), ("dissemination", True)):
        case = make_case(stage=stage, members=PEOPLE)
        assert settled(unmet("No."), case, holds_in=("dissemination",)).holds is holds


def test_a_finding_may_say_itself_who_owes_it():
    assert settled(unmet("No.", owed_by=EVERY_MEMBER)).owed_by == ("lead-1", "lived-1", "research-1")
    assert settled(unmet("No.")).owed_by == ("lead-1",)
    assert settled(met("Yes.")).owed_by == ()


# --- who may read it --------------------------------------------------------------------------------------

PRIVATE = Finding(
    check="paid_authors.covered",
    title="Pay cover",
    about="entry",
    subject="paper",
    subject_label="A paper",
    outcome="unmet",
    sentence="Sam’s pay ends 41 days early. Ada has none.",
    holds=True,
    private=True,
    short="Pay cover: 2 of 11 not ready yet.",
    lines={"sam": "Sam’s pay ends 41 days early.", "ada": "Ada has none."},
    owed_by=("lead-1",),
)


@pytest.mark.parametrize(
    ("reader", "reads"),
    [
        ("lead-1", "Sam’s pay ends 41 days early. Ada has none."),
        ("sam", "Sam’s pay ends 41 days early."),
        ("ada", "Ada has none."),
        ("lived-1", "Pay cover: 2 of 11 not ready yet."),
        (None, "Pay cover: 2 of 11 not ready yet."),
        ("", "Pay cover: 2 of 11 not ready yet."),
    ],
)
def test_a_private_sentence_is_read_by_whoever_owes_it_and_by_whom_it_is_about(reader, reads):
    assert PRIVATE.sentence_for(reader) == reads


@pytest.mark.parametrize("reader", ["sam", "ada", "lived-1", None])
def test_what_is_handed_to_a_reader_holds_nothing_they_may_not_read(reader):
    handed = repr(PRIVATE.seen_by(reader))
    own = PRIVATE.lines.get(reader, "")
    for line in PRIVATE.lines.values():
        assert (line in handed) == (line == own)


def test_a_private_finding_without_a_short_sentence_says_only_its_title():
    bare = Finding(
        check="a.b",
        title="Access",
        about="member",
        subject="sam",
        subject_label="Sam",
        outcome="unmet",
        sentence="Sam needs a ramp.",
        holds=True,
        private=True,
    )
    assert bare.sentence_for("lead-1") == "Access: not ready yet."
    assert bare.sentence_for("sam") == "Sam needs a ramp."


def test_a_private_broken_finding_says_nothing_of_what_broke():
    said = find(check(raising(ValueError("Sam has no pay"))), make_case())
    assert "Sam" not in settled(said, private=True).sentence_for("lived-1")


def test_an_entry_that_is_called_like_a_member_gives_that_member_no_private_sentence():
    """Anybody may add an output and so choose its key: “Lived 1” becomes `lived-1`, a member's key too."""
    from dataclasses import replace

    called_like_them = replace(PRIVATE, subject="lived-1")
    assert called_like_them.sentence_for("lived-1") == "Pay cover: 2 of 11 not ready yet."
    assert replace(called_like_them, about="member", lines={}).sentence_for("lived-1") == PRIVATE.sentence
