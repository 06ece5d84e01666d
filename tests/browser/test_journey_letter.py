"""What is late becomes one email; its link leads to the thing; when that is done, no further letter comes."""

from __future__ import annotations

from datetime import timedelta

from govflow.services.project_file import import_project
from tests.support import small_project
from tests.support.servers import SmtpSink
from tests.support.web.web_server import Enter, Site, letters_to, links_in


def words(page) -> str:
    return page.locator("main").inner_text()


def test_from_not_ready_to_late_to_a_letter_to_done(site: Site, enter: Enter, page, smtp_sink: SmtpSink) -> None:
    due = small_project.JOINED + timedelta(days=14)
    site.today = due - timedelta(days=4)
    with site.open():
        import_project(small_project.file(), today=site.today, keep_dates=True)
    lead = enter("lead-1")
    lead.goto(f"{site.url}/")
    assert "Nothing of yours is late." in words(lead)
    site.today = due
    assert site.sweep_and_deliver()["letters_new"] == 0, "The due day itself is still in time."

    # late
    site.today = due + timedelta(days=1)
    lead.reload()
    assert "1 thing that you look after is late." in words(lead)
    assert site.sweep_and_deliver()["letters_new"] == 1
    [letter] = letters_to(smtp_sink, "lead-1")
    assert "Lived 2" in letter.get_body(("plain",)).get_content()
    assert "Lived 2" in letter.get_body(("html",)).get_content()
    assert letters_to(smtp_sink, "lived-2") == [], "The joiner is never chased."
    assert site.sweep_and_deliver()["letters_new"] == 0
    [link] = [one for one in links_in(letter) if "/gate/" in one]

    # the link, in a browser that nobody is signed in to
    page.goto(link)
    page.get_by_label("Your email address").fill("lead-1@example.org")
    page.get_by_role("button", name="Send me a link").click()
    assert "Look at your email" in words(page)
    smtp_sink.clear()
    site.sweep_and_deliver()
    [sign_in] = letters_to(smtp_sink, "lead-1")
    page.goto(next(one for one in links_in(sign_in) if "/sign-in/" in one))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(link)
    assert "Lived 2 joined on" in words(page)
    assert page.get_by_role("button", name="Save").count() == 0, "The joiner alone can say that it is done."

    # done by the one who can
    joiner = enter("lived-2")
    joiner.goto(link)
    joiner.get_by_role("group", name="I am settled in, and I am happy to work this way").get_by_label("Yes").check()
    joiner.get_by_role("button", name="Save").click()
    page.reload()
    assert "Lived 2 said on" in words(page)

    # and no further letter, however often anybody looks
    smtp_sink.clear()
    for weeks in range(1, 4):
        site.today = due + timedelta(days=7 * weeks)
        site.sweep_and_deliver()
    assert letters_to(smtp_sink, "lead-1") == []
    assert page.console_errors == []
