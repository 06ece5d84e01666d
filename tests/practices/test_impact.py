"""What came of it, as the sources tell it: examples of what changed, of what did not, and who heard of it."""

from __future__ import annotations

from tests.support.factories import FOUR, TODAY, days

CHECK, TOLD, FORM = "impact.contributions", "impact.fed_back", "impact.gripp2"
ADD = "/impact/contribution/add"
LINE = {
    "what": "Members chose the first question by vote",
    "happened_on": TODAY,
    "how": "meeting",
    "changed": "yes",
    "what_changed": "It asks about loneliness now.",
    "hoped_for": "A question that matters.",
}
KEY = "members-chose-the-first-question-by-vote"


def begin(walk, **more):
    return walk(plugins=("impact",), members=FOUR, entered=TODAY, **more)


def test_unmet_then_late_then_a_letter_then_met_by_pages_alone(walk) -> None:
    here = begin(walk, stage="design")
    assert here.check(CHECK).due_on == TODAY + days(90)
    here.go_to(TODAY + days(91))
    assert "Write down one example" in here.mail()["lead-1"]
    here.send("lived-1", ADD, **LINE)
    assert here.check(CHECK).outcome == "met"
    assert "It asks about loneliness now." in here.see("practice-1", "/impact/overview")


def test_an_example_of_an_earlier_stage_does_not_stand_for_this_one(walk) -> None:
    here = begin(walk, stage="trial")
    here.send("lived-1", ADD, **{**LINE, "happened_on": TODAY - days(1)})
    assert here.check(CHECK).outcome == "unmet"


def test_nothing_yet_is_an_answer_and_people_hear_of_it_within_thirty_days(walk) -> None:
    here = begin(walk, stage="design")
    here.send("lived-1", ADD, **{**LINE, "changed": "not_yet", "what_changed": "The board meets in May."})
    assert here.check(CHECK).outcome == "met"
    assert here.check(TOLD, KEY).due_on == TODAY + days(30)
    here.go_to(TODAY + days(31))
    assert "Tell the people who took part" in here.mail()["lived-1"]
    here.send("lead-1", f"/impact/contribution/{KEY}", **LINE, fed_back_on=TODAY + days(31))
    assert here.check(TOLD, KEY).outcome == "met"


def test_the_gate_asks_once_for_what_changed(walk) -> None:
    """The five principles' evidence wants it too; the log gives it."""
    off, on = walk(stage="design"), None
    assert "Examples of what changed" in off.see("lead-1", "/gate/stress_test.evidence")
    on = begin(walk, stage="design", slug="second", organisation="other")
    assert "Examples of what changed" not in on.see("lead-1", "/gate/stress_test.evidence")


def test_the_short_form_is_begun_from_the_log_and_holds_until_its_five_parts_stand(walk) -> None:
    here = begin(walk, stage="dissemination")
    here.send("lived-1", ADD, **LINE)
    assert "It asks about loneliness now." in here.see("lead-1", "/impact/for_papers")
    parts = {"paper": "The trial paper", "aim": "A question that matters.", "methods": "Six meetings.",
             "results": "One question.", "discussion": "Much."}  # fmt: skip
    here.send("lead-1", "/impact/for_papers", form="form", **parts)
    assert "What would you do again, and what not?" in here.check(FORM).sentence
    assert here.check(FORM).holds
    here.send("lived-1", "/impact/gripp2/the-trial-paper", **parts, reflections="Meet in the morning.")
    assert here.check(FORM).outcome == "met"


def test_a_story_is_one_s_own_and_read_outside_only_where_its_writer_says_so(walk) -> None:
    here = begin(walk, stage="design")
    assert "Others write their own." in here.send(
        "lead-1", "/impact/story/add", expect=422, person="lived-1", words="She loved it.", outside="yes"
    )
    here.send("lived-1", "/impact/story/add", person="lived-1", words="I trust my voice now.", outside="no")
    assert "I trust my voice now." not in here.see("lead-1", "/evidence")
    here.send("lived-1", "/impact/story/lived-1", person="lived-1", words="I trust my voice now.", outside="yes")
    page = here.see("lead-1", "/evidence")
    assert "I trust my voice now." in page
    assert "Lived 1" not in page


def test_bad_days_and_numbers_are_told_and_nothing_typed_is_lost(walk) -> None:
    here = begin(walk, stage="design")
    for wrong, said in (
        ({"happened_on": TODAY + days(1)}, "This day has not come yet."),
        ({"people": "-3"}, "Give the number of people as 1 or more"),
        ({"fed_back_on": TODAY - days(1)}, "is after the day itself"),
        ({"changed": ""}, "Did it change something?"),
        ({"nihr": "made-up"}, "The five principles"),
    ):
        page = here.send("lived-1", ADD, expect=422, **{**LINE, **wrong})
        assert said in page
        assert "It asks about loneliness now." in page
    pasted = {**LINE, "what": "<script>alert(1)</script> and <b>tea</b>"}
    here.send("lived-1", ADD, **pasted)
    assert "<script>alert(1)</script> and <b>tea</b>" in here.see("lead-1", "/impact/overview")
