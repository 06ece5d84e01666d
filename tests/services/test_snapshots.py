"""The snapshot pages read: kept while nothing has changed, and after every change the same as reading all afresh."""

from __future__ import annotations

import dataclasses
import hashlib
import pickle
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from govflow.domain.polls.polls import Poll, Statement
from govflow.domain.registers.registers import Register
from govflow.domain.snapshot import ProjectSnapshot
from govflow.plugin import EVERY_MEMBER, LEAD, MEMBER, PROJECT, Document, Field, entry, met, unmet
from govflow.plugin import ORGANISATION as FOR_ALL
from govflow.services.base.context import context
from govflow.services.base.findings import finding_from_row, judge_now, refresh_findings
from govflow.services.base.snapshots.cache import SnapshotCache
from govflow.services.base.snapshots.snapshot import current_snapshot, load_snapshot
from govflow.services.gates import evidence, gates
from govflow.services.people import groups, people, projects
from govflow.services.plugins import plugins
from govflow.services.polls import polls
from govflow.services.registers import documents, registers
from govflow.store import EntryRow, EntryVersion, FindingRow, Project, db, now
from govflow.store.changes import FACTS
from tests.support.factories import FOUR, TODAY, Made, a_check, a_plugin, a_project, days, person, rows

pytestmark = pytest.mark.both_engines

FIELDS = (Field(name="what", label="What", required=True),)
SHELF = Register(
    slug="shelf", title="Shelf", label="what", added_by=(EVERY_MEMBER,), fields=FIELDS, approved_by=(LEAD,)
)
RATES = Register(slug="rates", title="Rates", label="what", added_by=(EVERY_MEMBER,), fields=FIELDS, scope=FOR_ALL)
HOW = Poll(
    slug="how",
    title="How is it going?",
    version="1",
    days_open=14,
    scale={"1": "No", "2": "Yes"},
    no_score={"skip": "Not for me"},
    statements=(Statement(id="heard", text="I am heard.", stages=("bid",)),),
)
TEXT = Document(slug="text", title="Text", agreed_by=EVERY_MEMBER)
asked: list[str] = []
"""The checks whose judges were asked, in the order in which they were."""


def sees(name: str) -> Callable[..., object]:
    """A judge that tells everything it may see, as a number, so that nothing can differ unnoticed."""

    def judge(case):
        asked.append(name)
        seen = (
            *(case.project, case.stage, case.visit, case.visits, case.today, case.members, case.left, case.given),
            {register: [(line.key, dict(line.values), line.approved_by) for line in case.registers[register]]
             for register in sorted(case.registers)},
            *(sorted(case.polls.items()), sorted(case.documents.items()), case.config),
            *(case.subject, dict(case.evidence), case.evidence.by, case.evidence.on),
        )  # fmt: skip
        told = hashlib.sha256(repr(seen).encode()).hexdigest()
        return met(told) if case.evidence.get("done") else unmet(told)

    return judge


PLUGINS = {
    "kitchen": a_plugin(
        registers=[SHELF, RATES],
        polls=[HOW],
        checks=[
            a_check("tea", judge=sees("kitchen.tea"), lasts="always"),
            a_check("far", judge=sees("kitchen.far"), needs=("garden.shelf",), about=MEMBER),
        ],
    ),
    "garden": a_plugin(
        registers=[SHELF],
        documents=[TEXT],
        checks=[a_check("grows", judge=sees("garden.grows"), about=entry("garden.shelf"))],
    ),
    "larder": a_plugin(checks=[a_check("empty", judge=sees("larder.empty"), about=PROJECT)]),
}


@pytest.fixture
def project(app):
    asked.clear()
    return a_project(app, plugins=PLUGINS, members=[*FOUR, person("lead-2", role="lead")])


def seen(project: Made, today=TODAY) -> ProjectSnapshot:
    """The project as a page reads it."""
    return current_snapshot(project.row, today=today)


def shelf(project: Made, today=TODAY):
    return {line.key: line for line in seen(project, today).entries.get("kitchen.shelf", ())}


def add(project: Made, what="Tea", register="kitchen.shelf"):
    registers.add(project.id, register_id=register, given={"what": what}, by=project.by("lived-1"), today=TODAY)


@contextmanager
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection, _cursor, statement, *_more):
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield said
    event.remove(db.engine, "before_cursor_execute", note)


# --- kept ------------------------------------------------------------------------------------------------


def test_what_a_page_reads_is_read_and_judged_once_until_something_changes(project):
    first = seen(project)
    judge_now(first)
    asked.clear()
    again = seen(project)
    judge_now(again)
    assert again is first
    assert asked == []
    add(project)
    assert seen(project) is not first


def test_every_change_of_a_list_is_seen_by_the_next_page(project):
    add(project)
    assert shelf(project)["tea"].values["what"] == "Tea"
    change = {"register_id": "kitchen.shelf", "key": "tea", "today": TODAY}
    registers.change(project.id, given={"what": "Green tea"}, by=project.by("lived-1"), **change)
    assert shelf(project)["tea"].values["what"] == "Green tea"
    registers.approve(project.id, number=2, by=project.by("lead-1"), **change)
    assert shelf(project)["tea"].approved_by == "lead-1"
    registers.change(project.id, given={}, by=project.by("lead-1"), remove=True, **change)
    assert "tea" not in shelf(project)


def test_what_is_kept_is_of_one_day(project):
    add(project)
    assert "tea" in shelf(project)
    assert "tea" not in shelf(project, TODAY - days(1))
    assert "tea" in shelf(project)


def test_what_was_begun_and_taken_back_is_not_kept(project):
    before = project.row.stamp
    row = project.row
    row.title = "Begun"
    db.session.flush()
    assert row.stamp != before
    assert current_snapshot(row, today=TODAY).project.title == "Begun"
    db.session.rollback()
    assert project.row.stamp == before
    assert seen(project).project.title != "Begun"


def test_a_list_of_the_organisation_is_never_older_than_the_page(app, project):
    other = a_project(app)
    assert "kitchen.rates" not in seen(project).entries
    add(other, "Ten an hour", "kitchen.rates")
    assert len(seen(project).entries["kitchen.rates"]) == 1


def test_a_list_that_its_plugin_declares_no_more_is_kept_as_it_is(project):
    row = EntryRow(project_id=project.id, register="kitchen.old", key="jug")
    db.session.add(row)
    db.session.flush()
    member = project.member("lead-1").id
    db.session.add(EntryVersion(entry_id=row.id, number=1, values={}, member_id=member, on=TODAY, at=now()))
    db.session.commit()
    assert [line.key for line in seen(project).entries["kitchen.old"]] == ["jug"]


def test_a_check_that_broke_is_judged_again_at_the_next_look(app):
    trouble = [True]

    def judge(case):
        if trouble:
            raise RuntimeError("no")
        return met("All is well.")

    project = a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(judge=judge)])})
    assert judge_now(seen(project))[0].outcome == "broken"
    trouble.clear()
    assert judge_now(seen(project))[0].outcome == "met"


def test_nobody_changes_what_stands_in_a_list(project):
    add(project)
    line = shelf(project)["tea"]
    for spoil in (lambda: line.values.update(what="Salt"), lambda: line.values.__setitem__("what", "Salt")):
        with pytest.raises(TypeError, match="not changed here"):
            spoil()
    assert shelf(project)["tea"].values == {"what": "Tea"}


def test_a_snapshot_goes_to_the_judge_whole(project):
    add(project)
    assert pickle.loads(pickle.dumps(seen(project))) == seen(project)


# --- the cache -------------------------------------------------------------------------------------------


def of_size(project: Made, lines: int) -> ProjectSnapshot:
    return dataclasses.replace(seen(project), entries={"a.b": (None,) * lines})


def test_of_too_much_what_was_not_asked_for_longest_goes(project):
    half = of_size(project, 4_000)
    kept = SnapshotCache(most_lines=10_000)
    for number in (1, 2):
        kept.keep(number, TODAY, ("stamp",), half)
    assert kept.get(1, TODAY, ("stamp",))
    kept.keep(3, TODAY, ("stamp",), half)
    assert [bool(kept.get(number, TODAY, ("stamp",))) for number in (1, 2, 3)] == [True, False, True]


def test_what_alone_would_be_too_much_is_not_kept(project):
    kept = SnapshotCache(most_lines=10_000)
    kept.keep(1, TODAY, ("stamp",), of_size(project, 10_001))
    assert len(kept) == 0


def test_what_stood_there_before_is_forgotten_with_the_next_look(project):
    kept = SnapshotCache()
    kept.keep(1, TODAY, ("before",), of_size(project, 1))
    kept.keep(1, TODAY, ("after",), of_size(project, 2))
    assert kept.get(1, TODAY, ("before",)) is None
    assert len(kept) == 1


def test_of_one_project_two_days_are_kept_and_the_earlier_goes(project):
    kept = SnapshotCache()
    for ahead in (0, 90, 1):
        kept.keep(1, TODAY + days(ahead), ("stamp",), of_size(project, 1))
    assert [bool(kept.get(1, TODAY + days(ahead), ("stamp",))) for ahead in (0, 90, 1)] == [False, True, True]
    kept.keep(1, TODAY + days(1), ("after",), of_size(project, 1))
    assert len(kept) == 1


def test_some_projects_or_all_are_forgotten_when_it_is_said(project):
    kept = SnapshotCache()
    for number in (1, 2, 3):
        kept.keep(number, TODAY, ("stamp",), of_size(project, 1))
    kept.forget([1])
    assert [bool(kept.get(number, TODAY, ("stamp",))) for number in (1, 2, 3)] == [False, True, True]
    kept.forget()
    assert len(kept) == 0


# --- after any change ------------------------------------------------------------------------------------


def test_every_table_a_snapshot_is_read_from_makes_another_stamp_when_it_changes(project):
    with statements() as said:
        load_snapshot(project.row, today=TODAY)
    known = {table.__tablename__ for table in FACTS}
    read = {
        table.name
        for table in Project.metadata.sorted_tables
        for statement in said
        if f"FROM {table.name} " in statement or f"JOIN {table.name} " in statement
    }
    assert len(read) > 10
    assert read <= known


def test_a_write_judges_only_the_checks_that_can_see_what_changed(project):
    judge_now(seen(project))
    asked.clear()
    add(project)
    assert set(asked) == {"kitchen.tea", "kitchen.far"}
    asked.clear()
    evidence.answer(
        project.id, check_id="larder.empty", subject=None, given={"done": "yes"}, by=project.by("lead-1"), today=TODAY
    )
    assert set(asked) == {"larder.empty"}
    asked.clear()
    gates.sign_off(project.id, by=project.by("lead-1"), today=TODAY)
    assert asked == []
    people.change_self(project.id, title="Cook", expertise=["lived"], by=project.by("lived-1"), today=TODAY)
    assert set(asked) == {"kitchen.tea", "kitchen.far", "larder.empty"}


def test_moving_on_judges_afresh(project):
    judge_now(seen(project))
    asked.clear()
    with pytest.raises(Exception, match=r"."):
        gates.advance(project.id, by=project.by("lead-1"), today=TODAY)
    assert {"kitchen.tea", "larder.empty"} <= set(asked)


class Group:
    """A group at work: each act is something a page lets somebody do, with whatever is there at the moment."""

    def __init__(self, project: Made, chance: random.Random) -> None:
        self.project, self.chance, self.number = project, chance, 0

    def by(self, *keys: str):
        here = [member.key for member in load_snapshot(self.project.row, today=TODAY).members]
        return self.project.by(self.chance.choice([key for key in (keys or here) if key in here]))

    def word(self) -> str:
        self.number += 1
        return f"word {self.number}"

    def line(self, register: str):
        lines = load_snapshot(self.project.row, today=TODAY).entries.get(register, ())
        return self.chance.choice(lines) if lines else None

    def judge(self) -> None:
        refresh_findings(self.project.row, today=TODAY)
        db.session.commit()

    def add(self) -> None:
        register = self.chance.choice(["kitchen.shelf", "garden.shelf", "kitchen.rates"])
        registers.add(
            self.project.id, register_id=register, given={"what": self.word()}, by=self.by("lived-1"), today=TODAY
        )

    def change(self, *, remove: bool = False) -> None:
        register = self.chance.choice(["kitchen.shelf", "garden.shelf", "kitchen.rates"])
        if line := self.line(register):
            given = {"what": self.word()}
            at = {"register_id": register, "key": line.key, "by": self.by("lead-1"), "today": TODAY}
            registers.change(self.project.id, given=given, remove=remove, **at)

    def remove(self) -> None:
        self.change(remove=True)

    def bring_back(self) -> None:
        """Nothing on a page does this; a line that comes back in the middle must still stand where it stood."""
        gone = [row for row in rows(EntryVersion) if row.removed]
        if gone:
            row = db.session.get_one(EntryRow, self.chance.choice(gone).entry_id)
            numbers = [version.number for version in rows(EntryVersion, entry_id=row.id)]
            facts = {"values": {"what": self.word()}, "member_id": None, "on": TODAY, "at": now()}
            db.session.add(EntryVersion(entry_id=row.id, number=max(numbers) + 1, **facts))
            self.judge()

    def approve(self) -> None:
        if line := self.line("kitchen.shelf"):
            row = rows(EntryRow, register="kitchen.shelf", key=line.key)[0]
            number = max(version.number for version in rows(EntryVersion, entry_id=row.id))
            at = {"register_id": "kitchen.shelf", "key": line.key, "number": number, "today": TODAY}
            who = "lead-2" if line.by == "lead-1" else "lead-1"
            registers.approve(self.project.id, by=self.project.by(who), **at)

    def answer(self) -> None:
        check, subject = self.chance.choice(
            [("kitchen.tea", None), ("larder.empty", None), ("kitchen.far", "lived-1"), ("kitchen.far", "lead-1")]
        )
        given = {"done": self.chance.choice(["yes", "no"])}
        evidence.answer(
            self.project.id, check_id=check, subject=subject, given=given, by=self.by("lead-1"), today=TODAY
        )

    def write(self) -> None:
        after = len(load_snapshot(self.project.row, today=TODAY).documents.get("garden.text", ()))
        at = {"document_id": "garden.text", "after": after, "by": self.by(), "today": TODAY}
        documents.write(self.project.id, text=self.word(), **at)

    def agree(self) -> None:
        versions = load_snapshot(self.project.row, today=TODAY).documents.get("garden.text", ())
        if versions:
            at = {"document_id": "garden.text", "number": versions[-1].number, "by": self.by("lived-1"), "today": TODAY}
            documents.say(self.project.id, answer="agree", words="", **at)

    def sign(self) -> None:
        act = self.chance.choice([gates.sign_off, gates.take_back])
        act(self.project.id, by=self.by(), today=TODAY)

    def object_to(self) -> None:
        gates.say_not_ready(self.project.id, words=self.word(), by=self.by(), today=TODAY)

    def waive(self) -> None:
        until = TODAY + days(20)
        at = {"check_id": "larder.empty", "subject": None, "reason": self.word(), "until": until, "today": TODAY}
        gates.propose_waiver(self.project.id, by=self.by("lived-1"), **at)

    def ask(self) -> None:
        polls.open_round(self.project.id, poll_id="kitchen.how", by=self.by("lead-1"), today=TODAY)

    def close(self) -> None:
        polls.close_round(self.project.id, poll_id="kitchen.how", by=self.by("lead-1"), today=TODAY)

    def rename(self) -> None:
        at = {"expertise": ["lived"], "by": self.by("lived-1"), "today": TODAY}
        people.change_self(self.project.id, title=self.word(), **at)

    def begin_group(self) -> None:
        groups.start(self.project.id, title=self.word(), myself=True, by=self.by("lead-1"), today=TODAY)

    def pause(self) -> None:
        projects.pause(self.project.id, why=self.word(), by=self.by("lead-1"), today=TODAY)
        projects.resume(self.project.id, by=self.by("lead-1"), today=TODAY)

    def switch(self) -> None:
        for on in (False, True):
            plugins.switch(organisation="hearth", plugin="larder", on=on, by=None, today=TODAY)

    def name(self) -> None:
        """Nothing on a page does this yet."""
        member = self.chance.choice(load_snapshot(self.project.row, today=TODAY).members)
        db.session.get_one(people.Person, member.person_id).name = self.word()
        self.judge()


NOT_ACTS = ("__init__", "by", "word", "line", "judge")
ACTS = [name for name, act in vars(Group).items() if callable(act) and name not in NOT_ACTS]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_after_any_row_of_changes_the_snapshot_and_the_judgement_are_those_of_reading_all_afresh(project, seed):
    group, done = Group(project, random.Random(seed)), set()
    for name in [*ACTS, *group.chance.choices(ACTS, k=25)]:
        try:
            getattr(group, name)()
        except people.Refused:
            db.session.rollback()
            continue
        done.add(name)
        kept, afresh = seen(project), load_snapshot(project.row, today=TODAY)
        assert kept == afresh, name
        assert judge_now(kept) == judge_now(afresh), name
        derived = {(row.check, row.subject or None): finding_from_row(row) for row in rows(FindingRow)}
        assert derived == {finding.place: dataclasses.replace(finding, group="") for finding in judge_now(afresh)}, name
        if group.chance.random() < 0.3:
            context().snapshots.forget()
    assert len(done) >= len(ACTS) - 4, sorted(set(ACTS) - done)
