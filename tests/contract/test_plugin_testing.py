"""What plugin authors test with: cases of their own plugin, entries, a desk in memory, and a plugin for one test."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.plugin import NewFile, met, unmet
from govflow.plugin.testing import FakeDesk, assert_plugin_conforms, make_case, make_entry, make_member
from govflow.plugin_host.loader import load_plugins
from tests.support import example_plugin


def test_a_case_of_a_plugin_has_its_lists_and_its_settings() -> None:
    import govflow_induction
    import govflow_paid_authors

    assert make_case(of=govflow_paid_authors).registers == {"paid_authors.cover": ()}
    assert make_case(of=govflow_induction).config.days_to_settle_in == 14
    rows = (make_entry("line", person="lead-1"),)
    assert (
        make_case(of=govflow_paid_authors, registers={"paid_authors.cover": rows}).registers["paid_authors.cover"]
        == rows
    )


def test_a_plugin_with_one_of_everything_keeps_the_promises() -> None:
    assert_plugin_conforms(example_plugin, slug="parlour")


def desk(reader: str = "lived-1") -> FakeDesk:
    members = [make_member("lead-1", role="lead"), make_member("lived-1")]
    return FakeDesk("parlour", example_plugin, case=make_case(members=members), reader=reader)


def test_a_desk_in_memory_approves_as_the_real_one() -> None:
    sitting = desk()
    sitting.send("room", "ask", name="Iris")
    (entry,) = sitting.entries("guest")
    with pytest.raises(NotAllowed):
        sitting.approve("guest", entry.key, by="lived-1")
    sitting.approve("guest", entry.key, by="lead-1")
    assert sitting.entries("guest")[0].approved_by == "lead-1"


def test_a_desk_in_memory_says_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="“nobody” is not among the case's members: lead-1, lived-1"):
        desk("nobody")
    with pytest.raises(NotFound, match="no register “guests”"):
        desk().entries("guests")
    with pytest.raises(NotFound):
        desk().see("back_room")
    with pytest.raises(Invalid, match="Cats come"):
        desk().send("room", "ask", name="The cat")


def test_a_form_is_sent_from_an_address_with_a_query() -> None:
    with pytest.raises(RuntimeError, match="the tea is spilt"):
        desk().send("room", "ask", query={"crash": "1"}, name="Iris")


def test_a_file_is_handed_to_a_desk_in_memory() -> None:
    sitting = desk()
    wished = sitting._desk({})
    wished.add("guest", name="Iris", letter=NewFile(name="dear.txt", data=b"Dear all"))
    kept, _ = sitting._keep(sitting.case, wished.wishes[0])
    assert kept.registers["parlour.guest"][0].values["letter"] == "file-1"


def test_a_plugin_is_installed_for_one_test(install_plugin: Callable, tmp_path: Path) -> None:
    found = install_plugin("parlour_here", example_plugin)
    assert not found.problem
    assert set(found.registers) == {"guest"}
    assert "parlour_here" in load_plugins().plugins


def test_and_it_is_gone_in_the_next() -> None:
    assert "parlour_here" not in load_plugins().plugins


def test_what_is_wrong_with_an_installed_one_is_said(install_plugin: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = types.ModuleType("broken_here")
    exec("from govflow.plugin import hookimpl\n@hookimpl\ndef register_cheks(): return []", vars(broken))
    monkeypatch.setitem(sys.modules, "broken_here", broken)
    assert "register_cheks" in install_plugin("broken_here", broken).problem


def test_a_judge_that_flips_on_its_own_day_must_have_said_so() -> None:
    from govflow.plugin import Check
    from govflow.plugin.testing import _check_problems

    def judge(case):
        return met("x") if case.today.year < 2027 else unmet("y")

    check = Check(slug="one", title="One", why="Because.", judge=judge)
    (said,) = _check_problems(check, [make_case()])
    assert "no look_again" in said


def test_a_form_of_a_page_cannot_ask_for_a_secret() -> None:
    from govflow.plugin import Desk, Field, Form, Page

    form = Form(fields=(Field(name="code", label="Code", secret=True),), send=lambda desk, answers: None)
    page = Page(slug="p", title="P", view=lambda desk: form)
    from govflow.domain.plugins.pages import parts_of

    with pytest.raises(TypeError, match="cannot ask for a secret"):
        parts_of(page, Desk(case=make_case(), reader="lead-1"))
