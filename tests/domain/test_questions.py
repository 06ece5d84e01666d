"""How answers are read: every kind, and nothing but a sentence for what cannot be kept."""

import json
import time
from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from govflow.domain.questions import (
    FILE_MOST,
    KINDS,
    Known,
    NewFile,
    Question,
    clean_text,
    in_words,
    read_answer,
    read_answers,
    thaw,
)
from govflow.domain.refusals import Invalid

KNOWN = Known(
    people={"lived-1": "Grace Kettle", "lead-1": "Amina Lantern"},
    entries={"outputs.output": {"paper": "A paper"}},
    files={"a1b2": "note.txt"},
)
NOTE = NewFile(name="note.txt", data=b"We met twice.")
CHOICES = {"tea": "A cup of tea", "milk": "Warm milk"}
QUESTIONS = {
    kind: Question(name="q", label="The thing", kind=kind, choices=CHOICES, of="outputs.output") for kind in KINDS
}

READ = [
    ("text", "  two \n words ", "two words"),
    ("long_text", "one\r\ntwo\rthree ", "one\ntwo\nthree"),
    ("date", "2026-03-27", "2026-03-27"),
    ("date", "27/3/2026", "2026-03-27"),
    ("date", "27 March 2026", "2026-03-27"),
    ("date", "27 Mar 2026", "2026-03-27"),
    ("date", date(2026, 3, 27), "2026-03-27"),
    ("date", datetime(2026, 3, 27, 10, 30), "2026-03-27"),  # noqa: DTZ001 — TOML has such moments
    ("moment", "2026-03-27T14:30", "2026-03-27T14:30"),
    ("moment", "27 3 2026 at 9.05", "2026-03-27T09:05"),
    ("moment", "27 March 2026, 23:59", "2026-03-27T23:59"),
    ("moment", datetime(2026, 3, 27, 10, 30), "2026-03-27T10:30"),  # noqa: DTZ001 — clocks of the organisation
    ("file", "a1b2", "a1b2"),
    ("file", NOTE, NOTE),
    ("number", "1,200", 1200),
    ("number", "3.5", 3.5),
    ("number", 7, 7),
    ("money", "£1,027.5", "1027.50"),
    ("money", "1,250.50", "1250.50"),
    ("money", "£ 12", "12.00"),
    ("money", "12 pounds", "12.00"),
    ("money", "75p", "0.75"),
    ("money", 12, "12.00"),
    ("money", 12.5, "12.50"),
    ("choice", "tea", "tea"),
    ("choices", "tea, milk,tea", ["tea", "milk"]),
    ("choices", ["milk"], ["milk"]),
    ("yes_no", "Yes", True),
    ("yes_no", "off", False),
    ("yes_no", False, False),
    ("person", "lived-1", "lived-1"),
    ("people", "lived-1,lead-1", ["lived-1", "lead-1"]),
    ("people", ["lead-1"], ["lead-1"]),
    ("entry_of", "paper", "paper"),
    ("link", "https://example.org/a", "https://example.org/a"),
]


@pytest.mark.parametrize(("kind", "text", "kept"), READ)
def test_an_answer_is_read_from_what_people_write(kind, text, kept):
    found = read_answer(QUESTIONS[kind], text, KNOWN)
    assert found == kept
    assert type(found) is type(kept)


def test_a_file_may_be_limited_to_some_endings():
    only_pdf = Question(name="q", label="The thing", kind="file", files=(".pdf",))
    assert read_answer(only_pdf, NewFile(name="a.pdf", data=b"%PDF-1.7"), KNOWN).name == "a.pdf"
    with pytest.raises(Invalid, match="“The thing” takes a PDF"):
        read_answer(only_pdf, NOTE, KNOWN)


@pytest.mark.parametrize("text", ["T" * 30_000, "1" + " " * 30_000 + "x", "1 " * 15_000 + "10:30"])
def test_a_moment_that_is_no_moment_costs_no_time(text):
    """A pattern that goes back and forth over it took forty seconds."""
    began = time.process_time()
    with pytest.raises(Invalid):
        read_answer(QUESTIONS["moment"], text, KNOWN)
    assert time.process_time() - began < 2


def test_every_kind_of_question_is_tried_here():
    assert {kind for kind, _, _ in READ} == set(KINDS) == {kind for kind, _ in REFUSED}


REFUSED = [
    ("text", "x" * 301),
    ("text", 7),
    ("long_text", "x" * 10_001),
    ("long_text", ["a"]),
    ("date", "31 2 2026"),
    ("date", "tomorrow"),
    ("date", "1899-12-31"),
    ("date", "2200-01-02"),
    ("date", True),
    ("moment", "27 3 2026"),
    ("moment", "27 3 2026 24:00"),
    ("moment", "noon"),
    ("moment", "27 3 2026 14:३०"),
    ("moment", 7),
    ("file", "a key of another project"),
    ("file", NewFile(name="note.exe", data=b"MZ")),
    ("file", NewFile(name="note.pdf", data=b"not a pdf")),
    ("file", NewFile(name="note.txt", data=b"\x00\xff")),
    ("file", NewFile(name="note.txt", data=b"x" * (FILE_MOST + 1))),
    ("number", "many"),
    ("number", "nan"),
    ("number", "inf"),
    ("number", "1e16"),
    ("number", "2,5"),
    ("number", "-12,50"),
    ("number", True),
    ("money", "-1"),
    ("money", "1.234"),
    ("money", "12,50"),
    ("money", "1,2,3"),
    ("money", "€12"),
    ("money", "12 USD"),
    ("money", "£" * 50_000),
    ("money", "1," * 50_000),
    ("money", "१२"),
    ("money", "1e99"),
    ("money", "NaN"),
    ("money", "a cup"),
    ("choice", "coffee"),
    ("choice", ["tea"]),
    ("choices", "tea,coffee"),
    ("choices", 3),
    ("choices", ["tea"] * 501),
    ("yes_no", "perhaps"),
    ("yes_no", [True]),
    ("person", "nobody"),
    ("person", {"lived-1": 1}),
    ("people", ["lived-1", "nobody"]),
    ("people", [["lived-1"]]),
    ("entry_of", "book"),
    ("entry_of", 1),
    ("link", "javascript:alert(1)"),
    ("link", "https://"),
    ("link", "https://example.org/a b"),
    ("link", "ftp://example.org/"),
]


@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_what_cannot_be_kept_is_refused_in_words_that_name_the_question(kind, text):
    with pytest.raises(Invalid, match="The thing"):
        read_answer(QUESTIONS[kind], text, KNOWN)


@pytest.mark.parametrize("blank", [None, "", "   ", "\x00", []])
@pytest.mark.parametrize("kind", KINDS)
def test_a_blank_answer_is_no_answer(kind, blank):
    assert read_answer(QUESTIONS[kind], blank, KNOWN) is None


plain = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.dates(), st.datetimes(), st.times()
)
anything = st.recursive(plain, lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside), max_leaves=8)


@given(kind=st.sampled_from(list(KINDS)), said=anything)
def test_reading_an_answer_raises_nothing_but_invalid_and_keeps_nothing_but_json(kind, said):
    try:
        kept = read_answer(QUESTIONS[kind], said, KNOWN)
    except Invalid as error:
        assert str(error).strip()  # noqa: PT017  (it may, and need not, be refused)
        return
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept


@example(kind="choices", said=[""])
@given(kind=st.sampled_from(list(KINDS)), said=anything)
def test_an_answer_that_was_kept_reads_the_same_again(kind, said):
    try:
        kept = read_answer(QUESTIONS[kind], said, KNOWN)
    except Invalid:
        return
    if kept is not None:
        assert read_answer(QUESTIONS[kind], kept, KNOWN) == kept
        assert in_words(QUESTIONS[kind], kept, KNOWN)


@given(st.dictionaries(st.text(), anything, max_size=4))
def test_reading_a_whole_form_raises_nothing_but_invalid(form):
    try:
        read_answers([QUESTIONS["text"]], form, KNOWN)
    except Invalid as error:
        assert error.problems  # noqa: PT017  (it may, and need not, be refused)


@pytest.mark.parametrize("kind", KINDS)
def test_a_number_too_long_to_write_down_is_refused_like_any_other(kind):
    """TOML can hold it (`0x` and five thousand digits), and Python refuses to turn it into text."""
    try:
        read_answer(QUESTIONS[kind], 1 << 20_000, KNOWN)
    except Invalid as error:
        assert "The thing" in str(error)  # noqa: PT017  (the number kept is a failure, too)
    else:
        pytest.fail("it was kept")


def test_a_form_with_faults_names_each_field_at_once():
    asked = [
        Question(name="when", label="When", kind="date"),
        Question(name="who", label="Who", kind="person", required=True),
        Question(name="words", label="Words"),
    ]
    with pytest.raises(Invalid) as refused:
        read_answers(asked, {"when": "soon", "words": "fine", "extra": "x"}, KNOWN)
    assert set(refused.value.problems) == {"when", "who", "extra"}
    assert "“extra”" in refused.value.problems["extra"]
    assert "Who" in refused.value.problems["who"]


def test_answers_left_blank_are_left_out():
    asked = [Question(name="a", label="A"), Question(name="b", label="B")]
    assert read_answers(asked, {"a": "x", "b": " "}) == {"a": "x"}


def test_a_question_is_asked_in_its_stages_and_unless_another_check_gives_it():
    question = Question(name="q", label="Q", stages=("bid",), unless_given="inductions")
    assert question.asked_in("bid", frozenset())
    assert not question.asked_in("trial", frozenset())
    assert not question.asked_in("bid", frozenset({"inductions"}))


def test_control_characters_and_lone_surrogates_never_reach_the_database():
    assert clean_text("a\x00b\x07c\ud800d\x7f\te") == "abcd\te"


def test_dates_are_dates_for_checks():
    assert thaw([QUESTIONS["date"]], {"q": "2026-03-27", "other": "2026-03-27"}) == {
        "q": date(2026, 3, 27),
        "other": "2026-03-27",
    }


@pytest.mark.parametrize(
    ("kind", "kept", "words"),
    [
        ("date", "2026-05-03", "3 May 2026"),
        ("yes_no", True, "Yes"),
        ("yes_no", False, "No"),
        ("choice", "tea", "A cup of tea"),
        ("choices", ["tea", "milk"], "A cup of tea and Warm milk"),
        ("person", "lived-1", "Grace Kettle"),
        ("person", "gone", "someone who is no longer listed"),
        ("people", ["lived-1", "lead-1"], "Grace Kettle and Amina Lantern"),
        ("entry_of", "paper", "A paper"),
        ("money", "27.50", "£27.50"),
        ("number", 3, "3"),
    ],
)
def test_an_answer_is_read_back_in_words(kind, kept, words):
    assert in_words(QUESTIONS[kind], kept, KNOWN) == words
