"""A plugin's settings: a frozen dataclass is the form, and the check, of what an organisation may choose."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, get_type_hints

from govflow.domain.questions import Question, read_answers
from govflow.domain.refusals import Invalid

_KINDS = {int: "number", float: "number", bool: "yes_no", str: "text", date: "date"}


def setting(
    default: Any,
    *,
    label: str,
    help: str = "",
    kind: str = "",
    least: int | None = None,
    most: int | None = None,
    per_project: bool = False,
) -> Any:
    """A field of a settings dataclass with the words people read: `days: int = setting(14, label="…")`.

    `kind` draws it as another kind of question, such as `long_text`. A number is from `least` to `most`; a text has at
    most `most` letters. What those two cannot say, a ValueError in the dataclass's `__post_init__` does.
    `per_project`: one project may have its own.
    """
    return dataclasses.field(
        default=default,
        metadata={"label": label, "help": help, "kind": kind, "least": least, "most": most, "per_project": per_project},
    )


def for_project(config: type, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was kept for one project, the settings that the plugin lets a project have for itself."""
    allowed = {field.name for field in dataclasses.fields(config) if field.metadata.get("per_project")}
    return {name: value for name, value in kept.items() if name in allowed}


@dataclasses.dataclass(frozen=True)
class SettingsBroken:
    """In the place of settings that cannot be used: whatever needs them is broken, and holds."""

    why: str


def put_together(found: Sequence[Any]) -> Any:
    """The settings of several organisations for one project they share.

    The project's own organisation comes first, and its settings hold, unless the dataclass has a method
    `together(other)` that says what two of them mean at once.
    """
    first, *others = found
    for other in others:
        first = first.together(other) if hasattr(first, "together") else first
    return first


def questions_for(config: type, *, per_project: bool = False) -> tuple[Question, ...]:
    """The settings as questions, in the order of the fields; those a project may have for itself, where asked."""
    hints = get_type_hints(config)
    return tuple(
        Question(
            name=field.name,
            label=field.metadata.get("label") or field.name.replace("_", " ").capitalize(),
            help=field.metadata.get("help", ""),
            kind=field.metadata.get("kind") or _KINDS.get(hints[field.name], "text"),
            required=field.default != "",
            most=field.metadata.get("most"),
        )
        for field in dataclasses.fields(config)
        if field.metadata.get("per_project") or not per_project
    )


def read_settings(
    plugin: str, config: type, given: Mapping[str, Any], *, beside: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Settings as they are kept, or a refusal that names the plugin and the key. The dataclass has the last word.

    `beside`: only what one project may have for itself is read; these are the organisation's settings beside it.
    """
    hints = get_type_hints(config)
    answers = read_answers(questions_for(config, per_project=beside is not None), given)
    for name, value in answers.items():
        if hints[name] is int and not isinstance(value, int):
            sentence = f"“{name}” of {plugin} must be a whole number."
            raise Invalid(sentence, {name: sentence})
    try:
        make(config, {**(beside or {}), **answers})
    except (TypeError, ValueError) as error:
        name = next((name for name in answers if name in str(error)), "")
        raise Invalid(f"{plugin}: {error}", {name: str(error)} if name else None) from None
    return answers


def make(config: type, kept: Mapping[str, Any]) -> Any:
    """The settings a check is handed. What is no longer a setting is left out; what is new has its default."""
    hints = get_type_hints(config)
    values = {}
    for field in dataclasses.fields(config):
        if field.name in kept:
            value = kept[field.name]
            least, most = field.metadata.get("least"), field.metadata.get("most")
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if number and ((least is not None and value < least) or (most is not None and value > most)):
                raise ValueError(f"{field.name} must be from {least} to {most}.")
            values[field.name] = date.fromisoformat(value) if hints[field.name] is date else value
    return config(**values)
