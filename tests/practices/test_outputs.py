"""Writing and credit, as the PARTNERS2 writing collective did it: everyone wrote, everyone reviewed, no ranks."""

from __future__ import annotations

from tests.support.factories import FOUR, TODAY, days, person

PAGE, ALL = "/outputs/writing?output=our-paper", [one["key"] for one in FOUR]
END = TODAY + days(30)
NAME = "The Kettle writing collective"


def a_paper(*writers: str, key: str = "our-paper", **values) -> dict:
    facts = {"title": "Our paper", "kind": "paper", "planned_end": END, "writers": list(writers or ALL), **values}
    return {"register": "outputs.output", "key": key, "by": "lead-1", "on": TODAY, "values": facts}


def begin(walk, *writers: str, members=FOUR, stage: str = "dissemination", **values):
    return walk(stage=stage, members=members, entry=[a_paper(*writers, **values)])


def agree(here, who: str = "lived-1", *, expect: int = 302, **given) -> str:
    facts = {"credit": "collective", "collective": NAME, "contributors": ALL, **given}
    return here.send(who, PAGE, form="agree", expect=expect, **facts)


def say(here, who: str, *, expect: int = 302, **given) -> str:
    facts = {"how": "named", "display_name": who.title(), **given}
    return here.send(who, PAGE, form="mine", expect=expect, **facts)


def outcome(here, check: str) -> str:
    return here.check(f"outputs.{check}", "our-paper").outcome


# --- S2: the writing collective ---------------------------------------------------------------------------------


def test_unmet_then_late_then_a_letter_then_met_by_pages_alone(walk) -> None:
    """Twenty people write as one; each with both wrote and reviewed ticked before the gate opens."""
    collective = [*FOUR, *(person(f"lived-{number}", "lived") for number in range(2, 18))]
    keys = [one["key"] for one in collective]
    here = begin(walk, *keys, members=collective)
    assert outcome(here, "finished") == "not_needed"
    assert "It is not agreed yet whose name stands on it." in here.see("practice-1", PAGE)
    assert "done." not in here.see("practice-1", PAGE)
    agree(here, contributors=keys)
    found = here.check("outputs.finished", "our-paper")
    assert (found.outcome, found.due_on, found.holds) == ("unmet", END, True)
    here.go_to(END + days(1))
    letter = here.mail()["lead-1"]
    assert "Written and reviewed" in letter, letter
    for who in keys:
        say(here, who, wrote="yes", reviewed="" if who == "lived-9" else "yes")
    assert here.check("outputs.finished", "our-paper").short == "Written and reviewed: 1 of 20 not ready yet."
    say(here, "lived-9", wrote="yes", reviewed="yes")
    assert outcome(here, "finished") == "met"
    assert NAME in here.see("practice-1", PAGE)
    assert "Written and reviewed" not in here.mail().get("lead-1", "")


def test_everyone_is_asked_once_more_on_the_final_text(walk) -> None:
    here = begin(walk)
    agree(here)
    for who in ALL:
        say(here, who, wrote="yes", reviewed="yes")
    assert "The text is not final yet." in here.check("outputs.credited", "our-paper").sentence
    assert "The text is not final yet." in say(here, "lived-1", confirmed="yes", title="Poet", expect=422)
    here.go_to(TODAY + days(5))
    agree(here, final_on=here.today)
    for who in ALL:
        say(here, who, confirmed="yes", wrote="yes", reviewed="yes")
    assert outcome(here, "credited") == "met"
    here.go_to(TODAY + days(9))
    agree(here, final_on=here.today)
    assert here.check("outputs.credited", "our-paper").short == "Named as they want: 4 of 4 not ready yet.", (
        "The text changed, so everyone is asked again."
    )


def test_who_is_still_to_come_is_named_to_the_lead_and_to_nobody_else(walk) -> None:
    here = begin(walk)
    agree(here)
    say(here, "practice-1", wrote="yes", reviewed="yes")
    assert "still to come from Lead 1, Lived 1 and Research 1" in here.see("lead-1", PAGE)
    assert "Written and reviewed: 3 of 4 not ready yet." in here.see("practice-1", PAGE)
    assert "Tick that you wrote, and that you reviewed, once you did." in here.see("lived-1", PAGE)
    here.go_to(END + days(1))
    assert "lived-1" not in here.mail()


# --- one's own line ---------------------------------------------------------------------------------------------


def test_credit_is_changed_by_nobody_but_the_person(walk) -> None:
    here = begin(walk)
    agree(here)
    say(here, "lived-1", title="A poet who has been there")
    line = {"output": "our-paper", "person": "lived-1", "how": "named", "display_name": "Lived One"}
    refused = here.send("lead-1", "/outputs/credit/add", expect=422, **line)
    assert "Only Lived 1 can say how they want to be named. Ask them to write this line themselves." in refused
    assert "Lived One" in refused
    said = here.send("lead-1", "/outputs/credit/lived-1", expect=403, **{**line, "title": "Service user"})
    assert "can change it or take it off the list" in said
    here.send("lead-1", "/outputs/credit/lived-1", expect=403, **line, remove="yes")
    page = here.see("practice-1", PAGE)
    assert "A poet who has been there" in page
    assert "Service user" not in page


def test_nobody_is_called_somebody_with_lived_experience_unless_they_chose_the_words(walk) -> None:
    here = begin(walk)
    agree(here, credit="named", collective="")
    say(here, "lived-1")
    assert "lived experience" not in here.see("practice-1", PAGE).lower()


def test_a_pen_name_and_no_name_warn_that_a_journal_may_want_a_real_one(walk) -> None:
    here = begin(walk)
    agree(here, credit="named", collective="")
    say(here, "lived-1", how="anonymous", display_name="", affiliation="")
    assert "A journal may want a real name" in here.see("lived-1", PAGE)
    say(here, "practice-1", how="pen", display_name="A. Teapot")
    say(here, "research-1", how="thanked")
    page = here.see("lead-1", PAGE)
    assert "A. Teapot and An author without a name" in page
    assert "With thanks to Research-1." in page


def test_a_name_is_asked_for_where_one_is_wanted_and_nothing_typed_is_lost(walk) -> None:
    here = begin(walk)
    came_back = say(here, "lived-1", display_name="", title="A poet who has been there", expect=422)
    assert "Write the name that should stand there." in came_back
    assert "A poet who has been there" in came_back


def test_whoever_is_on_no_list_has_no_line_and_nobody_has_two(walk) -> None:
    here = begin(walk, "lead-1")
    line = {"output": "our-paper", "how": "named", "display_name": "Me"}
    refused = here.send("lived-1", "/outputs/credit/add", expect=422, person="lived-1", **line)
    assert "You are not on the list for this output." in refused
    say(here, "lead-1")
    assert "You have a line for this output already." in here.send(
        "lead-1", "/outputs/credit/add", expect=422, person="lead-1", **line
    )
    assert "There is no “stranger”" in here.send(
        "lived-1", "/outputs/credit/add", expect=422, person="stranger", **line
    )


# --- everyone who had a part is asked -----------------------------------------------------------------------------


def test_everyone_who_had_a_part_is_asked_and_answers_for_themselves(walk) -> None:
    here = begin(walk, "lead-1", "research-1")
    agree(here)
    assert (
        "Ask them to help write, and to say yes to the last version: Lived 1 and Practice 1."
        in here.check("outputs.everyone_asked", "our-paper").sentence
    )
    here.send("research-1", PAGE, form="ask")
    assert outcome(here, "everyone_asked") == "met"
    assert "Research 1 asks whether you would like to help with “Our paper”" in here.mail()["lived-1"]
    refused = here.send(
        "lead-1", "/outputs/invitation/lived-1", expect=422, output="our-paper", person="lived-1", answer="no"
    )
    assert "Only Lived 1 can say yes or no." in refused
    here.send("lived-1", PAGE, form="answer", answer="yes")
    assert "Yes, I would like to help" in here.see("lead-1", "/outputs/invitation")
    here.send("lead-1", "/outputs/invitation/lived-1", expect=403, output="our-paper", person="lived-1")


def test_a_writer_who_left_is_asked_by_a_lead_what_they_want(walk) -> None:
    people = (*FOUR, person("gone-1", "lived", left=TODAY - days(3)))
    here = begin(walk, "lead-1", "gone-1", members=people)
    assert here.check("outputs.everyone_asked", "our-paper").sentence == (
        "Gone 1 left. Ask what they want, and write it down under “Writers who left”."
    )
    line = {"output": "our-paper", "person": "gone-1", "wish": "thanked", "said": "By phone: thanks are enough."}
    refused = here.send("lead-1", "/outputs/left/add", expect=422, **{**line, "person": "lived-1"})
    assert "Lived 1 is still here, and answers for themselves." in refused
    here.send("lead-1", "/outputs/left/add", **line)
    assert outcome(here, "everyone_asked") == "met"
    page = here.see("lead-1", "/outputs/output/our-paper")
    assert "Gone 1 (has left)" in page, "A change of the list does not drop them."


# --- things that are made, and the funder -------------------------------------------------------------------------


def test_a_film_is_finished_when_every_maker_says_yes(walk) -> None:
    here = begin(walk, "lived-1", "practice-1", kind="film")
    agree(here, credit="named", collective="", contributors=["lived-1", "practice-1"])
    assert (
        "Still to say: who owns it and what others may do with it."
        in here.check("outputs.how_shared", "our-paper").sentence
    )
    agree(here, credit="named", collective="", contributors=["lived-1"], owner="All of us", licence="by_nc")
    assert outcome(here, "how_shared") == "met"
    say(here, "lived-1", finished="yes", confirmed="yes")
    assert outcome(here, "finished") == outcome(here, "credited") == "unmet"
    say(here, "practice-1", finished="yes", confirmed="yes")
    assert outcome(here, "finished") == outcome(here, "credited") == "met"


def test_the_funder_is_sent_it_so_many_days_before_it_is_public(walk) -> None:
    here = begin(walk, stage="trial")
    assert outcome(here, "funder_told") == "not_needed"
    agree(here, public_on=TODAY + days(60))
    found = here.check("outputs.funder_told", "our-paper")
    assert (found.outcome, found.due_on, found.holds) == ("unmet", TODAY + days(32), False)
    here.go_to(TODAY + days(32) - days(7))
    assert "Send it to the funder by 3 April 2026, 28 days before it is public." in here.mail()["lead-1"]
    agree(here, public_on=TODAY + days(60), told_on=here.today)
    assert outcome(here, "funder_told") == "met"


def test_bad_input_is_answered_in_a_sentence(walk) -> None:
    here = begin(walk)
    assert "Write down what the group is called" in agree(here, collective="", expect=422)
    assert "is still to come" in agree(here, final_on=TODAY + days(1), expect=422)
    assert "is still to come" in agree(here, told_on=TODAY + days(1), expect=422)
    agree(here)
    line = {"output": "our-paper", "credit": "named"}
    assert "There is an agreement about this output already." in here.send(
        "lead-1", "/outputs/agreement/add", expect=422, **line
    )
    assert here.client("lead-1").get("/projects/kettle/outputs/writing?output=nothing").status_code == 200
