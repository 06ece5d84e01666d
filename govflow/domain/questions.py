"""Questions and fields: what may be asked, and how an answer is read from text and checked.

One definition serves the forms of checks, the fields of registers, the command line and the project file.
An answer is kept as a plain JSON value; dates are kept as ISO text and handed to checks as `date`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from govflow.domain.refusals import Invalid
from govflow.domain.wording import day, listed

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}\Z")
TEXT_MOST, LONG_TEXT_MOST, LIST_MOST, MOST_NUMBER = 300, 10_000, 500, 10**15
UNKNOWN_MOST = 20
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One thing that is asked.

    `choices` maps a value to its words; `of` is the register an `entry_of` points to (`plugin.slug`).
    `stages` limits the question to some of the default stages. `unless_given` leaves it out when
    a switched-on check *gives* that item, so that nobody is asked twice. A `private` answer is read
    back by the person who gave it and nobody else. A `secret` field of a register is kept sealed: nobody reads
    it on a page, in a file or in a case; whom the register names opens it, once.
    `most` is how many letters a `text` or `long_text` takes, where the usual number does not fit.
    `left`: a `person` or `people` answer may name somebody who has left, too.
    `files` limits a `file` to some endings, such as `(".pdf",)`; of a kept file a judge sees a key, not what is in it.
    """

    name: str
    label: str
    kind: str = "text"
    help: str = ""
    required: bool = False
    choices: Mapping[str, str] | None = None
    of: str | None = None
    stages: tuple[str, ...] = ()
    unless_given: str | None = None
    private: bool = False
    secret: bool = False
    most: int | None = None
    files: tuple[str, ...] = ()
    left: bool = False

    def asked_in(self, stage_like: str | None, given: Collection[str]) -> bool:
        in_stage = not self.stages or stage_like in self.stages
        return in_stage and (self.unless_given is None or self.unless_given not in given)


Field = Question


@dataclass(frozen=True, kw_only=True)
class Known:
    """What an answer may point to: member keys with names, entries (register id -> key -> label), files by key.

    `left`: people who have left, for questions that take them too.
    """

    people: Mapping[str, str]
    entries: Mapping[str, Mapping[str, str]]
    files: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)

    def people_for(self, question: Question) -> Mapping[str, str]:
        """Whom an answer to this question may name."""
        return {**self.people, **self.left} if question.left else self.people


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A file as it was sent: its name, and its bytes."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Secret:
    """A secret just given; it is sealed before anything is kept."""

    text: str = field(repr=False)


NOBODY = Known(people={}, entries={})


def clean_text(value: str) -> str:
    """Text as we keep it: no control characters, one kind of line end, no blank edges."""
    return _UNWANTED.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def read_words(given: str, field: str, missing: str, *, most: int = LONG_TEXT_MOST) -> str:
    """Somebody's own words, or a refusal at their field: never cut without a word."""
    words = clean_text(given)
    if not words:
        raise Invalid(missing, {field: missing})
    if len(words) > most:
        sentence = f"That has {len(words):,} letters. At most {most:,} are kept. Make it shorter."
        raise Invalid(sentence, {field: sentence})
    return words


def read_answers(questions: Sequence[Question], given: Mapping[str, Any], known: Known = NOBODY) -> dict[str, Any]:
    """Read every answer, or raise `Invalid` naming each field in words. Unknown names are refused.

    `given` holds text (forms, command line) or TOML values (project file). Blank answers are left out.
    """
    problems: dict[str, str] = {}
    answers: dict[str, Any] = {}
    names = {question.name for question in questions}
    unknown = [name for name in given if name not in names]
    if len(unknown) > UNKNOWN_MOST:
        raise Invalid(f"There are {len(unknown):,} answers here to questions that nobody asked.")
    for name in unknown:
        problems[name] = f"There is no question “{name:.60}” here. There is: {', '.join(sorted(names)) or 'none'}."
    for question in questions:
        try:
            value = read_answer(question, given.get(question.name), known)
        except Invalid as error:
            problems[question.name] = str(error)
            continue
        if value is not None:
            answers[question.name] = value
        elif question.required:
            problems[question.name] = f"Give an answer to “{question.label}”."
    if problems:
        raise Invalid(" ".join(problems.values()), problems)
    return answers


def read_answer(question: Question, given: Any, known: Known = NOBODY) -> Any:
    """One answer as it is kept, or None when it was left blank."""
    if isinstance(given, str):
        given = clean_text(given)
    if given is None or given == "" or given == []:
        return None
    if isinstance(given, int) and abs(given) > MOST_NUMBER:
        raise Invalid(f"“{question.label}” has a number that is too long.")
    value = KINDS[question.kind].read(question, given, known)
    if value == []:  # nothing but blanks were ticked
        return None
    return Secret(value) if question.secret else value


def _text(question: Question, given: Any, known: Known) -> str:
    if not isinstance(given, str):
        raise Invalid(f"“{question.label}” takes words.")
    most = question.most or (TEXT_MOST if question.kind == "text" else LONG_TEXT_MOST)
    if len(given) > most:
        raise Invalid(f"“{question.label}” takes at most {most:,} letters. You gave {len(given):,}. Make it shorter.")
    return " ".join(given.split()) if question.kind == "text" else given


def read_day(given: Any, label: str) -> date:
    """A day from a date, ISO text, or day/month/year as people in Britain write it."""
    if isinstance(given, datetime):
        given = given.date()
    if not isinstance(given, date):
        text = str(given).strip()
        for form in ("%Y-%m-%d", "%d/%m/%Y", "%d %m %Y", "%d %B %Y", "%d %b %Y", "%d-%m-%Y", "%d.%m.%Y"):
            try:
                given = datetime.strptime(text, form).date()  # noqa: DTZ007  (a day has no zone)
                break
            except ValueError:
                continue
        else:
            raise Invalid(f"“{label}” must be a real day, such as 27 3 2026.")
    if not EARLIEST <= given <= LATEST:
        raise Invalid(f"“{label}” must be between 1900 and 2200.")
    return given


def _date(question: Question, given: Any, known: Known) -> str:
    return read_day(given, question.label).isoformat()


def _moment(question: Question, given: Any, known: Known) -> str:
    """A day and a time of day, as clocks in the organisation's own time zone show them."""
    if isinstance(given, datetime):
        read_day(given, question.label)
        return given.replace(tzinfo=None).isoformat(timespec="minutes")
    text = str(given).strip()
    found = _MOMENT.fullmatch(text) if len(text) <= 60 else None
    if not found or int(found[2]) > 23 or int(found[3]) > 59:
        raise Invalid(f"“{question.label}” must be a day and a time, such as 27 3 2026 14:30.")
    return f"{read_day(found[1].rstrip(','), question.label).isoformat()}T{int(found[2]):02}:{found[3]}"


_MOMENT = re.compile(r"(.+?)[\sT,]+(?:at\s+)?([0-9]{1,2})[:.]([0-9]{2})")


def _file(question: Question, given: Any, known: Known) -> str | NewFile:
    if isinstance(given, NewFile):
        ending = kind_of(given)
        if not ending or (question.files and ending not in question.files):
            kinds = listed(
                [name for taken, (name, _) in FILE_KINDS.items() if taken in (question.files or FILE_KINDS)], "or"
            )
            raise Invalid(f"“{question.label}” takes {kinds}. “{given.name:.60}” is something else.")
        if len(given.data) > FILE_MOST:
            raise Invalid(f"The file for “{question.label}” is larger than {FILE_MOST >> 20} MB. Send a smaller one.")
        return given
    if not isinstance(given, str) or given not in known.files:
        raise Invalid(f"Choose the file for “{question.label}” again.")
    return given


FILE_MOST = 5 << 20
FILE_KINDS: Mapping[str, tuple[str, str]] = {
    ".pdf": ("a PDF", "application/pdf"),
    ".png": ("a PNG picture", "image/png"),
    ".jpg": ("a JPEG picture", "image/jpeg"),
    ".docx": ("a Word document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".odt": ("an OpenDocument text", "application/vnd.oasis.opendocument.text"),
    ".txt": ("plain text", "text/plain"),
}


def kind_of(file: NewFile) -> str:
    """What a file is, judged by its first bytes as well as its name, as the ending of its name; empty: none we take."""
    ending = {".jpeg": ".jpg"}.get(found := f".{file.name.rpartition('.')[2].lower()}", found)
    begins = {
        ".pdf": b"%PDF-",
        ".png": b"\x89PNG\r\n",
        ".jpg": b"\xff\xd8\xff",
        ".docx": b"PK\x03\x04",
        ".odt": b"PK\x03\x04",
    }
    if ending == ".txt":
        try:
            return ending if "\x00" not in file.data.decode("utf-8") else ""
        except UnicodeDecodeError:
            return ""
    return ending if ending in begins and file.data.startswith(begins[ending]) else ""


def _number(question: Question, given: Any, known: Known) -> int | float:
    """A comma parts thousands: “2,5” is asked about, never read as 25."""
    text = str(given)
    if _HALF_A_COMMA.fullmatch(text[:40]):
        raise Invalid(f"“{question.label}” must be a number, such as 12 or 3.5. Put a point, not a comma.")
    try:
        value = float(text.replace(",", "")) if not isinstance(given, bool) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > MOST_NUMBER:
        raise Invalid(f"“{question.label}” must be a number, such as 12 or 3.5.")
    return int(value) if value == int(value) else value


_HALF_A_COMMA = re.compile(r"[-−]?[0-9]+,[0-9]{1,2}")


def _money(question: Question, given: Any, known: Known) -> str:
    """Pounds as people write them: £12, 1,250.50, 75p. A comma parts thousands: “12,50” is never guessed."""
    text = " ".join(str(given).split()).lower()
    found = _POUNDS.fullmatch(text) if len(text) <= 40 else None
    pence = _PENCE.fullmatch(text) if len(text) <= 40 else None
    if found:
        value = Decimal(found[1].replace(",", ""))
    elif pence:
        value = Decimal(pence[1]) / 100
    else:
        raise Invalid(f"“{question.label}” must be an amount in pounds, such as 27.50. {_why_no_money(text)}".strip())
    if value > 10**10:
        raise Invalid(f"“{question.label}” is too much to be right. Look at the amount again.")
    return str(value.quantize(Decimal("0.01")))


_POUNDS = re.compile(
    r"(?:£|gbp)? ?([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?|[0-9]+(?:\.[0-9]{1,2})?)(?: ?(?:£|gbp|pounds?))?"
)
_PENCE = re.compile(r"([0-9]{1,3}) ?(?:p|pence)")


def _why_no_money(text: str) -> str:
    """What stands in the way, where it can be told."""
    if text.startswith(("-", "−", "£-", "£ -")):
        return "An amount is never less than nothing."
    if any(one in text for one in ("€", "$", "eur", "usd", "dollar")):
        return "Other money has to be changed into pounds first."
    if re.fullmatch(r"£? ?[0-9.]+,[0-9]{1,2}", text[:40]):
        return "Put a point between pounds and pence."
    return ""


def _choice(question: Question, given: Any, known: Known) -> str:
    choices = question.choices or {}
    if not isinstance(given, str) or given not in choices:
        raise Invalid(f"Choose one of these for “{question.label}”: {listed(list(choices), 'or')}.")
    return given


def _choices(question: Question, given: Any, known: Known) -> list[str]:
    return [_choice(question, choice, known) for choice in _many(question, given)]


def _yes_no(question: Question, given: Any, known: Known) -> bool:
    if isinstance(given, bool):
        return given
    said = str(given).lower()
    if said in ("yes", "y", "true", "1", "on"):
        return True
    if said in ("no", "n", "false", "0", "off"):
        return False
    raise Invalid(f"Answer yes or no to “{question.label}”.")


def _many(question: Question, given: Any) -> list[Any]:
    many = [part.strip() for part in given.split(",")] if isinstance(given, str) else given
    if not isinstance(many, (list, tuple)):
        raise Invalid(f"“{question.label}” takes a list.")
    if len(many) > LIST_MOST:
        raise Invalid(f"“{question.label}” takes at most {LIST_MOST} at once.")
    return (
        [key for key in dict.fromkeys(many) if key != ""]
        if all(isinstance(choice, str) for choice in many)
        else list(many)
    )


def _person(question: Question, given: Any, known: Known) -> str:
    if not isinstance(given, str) or given not in known.people_for(question):
        raise Invalid(f"“{question.label}” must be someone in this project. There is no “{given!s:.60}”.")
    return given


def _people(question: Question, given: Any, known: Known) -> list[str]:
    return [_person(question, choice, known) for choice in _many(question, given)]


def _entry_of(question: Question, given: Any, known: Known) -> str:
    if not isinstance(given, str) or given not in known.entries.get(question.of or "", {}):
        raise Invalid(f"“{question.label}” must be one that is in the list. There is no “{given!s:.60}”.")
    return given


def _link(question: Question, given: Any, known: Known) -> str:
    text = _text(question, given, known)
    if not re.match(r"https?://[^\s/]+\.\S+\Z", text):
        raise Invalid(f"“{question.label}” must be a web address that begins with https://.")
    return text


def thaw(questions: Sequence[Question], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Kept answers as checks see them: dates and moments as such, of a secret only that it is there."""
    return thaw_as(to_thaw(questions), kept)


def to_thaw(questions: Sequence[Question]) -> dict[str, Question]:
    """Those whose answers are kept otherwise than they are seen; worked out once for a list of a thousand lines."""
    return {question.name: question for question in questions if question.secret or KINDS[question.kind].thaw}


def thaw_as(otherwise: Mapping[str, Question], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The same as `thaw`, with what `to_thaw` found."""
    found = dict(kept)
    for name, question in otherwise.items():
        if name in found:
            found[name] = _thawed(question, found[name])
    return found


def _thawed(question: Question, value: Any) -> Any:
    if question.secret:
        return (
            KEPT if isinstance(value, (Secret, dict)) and not (isinstance(value, dict) and "shown" in value) else value
        )
    thaw_value = KINDS[question.kind].thaw
    return thaw_value(value) if thaw_value and isinstance(value, str) else value


KEPT = "kept, not shown"
"""What anybody sees of a secret that was not opened yet."""


def in_words(question: Question, value: Any, known: Known) -> str:
    """An answer as a person reads it."""
    if question.secret:
        opened = isinstance(value, dict) and "shown" in value
        return f"Opened on {day(date.fromisoformat(value['shown']))}" if opened else KEPT.capitalize()
    return KINDS[question.kind].show(question, value, known)


def _show_plainly(question: Question, value: Any, known: Known) -> str:
    return str(value)


def _show_day(question: Question, value: Any, known: Known) -> str:
    return day(value if isinstance(value, date) else date.fromisoformat(value))


def _show_moment(question: Question, value: Any, known: Known) -> str:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return f"{day(moment.date())}, {moment:%H:%M}"


def _show_money(question: Question, value: Any, known: Known) -> str:
    return f"£{value}"


def _show_choice(question: Question, value: Any, known: Known) -> str:
    return (question.choices or {}).get(value, str(value))


def _show_choices(question: Question, value: Any, known: Known) -> str:
    return listed([_show_choice(question, choice, known) for choice in value])


def _show_yes_no(question: Question, value: Any, known: Known) -> str:
    return "Yes" if value else "No"


def _show_person(question: Question, value: Any, known: Known) -> str:
    return known.people.get(value, "someone who is no longer listed")


def _show_people(question: Question, value: Any, known: Known) -> str:
    return listed([_show_person(question, key, known) for key in value])


def _show_entry(question: Question, value: Any, known: Known) -> str:
    labels = known.entries.get(question.of or "", {})
    return labels.get(value, "one that is not in the list, or not for you to see")


def _show_file(question: Question, value: Any, known: Known) -> str:
    return known.files.get(value, "a file")


def _type_moment(question: Question, value: Any, known: Known) -> Any:
    return value.strftime("%-d %-m %Y %H:%M") if isinstance(value, datetime) else value


def _type_yes_no(question: Question, value: Any, known: Known) -> str:
    return "yes" if value else "no"


def _type_several(question: Question, value: Any, known: Known) -> list[Any]:
    return list(value)


@dataclass(frozen=True, kw_only=True)
class QuestionKind:
    """All that tells one kind of question from the others. A new kind is a row in `KINDS`, and no more.

    `read` makes what is kept of what was given, or refuses it; `show` puts what is kept into words; `typed` is how it
    stands in a form again. `thaw` makes of kept text what checks see. `widget` names how a form asks for it; each is
    drawn in `web/forms.py`. `several`: the answer is a list. `filters`: a page of a list can be narrowed down by it.
    `example` is an answer for the tests of a plugin's author.
    """

    read: Callable[[Question, Any, Known], Any]
    show: Callable[[Question, Any, Known], str] = _show_plainly
    typed: Callable[[Question, Any, Known], Any] = _show_plainly
    thaw: Callable[[str], Any] | None = None
    widget: str = "line"
    several: bool = False
    filters: bool = False
    example: Any = "example"


KINDS: Mapping[str, QuestionKind] = {
    "text": QuestionKind(read=_text),
    "long_text": QuestionKind(read=_text, widget="box"),
    "date": QuestionKind(
        read=_date,
        show=_show_day,
        typed=_show_day,
        thaw=date.fromisoformat,
        widget="day",
        example=date(2026, 3, 2),
    ),
    "moment": QuestionKind(
        read=_moment,
        show=_show_moment,
        typed=_type_moment,
        thaw=datetime.fromisoformat,
        widget="moment",
        example=datetime(2026, 3, 2, 10, 30),  # noqa: DTZ001 — as the organisation's own clocks show it
    ),
    "number": QuestionKind(read=_number, example=1),
    "money": QuestionKind(read=_money, show=_show_money, example="1.00"),
    "choice": QuestionKind(read=_choice, show=_show_choice, widget="one choice", filters=True),
    "choices": QuestionKind(
        read=_choices,
        show=_show_choices,
        typed=_type_several,
        widget="several choices",
        several=True,
        filters=True,
        example=[],
    ),
    "yes_no": QuestionKind(
        read=_yes_no, show=_show_yes_no, typed=_type_yes_no, widget="yes or no", filters=True, example=True
    ),
    "person": QuestionKind(read=_person, show=_show_person, widget="one person", filters=True, example="lead-1"),
    "people": QuestionKind(
        read=_people,
        show=_show_people,
        typed=_type_several,
        widget="several people",
        several=True,
        filters=True,
        example=["lead-1"],
    ),
    "entry_of": QuestionKind(read=_entry_of, show=_show_entry, widget="one entry", filters=True),
    "link": QuestionKind(read=_link, example="https://example.org/"),
    "file": QuestionKind(read=_file, show=_show_file, widget="file"),
}
