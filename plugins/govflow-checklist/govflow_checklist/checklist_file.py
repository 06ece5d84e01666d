"""A checklist as TOML: read with care, and written again. Every refusal names the line."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from govflow.plugin import (
    ALL,
    COORDINATOR,
    EVERY_MEMBER,
    FINANCE,
    INVITER,
    LEAD,
    MEMBER,
    PROJECT,
    SUBJECT,
    Question,
    after_joining,
    after_stage_entry,
    by_project_month,
    every_months,
    listed,
    read_toml,
)

MOST_LETTERS, MOST_QUESTIONS = 64 * 1024, 50
SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
KINDS = ("text", "long_text", "date", "number", "money", "choice", "choices", "yes_no", "person", "people", "link")
OWED_BY: dict[str, tuple[Any, str]] = {
    "lead": (LEAD, "A lead"),
    "coordinator": (COORDINATOR, "The coordinator"),
    "finance": (FINANCE, "The finance contact"),
    "member": (SUBJECT, "The member it is about"),
    "inviter": (INVITER, "Whoever invited that member"),
}
ABOUT = {"project": PROJECT, "member": MEMBER}
DUE = {
    "days_after_stage_entry": lambda number: after_stage_entry(days=number),
    "days_after_joining": lambda number: after_joining(days=number),
    "every_months": every_months,
    "project_month": by_project_month,
}
CHECK_KEYS = {"slug", "title", "why", "stages", "about", "owed_by", "holds", "due", "question"}
QUESTION_KEYS = {"name", "label", "kind", "help", "required", "choices"}


@dataclass(frozen=True, kw_only=True)
class ListedCheck:
    """One check of a checklist."""

    slug: str
    title: str
    why: str
    questions: tuple[Question, ...]
    stages: tuple[str, ...] = ALL
    about_name: str = "project"
    owed_by_name: str = "lead"
    holds: bool = True
    due_rule: tuple[str, int] | None = None

    @property
    def about(self) -> Any:
        return ABOUT[self.about_name]

    @property
    def owed_by(self) -> Any:
        return OWED_BY[self.owed_by_name][0]

    @property
    def answered_by(self) -> Any:
        return SUBJECT if self.about_name == "member" else EVERY_MEMBER

    @property
    def due(self) -> Any:
        return DUE[self.due_rule[0]](self.due_rule[1]) if self.due_rule else None

    @classmethod
    def from_page(cls, answers: Mapping[str, Any], *, taken: Collection[str]) -> ListedCheck:
        """What was typed on the page: one check with one question."""
        base = re.sub(r"[^a-z0-9]+", "_", answers["title"].lower()).strip("_")[:30] or "check"
        base = base if base[0].isalpha() else f"check_{base}"
        slug, number = base, 2
        while slug in taken:
            slug, number = f"{base}_{number}", number + 1
        of_member = answers["owed_by"] in ("member", "inviter")
        due = answers.get("due_days")
        return cls(
            slug=slug,
            title=answers["title"],
            why=answers["why"],
            questions=(Question(name="answer", label=answers["question"], kind=answers["kind"], required=True),),
            stages=tuple(answers["stages"]),
            about_name="member" if of_member else "project",
            owed_by_name=answers["owed_by"],
            holds=answers["holds"],
            due_rule=("days_after_stage_entry", int(due)) if due else None,
        )


@lru_cache(maxsize=256)
def read(text: str) -> tuple[ListedCheck, ...]:
    """Every check of a checklist, or a ValueError that says what to mend, and in which line."""
    lines = text.splitlines()
    given = read_toml(text)
    places = _Places(lines)
    unknown = [key for key in given if key != "check"]
    if unknown:
        raise ValueError(
            f"{places.of(0, unknown[0])}“{unknown[0]:.40}” is not known here. Every check begins with [[check]]."
        )
    rows = given.get("check", [])
    if not isinstance(rows, list) or not all(isinstance(entry, dict) for entry in rows):
        raise ValueError("Every check begins with [[check]], with two brackets on each side.")
    found: list[ListedCheck] = []
    for number, row in enumerate(rows, start=1):
        one = _check(row, number, places)
        if one.slug in {other.slug for other in found}:
            raise ValueError(f"{places.of(number, 'slug')}two checks are called “{one.slug}”.")
        found.append(one)
    return tuple(found)


class _Places:
    """Where a key of a check stands, for messages: the parser itself forgets lines."""

    def __init__(self, lines: Sequence[str]):
        self._starts = [number for number, line in enumerate(lines, 1) if re.match(r"\s*\[\[\s*check\s*\]\]", line)]
        self._lines = lines

    def of(self, check: int, key: str, *, value: str = "", question: int = 0) -> str:
        """“Line 7: ”, or which check it is where the line cannot be told."""
        begin = self._starts[check - 1] if 0 < check <= len(self._starts) else 1
        end = self._starts[check] if check < len(self._starts) else len(self._lines) + 1
        seen = 0
        for number in range(begin, end):
            line = self._lines[number - 1]
            seen += bool(re.match(r"\s*\[\[\s*check\.question\s*\]\]", line))
            named = re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line) or re.search(
                rf"[{{,]\s*{re.escape(key)}\s*=", line
            )
            if named and value in line and (not question or seen in (0, question)):
                return f"Line {number}: "
        return f"Check {check}: " if check else ""


def _check(row: Mapping[str, Any], number: int, places: _Places) -> ListedCheck:
    def wrong(key: str, sentence: str) -> ValueError:
        return ValueError(f"{places.of(number, key)}{sentence}")

    for key in row:
        if key not in CHECK_KEYS:
            raise wrong(key, f"“{key:.40}” is not known here. Known: {listed(sorted(CHECK_KEYS))}.")
    slug = row.get("slug")
    if not isinstance(slug, str) or not SLUG.match(slug) or slug in ("plugin", "settings"):
        raise wrong("slug", "a check needs a slug: small letters, digits and underscores, such as ethics_approval.")
    words = {}
    for key, most in (("title", 100), ("why", 500)):
        value = row.get(key)
        if not isinstance(value, str) or not value.strip() or len(value) > most:
            raise wrong(key, f"“{slug}” needs a {key}, in words, of at most {most} letters.")
        words[key] = " ".join(value.split())
    stages = row.get("stages", list(ALL))
    if (
        not isinstance(stages, list)
        or not stages
        or any(not isinstance(stage, str) or stage not in ALL for stage in stages)
    ):
        raise wrong("stages", f"“{slug}”: stages is a list of: {listed(list(ALL))}.")
    about, owed_by, holds = row.get("about", "project"), row.get("owed_by", "lead"), row.get("holds", True)
    if not isinstance(about, str) or about not in ABOUT:
        raise wrong("about", f"“{slug}”: about is one of: {listed(list(ABOUT))}.")
    if (
        not isinstance(owed_by, str)
        or owed_by not in OWED_BY
        or (about == "project" and owed_by in ("member", "inviter"))
    ):
        allowed = [word for word in OWED_BY if about == "member" or word not in ("member", "inviter")]
        raise wrong("owed_by", f"“{slug}”: owed_by is one of: {listed(allowed)}.")
    if not isinstance(holds, bool):
        raise wrong("holds", f"“{slug}”: holds is true or false.")
    questions = row.get("question", [])
    if not isinstance(questions, list) or not questions or len(questions) > MOST_QUESTIONS:
        raise wrong("question", f"“{slug}” needs a question: [[check.question]], at most {MOST_QUESTIONS} of them.")
    asked: list[Question] = []
    for place, question in enumerate(questions, start=1):
        asked.append(_question(question, slug, place, lambda key, sentence, value="", p=place: ValueError(
            f"{places.of(number, key, value=value, question=p)}{sentence}"
        )))  # fmt: skip
    if len({question.name for question in asked}) < len(asked):
        raise wrong("name", f"“{slug}” has two questions of one name.")
    return ListedCheck(
        slug=slug,
        title=words["title"],
        why=words["why"],
        questions=tuple(asked),
        stages=tuple(dict.fromkeys(stages)),
        about_name=about,
        owed_by_name=owed_by,
        holds=holds,
        due_rule=_due(row.get("due"), slug, about, wrong),
    )


def _due(given: Any, slug: str, about: str, wrong: Any) -> tuple[str, int] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or len(given) != 1 or next(iter(given)) not in DUE:
        raise wrong("due", f"“{slug}”: due is one of: {listed([f'{{ {choice} = 14 }}' for choice in DUE], 'or')}.")
    ((rule, number),) = given.items()
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 3_650:
        raise wrong("due", f"“{slug}”: {rule} takes a whole number from 1 to 3,650.")
    if rule == "days_after_joining" and about != "member":
        raise wrong("due", f"“{slug}”: only a check about each member can be due after joining.")
    return rule, number


def _question(given: Any, slug: str, place: int, wrong: Any) -> Question:
    if not isinstance(given, dict):
        raise wrong("question", f"“{slug}”: a question is written as [[check.question]].")
    for key in given:
        if key not in QUESTION_KEYS:
            raise wrong(key, f"“{key:.40}” is not known in a question. Known: {listed(sorted(QUESTION_KEYS))}.")
    name, label, kind = given.get("name", f"answer_{place}"), given.get("label"), given.get("kind", "text")
    if not isinstance(name, str) or not SLUG.match(name):
        raise wrong("name", f"“{slug}”: the name of a question has small letters, digits and underscores.")
    if not isinstance(label, str) or not label.strip() or len(label) > 300:
        raise wrong("label", f"“{slug}”: the question “{name}” needs a label, the words that are asked.")
    if not isinstance(kind, str) or kind not in KINDS:
        raise wrong("kind", f"“{kind!s:.40}” is no kind of question. Kinds: {listed(list(KINDS))}.", str(kind))
    help, required, choices = given.get("help", ""), given.get("required", True), given.get("choices")
    if not isinstance(help, str) or len(help) > 500 or not isinstance(required, bool):
        raise wrong("help", f"“{slug}”: help is a few words, required is true or false.")
    if kind in ("choice", "choices"):
        if (
            not isinstance(choices, list)
            or not 2 <= len(choices) <= 50
            or not all(isinstance(c, str) and c for c in choices)
        ):
            raise wrong("choices", f"“{slug}”: the question “{name}” needs choices, a list of two or more.")
        choices = {choice: choice for choice in choices}
    elif choices is not None:
        raise wrong("choices", f"“{slug}”: only choice and choices have choices.")
    return Question(name=name, label=label.strip(), kind=kind, help=help, required=required, choices=choices)


def written(checks: Sequence[ListedCheck]) -> str:
    """The checks as TOML, so that reading it gives them again."""
    return "\n".join(_written(check) for check in checks)


def _written(one: ListedCheck) -> str:
    lines = [
        "[[check]]",
        f"slug = {_text(one.slug)}",
        f"title = {_text(one.title)}",
        f"why = {_text(one.why)}",
        f"stages = {json.dumps(list(one.stages))}",
        f"about = {_text(one.about_name)}",
        f"owed_by = {_text(one.owed_by_name)}",
        f"holds = {'true' if one.holds else 'false'}",
    ]
    if one.due_rule:
        lines.append(f"due = {{ {one.due_rule[0]} = {one.due_rule[1]} }}")
    for question in one.questions:
        lines += ["[[check.question]]", f"name = {_text(question.name)}", f"label = {_text(question.label)}"]
        lines += [f"kind = {_text(question.kind)}", f"required = {'true' if question.required else 'false'}"]
        if question.help:
            lines.append(f"help = {_text(question.help)}")
        if question.choices:
            lines.append(f"choices = [{', '.join(_text(choice) for choice in question.choices)}]")
    return "\n".join(lines) + "\n"


def _text(value: str) -> str:
    """A basic string of TOML; JSON's is one, but for the letter DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
