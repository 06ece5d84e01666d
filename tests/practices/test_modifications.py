"""Changes to an approved study: slow, decided by others, and still begun by partners."""

from __future__ import annotations

from tests.support.factories import FOUR, TODAY, days, person

ADD, ENTRY, PAGE = (
    "/modifications/modification/add",
    "/modifications/modification/fewer-questions",
    "/modifications/changes",
)
CHECK, KEY = "modifications.approved", "fewer-questions"
IDEA = {"what": "Fewer questions", "decided": "We leave out two forms.", "decided_on": TODAY, "partner_idea": "yes"}
SENT = {**IDEA, "sponsor_on": TODAY + days(3)}
SUBSTANTIAL = {**SENT, "kind": "substantial", "sponsor_said_on": TODAY + days(10), "review_on": TODAY + days(12)}
APPROVED = {**SUBSTANTIAL, "approved_on": TODAY + days(50), "told_by": "A letter of the committee"}
SPONSOR_CONTACT = person("research-2", "research")


def begin(walk, *, stage: str = "trial"):
    return walk(plugins=("modifications",), stage=stage, entered=TODAY, members=(*FOUR, SPONSOR_CONTACT))


def test_unmet_then_late_then_a_letter_then_met_by_pages_alone(walk) -> None:
    """From a decision to the sponsor, the committee and their answer, each written down as somebody was told it."""
    here = begin(walk)
    here.send("lived-1", ADD, **IDEA)
    found = here.check(CHECK, KEY)
    assert (found.outcome, found.holds, found.due_on) == ("unmet", True, TODAY + days(14))
    assert found.sentence.startswith("Not with the sponsor yet.")
    here.go_to(TODAY + days(15))
    assert "A change to the approved plan: Fewer questions" in here.mail()["lead-1"]
    here.send("lead-1", ENTRY, **SENT)
    assert here.check(CHECK, KEY).sentence.startswith("With the sponsor since 5 March 2026.")
    here.send("lead-1", ENTRY, **SUBSTANTIAL)
    assert here.check(CHECK, KEY).sentence.startswith("With the committee since 14 March 2026.")
    here.go_to(TODAY + days(60))
    here.send("lead-1", ENTRY, **APPROVED)
    found = here.check(CHECK, KEY)
    assert (found.outcome, found.sentence) == (
        "met", "Written down as approved on 21 April 2026. Lead 1 wrote it down.",
    )  # fmt: skip
    assert "approved plan" not in here.mail().get("lead-1", "")


def test_a_day_that_others_set_is_told_60_30_and_7_days_before_and_then_each_week(walk) -> None:
    here = begin(walk)
    answer_by = TODAY + days(90)
    here.send("lead-1", ADD, **IDEA, sponsor_on=TODAY, answer_by=answer_by, set_by="rec", contact="research-2")
    title, told = "A change to the approved plan: Fewer questions", []
    for before in range(70, -20, -1):
        here.go_to(answer_by - days(before))
        letters = here.mail()
        told += [before] if title in letters.get("research-2", "") else []
        assert title not in letters.get("lived-1", "")
    assert told == [60, 30, 7, -1, -8, -15]
    said = here.check(CHECK, KEY).sentence
    assert "An answer is to come by 31 May 2026. The research ethics committee (REC) set that day." in said


def test_what_waits_holds_the_gate_of_the_trial_until_it_is_approved_or_taken_back(walk) -> None:
    here = begin(walk)
    here.send("lead-1", ADD, **SENT | {"sponsor_on": TODAY})
    assert "A change to the approved plan" in here.see("lived-1", "/gate")
    assert here.check(CHECK, KEY).holds
    here.send("lead-1", ENTRY, **SENT | {"sponsor_on": TODAY}, withdrawn_on=TODAY)
    assert here.check(CHECK, KEY).sentence == "Taken back on 2 March 2026. Lead 1 wrote it down."
    other = begin(walk, stage="dissemination")
    other.send("lead-1", ADD, **IDEA)
    assert not other.check(CHECK, KEY).holds


def test_the_page_says_how_long_each_step_took_and_how_many_came_from_partners(walk) -> None:
    here = begin(walk)
    here.go_to(TODAY + days(60))
    here.send("lived-1", ADD, **APPROVED)
    here.send("lead-1", ADD, what="A new site", decided="Site four joins.", decided_on=TODAY + days(20))
    page = here.see("practice-1", PAGE)
    assert "Until it is approved 38" in page
    assert "From a partner’s idea 1 of 2" in page
    assert "A new site Not said yet Not with the sponsor yet 40 No" in page
    assert "amendment" not in page.lower()
    assert "They stand here as somebody was told them." in page


def test_it_begins_with_a_decision_of_the_group_where_the_group_keeps_them(walk) -> None:
    here = begin(walk)
    here.send(
        "lived-1", "/decisions/decision/add", question="Fewer questions?", method="consensus", stands="decided",
        shared_with=[one["key"] for one in FOUR], outcome="Yes, two fewer.", decided_on=TODAY,
    )  # fmt: skip
    here.go_to(TODAY + days(9))
    here.send("lead-1", ADD, what="Fewer questions", decision="fewer-questions")
    assert here.check(CHECK, KEY).due_on == TODAY + days(14), "It waits since the day of the decision."


def test_bad_input_is_answered_in_a_sentence_and_nothing_typed_is_lost(walk) -> None:
    here = begin(walk)
    here.go_to(TODAY + days(60))
    for given, said in (
        ({"what": "Fewer questions"}, "Say what the group decided"),
        ({**IDEA, "kind": "minor"}, "The sponsor decides which kind it is. First give the day"),
        ({**SENT, "review_on": TODAY + days(4)}, "First write down which kind it is."),
        ({**SENT, "sponsor_on": TODAY - days(1)}, "1 March 2026 is before 2 March 2026."),
        ({**SENT, "sponsor_on": TODAY + days(61)}, "is still to come. Write it down when it has happened."),
        ({**IDEA, "withdrawn_on": TODAY + days(61)}, "is still to come"),
        ({**APPROVED, "review_on": ""}, "A committee looks at a substantial one."),
        ({**APPROVED, "withdrawn_on": TODAY}, "It is approved, or taken back."),
        ({**APPROVED, "told_by": ""}, "Write down who told you that it is approved"),
        ({**SENT, "answer_by": TODAY + days(90)}, "Say who set the day"),
        ({**IDEA, "contact": "stranger"}, "must be someone in this project"),
        ({**IDEA, "decision": "nothing"}, "must be one that is in the list"),
    ):
        came_back = here.send("lead-1", ADD, expect=422, **given)
        assert said in came_back, (given, said)
        assert "Fewer questions" in came_back
    assert "No change is written down." in here.see("lead-1", PAGE)
