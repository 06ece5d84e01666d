"""What tests do with a page in the browser: sign in, tab, read, and ask axe what is wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
from flask import Flask, template_rendered
from jinja2 import Template

from tests.support.web.web_server import Site

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
RUN = (
    "options => axe.run(document, {resultTypes: ['violations'], ...options}).then(found => found.violations.map(one =>"
    " `${one.id}: ${one.nodes.map(node => node.target.join(' ')).slice(0, 3).join(', ')}`))"
)
ALL: dict[str, Any] = {}
AGAIN: dict[str, Any] = {"preload": False}
"""The style sheets are as they were: axe need not fetch them a second time."""
COLOURS = {**AGAIN, "runOnly": ["color-contrast", "link-in-text-block"]}
"""What colours alone can make wrong. It is more than half of axe's work."""
BUT_COLOURS = {**AGAIN, "rules": {"color-contrast": {"enabled": False}}}
"""In forced colours the colours are the reader's own, and axe would hold the page to them."""
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}


FULL = bool(os.environ.get("GOVFLOW_ACCESSIBILITY"))
"""Whether every page is looked at for everybody and in all colours: `./dev accessibility` sets it."""
TAG = re.compile(r"<([a-z][a-z0-9-]*)((?:\s[^<>]*)?)>")
KEPT = re.compile(r"""\b(class|type|role)="([^"]*)"|\b(aria-[a-z]+|required|checked|disabled|open|multiple)\b""")


@dataclass
class LookedAt:
    """The states of pages that axe has seen: pieces of markup, each with its template.

    What colours a piece has is said by its classes, on whatever page: so they are looked at once for each piece.
    """

    templates: set[str] = field(default_factory=set)
    pieces: set[tuple[str, ...]] = field(default_factory=set)
    coloured: set[tuple[str, ...]] = field(default_factory=set)

    def what_is_new(self, template: str, body: str) -> tuple[bool, bool]:
        """Whether anything on this page, and whether the colours of anything, have not been looked at before."""
        coloured = {(tag, *sorted(map(str, KEPT.findall(rest)))) for tag, rest in TAG.findall(body)}
        pieces = {(template, *one) for one in coloured}
        new = template not in self.templates or not pieces <= self.pieces
        new_colours = not coloured <= self.coloured
        self.templates.add(template)
        self.pieces |= pieces
        self.coloured |= coloured
        return FULL or new, FULL or new_colours


@contextmanager
def drawn(app: Flask) -> Iterator[list[str]]:
    """The templates that are drawn meanwhile, the page's own last."""
    names: list[str] = []

    def note(_app: Flask, template: Template, **_: object) -> None:
        names.append(template.name or "")

    with template_rendered.connected_to(note, app):
        yield names


def wrong_with(page, *, state: bool = True, colours: bool | None = None) -> list[str]:
    """What is wrong with the page that is open, at both widths.

    `state` and `colours` are False where axe has seen all that is on it, or all colours; where `colours` is True they
    are looked at in the dark and in forced colours too.
    """
    found, before, light = [], page.viewport_size or WIDE, BUT_COLOURS if colours is False else ALL
    if state:
        page.evaluate(AXE)
        page.set_viewport_size(WIDE)
        found += [f"{WIDE['width']}: {one}" for one in page.evaluate(RUN, light)]
    if colours:
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {one}" for one in page.evaluate(RUN, COLOURS)]
        page.emulate_media(color_scheme="light", forced_colors="active")
        found += [f"forced colours: {one}" for one in page.evaluate(RUN, BUT_COLOURS)]
        page.emulate_media(color_scheme="light", forced_colors="none")
    page.set_viewport_size(NARROW)
    if state:
        found += [f"{NARROW['width']}: {one}" for one in page.evaluate(RUN, {**light, **AGAIN})]
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if sideways > 0:
        found.append(f"scrolls {sideways} px sideways at 320")
    page.set_viewport_size(before)
    return found


def signed_in(page, site: Site, who: str | None) -> None:
    if who:
        page.goto(site.link(who))
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{site.url}/")


def words(page) -> str:
    return page.locator("main").inner_text()


FOCUS = "document.activeElement?.labels?.[0]?.innerText || document.activeElement?.innerText || ''"


def tab_to(page, text: str, *, group: str = "") -> None:
    """Press Tab until this is in focus, and see that the focus shows."""
    seen = []
    for _ in range(120):
        page.keyboard.press("Tab")
        said = " ".join(page.evaluate(FOCUS).split())
        seen.append(said)
        legend = page.evaluate("document.activeElement.closest('fieldset')?.querySelector('legend')?.innerText || ''")
        if said.startswith(text) and group in legend:
            assert page.evaluate(
                "(() => { const one = document.activeElement, of = e => { const s = getComputedStyle(e);"
                " return s.outlineStyle !== 'none' && s.outlineWidth !== '0px' || s.boxShadow !== 'none' };"
                " return of(one) || getComputedStyle(one.labels?.[0] || one, '::before').boxShadow !== 'none'"
                " || getComputedStyle(one.labels?.[0] || one, '::before').outlineStyle !== 'none' })()"
            ), f"Where the focus is does not show on “{text}”"
            return
    raise AssertionError(f"Tab never came to “{text}”. It came to: {list(dict.fromkeys(seen))}")
