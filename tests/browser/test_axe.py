"""axe-core finds nothing on any page, wide or narrow; no page scrolls sideways; the console stays silent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest

from govflow.plugin_host.loader import load_plugins
from tests import parlour
from tests.browser.conftest import Site, serving
from tests.making import PRACTICES
from tests.web import world as worlds
from tests.web.crawling import addresses

pytestmark = pytest.mark.xdist_group("axe")
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
RUN = (
    "() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(one =>"
    " `${one.id}: ${one.nodes.map(node => node.target.join(' ')).slice(0, 3).join(', ')}`))"
)
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
OF_NOBODY_AND_REFUSED = ("/projects/no-such-project", "/projects/p1/moves")


@pytest.fixture(scope="module")
def world_site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, worlds.World]]:
    declared = load_plugins(extra={"parlour": parlour}, skip=PRACTICES)
    with serving(tmp_path_factory.mktemp("axe"), sqlite_template, today=worlds.TODAY, declared=declared) as site:
        world = worlds.build(site.app)
        yield site, world


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """What was found to be clean, or named as not, for somebody before."""
    return set()


def pages_for(world: worlds.World, who: str | None) -> list[str]:
    """Every page this person can open, one of each kind: each check, each list, each entry."""
    client, found, seen = world.client(who), [], set()
    for address in addresses(world.app):
        if address.whose not in ("own", "none") or "GET" not in (address.rule.methods or ()):
            continue
        answer = client.get(address.url)
        kind = (
            address.endpoint,
            *sorted((address.rule.arguments or set()) - {"slug"} and address.tail.split("/")[3:5]),
        )
        if answer.mimetype != "text/html" or answer.status_code not in (200, 410) or kind in seen:
            continue
        seen.add(kind)
        found.append(address.url)
    return [*found, *OF_NOBODY_AND_REFUSED] if who else [*found, "/no-such-page"]


def main_of(answer) -> str:
    """All between head and foot, which are the same on a person's every page, but for which link is the current one."""
    body = worlds.steady(answer.get_data(as_text=True))
    return body[body.find('<div class="gf-page">') : body.find("<footer")]


def wrong_with(page) -> list[str]:
    """What is wrong with the page that is open, at both widths."""
    found = []
    page.evaluate(AXE)
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        found += [f"{size['width']}: {one}" for one in page.evaluate(RUN)]
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if sideways > 0:
        found.append(f"scrolls {sideways} px sideways at 320")
    page.set_viewport_size(WIDE)
    return found


def signed_in(page, site: Site, who: str | None) -> None:
    if who:
        page.goto(site.link(who))
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(f"{site.url}/")


@pytest.mark.parametrize("who", ["p1-lead", "p1-member", "p1-observer", "admin-a", None])
def test_every_page_is_clean(world_site: tuple[Site, worlds.World], page, who: str | None, looked_at: set[str]) -> None:
    site, world = world_site
    urls = pages_for(world, who)
    assert len(urls) >= {"p1-lead": 33, "p1-member": 29, "p1-observer": 14, "admin-a": 14, None: 7}[who or None]
    signed_in(page, site, who)
    client, wrong = world.client(who), []
    for number, url in enumerate(urls):
        main = main_of(client.get(url))
        if number and main in looked_at:
            continue  # somebody else's page was the same to the letter, and one with this head has been looked at
        looked_at.add(main)
        page.console_errors.clear()
        answer = page.goto(f"{site.url}{url}")
        wrong += [f"{url}: {one}" for one in wrong_with(page)]
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
