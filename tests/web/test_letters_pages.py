"""Pages about letters: one's own wishes, putting off, what a lead sees, and whether letters flow."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import time_machine
from sqlalchemy import event

from govflow.services import sweep
from govflow.store import Email, NotificationPreferences, Person, Snooze, db, now
from tests.support.factories import rows
from tests.support.site import TODAY, World, steady
from tests.support.web.pages import page, send

__all__ = ["steady"]
LATER = "/projects/p1/later/stress_test.evidence"


def wishes(world: World, who: str = "p1-lead", **given: str):
    return send(world.client(who), "/me/letters", **given)


def test_wishes_are_kept_shown_again_and_only_mine(world: World) -> None:
    assert wishes(world, rhythm="weekly", weekday="3", quiet_from="20", quiet_to="8").status_code == 302
    shown = page(world.client("p1-lead"), "/me/letters")
    assert re.search(r'value="weekly"\s+checked', shown)
    assert re.search(r'name="quiet_from"[^>]* value="20"', shown)
    with world.open():
        assert [(row.rhythm, row.weekday) for row in rows(NotificationPreferences)] == [("weekly", 3)]


def test_what_was_typed_is_given_back_with_what_to_do(world: World) -> None:
    answer = wishes(world, channel="phone", quiet_from="25", quiet_to="8", contact="")
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Give an hour from 0 to 23." in shown
    assert 'value="25"' in shown
    with world.open():
        assert rows(NotificationPreferences) == []


def test_whoever_owes_a_thing_finds_the_way_to_put_it_off_and_others_do_not(world: World) -> None:
    lead, member = world.client("p1-lead"), world.client("p1-member")
    assert LATER in page(lead, "/projects/p1/gate/stress_test.evidence")
    assert LATER not in page(member, "/projects/p1/gate/stress_test.evidence")
    assert "Only whoever looks after this" in page(member, LATER)
    until = f"{TODAY + timedelta(days=9):%d %m %Y}"
    assert send(lead, LATER, until=until, reason="We meet next week.").status_code == 302
    assert "Reminders begin again on <" in page(lead, "/projects/p1/gate/stress_test.evidence")
    assert "We meet next week." in page(world.client("p1-coordinator"), "/projects/p1/letters")
    assert send(member, LATER, until=until, reason="No.").status_code in (403, 404)
    with world.open():
        assert len(rows(Snooze)) == 1


def test_a_lead_sees_to_whom_letters_went_and_no_word_of_them_and_a_member_sees_no_such_page(world: World) -> None:
    with world.open():
        sweep.sweep(today=TODAY)
        db.session.execute(db.update(Email).values(state="sent"))
        db.session.commit()
    shown = page(world.client("p1-lead"), "/projects/p1/letters")
    assert "Reminder of" in shown
    assert "Falls due in the next 90 days" in shown
    assert world.client("p1-member").get("/projects/p1/letters").status_code == 403
    assert world.client("q-lead").get("/projects/p1/letters").status_code == 404


def test_whoever_wants_no_email_is_told_by_the_coordinator_with_one_button(world: World) -> None:
    assert wishes(world, channel="phone", contact="020 7946 0000").status_code == 302
    with world.open():
        sweep.sweep(today=TODAY)
        assert "phone" in {row.channel for row in rows(Email)}
    coordinator = world.client("p1-coordinator")
    shown = page(coordinator, "/projects/p1/letters")
    assert "020 7946 0000" in shown
    assert "020 7946 0000" not in page(world.client("p1-member"), "/projects/p1/people")
    assert send(coordinator, "/projects/p1/letters", do="told", member="p1-lead").status_code == 302
    assert "020 7946 0000" not in page(coordinator, "/projects/p1/letters")
    assert send(coordinator, "/projects/p1/letters", do="told", member="p1-lead").status_code == 404


def test_an_address_that_did_not_work_is_tried_again_with_one_button(world: World) -> None:
    with world.open():
        person = next(row for row in rows(Person) if row.email == "p1-member@example.org")
        person.unreachable_on = TODAY
        db.session.commit()
    lead = world.client("p1-lead")
    assert "Could not reach" in page(lead, "/projects/p1/letters")
    assert send(lead, "/projects/p1/letters", member="p1-member").status_code == 302
    assert "Could not reach" not in page(lead, "/projects/p1/letters")
    assert send(lead, "/projects/p1/letters", member="p1-member").status_code == 404
    assert send(lead, "/projects/p1/letters", member="x", do="told").status_code == 404


def test_admins_are_told_when_an_email_has_waited_for_a_quarter_of_an_hour(world: World) -> None:
    with world.open():
        sweep.sweep(today=TODAY)
    assert "Emails are late" not in page(world.client("admin-a"), "/")
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert "Emails are late" in page(world.client("admin-a"), "/")
        assert "Emails are late" not in page(world.client("p1-member"), "/")


def test_a_page_of_many_fields_asks_once_whether_emails_are_late(world: World) -> None:
    client, asked = world.client("admin-a"), []
    page(client, "/organisations/alder/rules")
    with world.open():
        engine = db.engine

    def note(_connection, _cursor, statement, *_rest) -> None:
        asked.extend(["late?"] if "letter.failing_since" in statement else [])

    event.listen(engine, "before_cursor_execute", note)
    try:
        with time_machine.travel(now() + timedelta(minutes=2)):
            assert page(client, "/organisations/alder/rules").count("govuk-form-group") > 5
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert asked == ["late?"]


def test_metrics_tell_what_is_owed_how_long_and_how_the_sweep_went(world: World) -> None:
    world.app.config["GOVFLOW"] = dataclasses.replace(world.app.config["GOVFLOW"], metrics_token="t" * 32)
    with world.open():
        sweep.sweep(today=TODAY)
        owed = len([row for row in rows(Email) if row.state == "owed"])
    with time_machine.travel(now() + timedelta(minutes=5)):
        found = world.app.test_client().get("/metrics", headers={"Authorization": f"Bearer {'t' * 32}"})
    told = dict(line.split() for line in found.get_data(as_text=True).splitlines() if not line.startswith("#"))
    assert float(told["govflow_letters_owed"]) == owed > 0
    assert float(told["govflow_letter_oldest_owed_seconds"]) >= 300
    assert float(told["govflow_sweep_seconds"]) > 0
    for name in ("sent", "failed", "to_tell"):
        assert float(told[f"govflow_letters_{name}"]) == 0
    assert world.app.test_client().get("/metrics").status_code == 404
