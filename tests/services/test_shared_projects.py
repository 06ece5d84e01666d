"""A project that two organisations share: both bring checks, and each keeps its lists to itself until it shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.plugin import (
    EVERY_MEMBER,
    ORGANISATION,
    Document,
    Field,
    Letter,
    Page,
    Question,
    Register,
    Text,
    after_stage_entry,
    entry,
    entry_added,
    met,
    role,
    setting,
    unmet,
)
from govflow.services import sweep
from govflow.services.base.actions import Actor
from govflow.services.base.project_plugins import off_here
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates import gates, reports
from govflow.services.gates.evidence import known_here
from govflow.services.history.history import history
from govflow.services.mail import outbox
from govflow.services.people.people import invite_person, organisation_named, set_home
from govflow.services.plugins import plugin_pages, plugins
from govflow.services.project_file import export_project
from govflow.services.registers import documents, registers
from govflow.store import MemberRow, VisitRow, db
from tests.support.factories import (
    LEAD,
    LIVED,
    PRACTICE,
    TODAY,
    Made,
    a_check,
    a_plugin,
    a_project,
    install,
    person,
    rows,
)

SHELF = Register(
    slug="shelf",
    title="Shelf",
    label="what",
    fields=(Field(name="what", label="What", required=True),),
    added_by=(EVERY_MEMBER,),
)
TEXT = Document(slug="text", title="A text")
OF_MOOR = person("moor-1", "research", organisation="Moor")
MINE, THEIRS = {"hearth": a_plugin(checks=[a_check("tea")])}, {
    "moor": a_plugin(
        checks=[a_check("fire", title="Light the fire"), a_check("labels", about=entry("moor.shelf"))],
        registers=[SHELF],
    )
}  # fmt: skip


@pytest.fixture
def shared(app: Flask) -> Made:
    """Hearth's project, shared with Moor; each has one plugin on, and Moor's keeps a list."""
    install(app, {**MINE, **THEIRS})
    db.session.commit()
    project = a_project(app, members=(LEAD, LIVED, PRACTICE, OF_MOOR), shared_with=["moor"])
    plugins.switch(organisation="hearth", plugin="hearth", on=True, by=None, today=TODAY)
    plugins.switch(organisation="moor", plugin="moor", on=True, by=None, today=TODAY)
    return project


def snapshot(project: Made) -> Any:
    return load_snapshot(project.row, today=TODAY)


def add(project: Made, key: str) -> None:
    registers.add(project.id, register_id="moor.shelf", given={"what": "Peat"}, by=project.by(key), today=TODAY)


def an_admin(organisation: str) -> Actor:
    return Actor(
        invite_person(email="admin@example.org", name="Ada", organisation=organisation, admin=True).id, strong=True
    )


def in_project(
    organisation: str, given: dict[str, str], by: Actor, *, plugin: str = "brew", shared: bool = False
) -> None:
    plugins.change_in_project(
        organisation=organisation, plugin=plugin, project="kettle", given=given, shared=shared, by=by, today=TODAY
    )


@pytest.mark.both_engines
def test_each_organisations_plugins_add_their_checks_and_all_hold(shared: Made) -> None:
    gate = shared.gate()
    assert {one.check for one in gate.holding} == {"hearth.tea", "moor.fire"}
    assert not gate.open


def test_a_member_belongs_to_the_organisation_whose_name_they_come_with(shared: Made) -> None:
    homes = {row.key: row.home_id for row in rows(MemberRow)}
    assert homes["moor-1"] == organisation_named("moor").id
    assert homes["lived-1"] == organisation_named("hearth").id
    assert 'home = "moor"' in export_project(shared.row)


def test_a_file_may_say_where_somebody_belongs_and_nowhere_else(app: Flask) -> None:
    project = a_project(app, plugins={}, members=(LEAD, person("x-1", home="moor")), shared_with=["moor"])
    assert project.member("x-1").home_id == organisation_named("moor").id
    with pytest.raises(Invalid, match=r"home.*“fell” is none of: hearth"):
        a_project(app, plugins={}, members=(LEAD, person("x-1", home="fell")), slug="other")


def test_a_list_is_not_there_for_members_of_another_organisation(shared: Made) -> None:
    add(shared, "moor-1")
    with pytest.raises(NotFound):
        registers.register_asked(snapshot(shared), "moor.shelf", reader="lived-1")
    with pytest.raises(NotFound):
        add(shared, "lead-1")
    assert registers.register_asked(snapshot(shared), "moor.shelf", reader="moor-1") == SHELF


def test_neither_forms_nor_history_tell_them_what_is_in_it(shared: Made) -> None:
    add(shared, "moor-1")
    assert known_here(snapshot(shared), reader="lived-1").entries.get("moor.shelf", {}) == {}
    assert known_here(snapshot(shared), reader="moor-1").entries["moor.shelf"] == {"peat": "Peat"}
    lines, _ = history(shared.id)
    assert lines[0].words == "A line was added to Shelf."


def test_the_gate_page_shows_others_how_many_lines_are_ready_and_no_line(app: Flask, shared: Made) -> None:
    from tests.support.site import signed_in_as

    add(shared, "moor-1")
    app.config["WTF_CSRF_ENABLED"] = False
    ours = signed_in_as(app, shared.member("lived-1").person_id).get("/projects/kettle/gate").get_data(as_text=True)
    theirs = signed_in_as(app, shared.member("moor-1").person_id).get("/projects/kettle/gate").get_data(as_text=True)
    assert "Peat" not in ours
    assert "1 of 1 not ready yet" in ours
    assert "Peat" in theirs
    assert signed_in_as(app, shared.member("lived-1").person_id).get("/projects/kettle/moor/shelf").status_code == 404
    assert signed_in_as(app, shared.member("lived-1").person_id).get(
        "/projects/kettle/gate/moor.labels/peat"
    ).status_code == 404  # fmt: skip


def test_the_operator_says_where_somebody_belongs_and_it_opens_that_ones_lists(shared: Made) -> None:
    set_home(shared.id, member="practice-1", organisation="moor")
    assert registers.register_asked(snapshot(shared), "moor.shelf", reader="practice-1") == SHELF
    with pytest.raises(Invalid, match="This project is of: hearth and moor"):
        set_home(shared.id, member="practice-1", organisation="fell")


def test_an_admin_of_the_organisation_shares_its_lists_in_one_project(shared: Made) -> None:
    add(shared, "moor-1")
    admin = an_admin("moor")
    chosen = {"organisation": "moor", "plugin": "moor", "project": "kettle", "given": {}, "today": TODAY}
    plugins.change_in_project(**chosen, shared=True, by=admin)
    assert registers.register_asked(snapshot(shared), "moor.shelf", reader="lived-1") == SHELF
    lines, _ = history(shared.id)
    assert "changed how the plugin “moor” works in this project" in lines[0].words
    plugins.change_in_project(**chosen, shared=False, by=admin)
    with pytest.raises(NotFound):
        registers.register_asked(snapshot(shared), "moor.shelf", reader="lived-1")


def test_nobody_shares_what_another_organisation_keeps(shared: Made) -> None:
    with pytest.raises(NotFound):
        in_project("moor", {}, an_admin("hearth"), plugin="moor", shared=True)


def test_a_plugin_that_was_switched_off_is_named_on_the_gate_and_comes_back_with_everything(shared: Made) -> None:
    add(shared, "moor-1")
    plugins.switch(organisation="moor", plugin="moor", on=False, by=None, today=TODAY)
    assert off_here(load_snapshot(shared.row, today=TODAY)) == {"Moor": "moor"}
    assert {one.check for one in shared.gate().findings} == {"hearth.tea"}
    plugins.switch(organisation="moor", plugin="moor", on=True, by=None, today=TODAY)
    assert off_here(load_snapshot(shared.row, today=TODAY)) == {}
    assert shared.finding("moor.labels", "peat").subject_label == "Peat"


# --- settings for one project, and of two organisations at once ---------------------------------------------


@dataclass(frozen=True)
class Brewing:
    minutes: int = setting(4, label="How long does it draw?", per_project=True)
    pot: str = setting("brown", label="Which pot?")

    def __post_init__(self) -> None:
        if self.minutes > 10:
            raise ValueError("minutes: nobody drinks that.")


@dataclass(frozen=True)
class Words:
    words: str = setting("", label="Words")

    def together(self, other: Words) -> Words:
        if "clash" in other.words:
            raise ValueError("they clash")
        return Words(words=f"{self.words} {other.words}".strip())


def say(case: Any) -> Any:
    return unmet(f"{case.config.minutes} minutes in the {case.config.pot} pot.")


BREW = {"brew": a_plugin(config=Brewing, checks=[a_check(judge=say)])}


def in_words(case: Any) -> Any:
    return met(f"Words: {case.config.words}")


def test_one_project_has_its_own_settings_where_the_plugin_lets_it(app: Flask) -> None:
    project, other = a_project(app, plugins=BREW), a_project(app, plugins=BREW, slug="other")
    plugins.change_settings(
        organisation="hearth", plugin="brew", given={"minutes": 5, "pot": "blue"}, by=an_admin("hearth"), today=TODAY
    )
    in_project("hearth", {"minutes": "7"}, an_admin("hearth"))
    assert project.finding("brew.tea").sentence == "7 minutes in the blue pot."
    assert other.finding("brew.tea").sentence == "5 minutes in the blue pot."


@pytest.mark.parametrize(
    ("given", "said"), [({"minutes": "11"}, "nobody drinks"), ({"pot": "red"}, "no question “pot”")]
)
def test_a_project_cannot_have_what_the_plugin_does_not_let_it(app: Flask, given: dict[str, str], said: str) -> None:
    project = a_project(app, plugins=BREW)
    with pytest.raises(Invalid, match=said):
        in_project("hearth", {"minutes": "4", **given}, an_admin("hearth"))
    db.session.rollback()
    assert project.finding("brew.tea").sentence == "4 minutes in the brown pot."


def test_whoever_leads_a_project_does_not_change_how_its_checks_work(app: Flask) -> None:
    project = a_project(app, plugins=BREW)
    invite_person(email="lead-1@example.org", name="Lead", organisation="hearth", admin=True)
    with pytest.raises(NotAllowed, match="You lead this project"):
        in_project("hearth", {"minutes": "9"}, project.by("lead-1", strong=True))


def with_words(app: Flask, theirs: str) -> Made:
    plugin = {"words": a_plugin(config=Words, checks=[a_check(judge=in_words)])}
    project = a_project(app, plugins=plugin, shared_with=["moor"])
    plugins.switch(organisation="moor", plugin="words", on=True, by=None, today=TODAY)
    for organisation, said in (("hearth", "ours"), ("moor", theirs)):
        plugins.change_settings(
            organisation=organisation, plugin="words", given={"words": said}, by=an_admin(organisation), today=TODAY
        )
    return project


def test_settings_of_two_organisations_are_put_together_as_the_plugin_says(app: Flask) -> None:
    assert with_words(app, "theirs").finding("words.tea").sentence == "Words: ours theirs"


def test_settings_that_cannot_be_put_together_hold_the_gate(app: Flask) -> None:
    finding = with_words(app, "clash").finding("words.tea")
    assert (finding.outcome, finding.holds) == ("broken", True)


def test_without_a_word_for_it_the_projects_own_organisation_decides(app: Flask) -> None:
    project = a_project(app, plugins=BREW, shared_with=["moor"])
    plugins.switch(organisation="moor", plugin="brew", on=True, by=None, today=TODAY)
    plugins.change_settings(
        organisation="moor", plugin="brew", given={"minutes": 9, "pot": "red"}, by=an_admin("moor"), today=TODAY
    )
    assert project.finding("brew.tea").sentence == "4 minutes in the brown pot."


# --- nothing of another organisation's list anywhere ----------------------------------------------------------


def told(client: Any, path: str) -> str:
    return client.get(path).get_data(as_text=True)


def test_no_page_and_no_letter_tells_others_a_line_of_the_list(app: Flask, shared: Made) -> None:
    """The lead from Hearth even owes what is left to do with it."""
    from tests.support.site import signed_in_as

    named = a_check(
        "named", about=entry("moor.shelf"), judge=lambda case: unmet(f"{case.subject.values['what']} is bare.")
    )
    late = a_check("labels", about=entry("moor.shelf"), due=after_stage_entry(days=1))
    letter = Letter(
        slug="added", subject="Something new", to=role("lead"), when=entry_added("shelf"),
        words=lambda case: [case.subject.values["what"]],
    )  # fmt: skip
    plugin = a_plugin(checks=[named, late], registers=[SHELF], documents=[TEXT], letters=[letter])
    install(app, {**MINE, "moor": plugin})
    add(shared, "moor-1")
    documents.write(shared.id, document_id="moor.text", text="Peat.", after=0, by=shared.by("moor-1"), today=TODAY)
    documents.say(
        shared.id,
        document_id="moor.text",
        number=1,
        answer="concern",
        words="Peat!",
        by=shared.by("moor-1"),
        today=TODAY,
    )
    sweep.sweep(today=TODAY)
    token, ids = outbox.claim()
    posted = [outbox.compose(one, token, today=TODAY) for one in ids]
    assert any("Put the kettle on" in one.words.text for one in posted if one)
    assert not [one for one in posted if one and "Peat" in one.words.text + one.words.subject]
    lead = signed_in_as(app, shared.member("lead-1").person_id)
    for path in (
        "/",
        "/projects",
        *(f"/projects/kettle{one}" for one in ("", "/gate", "/waivers", "/history", "/sign-off")),
    ):
        assert "peat" not in told(lead, path).casefold(), path
    assert "Peat" not in told(lead, "/projects/kettle/waivers?check=moor.labels&subject=peat")
    with pytest.raises(NotFound):
        gates.propose_waiver(
            shared.id,
            check_id="moor.labels",
            subject="peat",
            reason="x",
            until=TODAY,
            by=shared.by("lived-1"),
            today=TODAY,
        )
    db.session.rollback()
    assert "Peat" in told(signed_in_as(app, shared.member("moor-1").person_id), "/projects/kettle/gate")


def test_a_program_is_told_no_line_of_the_list_and_not_by_its_short_name(app: Flask, shared: Made) -> None:
    add(shared, "moor-1")

    def told_of(key: str) -> dict[str, Any]:
        person_id = shared.member(key).person_id
        found = reports.gate_report_for(shared.row, person_id=person_id, today=TODAY, sentences=True)
        return next(one for one in found["findings"] if one["check"] == "moor.labels")

    assert told_of("moor-1")["subject"] == "peat"
    assert (told_of("lived-1")["subject"], told_of("lived-1")["owed_by"]) == (None, [])
    assert "peat" not in str(told_of("lived-1")).casefold()


def test_a_past_visit_tells_others_no_line_either(app: Flask, shared: Made) -> None:
    from tests.support.site import signed_in_as

    shared.row.stage = "design"
    rows(VisitRow, project_id=shared.id)[0].stage = "design"
    db.session.commit()
    add(shared, "moor-1")
    gates.go_back(shared.id, stage="bid", why="Again.", by=shared.by("lead-1"), today=TODAY)
    assert "Peat" not in told(signed_in_as(app, shared.member("lived-1").person_id), "/projects/kettle/visits/1")
    assert "Peat" in told(signed_in_as(app, shared.member("moor-1").person_id), "/projects/kettle/visits/1")


def test_a_list_of_the_organisation_is_for_its_own_members_and_only_while_its_plugin_is_on(app: Flask) -> None:
    rates = Register(
        slug="rate", title="Rates", label="what", fields=SHELF.fields, added_by=(EVERY_MEMBER,), scope=ORGANISATION
    )
    install(app, {"kitchen": a_plugin(registers=[rates])})
    project = a_project(app, members=(LEAD, LIVED, PRACTICE, OF_MOOR), shared_with=["moor"])
    for organisation in ("hearth", "moor"):
        plugins.switch(organisation=organisation, plugin="kitchen", on=True, by=None, today=TODAY)
    registers.add(project.id, register_id="kitchen.rate", given={"what": "25"}, by=project.by("lead-1"), today=TODAY)
    assert history(project.id)[0][0].words == "A line was added to Rates."
    assert registers.register_asked(snapshot(project), "kitchen.rate", reader="lived-1") == rates
    with pytest.raises(NotFound):
        registers.register_asked(snapshot(project), "kitchen.rate", reader="moor-1")
    plugins.switch(organisation="hearth", plugin="kitchen", on=False, by=None, today=TODAY)
    assert "kitchen.rate" not in snapshot(project).entries


@pytest.fixture
def rated(app: Flask) -> Made:
    """A list that Hearth keeps for all its projects, of a plugin that both have on, and a page that shows it."""
    rates = Register(
        slug="rate", title="Rates", label="what", fields=SHELF.fields, added_by=(EVERY_MEMBER,), scope=ORGANISATION
    )
    page = Page(
        slug="all",
        title="All rates",
        view=lambda desk: Text(text=f"Rates: {[one.values['what'] for one in desk.case.registers['kitchen.rate']]}"),
    )
    install(app, {"kitchen": a_plugin(registers=[rates], pages=[page])})
    project = a_project(app, members=(LEAD, LIVED, PRACTICE, OF_MOOR), shared_with=["moor"])
    for organisation in ("hearth", "moor"):
        plugins.switch(organisation=organisation, plugin="kitchen", on=True, by=None, today=TODAY)
    registers.add(project.id, register_id="kitchen.rate", given={"what": "25"}, by=project.by("lead-1"), today=TODAY)
    return project


def test_a_partner_does_not_share_with_its_own_members_what_the_project_s_organisation_keeps(rated: Made) -> None:
    in_project("moor", {}, an_admin("moor"), plugin="kitchen", shared=True)
    with pytest.raises(NotFound):
        registers.register_asked(snapshot(rated), "kitchen.rate", reader="moor-1")
    in_project("hearth", {}, an_admin("hearth"), plugin="kitchen", shared=True)
    assert registers.register_asked(snapshot(rated), "kitchen.rate", reader="moor-1")


def test_a_plugin_s_page_shows_nobody_a_line_of_a_list_that_is_not_theirs(rated: Made) -> None:
    def shown(key: str) -> str:
        [part] = plugin_pages.see(snapshot(rated), "kitchen", "all", reader=key, query={})[1]
        return part.text

    assert shown("lived-1") == "Rates: ['25']"
    assert shown("moor-1") == "Rates: []"


def test_an_admin_who_leads_a_project_does_not_set_away_what_holds_its_gate(app: Flask) -> None:
    def judge(case: Any) -> Any:
        return unmet("Not in five minutes.") if case.config.minutes > 4 else met("Quick.")

    project = a_project(app, plugins={"brew": a_plugin(config=Brewing, checks=[a_check(judge=judge)])})
    change = {"organisation": "hearth", "plugin": "brew", "today": TODAY}
    plugins.change_settings(**change, given={"minutes": 5, "pot": "blue"}, by=an_admin("hearth"))
    invite_person(email="lead-1@example.org", name="Lead", organisation="hearth", admin=True)
    with pytest.raises(NotAllowed, match="would ask for less"):
        plugins.change_settings(**change, given={"minutes": 3, "pot": "blue"}, by=project.by("lead-1", strong=True))
    db.session.rollback()
    plugins.change_settings(**change, given={"minutes": 6, "pot": "red"}, by=project.by("lead-1", strong=True))
    assert project.finding("brew.tea").outcome == "unmet"


def test_an_answer_that_names_a_line_of_the_list_does_not_name_it_to_others(app: Flask, shared: Made) -> None:
    """Moor's own member answers Hearth's check with a line that Hearth's members do not read."""
    from govflow.services.gates import evidence
    from tests.support.site import signed_in_as

    which = Question(name="which", label="Which?", kind="entry_of", of="moor.shelf")
    install(app, {"hearth": a_plugin(checks=[a_check("tea", questions=(which,))]), "moor": THEIRS["moor"]})
    add(shared, "moor-1")
    evidence.answer(
        shared.id, check_id="hearth.tea", subject=None, given={"which": "peat"}, by=shared.by("moor-1"), today=TODAY
    )
    for key, sees in (("moor-1", True), ("lived-1", False)):
        page = told(signed_in_as(app, shared.member(key).person_id), "/projects/kettle/gate/hearth.tea")
        assert ("Peat" in page) is sees
        assert sees or "not for you to see" in page
