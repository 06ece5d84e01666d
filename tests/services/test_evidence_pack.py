"""The evidence pack: put together from what is recorded, the same today and years later, and with nobody's name."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from govflow.domain.refusals import NotFound
from govflow.domain.registers.registers import Register
from govflow.plugin import EVERY_MEMBER, LEAD, MEMBER, Field, Form, Page, Table, Text, met, unmet
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates import evidence_pack, gates
from govflow.services.registers import registers
from tests.support.factories import FOUR, TODAY, a_check, a_plugin, a_project, days

NAMES = ("Lead 1", "Lived 1", "Practice 1", "Research 1", "lived-1@example.org")
CUPS = Register(
    slug="cup", title="Cups", label="what", added_by=(EVERY_MEMBER,), fields=(Field(name="what", label="What"),)
)
SEALED = Register(
    slug="sealed", title="Sealed", label="what", added_by=(EVERY_MEMBER,), seen_by=(LEAD,), fields=CUPS.fields
)


def shown(desk):
    case = desk.case
    rows = [
        (row.values["what"], case.name(row.by)) for name in ("tea.cup", "tea.sealed") for row in case.registers[name]
    ]
    return [Table(caption="Cups", columns=("What", "By"), rows=rows), Form(fields=(), send=lambda *_: None)]


def broken(desk):
    raise RuntimeError("the kettle is broken")


PAGES = [
    Page(slug="cups", title="Cups of tea", view=lambda desk: Text(text="x"), in_pack=shown),
    Page(slug="broken", title="A broken page", view=lambda desk: Text(text="x"), in_pack=broken),
    Page(slug="inside", title="For us alone", view=lambda desk: Text(text="x")),
]
READY = a_check(slug="ready", title="Kettle", judge=lambda case: met("It is on."))
EACH = a_check(
    slug="each",
    title="A cup each",
    about=MEMBER,
    holds_in=(),
    judge=lambda case: unmet(f"{case.subject.name} has none."),
)
PRIVATE = a_check(
    slug="own", title="Own cup", about=MEMBER, private=True, holds_in=(), judge=lambda case: unmet("Secret words.")
)
PLUGINS = {"tea": a_plugin(checks=[READY, EACH, PRIVATE], registers=[CUPS, SEALED], pages=PAGES)}


@pytest.fixture
def project(app):
    made = a_project(app, plugins=PLUGINS, funding_ends=TODAY + days(400))
    for name, what in (("tea.cup", "Green tea"), ("tea.sealed", "Private blend")):
        registers.add(made.id, register_id=name, given={"what": what}, by=made.by("lived-1"), today=TODAY)
    return made


def pack_of(project, visit=None, today=TODAY):
    return evidence_pack.pack_of(project.row, load_snapshot(project.row, today=today), visit=visit)


def words_of(pack) -> str:
    return json.dumps(asdict(pack), default=str, ensure_ascii=False)


def sections(pack) -> dict[str, list]:
    return {one.title: list(one.parts) for one in pack.sections}


def move_on(project):
    for one in FOUR:
        gates.sign_off(project.id, by=project.by(one["key"]), today=TODAY)
    gates.advance(project.id, by=project.by("lead-1"), today=TODAY)


@pytest.mark.both_engines
def test_it_holds_the_whole_project_and_names_nobody(project):
    pack = pack_of(project)
    assert list(sections(pack)) == [
        *("In short", "The way so far", "The gate of Bid", "Who works together", "Cups of tea", "A broken page"),
        "How this was made",
    ]
    assert not [name for name in NAMES if name in words_of(pack)]


def test_no_sentence_of_a_check_and_no_line_of_a_closed_list_is_in_it(project):
    words = words_of(pack_of(project))
    assert not [one for one in ("Secret words", "has none", "Private blend") if one in words]
    assert "Green tea" in words


def test_what_a_plugin_shows_is_there_without_forms_and_without_names(project):
    (table,) = sections(pack_of(project))["Cups of tea"]
    assert table.rows == [("Green tea", "a member")]


def test_a_plugin_that_goes_wrong_says_so_in_its_own_place(project):
    (text,) = sections(pack_of(project))["A broken page"]
    assert text.text == "What “A broken page” has to show could not be put together."


def test_a_gate_that_was_passed_is_told_as_it_was_and_does_not_change(project):
    move_on(project)
    then = pack_of(project, visit=1)
    assert dict(sections(then)["The gate of Bid"][1].rows) == {
        "Kettle": "Ready", "A cup each": "0 of 4 ready", "Own cup": "Not ready yet",
    }  # fmt: skip
    assert pack_of(project, visit=1, today=TODAY + days(90)).sections[1] == then.sections[1]
    assert "Cups of tea" not in sections(then)
    (row,) = sections(pack_of(project))["The way so far"][1].rows
    assert row[:4] == ("Bid", TODAY, "Moved on", "1 of 6")
    assert "lived experience" in row[4]


def test_a_gate_that_is_not_there_is_refused(project):
    for visit in (2, 99, 0):
        with pytest.raises(NotFound):
            pack_of(project, visit=visit)
