"""What tests do with a page in the browser: sign in, tab, read, and ask axe what is wrong."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import axe_playwright_python

from tests.support.web.web_server import Site

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
RUN = (
    "rules => axe.run(document, {resultTypes: ['violations'], rules}).then(found => found.violations.map(one =>"
    " `${one.id}: ${one.nodes.map(node => node.target.join(' ')).slice(0, 3).join(', ')}`))"
)
FORCED = {"color-contrast": {"enabled": False}}
"""In forced colours the colours are the reader's own, and axe would hold the page to them."""
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}


FULL = bool(os.environ.get("GOVFLOW_ACCESSIBILITY"))
"""Whether every page is looked at for everybody and in all colours: `./dev accessibility` sets it."""
TAG = re.compile(r"<([a-z][a-z0-9-]*)((?:\s[^<>]*)?)>")
KEPT = re.compile(r"""\b(class|type|role)="([^"]*)"|\b(aria-[a-z]+|required|checked|disabled|open|multiple)\b""")


@dataclass
class LookedAt:
    """The states of pages that axe has seen: pieces of markup, each with its template."""

    templates: set[str] = field(default_factory=set)
    pieces: set[tuple[str, ...]] = field(default_factory=set)

    def what_is_new(self, template: str, body: str) -> tuple[bool, bool]:
        """Whether anything on this page, and whether its template, has not been looked at before."""
        new_template = template not in self.templates
        found = {(template, tag, *sorted(map(str, KEPT.findall(rest)))) for tag, rest in TAG.findall(body)}
        new_piece = not found <= self.pieces
        self.templates.add(template)
        self.pieces |= found
        return FULL or new_piece or new_template, FULL or new_template


def wrong_with(page, *, state: bool = True, colours: bool = False) -> list[str]:
    """What is wrong with the page that is open, at both widths.

    `state` is False where axe has seen all that is on it; `colours`: in dark and forced ones too.
    """
    found = []
    if state:
        page.evaluate(AXE)
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        found += [f"{size['width']}: {one}" for one in (page.evaluate(RUN, {}) if state else ())]
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if sideways > 0:
        found.append(f"scrolls {sideways} px sideways at 320")
    page.set_viewport_size(WIDE)
    if colours:
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {problem}" for problem in page.evaluate(RUN, {})]
        page.emulate_media(color_scheme="light", forced_colors="active")
        found += [f"forced colours: {problem}" for problem in page.evaluate(RUN, FORCED)]
        page.emulate_media(color_scheme="light", forced_colors="none")
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
