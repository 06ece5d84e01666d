"""An organisation writes a check of its own on a page, without code, and a project lives by it."""

from __future__ import annotations

from govflow.services.people.people import invite_person
from govflow.services.project_file import import_project
from tests.support.factories import a_file, toml
from tests.support.web.web_server import Site


def test_a_check_written_on_a_page_holds_a_gate_until_it_is_answered(site: Site, enter) -> None:
    with site.open():
        import_project(toml(a_file()), today=site.today, keep_dates=True)
        invite_person(email="ada@example.org", name="Ada Admin", organisation="hearth", admin=True)

    admin = enter("ada")
    admin.get_by_role("link", name="Plugins").click()
    admin.get_by_role("button", name="Switch on Checklist").click()
    admin.get_by_role("link", name="Checklist", exact=True).click()
    admin.get_by_role("link", name="Our own checks").click()
    admin.get_by_label("What is the check called?").fill("Ethics approval")
    admin.get_by_label("Why does it matter?").fill("Nobody is asked to take part before the study is approved.")
    admin.get_by_label("Bid").check()
    admin.get_by_label("What is asked?").fill("Is the study approved?")
    admin.get_by_label("Yes or no").check()
    admin.get_by_label("A lead").check()
    admin.get_by_label("How many days after the stage began is it due?").fill("90")
    admin.get_by_role("group", name="Does the gate wait for it?").get_by_label("Yes").check()
    admin.get_by_role("button", name="Add this check").click()
    assert "due 90 days after the start of this stage" in admin.locator("main").inner_text()

    member = enter("lived-1")
    member.goto(f"{site.url}/projects/kettle/gate")
    assert "“Ethics approval” is still to be answered." in member.locator("main").inner_text()
    member.get_by_role("link", name="Ethics approval").click()
    assert "Nobody is asked to take part before the study is approved." in member.locator("main").inner_text()
    member.get_by_role("group", name="Is the study approved?").get_by_label("No").check()
    member.get_by_role("button", name="Save").click()
    assert "not there yet: Is the study approved?" in member.locator("main").inner_text()
    member.get_by_role("link", name="Ethics approval").click()
    member.get_by_role("group", name="Is the study approved?").get_by_label("Yes").check()
    member.get_by_role("button", name="Save").click()
    assert "Answered on 2 March 2026 by Lived 1." in member.locator("main").inner_text()

    admin.goto(f"{site.url}/plugins")
    admin.get_by_role("button", name="Switch off Checklist").click()
    member.reload()
    said = member.locator("main").inner_text()
    assert "The plugin “Checklist” is off for Hearth, so what it checks is not asked here." in said
    assert "Ethics approval" not in said
    admin.get_by_role("button", name="Switch on Checklist").click()
    member.reload()
    assert "Answered on 2 March 2026 by Lived 1." in member.locator("main").inner_text()
