"""Signing in: a link opened on another device, a passkey, an app; and one more step before settings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyotp
import pytest

from govflow.services.people.people import invite_person
from tests.support.servers import SmtpSink
from tests.support.web.browser import wrong_with
from tests.support.web.web_server import Site, letters_to, links_in, serving


@pytest.fixture
def named_site(tmp_path: Path, sqlite_template: Path, smtp_sink: SmtpSink) -> Iterator[Site]:
    """At http://localhost, where passkeys work, and not as a demo: a link alone is not enough for settings."""
    running = serving(
        tmp_path, sqlite_template, today=date(2026, 3, 2), mail_url=smtp_sink.url, host="localhost", demo=False
    )
    with running as site, site.open():
        invite_person(email="ada@example.org", name="Ada Harbour", organisation="hearth", admin=True)
        yield site


@pytest.fixture
def phone(browser: Any) -> Iterator[Any]:
    """Another device: a small screen, and no cookie of the first."""
    context = browser.new_context(viewport={"width": 320, "height": 640}, is_mobile=True)
    yield context.new_page()
    context.close()


def words(page: Any) -> str:
    return page.locator("main").inner_text()


def ask(page: Any, site: Site, sink: SmtpSink) -> str:
    """Ask for a link in this browser; answers with the link from the letter."""
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Your email address").fill("ada@example.org")
    page.get_by_role("button", name="Send me a link").click()
    page.wait_for_url("**/sign-in/sent")
    sink.clear()
    site.sweep_and_deliver()
    [letter] = letters_to(sink, "ada")
    return next(one for one in links_in(letter) if "/sign-in/" in one)


def enter(page: Any, site: Site) -> None:
    """By a link that the operator made."""
    page.goto(site.link("ada"))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{site.url}/")


def a_key(page: Any, *, verified: bool = True) -> None:
    """A device of this browser that makes passkeys, and opens them without asking anybody; it knows who holds it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verified,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_link_asked_for_on_the_computer_is_opened_on_the_phone_with_the_code(
    named_site: Site, page, phone, smtp_sink: SmtpSink
) -> None:
    url = ask(page, named_site, smtp_sink)
    code = page.locator(".gf-code span").first.inner_text()
    assert wrong_with(page) == []
    phone.goto(url)
    assert wrong_with(phone) == []
    phone.get_by_role("button", name="Sign in", exact=True).click()
    assert "The code has 8 letters and numbers" in words(phone)
    assert wrong_with(phone) == []
    phone.get_by_label("The code").fill(code.lower())
    phone.get_by_role("button", name="Sign in", exact=True).click()
    phone.wait_for_url(f"{named_site.url}/")
    page.goto(f"{named_site.url}/projects")
    assert "/sign-in" in page.url, "The computer, which asked, is not signed in."
    assert page.console_errors == []


def test_where_it_was_asked_for_one_press_is_enough(named_site: Site, page, smtp_sink: SmtpSink) -> None:
    page.goto(ask(page, named_site, smtp_sink))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{named_site.url}/")


def test_an_admin_adds_a_passkey_opens_settings_with_it_and_signs_in_by_it_alone(named_site: Site, page) -> None:
    site = named_site
    a_key(page)
    enter(page, site)
    page.goto(f"{site.url}/plugins/induction/settings/hearth")
    assert "It takes two minutes, and you do it once." in words(page)
    assert wrong_with(page) == []
    page.get_by_role("link", name="Add a passkey").click()
    assert wrong_with(page) == []
    page.get_by_label("What shall we call this passkey?").fill("my laptop")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    assert page.locator(".gf-codes li").count() == 10
    assert wrong_with(page) == []
    page.get_by_role("link", name="I have written them down").click()
    page.wait_for_url("**/plugins/induction/settings/hearth")

    page.goto(f"{site.url}/me/sign-in")
    assert "my laptop" in words(page)
    assert wrong_with(page) == []
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{site.url}/")
    page.goto(f"{site.url}/plugins/induction/settings/hearth")
    assert page.get_by_role("button", name="Save").count() == 1, "Signing in with a passkey is strong at once."
    page.goto(f"{site.url}/me/sessions")
    assert "Chrome on Linux" in words(page)
    assert wrong_with(page) == []
    assert page.console_errors == []


def test_a_form_waits_while_a_passkey_is_shown_and_comes_back_whole(named_site: Site, page) -> None:
    site = named_site
    a_key(page)
    enter(page, site)
    page.goto(f"{site.url}/me/sign-in/passkey")
    page.get_by_label("What shall we call this passkey?").fill("my laptop")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("link", name="I have written them down").click()
    page.goto(f"{site.url}/plugins/checklist/write/hearth")
    page.get_by_label("What is the check called?").fill("Soup for everyone")
    with site.open():
        from govflow.store import SignedIn, db

        db.session.execute(db.update(SignedIn).values(strong_at=None))
        db.session.commit()
    page.get_by_role("button", name="Add this check").click()
    assert "Nothing you typed is lost." in words(page)
    assert wrong_with(page) == []
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("button", name="Send again").wait_for()
    assert page.get_by_label("Title").input_value() == "Soup for everyone"
    assert wrong_with(page) == []
    page.get_by_role("button", name="Send again").click()
    assert page.get_by_label("What is the check called?").input_value() == "Soup for everyone"


def test_an_admin_sets_up_an_app_without_javascript(named_site: Site, browser) -> None:
    site = named_site
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    enter(page, site)
    page.goto(f"{site.url}/me/sign-in")
    page.get_by_role("button", name="Set up an app").click()
    secret = page.locator(".gf-secret").inner_text().replace(" ", "")
    page.get_by_label("The code your app shows now").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Go on").click()
    codes = page.locator(".gf-codes li").all_inner_texts()
    context.clear_cookies()
    enter(page, site)
    page.goto(f"{site.url}/plugins/induction/settings/hearth")
    page.get_by_label("The code your app shows now").fill(codes[0])
    page.get_by_role("button", name="Go on").click()
    assert page.get_by_role("button", name="Save").count() == 1
    context.close()


def test_the_pages_of_the_app_are_clean(named_site: Site, page) -> None:
    enter(page, named_site)
    page.goto(f"{named_site.url}/me/sign-in")
    page.get_by_role("button", name="Set up an app").click()
    assert wrong_with(page) == []
    page.get_by_label("The code your app shows now").fill("12")
    page.get_by_role("button", name="Go on").click()
    assert page.title().startswith("Error")
    assert wrong_with(page) == []
    secret = page.locator(".gf-secret").inner_text().replace(" ", "")
    page.get_by_label("The code your app shows now").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Go on").click()
    page.goto(f"{named_site.url}/me/confirm")
    assert wrong_with(page) == []


def test_closing_the_question_for_a_passkey_says_so_and_loses_nothing(named_site: Site, page) -> None:
    a_key(page, verified=False)
    enter(page, named_site)
    page.goto(f"{named_site.url}/me/sign-in/passkey")
    page.get_by_label("What shall we call this passkey?").fill("my laptop")
    page.get_by_role("button", name="Add it").click()
    page.get_by_text("That did not work this time.").wait_for()
    assert page.get_by_label("What shall we call this passkey?").input_value() == "my laptop"
