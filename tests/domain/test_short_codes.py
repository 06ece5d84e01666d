"""Codes that are read on one screen and typed on another, and how long ago something was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from govflow.domain.refusals import Invalid
from govflow.domain.short_codes import ALPHABET, RECOVERY_LETTERS, grouped, read_code, read_out
from govflow.domain.wording import ago


def test_no_two_letters_of_a_code_look_alike_and_no_code_is_a_word():
    assert not set(ALPHABET) & set("0O1IL5S8BUQZGAEY")
    assert len(ALPHABET) == len(set(ALPHABET))
    assert len(ALPHABET) ** 8 / 5 > 1e9, "Five guesses at a code find one in a thousand million."


def test_a_code_is_shown_in_fours_and_read_out_letter_by_letter():
    assert grouped("2346C79D") == "2346-C79D"
    assert read_out("2346C79D") == "2 3 4 6, C 7 9 D"
    assert grouped("2346C79DFHJK") == "2346-C79D-FHJK"


@pytest.mark.parametrize("typed", ["2346c79d", "2346-C79D", "2346 – c79d", "\t2346.C79D\n", "“2346C79D”"])
def test_however_it_was_copied_it_is_the_same_code(typed):
    assert read_code(typed) == "2346C79D"


@pytest.mark.parametrize(
    "typed", ["", "-", "2346C79", "2346C79DF", "2346C79O", "ß" * 4, "🔑", "\u0661" * 8, "2" * 10**6]
)
def test_what_cannot_be_a_code_is_refused_at_its_field(typed):
    with pytest.raises(Invalid) as refused:
        read_code(typed)
    assert set(refused.value.problems) == {"code"}
    assert "such as 2346-79CD" in str(refused.value)


def test_a_recovery_code_is_longer():
    assert read_code("2346-C79D-FHJK", letters=RECOVERY_LETTERS) == "2346C79DFHJK"
    with pytest.raises(Invalid, match="12 letters"):
        read_code("2346-C79D", letters=RECOVERY_LETTERS)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "a moment ago"),
        (timedelta(minutes=9), "a moment ago"),
        (timedelta(minutes=10), "10 minutes ago"),
        (timedelta(minutes=119), "119 minutes ago"),
        (timedelta(hours=2), "2 hours ago"),
        (timedelta(hours=47), "47 hours ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=400), "400 days ago"),
    ],
)
def test_how_long_ago_is_said_without_a_clock(passed, words):
    assert ago(passed) == words
