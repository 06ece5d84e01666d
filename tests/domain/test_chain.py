"""The form of the chain, and what looking one over finds. The same rules stand in docs/history.md."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from govflow.domain.history.chain import (
    NO_LINE,
    Event,
    EventDetails,
    Head,
    SignedHead,
    hash_of,
    look_over,
    moment,
    numbers_in,
    packed,
    said,
    seal_of,
    spans,
)
from govflow.domain.history.checkpoint import FORM, Checkpoint, checkpoints_in_letter, read_checkpoints
from govflow.domain.refusals import Invalid

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def a_line(number: int = 1, before: str = NO_LINE, words: EventDetails | None = None, **facts: object) -> Event:
    line = Event(
        organisation=1,
        number=number,
        at=AT + timedelta(minutes=number),
        on=date(2026, 3, 2),
        verb="evidence.given",
        project=7,
        person=9,
        by_operator=False,
        seal=seal_of(words) if words else "",
        before=before,
        words=words,
    )
    line = dataclasses.replace(line, **facts)
    line.hash = hash_of(line)
    return line


def a_chain(length: int) -> list[Event]:
    lines: list[Event] = []
    for number in range(1, length + 1):
        words = EventDetails("5a" * 16, {"check": f"Check {number}"}) if number % 2 else None
        lines.append(a_line(number, lines[-1].hash if lines else NO_LINE, words))
    return lines


# --- the form ---------------------------------------------------------------------------------------------------


def test_the_form_is_what_the_documentation_says_it_is() -> None:
    """Written out by hand: whoever changes the form breaks the histories that are there."""
    words = EventDetails("00ff", {"why": "Tea’s on.", "check": "Tea"}, whom=3)
    assert packed("a", "", "é") == b"1:a,0:,2:\xc3\xa9,"
    by_hand = "15:govflow words 1,4:00ff,1:3,5:check,3:Tea,3:why,11:Tea’s on.,"
    assert seal_of(words) == sha256(by_hand.encode()).hexdigest()
    line = a_line(2, "ab" * 32, words, by_operator=True, person=None)
    by_hand = (
        "14:govflow line 1,1:1,1:2,27:2026-03-02T09:32:00.000000Z,10:2026-03-02,14:evidence.given,1:7,0:,8:operator,"
        f"64:{line.seal},64:{'ab' * 32},"
    )
    assert hash_of(line) == sha256(by_hand.encode()).hexdigest()


@given(st.lists(st.text(st.characters(codec="utf-8"))), st.lists(st.text(st.characters(codec="utf-8"))))
def test_two_lists_of_parts_never_read_the_same(one: list[str], other: list[str]) -> None:
    assert (packed(*one) == packed(*other)) is (one == other)


def test_a_moment_is_the_same_text_in_every_time_zone_and_has_always_six_digits() -> None:
    there = AT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert moment(there) == moment(AT) == "2026-03-02T09:30:00.000000Z"
    assert said(there) == "2 March 2026, 09:30 UTC"


FIELDS = ("organisation", "number", "at", "on", "verb", "project", "person", "by_operator", "seal", "before")


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_a_line_is_in_its_hash(field: str) -> None:
    line = a_line()
    value = getattr(line, field)
    other = {bool: lambda: not value, int: lambda: value + 1, str: lambda: value + "x"}.get(
        type(value), lambda: value + timedelta(days=1)
    )()
    assert hash_of(dataclasses.replace(line, **{field: other})) != line.hash


def test_the_same_words_with_another_salt_have_another_seal() -> None:
    assert seal_of(EventDetails("00", {"why": "Ill."})) != seal_of(EventDetails("01", {"why": "Ill."}))


@given(st.sets(st.integers(1, 10_000)))
def test_numbers_are_said_in_few_letters_and_read_back(numbers: set[int]) -> None:
    assert {one for first, last in numbers_in(spans(numbers)) for one in range(first, last + 1)} == numbers


@pytest.mark.parametrize("text", ["", "x", "-", "5-", "1-999999999999999", "9" * 400, "٣", "1--2", "-3"])
def test_what_is_no_number_says_nothing_and_large_spans_cost_nothing(text: str) -> None:
    assert all(isinstance(first, int) for first, _ in numbers_in(text))


# --- looking over -----------------------------------------------------------------------------------------------


def test_a_chain_that_was_only_added_to_is_whole() -> None:
    lines = a_chain(9)
    signed = [SignedHead(4, lines[3].hash, AT), SignedHead(9, lines[8].hash, AT)]
    assert look_over(lines, signed=signed).problem == ""
    assert look_over(lines).head == Head(9, lines[8].hash, lines[8].at)
    assert look_over([]).head == Head()


def test_a_line_that_was_put_in_whole_is_found_at_the_line_after_it() -> None:
    lines = a_chain(4)
    lines[2] = a_line(3, lines[1].hash, verb="sign_off.ready")
    verdict = look_over(lines)
    assert (verdict.line, verdict.head.number) == (4, 3)
    assert verdict.problem.startswith("Line 4 does not follow from what stands before it")


def test_what_came_after_a_line_can_be_looked_over_alone() -> None:
    lines = a_chain(9)
    assert look_over(lines[4:], after=Head(4, lines[3].hash)).problem == ""
    assert look_over(lines[4:], after=Head(4, lines[2].hash)).line == 5
    assert look_over(lines[5:], after=Head(4, lines[3].hash)).problem.startswith("Line 5 is missing")


def test_words_that_are_gone_are_wrong_until_a_line_says_that_they_were_erased() -> None:
    lines = a_chain(5)
    lines[2].words = None
    assert look_over(lines).problem == "The words of line 3 are gone, and no line says that they were erased."
    told = EventDetails("00", {"lines": "1-2, 3"})
    lines.append(a_line(6, lines[-1].hash, told, verb="words.erased"))
    assert look_over(lines).problem == ""


def test_only_the_line_that_says_so_excuses_words_that_are_gone() -> None:
    lines = a_chain(5)
    lines[2].words = None
    lines.append(a_line(6, lines[-1].hash, EventDetails("00", {"lines": "4"}), verb="words.erased"))
    lines.append(a_line(7, lines[-1].hash, EventDetails("00", {"lines": "3"}), verb="evidence.given"))
    assert look_over(lines).line == 3


def test_of_two_checkpoints_that_disagree_one_is_found() -> None:
    lines = a_chain(4)
    signed = [SignedHead(4, lines[3].hash, AT), SignedHead(4, "0" * 64, AT)]
    assert look_over(lines, signed=signed).line == 4


ANYTHING = st.none() | st.integers() | st.text() | st.binary() | st.datetimes() | st.dictionaries(st.text(), st.text())


@given(st.sampled_from(sorted({*FIELDS, "hash", "words"} - {"by_operator"})), ANYTHING)
def test_a_line_that_nobody_could_have_written_is_wrong_and_breaks_nothing(field: str, value: object) -> None:
    lines = a_chain(3)
    assume(value != getattr(lines[1], field))
    setattr(lines[1], field, value)
    assert look_over(lines).line == 2


def test_words_that_nobody_could_have_written_are_wrong_and_break_nothing() -> None:
    for words in (
        EventDetails("00", ["a", "b"]),
        EventDetails("00", {"a": 1}),
        EventDetails(None, {}),
        EventDetails("00", {1: "a"}),
    ):  # type: ignore[arg-type]
        lines = a_chain(3)
        lines[2].words = words
        assert look_over(lines).line == 3


# --- checkpoints as text ----------------------------------------------------------------------------------------

ONE = Checkpoint(organisation="hearth", count=12, head="ab" * 32, at=AT, key="cd" * 32, signature="ef" * 64)


def test_a_checkpoint_reads_back_from_one_line_and_from_a_letter() -> None:
    text = f"\ufeff{ONE.as_text()}\n\n{ONE.as_text(indent=1)}\r\n  {ONE.as_text()}"
    assert "\n" not in ONE.as_text()
    assert read_checkpoints(text) == [ONE, ONE, ONE]
    assert read_checkpoints("") == read_checkpoints(" \n") == []


def test_what_is_signed_holds_everything_but_the_signature_and_its_key() -> None:
    by_hand = "20:govflow checkpoint 1,6:hearth,2:12,64:" + "ab" * 32 + ",27:2026-03-02T09:30:00.000000Z,"
    assert ONE.to_sign() == by_hand.encode()


def without(**changes: object) -> str:
    return json.dumps({**json.loads(ONE.as_text()), **changes})


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        "12",
        '"hearth"',
        "{}",
        "[" * 100_000,
        '{"count": ' + "9" * 5_000 + "}",
        without(form="govflow checkpoint 2"),
        without(count="12"),
        without(count=0),
        without(count=True),
        without(count=1.5),
        without(organisation=None),
        without(organisation="\ud800"),
        without(head="AB" * 32),
        without(head="ab"),
        without(key=None),
        without(signature="ef"),
        without(at="yesterday"),
        without(at=12),
        without(extra=1),
        ONE.as_text()[:-5],
        "\x00",
    ],
    ids=lambda text: text[:40],
)
def test_what_is_no_checkpoint_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(Invalid, match="line 2"):
        read_checkpoints(f"{ONE.as_text()}\n{text}")


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    for given_text in (text, f"{{{text}{FORM}}}"):
        for read in (read_checkpoints, checkpoints_in_letter):
            with contextlib.suppress(Invalid):
                assert all(isinstance(one, Checkpoint) for one in read(given_text))


def test_the_form_has_a_name_of_its_own() -> None:
    assert json.loads(ONE.as_text())["form"] == FORM
