"""A plugin's settings: a frozen dataclass is the form, and the check, of what an organisation may choose."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any, get_type_hints

from govflow.domain.questions import Question, read_answers
from govflow.domain.refusals import Invalid

_KINDS = {int: "number", float: "number", bool: "yes_no", str: "text", date: "date"}


def setting(default: Any, *, label: str, help: str = "") -> Any:
    """A field of a settings dataclass with the words people read: `days: int = setting(14, label="…")`."""
    return dataclasses.field(default=default, metadata={"label": label, "help": help})


def questions_for(config: type) -> tuple[Question, ...]:
    """The settings as questions, in the order of the fields."""
    hints = get_type_hints(config)
    return tuple(
        Question(
            name=field.name,
            label=field.metadata.get("label") or field.name.replace("_", " ").capitalize(),
            help=field.metadata.get("help", ""),
            kind=_KINDS.get(hints[field.name], "text"),
            required=True,
        )
        for field in dataclasses.fields(config)
    )


def read_settings(plugin: str, config: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they are kept, or a refusal that names the plugin and the key. The dataclass has the last word."""
    hints = get_type_hints(config)
    answers = read_answers(questions_for(config), given)
    for name, value in answers.items():
        if hints[name] is int and not isinstance(value, int):
            sentence = f"“{name}” of {plugin} must be a whole number."
            raise Invalid(sentence, {name: sentence})
    try:
        make(config, answers)
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
            values[field.name] = date.fromisoformat(value) if hints[field.name] is date else value
    return config(**values)
