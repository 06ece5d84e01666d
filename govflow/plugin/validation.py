"""What the door takes: everything a plugin declares is looked at here, and refused in words its author can act on."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from govflow.domain.gates.checks import EVERY_MEMBER, MEMBER, ORGANISATION, PROJECT, About, Check, Who, days_before
from govflow.domain.gates.lifecycle import CLOSED, DEFAULT_STAGES, Lifecycle
from govflow.domain.gates.overdue import Due
from govflow.domain.mail.letters import Letter, Trigger
from govflow.domain.plugins.pages import Page
from govflow.domain.polls.polls import SCALE, SHOW, WORDS, Poll
from govflow.domain.questions import FILE_KINDS, KINDS, NAME, Question
from govflow.domain.registers.documents import ANSWERS, Document
from govflow.domain.registers.registers import Register

SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
TAKEN = {
    "gate",
    "groups",
    "sign-off",
    "waivers",
    "people",
    "history",
    "visits",
    "moves",
    "advance",
    "lifecycle",
    "files",
    "plugin",
}
"""Names that mean something else in an address or an id."""
TAKEN_INSIDE: Mapping[str, set[str]] = {
    "checks": {"plugin", "settings"},
    "registers": {"ask"},
    "pages": {"ask", "settings", "about", "one"},
    "documents": {"ask"},
}
HOOKS: Mapping[str, type[Any]] = {
    "lifecycles": Lifecycle,
    "checks": Check,
    "registers": Register,
    "polls": Poll,
    "documents": Document,
    "letters": Letter,
    "pages": Page,
}
"""What each hook gives a list of."""


class PluginRefused(Exception):
    """A plugin cannot be used as it is; the message says what its author should mend."""


def the_slug(slug: str) -> None:
    if not SLUG.match(slug):
        raise PluginRefused(f"“{slug}” is no name for a plugin: small letters, digits and underscores only.")
    if slug in TAKEN:
        raise PluginRefused(f"“{slug}” means something else in GovFlow. Choose another name for the plugin.")


def by_slug(plugin: str, hook: str, declared: Iterable[Any]) -> dict[str, Any]:
    """What one hook gave, by slug, each looked at."""
    wanted, kind = HOOKS[hook], hook.removesuffix("s")
    found: dict[str, Any] = {}
    for visit in declared:
        if not isinstance(visit, wanted):
            raise PluginRefused(f"register_{hook} must give a list of {wanted.__name__}s, not {type(visit).__name__}.")
        if not isinstance(visit.slug, str) or not SLUG.match(visit.slug):
            raise PluginRefused(
                f"{kind} “{visit.slug}” of {plugin}: a slug has small letters, digits and underscores only."
            )
        if visit.slug in found:
            raise PluginRefused(f"{plugin} declares two {kind}s called “{visit.slug}”.")
        if visit.slug in TAKEN_INSIDE.get(hook, ()):
            raise PluginRefused(f"A {kind} cannot be called “{visit.slug}”; that means something else in an address.")
        _LOOKS[hook](f"{kind} {plugin}.{visit.slug}", visit)
        found[visit.slug] = visit
    return found


def together(plugin: str, declared: Mapping[str, Mapping[str, Any]]) -> None:
    """What only shows when everything is on the table: addresses that two things share, letters about no list."""
    seen: dict[str, str] = {}
    for hook in ("registers", "pages", "documents", "polls"):
        for slug in declared[hook]:
            if slug in seen:
                raise PluginRefused(
                    f"{plugin} has “{slug}” among its {seen[slug]} and its {hook}; both would be at one address."
                )
            seen[slug] = hook
    for letter in declared["letters"].values():
        if letter.when.register not in declared["registers"]:
            raise PluginRefused(f"letter {plugin}.{letter.slug}: there is no register “{letter.when.register}” here.")
        fields = declared["registers"][letter.when.register].fields
        require_field_of_people(f"letter {plugin}.{letter.slug}", "to", letter.to, fields)
    for poll in declared["polls"].values():
        if poll.options_from:
            _vote(plugin, poll, declared["registers"])
    for check in declared["checks"].values():
        own, _, register = (check.about.register or "").partition(".")
        if own == plugin and register in declared["registers"]:
            if declared["registers"][register].quiet:
                raise PluginRefused(f"check {plugin}.{check.slug}: nothing is told of the quiet list “{register}”.")
            for name in ("owed_by", "answered_by"):
                fields = declared["registers"][register].fields
                require_field_of_people(f"check {plugin}.{check.slug}", name, getattr(check, name), fields)


def _vote(plugin: str, poll: Poll, registers: Mapping[str, Register]) -> None:
    """A vote is about lines of a list of the plugin itself that everyone in the project reads."""
    own, _, name = (poll.about.register or "").partition(".")
    where, register = f"poll {plugin}.{poll.slug}", registers.get(name) if own == plugin else None
    if register is None or register.scope != PROJECT or EVERY_MEMBER not in register.seen_by:
        raise PluginRefused(f"{where}: it is about each line of one of your own lists that every member sees.")
    if not any(field.name == poll.options_from and field.kind == "long_text" for field in register.fields):
        raise PluginRefused(f"{where}: options_from names a long_text field of that list, with an option on each line.")


def config(plugin: str, declared: Any) -> type | None:
    """The settings dataclass."""
    if declared is None:
        return None
    if not (isinstance(declared, type) and dataclasses.is_dataclass(declared)):
        raise PluginRefused(f"{plugin}: register_config must give a dataclass.")
    if not declared.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise PluginRefused(f"{plugin}: the settings must be frozen: @dataclass(frozen=True).")
    try:
        declared()
    except TypeError:
        raise PluginRefused(f"{plugin}: every setting needs a default.") from None
    return declared


def _words(where: str, one: Any, *names: str) -> None:
    for name in names:
        words = getattr(one, name)
        if not isinstance(words, str) or not words.strip():
            raise PluginRefused(f"{where} needs a {name}, in words a person can read.")


def _one_kind_of_people(where: str, name: str, who: Any) -> None:
    if not isinstance(who, Who):
        raise PluginRefused(f"{where}: {name} takes one of LEAD, SUBJECT, role(…) and the like, not {who!r}.")


def _people(where: str, name: str, who: Any, fields: Iterable[Question] | None = None) -> None:
    """Several kinds of people; where they come from fields, these must be there and name people."""
    if not isinstance(who, tuple):
        raise PluginRefused(f"{where}: {name} takes a tuple, such as (LEAD, FINANCE), not {who!r}.")
    for sign_off in who:
        _one_kind_of_people(where, name, sign_off)
        if fields is not None and sign_off.kind == "person_field":
            require_field_of_people(where, name, sign_off, fields)


def require_field_of_people(where: str, name: str, who: Who, fields: Iterable[Question]) -> None:
    people = [field.name for field in fields if field.kind in ("person", "people")]
    if who.kind == "person_field" and who.values[0] not in people:
        there = ", ".join(people) or "none"
        raise PluginRefused(f"{where}: {name} reads the field “{who.values[0]}”. Fields that hold people: {there}.")


def _check(where: str, check: Check) -> None:
    _words(where, check, "title", "why")
    _questions(where, check.questions)
    if any(question.secret for question in check.questions):
        raise PluginRefused(f"{where}: only fields of a register can be secret.")
    _one_kind_of_people(where, "answered_by", check.answered_by)
    _one_kind_of_people(where, "owed_by", check.owed_by)
    if not callable(check.judge):
        raise PluginRefused(f"{where}: judge must be a function of one case.")
    if not isinstance(check.about, About) or (check.about not in (PROJECT, MEMBER) and check.about.kind != "entry"):
        raise PluginRefused(f"{where}: about takes PROJECT, MEMBER or entry(…).")
    for name in ("stages", "holds_in"):
        unknown = [one for one in getattr(check, name) if one not in DEFAULT_STAGES]
        if unknown or isinstance(getattr(check, name), str):
            raise PluginRefused(
                f"{where}: {name} names default stages, {', '.join(DEFAULT_STAGES)}, in a tuple; not {unknown!r}."
            )
    if not days_before(check.remind_before):
        raise PluginRefused(f"{where}: remind_before takes days before the due day, like (30, 7, 0).")
    if check.due is not None and not isinstance(check.due, Due):
        raise PluginRefused(f"{where}: due takes a rule such as after_stage_entry(days=60).")


def _register(where: str, register: Register) -> None:
    _words(where, register, "title")
    _questions(where, register.fields)
    kinds = {field.name: field.kind for field in register.fields}
    if register.label not in kinds:
        raise PluginRefused(f"{where}: the label “{register.label}” is none of its fields.")
    for name in ("added_by", "seen_by", "approved_by", "never_by", "secrets_to", "calendar_for"):
        _people(where, name, getattr(register, name), register.fields)
    if register.scope not in (PROJECT, ORGANISATION):
        raise PluginRefused(f"{where}: scope takes PROJECT or ORGANISATION.")
    if register.scope == ORGANISATION and {"person", "people", "file"} & set(kinds.values()):
        raise PluginRefused(f"{where}: a list of an organisation cannot hold members or files of one project.")
    if len(register.calendar) > 2 or any(kinds.get(name) not in ("date", "moment") for name in register.calendar):
        raise PluginRefused(f"{where}: calendar names one or two of its date or moment fields.")
    if register.calendar_for and not register.calendar:
        raise PluginRefused(f"{where}: calendar_for needs calendar, which names its date or moment fields.")
    if register.calendar_unless and kinds.get(register.calendar_unless) != "yes_no":
        raise PluginRefused(f"{where}: calendar_unless names one of its yes_no fields.")


def _lifecycle(where: str, lifecycle: Lifecycle) -> None:
    slugs = [stage.slug for stage in lifecycle.stages]
    _words(where, lifecycle, "title", "version")
    if not slugs:
        raise PluginRefused(f"{where} needs at least one stage.")
    for stage in lifecycle.stages:
        if not SLUG.match(stage.slug) or slugs.count(stage.slug) > 1 or stage.slug == CLOSED:
            raise PluginRefused(f"{where}: “{stage.slug}” is used twice, or is no name for a stage.")
        if not stage.title.strip():
            raise PluginRefused(f"{where}: the stage “{stage.slug}” needs a title.")
        if stage.like is not None and stage.like not in DEFAULT_STAGES:
            raise PluginRefused(f"{where}: “{stage.slug}” is like “{stage.like}”, which is none of {DEFAULT_STAGES}.")
        repeats = stage.repeats_every
        if repeats is not None and (stage is not lifecycle.stages[-1] or not 1 <= repeats <= 120):
            raise PluginRefused(f"{where}: only the last stage repeats, every 1 to 120 months.")


def _poll(where: str, poll: Poll) -> None:
    _words(where, poll, "title", "version")
    ids = [statement.id for statement in poll.statements]
    for statement in poll.statements:
        if not NAME.match(statement.id) or statement.id.endswith(SHOW) or ids.count(statement.id) > 1:
            raise PluginRefused(f"{where}: “{statement.id}” is used twice, or is no name for a statement.")
        if statement.kind not in (SCALE, WORDS):
            raise PluginRefused(f'{where}: “{statement.id}” is answered on the scale, or with kind="words".')
        if statement.kind == SCALE and len(poll.scale) < 2:
            raise PluginRefused(f"{where}: “{statement.id}” needs a scale of two answers or more.")
    if bool(poll.options_from) != (poll.about.kind == "entry") or (poll.options_from and poll.statements):
        raise PluginRefused(f"{where}: a vote is about=entry(…) with options_from=, and has no statements of its own.")
    if not 0 <= poll.repeats_every <= 60 or (poll.repeats_every and poll.options_from):
        raise PluginRefused(f"{where}: repeats_every takes 1 to 60 months; a vote on an entry is put once.")
    if set(poll.scale) & set(poll.no_score) or not 1 <= poll.days_open <= 365:
        raise PluginRefused(f"{where}: an answer stands on the scale or beside it; it is open 1 to 365 days.")


def _document(where: str, document: Document) -> None:
    _words(where, document, "title")
    _one_kind_of_people(where, "agreed_by", document.agreed_by)
    _people(where, "written_by", document.written_by)
    if not document.answers or not set(document.answers) <= set(ANSWERS):
        raise PluginRefused(f"{where}: answers takes AGREE and CONCERN.")


def _letter(where: str, letter: Letter) -> None:
    _words(where, letter, "subject")
    _one_kind_of_people(where, "to", letter.to)
    if len(letter.subject) > 80 or "\n" in letter.subject:
        raise PluginRefused(f"{where}: a subject is one line of at most 80 letters.")
    if not isinstance(letter.when, Trigger) or not callable(letter.words):
        raise PluginRefused(f"{where}: when takes entry_added(…), and words a function of one case.")


def _page(where: str, page: Page) -> None:
    _words(where, page, "title")
    _people(where, "seen_by", page.seen_by)
    if not callable(page.view) or page.scope not in (PROJECT, ORGANISATION):
        raise PluginRefused(f"{where}: view must be a function of one desk, scope PROJECT or ORGANISATION.")


_LOOKS: Mapping[str, Callable[[str, Any], None]] = {
    "lifecycles": _lifecycle,
    "checks": _check,
    "registers": _register,
    "polls": _poll,
    "documents": _document,
    "letters": _letter,
    "pages": _page,
}


def _questions(where: str, questions: Iterable[Question]) -> None:
    seen: set[str] = set()
    for question in questions:
        if not isinstance(question, Question):
            raise PluginRefused(f"{where}: {question!r} is no Question.")
        if not NAME.match(question.name) or question.name in seen:
            raise PluginRefused(f"{where}: “{question.name}” is used twice, or is no name for a question.")
        if question.kind not in KINDS:
            raise PluginRefused(f"{where}: “{question.kind}” is no kind of question. Kinds: {', '.join(KINDS)}.")
        if question.kind in ("choice", "choices") and not question.choices:
            raise PluginRefused(f"{where}: “{question.name}” needs choices.")
        if question.kind == "entry_of" and not question.of:
            raise PluginRefused(f"{where}: “{question.name}” must say of which register (of=…).")
        if any(ending not in FILE_KINDS for ending in question.files):
            raise PluginRefused(f"{where}: “{question.name}” takes files that end in {', '.join(FILE_KINDS)}.")
        if question.secret and question.kind not in ("text", "long_text"):
            raise PluginRefused(f"{where}: “{question.name}” is secret, so it must be text or long_text.")
        seen.add(question.name)
