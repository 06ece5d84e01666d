"""A group's own words for ours."""

import pytest

from govflow.domain.refusals import Invalid
from govflow.domain.terms import TERMS, read_terms, worded, written_terms

THEIRS = read_terms("project = network, networks\nmember = care partner, care partners\nlead = organiser, organisers")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("This project has 4 members.", "This network has 4 care partners."),
        ("Projects", "Networks"),
        ("A lead or the coordinator can.", "An organiser or the coordinator can."),
        ("A member asks a lead.", "A care partner asks an organiser."),
        ("Leads see all projects.", "Organisers see all networks."),
        ("Who leads it?", "Who leads it?"),
        ("This leads to the next page.", "This leads to the next page."),
        ("Somebody remembers the projector.", "Somebody remembers the projector."),
        ("“The member project” is late, say members.", "“The member project” is late, say care partners."),
        ("Sam Projects asks. Members answer.", "Sam Projects asks. Care partners answer."),
        ("", ""),
    ],
)
def test_our_words_become_theirs_and_what_people_wrote_stays(ours, theirs):
    assert worded(ours, THEIRS) == theirs


def test_without_words_of_their_own_nothing_changes():
    assert worded("A lead of this project.", {}) == "A lead of this project."


def test_a_word_that_holds_another_of_ours_is_not_worded_twice():
    terms = read_terms("project = group project, group projects\ngroup = circle, circles")
    assert worded("This project has a group.", terms) == "This group project has a circle."


def test_each_word_can_be_changed_in_both_numbers():
    for one, many in TERMS.items():
        terms = {one: ("thing", "things")}
        assert worded(f"the {one} and the {many}", terms) == "the thing and the things"


def test_what_is_written_is_read_back():
    assert read_terms(written_terms(THEIRS)) == THEIRS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("service = network, networks", "There is no word “service” to change. There is: project, member,"),
        ("member", "Write it like this: member = care partner, care partners."),
        ("member = care partner", "Write it like this"),
        ("member = , partners", "Write it like this"),
        ("member = a, b\nMember = c, d", "stands here twice"),
        ("member = <b>partner</b>, partners", "no brackets"),
        (f"member = {'a' * 41}, b", "at most 40 letters"),
    ],
)
def test_what_cannot_be_read_says_how_to_write_it(text, words):
    with pytest.raises(Invalid) as refusal:
        read_terms(text)
    assert words in str(refusal.value)
