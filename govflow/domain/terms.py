"""A group's own words for ours: “network” for “project”, “care partner” for “member”, in pages and in mail.

Only our own sentences are worded anew. What people wrote stays as they wrote it: it never comes here, or it stands in
“quotation marks” inside a sentence of ours, and what is quoted is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from govflow.domain.questions import clean_text
from govflow.domain.refusals import Invalid
from govflow.domain.wording import listed

TERMS = {
    "project": "projects",
    "member": "members",
    "lead": "leads",
    "coordinator": "coordinators",
    "finance contact": "finance contacts",
    "observer": "observers",
    "stage": "stages",
    "gate": "gates",
    "group": "groups",
    "panel": "panels",
    "meeting": "meetings",
}
"""Each word that can be another, and its plural."""
LONGEST = 40
_AS_NOUN = {
    "lead": r"(?:(?<=\b[Aa] )|(?<=\b[Tt]he )|(?<=\bor )|(?<=\bco-)|(?<=\bno )|(?<=\bwhich )|(?<=: ))lead\b",
    "leads": r"(?:(?<=\band )|(?<=\bthe )|(?<=\bThe )|(?<=: )|(?<=\bco-)|(?<=[Tt]wo ))leads\b",
}
"""“A lead” is a person; in “who leads it” and “this leads on” nobody is meant."""
_FIRST = r"(?:\A|(?<=[.!?:] ))"
"""Where a sentence begins. A capital elsewhere is a name: somebody is called Gates."""

Terms = Mapping[str, tuple[str, str]]
"""The words a group chose: by ours, its singular and plural."""


class Theirs(str):
    """What somebody wrote, where a sentence of ours is expected: it is never worded anew."""


def read_terms(text: str) -> dict[str, tuple[str, str]]:
    """Terms as they are written down, one on each line: `member = care partner, care partners`. Raises Invalid."""
    found: dict[str, tuple[str, str]] = {}
    for line in filter(None, (move.strip() for move in clean_text(text).splitlines())):
        ours, equals, theirs = (part.strip() for part in line.partition("="))
        one, comma, many = (" ".join(part.split()) for part in theirs.partition(","))
        if ours.casefold() not in TERMS:
            raise Invalid(_at(line, f"There is no word “{ours[:40]}” to change. There is: {listed(list(TERMS))}."))
        if not equals or not one or not comma or not many:
            raise Invalid(_at(line, "Write it like this: member = care partner, care partners."))
        if max(len(one), len(many)) > LONGEST or any(sign in one + many for sign in "<>{}“”"):
            raise Invalid(_at(line, f"Use at most {LONGEST} letters for a word, and no brackets or quotation marks."))
        if ours.casefold() in found:
            raise Invalid(_at(line, f"“{ours}” stands here twice."))
        found[ours.casefold()] = (one, many)
    return found


def _at(line: str, sentence: str) -> str:
    return f"“{line[:60]}”: {sentence}"


def written_terms(terms: Terms) -> str:
    """The same, to be changed in a form."""
    return "\n".join(f"{ours} = {item}, {many}" for ours, (item, many) in terms.items())


def worded(text: str, terms: Terms) -> str:
    """A sentence of ours with the group's own words in it; what stands in “quotation marks” stays."""
    if not terms or not text or isinstance(text, Theirs):
        return text
    return _pattern(tuple(terms)).sub(lambda found: _put(found, terms), text)


@lru_cache(maxsize=256)
def _pattern(ours: tuple[str, ...]) -> re.Pattern[str]:
    words = [word for one in ours for word in (TERMS[one], one)]
    said = "|".join(f"{_AS_NOUN.get(word, _whole(word))}|{_FIRST}{_whole(word.capitalize())}" for word in words)
    return re.compile(rf"“[^”]*”|(?P<article>\b[Aa]n? )?(?P<word>{said})")


def _whole(word: str) -> str:
    return rf"\b{re.escape(word)}\b"


def _put(found: re.Match[str], terms: Terms) -> str:
    word = found["word"]
    if word is None:
        return found[0]  # what was quoted
    low = word.lower()
    ours = low if low in TERMS else next(term for term, many in TERMS.items() if many == low)
    said = terms[ours][low != ours]
    if word[0].isupper():
        said = said[0].upper() + said[1:]
    article = found["article"] or ""
    if article:
        an = "n" if said[0].lower() in "aeiou" else ""
        article = f"{article[0]}{an} "
    return article + said
