"""axe-core finds nothing on any page, wide or narrow; no page scrolls sideways; the console stays silent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from govflow.plugin_host.loader import load_plugins
from tests.support import example_plugin
from tests.support import site as worlds
from tests.support.factories import PRACTICES
from tests.support.web.browser import FULL, NARROW, LookedAt, drawn, signed_in, wrong_with
from tests.support.web.crawling import addresses
from tests.support.web.web_server import Site, serving

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
OF_NOBODY_AND_REFUSED = ("/projects/no-such-project", "/projects/p1/moves")


@pytest.fixture(scope="module")
def world_site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, worlds.World]]:
    declared = load_plugins(extra={"parlour": example_plugin}, skip=PRACTICES)
    with serving(tmp_path_factory.mktemp("axe"), sqlite_template, today=worlds.TODAY, declared=declared) as site:
        world = worlds.build(site.app)
        yield site, world


@pytest.fixture(scope="module")
def opened() -> set[str]:
    """Pages that were opened for somebody before."""
    return set()


def pages_for(world: worlds.World, who: str | None) -> list[str]:
    """Every page this person can open, one of each kind: each check, each list, each entry."""
    client, found, seen = world.client(who), [], set()
    for address in addresses(world.app):
        if address.whose not in ("own", "none") or "GET" not in (address.rule.methods or ()):
            continue
        kind = (
            address.endpoint,
            *sorted((address.rule.arguments or set()) - {"slug"} and address.tail.split("/")[3:5]),
        )
        if kind in seen:
            continue
        answer = client.get(address.url)
        if answer.mimetype != "text/html" or answer.status_code not in (200, 410):
            continue
        seen.add(kind)
        found.append(address.url)
    return [*found, *OF_NOBODY_AND_REFUSED] if who else [*found, "/no-such-page"]


def main_of(answer) -> str:
    """All between head and foot, which are the same on a person's every page, but for which link is the current one."""
    body = worlds.steady(answer.get_data(as_text=True))
    return body[body.find('<div class="gf-page">') : body.find("<footer")]


@pytest.mark.parametrize("who", ["p1-lead", "p1-member", "p1-observer", "admin-a", None])
def test_every_page_is_clean(
    world_site: tuple[Site, worlds.World], page, who: str | None, looked_at: LookedAt, opened: set[str]
) -> None:
    """Axe looks at each template and each state of it once; `./dev accessibility` has it look at all, for everybody."""
    site, world = world_site
    urls = pages_for(world, who)
    assert len(urls) >= {"p1-lead": 33, "p1-member": 29, "p1-observer": 14, "admin-a": 14, None: 7}[who or None]
    signed_in(page, site, who)
    page.set_viewport_size(NARROW)
    client, wrong = world.client(who), []
    for number, url in enumerate(urls):
        with drawn(world.app) as names:
            main = main_of(client.get(url))
        if number and main in opened and not FULL:
            continue  # somebody else's page was the same to the letter, and one with this head has been looked at
        opened.add(main)
        state, colours = looked_at.what_is_new(names[-1] if names else "", main)
        state, colours = state or not number, colours or not number  # its head and foot are looked at on the first
        page.console_errors.clear()
        answer = page.goto(f"{site.url}{url}")
        wrong += [f"{url}: {one}" for one in wrong_with(page, state=state, colours=colours)]
        refused = answer.status >= 400  # a browser writes the status itself to the console
        wrong += [f"{url}: console: {one}" for one in page.console_errors if not (refused and "status of" in one)]
    assert wrong == []


def test_equality_counts_are_clean_where_there_are_some(world_site: tuple[Site, worlds.World], page) -> None:
    """In p1 it is still open; in q it has closed."""
    site, _ = world_site
    signed_in(page, site, "q-member")
    page.goto(f"{site.url}/projects/q/people/equality/counts")
    assert "5 or more" in page.locator("main").inner_text()
    assert wrong_with(page) == []


def test_forms_that_came_back_are_clean_too(world_site: tuple[Site, worlds.World], page) -> None:
    site, _ = world_site
    signed_in(page, site, "p1-coordinator")
    wrong = []
    page.goto(f"{site.url}/projects/p1/gate/stress_test.talked")
    page.get_by_label("When did you talk").fill("30 2 2026")
    page.get_by_label("What will you do").fill(LONG_WORD * 3)
    page.get_by_role("button", name="Save").click()
    assert page.title().startswith("Error")
    wrong += [f"refused form: {one}" for one in wrong_with(page)]
    page.goto(f"{site.url}/projects/p1/outputs/output/add")
    page.get_by_role("button", name="Save").click()
    wrong += [f"refused entry: {one}" for one in wrong_with(page)]
    page.goto(f"{site.url}/projects/p1/sign-off")
    page.context.clear_cookies()
    page.get_by_label("Why is it not ready?").fill(LONG_WORD)
    page.get_by_role("button", name="Say that it is not ready").click()
    assert "That was not sent yet" in page.locator("main").inner_text()
    wrong += [f"given back: {one}" for one in wrong_with(page)]
    assert wrong == []


def test_a_word_without_a_break_does_not_push_the_page_sideways(world_site: tuple[Site, worlds.World], page) -> None:
    site, _ = world_site
    signed_in(page, site, "p1-writer")
    page.goto(f"{site.url}/projects/p1/people/me")
    page.get_by_label("What would you like your role to be called?").fill(LONG_WORD)
    page.get_by_role("button", name="Save").click()
    page.goto(f"{site.url}/projects/p1/outputs/output/add")
    page.get_by_label("What is it called?").fill(LONG_WORD)
    page.get_by_label("What kind of thing is it?").select_option("Paper")
    page.get_by_label("When will the writing").fill("1 6 2027")
    page.get_by_role("button", name="Save").click()
    page.set_viewport_size(NARROW)
    wide = []
    for url in ("/projects/p1/people", "/projects/p1/outputs/output", "/projects/p1/gate", "/projects/p1/history"):
        page.goto(f"{site.url}{url}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wide.append(url)
    assert wide == []


def test_axe_is_awake(page) -> None:
    page.set_content("<html><head><title>x</title></head><body><img src='data:,'><input></body></html>")
    assert {one.split(":")[1].strip() for one in wrong_with(page)} >= {"image-alt", "label", "html-has-lang"}
