"""What a group writes is its own until it shares it, version by version."""

from __future__ import annotations

import pytest

from govflow.domain.refusals import Invalid, Moved, NotAllowed, NotFound
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.people import group_notes, groups
from govflow.services.project_file import export_project
from govflow.store import EventRow, GroupNote, db
from tests.support.factories import FOUR, TEA, TODAY, a_project, days, person, rows

LEAP = {"slug": "leap", "title": "LEAP", "chairs": []}
MINE = person("lived-1", "lived", groups=["leap"])
OTHER = person("lived-2", "lived", groups=["leap"])
NOTE = {"kind": "note", "title": "What we said", "on": "1 3 2026", "text": "We want more time."}


@pytest.fixture
def project(app):
    members = [FOUR[0], MINE, OTHER, FOUR[2], FOUR[3], person("seer-1", role="observer")]
    return a_project(app, members=members, group=[LEAP], plugins={"kitchen": TEA})


def write(project, key="lived-1", **given):
    return group_notes.write(project.id, group="leap", given={**NOTE, **given}, by=project.by(key), today=TODAY)


def change(project, key="lived-1", after=1, **given):
    return group_notes.change(
        project.id, group="leap", paper="what-we-said", given={**NOTE, **given}, after=after,
        by=project.by(key), today=TODAY,
    )  # fmt: skip


def share(project, key="lived-1", number=1):
    group_notes.share(project.id, group="leap", paper="what-we-said", number=number, by=project.by(key), today=TODAY)


def read_by(project, key, on=TODAY):
    """The versions of the paper this member may read."""
    group = groups.group_named(project.id, "leap", load_snapshot(project.row, today=on).members, today=on)
    return [one.number for one in group_notes.papers_of(group, reader=key)], group


@pytest.mark.both_engines
def test_only_the_group_reads_what_it_has_not_shared(project):
    assert write(project) == "what-we-said"
    assert read_by(project, "lived-2")[0] == [1]
    for key in ("lead-1", "research-1", "seer-1", None):
        seen, group = read_by(project, key)
        assert seen == []
        with pytest.raises(NotFound):
            group_notes.versions_of(group, "what-we-said", reader=key)
    for who, error in (("lead-1", NotFound), ("seer-1", NotAllowed)):
        for what in (write, change, share):
            with pytest.raises(error):
                what(project, who)
            db.session.rollback()
    assert len(rows(GroupNote)) == 1


def test_a_shared_version_is_read_by_all_and_earlier_and_later_ones_are_not(project):
    write(project)
    change(project, text="We want much more time.")
    share(project, "lived-2", number=2)
    change(project, after=2, text="We want all the time.")
    seen, group = read_by(project, "lead-1")
    assert seen == [2]
    assert [one.number for one in group_notes.versions_of(group, "what-we-said", reader="lead-1")] == [2]
    assert [one.number for one in group_notes.versions_of(group, "what-we-said", reader="lived-1")] == [1, 2, 3]
    assert rows(EventRow)[-1].verb == "paper.shared"
    assert "all the time" not in repr([one.facts for one in rows(EventRow)])


@pytest.mark.both_engines
def test_of_two_who_write_at_once_the_second_is_told_and_nothing_is_written_over(project):
    write(project)
    assert change(project, "lived-2", text="Two") == 2
    for after in (1, 0, 3):
        with pytest.raises(Moved, match="Your text is still here"):
            change(project, after=after, text="Three")
        db.session.rollback()
    with pytest.raises(Moved):
        share(project, number=1)
    db.session.rollback()
    assert [(one.number, one.text) for one in rows(GroupNote)] == [(1, NOTE["text"]), (2, "Two")]


def test_who_left_the_group_reads_only_what_it_has_shared(project):
    write(project)
    groups.leave(project.id, group="leap", by=project.by("lived-1"), today=TODAY + days(1))
    assert read_by(project, "lived-1", TODAY + days(1))[0] == []
    assert read_by(project, "lived-2", TODAY + days(1))[0] == [1]


def test_the_papers_of_a_group_are_never_in_the_project_file(project):
    write(project)
    share(project)
    assert "We want more time" not in export_project(project.row)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "secret"}, "kind"),
        ({"title": " "}, "title"),
        ({"title": "x" * 5_000}, "title"),
        ({"on": "30 2 2026"}, "on"),
        ({"on": ""}, "on"),
        ({"text": ""}, "text"),
        ({"text": "y" * 60_000}, "text"),
        ({"shared_on": "1 3 2026"}, "shared_on"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(project, given, field):
    with pytest.raises(Invalid) as refusal:
        write(project, **given)
    assert field in refusal.value.problems
    db.session.rollback()
    write(project)
    with pytest.raises(Invalid, match="Nothing is different"):
        change(project)
