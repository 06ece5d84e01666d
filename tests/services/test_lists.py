"""Lists that are read when a page comes to them, and kept while nothing has changed."""

from __future__ import annotations

import pickle

import pytest
from sqlalchemy import event

from govflow.domain.registers.registers import Register
from govflow.plugin import EVERY_MEMBER, LEAD, Field
from govflow.plugin import ORGANISATION as FOR_ALL
from govflow.services.base.entries import KeptLines
from govflow.services.base.snapshot import load_snapshot
from govflow.services.registers import registers
from govflow.store import EntryRow, EntryVersion, db, now
from tests.support.factories import TODAY, a_plugin, a_project, days

pytestmark = pytest.mark.both_engines

FIELDS = (Field(name="what", label="What", required=True),)
SHELF = Register(
    slug="shelf", title="Shelf", label="what", added_by=(EVERY_MEMBER,), fields=FIELDS, approved_by=(LEAD,)
)
RATES = Register(slug="rates", title="Rates", label="what", added_by=(EVERY_MEMBER,), fields=FIELDS, scope=FOR_ALL)
PLUGINS = {"kitchen": a_plugin(registers=[SHELF, RATES]), "garden": a_plugin(registers=[SHELF])}
LONG = [
    {"register": "kitchen.shelf", "key": f"jar-{number}", "by": "lead-1", "on": TODAY, "values": {"what": f"{number}"}}
    for number in range(KeptLines.LONG)
]


@pytest.fixture
def project(app):
    return a_project(app, plugins=PLUGINS, entry=LONG)


def seen(project, today=TODAY):
    """The shelf as a page reads it."""
    return {
        one.key: one for one in load_snapshot(project.row, today=today, to_read=True).entries.get("kitchen.shelf", ())
    }


def asked(project, look):
    """How often entries were asked of the database while a page looked."""
    found: list[str] = []

    def note(_connection, _cursor, statement, *_more):
        found.extend([statement] if "FROM entry" in statement else [])

    snapshot = load_snapshot(project.row, today=TODAY, to_read=True)
    event.listen(db.engine, "before_cursor_execute", note)
    look(snapshot)
    event.remove(db.engine, "before_cursor_execute", note)
    return len(found)


def add(project, what="Tea", register="kitchen.shelf"):
    registers.add(project.id, register_id=register, given={"what": what}, by=project.by("lived-1"), today=TODAY)


def test_a_page_asks_only_for_the_lists_it_reads_and_for_all_of_them_at_once(project):
    assert asked(project, lambda snapshot: snapshot.project) == 0
    assert asked(project, lambda snapshot: [snapshot.entries.get("garden.shelf") for _ in "ab"]) == 1
    assert asked(project, lambda snapshot: [dict(snapshot.entries), snapshot.entries.get("kitchen.shelf")]) == 1


def test_a_list_that_its_plugin_declares_no_more_is_there_when_all_are_gone_through(project):
    row = EntryRow(project_id=project.id, register="kitchen.old", key="jug")
    db.session.add(row)
    db.session.flush()
    member = project.member("lead-1").id
    db.session.add(EntryVersion(entry_id=row.id, number=1, values={}, member_id=member, on=TODAY, at=now()))
    db.session.commit()
    lists = load_snapshot(project.row, today=TODAY, to_read=True).entries
    assert lists["kitchen.shelf"]
    assert {"kitchen.old", "kitchen.shelf"} <= set(lists)


def test_a_long_list_is_asked_for_once_until_something_changes(project):
    def look(snapshot):
        return snapshot.entries["kitchen.shelf"]

    first, again = asked(project, look), asked(project, look)
    assert again == first - 1  # the list of the organisation is asked for each time: another project may write in it
    add(project)
    assert asked(project, look) == first


def test_every_change_of_a_long_list_is_seen_by_the_next_page(project):
    assert len(seen(project)) == KeptLines.LONG
    add(project)
    assert seen(project)["tea"].values["what"] == "Tea"
    change = {"register_id": "kitchen.shelf", "key": "tea", "today": TODAY}
    registers.change(project.id, given={"what": "Green tea"}, by=project.by("lived-1"), **change)
    assert seen(project)["tea"].values["what"] == "Green tea"
    registers.approve(project.id, number=2, by=project.by("lead-1"), **change)
    assert seen(project)["tea"].approved_by == "lead-1"
    registers.change(project.id, given={}, by=project.by("lead-1"), remove=True, **change)
    assert "tea" not in seen(project)


def test_what_is_kept_is_of_one_day(project):
    add(project)
    assert "tea" in seen(project)
    assert "tea" not in seen(project, TODAY - days(1))


def test_what_was_begun_and_taken_back_is_not_kept(project):
    before = project.row.stamp
    project.row.version += 1
    assert project.row.stamp != before
    db.session.rollback()
    assert project.row.stamp == before


def test_a_list_of_the_organisation_is_never_older_than_the_page(app, project):
    other = a_project(app)
    assert "kitchen.rates" not in load_snapshot(project.row, today=TODAY, to_read=True).entries
    add(other, "Ten an hour", "kitchen.rates")
    assert len(load_snapshot(project.row, today=TODAY, to_read=True).entries["kitchen.rates"]) == 1


def test_nobody_changes_what_stands_in_a_list(project):
    jar = seen(project)["jar-1"]
    for spoil in (lambda: jar.values.update(what="Salt"), lambda: jar.values.__setitem__("what", "Salt")):
        with pytest.raises(TypeError, match="not changed here"):
            spoil()
    assert seen(project)["jar-1"].values == {"what": "1"}


def test_lists_go_to_the_judge_whole(project):
    snapshot = load_snapshot(project.row, today=TODAY, to_read=True)
    assert len(pickle.loads(pickle.dumps(snapshot)).entries["kitchen.shelf"]) == KeptLines.LONG


def test_of_too_many_lines_what_was_not_asked_for_longest_goes():
    kept, half = KeptLines(), {"a.b": (None,) * (KeptLines.MOST // 2)}
    for project in (1, 2):
        kept.keep(project, "stamp", "a", TODAY, half)
    assert kept.get(1, "stamp", "a", TODAY)
    kept.keep(3, "stamp", "a", TODAY, half)
    assert [bool(kept.get(project, "stamp", "a", TODAY)) for project in (1, 2, 3)] == [True, False, True]


def test_what_stood_there_before_is_forgotten_with_the_next_look():
    kept, found = KeptLines(), {"a.b": (None,) * KeptLines.LONG}
    kept.keep(1, "before", "a", TODAY, found)
    kept.keep(1, "after", "a", TODAY, {"a.b": ()})
    assert kept.get(1, "before", "a", TODAY) is None
    assert kept.get(1, "after", "a", TODAY) is None


@pytest.mark.parametrize("stamp", ["", "other"])
def test_without_the_same_stamp_nothing_is_taken_from_there(stamp):
    kept = KeptLines()
    kept.keep(1, "stamp", "a", TODAY, {"a.b": (None,) * KeptLines.LONG})
    kept.keep(2, "", "a", TODAY, {"a.b": (None,) * KeptLines.LONG})
    assert kept.get(1, stamp, "a", TODAY) is None
    assert kept.get(2, "", "a", TODAY) is None


@pytest.mark.parametrize("lines", [0, KeptLines.LONG - 1, KeptLines.MOST + 1])
def test_short_lists_and_those_too_long_to_keep_are_not_kept(lines):
    kept = KeptLines()
    kept.keep(1, "stamp", "a", TODAY, {"a.b": (None,) * lines})
    assert kept.get(1, "stamp", "a", TODAY) is None
