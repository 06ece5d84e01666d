"""A freelance member claims by keyboard alone, in three steps from the project's page; then two people deal with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from govflow.plugin_host.loader import load_plugins
from govflow.services.plugins.plugins import switch
from govflow.services.project_file import import_project
from govflow.services.registers import registers
from tests.support.factories import FOUR, Made, a_file, made, person, toml
from tests.support.web.browser import signed_in, tab_to, wrong_with
from tests.support.web.web_server import Site, serving

TODAY = date(2026, 3, 2)
LEAP = person("leap-1", "lived", title="Freelance researcher, LEAP")
PEOPLE = (*FOUR, person("finance-1", "practice", role="finance"), LEAP)
OFFER = {"person": "leap-1", "task": "Interview panel", "day": TODAY, "amount": "82.50", "costs": "booked"}


@pytest.fixture
def paying(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[Site, Made]]:
    with serving(tmp_path, sqlite_template, today=TODAY, declared=load_plugins()) as site:
        with site.open():
            project = made(import_project(toml(a_file(members=PEOPLE)), today=TODAY, keep_dates=True)["slug"])
            switch(organisation="hearth", plugin="payments", on=True, by=None, today=TODAY)
            lead = {"by": project.by("lead-1"), "today": TODAY}
            registers.add(project.id, register_id="payments.offer", given=OFFER, **lead)
        yield site, project


def clean(page) -> None:
    assert [*wrong_with(page), *page.console_errors] == []


def test_a_claim_by_keyboard_alone_in_three_steps(paying: tuple[Site, Made], page) -> None:
    site, _ = paying
    signed_in(page, site, "leap-1")
    page.goto(f"{site.url}/projects/kettle")
    tab_to(page, "Claim for your time")
    page.keyboard.press("Enter")  # 1: open it
    page.wait_for_url("**/payments/my_claim")
    clean(page)
    tab_to(page, "Interview panel")
    page.keyboard.press("Enter")  # 2: say what you did
    page.wait_for_url("**/my_claim?offer=interview-panel")
    clean(page)
    tab_to(page, "How much for the time?")
    assert page.evaluate("document.activeElement.value") == "82.50"
    tab_to(page, "How much did you spend?")
    page.keyboard.type("£12")
    tab_to(page, "Or whom did you tell?")
    page.keyboard.type("Told by phone to Lead")
    tab_to(page, "Send my claim")
    page.keyboard.press("Enter")  # 3: look it over, and send it
    page.wait_for_selector("text=We pay you by 16 March 2026. You need do nothing more.")
    clean(page)
    assert "To be paid by 16 March 2026" in page.locator("main").inner_text()


def test_what_is_wrong_in_a_claim_is_said_first_and_nothing_is_lost(paying: tuple[Site, Made], page) -> None:
    site, _ = paying
    signed_in(page, site, "leap-1")
    page.goto(f"{site.url}/projects/kettle/payments/my_claim?what=other")
    tab_to(page, "What did you do?")
    page.keyboard.type("Reading")
    tab_to(page, "How much for the time?")
    page.keyboard.type("12,50")
    tab_to(page, "Send my claim")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Put a point between pounds and pence.")
    assert wrong_with(page) == []
    assert page.get_by_label("What did you do?").input_value() == "Reading"
    page.get_by_role("link", name="Put a point between pounds and pence.").click()
    assert page.evaluate("document.activeElement.id") == "amount"


def test_every_page_of_those_who_pay_is_clean(paying: tuple[Site, Made], page) -> None:
    site, project = paying
    with site.open():
        leap = {"by": project.by("leap-1"), "today": TODAY}
        claim = {"person": "leap-1", "task": "Panel", "day": TODAY, "amount": "50", "number": "1"}
        registers.add(project.id, register_id="payments.claim", given=claim, **leap)
        told = {"person": "leap-1", "number": "1", "told": "Told by phone to Lead"}
        registers.add(project.id, register_id="payments.proof", given=told, **leap)
    signed_in(page, site, "finance-1")
    for place in (
        "pay",
        "pay?claim=panel",
        "offers",
        "rates",
        "own",
        "claim/panel",
        "proof/leap-1",
        "paid",
        "paid/add",
    ):
        answer = page.goto(f"{site.url}/projects/kettle/payments/{place}")
        assert answer.status == 200, place
        clean(page)
