"""The chain of a history: how a line is hashed, and how a whole chain is looked over.

docs/history.md writes the form down, so that anybody can look a chain over with a program of their own. A change of the
form takes another name in front than `LINE` and `WORDS` have now; what these two say never means anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256

LINE, WORDS = "govflow line 1", "govflow words 1"
NO_LINE = "0" * 64
"""What stands before the first line."""
ERASED = "words.erased"
"""The line that says of which lines the words were erased: its fact `lines` is written as `spans` does."""


@dataclass(slots=True)
class EventDetails:
    """What may be erased of a line: its facts, and whom they tell of. The salt keeps short words from being guessed."""

    salt: str
    facts: Mapping[str, str]
    whom: int | None = None


@dataclass(slots=True)
class Event:
    """One line as it is kept. `seal` stands for its words, and stays when they are erased; empty: it never had any."""

    organisation: int
    number: int
    at: datetime
    on: date
    verb: str
    project: int | None
    person: int | None
    by_operator: bool
    seal: str
    before: str
    hash: str = ""
    words: EventDetails | None = None


def packed(*parts: str) -> bytes:
    """Each part as its length in bytes, a colon, the part, a comma: no two lists of parts read the same."""
    return b"".join([b"%d:%b," % (len(raw), raw) for raw in map(str.encode, parts)])


def moment(at: datetime) -> str:
    """2026-03-02T09:30:00.000000Z: in UTC, always with six digits after the point."""
    at = at if at.tzinfo is UTC else at.astimezone(UTC)
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def seal_of(words: EventDetails) -> str:
    """What a line keeps of its words."""
    pairs = [part for name in sorted(words.facts) for part in (name, words.facts[name])]
    return sha256(packed(WORDS, words.salt, _id(words.whom), *pairs)).hexdigest()


def hash_of(line: Event) -> str:
    """The hash of a line, over all it says and the hash of the line before."""
    return sha256(
        packed(
            LINE,
            str(line.organisation),
            str(line.number),
            moment(line.at),
            line.on.isoformat(),
            line.verb,
            _id(line.project),
            _id(line.person),
            "operator" if line.by_operator else "",
            line.seal,
            line.before,
        )
    ).hexdigest()


def _id(number: int | None) -> str:
    return "" if number is None else str(number)


# --- looking a chain over -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """The end of a chain, or of its part that was looked at."""

    number: int = 0
    hash: str = NO_LINE
    at: datetime | None = None


@dataclass(frozen=True)
class SignedHead:
    """What a checkpoint knows: so many lines, the last of them with this hash, at this moment."""

    count: int
    head: str
    at: datetime


@dataclass(frozen=True)
class ChainReport:
    """How a chain was found. `problem` says of `line`, the first that is wrong, what is wrong; empty: it is whole."""

    head: Head
    problem: str = ""
    line: int | None = None


@dataclass
class _Erasures:
    """Lines whose words are gone, and those of which a line says so."""

    gone: list[int] = field(default_factory=list)
    told: list[tuple[int, int]] = field(default_factory=list)

    def untold(self) -> int | None:
        return next((key for key in self.gone if not any(first <= key <= last for first, last in self.told)), None)


def look_over(lines: Iterable[Event], *, signed: Iterable[SignedHead] = (), after: Head | None = None) -> ChainReport:
    """Look over a chain, in the order of its numbers; `after`: only what comes after this line."""
    head = after or Head()
    known: dict[int, list[SignedHead]] = {}
    for one in signed:
        known.setdefault(one.count, []).append(one)
    erasures = _Erasures()
    try:
        for line in lines:
            problem = _wrong(line, head) or _words_wrong(line) or _not_as_signed(line, known.pop(line.number, ()))
            if problem:
                return ChainReport(head, problem, head.number if line.number == head.number > 0 else head.number + 1)
            if line.seal and line.words is None:
                erasures.gone.append(line.number)
            elif line.verb == ERASED and line.words:
                erasures.told += numbers_in(line.words.facts.get("lines", ""))
            head = Head(line.number, line.hash, line.at)
    except (TypeError, ValueError, AttributeError, LookupError):  # what stands there is nothing we ever wrote
        number = head.number + 1
        return ChainReport(head, f"Line {number} cannot be read: it was changed after it was written.", number)
    untold = erasures.untold()
    if untold is not None:
        return ChainReport(
            head, f"The words of line {untold} are gone, and no line says that they were erased.", untold
        )
    missing = [one for ones in known.values() for one in ones if one.count > head.number]
    if missing:
        most = max(missing, key=lambda one: one.count)
        sentence = (
            f"Line {head.number + 1} is missing: the checkpoint of {said(most.at)} knows {most.count} lines, and here "
            f"{'is' if head.number == 1 else 'are'} {head.number}. Its end was cut off, or an older copy was put back."
        )
        return ChainReport(head, sentence, head.number + 1)
    return ChainReport(head)


def _wrong(line: Event, head: Head) -> str:
    if line.number == head.number > 0:
        return f"There are two lines with the number {line.number}."
    if line.number != head.number + 1:
        return f"Line {head.number + 1} is missing: the next one has the number {line.number:d}."
    if hash_of(line) != line.hash:
        return f"Line {line.number} was changed after it was written."
    if line.before != head.hash:
        return f"Line {line.number} does not follow from what stands before it: something there was changed or put in."
    if head.at is not None and line.at < head.at:
        return f"Line {line.number} says that it is older than the line before it."
    return ""


def _words_wrong(line: Event) -> str:
    if line.words is not None and not line.seal:
        return f"Line {line.number} was written without words, and has some now."
    if line.words is not None and seal_of(line.words) != line.seal:
        return f"The words of line {line.number} were changed after it was written."
    return ""


def _not_as_signed(line: Event, signed: Sequence[SignedHead]) -> str:
    for head in signed:
        if head.head != line.hash:
            return (
                f"Line {line.number} is not the one that was signed on {said(head.at)}: it, or what stands before it, "
                "was written anew."
            )
    return ""


def said(at: datetime) -> str:
    """2 March 2026, 09:30 UTC."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


# --- lines by number ----------------------------------------------------------------------------------------


def spans(numbers: Iterable[int]) -> str:
    """“3-7, 12”: many numbers in few letters."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def numbers_in(text: str) -> list[tuple[int, int]]:
    """The first and last number of each part; what is no number says nothing."""
    parts = re.findall(r"(?<!\d)(\d{1,15})(?:-(\d{1,15}))?(?!\d)", text)
    return [(int(first), int(last or first)) for first, last in parts]
