"""Links that sign people in: once, for a while, and kept only as hashes."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import time_machine

from govflow.domain.refusals import Refused
from govflow.services.auth import sessions, sign_in_links
from govflow.services.people import people
from govflow.store import SignedIn, SignInLink, now
from tests.support.factories import TODAY, dump, rows


@pytest.fixture
def ada(app):
    return people.invite_person(email="ada@example.org", name="Ada Harbour", organisation=None, admin=False).id


def later(**time):
    return time_machine.travel(now() + timedelta(**time), tick=True)


@pytest.mark.both_engines
def test_a_link_works_once(app, ada):
    token = sign_in_links.operator_link(ada)
    session = sign_in_links.use_link(token, device="A phone", today=TODAY)
    assert sessions.signed_in(session).person.name == "Ada Harbour"
    with pytest.raises(Refused, match="used or is too old"):
        sign_in_links.use_link(token, device="Another phone", today=TODAY)
    assert len(rows(SignedIn)) == 1


def test_looking_at_a_link_uses_nothing_up(app, ada):
    token = sign_in_links.operator_link(ada)
    assert sign_in_links.link_works(token)
    assert sign_in_links.link_works(token)
    sign_in_links.use_link(token, device="", today=TODAY)
    assert not sign_in_links.link_works(token)


@pytest.mark.parametrize(("hours", "works"), [(23, True), (25, False)])
def test_an_operator_s_link_works_for_a_day(app, ada, hours, works):
    token = sign_in_links.operator_link(ada)
    with later(hours=hours):
        assert sign_in_links.link_works(token) is works


def test_an_old_link_and_a_made_up_one_are_refused_in_the_same_words(app, ada):
    token = sign_in_links.operator_link(ada)
    with later(days=2):
        said = []
        for one in (token, "made-up", "", "\x00"):
            with pytest.raises(Refused) as refused:
                sign_in_links.use_link(one, device="", today=TODAY)
            said.append(str(refused.value))
    assert set(said) == {sign_in_links.USED_UP}


def test_only_hashes_are_kept(app, ada):
    token = sign_in_links.operator_link(ada)
    session = sign_in_links.use_link(token, device="", today=TODAY)
    kept = dump()
    assert token not in kept
    assert session not in kept
    assert rows(SignInLink)[0].token_hash == hashlib.sha256(token.encode()).hexdigest()


def test_a_session_ends_when_signed_out_and_when_idle_for_twelve_hours(app, ada):
    first, second = (sign_in_links.use_link(sign_in_links.operator_link(ada), device="", today=TODAY) for _ in range(2))
    sessions.sign_out(first)
    assert sessions.signed_in(first) is None
    assert sessions.signed_in(second) is not None
    with later(hours=11):
        sessions.touch_session(second, sessions.signed_in(second))
    with later(hours=22):
        assert sessions.signed_in(second) is not None
    with later(hours=24):
        assert sessions.signed_in(second) is None
    assert sessions.signed_in("made-up") is None
