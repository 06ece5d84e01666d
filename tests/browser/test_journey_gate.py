"""The whole way through a gate, by pages alone, by five people in browsers of their own."""

from __future__ import annotations

from govflow.services.project_file import import_project
from tests.support import small_project
from tests.support.web.browser import words
from tests.support.web.web_server import Enter, Site


def test_from_a_gate_that_is_held_to_the_next_stage(site: Site, enter: Enter) -> None:
    with site.open():
        import_project(small_project.file(), today=small_project.TODAY, keep_dates=True)
    gate = f"{site.url}/projects/kettle/gate"
    lead = enter("lead-1")

    # held
    lead.goto(gate)
    assert "2 things are not ready yet and 4 sign-offs are still to come." in words(lead)
    assert lead.get_by_role("button", name="Move on").count() == 0

    # one answers for herself
    joiner = enter("lived-2")
    joiner.get_by_role("link", name="Welcome and induction").click()
    group = joiner.get_by_role("group", name="I am settled in, and I am happy to work this way")
    group.get_by_label("Yes").check()
    joiner.get_by_label("What would you like your role to be called?").fill("Poet of the kettle")
    joiner.get_by_role("button", name="Save").click()
    assert "Thank you. That is recorded." in words(joiner)
    lead.goto(gate)
    assert "1 thing is not ready yet and 4 sign-offs are still to come." in words(lead)

    # everyone is asked, five answer, it closes
    poll = f"{site.url}/projects/kettle/stress_test/ask/how_is_it_going"
    lead.goto(poll)
    lead.get_by_role("button", name="Ask everyone now").click()
    assert "Everyone is asked now." in words(lead)
    for who in small_project.PEOPLE:
        page = enter(who)
        page.goto(f"{site.url}/")
        page.get_by_role("link", name="How is it going?").first.click()
        for statement in page.locator("fieldset").filter(has=page.get_by_role("radio")).all():
            statement.get_by_role("radio").nth(3).check()
        page.get_by_role("button", name="Send my answers").click()
        assert "You can change your answers until it closes." in words(page)
        assert page.get_by_role("radio", checked=True).count() == 0, "What was answered is not read back."
        assert "answered by" not in words(page)
    lead.goto(poll)
    lead.get_by_role("button", name="Close it now").click()
    assert "Now talk about it together." in words(lead)
    assert "5 of 5 have answered." in words(lead)
    assert "Most chose “Agree or Strongly agree”." in words(lead), "All said the same: no number tells it."
    lead.goto(gate)
    assert "The group still has to talk about what came out." in words(lead)

    # they talk, and somebody looks after what follows
    practice = enter("practice-1")
    practice.goto(gate)
    practice.get_by_role("link", name="How is it going? Asked, talked about, acted on").click()
    practice.get_by_label("When did you talk about it together?").fill("2 3 2026")
    practice.get_by_label("What will you do, who does it, and by when?").fill("Shorter meetings, from April.")
    practice.get_by_role("group", name="Who looks after these actions?").get_by_label("Practice 1").check()
    practice.get_by_role("button", name="Save").click()
    assert "Practice 1 looks after the actions." in words(practice)

    # three kinds of expertise and a lead sign off; not one of them is enough
    for left, who in ((3, "lead-1"), (2, "research-1"), (1, "practice-1")):
        page = enter(who)
        page.goto(f"{site.url}/projects/kettle/sign-off")
        page.get_by_role("button", name="I think we are ready").click()
        assert f"{left} sign-off{'s are' if left > 1 else ' is'} still to come" in words(page)
        lead.goto(gate)
        assert lead.get_by_role("button", name="Move on").count() == 0
    lived = enter("lived-1")
    lived.goto(f"{site.url}/projects/kettle/sign-off")
    lived.get_by_role("button", name="I think we are ready").click()
    assert "Everything for" in words(lived)
    assert lived.get_by_role("button", name="Move on").count() == 0, "Only a lead moves the project."

    # the lead moves the project on
    lead.goto(gate)
    lead.get_by_role("button", name="Move on to").click()
    assert "The project moved on to" in words(lead)
    with site.open():
        from govflow.services.people.projects import find_project

        assert find_project("kettle").stage == "design"
    lead.get_by_role("link", name="left on 2 March 2026").click()
    assert "This page shows that moment and does not change." in words(lead)
    assert "Lived 1: ready" in words(lead)
