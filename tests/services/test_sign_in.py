"""Asking for a link: the same for everybody, bound to the browser that asked, and not without end."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import Engine, event

from govflow.domain.refusals import Invalid, Refused, TooOften
from govflow.services import sweep
from govflow.services.auth import sessions, sign_in_links
from govflow.services.auth.sign_in import ask_for_link, new_browser
from govflow.services.mail import outbox
from govflow.services.people import people
from govflow.store import Attempt, Email, SignedIn, SignInLink, db, now
from tests.support.concurrency import at_once
from tests.support.factories import TODAY, a_project, dump, row_counts, rows

HERE = {"browser": "the browser that asked", "code": "2346C79D"}


@pytest.fixture
def ada(app) -> int:
    return people.invite_person(email="ada@example.org", name="Ada Harbour", organisation=None, admin=False).id


def later(**time):
    return time_machine.travel(now() + timedelta(**time), tick=True)


def ask(email="ada@example.org", *, network="192.0.2.1", **more):
    ask_for_link(email, network=network, **{**HERE, **more})


def posted() -> list[str]:
    """The tokens in the letters that are owed now, as they would be posted."""
    lease, ids = outbox.claim()
    ready = [outbox.compose(one, lease, today=TODAY) for one in ids]
    return [one.words.text.partition("/sign-in/")[2].split()[0] for one in ready if one]


@contextmanager
def statements():
    said: list[str] = []

    def heard(connection, cursor, statement, parameters, context, many):
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", heard)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", heard)


# --- the same for everybody ---------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_asking_does_the_same_work_for_a_known_and_an_unknown_address(app, ada):
    did = []
    for email in ("ada@example.org", "nobody@example.org"):
        before = row_counts()
        with statements() as said:
            assert ask(email) is None
        after = row_counts()
        did.append((said, {name: after[name] - before[name] for name in after if after[name] != before[name]}))
    assert did[0] == did[1]
    assert did[0][1] == {"sign_in_link": 1, "sign_in_try": 2}
    assert rows(Email) == [], "The letter is written by the post, away from the page."


def test_beyond_the_limit_it_is_the_same_work_too(app, ada):
    did = []
    for email in ("ada@example.org", "nobody@example.org"):
        for _ in range(3):
            ask(email)
        with statements() as said:
            ask(email)
        did.append(said)
    assert did[0] == did[1]


def test_only_somebody_we_know_gets_a_letter(app, ada):
    ask("nobody@example.org")
    ask(" ADA@example.org ")
    assert len(posted()) == 1
    assert [(one.person_id, one.kind, one.state) for one in rows(Email)] == [(ada, "sign_in", "sent")]


@pytest.mark.parametrize("email", ["", "no address", "ada@", "a" * 300 + "@example.org", "👩@x"])
def test_what_is_no_address_is_refused_in_words(app, ada, email):
    with pytest.raises(Invalid, match=r"name@example\.org"):
        ask(email)
    db.session.rollback()
    assert rows(Attempt) == []


def test_neither_address_nor_network_nor_code_is_kept_as_it_is(app, ada):
    ask("nobody@example.org")
    kept = dump()
    for secret in ("nobody@example.org", "192.0.2.1", *HERE.values()):
        assert secret not in kept


# --- the link -----------------------------------------------------------------------------------------------


def test_the_link_itself_is_made_when_its_letter_is_posted_and_lasts_ten_minutes(app, ada):
    ask()
    assert [one.token_hash for one in rows(SignInLink)] == [None]
    [token] = posted()
    assert sign_in_links.link_works(token)
    with later(minutes=11):
        assert not sign_in_links.link_works(token)


def test_a_sign_in_letter_nobody_waits_for_any_more_is_not_posted(app, ada):
    ask()
    outbox.claim()
    ask()
    with later(minutes=31):
        assert posted() == []
    assert {one.token_hash for one in rows(SignInLink)} == {None}


def test_a_lost_wake_is_made_up_for_by_the_sweep(app, ada, monkeypatch):
    woken: list[int] = []
    ask()
    house = app.extensions["govflow"]
    monkeypatch.setitem(app.extensions, "govflow", replace(house, wake=woken.extend))
    sweep.sweep(today=TODAY)
    assert woken == [0]


def test_where_it_was_asked_for_the_link_signs_in_without_a_code(app, ada):
    ask()
    [token] = posted()
    assert not sign_in_links.wants_code(token, browser=HERE["browser"])
    session = sign_in_links.use_link(token, device="", browser=HERE["browser"], today=TODAY)
    assert sessions.signed_in(session).person.id == ada
    assert not sessions.signed_in(session).strong


@pytest.mark.parametrize(
    "typed", ["2346C79D", "2346-C79D", "2346-c79d", " 2346 c79d ", "2346–C79D", "２３４６Ｃ７９Ｄ"]
)
def test_elsewhere_the_code_opens_it_however_it_was_typed_or_pasted(app, ada, typed):
    ask()
    [token] = posted()
    assert sign_in_links.wants_code(token, browser="another")
    assert (
        sessions.signed_in(
            sign_in_links.use_link(token, device="", browser="another", code=typed, today=TODAY)
        ).person.id
        == ada
    )


@pytest.mark.parametrize(
    "typed",
    ["", "  ", "2346", "2346C79DD", "0000-0000", "OIL1-5SB8", "🔑🔑🔑🔑🔑🔑🔑🔑", "\x00" * 8, "x" * 9_000, "٣" * 8],
)
def test_what_cannot_be_a_code_is_explained_and_counts_as_no_try(app, ada, typed):
    """A scanner that presses the button has no code: the link still works for the person."""
    ask()
    [token] = posted()
    for _ in range(8):
        with pytest.raises(Invalid, match="8 letters and numbers"):
            sign_in_links.use_link(token, device="", code=typed, today=TODAY)
        db.session.rollback()
    assert (rows(SignInLink)[0].wrong, rows(SignedIn)) == (0, [])
    sign_in_links.use_link(token, device="", browser=HERE["browser"], today=TODAY)


def wrongly(token: str) -> Exception:
    with pytest.raises(Refused) as refused:
        sign_in_links.use_link(token, device="", code="XXXX-XXXX", today=TODAY)
    db.session.rollback()
    return refused.value


def test_five_wrong_codes_use_a_link_up(app, ada):
    ask()
    [token] = posted()
    said = [wrongly(token) for _ in range(5)]
    assert [type(one) for one in said] == [Invalid] * 4 + [Refused]
    assert "shown where you asked" in str(said[0])
    assert not sign_in_links.link_works(token)
    with pytest.raises(Refused, match="too old"):
        sign_in_links.use_link(token, device="", browser=HERE["browser"], today=TODAY)


def test_after_five_wrong_codes_in_a_quarter_of_an_hour_the_next_waits(app, ada):
    ask()
    ask()
    first, second = posted()
    for _ in range(5):
        wrongly(first)
    said = wrongly(second)
    assert isinstance(said, TooOften)
    assert "wait 1 minute" in str(said)
    assert 1 < said.wait <= 61
    assert rows(SignInLink)[1].wrong == 0, "A code that had to wait was not looked at."
    assert sign_in_links.use_link(second, device="", browser=HERE["browser"], today=TODAY), (
        "In the asking browser nobody waits."
    )


def test_the_wait_doubles_and_ends(app, ada):
    with time_machine.travel(now(), tick=False) as clock:
        ask()
        ask()
        ask()
        tokens = posted()
        for _ in range(5):
            wrongly(tokens[0])
        for minutes in (1, 2):
            assert isinstance(wrongly(tokens[1]), TooOften)
            clock.shift(timedelta(minutes=minutes, seconds=1))
            assert isinstance(wrongly(tokens[1]), Invalid)
        assert wrongly(tokens[1]).wait == 240
        clock.shift(timedelta(minutes=4, seconds=1))
        assert sign_in_links.use_link(tokens[1], device="", code=HERE["code"], today=TODAY)


def test_an_operator_s_link_asks_for_no_code(app, ada):
    token = sign_in_links.operator_link(ada)
    assert not sign_in_links.wants_code(token, browser="any")
    assert sign_in_links.use_link(token, device="", browser="any", today=TODAY)


@pytest.mark.parametrize("token", ["", "made-up", "\x00", "x" * 5_000, "é", "../..", "%00"])
def test_a_link_that_is_not_whole_is_refused_in_the_same_words(app, ada, token):
    ask()
    posted()
    assert not sign_in_links.link_works(token)
    with pytest.raises(Refused) as refused:
        sign_in_links.use_link(token, device="", browser=HERE["browser"], code=HERE["code"], today=TODAY)
    assert str(refused.value) == sign_in_links.USED_UP


@pytest.mark.both_engines
def test_of_many_browsers_that_press_at_once_one_is_signed_in(app, ada):
    ask()
    [token] = posted()
    answers = at_once(
        app, 12, lambda index: sign_in_links.use_link(token, device=str(index), browser=HERE["browser"], today=TODAY)
    )
    assert len([one for one in answers if isinstance(one, str)]) == 1
    assert {str(one) for one in answers if not isinstance(one, str)} == {sign_in_links.USED_UP}
    assert len(rows(SignedIn)) == 1


@pytest.mark.both_engines
def test_of_many_wrong_codes_at_once_five_are_looked_at(app, ada):
    ask()
    [token] = posted()
    answers = at_once(app, 20, lambda index: sign_in_links.use_link(token, device="", code="XXXX-XXXX", today=TODAY))
    assert len([one for one in answers if isinstance(one, Invalid)]) == 4
    assert rows(SignInLink)[0].wrong == 5
    assert rows(SignedIn) == []


def test_a_browser_s_value_and_code_are_its_own(app):
    made = [new_browser() for _ in range(200)]
    assert len({browser for browser, _ in made}) == len({code for _, code in made}) == 200
    assert all(len(browser) >= 20 and len(code) == 8 for browser, code in made)


# --- limits -------------------------------------------------------------------------------------------------


def test_three_letters_an_hour_go_to_one_address(app, ada):
    for _ in range(5):
        ask()
    assert len(posted()) == 3
    with later(minutes=61):
        ask()
        assert len(posted()) == 1


@pytest.mark.both_engines
def test_also_when_they_are_asked_for_at_the_same_moment(app, ada):
    at_once(app, 12, lambda index: ask(network=f"192.0.2.{index}"))
    assert len(rows(SignInLink)) == 3


def test_twenty_links_an_hour_may_be_asked_for_from_one_network_known_or_not(app, ada):
    for number in range(20):
        ask(f"{number}@example.org")
    before = row_counts()
    for email in ("ada@example.org", "nobody@example.org"):
        with pytest.raises(TooOften, match="try again in an hour") as refused:
            ask(email)
        assert refused.value.wait == 3600
    assert row_counts() == before
    ask(network="192.0.2.2")
    with later(minutes=61):
        ask()


def test_old_tries_and_old_links_are_swept_away(app, ada):
    a_project(app, plugins={})
    ask()
    ask("nobody@example.org")
    posted()
    sweep.sweep(today=TODAY)
    assert (len(rows(Attempt)), len(rows(SignInLink))) == (4, 2)
    with later(hours=2):
        sweep.sweep(today=TODAY, dry_run=True)
        assert len(rows(Attempt)) == 4
        sweep.sweep(today=TODAY)
        assert (len(rows(Attempt)), len(rows(SignInLink))) == (0, 2)
    with later(hours=26):
        sweep.sweep(today=TODAY)
    assert rows(SignInLink) == []


def test_signing_in_needs_no_redis(app, ada, monkeypatch):
    """The limits lie in the database, and the sweep posts what nobody was woken for."""
    from govflow import queue

    house = app.extensions["govflow"]
    away = queue.waker("unix:///nowhere/redis.sock")
    monkeypatch.setitem(app.extensions, "govflow", replace(house, wake=away))
    ask()
    [token] = posted()
    assert sign_in_links.use_link(token, device="", browser=HERE["browser"], today=TODAY)
    for _ in range(19):
        ask()
    with pytest.raises(TooOften):
        ask()
