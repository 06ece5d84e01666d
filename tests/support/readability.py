"""How hard a text is to read, for tests of our own words (domain.md, topic 9: grade 6 at most)."""

from __future__ import annotations

import re


def syllables(word):
    """Groups of vowels, without a silent e at the end: near enough for plain English."""
    word = re.sub(r"[^a-z]", "", word.lower())
    if len(word) > 2 and word.endswith("e") and not word.endswith("le"):
        word = word[:-1]
    if len(word) > 3 and word.endswith("ed") and word[-3] not in "td":
        word = word[:-2]
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def grade(text):
    """The Flesch-Kincaid grade: years at school that a reader needs."""
    sentences = [one for one in re.split(r"[.!?:]+\s+|\n{2,}", text) if re.search("[a-zA-Z]", one)]
    words = re.findall(r"[A-Za-z’'-]+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
