"""By keyboard alone, and without JavaScript."""

from __future__ import annotations

import pytest

from govflow.services.project_file import import_project
from tests.support import small_project
from tests.support.web.browser import FOCUS, tab_to
from tests.support.web.web_server import Site


@pytest.fixture
def kettle_site(site: Site) -> Site:
    with site.open():
        import_project(small_project.file(), today=small_project.TODAY, keep_dates=True)
    return site


def test_sign_in_open_a_check_answer_it_and_save(kettle_site: Site, page) -> None:
    page.goto(kettle_site.link("practice-1"))
    tab_to(page, "Sign in", group="")
    if page.evaluate("document.activeElement.tagName") == "A":
        tab_to(page, "Sign in")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{kettle_site.url}/")
    tab_to(page, "Projects")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects")
    tab_to(page, "The Kettle Study")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/kettle")
    tab_to(page, "See the gate")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gate")
    tab_to(page, "What this project is")
    page.keyboard.press("Enter")
    page.wait_for_url("**/stress_test.what_we_are")
    tab_to(page, "We co-produce this project", group="What do you call it?")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Why do you say so?")
    page.keyboard.type("We share the budget, but not the analysis.")
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    page.wait_for_url("**/gate")
    main = page.locator("main").inner_text()
    assert "Thank you. That is recorded." in main
    assert "We co-produce parts of it: “We share the budget, but not the analysis.”" in main
    assert page.console_errors == []


def test_the_first_tab_leads_past_the_menu(kettle_site: Site, page) -> None:
    page.goto(f"{kettle_site.url}/help")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS) == "Skip to main content"
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")


def test_an_error_is_said_first_and_leads_to_its_field(kettle_site: Site, browser) -> None:
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(kettle_site.link("practice-1"))
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.goto(f"{kettle_site.url}/projects/kettle/gate/stress_test.talked")
        page.get_by_label("When did you talk about it together?").fill("30 2 2026")
        page.get_by_label("What will you do").fill("Shorter meetings.")
        page.get_by_role("button", name="Save").click()
        assert page.title().startswith("Error: ")
        page.get_by_role("link", name="must be a real day").click()
        if scripts:
            assert page.evaluate("document.activeElement.id") == "talked_on"
        else:
            assert page.url.endswith("#talked_on")
        assert page.get_by_label("When did you talk about it together?").input_value() == "30 2 2026"
        assert page.get_by_label("What will you do").input_value() == "Shorter meetings."
        context.close()


def test_everything_works_with_javascript_switched_off(kettle_site: Site, browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(kettle_site.link("lived-2"))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Welcome and induction").click()
    page.get_by_role("group", name="I am settled in").get_by_label("Yes").check()
    page.get_by_role("button", name="Save").click()
    assert "Thank you. That is recorded." in page.locator("main").inner_text()
    page.get_by_role("link", name="Sign off, or say that it is not ready").click()
    page.get_by_label("Why is it not ready?").fill("We have not met yet.")
    page.get_by_role("button", name="Say that it is not ready").click()
    assert "We have not met yet." in page.locator("main").inner_text()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{kettle_site.url}/projects")
    assert page.url.endswith("/sign-in")
    context.close()
