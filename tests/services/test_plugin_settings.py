"""An organisation's admin sets a plugin's settings; a bad value names plugin and key; checks obey at once."""

from __future__ import annotations

from datetime import date

import pytest

from govflow.domain.refusals import Invalid, NotFound
from govflow.services import plugins
from govflow.services.acting import By
from govflow.services.people import invite_person
from govflow.services.picture import picture_of
from govflow.services.project_file import import_project
from govflow.services.projects import find_project
from govflow.services.reports import gate_report
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
def admin(app) -> By:
    import_project(FILE, today=TODAY, keep_dates=True)
    return By(invite_person(email="admin@example.org", name="Ada", organisation="kitchen", admin=True).id, strong=True)


def due() -> str:
    (finding,) = [
        one for one in gate_report(find_project("tea"), today=TODAY)["findings"] if one["check"] == "induction.welcomed"
    ]
    return finding["due_on"]


def change(by: By, **given: object) -> None:
    plugins.change_settings(organisation="kitchen", plugin="induction", given=given, by=by, today=TODAY)


def test_a_setting_that_is_changed_moves_the_due_day(admin: By) -> None:
    assert due() == "2026-01-15"
    change(admin, days_to_settle_in="30")
    assert due() == "2026-01-31"
    _, kept = plugins.settings_kept(organisation="kitchen", plugin="induction", by=admin)
    assert kept == {"days_to_settle_in": 30}


@pytest.mark.parametrize("value", ["0", "366", "-3", "many", "2.5", "", "1e400", "9" * 40])
def test_a_bad_value_names_the_key_and_changes_nothing(admin: By, value: str) -> None:
    with pytest.raises(Invalid) as refused:
        change(admin, days_to_settle_in=value)
    db.session.rollback()
    assert list(refused.value.problems) == ["days_to_settle_in"]
    assert due() == "2026-01-15"


def test_an_unknown_setting_is_refused_by_name(admin: By) -> None:
    with pytest.raises(Invalid, match="colour"):
        change(admin, days_to_settle_in="14", colour="red")


def test_only_an_admin_of_the_organisation_may_see_or_change_settings(admin: By) -> None:
    other = By(
        invite_person(email="other@example.org", name="Otto", organisation="elsewhere", admin=True).id, strong=True
    )
    with pytest.raises(NotFound):
        change(other, days_to_settle_in="30")
    db.session.rollback()
    with pytest.raises(NotFound):
        plugins.settings_kept(organisation="kitchen", plugin="induction", by=other)
    with pytest.raises(NotFound):
        plugins.settings_kept(organisation="kitchen", plugin="lifecycles", by=admin)


def test_settings_that_a_newer_version_refuses_fall_back_to_its_defaults(admin: By) -> None:
    row = db.session.get(PluginSwitch, (1, "induction"))
    assert row is not None
    row.settings = {"days_to_settle_in": 9000, "gone": "x"}
    db.session.commit()
    assert picture_of(find_project("tea"), today=TODAY).on["induction"].days_to_settle_in == 14


def test_settings_outlive_switching_off_and_on(admin: By) -> None:
    change(admin, days_to_settle_in="30")
    for on in (False, True):
        plugins.switch(organisation="kitchen", plugin="induction", on=on, by=admin, today=TODAY)
    assert due() == "2026-01-31"
