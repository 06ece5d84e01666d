"""What of a gate is told to people outside: counts, and of private matters not even those."""

from __future__ import annotations

from dataclasses import replace

import pytest

from govflow.domain.gates.checks import Round, Visit
from govflow.domain.gates.evidence_pack import (
    NOBODY,
    Stood,
    folded,
    how_it_stands,
    how_this_was_made,
    nameless,
    who_works_together,
)
from govflow.domain.registers.documents import Agreed, Version
from govflow.plugin.testing import make_case, make_entry, make_member
from tests.support.factories import TODAY


def stood(*outcomes: str, title: str = "Welcome", waived: bool = False, private: bool = False) -> list[Stood]:
    return [Stood(title=title, group="Reciprocity", outcome=one, waived=waived, private=private) for one in outcomes]


def said(found: list[Stood]) -> dict[str, str]:
    _, table = how_it_stands("The gate of Bid", found).parts
    return dict(table.rows)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (stood("met"), "Ready"),
        (stood("met", "not_needed"), "Ready"),
        (stood("not_needed"), "Not needed"),
        (stood("unmet"), "Not ready yet"),
        (stood("met", "met", "unmet"), "2 of 3 ready"),
        (stood("met", "broken"), "Cannot be worked out now"),
        (stood("unmet", waived=True), "Let pass by two people, with a reason"),
        (stood("unmet") + stood("unmet", waived=True), "0 of 2 ready"),
    ],
)
def test_a_check_is_told_in_words_that_name_nobody(found, words):
    assert said(found) == {"Welcome": words}


@pytest.mark.parametrize("number", [1, 2, 11])
def test_of_a_private_check_it_is_not_said_of_how_many_people_it_is(number):
    found = folded(stood(*["met"] * (number - 1), "unmet", private=True))
    assert said(found) == {"Welcome": "Not ready yet"}
    assert [bar.of for bar in how_it_stands("", found).parts[0].bars] == [1]


def test_a_private_finding_that_was_let_pass_does_not_hide_another_that_is_open():
    found = folded([*stood("unmet", private=True, waived=True), *stood("unmet", private=True)])
    assert said(found) == {"Welcome": "Not ready yet"}


def test_how_much_is_ready_stands_under_each_principle():
    chart, _ = how_it_stands("", [*stood("met", "unmet"), Stood(title="x", group="", outcome="met")]).parts
    assert [(bar.label, bar.value, bar.of) for bar in chart.bars] == [("Reciprocity", 1, 2), ("Of other plugins", 1, 1)]


def test_people_are_counted_from_five_up_and_observers_never():
    lived = [make_member(f"lived-{number}", expertise=("lived",)) for number in range(5)]
    research = [make_member(f"r-{number}", expertise=("research",)) for number in range(4)]
    watcher = make_member("watcher", expertise=("research",), role="observer")
    _, table = who_works_together([*lived, *research, watcher]).parts
    assert [row[1] for row in table.rows] == [5, "Fewer than 5", "Fewer than 5"]


def test_a_plugin_is_handed_a_case_without_names_closed_lists_or_results():
    member = make_member("lived-1", name="Amira Night")
    rounds = {"ask": (Round(visit=1, opened=TODAY, closes=TODAY, closed=TODAY, asked=9, answered=9,
                            counts={"a": {"1": 9}}, words={"b": ("Help me.",)}),)}  # fmt: skip
    case = make_case(
        members=[member], registers={"a.open": [make_entry("x")], "a.closed": [make_entry("y")]}, polls=rounds
    )
    told = nameless(case, {"a.open"})
    assert {one.name for one in told.members} == {NOBODY}
    assert (len(told.registers["a.open"]), told.registers["a.closed"]) == (1, ())
    assert (told.polls["ask"][0].counts, told.polls["ask"][0].words, told.polls["ask"][0].closed) == ({}, {}, TODAY)


def test_what_people_said_of_a_text_and_why_a_project_went_back_stay_inside():
    said = {"amira": Agreed(answer="concern", on=TODAY, words="Grace talks over me.")}
    text = Version(number=1, on=TODAY, by="amira", text="We knock.", said=said)
    stay = Visit(number=1, stage="bid", entered=TODAY, why="Grace fell ill.")
    told = nameless(replace(make_case(), documents={"rules": (text,)}, visits=(stay,), visit=stay), ())
    assert told.documents["rules"][0].said["amira"].answer == "concern"
    assert "Grace" not in repr(told)


def test_it_says_on_which_day_and_from_what_it_was_made():
    (text,) = how_this_was_made(TODAY).parts
    assert "2 March 2026" in text.text
