"""Letters, and the page about them, name nobody whose private matter is open to who may not read of it."""

from __future__ import annotations

import pytest
import time_machine

from govflow.domain.gates.checks import MEMBER, SUBJECT, unmet
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates import snooze
from govflow.services.mail import email_log, preferences
from tests.support.factories import TODAY, a_check, a_plugin, a_project, days
from tests.support.topics.emails import DUE, TEAM, told

pytestmark = pytest.mark.usefixtures("noon_of_today")


@pytest.fixture
def project(app):
    """A private check about each member, open for one of them alone, who owes it themselves."""

    def judge(case):
        if case.subject.key != "lived-1":
            return unmet("Not asked yet.", due=TODAY + days(300), short="Not ready yet.")
        return unmet("Lived 1 needs a break.", short="1 of 5 not ready yet.")

    check = a_check(title="Support plan", about=MEMBER, judge=judge, private=True, due=DUE, owed_by=SUBJECT)
    return a_project(app, plugins={"kitchen": a_plugin(checks=[check])}, members=TEAM)


@pytest.mark.both_engines
def test_nobody_who_may_not_read_it_is_told_however_long_it_waits(project):
    for day in range(0, 120, 10):
        with time_machine.travel(f"{TODAY + days(day)}T12:00:00Z"):
            assert told(TODAY + days(day)).keys() <= {"lived-1"}


def test_what_falls_due_is_not_listed_under_anybody_s_name(project):
    seen = email_log.coming(project.row, reader="co", today=TODAY)
    assert [one for one in seen if one.title.startswith("Support plan")] == []
    mine = email_log.coming(project.row, reader="lived-1", today=TODAY)
    assert [(one.title, one.told) for one in mine] == [("Support plan: Lived 1", "Lived 1")]


def test_nor_is_what_somebody_put_off(project):
    given = {"until": (TODAY + days(7)).isoformat(), "reason": "I am resting."}
    by = project.by("lived-1")
    snooze.snooze(project.id, check_id="kitchen.tea", subject="lived-1", given=given, by=by, today=TODAY)
    snapshot = load_snapshot(project.row, today=TODAY)
    assert email_log.put_off(snapshot, project.id, reader="co") == []
    assert len(email_log.put_off(snapshot, project.id, reader="lived-1")) == 1


def test_whoever_rings_is_not_told_what_it_is_about(project):
    given = {"channel": "phone", "contact": "020 7946 0000"}
    preferences.change_preferences(given=given, by=project.by("lived-1"), today=TODAY)
    assert told().keys() == {"co"}
    (call,) = email_log.calls(load_snapshot(project.row, today=TODAY), project.id, reader="co")
    assert call.lines == ("Something of their own waits on their list.",)
