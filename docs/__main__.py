"""`./dev docs`: writes the reference pages from docstrings, and checks what the documentation names.

A link that leads nowhere, a command that is not there or a public name without a docstring is said, and exits 1.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import govflow.plugin
from govflow.domain import promises
from govflow.plugin import hookspecs, testing

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
TESTING = ("make_case", "make_member", "make_entry", "judged", "assert_plugin_conforms", "problems_of", "FakeDesk")
CONSTANTS = {
    "ALL": "All four default stages.",
    "ALWAYS": "`lasts=ALWAYS`: answers are kept when a project enters a stage anew.",
    "VISIT": "`lasts=VISIT`: answers are asked for anew in each stay in a stage.",
    "API_VERSION": "The version of these names.",
    "AGREE": "The answer “I agree” to a document.",
    "CONCERN": "The answer “I have a concern” to a document.",
    "COORDINATOR": "The coordinators; where there are none, the leads.",
    "EVERY_MEMBER": "Everyone in the project who is no observer.",
    "FINANCE": "The finance contacts; where there are none, the coordinators, then the leads.",
    "INVITER": "Whoever invited the member a check is about; a lead, where they have left.",
    "LEAD": "The leads.",
    "SUBJECT": "The member a check is about; of an entry, whoever added it.",
    "MEMBER": "`about=MEMBER`: one finding for each member.",
    "PROJECT": "`about=PROJECT`, `scope=PROJECT`: of the project as a whole.",
    "ORGANISATION": "`scope=ORGANISATION`: of the organisation, for all its projects.",
    "Field": "The same as `Question`, in a register or a form.",
    "hookimpl": "Marks a function of yours as the answer to a hook.",
    "ok": "What `check_entry` and `send` answer when nothing is to be said.",
}


def reference() -> str:
    """The reference of the plugin door, as Markdown."""
    lines = [
        "# The plugin door, name by name",
        "",
        "Written from the docstrings by `./dev docs`; `plugins/README.md` shows how it fits together.",
        "",
        "## Hooks",
        "",
    ]
    for name, hook in vars(hookspecs).items():
        if name.startswith("register_"):
            lines += [f"### `{name}{_signature(hook)}`", "", _doc(hook), ""]
    lines += ["## Names of `govflow.plugin`", ""]
    for name in govflow.plugin.__all__:
        lines += _entry(name, getattr(govflow.plugin, name))
    lines += ["## Names of `govflow.plugin.testing`", ""]
    for name in TESTING:
        lines += _entry(name, getattr(testing, name))
    return "\n".join(lines).rstrip() + "\n"


def _entry(name: str, thing: Any) -> list[str]:
    if name in CONSTANTS:
        return [f"### `{name}`", "", CONSTANTS[name], ""]
    if inspect.isclass(thing):
        lines = [f"### `{name}`", "", _doc(thing), ""]
        if dataclasses.is_dataclass(thing):
            lines += ["| part | what it takes | if left out |", "|---|---|---|"]
            lines += [f"| `{one.name}` | `{_type(one.type)}` | {_default(one)} |" for one in dataclasses.fields(thing)]
            lines.append("")
        for method, function in vars(thing).items():
            public = not method.startswith("_") and (inspect.isfunction(function) or isinstance(function, property))
            if public and inspect.getdoc(function):
                lines += [f"- `.{method}{_signature(function)}` {_doc(function).splitlines()[0]}"]
        return [*lines, ""] if lines[-1] else lines
    return [f"### `{name}{_signature(thing)}`", "", _doc(thing), ""]


def _doc(thing: Any) -> str:
    return inspect.getdoc(thing) or ""


def _signature(thing: Any) -> str:
    if isinstance(thing, property):
        return ""
    text = re.sub(r"'", "", str(inspect.signature(thing))).replace("Judgement", "Finding")  # as the door calls it
    return (
        re.sub(r"govflow\.[a-z_.]+\.|collections\.abc\.|typing\.", "", text)
        .replace("(self, ", "(")
        .replace("(self)", "()")
    )


def _type(kind: Any) -> str:
    return str(kind).replace("|", "or").replace("Judgement", "Finding")


def _default(field: dataclasses.Field[Any]) -> str:
    if field.default is dataclasses.MISSING:
        return "empty" if field.default_factory is not dataclasses.MISSING else "it must be given"
    return f"`{_named(field.default)}`"


def _named(value: Any) -> str:
    """A default as an author would write it."""
    for name in govflow.plugin.__all__:
        if (
            name in CONSTANTS
            and name != "Field"
            and getattr(govflow.plugin, name) == value
            and not isinstance(value, str)
        ):
            return name
    if isinstance(value, tuple):
        return f"({', '.join(_named(one) for one in value)}{',' if len(value) == 1 else ''})"
    return value.__name__.lstrip("_") if callable(value) and hasattr(value, "__name__") else repr(value)


# --- what the documentation names -----------------------------------------------------------------------------


def promises_page() -> str:
    """docs/promises.md, from govflow/domain/promises.py: each sentence with the tests that keep it."""
    lines = [
        "# What GovFlow promises",
        "",
        "Who can see what, in plain words. `./dev docs` writes this from `govflow/domain/promises.py`; the same",
        "sentences stand on the pages. Under each promise are the tests that fail if it is broken.",
        "",
    ]
    for title, kept in promises.PROMISES.items():
        lines += [f"## {title}", ""]
        for one in kept:
            lines += [f"- {one.sentence}", *[f"  - `{test}`" for test in one.kept_by]]
        lines += [""]
    lines += ["## What is not promised", "", *[f"- {sentence}" for sentence in promises.NOT_PROMISED_AT_ALL], ""]
    return "\n".join(lines)


def broken_promises() -> Iterator[str]:
    """Promises that name no test, or one that is not there."""
    for one in (one for kept in promises.PROMISES.values() for one in kept):
        if not one.kept_by:
            yield f"No test keeps the promise “{one.sentence}”"
        for test in one.kept_by:
            file, _, name = test.partition("::")
            path = ROOT / file
            if not path.exists() or not re.search(rf"^(async )?def {name}\(", path.read_text("utf-8"), re.MULTILINE):
                yield f"The promise “{one.sentence}” names the test {test}, which is not there."


def problems() -> Iterator[str]:
    """Everything the documentation names that is not there, a sentence each."""
    from govflow.cli import all_commands

    for name in govflow.plugin.__all__:
        if name not in CONSTANTS and not _doc(getattr(govflow.plugin, name)):
            yield f"govflow.plugin.{name} has no docstring."
    yield from broken_promises()
    commands = set(all_commands().commands)
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/**/*.md")]:
        if {".venv", "node_modules"} & set(page.parts):
            continue
        text = page.read_text("utf-8")
        here = page.relative_to(ROOT)
        for link in re.findall(r"\]\(([^)#\s]+)", text):
            if "://" not in link and not (page.parent / link).exists():
                yield f"{here} links to {link}, which is not there."
        for command in re.findall(r"(?:`|^    )govflow ([a-z]+)\b", text, re.M):
            if command not in commands:
                yield f"{here} names the command govflow {command}, which is not there."
        for command in re.findall(r"`\./dev ([a-z]+)`", text):
            if not re.search(rf"(^|\W){command}(\W|$)", (ROOT / "dev").read_text("utf-8")):
                yield f"{here} names ./dev {command}, which is not there."


def main() -> int:
    REFERENCE.mkdir(exist_ok=True)
    (REFERENCE / "plugin.md").write_text(reference(), "utf-8")
    (ROOT / "docs" / "promises.md").write_text(promises_page(), "utf-8")
    found = list(problems())
    print("\n".join(found) or "The reference is written, and everything the documentation names is there.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
