"""Lists: who may add and see, and that what an entry was before stays in its history."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.domain.registers.registers import Register, ok, refuse
from govflow.plugin import EVERY_MEMBER, Field, entry, met, person_field
from govflow.plugin import LEAD as A_LEAD
from govflow.plugin_host.loader import PluginRefused, ask_plugin
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.project_file import export_project
from govflow.services.registers import registers
from govflow.store import EntryRow, EntryVersion, EventRow, db
from tests.support.factories import FOUR, TODAY, a_check, a_plugin, a_project, days, install, person, rows

SHELF = Register(
    slug="shelf",
    title="Shelf",
    label="what",
    added_by=(A_LEAD,),
    seen_by=(EVERY_MEMBER,),
    fields=(Field(name="what", label="What", required=True), Field(name="by", label="Best before", kind="date")),
)
PRIVATE = Register(
    slug="cups",
    title="Cups",
    label="person",
    added_by=(EVERY_MEMBER,),
    seen_by=(A_LEAD, person_field("person")),
    fields=(Field(name="person", label="Whose", kind="person", required=True), Field(name="words", label="Words")),
)
KITCHEN = {"kitchen": a_plugin(registers=[SHELF, PRIVATE], checks=[])}


def add(project, key="lead-1", register="kitchen.shelf", **given):
    return registers.add(
        project.id, register_id=register, given=given or {"what": "Tea"}, by=project.by(key), today=TODAY
    )


def change(project, entry_key, key="lead-1", register="kitchen.shelf", *, on=TODAY, remove=False, **given):
    return registers.change(
        project.id, register_id=register, key=entry_key, given=given, by=project.by(key), today=on, remove=remove
    )


def listed(project, reader="lived-1", register="kitchen.shelf", *, today=TODAY):
    snapshot = load_snapshot(project.row, today=today)
    registers.register_asked(snapshot, register, reader=reader)
    return {one.key: dict(one.values) for one in registers.entries_seen(snapshot, register, reader=reader)}


@pytest.mark.core
@pytest.mark.both_engines
def test_an_entry_is_added_changed_and_taken_off_and_every_version_is_kept(app):
    project = a_project(app, plugins=KITCHEN)
    add(project, what="Green tea", by="2026-05-01")
    change(project, "green-tea", what="Green tea", by="2026-06-01", on=TODAY + days(1))
    change(project, "green-tea", remove=True, on=TODAY + days(2))
    kept = registers.history_of(project.row, "kitchen.shelf", SHELF, "green-tea")
    assert [(one.number, one.values["by"], one.removed) for one in kept] == [
        (3, "2026-06-01", True),
        (2, "2026-06-01", False),
        (1, "2026-05-01", False),
    ]
    assert listed(project, today=TODAY + days(2)) == {}
    assert str(listed(project, today=TODAY + days(1))["green-tea"]["by"]) == "2026-06-01"
    assert str(listed(project)["green-tea"]["by"]) == "2026-05-01"


def test_keys_come_from_the_label_and_are_never_used_twice(app):
    project = a_project(app, plugins=KITCHEN)
    for _ in range(2):
        add(project, what="Tea & cake!")
    change(project, "tea-cake", remove=True)
    add(project, what="Tea & cake!")
    add(project, what="茶")
    assert [one.key for one in rows(EntryRow)] == ["tea-cake", "tea-cake-2", "tea-cake-3", "shelf"]


def test_only_those_a_list_lets_add_may_add_or_change(app):
    project = a_project(app, plugins=KITCHEN, members=[*FOUR, person("watcher", role="observer")])
    add(project)
    for key in ("lived-1", "watcher"):
        with pytest.raises(NotAllowed):
            add(project, key, what="Milk")
        with pytest.raises((NotAllowed, NotFound)):
            change(project, "tea", key, what="Coffee")
        db.session.rollback()
    assert [one.values["what"] for one in rows(EntryVersion)] == ["Tea"]


@pytest.mark.core
def test_a_row_of_a_private_list_is_seen_by_a_lead_and_by_its_person_alone(app):
    project = a_project(app, plugins=KITCHEN)
    add(project, "lived-1", "kitchen.cups", person="lived-1", words="Two handles.")
    assert (
        set(listed(project, "lived-1", "kitchen.cups")) == set(listed(project, "lead-1", "kitchen.cups")) == {"lived-1"}
    )
    assert listed(project, "practice-1", "kitchen.cups") == {}
    snapshot = load_snapshot(project.row, today=TODAY)
    with pytest.raises(NotFound) as hidden:
        registers.entry_asked(snapshot, "kitchen.cups", PRIVATE, "lived-1", reader="practice-1")
    with pytest.raises(NotFound) as absent:
        registers.entry_asked(snapshot, "kitchen.cups", PRIVATE, "nothing", reader="practice-1")
    assert str(hidden.value).replace("lived-1", "") == str(absent.value).replace("nothing", "")


def test_nobody_changes_a_private_row_they_may_not_see(app):
    project = a_project(app, plugins=KITCHEN)
    add(project, "lived-1", "kitchen.cups", person="lived-1", words="Two handles.")
    with pytest.raises(NotFound):
        change(project, "lived-1", "practice-1", "kitchen.cups", person="lived-1", words="None.")


def test_the_history_of_a_private_list_names_no_person_and_no_word_of_it(app):
    project = a_project(app, plugins=KITCHEN)
    add(project, "lead-1", "kitchen.cups", person="lived-1", words="Two handles.")
    add(project, "lead-1", what="Tea")
    lines = {one.verb: one.facts for one in rows(EventRow) if one.verb.startswith("entry")}
    assert lines == {
        "entry.added_privately": {"register": "Cups"},
        "entry.added": {"register": "Shelf", "label": "Tea"},
    }


def test_of_a_quiet_list_nothing_is_told_in_the_history_or_the_project_file(app):
    quiet = replace(PRIVATE, slug="between", quiet=True)
    project = a_project(app, plugins={"kitchen": a_plugin(registers=[PRIVATE, quiet], checks=[])})
    told = len(rows(EventRow))
    key = {"register": "kitchen.between", "person": "lived-1"}
    add(project, "lead-1", **key, words="Kanari")
    (line,) = listed(project, register="kitchen.between")
    change(project, line, "lead-1", **key, words="Kanari again")
    change(project, line, "lead-1", "kitchen.between", remove=True)
    add(project, "lived-1", **key, words="Kanari at last")
    assert len(rows(EventRow)) == told
    assert all(re.fullmatch("line-[0-9a-f]{16}", one.key) for one in rows(EntryRow))  # nor how many there were before
    exported = export_project(project.row)
    assert "kitchen.between" not in exported
    assert "Kanari" not in exported


def test_what_the_list_of_a_plugin_that_is_gone_holds_stays_out_of_the_project_file(app):
    project = a_project(app, plugins=KITCHEN)
    add(project, "lead-1", "kitchen.cups", person="lived-1", words="Kanari")
    install(app, {})
    assert "[[entry]]" not in export_project(project.row)


def test_the_rule_of_a_list_that_reads_its_own_lines_is_asked_by_a_project_file_too(app):
    alone = replace(SHELF, check_entry=lambda values, case: refuse("Full.") if case.rows("kitchen.shelf") else ok)
    line = {"register": "kitchen.shelf", "key": "tea", "by": "lead-1", "on": TODAY, "values": {"what": "Tea"}}
    kitchen = {"kitchen": a_plugin(registers=[alone], checks=[])}
    assert listed(a_project(app, plugins=kitchen, entry=[line])) == {"tea": {"what": "Tea"}}
    with pytest.raises(Invalid, match="Full"):
        a_project(app, plugins=kitchen, slug="pot", entry=[line, {**line, "key": "milk"}])


def test_no_check_is_about_the_lines_of_a_quiet_list():
    about = a_check("each", about=entry("kitchen.between"))
    quiet = replace(PRIVATE, slug="between", quiet=True)
    with pytest.raises(PluginRefused, match="nothing is told of the quiet list"):
        ask_plugin("kitchen", a_plugin(registers=[quiet], checks=[about]))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"what": ""}, "what"),
        ({"what": "Tea", "by": "soon"}, "by"),
        ({"what": "Tea", "who": "x"}, "who"),
        ({"what": "x" * 301}, "what"),
    ],
)
def test_an_entry_with_faults_is_refused_by_field_and_nothing_is_kept(app, given, field):
    project = a_project(app, plugins=KITCHEN)
    with pytest.raises(Invalid) as refused:
        add(project, **given)
    db.session.rollback()
    assert set(refused.value.problems) == {field}
    assert rows(EntryRow) == []


def test_a_line_about_a_person_stays_with_its_person(app):
    project = a_project(app, plugins=KITCHEN)
    add(project, "lead-1", "kitchen.cups", person="lived-1")
    with pytest.raises(Invalid, match="stays with its person"):
        change(project, "lived-1", "lead-1", "kitchen.cups", person="practice-1")


def test_a_list_s_own_rule_can_refuse(app):
    rule = Register(
        slug="shelf",
        title="Shelf",
        label="what",
        fields=SHELF.fields,
        check_entry=lambda values, case: refuse("No coffee here.") if values["what"] == "Coffee" else refuse(case.by),
    )
    project = a_project(app, plugins={"kitchen": a_plugin(registers=[rule])})
    with pytest.raises(Invalid, match="No coffee here"):
        add(project, what="Coffee")
    with pytest.raises(Invalid, match="lead-1"):
        add(project, what="Tea")


def test_a_list_s_own_rule_knows_which_line_is_changed(app):
    def drunk(values, case):
        return refuse("This was drunk.") if case.subject and case.subject.values["what"] == "Tea" else ok

    rule = replace(SHELF, added_by=(EVERY_MEMBER,), check_entry=drunk)
    project = a_project(app, plugins={"kitchen": a_plugin(registers=[rule])})
    for what in ("Tea", "Milk"):
        add(project, what=what)
    change(project, "milk", what="Oat milk")
    with pytest.raises(NotAllowed, match="This was drunk"):
        change(project, "tea", what="Coffee")
    with pytest.raises(NotAllowed, match="Only whoever could have written this line"):
        change(project, "tea", "lived-1", what="Coffee")


@pytest.mark.core
def test_a_check_about_each_entry_is_judged_for_each_and_broken_where_its_list_is_gone(app):
    counts = a_check(about=entry("kitchen.shelf"), judge=lambda case: met(case.subject.values["what"]))
    project = a_project(app, plugins={**KITCHEN, "counter": a_plugin(checks=[counts])})
    for what in ("Tea", "Milk"):
        add(project, what=what)
    assert [(one.subject, one.sentence) for one in project.gate().findings] == [("tea", "Tea"), ("milk", "Milk")]
    install(app, {"counter": a_plugin(checks=[counts])})
    assert {one.check: one.outcome for one in project.gate().findings} == {
        "kitchen.plugin": "broken",
        "counter.tea": "broken",
    }


@pytest.mark.core
def test_a_list_of_another_plugin_is_there_only_for_a_check_that_needs_it(app):
    def judge(case):
        return met(f"{len(case.registers['kitchen.shelf'])} things.")

    peeking, needing = a_check("peeks", judge=judge), a_check("needs", judge=judge, needs=("kitchen.shelf",))
    project = a_project(app, plugins={**KITCHEN, "counter": a_plugin(checks=[peeking, needing])})
    assert project.finding("counter.peeks").outcome == "broken"
    assert project.finding("counter.needs").sentence == "0 things."


# --- pay cover: the shipped list where only the person may decline ------------------------------------------


@pytest.fixture
def writing(app):
    """A project with one output, written by two people."""
    project = a_project(app, stage="dissemination")
    add(
        project,
        "lived-1",
        "outputs.output",
        title="Paper",
        kind="paper",
        planned_end="2026-12-01",
        writers="lived-1,practice-1",
    )
    return project


def cover(project, key, person, **given):
    given = {"output": "paper", "person": person, **given}
    return add(project, key, "paid_authors.cover", **given)


@pytest.mark.parametrize("key", ["lead-1", "practice-1"])
def test_nobody_declines_pay_for_somebody_else(writing, key):
    with pytest.raises(Invalid, match="Only the person"):
        cover(writing, key, "lived-1", how="declined", words="They are fine.")


def test_the_person_declines_in_their_own_words_and_may_take_it_back(writing):
    with pytest.raises(Invalid, match="own words"):
        cover(writing, "lived-1", "lived-1", how="declined")
    cover(writing, "lived-1", "lived-1", how="declined", words="I am paid elsewhere.")
    with pytest.raises(NotAllowed):
        change(writing, "lived-1", "lead-1", "paid_authors.cover", remove=True)
    change(writing, "lived-1", "lived-1", "paid_authors.cover", remove=True)
    assert listed(writing, "lead-1", "paid_authors.cover") == {}


def test_nobody_writes_over_somebody_s_own_words(writing):
    cover(writing, "lived-1", "lived-1", how="declined", words="I am paid elsewhere.")
    given = {"output": "paper", "person": "lived-1", "how": "funded", "until": "2026-12-31"}
    with pytest.raises(NotAllowed, match="Only whoever could have written"):
        change(writing, "lived-1", "lead-1", "paid_authors.cover", **given)
    db.session.rollback()
    kept = listed(writing, "lived-1", "paid_authors.cover")["lived-1"]
    assert kept["words"] == "I am paid elsewhere."


def test_a_lead_cannot_turn_a_funded_line_into_a_declined_one(writing):
    cover(writing, "lead-1", "lived-1", how="funded", until="2026-12-31")
    with pytest.raises(Invalid, match="Only the person"):
        change(
            writing,
            "lived-1",
            "lead-1",
            "paid_authors.cover",
            output="paper",
            person="lived-1",
            how="declined",
            words="No.",
        )


def test_a_member_cannot_write_funded_lines(writing):
    with pytest.raises(Invalid, match="A lead or the finance contact"):
        cover(writing, "lived-1", "lived-1", how="funded", until="2026-12-31")


def test_pay_gaps_are_read_by_the_person_and_by_whoever_owes_it_others_read_a_count(writing):
    cover(writing, "lead-1", "practice-1", how="funded", until="2026-10-21")
    finding = writing.finding("paid_authors.covered", "paper")
    assert finding.holds
    assert finding.sentence_for("practice-1") == "Practice’s pay ends 41 days before the write-up does."
    assert finding.sentence_for("lived-1") == "Lived has no pay cover for the write-up yet."
    assert finding.sentence_for("research-1") == "Pay cover: 2 of 2 not ready yet."
    assert "41 days" in finding.sentence_for("lead-1")
