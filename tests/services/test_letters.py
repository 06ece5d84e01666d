"""Who is told of what, when and how: in line, at their own pace, by whoever can reach them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from govflow.domain.gates.checks import COORDINATOR, MEMBER, unmet
from govflow.domain.gates.overdue import after_stage_entry
from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.mail.delivery import deliver
from govflow.services import sweep
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates import snooze
from govflow.services.mail import email_log, preferences
from govflow.store import Email, EmailItem, FindingRow, Organisation, SweepDone, db
from tests.support.factories import NOTHING, TODAY, a_check, a_plugin, a_project, days, dump, person, rows
from tests.support.topics.emails import DUE, LATE, TEAM, Kept, told
from tests.support.topics.gates import answer

pytestmark = pytest.mark.usefixtures("noon_of_today")
LONDON = ZoneInfo("Europe/London")


def wish(project, key, **given):
    preferences.change_preferences(given=given, by=project.by(key), today=TODAY)


# --- before, and in line ------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_what_is_due_on_a_known_day_is_told_before_it_and_does_not_count_as_late(app):
    checks = [a_check(due=after_stage_entry(days=90), remind_before=(30, 7, 0))]  # due on 1 April 2026
    a_project(app, plugins={"kitchen": a_plugin(checks=checks)})
    assert told(date(2026, 3, 1)) == {}
    assert "It is due on 1 April 2026." in told(TODAY)["lead-1"].text
    assert told(date(2026, 3, 24)) == {}
    assert told(date(2026, 3, 25)).keys() == {"lead-1"}
    assert "It is due today." in told(date(2026, 4, 1))["lead-1"].text
    assert sweep.sweep(today=date(2026, 4, 1))["late"] == 0
    assert "It was due on 1 April 2026." in told(date(2026, 4, 8))["lead-1"].text


def test_when_it_has_waited_for_a_fortnight_the_coordinator_is_told_too_and_why(app):
    a_project(app, plugins=LATE, members=TEAM)
    assert told().keys() == {"lead-1"}
    assert told(TODAY + days(13)).keys() == {"lead-1"}
    both = told(TODAY + days(20))
    assert both.keys() == {"lead-1", "co"}
    assert "because you can help" in both["co"].text
    assert "because you can help" not in both["lead-1"].text


def test_an_organisation_says_after_how_long(app):
    a_project(app, plugins=LATE, members=TEAM)
    rows(Organisation)[0].escalate_after = 3
    db.session.commit()
    assert told().keys() == {"lead-1"}
    assert told(TODAY + days(7)).keys() == {"lead-1", "co"}


def test_whoever_is_owed_it_is_passed_over_and_the_next_in_line_is_told(app):
    def judge(case):
        return unmet("Lead 1’s pay ends early.", short="Not ready yet.", lines={"lead-1": "Your pay ends early."})

    secret = a_check(judge=judge, private=True, due=DUE)
    a_project(app, plugins={"kitchen": a_plugin(checks=[secret])}, members=TEAM)
    letters = told()
    assert letters.keys() == {"co"}
    assert "Your pay" not in letters["co"].text
    assert "Lead 1" not in letters["co"].text, "the coordinator does not owe it, so may not read who it is about"


def test_a_member_is_not_asked_to_help_with_what_is_about_themselves(app):
    check = a_check(about=MEMBER, due=DUE)
    members = [person("lead-1", role="lead"), person("co", role="coordinator")]
    a_project(app, plugins={"kitchen": a_plugin(checks=[check])}, members=members)
    for day in range(0, 60, 5):
        letters = told(TODAY + days(day))
    text = letters["co"].text
    assert "Put the kettle on: Lead 1" in text
    assert "Put the kettle on: Co" not in text


# --- at one's own pace ----------------------------------------------------------------------------------------


def test_in_a_pause_the_next_in_line_is_told_and_after_it_they_are_again(app):
    project = a_project(app, plugins=LATE, members=TEAM)
    wish(project, "lead-1", paused_until=TODAY + days(10))
    assert told().keys() == {"co"}
    assert "lead-1" in told(TODAY + days(14))


def test_a_pause_that_begins_between_the_sweep_and_the_post_holds_and_somebody_else_hears_of_it(app):
    project = a_project(app, plugins=LATE, members=TEAM)
    sweep.sweep(today=TODAY)
    wish(project, "lead-1", paused_until=TODAY + days(10))
    post = Kept()
    deliver(post=post)
    assert post.letters == []
    assert told().keys() == {"co"}


def test_once_a_week_is_once_a_week_all_together_also_when_the_day_was_missed(app):
    checks = [a_check(due=DUE), a_check("milk", due=after_stage_entry(days=58))]
    project = a_project(app, plugins={"kitchen": a_plugin(checks=checks)})
    wish(project, "lead-1", rhythm="weekly", weekday="2")  # a Wednesday; TODAY is a Monday
    got = {day: told(TODAY + days(day)) for day in (0, 1, 3, 6, 8, 9, 15)}
    assert [day for day, letters in got.items() if letters] == [3, 9]
    for day in (3, 9):
        assert got[day]["lead-1"].text.count("It was due on") == 2


def test_only_when_late_is_only_when_late(app):
    checks = [a_check(due=after_stage_entry(days=90), remind_before=(30, 7, 0))]
    project = a_project(app, plugins={"kitchen": a_plugin(checks=checks)})
    wish(project, "lead-1", rhythm="overdue")
    assert [told(TODAY + days(number)).keys() for number in (0, 23, 30)] == [set(), set(), set()]
    assert told(TODAY + days(37)).keys() == {"lead-1"}


def test_in_quiet_hours_a_reminder_waits_and_a_link_to_sign_in_does_not(app):
    from govflow.services.auth.sign_in import ask_for_link

    project = a_project(app, plugins=LATE)
    wish(project, "lead-1", quiet_from="20", quiet_to="8")
    evening = datetime(TODAY.year, TODAY.month, TODAY.day, 21, tzinfo=UTC)
    post = Kept()
    with time_machine.travel(evening):
        ask_for_link("lead-1@example.org", browser="b", code="c", network="n")
        sweep.sweep(today=TODAY)
        deliver(post=post)
    assert [one.subject for one in post.letters] == ["GovFlow: your link to sign in"]
    with time_machine.travel(evening + timedelta(hours=11)):
        deliver(post=post)
    assert len(post.letters) == 2


def test_hours_that_became_quiet_after_the_sweep_are_kept_too(app):
    project = a_project(app, plugins=LATE)
    sweep.sweep(today=TODAY)
    wish(project, "lead-1", quiet_from="10", quiet_to="14")
    post = Kept()
    assert deliver(post=post) == {"sent": 0, "failed": 0, "owed": 1}
    with time_machine.travel(datetime(TODAY.year, TODAY.month, TODAY.day, 14, 1, tzinfo=UTC)):
        assert deliver(post=post)["sent"] == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"quiet_from": "24", "quiet_to": "8"}, "quiet_from"),
        ({"quiet_from": "-1", "quiet_to": "8"}, "quiet_from"),
        ({"quiet_from": "20"}, "quiet_to"),
        ({"channel": "phone"}, "contact"),
        ({"channel": "pigeon"}, "channel"),
        ({"paused_until": TODAY.isoformat()}, "paused_until"),
        ({"paused_until": (TODAY + days(184)).isoformat()}, "paused_until"),
        ({"rhythm": "never"}, "rhythm"),
        ({"weekday": "7"}, "weekday"),
    ],
)
def test_a_wish_that_cannot_be_kept_is_refused_at_its_field(app, given, field):
    project = a_project(app, plugins={"kitchen": NOTHING})
    with pytest.raises(Invalid) as refusal:
        wish(project, "lead-1", **given)
    assert field in refusal.value.problems


# --- by other ways than email ---------------------------------------------------------------------------------


def test_who_wants_no_email_is_rung_by_the_coordinator_who_says_when_it_is_done(app):
    project = a_project(app, plugins=LATE, members=TEAM)
    wish(project, "lead-1", channel="phone", contact="020 7946 0000")
    letters = told()
    assert letters.keys() == {"co"}
    assert "Please ring Lead 1" in letters["co"].text
    assert "7946" not in letters["co"].text
    assert "kettle" not in letters["co"].text.replace("The Kettle Study", "").replace("projects/kettle", "").lower()
    snapshot = load_snapshot(project.row, today=TODAY)
    (call,) = email_log.calls(snapshot, project.id, reader="co")
    assert (call.name, call.contact, call.lines) == (
        "Lead 1",
        "020 7946 0000",
        ("Put the kettle on: The kettle is not on yet.",),
    )
    assert email_log.calls(snapshot, project.id, reader="lead-1") == [], "nobody rings themselves"
    with pytest.raises(NotAllowed):
        email_log.mark_told(project.id, member=call.member, by=project.by("lived-1"), today=TODAY)
    email_log.mark_told(project.id, member=call.member, by=project.by("co"), today=TODAY)
    with pytest.raises(NotFound):
        email_log.mark_told(project.id, member=call.member, by=project.by("co"), today=TODAY)
    assert told(TODAY + days(1)) == {}
    assert "7946" not in dump()


def test_a_call_that_is_not_made_is_asked_for_again_after_a_week_and_then_of_the_next(app):
    members = [*TEAM, person("lead-2", role="lead")]
    project = a_project(app, plugins=LATE, members=members)
    wish(project, "lead-1", channel="post", contact="1 The Row")
    assert told().keys() == {"co"}
    assert told(TODAY + days(1)) == {}
    assert "co" in told(TODAY + days(7))
    assert "lead-2" in told(TODAY + days(14))


def test_where_nobody_else_could_ring_the_email_comes_after_all(app):
    project = a_project(app, plugins=LATE)
    wish(project, "lead-1", channel="text", contact="020 7946 0000")
    assert told().keys() == {"lead-1"}


def test_nobody_is_rung_about_what_is_done_since(app):
    project = a_project(app, plugins=LATE, members=TEAM)
    wish(project, "lead-1", channel="phone", contact="020 7946 0000")
    sweep.sweep(today=TODAY)
    answer(project)
    snapshot = load_snapshot(project.row, today=TODAY)
    assert email_log.calls(snapshot, project.id, reader="co") == [], "at once, on the page"
    assert told() == {}
    assert told(TODAY + days(8)) == {}
    assert {row.state for row in rows(Email)} == {"cancelled"}


def test_whoever_wants_no_email_themselves_is_not_asked_to_ring_others(app):
    checks = [a_check(due=DUE), a_check("milk", due=DUE, owed_by=COORDINATOR)]
    members = [*TEAM, person("lead-2", role="lead")]
    project = a_project(app, plugins={"kitchen": a_plugin(checks=checks)}, members=members)
    for key in ("lead-1", "co"):
        wish(project, key, channel="phone", contact="020 7946 0000")
    letters = told()
    assert letters.keys() == {"lead-2"}
    for name in ("Lead 1", "Co"):
        assert f"Please ring {name}" in letters["lead-2"].text


# --- putting off ----------------------------------------------------------------------------------------------


def put_off(project, key="lead-1", until=None, reason="We meet next week."):
    snooze.snooze(
        project.id,
        check_id="kitchen.tea",
        subject=None,
        given={"until": (until or TODAY + days(10)).isoformat(), "reason": reason},
        by=project.by(key),
        today=TODAY,
    )


def test_what_is_put_off_is_told_again_on_its_day_and_the_gate_does_not_change(app):
    project = a_project(app, plugins=LATE, members=TEAM)
    sweep.sweep(today=TODAY)
    put_off(project)
    assert told() == {}, "also what was about to be posted"
    assert told(TODAY + days(9)) == {}
    assert told(TODAY + days(10)).keys() == {"lead-1"}
    assert project.gate().holding
    (seen,) = email_log.put_off(load_snapshot(project.row, today=TODAY), project.id, reader="co")
    assert (seen.name, seen.reason) == ("Lead 1", "We meet next week.")


def test_only_whoever_owes_it_puts_it_off_and_at_most_for_four_weeks(app):
    project = a_project(app, plugins=LATE, members=TEAM)
    with pytest.raises(NotAllowed, match="looks after this"):
        put_off(project, "co")
    for until in (TODAY, TODAY + days(29)):
        with pytest.raises(Invalid, match="after today"):
            put_off(project, until=until)
    with pytest.raises(Invalid):
        put_off(project, reason=" ")
    answer(project)
    with pytest.raises(NotAllowed):
        put_off(project)


# --- calendars, and what a lead sees -----------------------------------------------------------------------------


def test_an_organisation_that_cannot_be_swept_keeps_no_other_waiting(app, monkeypatch):
    a_project(app, plugins=LATE)
    a_project(app, plugins=LATE, slug="second", organisation="elsewhere")
    first, second = (row.id for row in rows(Organisation))
    whole = sweep.sweep_organisation

    def one_breaks(organisation_id, **more):
        if organisation_id == first:
            raise RuntimeError("a project nobody can judge")
        return whole(organisation_id, **more)

    monkeypatch.setattr(sweep, "sweep_organisation", one_breaks)
    with pytest.raises(RuntimeError):
        sweep.sweep(today=TODAY)
    db.session.rollback()
    assert [row.organisation_id for row in rows(Email)] == [second]


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Asia/Kathmandu", "2026-03-01 18:20", date(2026, 3, 2)),  # five and three quarter hours ahead
        ("Pacific/Apia", "2026-03-01 11:30", date(2026, 3, 2)),
        ("America/New_York", "2026-03-02 04:30", date(2026, 3, 1)),
        ("Europe/London", "2026-03-02 00:10", date(2026, 3, 2)),
    ],
)
def test_a_day_is_a_day_of_the_organisation(app, zone, moment, day):
    from govflow import jobs

    a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(due=after_stage_entry(days=59))])})  # late on 2 March
    rows(Organisation)[0].timezone = zone
    db.session.commit()
    with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=UTC), tick=False):
        found = sweep.sweep(today=jobs.day_in)
    assert found["letters_new"] == (1 if day >= date(2026, 3, 2) else 0)
    assert [row.day for row in rows(Email)] == ([day] if found["letters_new"] else [])


def test_the_lead_sees_what_will_fall_due_and_who_is_told_and_no_words_of_any_letter(app):
    checks = [a_check(due=DUE), a_check("milk", title="Buy milk", due=after_stage_entry(days=100))]
    project = a_project(app, plugins={"kitchen": a_plugin(checks=checks)}, members=TEAM, plan={"bid": TODAY + days(60)})
    seen = email_log.coming(project.row, reader="co", today=TODAY)
    assert [(one.title, one.told, one.late) for one in seen] == [
        ("Put the kettle on", "Lead 1", True),
        ("Buy milk", "Lead 1", False),
        ("The day the plan aims at", "Lead 1", False),
    ]
    told()
    (sent,) = email_log.sent(project.row)
    assert (sent.to, sent.what, sent.state) == ("Lead 1", "Reminder of 1 thing", "sent")


def test_each_sweep_leaves_a_note_of_when_and_how_long(app):
    a_project(app, plugins={"kitchen": NOTHING})
    sweep.sweep(today=TODAY)
    sweep.sweep(today=TODAY)
    (row,) = rows(SweepDone)
    assert row.seconds > 0


def test_one_thing_is_told_once_in_each_cycle_whatever_becomes_of_the_clock(app):
    """Days come in any order: a year on, a day back, the same day ten times."""
    a_project(app, plugins=LATE, members=TEAM)
    for day in (TODAY, TODAY + days(365), TODAY - days(1), TODAY + days(1), *[TODAY + days(2)] * 10):
        told(day)
    items = [(row.check, row.cycle, row.rank) for row in rows(EmailItem)]
    assert len(items) == len(set(items))
    assert rows(FindingRow)[0].open
