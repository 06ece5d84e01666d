"""Who is told of what, when and how: in line, at their own pace, by whoever can reach them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from govflow.delivery import deliver
from govflow.domain.checks import COORDINATOR, MEMBER, SUBJECT, unmet
from govflow.domain.overdue import after_stage_entry
from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.envelope import NotPosted
from govflow.services import (
    evidence,
    gates,
    letter_health,
    letter_wishes,
    letters_seen,
    mail_hosts,
    outbox,
    polls,
    snoozing,
    stopping,
    sweeping,
)
from govflow.services.picture import picture_of
from govflow.store import FindingRow, Letter, LetterItem, MailHost, Organisation, Person, SweepDone, WaiverRow, db, now
from tests.making import FOUR, NOTHING, TEA, TODAY, a_check, a_plugin, a_project, days, dump, person, rows
from tests.services.test_gates import answer, sign
from tests.services.test_outbox import DUE, LATE, Kept
from tests.services.test_polls import asked
from tests.services.test_polls import say as answer_poll

LONDON = ZoneInfo("Europe/London")
TEAM = [*FOUR, person("co", role="coordinator")]


@pytest.fixture(autouse=True)
def noon_of_today():
    with time_machine.travel(datetime.combine(TODAY, datetime.min.time(), tzinfo=UTC) + timedelta(hours=12)):
        yield


def on(day):
    return time_machine.travel(datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(hours=13))


def told(day=TODAY, post=None):
    """Who gets a letter on this day, and what it says: swept and posted an hour after noon."""
    post = post or Kept()
    with on(day):
        sweeping.sweep(today=day)
        deliver(post=post)
    return {one.to.partition("@")[0]: one for one in post.letters}


def wish(project, key, **given):
    letter_wishes.change_wishes(given=given, by=project.by(key), today=TODAY)


# --- before, and in line ------------------------------------------------------------------------------------


def test_what_is_due_on_a_known_day_is_told_before_it_and_does_not_count_as_late(app):
    checks = [a_check(due=after_stage_entry(days=90), remind_before=(30, 7, 0))]  # due on 1 April 2026
    a_project(app, plugins={"kitchen": a_plugin(checks=checks)})
    assert told(date(2026, 3, 1)) == {}
    assert "It is due on 1 April 2026." in told(TODAY)["lead-1"].text
    assert told(date(2026, 3, 24)) == {}
    assert told(date(2026, 3, 25)).keys() == {"lead-1"}
    assert "It is due today." in told(date(2026, 4, 1))["lead-1"].text
    assert sweeping.sweep(today=date(2026, 4, 1))["late"] == 0
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
    sweeping.sweep(today=TODAY)
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
    from govflow.services.sign_in import ask_for_link

    project = a_project(app, plugins=LATE)
    wish(project, "lead-1", quiet_from="20", quiet_to="8")
    evening = datetime(TODAY.year, TODAY.month, TODAY.day, 21, tzinfo=UTC)
    post = Kept()
    with time_machine.travel(evening):
        ask_for_link("lead-1@example.org", browser="b", code="c", network="n")
        sweeping.sweep(today=TODAY)
        deliver(post=post)
    assert [one.subject for one in post.letters] == ["GovFlow: your link to sign in"]
    with time_machine.travel(evening + timedelta(hours=11)):
        deliver(post=post)
    assert len(post.letters) == 2


def test_hours_that_became_quiet_after_the_sweep_are_kept_too(app):
    project = a_project(app, plugins=LATE)
    sweeping.sweep(today=TODAY)
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
    picture = picture_of(project.row, today=TODAY)
    (call,) = letters_seen.calls(picture, project.id, reader="co")
    assert (call.name, call.contact, call.lines) == (
        "Lead 1",
        "020 7946 0000",
        ("Put the kettle on: The kettle is not on yet.",),
    )
    assert letters_seen.calls(picture, project.id, reader="lead-1") == [], "nobody rings themselves"
    with pytest.raises(NotAllowed):
        letters_seen.told(project.id, member=call.member, by=project.by("lived-1"), today=TODAY)
    letters_seen.told(project.id, member=call.member, by=project.by("co"), today=TODAY)
    with pytest.raises(NotFound):
        letters_seen.told(project.id, member=call.member, by=project.by("co"), today=TODAY)
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
    sweeping.sweep(today=TODAY)
    answer(project)
    picture = picture_of(project.row, today=TODAY)
    assert letters_seen.calls(picture, project.id, reader="co") == [], "at once, on the page"
    assert told() == {}
    assert told(TODAY + days(8)) == {}
    assert {row.state for row in rows(Letter)} == {"cancelled"}


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
    snoozing.snooze(
        project.id,
        check_id="kitchen.tea",
        subject=None,
        given={"until": (until or TODAY + days(10)).isoformat(), "reason": reason},
        by=project.by(key),
        today=TODAY,
    )


def test_what_is_put_off_is_told_again_on_its_day_and_the_gate_does_not_change(app):
    project = a_project(app, plugins=LATE, members=TEAM)
    sweeping.sweep(today=TODAY)
    put_off(project)
    assert told() == {}, "also what was about to be posted"
    assert told(TODAY + days(9)) == {}
    assert told(TODAY + days(10)).keys() == {"lead-1"}
    assert project.gate().holding
    (seen,) = letters_seen.put_off(picture_of(project.row, today=TODAY), project.id, reader="co")
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


# --- who cannot be reached ------------------------------------------------------------------------------------


def test_an_address_that_is_refused_is_shown_to_the_lead_and_the_next_in_line_hears_of_it(app):
    project = a_project(app, plugins=LATE, members=TEAM)
    told(post=Kept(NotPosted("the address was refused (550)", permanent=True)))
    assert [row.state for row in rows(Letter)] == ["dead"]
    picture = picture_of(project.row, today=TODAY)
    assert [one.key for one, _ in letters_seen.unreachable(picture)] == ["lead-1"]
    assert [one.state for one in letters_seen.sent(project.row)] == ["could not reach"]
    assert told(TODAY + days(1)).keys() == {"co"}
    letters_seen.try_again(project.id, member="lead-1", by=project.by("co"), today=TODAY)
    assert letters_seen.unreachable(picture) == []
    assert "lead-1" in told(TODAY + days(8))


def test_an_address_is_tried_again_after_a_week_for_a_server_may_have_refused_them_all(app):
    a_project(app, plugins=LATE)
    told(post=Kept(NotPosted("relay denied (554)", permanent=True)))
    assert told(TODAY + days(3)) == {}
    assert told(TODAY + days(7)).keys() == {"lead-1"}
    assert rows(Person)[0].unreachable_on is None


def test_a_letter_that_arrives_shows_that_the_address_works(app):
    from govflow.services.sign_in import ask_for_link

    a_project(app, plugins={"kitchen": NOTHING})
    rows(Person)[0].unreachable_on = TODAY
    db.session.commit()
    ask_for_link("lead-1@example.org", browser="b", code="c", network="n")
    deliver(post=Kept())
    assert rows(Person)[0].unreachable_on is None


def test_a_sign_in_letter_that_surely_was_not_handed_over_is_tried_again_with_another_link(app):
    from govflow.services.sign_in import ask_for_link

    a_project(app, plugins={"kitchen": NOTHING})
    ask_for_link("lead-1@example.org", browser="b", code="c", network="n")
    assert deliver(post=Kept(NotPosted("greylisted (451)")))["failed"] == 1
    post = Kept()
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert deliver(post=post)["sent"] == 1
        assert deliver(post=post)["sent"] == 0


def test_a_sign_in_letter_that_may_have_arrived_is_not_sent_again(app):
    from govflow.services.sign_in import ask_for_link

    a_project(app, plugins={"kitchen": NOTHING})
    ask_for_link("lead-1@example.org", browser="b", code="c", network="n")
    deliver(post=Kept(NotPosted("silence", unsure=True)))
    post = Kept()
    with time_machine.travel(now() + timedelta(minutes=5)):
        deliver(post=post)
    assert post.letters == []


# --- a mail server that is away ---------------------------------------------------------------------------------


def a_few(app, number):
    members = [person(f"lead-{n}", role="lead") for n in range(number)]
    check = a_check(about=MEMBER, owed_by=SUBJECT, due=DUE)
    a_project(app, plugins={"kitchen": a_plugin(checks=[check])}, members=members)
    sweeping.sweep(today=TODAY)


def test_a_server_that_is_away_costs_no_letter_an_attempt_and_is_left_alone_after_five_errors(app):
    a_few(app, 3)
    away, tries = NotPosted("no connection", away=True), 0
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(8):
            tries += deliver(post=Kept(away))["failed"]
        assert tries == 5
        clock.shift(timedelta(seconds=59))
        assert deliver(post=Kept(away))["failed"] == 0
        clock.shift(timedelta(seconds=2))
        assert deliver(post=Kept(away))["failed"] == 1, "one letter tries"
        assert deliver(post=Kept(away))["failed"] == 0
    assert {(row.state, row.attempts) for row in rows(Letter)} == {("owed", 0)}


def test_when_it_is_back_what_waited_goes_out_slowly_and_each_once(app):
    a_few(app, 25)
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(5):
            deliver(post=Kept(NotPosted("no connection", away=True)))
        clock.shift(timedelta(minutes=2))
        post, batches = Kept(), []
        post.host = Kept.host
        while len(post.letters) < 25 and len(batches) < 9:
            _, ids, leave = outbox.claim_for(post.host)
            outbox.put_back(ids, rows(Letter, id=ids[0])[0].lease if ids else "")
            batches.append((len(ids), leave.slow))
            if len(batches) == 1:
                from govflow.services.mail_hosts import answered

                answered(post.host)
            clock.shift(timedelta(seconds=1))
            if len(batches) > 3:
                break
    assert batches[0] == (1, False), "one letter tries first"
    assert batches[1:] == [(10, True)] * 3
    with time_machine.travel(now() + timedelta(minutes=3), tick=True):
        assert deliver(post=post)["sent"] == 25
    assert len({one.message_id for one in post.letters}) == 25
    assert not rows(MailHost)[0].slow


def test_a_server_that_was_away_for_three_days_loses_nothing_and_everybody_gets_one_letter(app):
    a_few(app, 3)
    away = NotPosted("no connection", away=True)
    for day in range(4):
        told(TODAY + days(day), post=Kept(away))
    post = Kept()
    told(TODAY + days(4), post=post)
    with on(TODAY + days(4)), time_machine.travel(now() + timedelta(minutes=10), tick=True):
        deliver(post=post)
    assert sorted(one.to for one in post.letters) == [f"lead-{n}@example.org" for n in range(3)]


def test_slowly_lasts_until_all_that_waited_is_gone_not_until_one_organisation_s_is(app):
    a_few(app, 15)
    a_project(app, slug="empty", organisation="elsewhere")
    for _ in range(5):
        deliver(post=Kept(NotPosted("no connection", away=True)))
    mail_hosts.answered(Kept.host)
    _, ids, leave = outbox.claim_for(Kept.host, organisation=rows(Organisation, slug="elsewhere")[0].id)
    assert (ids, leave.slow) == ([], True)
    with time_machine.travel(now() + timedelta(seconds=2)):
        assert len(outbox.claim_for(Kept.host)[1]) == 10


def test_a_letter_that_is_refused_again_and_again_is_one_that_waits(app):
    a_few(app, 1)
    assert letter_health.late_letters() == ""
    deliver(post=Kept(NotPosted("busy (451)")))
    with time_machine.travel(now() + timedelta(minutes=2)):
        deliver(post=Kept(NotPosted("busy (451)")))
    with time_machine.travel(now() + timedelta(minutes=6)):
        assert letter_health.late_letters() == ""
    with time_machine.travel(now() + timedelta(minutes=17)):
        assert "17 minutes ago" in letter_health.late_letters()


def test_what_the_mail_server_said_when_it_took_nothing_is_in_the_log(app, caplog):
    a_few(app, 1)
    deliver(post=Kept(NotPosted("no connection to the mail server (SMTPAuthenticationError)", away=True)))
    assert "SMTPAuthenticationError" in caplog.text


def test_an_organisation_that_cannot_be_swept_keeps_no_other_waiting(app, monkeypatch):
    a_project(app, plugins=LATE)
    a_project(app, plugins=LATE, slug="second", organisation="elsewhere")
    first, second = (row.id for row in rows(Organisation))
    whole = sweeping.sweep_organisation

    def one_breaks(organisation_id, **more):
        if organisation_id == first:
            raise RuntimeError("a project nobody can judge")
        return whole(organisation_id, **more)

    monkeypatch.setattr(sweeping, "sweep_organisation", one_breaks)
    with pytest.raises(RuntimeError):
        sweeping.sweep(today=TODAY)
    db.session.rollback()
    assert [row.organisation_id for row in rows(Letter)] == [second]


# --- other letters ----------------------------------------------------------------------------------------------


def test_the_day_the_plan_aims_at_is_told_a_month_a_week_and_a_day_before_and_names_nobody(app):
    aim = TODAY + days(30)
    a_project(app, plugins={"kitchen": TEA}, plan={"bid": aim})
    got = {number: told(TODAY + days(number)) for number in (0, 1, 23, 30, 37)}
    assert [number for number, letters in got.items() if letters] == [0, 23, 30, 37]
    assert "1 thing is not ready yet" in got[0]["lead-1"].text
    for name in ("Lived", "Practice", "Research"):
        assert name not in got[37]["lead-1"].text


def test_a_poll_is_told_of_when_it_opens_on_its_tenth_day_and_its_last_to_everyone_alike(app):
    project = asked(app)
    first = told()
    answer_poll(project, 1)
    answer_poll(project, 2)
    tenth, last = told(TODAY + days(10)), told(TODAY + days(14))
    for letters in (first, tenth, last):
        assert letters.keys() == {f"p-{number}" for number in range(6)}
        assert len({one.text.replace(f"P {number}", "") for number, one in enumerate(letters.values())}) <= 6
    texts = {one.text.partition("\n")[2].replace(one.stop_url, "") for one in tenth.values()}
    assert len(texts) == 1, "whoever has answered and whoever has not get the same words"
    assert "last day" in last["p-0"].subject
    assert told(TODAY + days(15)) == {}


def test_a_round_that_was_closed_early_is_told_of_no_more(app):
    project = asked(app)
    sweeping.sweep(today=TODAY)
    for number in range(6):
        answer_poll(project, number)
    polls.close_round(project.id, poll_id="kitchen.how", by=project.by("p-0"), today=TODAY)
    post = Kept()
    deliver(post=post)
    assert post.letters == []


def test_a_gate_that_has_come_to_be_open_is_told_once_to_those_who_can_move_on(app):
    project = a_project(app, plugins={"kitchen": TEA}, members=TEAM)
    assert told() == {}
    answer(project)
    assert told() == {}
    sign(project)
    letters = told()
    assert letters.keys() == {"lead-1", "co"}
    assert "Kettle" not in letters["co"].subject + letters["co"].text[:120]
    gates.take_back(project.id, by=project.by("lived-1"), today=TODAY)
    sweeping.sweep(today=TODAY)
    gates.sign_off(project.id, by=project.by("lived-1"), today=TODAY)
    assert told(TODAY + days(1)) == {}


def test_a_proposed_waiver_is_told_to_those_who_may_agree_and_to_nobody_once_one_has(app):
    project = a_project(app, plugins={"kitchen": TEA}, members=[*TEAM, person("watcher", "practice", role="observer")])
    facts = {"check_id": "kitchen.tea", "subject": None, "reason": "Next week.", "until": TODAY + days(7)}
    gates.propose_waiver(project.id, **facts, by=project.by("lived-1"), today=TODAY)
    assert {one.person_id for one in rows(Letter)} == {
        project.by(key).person_id for key in ("lead-1", "practice-1", "research-1")
    }
    (waiver,) = rows(WaiverRow)
    gates.second_waiver(project.id, waiver_id=waiver.id, by=project.by("practice-1"), today=TODAY)
    assert told() == {}


def test_a_move_is_told_to_everyone_but_who_made_it(app):
    project = a_project(app, plugins={"kitchen": TEA}, members=TEAM)
    answer(project)
    sign(project)
    gates.advance(project.id, by=project.by("lead-1"), today=TODAY)
    letters = told()
    assert letters.keys() == {"lived-1", "practice-1", "research-1", "co"}
    assert "Design" in letters["co"].text


def test_who_stopped_letters_gets_none_of_these_and_a_link_to_sign_in_all_the_same(app):
    from govflow.services.sign_in import ask_for_link

    project = asked(app)
    stopping.stop_reminders(stopping.stop_token(project.by("p-1").person_id), today=TODAY)
    ask_for_link("p-1@example.org", browser="b", code="c", network="n")
    sweeping.sweep(today=TODAY)
    post = Kept()
    deliver(post=post)
    assert [one.subject for one in post.letters if one.to == "p-1@example.org"] == ["GovFlow: your link to sign in"]


# --- calendars, and what a lead sees -----------------------------------------------------------------------------


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
        found = sweeping.sweep(today=jobs.day_in)
    assert found["letters_new"] == (1 if day >= date(2026, 3, 2) else 0)
    assert [row.day for row in rows(Letter)] == ([day] if found["letters_new"] else [])


def test_the_lead_sees_what_will_fall_due_and_who_is_told_and_no_words_of_any_letter(app):
    checks = [a_check(due=DUE), a_check("milk", title="Buy milk", due=after_stage_entry(days=100))]
    project = a_project(app, plugins={"kitchen": a_plugin(checks=checks)}, members=TEAM, plan={"bid": TODAY + days(60)})
    seen = letters_seen.coming(project.row, reader="co", today=TODAY)
    assert [(one.title, one.told, one.late) for one in seen] == [
        ("Put the kettle on", "Lead 1", True),
        ("Buy milk", "Lead 1", False),
        ("The day the plan aims at", "Lead 1", False),
    ]
    told()
    (sent,) = letters_seen.sent(project.row)
    assert (sent.to, sent.what, sent.state) == ("Lead 1", "Reminder of 1 thing", "sent")


def test_each_sweep_leaves_a_note_of_when_and_how_long(app):
    a_project(app, plugins={"kitchen": NOTHING})
    sweeping.sweep(today=TODAY)
    sweeping.sweep(today=TODAY)
    (row,) = rows(SweepDone)
    assert row.seconds > 0


def test_one_thing_is_told_once_in_each_cycle_whatever_becomes_of_the_clock(app):
    """Days come in any order: a year on, a day back, the same day ten times."""
    a_project(app, plugins=LATE, members=TEAM)
    for day in (TODAY, TODAY + days(365), TODAY - days(1), TODAY + days(1), *[TODAY + days(2)] * 10):
        told(day)
    items = [(row.check, row.cycle, row.rank) for row in rows(LetterItem)]
    assert len(items) == len(set(items))
    assert evidence is not None
    assert rows(FindingRow)[0].open
