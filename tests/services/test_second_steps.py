"""The second step: an app's codes, each once; recovery codes; how long a session stays strong."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree

import pyotp
import pytest
import time_machine

from govflow.domain.refusals import ConfirmFirst, Invalid, NotFound, Refused, TooOften
from govflow.services.auth import second_factor, sessions, sign_in_links
from govflow.services.base.actions import Actor
from govflow.services.people.people import invite_person
from govflow.services.plugins import plugins
from govflow.store import Attempt, CodeApp, RecoveryCode, SignedIn, db, now
from tests.support.concurrency import at_once
from tests.support.factories import TODAY, dump, rows
from tests.support.site import with_an_app
from tests.support.topics.sessions import begin


@pytest.fixture
def steady_clock():
    """A clock that stands still until it is moved: codes change by it."""
    with time_machine.travel(now(), tick=False) as clock:
        yield clock


def strong(token: str) -> bool:
    found = sessions.signed_in(token)
    return bool(found and found.strong)


def code_of(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(now() + timedelta(seconds=30 * steps))


# --- setting up ---------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_an_app_counts_once_a_code_of_it_was_typed(app, ada, steady_clock):
    session = begin(ada)
    second_factor.begin_app(by=ada)
    secret = second_factor.app_begun(by=ada).secret.replace(" ", "")
    assert not second_factor.second_factors_of(ada.person_id).any
    with pytest.raises(Invalid, match="not the code"):
        second_factor.confirm_app(
            by=ada, session=session, code="000000" if code_of(secret) != "000000" else "000001", today=TODAY
        )
    db.session.rollback()
    token, codes = second_factor.confirm_app(by=ada, session=session, code=code_of(secret), today=TODAY)
    assert (strong(session), strong(token), len(codes)) == (False, True, 10)
    assert second_factor.app_begun(by=Actor(ada.person_id, strong=True)) is None, "The secret is shown no more."


def test_the_picture_and_the_text_say_the_same_and_bring_no_style_of_their_own(app, ada):
    second_factor.begin_app(by=ada)
    begun = second_factor.app_begun(by=ada)
    assert re.fullmatch(r"([A-Z2-7]{4} ){7}[A-Z2-7]{4}", begun.secret)
    drawn = ElementTree.fromstring(begun.picture)
    assert drawn.tag == "svg"
    assert not any("style" in one.attrib for one in drawn.iter())


def test_the_secret_is_kept_sealed_and_recovery_codes_as_hashes(app, ada):
    _, secret, codes = with_an_app(ada.person_id, begin(ada))
    kept = dump()
    for one in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert one not in kept


def test_beginning_again_makes_another_secret_and_a_second_app_is_refused(app, ada):
    second_factor.begin_app(by=ada)
    first = second_factor.app_begun(by=ada).secret
    second_factor.begin_app(by=ada)
    assert second_factor.app_begun(by=ada).secret != first
    db.session.execute(db.delete(CodeApp))
    db.session.commit()
    with_an_app(ada.person_id, begin(ada))
    with pytest.raises(Refused, match="set up already"):
        second_factor.begin_app(by=Actor(ada.person_id, strong=True))
    db.session.rollback()
    with pytest.raises(ConfirmFirst):
        second_factor.begin_app(by=ada)


def test_nothing_is_confirmed_that_was_not_begun(app, ada):
    session = begin(ada)
    with pytest.raises(NotFound):
        second_factor.confirm_app(by=ada, session=session, code="123456", today=TODAY)
    db.session.rollback()
    with pytest.raises(Refused, match="Set up"):
        second_factor.new_codes(by=Actor(ada.person_id, strong=True))


# --- showing it ---------------------------------------------------------------------------------------------


@pytest.mark.both_engines
def test_a_code_works_once_also_when_two_browsers_type_it_at_once(app, ada, steady_clock):
    _, secret, _ = with_an_app(ada.person_id, begin(ada))
    steady_clock.shift(timedelta(seconds=60))
    sessions = [begin(ada) for _ in range(5)]
    code = code_of(secret)
    answers = at_once(app, 5, lambda index: second_factor.confirm(by=ada, session=sessions[index], code=code))
    assert len([one for one in answers if isinstance(one, str)]) == 1
    assert [type(one) for one in answers].count(Invalid) == 4
    with pytest.raises(Invalid):
        second_factor.confirm(by=ada, session=sessions[0], code=code)


def test_the_code_that_set_the_app_up_is_not_taken_again(app, ada, steady_clock):
    _, secret, _ = with_an_app(ada.person_id, begin(ada))
    with pytest.raises(Invalid, match="used already"):
        second_factor.confirm(by=ada, session=begin(ada), code=code_of(secret))


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_wrong_and_no_more(app, ada, steady_clock, steps, taken):
    _, secret, _ = with_an_app(ada.person_id, begin(ada))
    steady_clock.shift(timedelta(minutes=5))
    session, code = begin(ada), code_of(secret, steps)
    if taken:
        assert strong(second_factor.confirm(by=ada, session=session, code=f" {code[:3]} {code[3:]}\n"))
    else:
        with pytest.raises(Invalid):
            second_factor.confirm(by=ada, session=session, code=code)


def test_an_older_code_than_the_last_is_not_taken(app, ada, steady_clock):
    _, secret, _ = with_an_app(ada.person_id, begin(ada))
    steady_clock.shift(timedelta(minutes=5))
    second_factor.confirm(by=ada, session=begin(ada), code=code_of(secret, 1))
    with pytest.raises(Invalid):
        second_factor.confirm(by=ada, session=begin(ada), code=code_of(secret))


def test_a_recovery_code_works_once_however_it_is_typed(app, ada):
    _, _, codes = with_an_app(ada.person_id, begin(ada))
    for typed in (codes[0], codes[1].lower(), codes[2].replace("-", " ")):
        assert strong(second_factor.confirm(by=ada, session=begin(ada), code=typed))
        with pytest.raises(Invalid):
            second_factor.confirm(by=ada, session=begin(ada), code=typed)
        db.session.rollback()
    assert second_factor.second_factors_of(ada.person_id).codes_left == 7


def test_new_recovery_codes_end_the_old_ones_and_they_are_their_owner_s(app, ada):
    session, _, old = with_an_app(ada.person_id, begin(ada))
    new = second_factor.new_codes(by=Actor(ada.person_id, strong=True))
    eve = Actor(invite_person(email="eve@example.org", name="Eve", organisation=None, admin=False).id)
    with_an_app(eve.person_id, begin(eve))
    for by, code in ((ada, old[0]), (eve, new[0])):
        with pytest.raises(Invalid):
            second_factor.confirm(by=by, session=begin(by), code=code)
        db.session.rollback()
    assert strong(second_factor.confirm(by=ada, session=session, code=new[0]))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "12345",
        "1234567",
        "12345a",
        "👩👩👩👩👩👩",
        "١٢٣٤٥٦",
        "\x00" * 6,
        "-12345",
        "0x1234",
        "x" * 9_000,
        "1" * 9_000,
    ],
)
def test_what_cannot_be_a_code_is_explained_and_counts_as_no_try(app, ada, typed):
    with_an_app(ada.person_id, begin(ada))
    session = begin(ada)
    for _ in range(7):
        with pytest.raises(Invalid, match="The code has"):
            second_factor.confirm(by=ada, session=session, code=typed)
        db.session.rollback()
    assert rows(Attempt) == []
    assert not strong(session)


def test_wrong_codes_wait_after_the_fifth_of_whatever_kind_and_in_whatever_browser(app, ada, steady_clock):
    _, secret, codes = with_an_app(ada.person_id, begin(ada))
    steady_clock.shift(timedelta(minutes=5))
    for number in range(5):
        wrong = "2346-79CD-FHJK" if number % 2 else code_of(secret, 9)
        with pytest.raises(Invalid):
            second_factor.confirm(by=ada, session=begin(ada), code=wrong)
        db.session.rollback()
    for right in (code_of(secret), codes[0]):
        with pytest.raises(TooOften, match="wait 1 minute"):
            second_factor.confirm(by=ada, session=begin(ada), code=right)
        db.session.rollback()
    steady_clock.shift(timedelta(seconds=61))
    assert strong(second_factor.confirm(by=ada, session=begin(ada), code=code_of(secret)))


@pytest.mark.both_engines
def test_of_many_guesses_at_once_five_are_looked_at(app, ada, steady_clock):
    _, secret, _ = with_an_app(ada.person_id, begin(ada))
    session, wrong = begin(ada), code_of(secret, 9)
    answers = at_once(app, 16, lambda index: second_factor.confirm(by=ada, session=session, code=wrong))
    assert [type(one) for one in answers].count(Invalid) == 5
    assert [type(one) for one in answers].count(TooOften) == 11


def test_a_session_that_has_ended_is_not_made_strong(app, ada):
    _, _, codes = with_an_app(ada.person_id, begin(ada))
    session = begin(ada)
    sessions.sign_out(session)
    for ended in (session, "made up", ""):
        with pytest.raises(Refused, match="signed out"):
            second_factor.confirm(by=ada, session=ended, code=codes[0])
        db.session.rollback()
    assert len(rows(RecoveryCode)) == 10, "The code was not used up."


# --- how long it holds --------------------------------------------------------------------------------------


def test_a_strong_session_is_weak_after_half_an_hour_alone_and_still_a_session(app, ada, steady_clock):
    token, _, _ = with_an_app(ada.person_id, begin(ada))
    for _ in range(4):
        steady_clock.shift(timedelta(minutes=20))
        sessions.touch_session(token, sessions.signed_in(token))
    assert strong(token), "Whoever goes on working is not asked again."
    steady_clock.shift(timedelta(minutes=31))
    assert not strong(token)
    assert sessions.signed_in(token).person.name == "Ada"
    sessions.touch_session(token, sessions.signed_in(token))
    assert not strong(token), "Coming back does not make it strong again."


def test_after_twelve_hours_it_is_asked_for_again_whatever_happens(app, ada, steady_clock):
    token, _, _ = with_an_app(ada.person_id, begin(ada))
    for _ in range(36):
        assert strong(token)
        steady_clock.shift(timedelta(minutes=20))
        sessions.touch_session(token, sessions.signed_in(token))
    assert not strong(token)


def test_taking_the_app_away_ends_every_other_session_and_all_recovery_codes(app, ada):
    token, _, _ = with_an_app(ada.person_id, begin(ada))
    other = begin(ada)
    with pytest.raises(ConfirmFirst):
        second_factor.remove_app(by=ada, session=other, today=TODAY)
    db.session.rollback()
    second_factor.remove_app(by=Actor(ada.person_id, strong=True), session=token, today=TODAY)
    assert sessions.signed_in(other) is None
    assert sessions.signed_in(token) is not None
    assert rows(CodeApp) == rows(RecoveryCode) == []


def test_the_operator_can_help_whoever_has_lost_everything(app, ada):
    token, _, _ = with_an_app(ada.person_id, begin(ada))
    second_factor.forget_second_steps(ada.person_id, today=TODAY)
    assert sessions.signed_in(token) is None
    assert not second_factor.second_factors_of(ada.person_id).any


def test_in_the_demo_a_printed_link_is_strong_and_elsewhere_it_is_not(app, ada, settings):
    import dataclasses

    assert strong(sign_in_links.use_link(sign_in_links.operator_link(ada.person_id), device="", today=TODAY))
    app.config["GOVFLOW"] = dataclasses.replace(settings, demo=False)
    assert not strong(sign_in_links.use_link(sign_in_links.operator_link(ada.person_id), device="", today=TODAY))


# --- what asks for it ---------------------------------------------------------------------------------------


def test_an_organisation_s_settings_ask_for_it_after_whether_one_may_at_all(app, ada):
    nobody = Actor(invite_person(email="eve@example.org", name="Eve", organisation=None, admin=False).id)

    def acts(by):
        where = {"organisation": "hearth", "plugin": "induction", "by": by}
        return (
            lambda: plugins.switch(**where, on=False, today=TODAY),
            lambda: plugins.settings_kept(**where),
            lambda: plugins.change_settings(**where, given={"days_to_settle_in": "14"}, today=TODAY),
            lambda: plugins.in_project(**where, project="kettle"),
        )

    for by, refused in ((ada, ConfirmFirst), (nobody, NotFound)):
        for act in acts(by):
            with pytest.raises(refused):
                act()
            db.session.rollback()
    plugins.switch(
        organisation="hearth", plugin="induction", on=False, by=Actor(ada.person_id, strong=True), today=TODAY
    )
    plugins.switch(
        organisation="hearth", plugin="induction", on=True, by=Actor(ada.person_id, operator=True), today=TODAY
    )


# --- sessions -----------------------------------------------------------------------------------------------


def test_one_s_sessions_are_listed_and_ended_and_nobody_else_s(app, ada):
    eve = Actor(invite_person(email="eve@example.org", name="Eve", organisation=None, admin=False).id)
    here, there, third, hers = begin(ada), begin(ada), begin(ada), begin(eve)
    of_ada = {one.id for one in sessions.sessions_of(ada.person_id)}
    assert len(of_ada) == 3
    for number in (sessions.signed_in(hers).id, 0, 99):
        with pytest.raises(NotFound):
            sessions.end_session(number, by=ada)
        db.session.rollback()
    sessions.end_session(sessions.signed_in(there).id, by=ada)
    assert (sessions.signed_in(there), len(sessions.sessions_of(ada.person_id))) == (None, 2)
    sessions.end_other_sessions(by=ada, token=here)
    assert sessions.signed_in(third) is None
    assert sessions.signed_in(here) is not None
    assert sessions.signed_in(hers) is not None


def test_a_session_that_idled_out_is_not_in_the_list(app, ada):
    begin(ada)
    with time_machine.travel(now() + timedelta(hours=13)):
        assert sessions.sessions_of(ada.person_id) == []
    assert len(rows(SignedIn)) == 1
