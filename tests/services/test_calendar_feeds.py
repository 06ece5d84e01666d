"""A person's meetings in their own calendar: at an address nobody can guess, with nothing in it but when they are."""

from __future__ import annotations

from datetime import date

import pytest
from flask import current_app

from govflow.domain.gates.checks import LEAD, person_field
from govflow.domain.questions import Field
from govflow.domain.refusals import NotFound
from govflow.domain.registers.registers import Register
from govflow.services.people import people
from govflow.services.plugins.plugins import switch
from govflow.services.privacy import erasing
from govflow.services.registers import calendar_feeds, registers
from govflow.store import CalendarFeed, Project, db
from tests.support.factories import FOUR, TODAY, a_plugin, a_project, days, declared, dump, person, rows

GUESTS = Register(
    slug="visit",
    title="Visits to the clinic",
    one="visit",
    label="title",
    calendar=("starts", "ends"),
    calendar_for=(person_field("people"),),
    calendar_unless="off",
    fields=(
        Field(name="title", label="What?"),
        Field(name="starts", label="When?", kind="moment"),
        Field(name="ends", label="Until?", kind="moment"),
        Field(name="people", label="Who?", kind="people"),
        Field(name="off", label="Is it off?", kind="yes_no"),
    ),
)


@pytest.fixture
def project(app):
    made = a_project(app, plugins={"kitchen": a_plugin(registers=[GUESTS])}, members=FOUR)
    visit(made, title="Psychosis study", starts="30 6 2026 14:00", ends="30 6 2026 15:30")
    return made


def visit(project, **given):
    registers.add(project.id, register_id="kitchen.visit", given=given, by=project.by("lead-1"), today=TODAY)


def feed(project, key):
    return calendar_feeds.make_feed(by=project.by(key))


def events(token, today=TODAY):
    """As a page reads it: it begins with nothing that it reaches."""
    db.session.rollback()
    with current_app.test_request_context("/"):
        try:
            return calendar_feeds.read_feed(token, today=today)
        finally:
            db.session.rollback()


def read(token, today=TODAY):
    return [(one.name, one.starts.isoformat(), one.ends.isoformat()) for one in events(token, today)]


@pytest.mark.both_engines
def test_it_tells_when_and_nothing_else(project):
    (event,) = events(feed(project, "lived-1"))
    assert (event.name, event.starts.isoformat()) == ("Visit", "2026-06-30T14:00:00+01:00")
    assert "sychosis" not in repr(event)
    assert project.slug not in event.uid


def test_only_one_s_own_stand_in_it_and_what_is_for_nobody_named_is_for_all(project):
    visit(project, title="Some", starts="1 7 2026 9:00", people=["practice-1"])
    assert len(read(feed(project, "practice-1"))) == 2
    assert len(read(feed(project, "lived-1"))) == 1


def test_what_is_off_and_what_is_long_past_is_not_in_it(project):
    visit(project, title="Off", starts="1 7 2026 9:00", off="yes")
    visit(project, title="Undated")
    token = feed(project, "lived-1")
    assert len(read(token)) == 1
    assert len(read(token, date(2026, 7, 31))) == 1
    assert read(token, date(2026, 8, 1)) == []


def test_only_a_fingerprint_of_the_address_is_kept_and_each_person_has_one(project):
    first, second = feed(project, "lived-1"), feed(project, "lived-1")
    assert first not in dump()
    assert second not in dump()
    assert len(rows(CalendarFeed)) == 1
    with pytest.raises(NotFound):
        read(first)
    assert len(read(second)) == 1


@pytest.mark.parametrize("token", ["", "x", "a" * 5_000, "\u202e", "%00"])
def test_an_address_that_was_never_made_has_nothing(project, token):
    with pytest.raises(NotFound):
        read(token)


def test_it_ends_when_its_owner_says_so(project):
    token = feed(project, "lived-1")
    calendar_feeds.end_feed(by=project.by("lived-1"))
    with pytest.raises(NotFound):
        read(token)
    calendar_feeds.end_feed(by=project.by("lived-1"))


def test_whoever_leaves_a_project_reads_nothing_of_it_and_with_the_last_project_the_address_ends(app, project):
    other = a_project(app, members=FOUR, slug="teapot")
    token = feed(project, "lived-1")
    people.remove(project.id, member="lived-1", by=project.by("lead-1"), today=TODAY)
    assert read(token, TODAY + days(1)) == []
    people.remove(other.id, member="lived-1", by=other.by("lead-1"), today=TODAY)
    with pytest.raises(NotFound):
        read(token, TODAY + days(1))


def test_a_plugin_that_is_switched_off_and_a_project_that_is_closed_are_in_no_calendar(project):
    token = feed(project, "lived-1")
    switch(organisation="hearth", plugin="kitchen", on=False, by=None, today=TODAY)
    assert read(token) == []
    switch(organisation="hearth", plugin="kitchen", on=True, by=None, today=TODAY)
    assert len(read(token)) == 1
    project.row.state = "closed"
    db.session.commit()
    assert read(token) == []


def test_a_list_somebody_may_not_read_is_not_in_their_calendar(app):
    closed = Register(**{**vars(GUESTS), "seen_by": (LEAD,)})
    project = a_project(app, plugins={"kitchen": a_plugin(registers=[closed])}, members=FOUR)
    visit(project, title="A", starts="30 6 2026 14:00", people=["lived-1"])
    assert read(feed(project, "lived-1")) == []
    assert read(feed(project, "lead-1")) == []


def test_in_a_page_it_reaches_its_owner_s_projects_and_no_other(app, project):
    theirs = a_project(app, members=[person("q", role="lead")], slug="teapot", organisation="elsewhere")
    token = feed(project, "lived-1")
    db.session.rollback()
    with app.test_request_context("/"):
        assert len(calendar_feeds.read_feed(token, today=TODAY)) == 1
        assert db.session.get(Project, project.id) is not None
        assert db.session.get(Project, theirs.id) is None
        db.session.rollback()


def test_who_is_erased_has_no_calendar(project):
    token = feed(project, "lived-1")
    erasing.erase(word=erasing.WORD, by=project.by("lived-1"), today=TODAY)
    with pytest.raises(NotFound):
        read(token)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"calendar": ()}, "calendar_for needs calendar"),
        ({"calendar_for": (person_field("title"),)}, "calendar_for reads the field “title”"),
        ({"calendar_unless": "title"}, "calendar_unless names one of its yes_no fields"),
    ],
)
def test_a_register_says_whole_what_its_calendar_is(change, words):
    plugin = declared({"kitchen": a_plugin(registers=[Register(**{**vars(GUESTS), **change})])}).plugins["kitchen"]
    assert words in f"{plugin.problem} {plugin.trace}"


def test_a_day_without_a_time_is_a_whole_day(app):
    whole = Register(**{**vars(GUESTS), "fields": (
        Field(name="title", label="What?"), Field(name="starts", label="When?", kind="date"),
        Field(name="ends", label="Until?", kind="date"), *GUESTS.fields[3:],
    )})  # fmt: skip
    project = a_project(app, plugins={"kitchen": a_plugin(registers=[whole])}, members=FOUR)
    visit(project, title="A", starts="30 6 2026", ends="1 7 2026")
    assert read(feed(project, "lived-1")) == [("Visit", "2026-06-30", "2026-07-02")]
