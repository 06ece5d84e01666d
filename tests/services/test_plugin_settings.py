"""An organisation's admin sets a plugin's settings; a bad value names plugin and key; checks obey at once."""

from __future__ import annotations

from datetime import date

import pytest

from govflow.domain.refusals import Invalid, NotFound
from govflow.services.base.actions import Actor
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates.reports import gate_report
from govflow.services.people.people import invite_person
from govflow.services.people.projects import find_project
from govflow.services.plugins import plugins
from govflow.services.project_file import import_project
from govflow.store import PluginSwitch, db

TODAY = date(2026, 3, 2)
FILE = b"""
govflow = 1
[organisation]
slug = "kitchen"
name = "Kitchen"
[project]
slug = "tea"
title = "Tea"
stage = "bid"
started = 2026-01-01
entered = 2026-01-01
[[member]]
key = "lead-1"
name = "Lead One"
email = "lead-1@example.org"
role = "lead"
joined = 2026-01-01
"""


@pytest.fixture
def admin(app) -> Actor:
    import_project(FILE, today=TODAY, keep_dates=True)
    return Actor(
        invite_person(email="admin@example.org", name="Ada", organisation="kitchen", admin=True).id, strong=True
    )


def due() -> str:
    (finding,) = [
        one for one in gate_report(find_project("tea"), today=TODAY)["findings"] if one["check"] == "induction.welcomed"
    ]
    return finding["due_on"]


def change(by: Actor, **given: object) -> None:
    plugins.change_settings(organisation="kitchen", plugin="induction", given=given, by=by, today=TODAY)


@pytest.mark.both_engines
def test_a_setting_that_is_changed_moves_the_due_day(admin: Actor) -> None:
    assert due() == "2026-01-15"
    change(admin, days_to_settle_in="30")
    assert due() == "2026-01-31"
    _, kept = plugins.settings_kept(organisation="kitchen", plugin="induction", by=admin)
    assert kept == {"days_to_settle_in": 30}


@pytest.mark.parametrize("value", ["0", "366", "-3", "many", "2.5", "", "1e400", "9" * 40])
def test_a_bad_value_names_the_key_and_changes_nothing(admin: Actor, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(admin, days_to_settle_in=value)
    db.session.rollback()
    assert list(refused.value.problems) == ["days_to_settle_in"]
    assert due() == "2026-01-15"


def test_an_unknown_setting_is_refused_by_name(admin: Actor) -> None:
    with pytest.raises(Invalid, match="colour"):
        change(admin, days_to_settle_in="14", colour="red")


def test_only_an_admin_of_the_organisation_may_see_or_change_settings(admin: Actor) -> None:
    other = Actor(
        invite_person(email="other@example.org", name="Otto", organisation="elsewhere", admin=True).id, strong=True
    )
    with pytest.raises(NotFound):
        change(other, days_to_settle_in="30")
    db.session.rollback()
    with pytest.raises(NotFound):
        plugins.settings_kept(organisation="kitchen", plugin="induction", by=other)
    with pytest.raises(NotFound):
        plugins.settings_kept(organisation="kitchen", plugin="lifecycles", by=admin)


def test_settings_that_a_newer_version_refuses_fall_back_to_its_defaults(admin: Actor) -> None:
    row = db.session.get(PluginSwitch, (1, "induction"))
    assert row is not None
    row.settings = {"days_to_settle_in": 9000, "gone": "x"}
    db.session.commit()
    assert load_snapshot(find_project("tea"), today=TODAY).on["induction"].days_to_settle_in == 14


def test_settings_outlive_switching_off_and_on(admin: Actor) -> None:
    change(admin, days_to_settle_in="30")
    for on in (False, True):
        plugins.switch(organisation="kitchen", plugin="induction", on=on, by=admin, today=TODAY)
    assert due() == "2026-01-31"
