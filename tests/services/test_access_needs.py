"""Access needs: said by their owner, sealed outside the database, read by whom they named, and each reading is kept."""

from __future__ import annotations

import pytest
from flask import Flask

from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.services.base.actions import Actor
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.base.vault import Locked, access_key
from govflow.services.history import history as histories
from govflow.services.people import people
from govflow.services.people.people import invite_person
from govflow.services.privacy import access_needs
from govflow.services.project_file import export_project
from govflow.store import AccessNeed
from tests.support.factories import FOUR, NOTHING, TODAY, Made, a_project, dump, person, rows

TEXT = "Kanarineed: a quiet room"
ANN, EVE = person("ann", "lived", role="coordinator"), person("eve", role="observer")


@pytest.fixture
def project(app: Flask) -> Made:
    return a_project(app, plugins={"kitchen": NOTHING}, members=[*FOUR, ANN, EVE])


def say(project: Made, need: str = TEXT, told_to: tuple[str, ...] = ("ann",), *, by: str = "lived-1") -> None:
    access_needs.write_need(project.id, given={"need": need, "told_to": list(told_to)}, by=project.by(by), today=TODAY)


def read(project: Made, by: str = "ann", member: str = "lived-1") -> str:
    return access_needs.read_need(project.id, member=member, by=project.by(by), today=TODAY)[1]


def mine(project: Made, key: str = "lived-1"):
    snapshot = load_snapshot(project.row, today=TODAY)
    return access_needs.my_need(project.row, next(one for one in snapshot.members if one.key == key))


def told(project: Made, key: str) -> list[str]:
    snapshot = load_snapshot(project.row, today=TODAY)
    return [one.key for one in access_needs.told_me(snapshot, next(one for one in snapshot.members if one.key == key))]


@pytest.mark.both_engines
def test_a_need_is_read_by_its_owner_and_by_whom_they_named(project):
    say(project)
    assert (mine(project).text, read(project), told(project, "ann")) == (TEXT, TEXT, ["lived-1"])


@pytest.mark.parametrize("who", ["lead-1", "practice-1", "lived-1"])
def test_whoever_was_not_named_reads_nothing_not_even_a_lead(project, who):
    say(project)
    assert told(project, who) == []
    with pytest.raises(NotFound):
        read(project, who)


def test_an_observer_and_somebody_elsewhere_may_not_even_ask(project):
    say(project)
    with pytest.raises(NotAllowed):
        read(project, "eve")
    with pytest.raises(NotAllowed):
        say(project, by="eve")
    stranger = Actor(invite_person(email="s@example.org", name="S", organisation="hearth", admin=True).id)
    with pytest.raises(NotAllowed):
        access_needs.read_need(project.id, member="lived-1", by=stranger, today=TODAY)


def test_each_reading_is_in_the_history_of_both_and_says_nothing_of_what_is_needed(project):
    say(project)
    read(project)
    lines = {
        key: [one.words for one in histories.history(project.id, reader=project.member(key).person_id)[0]]
        for key in ("lived-1", "ann", "lead-1")
    }
    line = "Ann read an access need of Lived 1."
    assert [line in lines[key] for key in lines] == [True, True, False]
    assert "Kanarineed" not in str(lines)


def test_it_can_be_changed_told_to_others_and_taken_back_at_any_time(project):
    say(project)
    say(project, "Large print", ("lead-1",))
    assert (mine(project).text, read(project, "lead-1")) == ("Large print", "Large print")
    with pytest.raises(NotFound):
        read(project)
    access_needs.take_back(project.id, by=project.by("lived-1"), today=TODAY)
    assert (mine(project), told(project, "lead-1")) == (None, [])
    assert [(one.sealed, one.told_to, one.ended_on) for one in rows(AccessNeed)] == [({}, [], TODAY)]
    with pytest.raises(NotFound):
        access_needs.take_back(project.id, by=project.by("lived-1"), today=TODAY)
    say(project)
    assert read(project) == TEXT


def test_who_has_left_reads_no_more_and_is_read_no_more(project):
    say(project)
    people.remove(project.id, member="ann", by=project.by("lead-1"), today=TODAY)
    with pytest.raises(NotAllowed):
        read(project)
    say(project, told_to=("practice-1",))
    people.leave(project.id, by=project.by("lived-1"), today=TODAY)
    with pytest.raises(NotFound):
        read(project, "practice-1")


@pytest.mark.both_engines
def test_the_database_the_export_and_a_row_s_repr_hold_no_word_of_it(project):
    say(project)
    [row] = rows(AccessNeed)
    assert "Kanarineed" not in dump() + str(export_project(project.row)) + repr(row)
    assert repr(row) == f"<AccessNeed {row.id}>"


def test_each_organisation_has_a_key_of_its_own_and_without_it_all_is_locked(app, project, settings):
    other = a_project(app, members=[*FOUR, ANN], slug="other", organisation="elsewhere")
    say(project)
    say(other)
    path = settings.key_dir / access_key(project.row.organisation_id)
    theirs = settings.key_dir / access_key(other.row.organisation_id)
    assert path.read_bytes() != theirs.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(Locked, match="key is not on this machine"):
        read(project)
    assert "key is not on this machine" in mine(project).locked
    assert not path.exists(), "Reading makes no new key, which would look like the old one."
    assert read(other) == TEXT
    path.write_bytes(theirs.read_bytes())
    with pytest.raises(Locked, match="another key"):
        read(project)
    path.write_bytes(kept)
    assert read(project) == TEXT
    lines, _ = histories.history(project.id, reader=project.member("ann").person_id)
    assert sum("read an access need" in one.words for one in lines) == 1, "What stayed locked was not read."


def test_while_the_key_is_away_nothing_new_is_sealed_with_another(project, settings):
    say(project)
    path = settings.key_dir / access_key(project.row.organisation_id)
    kept = path.read_bytes()
    path.unlink()
    with pytest.raises(Locked):
        say(project, "Large print", by="practice-1")
    assert not path.exists()
    path.write_bytes(kept)
    assert read(project) == TEXT


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "need"),
        ({"need": "  \n "}, "need"),
        ({"need": "x" * 2_001}, "need"),
        ({"need": "x", "told_to": ["nobody"]}, "told_to"),
        ({"need": "x", "told_to": ["eve"]}, "told_to"),
        ({"need": "x", "told_to": ["lived-1"]}, "told_to"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(project, given, field):
    with pytest.raises(Invalid) as error:
        access_needs.write_need(project.id, given=given, by=project.by("lived-1"), today=TODAY)
    assert field in error.value.problems
    assert rows(AccessNeed) == []
