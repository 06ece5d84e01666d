"""A group's own words on its pages: what our templates say is worded anew, what people wrote is not.

Our words stand in the templates themselves, so there they are marked while a template is compiled: text between tags,
and what is given to a part of a page as its `text`. Words that come from plugins and from forms are marked where they
are drawn, with the filter `own`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import g, has_request_context
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

from govflow.domain.terms import TERMS, worded

_OURS = re.compile("|".join(re.escape(word) for pair in TERMS.items() for word in pair), re.IGNORECASE)
_PIECE = re.compile(r"(<[^>]*>?|>)|([^<>]+)")
TEXTS = ("text", "titleText", "summaryText")
"""What the parts of a page call their words."""


def own(text: Any) -> Any:
    """A sentence of ours in the words of the project whose page this is. Markup has been worded already."""
    if not isinstance(text, str) or isinstance(text, Markup):
        return text
    terms = g.get("terms") if has_request_context() else None
    return worded(text, terms) if terms else text


def own_markup(text: str) -> Markup:
    """The same for a piece of a template."""
    terms = g.get("terms") if has_request_context() else None
    if terms:
        safe = {ours: (str(escape(term)), str(escape(many))) for ours, (term, many) in terms.items()}
        text = worded(text, safe)
    return Markup(text)


class OwnWords(Extension):
    """Marks what templates say in our words, while they are compiled."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        inside_tag, before = False, ("", "")
        for token in stream:
            if token.type == "data":
                for piece, in_tag in _pieces(token.value, inside_tag):
                    inside_tag = in_tag if piece[-1:] != ">" else False
                    yield from [Token(token.lineno, "data", piece)] if in_tag else _marked(token.lineno, piece)
            elif token.type == "string" and before[1] == "colon" and before[0] in TEXTS and _OURS.search(token.value):
                yield from _call(token.lineno, "own", token.value)
            else:
                yield token
            before = (token.value if token.type == "string" else before[0], token.type)


def _pieces(data: str, inside_tag: bool) -> Iterator[tuple[str, bool]]:
    """The parts of some data, and whether each is (still) inside a tag."""
    if inside_tag:
        end = data.find(">") + 1
        yield (data[:end] if end else data), True
        if not end:
            return
        data = data[end:]
    for found in _PIECE.finditer(data):
        yield found[0], found[1] is not None


def _marked(line: int, text: str) -> Iterator[Token]:
    """Text between tags; space at its ends stays where it is, so that a sentence begins where it begins."""
    if not _OURS.search(text):
        yield Token(line, "data", text)
        return
    words = text.strip()
    start = text.index(words)
    yield Token(line, "data", text[:start])
    yield Token(line, "variable_begin", "{{")
    yield from _call(line, "own_markup", words)
    yield Token(line, "variable_end", "}}")
    yield Token(line, "data", text[start + len(words) :])


def _call(line: int, name: str, text: str) -> Iterator[Token]:
    yield Token(line, "name", name)
    yield Token(line, "lparen", "(")
    yield Token(line, "string", text)
    yield Token(line, "rparen", ")")
