"""Checks without code: what can be written is asked, what cannot be read names its line."""

import re
from datetime import date

import govflow_checklist
import pytest
from govflow_checklist import Settings
from govflow_checklist.checklist_file import ListedCheck, read, written

from govflow.plugin.testing import assert_plugin_conforms, judged, make_case, make_member

ETHICS = """
[[check]]
slug = "ethics"
title = "Ethics approval"
why = "No one is asked to take part before the study is approved."
stages = ["design", "trial"]
due = { days_after_stage_entry = 60 }
[[check.question]]
name = "approved"
label = "Is it approved?"
kind = "yes_no"
[[check.question]]
label = "Until when?"
kind = "date"
required = false
[[check]]
slug = "keys"
title = "Keys"
why = "Everyone can come in."
about = "member"
owed_by = "inviter"
holds = false
due = { days_after_joining = 7 }
[[check.question]]
label = "Which key do you have?"
kind = "choice"
choices = ["Front", "Back \\"door\\""]
"""


def checks(text=ETHICS):
    return {one.slug: one for one in govflow_checklist.register_checks(config=Settings(checks=text))}


def test_it_keeps_the_promises_of_the_door():
    assert_plugin_conforms(govflow_checklist)


def test_what_is_written_is_what_is_asked():
    ethics, keys = checks()["ethics"], checks()["keys"]
    assert (ethics.title, ethics.stages, ethics.holds_in) == (
        "Ethics approval",
        ("design", "trial"),
        ("design", "trial"),
    )
    assert [(one.name, one.kind, one.required) for one in ethics.questions] == [
        ("approved", "yes_no", True), ("answer_2", "date", False),
    ]  # fmt: skip
    assert ethics.due.sentence() == "due 60 days after the start of this stage"
    assert (keys.about.kind, keys.holds_in, keys.owed_by.kind, keys.answered_by.kind) == (
        "member",
        (),
        "inviter",
        "subject",
    )
    assert keys.questions[0].choices == {"Front": "Front", 'Back "door"': 'Back "door"'}


@pytest.mark.parametrize(
    ("answers", "outcome", "words"),
    [
        ({}, "unmet", "still to be answered"),
        ({"approved": False}, "unmet", "not there yet: Is it approved?"),
        ({"approved": True}, "met", "Answered on 3 May 2026 by Lead 1."),
    ],
)
def test_it_is_met_when_it_is_answered_and_not_with_a_no(answers, outcome, words):
    said = judged(checks()["ethics"], make_case(stage="design", today=date(2026, 5, 3), answers=answers))
    assert said.outcome == outcome
    assert words in said.sentence


def test_writing_and_reading_again_gives_the_same():
    assert read(written(read(ETHICS))) == read(ETHICS)
    odd = 'Quotes " and \\ and\ttabs and \x7f and “these”'
    one = ListedCheck.from_page(
        {
            "title": odd,
            "why": odd,
            "stages": ["bid"],
            "question": odd,
            "kind": "text",
            "owed_by": "lead",
            "holds": True,
        },
        taken={"quotes_and_and_tabs_and_and_th"},
    )
    assert read(written([one])) == (one,) or read(written([one]))[0].slug == one.slug


def test_two_organisations_that_share_a_project_ask_all_of_both():
    both = Settings(checks=ETHICS).together(Settings(checks=ETHICS))
    assert [one.slug for one in read(both.checks)] == ["ethics", "keys", "ethics_2", "keys_2"]


BEGIN = '[[check]]\nslug = "a"\ntitle = "A"\nwhy = "B"\n'
ASK = '[[check.question]]\nlabel = "C"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{BEGIN}{ASK}kind = "colour"\n', "Line 7: “colour” is no kind of question"),
        (f'{BEGIN}stages = ["party"]\n{ASK}', "Line 5: “a”: stages is a list of"),
        (f'{BEGIN}stages = "bid"\n{ASK}', "Line 5: “a”: stages"),
        (f'{BEGIN}colour = "red"\n{ASK}', "Line 5: “colour” is not known here"),
        (f'{BEGIN}due = {{ soon = 1 }}\n{ASK}', "Line 5: “a”: due is one of"),
        (f'{BEGIN}due = {{ every_months = 0 }}\n{ASK}', "Line 5: “a”: every_months takes a whole number"),
        (f'{BEGIN}due = {{ days_after_joining = 3 }}\n{ASK}', "only a check about each member"),
        (f'{BEGIN}owed_by = "member"\n{ASK}', "Line 5: “a”: owed_by is one of: lead, coordinator and finance"),
        (f'{BEGIN}holds = "yes"\n{ASK}', "Line 5: “a”: holds is true or false"),
        (f"{BEGIN}about = []\n{ASK}", "Line 5: “a”: about is one of"),
        (f"{BEGIN}owed_by = {{ a = 1 }}\n{ASK}", "Line 5: “a”: owed_by is one of"),
        (f"{BEGIN}stages = [[]]\n{ASK}", "Line 5: “a”: stages is a list"),
        (BEGIN, "needs a question"),
        (f'{BEGIN}{ASK}kind = "choice"\n', "needs choices"),
        (f'{BEGIN}{ASK}choices = ["x", "y"]\n', "Line 7: “a”: only choice and choices"),
        (f'{BEGIN}{ASK}name = "Not a name"\n', "Line 7: “a”: the name of a question"),
        (f"{BEGIN}{ASK}{BEGIN}{ASK}", "Line 8: two checks are called “a”"),
        (f'{BEGIN}{ASK}name = "x"\n{ASK}name = "x"\n', "two questions of one name"),
        ('[[check]]\ntitle = "A"\n', "a check needs a slug"),
        ('[[check]]\nslug = "settings"\n', "Line 2: a check needs a slug"),
        ("[check]\nslug = 1\n", "with two brackets"),
        ("x = 1\n", "Line 1: “x” is not known here"),
        ("a = [[", "not whole TOML"),
        ("x = " + "[" * 5_000, "not whole TOML"),
        ("x = { " + ".".join("a" * 500) + " = 1 }", "too many dots"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_its_line(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        Settings(checks=text)


def test_a_key_a_member_has_is_theirs_to_say():
    joiner = make_member("joiner", invited_by="lead-1")
    case = make_case(subject=joiner, members=[make_member("lead-1", role="lead"), joiner])
    assert "still to be answered" in judged(checks()["keys"], case).sentence
