"""Passkeys: added, shown, taken away; of one person, for one purpose, once."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from govflow.domain.refusals import ConfirmFirst, Invalid, NotFound, Refused
from govflow.services.auth import passkeys, second_factor, sessions
from govflow.services.base.actions import Actor
from govflow.services.people.people import invite_person
from govflow.store import Email, Passkey, RecoveryCode, SignedIn, db, now
from tests.support.factories import TODAY, row_counts, rows
from tests.support.web.authenticator import PRESENT, Phone, challenge_in, with_challenge

ORIGIN = "https://govflow.example.org"


@pytest.fixture
def app(app: Flask) -> Flask:
    """At an address of its own name."""
    app.extensions["govflow"] = dataclasses.replace(app.extensions["govflow"], base_url=ORIGIN)
    return app


@dataclasses.dataclass
class Somebody:
    """A person in a browser of theirs, with a phone in their hand."""

    id: int
    session: str
    phone: Phone

    @property
    def by(self) -> Actor:
        found = sessions.signed_in(self.session)
        return Actor(self.id, strong=bool(found and found.strong))

    def add(self, name: str = "my phone", given: str | None = None) -> list[str]:
        given = self.phone.make(passkeys.options_to_add(by=self.by)) if given is None else given
        self.session, codes = passkeys.add(by=self.by, session=self.session, name=name, given=given, today=TODAY)
        return codes


def somebody(name: str, **phone) -> Somebody:
    person = invite_person(email=f"{name}@example.org", name=name.title(), organisation=None, admin=False)
    db.session.rollback()
    return weak(Somebody(person.id, "", Phone(ORIGIN, id=f"the key of {name}".encode().ljust(32), **phone)))


def weak(one: Somebody) -> Somebody:
    """In another browser, by a link alone."""
    session = sessions.start_session(one.id, device="", today=TODAY)
    db.session.commit()
    return dataclasses.replace(one, session=session)


@pytest.fixture
def ada(app: Flask) -> Somebody:
    return somebody("ada")


@pytest.mark.both_engines
def test_the_first_passkey_makes_the_session_strong_under_a_new_id_and_gives_recovery_codes(ada: Somebody) -> None:
    before = ada.session
    assert not ada.by.strong
    assert len(ada.add("  my\x00 phone ")) == 10
    assert ada.by.strong
    assert sessions.signed_in(before) is None, "The id from before is worth nothing."
    [row] = rows(Passkey)
    assert (row.person_id, row.name, row.used_at, len(rows(SignedIn))) == (ada.id, "my phone", None, 1)


def test_signing_in_with_a_passkey_alone_names_the_person_and_is_strong(ada: Somebody) -> None:
    ada.add()
    token = passkeys.sign_in(given=ada.phone.show(passkeys.options_to_show()), device="A phone", today=TODAY)
    found = sessions.signed_in(token)
    assert found is not None
    assert (found.person.id, found.strong) == (ada.id, True)
    assert rows(Passkey)[0].sign_count == 1
    assert rows(Passkey)[0].used_at is not None


def test_a_weak_session_becomes_strong_when_the_passkey_is_shown(ada: Somebody) -> None:
    ada.add()
    here = weak(ada)
    given = ada.phone.show(passkeys.options_to_show(ada.id))
    token = passkeys.confirm(by=here.by, session=here.session, given=given)
    assert sessions.signed_in(here.session) is None
    found = sessions.signed_in(token)
    assert found is not None
    assert found.strong


def test_a_second_step_is_added_or_taken_away_only_by_who_has_shown_one(ada: Somebody) -> None:
    ada.add()
    thief = weak(ada)
    for act in (
        lambda: passkeys.options_to_add(by=thief.by),
        lambda: passkeys.add(by=thief.by, session=thief.session, name="mine", given="{}", today=TODAY),
        lambda: passkeys.remove(by=thief.by, session=thief.session, passkey_id=rows(Passkey)[0].id, today=TODAY),
        lambda: second_factor.begin_app(by=thief.by),
        lambda: second_factor.new_codes(by=thief.by),
    ):
        with pytest.raises(ConfirmFirst):
            act()
        db.session.rollback()
    assert len(rows(Passkey)) == 1


def test_taking_a_passkey_away_signs_out_every_other_browser_and_ends_its_codes(ada: Somebody) -> None:
    ada.add()
    other = weak(ada)
    passkeys.remove(by=ada.by, session=ada.session, passkey_id=rows(Passkey)[0].id, today=TODAY)
    assert sessions.signed_in(other.session) is None
    assert sessions.signed_in(ada.session) is not None
    assert (rows(Passkey), rows(RecoveryCode)) == ([], [])
    with pytest.raises(Invalid):
        passkeys.sign_in(given=ada.phone.show(passkeys.options_to_show()), device="", today=TODAY)


def test_adding_and_taking_away_a_passkey_is_told_by_letter(ada: Somebody) -> None:
    ada.add()
    passkeys.remove(by=ada.by, session=ada.session, passkey_id=rows(Passkey)[0].id, today=TODAY)
    assert [(one.kind, one.about) for one in rows(Email)] == [
        ("security", "passkey added"),
        ("security", "passkey removed"),
    ]


def test_a_passkey_of_somebody_else_confirms_nothing_and_is_not_taken_away(ada: Somebody) -> None:
    ada.add()
    eve = somebody("eve")
    eve.add()
    here = weak(ada)
    for given in (
        eve.phone.show(passkeys.options_to_show(ada.id)),
        eve.phone.show(passkeys.options_to_show(eve.id)),
        eve.phone.show(passkeys.options_to_show()),
    ):
        with pytest.raises(Invalid):
            passkeys.confirm(by=here.by, session=here.session, given=given)
        db.session.rollback()
    mine = next(one.id for one in rows(Passkey) if one.person_id == ada.id)
    with pytest.raises(NotFound):
        passkeys.remove(by=eve.by, session=eve.session, passkey_id=mine, today=TODAY)


def test_what_was_answered_once_is_not_taken_twice(ada: Somebody) -> None:
    ada.add()
    given = ada.phone.show(passkeys.options_to_show())
    passkeys.sign_in(given=given, device="", today=TODAY)
    with pytest.raises(Invalid):
        passkeys.sign_in(given=given, device="", today=TODAY)
    db.session.rollback()
    options = passkeys.options_to_show()
    first = ada.phone.show(options)
    ada.phone.count += 5
    passkeys.sign_in(given=first, device="", today=TODAY)
    with pytest.raises(Invalid):
        passkeys.sign_in(given=ada.phone.show(options), device="", today=TODAY)


def test_an_answer_to_an_old_question_or_to_one_of_another_kind_is_refused(ada: Somebody) -> None:
    ada.add()
    here = weak(ada)
    options = passkeys.options_to_show(ada.id)
    for wrong in (
        challenge_in(passkeys.options_to_show()),
        bytes([challenge_in(options)[0] ^ 1]) + challenge_in(options)[1:],
        b"",
        b"made up",
        b"\xff\xfe",
        b"x" * 5_000,
    ):
        given = ada.phone.show(with_challenge(options, wrong))
        with pytest.raises(Invalid):
            passkeys.confirm(by=here.by, session=here.session, given=given)
        db.session.rollback()
    with time_machine.travel(now() + timedelta(minutes=11)), pytest.raises(Invalid):
        passkeys.confirm(by=here.by, session=here.session, given=ada.phone.show(options))


def test_a_copied_key_is_noticed_by_its_count(ada: Somebody) -> None:
    ada.add()
    for _ in range(2):
        passkeys.sign_in(given=ada.phone.show(passkeys.options_to_show()), device="", today=TODAY)
    ada.phone.count = 0
    with pytest.raises(Invalid):
        passkeys.sign_in(given=ada.phone.show(passkeys.options_to_show()), device="", today=TODAY)


@pytest.mark.parametrize(
    "bent",
    [{"origin": "https://evil.example"}, {"origin": "http://govflow.example.org"}, {"flags": PRESENT}, {"flags": 0}],
    ids=["elsewhere", "no https", "not verified", "nobody there"],
)
def test_a_passkey_for_elsewhere_or_that_nobody_opened_is_refused(ada: Somebody, bent) -> None:
    with pytest.raises(Invalid):
        ada.add(given=dataclasses.replace(ada.phone, **bent).make(passkeys.options_to_add(by=ada.by)))
    db.session.rollback()
    ada.add()
    given = dataclasses.replace(ada.phone, **bent, count=9).show(passkeys.options_to_show())
    with pytest.raises(Invalid):
        passkeys.sign_in(given=given, device="", today=TODAY)


def test_a_forged_signature_is_refused(ada: Somebody) -> None:
    ada.add()
    thief = Phone(ORIGIN, id=ada.phone.id, count=9)
    with pytest.raises(Invalid):
        passkeys.sign_in(given=thief.show(passkeys.options_to_show()), device="", today=TODAY)


def test_a_key_that_is_there_already_is_not_taken_for_another_person(ada: Somebody) -> None:
    ada.add()
    eve = somebody("eve")
    eve.phone.id = ada.phone.id
    with pytest.raises(Invalid):
        eve.add()
    db.session.rollback()
    assert [one.person_id for one in rows(Passkey)] == [ada.id]


NESTED = '{"a":' * 3_000 + "1" + "}" * 3_000
NASTY = [
    "", "{}", "[]", "null", "1", '"x"', "{", NESTED, "x" * 30_000, "\x00", "👩", '{"id": "\\u0000"}',
    '{"id": 1, "rawId": [], "response": {}}', "[" * 9_000,
    '{"id":"x","rawId":"x","type":"public-key","response":{"clientDataJSON":"bm8","authenticatorData":"","signature":""}}',
    '{"id":"eA","rawId":"eA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}',
    '{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"W10","attestationObject":"_____w"}}',
]  # fmt: skip


@pytest.mark.parametrize("given", NASTY, ids=range(len(NASTY)))
def test_what_is_no_passkey_is_refused_and_leaves_nothing(ada: Somebody, given: str) -> None:
    before = row_counts()
    for act in (
        lambda: passkeys.sign_in(given=given, device="", today=TODAY),
        lambda: passkeys.confirm(by=ada.by, session=ada.session, given=given),
        lambda: passkeys.add(by=ada.by, session=ada.session, name="x", given=given, today=TODAY),
    ):
        with pytest.raises(Invalid):
            act()
        db.session.rollback()
    assert row_counts() == before


@pytest.mark.parametrize("at", ["attestationObject", "clientDataJSON"])
def test_a_bent_answer_is_refused_wherever_it_is_bent(ada: Somebody, at: str) -> None:
    for place in range(0, 120, 7):
        given = json.loads(ada.phone.make(passkeys.options_to_add(by=ada.by)))
        text = given["response"][at]
        given["response"][at] = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        try:
            ada.add(given=json.dumps(given))
        except Invalid:
            db.session.rollback()
        else:
            assert at == "attestationObject", "Nothing of what the browser says may be bent."
            passkeys.remove(by=ada.by, session=ada.session, passkey_id=rows(Passkey)[0].id, today=TODAY)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_passkey_needs_a_name_of_a_few_words(ada: Somebody, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        ada.add(name)
    assert "name" in refused.value.problems


def test_twenty_passkeys_are_enough(ada: Somebody) -> None:
    for number in range(20):
        ada.phone = Phone(ORIGIN, id=f"key {number}".encode().ljust(32))
        ada.add(f"key {number}")
    with pytest.raises(Refused, match="as many as there can be"):
        ada.add()
    assert len({one.handle for one in rows(Passkey)}) == 1


def test_the_device_learns_no_number_of_ours(ada: Somebody) -> None:
    given = json.loads(passkeys.options_to_add(by=ada.by))
    assert len(given["user"]["id"]) >= 43
    assert given["user"]["name"] == "ada@example.org"


@pytest.mark.parametrize(
    ("address", "works"),
    [
        ("https://govflow.example.org", True),
        ("https://govflow.example.org:8443", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1:8000", False),
        ("https://192.0.2.7", False),
        ("https://[2001:db8::1]", False),
        ("http://govflow.example.org", False),
    ],
)
def test_passkeys_work_at_a_name_over_https_and_on_localhost(app: Flask, address: str, works: bool) -> None:
    app.extensions["govflow"] = dataclasses.replace(app.extensions["govflow"], base_url=address)
    assert (passkeys.relying_party() is not None) is works
    if not works:
        with pytest.raises(Refused, match="app that shows codes"):
            passkeys.options_to_show()
