"""An address that is refused, and a mail server that is away: no letter is lost, and nobody is asked too often."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from govflow.domain.gates.checks import MEMBER, SUBJECT
from govflow.mail.delivery import deliver
from govflow.mail.message import NotPosted
from govflow.services import sweep
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.mail import email_log, health, mail_servers, outbox
from govflow.store import Email, MailServer, Organisation, Person, db, now
from tests.support.factories import NOTHING, TODAY, a_check, a_plugin, a_project, days, person, rows
from tests.support.topics.emails import DUE, LATE, TEAM, Kept, on, told

pytestmark = [pytest.mark.usefixtures("noon_of_today"), pytest.mark.both_engines]


def test_an_address_that_is_refused_is_shown_to_the_lead_and_the_next_in_line_hears_of_it(app):
    project = a_project(app, plugins=LATE, members=TEAM)
    told(post=Kept(NotPosted("the address was refused (550)", permanent=True)))
    assert [row.state for row in rows(Email)] == ["dead"]
    snapshot = load_snapshot(project.row, today=TODAY)
    assert [one.key for one, _ in email_log.unreachable(snapshot)] == ["lead-1"]
    assert [one.state for one in email_log.sent(project.row)] == ["could not reach"]
    assert told(TODAY + days(1)).keys() == {"co"}
    email_log.try_again(project.id, member="lead-1", by=project.by("co"), today=TODAY)
    assert email_log.unreachable(snapshot) == []
    assert "lead-1" in told(TODAY + days(8))


def test_an_address_is_tried_again_after_a_week_for_a_server_may_have_refused_them_all(app):
    a_project(app, plugins=LATE)
    told(post=Kept(NotPosted("relay denied (554)", permanent=True)))
    assert told(TODAY + days(3)) == {}
    assert told(TODAY + days(7)).keys() == {"lead-1"}
    assert rows(Person)[0].unreachable_on is None


def test_a_letter_that_arrives_shows_that_the_address_works(app):
    from govflow.services.auth.sign_in import ask_for_link

    a_project(app, plugins={"kitchen": NOTHING})
    rows(Person)[0].unreachable_on = TODAY
    db.session.commit()
    ask_for_link("lead-1@example.org", browser="b", code="c", network="n")
    deliver(post=Kept())
    assert rows(Person)[0].unreachable_on is None


def test_a_sign_in_letter_that_surely_was_not_handed_over_is_tried_again_with_another_link(app):
    from govflow.services.auth.sign_in import ask_for_link

    a_project(app, plugins={"kitchen": NOTHING})
    ask_for_link("lead-1@example.org", browser="b", code="c", network="n")
    assert deliver(post=Kept(NotPosted("greylisted (451)")))["failed"] == 1
    post = Kept()
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert deliver(post=post)["sent"] == 1
        assert deliver(post=post)["sent"] == 0


def test_a_sign_in_letter_that_may_have_arrived_is_not_sent_again(app):
    from govflow.services.auth.sign_in import ask_for_link

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
    sweep.sweep(today=TODAY)


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
    assert {(row.state, row.attempts) for row in rows(Email)} == {("owed", 0)}


def test_when_it_is_back_one_letter_tries_and_the_others_follow_ten_a_second_each_once(app):
    a_few(app, 25)
    post, taken = Kept(), []
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(5):
            deliver(post=Kept(NotPosted("no connection", away=True)))
        clock.shift(timedelta(minutes=2))
        lease, tried, _ = outbox.claim_for(post.host)
        assert len(tried) == 1
        assert outbox.claim_for(post.host)[1] == [], "nobody else tries meanwhile"
        outbox.put_back(tried, lease)
        mail_servers.record_answer(post.host)
        for _ in range(3):
            taken.append(len(outbox.claim_for(post.host)[1]))
            assert outbox.claim_for(post.host)[1] == [], "no more in this second"
            clock.shift(timedelta(seconds=1))
    assert taken == [10, 10, 5]
    with time_machine.travel(now() + outbox.LEASE + timedelta(minutes=2), tick=True):
        assert deliver(post=post)["sent"] == 25
    assert len({one.message_id for one in post.letters}) == 25
    assert not rows(MailServer)[0].slow


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
    mail_servers.record_answer(Kept.host)
    _, ids, leave = outbox.claim_for(Kept.host, organisation=rows(Organisation, slug="elsewhere")[0].id)
    assert (ids, leave.slow) == ([], True)
    with time_machine.travel(now() + timedelta(seconds=2)):
        assert len(outbox.claim_for(Kept.host)[1]) == 10


def test_a_letter_that_is_refused_again_and_again_is_one_that_waits(app):
    a_few(app, 1)
    assert health.late_letters() == ""
    deliver(post=Kept(NotPosted("busy (451)")))
    with time_machine.travel(now() + timedelta(minutes=2)):
        deliver(post=Kept(NotPosted("busy (451)")))
    with time_machine.travel(now() + timedelta(minutes=6)):
        assert health.late_letters() == ""
    with time_machine.travel(now() + timedelta(minutes=17)):
        assert "17 minutes ago" in health.late_letters()


def test_what_the_mail_server_said_when_it_took_nothing_is_in_the_log(app, caplog):
    a_few(app, 1)
    deliver(post=Kept(NotPosted("no connection to the mail server (SMTPAuthenticationError)", away=True)))
    assert "SMTPAuthenticationError" in caplog.text


def test_a_clock_that_was_set_back_leaves_no_server_alone_for_a_day(app):
    moment, tomorrow = now(), now() + timedelta(days=1)
    db.session.add(MailServer(host="mail", errors=5, away_until=tomorrow))
    db.session.add(MailServer(host="slow", slow=True, next_batch_at=tomorrow))
    db.session.add(MailServer(host="away", errors=5, away_until=moment + timedelta(minutes=4)))
    db.session.commit()
    assert [mail_servers.allowance_for(host, most=50).most for host in ("mail", "slow", "away")] == [1, 10, 0]
