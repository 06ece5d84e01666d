"""A vote without names: a lead, a member with lived experience and an outsider each try to see it, in real browsers."""

from __future__ import annotations

from datetime import timedelta

from govflow.services.project_file import import_project
from tests.support import small_project
from tests.support.factories import a_file, person, toml
from tests.support.web.browser import words
from tests.support.web.web_server import Enter, Site

SECRET = "The meetings are much too fast for me."
POLL = "/projects/kettle/stress_test/ask/how_is_it_going"
PAGES = ("", "/gate", "/people", "/history", "/waivers", "/sign-off", "/stress_test/ask/how_is_it_going")


def answer(page, site: Site, number: int, *, say: str = "", show: bool = False) -> None:
    """Choose that point of the scale everywhere, by keyboard alone."""
    page.goto(f"{site.url}{POLL}")
    for statement in page.locator("fieldset").filter(has=page.get_by_role("radio")).all():
        statement.get_by_role("radio").nth(number).focus()
        page.keyboard.press("Space")
    if say:
        page.get_by_label("Is there anything the group should talk about?").fill(say)
    if show:
        page.get_by_label("After it closes, show my words to the group, without my name").check()
    page.get_by_role("button", name="Send my answers").press("Enter")
    assert "Thank you. You can change your answers until it closes." in words(page)


def test_a_lead_a_member_and_an_outsider_try_to_see_a_vote(site: Site, enter: Enter) -> None:
    with site.open():
        import_project(small_project.file(), today=small_project.TODAY, keep_dates=True)
        others = a_file(members=[person("out-1", "lived", role="lead")], slug="teapot", organisation="elsewhere")
        import_project(toml(others), today=small_project.TODAY, keep_dates=True)
    lead, lived, outsider = enter("lead-1"), enter("lived-1"), enter("out-1")
    lead.goto(f"{site.url}{POLL}")
    lead.get_by_role("button", name="Ask everyone now").click()

    # what is promised, and what is not, is said before the first question
    lived.goto(f"{site.url}{POLL}")
    lived.get_by_text("What we promise, and what we do not").click()
    told = words(lived)
    assert told.index("Nobody in the project can see what you answer") < told.index(
        "I ", told.index("It is open until")
    )
    assert "What we do not promise" in told
    answer(lived, site, 0, say=SECRET)

    # nobody finds it: not the lead on any page, not the voter again, not in what the browser keeps
    for page in (lead, lived):
        for path in PAGES:
            page.goto(f"{site.url}/projects/kettle{path}")
            assert SECRET not in page.content()
            assert page.locator(":checked").count() == 0, path
    assert lead.goto(f"{site.url}{POLL}?as=json").status == 200
    assert SECRET not in lead.content()
    assert "answered" not in words(lead).replace("What you answer", ""), "one vote is not told as a number"
    for path in PAGES:
        assert outsider.goto(f"{site.url}/projects/kettle{path}").status == 404

    # the others vote, one shows her words; then only what may be told is told
    for who, number in (("lead-1", 3), ("practice-1", 3), ("research-1", 4)):
        answer(enter(who), site, number)
    answer(enter("lived-2"), site, 3, say="More breaks, please.", show=True)
    site.today = small_project.TODAY + timedelta(days=15)
    site.sweep_and_deliver()
    lead.goto(f"{site.url}{POLL}")
    assert "Most chose “Agree or Strongly agree”." in words(lead)
    assert SECRET not in lead.content(), "words without a tick are destroyed unread"
    assert "More breaks, please." not in words(lead), "fewer than five wrote, so no words are told"
