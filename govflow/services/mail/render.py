"""The words of our emails: one template for each kind, `govflow/templates/emails/<topic>/<kind>.txt`.

A template begins with its `Subject:` line; paragraphs are parted by an empty line. `## ` begins a heading, and a line
`[words]({{ link }})` at the end of a paragraph is its link. A line that ends inside a paragraph is a space, so long
sentences may be broken anywhere. The plain text and the HTML of an email are both made of these paragraphs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from govflow.domain.terms import Terms, worded
from govflow.domain.wording import count, day

FOLDER = Path(__file__).parents[2] / "templates" / "emails"
Values = Mapping[str, Any]
"""What a template is filled with, by the names that stand in it."""


@dataclass(frozen=True, kw_only=True)
class EmailContent:
    """What an email says, before it is put into an envelope."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, kw_only=True)
class Block:
    """A heading, or a paragraph that may end with a link."""

    text: str
    heading: bool = False
    link: str = ""
    link_text: str = ""

    def as_text(self) -> str:
        if self.heading:
            return f"{self.text}\n{'-' * min(len(self.text), 60)}"
        return f"{self.text}\n{self.link}" if self.link else self.text


def render_email(kind: str, values: Values, terms: Terms) -> EmailContent:
    """An email of this kind, in the words its project goes by; what is quoted stays, and so do headings and links."""
    subject, *blocks = _blocks(f"{kind}.txt", values)
    subject_line = worded(subject.text.removeprefix("Subject: "), terms)
    in_their_words = [_in_their_words(block, terms) for block in blocks]
    return EmailContent(
        subject=subject_line,
        text="\n\n".join(block.as_text() for block in in_their_words) + "\n",
        html=_HTML.get_template("envelope.html").render(subject=subject_line, blocks=in_their_words),
    )


def render_fields(template: str, values: Values) -> dict[str, str]:
    """Sentences that stand in an email beside others, from a template of paragraphs `Name: sentence`."""
    fields = {}
    for block in _blocks(template, values):
        name, _, sentence = block.text.partition(": ")
        fields[name.lower()] = sentence
    return fields


def _in_their_words(block: Block, terms: Terms) -> Block:
    if block.heading:
        return block
    return replace(block, text=worded(block.text, terms), link_text=worded(block.link_text, terms))


# --- from a template to its paragraphs -------------------------------------------------------------------

# While the paragraphs are told apart, a place holder stands where a value goes. So nothing that people typed can be
# taken for a heading, a link or a new paragraph, whatever signs and empty lines it holds.
_PLACE = re.compile("\x00([0-9]+)\x00")
_LINK = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<link>[^)]+)\)")


@pass_context
def _hold_place(context: Context, value: object) -> str:
    """Jinja calls this for each value that a template prints."""
    held: list[str] = context["held_values"]
    held.append(str(value))
    return f"\x00{len(held) - 1}\x00"


def _blocks(template: str, values: Values) -> list[Block]:
    held: list[str] = []
    source = _TEXT.get_template(template).render({**values, "held_values": held})
    paragraphs = re.split(r"\n\s*\n", source.strip())
    return [_block(paragraph, held) for paragraph in paragraphs]


def _block(paragraph: str, held: list[str]) -> Block:
    def filled(part: str) -> str:
        return _PLACE.sub(lambda place: held[int(place[1])], part)

    lines = paragraph.split("\n")
    if paragraph.startswith("## "):
        return Block(text=filled(" ".join(lines).removeprefix("## ")), heading=True)
    link = _LINK.fullmatch(lines[-1])
    if link is None:
        return Block(text=filled(" ".join(lines)))
    return Block(text=filled(" ".join(lines[:-1])), link=filled(link["link"]), link_text=filled(link["text"]))


def _first_name(name: str) -> str:
    words = name.split()
    return words[0] if words else "there"


def _environment(*, autoescape: bool, finalize: Callable[[Context, object], str] | None = None) -> Environment:
    topics = sorted(path for path in FOLDER.iterdir() if path.is_dir())
    environment = Environment(
        loader=FileSystemLoader([FOLDER, *topics]),
        undefined=StrictUndefined,
        autoescape=autoescape,
        finalize=finalize,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(count=count, day=day, first_name=_first_name)
    return environment


_TEXT = _environment(autoescape=False, finalize=_hold_place)
_HTML = _environment(autoescape=True)
