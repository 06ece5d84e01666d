"""docs/access.md and govflow.domain.access are one table."""

import re
from pathlib import Path

import pytest

from govflow.domain.access import COLUMNS, NO, ROWS_OF_DOCS, SOME, TABLE, YES, Viewer, may

DOCS = Path(__file__).parents[2] / "docs" / "access.md"


def table():
    """Each row of the page's table: what, then a cell a column."""
    lines = [line for line in DOCS.read_text("utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    header, rows = cells[0], cells[2:]
    return [dict(zip(header, row, strict=True)) for row in rows]


ROWS = {re.sub('["“”]', '"', row["thing"]): row for row in table()}


def in_docs(name):
    return ROWS[re.sub('["“”]', '"', name)]


def said(row, column):
    """What a cell says, in the words of the code: yes, no, or yes within limits."""
    cell = row[column]
    if cell in ("as lead", "as member"):
        return said(row, cell.removeprefix("as "))
    if cell in ("no", "–", "", "never", "see"):  # "see" stands in one row, which is about switching
        return NO
    if cell == "yes":
        return YES
    return SOME


def test_the_table_has_a_column_for_each_kind_of_person():
    assert set(COLUMNS) <= set(table()[0])


def test_every_row_the_code_names_is_in_the_docs():
    assert [name for name in ROWS_OF_DOCS if re.sub('["“”]', '"', name) not in ROWS] == []


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("name", ROWS_OF_DOCS)
def test_the_code_allows_what_the_docs_allow_and_refuses_what_they_refuse(name, column):
    documented, coded = said(in_docs(name), column), TABLE[ROWS_OF_DOCS[name]][column]
    assert (documented == NO) == (coded == NO), f"docs: {in_docs(name)[column]}, code: {coded}"


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("name", ROWS_OF_DOCS)
def test_where_the_docs_set_a_limit_the_code_does_not_say_a_plain_yes(name, column):
    documented, coded = said(in_docs(name), column), TABLE[ROWS_OF_DOCS[name]][column]
    assert not (documented == SOME and coded == YES), f"docs: {in_docs(name)[column]}, code: {coded}"


@pytest.mark.parametrize("column", COLUMNS)
def test_who_may_see_the_plugins_is_who_the_row_says_may_see_or_switch_them(column):
    cell = in_docs("plugins: switch on, settings")[column]
    assert (TABLE["see plugins"][column] != NO) == (cell in ("see", "yes"))


def test_nobody_may_do_anything_by_being_nobody():
    assert [action for action in TABLE if may(Viewer(), action)] == []


def test_the_operator_may_do_everything():
    assert all(may(Viewer(operator=True), action) for action in TABLE)


@pytest.mark.parametrize("action", TABLE)
def test_being_an_admin_adds_to_a_role_and_takes_nothing_away(action):
    for role in ("member", "lead", "coordinator", "finance", "observer"):
        assert may(Viewer(role=role, admin=True), action) == (
            may(Viewer(role=role), action) or may(Viewer(admin=True), action)
        )


@pytest.mark.parametrize("role", ["member", "coordinator", "finance", "observer"])
def test_only_a_lead_moves_a_project(role):
    assert not may(Viewer(role=role), "move")
    assert not may(Viewer(admin=True), "move")
    assert may(Viewer(role="lead"), "move")


@pytest.mark.parametrize(
    "action", ["see sentences", "see private sentences", "answer", "sign off", "waive", "answer poll"]
)
def test_an_observer_and_an_admin_see_no_sentence_and_decide_nothing(action):
    assert not may(Viewer(role="observer"), action)
    assert not may(Viewer(admin=True), action)


def test_an_unknown_action_is_an_error_and_not_a_permission():
    with pytest.raises(KeyError):
        may(Viewer(role="lead"), "fly")
