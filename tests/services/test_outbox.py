"""What is late becomes one letter a person, organisation and day; and a letter is posted once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from govflow import jobs
from govflow.domain.gates.checks import FINANCE, MEMBER, SUBJECT, unmet
from govflow.domain.gates.overdue import after_stage_entry
from govflow.domain.refusals import Invalid
from govflow.mail.message import NotPosted
from govflow.services import sweep as sweeping
from govflow.services.auth.sign_in import ask_for_link
from govflow.services.gates import evidence
from govflow.services.mail import outbox, unsubscribe
from govflow.services.people import people, projects
from govflow.store import Email, EmailItem, FindingRow, Person, db, now
from tests.support.concurrency import at_once
from tests.support.factories import FOUR, TODAY, a_check, a_plugin, a_project, days, person, rows
from tests.support.topics.emails import DUE, LATE, Kept

pytestmark = [pytest.mark.usefixtures("noon_of_today"), pytest.mark.both_engines]


def sweep(today=TODAY, **more):
    return sweeping.sweep(today=today, **more)


def composed(today=TODAY):
    """Every letter that is owed, as it would be posted now."""
    lease, ids = outbox.claim()
    found = [outbox.compose(one, lease, today=today) for one in ids]
    return {one.to: one for one in found if one}


# --- the sweep ------------------------------------------------------------------------------------------------


@pytest.mark.core
def test_what_is_late_becomes_a_letter_to_whoever_owes_it(app):
    a_project(app, plugins=LATE)
    said = sweep()
    assert said == {"today": TODAY.isoformat(), "judged": 1, "late": 1, "letters_new": 1, "letters_owed": 1} | {
        "judged": said["judged"]
    }
    letters = composed()
    assert set(letters) == {"lead-1@example.org"}
    text = letters["lead-1@example.org"].words.text
    for wanted in ("The kettle is not on yet.", "It was due on 31 January 2026.", "/projects/kettle/gate/kitchen.tea"):
        assert wanted in text


def test_a_second_sweep_writes_no_second_letter(app):
    a_project(app, plugins=LATE)
    sweep()
    assert sweep()["letters_new"] == 0
    jobs.deliver(post=Kept())
    again = sweep()
    assert (again["letters_new"], again["letters_owed"], again["late"]) == (0, 0, 1)
    assert len(rows(Email)) == len(rows(EmailItem)) == 1


def test_nothing_is_late_on_its_due_day_nor_what_has_none(app):
    a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(due=DUE), a_check("milk")])})
    assert sweep(TODAY - days(30))["late"] == 0
    assert sweep(TODAY - days(29))["late"] == 1


def test_ten_days_without_a_sweep_give_one_item_and_not_ten(app):
    a_project(app, plugins=LATE)
    first = TODAY - days(29)
    sweep(first + days(10))
    assert [(one.due_on, one.cycle) for one in rows(EmailItem)] == [(first - days(1), first + days(7))]


def test_one_thing_is_said_again_after_a_week_and_not_sooner(app):
    a_project(app, plugins=LATE)
    first = TODAY - days(29)
    for day in range(15):
        sweep(first + days(day))
        jobs.deliver(post=Kept())
    assert [one.cycle - first for one in rows(EmailItem)] == [timedelta(days=number) for number in (0, 7, 14)]
    assert len(rows(Email)) == 3


def test_a_check_may_say_how_often_it_is_reminded_of(app):
    a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(due=DUE, remind_every=30)])})
    for day in range(0, 61, 5):
        sweep(TODAY - days(29) + days(day))
        jobs.deliver(post=Kept())
    assert len(rows(EmailItem)) == 3


def test_advice_that_is_late_is_mailed_too(app):
    a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(due=DUE, holds_in=())])})
    assert sweep()["letters_new"] == 1


def test_one_letter_a_person_organisation_and_day_lists_everything(app):
    checks = [a_check(due=DUE), a_check("milk", title="Buy the milk", due=after_stage_entry(days=20))]
    plugins = {"kitchen": a_plugin(checks=checks)}
    a_project(app, plugins=plugins)
    a_project(app, plugins=plugins, slug="second")
    a_project(app, plugins=plugins, slug="third", organisation="elsewhere")
    assert sweep()["letters_new"] == 2
    first = outbox.claim(organisation=rows(Email)[0].organisation_id)
    text = outbox.compose(first[1][0], first[0], today=TODAY).words.text
    assert text.count("Look") == 0
    assert text.count("It was due on") == 4
    assert text.index("21 January") < text.index("31 January")
    assert "/projects/kettle/" in text
    assert "/projects/second/" in text
    assert "/projects/third/" not in text


def test_what_falls_late_after_today_s_letter_was_posted_waits_for_tomorrow(app):
    project = a_project(
        app, plugins={"kitchen": a_plugin(checks=[a_check(due=DUE), a_check("milk", due=after_stage_entry(days=60))])}
    )
    sweep()
    jobs.deliver(post=Kept())
    row = next(one for one in rows(FindingRow) if one.check == "kitchen.milk")
    row.due_on, row.tell_from = TODAY - days(1), TODAY
    db.session.commit()
    assert sweep()["letters_new"] == 0
    assert sweep(TODAY + days(1))["letters_new"] == 1
    assert project.row.state == "running"


def test_what_falls_late_while_today_s_letter_is_being_posted_is_not_lost(app):
    checks = [a_check(due=DUE), a_check("milk", due=after_stage_entry(days=59))]  # late from 1 and 2 March
    a_project(app, plugins={"kitchen": a_plugin(checks=checks)})
    row = next(one for one in rows(FindingRow) if one.check == "kitchen.milk")
    row.due_on = row.tell_from = None
    db.session.commit()
    sweep()
    lease, (letter,) = outbox.claim()
    words = [outbox.compose(letter, lease, today=TODAY).words.text]
    row = next(one for one in rows(FindingRow) if one.check == "kitchen.milk")
    row.due_on, row.tell_from = TODAY - days(1), TODAY
    db.session.commit()
    sweep()
    outbox.mark_sent(letter, lease)
    sweep(TODAY + days(1))
    words += [one.words.text for one in composed(TODAY + days(1)).values()]
    assert any("kitchen.milk" in text for text in words)


def test_what_was_done_between_the_sweep_and_the_post_is_not_mailed(app):
    project = a_project(app, plugins=LATE)
    sweep()
    evidence.answer(
        project.id, check_id="kitchen.tea", subject=None, given={"done": "yes"}, by=project.by("lived-1"), today=TODAY
    )
    assert composed() == {}
    assert [one.state for one in rows(Email)] == ["cancelled"]


def test_who_left_between_the_sweep_and_the_post_gets_nothing(app):
    project = a_project(app, plugins=LATE, members=[*FOUR, person("lead-2", role="lead", joined=TODAY - days(40))])
    sweep()
    people.leave(project.id, by=project.by("lead-1"), today=TODAY)
    assert composed() == {}


def test_a_dry_run_says_what_it_would_write_and_writes_nothing(app):
    a_project(app, plugins=LATE)
    dry = sweep(dry_run=True)
    assert rows(Email) == rows(EmailItem) == []
    real = sweep()
    assert {key: dry[key] for key in ("late", "letters_new", "letters_owed")} == {
        key: real[key] for key in ("late", "letters_new", "letters_owed")
    }


def test_after_an_import_nothing_falls_due_for_fourteen_days(app):
    a_project(app, plugins=LATE, keep_dates=False)
    assert sweep(TODAY + days(14))["late"] == 0
    assert sweep(TODAY + days(15))["late"] == 1


def test_two_sweeps_at_once_write_each_letter_once(app):
    members = [person(f"lead-{n}", role="lead") for n in range(4)]
    own = a_check(about=MEMBER, owed_by=SUBJECT, due=DUE)
    a_project(app, plugins={"kitchen": a_plugin(checks=[own])}, members=members)
    answers = at_once(app, 4, lambda index: sweeping.sweep(today=TODAY))
    assert not [one for one in answers if isinstance(one, Exception)], answers
    assert sum(one["letters_new"] for one in answers) == len(rows(Email)) == 4
    assert len(rows(EmailItem)) == 4


def test_an_answer_that_changes_the_day_after_it_asked_to_be_looked_at_is_not_forgotten(app):
    """“Look again on the last day” and “look again the day after” are both what an author may write."""
    from govflow.domain.gates.checks import met

    last = TODAY + days(2)

    def judge(case):
        return unmet("Ran out.") if case.today > last else met("In date.", look_again=last)

    project = a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(judge=judge)])})
    for number in range(1, 4):
        sweeping.sweep(today=TODAY + days(number))
    (row,) = rows(FindingRow, project_id=project.id)
    assert row.outcome == "unmet"


def test_an_answer_that_changes_by_itself_is_judged_again_on_its_day(app):
    from govflow.domain.gates.checks import met

    def judge(case):
        if case.today < TODAY + days(5):
            return met("In date.", look_again=TODAY + days(5))
        return unmet("It ran out.", due=TODAY + days(5))

    a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(judge=judge)])})
    assert sweep(TODAY + days(4))["late"] == 0
    assert sweep(TODAY + days(6))["late"] == 1


# --- who is told, and what they may read ------------------------------------------------------------------------


@pytest.mark.core
def test_a_private_sentence_is_mailed_only_to_whom_may_read_it(app):
    def judge(case):
        return unmet("Sam’s pay ends 41 days early.", short="Pay cover: 1 of 2 not ready yet.")

    a_project(app, plugins={"kitchen": a_plugin(checks=[a_check(judge=judge, private=True, due=DUE)])})
    sweep()
    letter = composed()["lead-1@example.org"]
    assert "Sam’s pay ends 41 days early." in letter.words.text
    assert "Sam" not in letter.words.subject + letter.words.text[:100]


def test_the_payer_is_told_else_the_coordinator_else_a_lead(app):
    plugins = {"kitchen": a_plugin(checks=[a_check(due=DUE, owed_by=FINANCE)])}
    others = [person("co", role="coordinator"), person("money", role="finance")]
    for number, told in ((2, "money"), (1, "co"), (0, "lead-1")):
        a_project(app, plugins=plugins, slug=f"p{number}", organisation=f"o{number}", members=[*FOUR, *others[:number]])
        sweep(TODAY + days(number))
        assert set(composed(TODAY + days(number))) == {f"{told}@example.org"}
        for row in rows(Email):
            row.state = "sent"
        db.session.commit()


def test_who_stopped_reminders_is_passed_over_for_the_next_who_owes_it(app):
    project = a_project(app, plugins=LATE, members=[*FOUR, person("lead-2", role="lead", joined=TODAY - days(40))])
    token = unsubscribe.stop_token(project.by("lead-1").person_id)
    assert unsubscribe.stop_reminders(token, today=TODAY) == "Lead 1"
    sweep()
    assert set(composed()) == {"lead-2@example.org"}
    unsubscribe.stop_reminders(token, today=TODAY, start_again=True)
    assert rows(Person)[0].reminders_stopped_on is None


def test_reminders_stopped_after_the_sweep_are_not_posted(app):
    project = a_project(app, plugins=LATE)
    sweep()
    unsubscribe.stop_reminders(unsubscribe.stop_token(project.by("lead-1").person_id), today=TODAY)
    assert composed() == {}


@pytest.mark.parametrize("token", ["", "x", "1.abc", "MQ.xxxx"])
def test_a_stop_link_that_is_not_whole_is_refused(app, token):
    with pytest.raises(Invalid, match="not whole"):
        unsubscribe.stop_reminders(token, today=TODAY)


# --- claiming and posting -----------------------------------------------------------------------------------------


def many(app, number=6):
    """So many letters that are owed."""
    members = [person(f"lead-{n}", role="lead") for n in range(number)]
    a_project(
        app, plugins={"kitchen": a_plugin(checks=[a_check(about=MEMBER, owed_by=SUBJECT, due=DUE)])}, members=members
    )
    sweep()


def test_two_who_claim_never_share_a_letter(app):
    many(app)
    first, second = outbox.claim(most=4), outbox.claim(most=4)
    assert (len(first[1]), len(second[1])) == (4, 2)
    assert not set(first[1]) & set(second[1])
    assert outbox.claim()[1] == []


def test_ten_who_claim_at_once_never_share_a_letter(app):
    many(app, 12)
    answers = at_once(app, 10, lambda index: outbox.claim(most=3))
    assert not [one for one in answers if isinstance(one, Exception)], answers
    claimed = [letter for _, ids in answers for letter in ids]
    assert len(claimed) == len(set(claimed))
    assert set(claimed) | set(outbox.claim(most=50)[1]) == {one.id for one in rows(Email)}


def test_a_letter_whose_worker_died_is_claimed_again_after_its_lease_and_the_dead_one_writes_nothing(app):
    a_project(app, plugins=LATE)
    sweep()
    old, (letter,) = outbox.claim()
    with time_machine.travel(now() + outbox.LEASE + timedelta(seconds=1), tick=True):
        new, again = outbox.claim()
        assert again == [letter]
        assert outbox.compose(letter, old, today=TODAY) is None
        outbox.mark_sent(letter, old)
        outbox.mark_failed(letter, old, error="late", permanent=True, today=TODAY)
        assert [(one.state, one.lease) for one in rows(Email)] == [("owed", new)]
        outbox.mark_sent(letter, new)
    assert [(one.state, one.lease) for one in rows(Email)] == [("sent", None)]


def test_claiming_is_by_organisation_and_nought_is_for_letters_of_none(app):
    a_project(app, plugins=LATE)
    sweep()
    ask_for_link("lead-1@example.org", browser="b", code="c", network="n")
    assert len(outbox.claim(organisation=0)[1]) == 1
    assert outbox.claim(organisation=99)[1] == []
    assert len(outbox.claim()[1]) == 1


@pytest.mark.core
def test_every_owed_letter_is_posted_once_with_the_message_id_it_was_given_when_it_was_owed(app):
    many(app)
    fixed = {one.message_id for one in rows(Email)}
    post = Kept()
    assert jobs.deliver(post=post) == {"sent": 6, "failed": 0, "owed": 0}
    assert jobs.deliver(post=post) == {"sent": 0, "failed": 0, "owed": 0}
    assert sorted(one.message_id for one in post.letters) == sorted(fixed)
    assert len(fixed) == 6


def test_a_letter_not_taken_for_now_is_tried_again_later_with_the_same_message_id(app):
    a_project(app, plugins=LATE)
    sweep()
    fixed = rows(Email)[0].message_id
    assert jobs.deliver(post=Kept(NotPosted("busy", permanent=False))) == {"sent": 0, "failed": 1, "owed": 1}
    row = rows(Email)[0]
    assert (row.state, row.attempts, row.error, row.lease) == ("owed", 1, "busy", None)
    assert jobs.deliver(post=Kept()) == {"sent": 0, "failed": 0, "owed": 1}
    post = Kept()
    with time_machine.travel(now() + timedelta(seconds=67), tick=True):
        assert jobs.deliver(post=post)["sent"] == 1
    assert [one.message_id for one in post.letters] == [fixed]


def test_a_letter_refused_for_good_is_not_tried_again(app):
    a_project(app, plugins=LATE)
    sweep()
    assert jobs.deliver(post=Kept(NotPosted("no such address", permanent=True)))["owed"] == 0
    assert [(one.state, one.error) for one in rows(Email)] == [("dead", "no such address")]
    assert sweep()["letters_new"] == 0


def test_after_two_days_of_trying_a_letter_is_given_up(app):
    a_project(app, plugins=LATE)
    start = now()
    sweep(start.date())
    for hours in range(0, 100, 2):
        with time_machine.travel(start + timedelta(hours=hours), tick=True):
            jobs.deliver(post=Kept(NotPosted("busy", permanent=False)))
            if rows(Email)[0].state == "dead":
                break
    assert rows(Email)[0].state == "dead"
    assert 48 <= hours <= 74


def test_one_refused_letter_does_not_keep_the_others_back(app, smtp_sink):
    many(app, 3)
    smtp_sink.refuse["lead-1@example.org"] = "550 Gone"
    from govflow.mail.smtp import SmtpPost

    post = SmtpPost(smtp_sink.url, "GovFlow <govflow@example.org>")
    assert jobs.deliver(post=post) == {"sent": 2, "failed": 1, "owed": 0}
    assert sorted(one.recipients[0] for one in smtp_sink.received) == ["lead-0@example.org", "lead-2@example.org"]
    assert [one.state for one in rows(Email)].count("dead") == 1


def test_a_mail_server_that_says_later_is_asked_again_later(app, smtp_sink):
    a_project(app, plugins=LATE)
    sweep()
    smtp_sink.refuse["lead-1@example.org"] = "451 Try again"
    from govflow.mail.smtp import SmtpPost

    assert jobs.deliver(post=SmtpPost(smtp_sink.url, "GovFlow <g@example.org>"))["failed"] == 1
    assert rows(Email)[0].state == "owed"
    smtp_sink.refuse.clear()
    with time_machine.travel(now() + timedelta(minutes=2), tick=True):
        assert jobs.deliver(post=SmtpPost(smtp_sink.url, "GovFlow <g@example.org>"))["sent"] == 1
    assert len(smtp_sink.received) == 1


def test_a_mail_server_that_is_away_loses_nothing(app):
    from govflow.mail.smtp import SmtpPost
    from tests.support.servers import free_port

    a_project(app, plugins=LATE)
    sweep()
    away = SmtpPost(f"smtp://127.0.0.1:{free_port()}", "GovFlow <g@example.org>")
    assert jobs.deliver(post=away) == {"sent": 0, "failed": 1, "owed": 1}


def test_letters_wait_in_the_database_when_the_queue_is_away(app):
    import dataclasses

    from govflow.queue import waker
    from tests.support.servers import free_port

    house = app.extensions["govflow"]
    app.extensions["govflow"] = dataclasses.replace(house, wake=waker(f"redis://127.0.0.1:{free_port()}/0"))
    a_project(app, plugins=LATE)
    assert sweep()["letters_owed"] == 1


def test_pausing_and_resuming_moves_the_letter_too(app):
    project = a_project(app, plugins=LATE)
    by = project.by("lead-1")
    projects.pause(project.id, why="Rest.", by=by, today=TODAY - days(40))
    projects.resume(project.id, by=by, today=TODAY)
    assert sweep()["late"] == 0
    assert sweep(TODAY + days(12))["late"] == 1
