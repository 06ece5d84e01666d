"""Passkeys: a key that a phone, a computer or a stick holds, and opens with a finger, a face or a PIN.

They work for one name of a site, over https (or on localhost), and never on an address made of numbers.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, parse_client_data_json
from webauthn.helpers.parse_authentication_credential_json import parse_authentication_credential_json
from webauthn.helpers.parse_registration_credential_json import parse_registration_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from govflow.domain.questions import read_words
from govflow.domain.refusals import Invalid, NotFound, Refused
from govflow.services.auth.emails import SignInChange, owe_security, wake_for_security
from govflow.services.auth.second_factor import ISSUER, end_second_factor, first_codes, may_change
from govflow.services.auth.sessions import rotate_session, start_session
from govflow.services.base.actions import Actor, require_strong
from govflow.services.base.context import context
from govflow.services.base.rate_limits import CHALLENGE, recent_attempts, record_attempt
from govflow.store import Passkey, Person, db, now, write

ADD, CONFIRM, SIGN_IN = "add", "confirm", "sign in"
ANSWERED_WITHIN = timedelta(minutes=10)
MOST_SENT, MOST_ID, MOST_NAME, MOST_PASSKEYS = 20_000, 1_400, 60, 20
NOT_READ = "This passkey could not be read. Open the page again and try once more. A link by email always works."


@dataclass(frozen=True)
class RelyingParty:
    """Where passkeys of this installation work: the name of the site, and its whole origin."""

    name: str
    origin: str


def relying_party() -> RelyingParty | None:
    """None where the browser would refuse: an address of numbers, or a name without https."""
    parts = urlsplit(context().base_url)
    name = parts.hostname or ""
    try:
        ipaddress.ip_address(name)
        return None
    except ValueError:
        local = name == "localhost" or name.endswith(".localhost")
    return RelyingParty(name, f"{parts.scheme}://{parts.netloc}") if parts.scheme == "https" or local else None


# --- what the browser is asked ------------------------------------------------------------------------------


def options_to_add(*, by: Actor) -> str:
    """For a page on which somebody adds a passkey."""
    there, here = may_change(by), _place()
    person = db.session.get_one(Person, by.person_id)
    handle = next((passkey.handle for passkey in there.passkeys), None) or secrets.token_urlsafe(32)
    options = generate_registration_options(
        rp_id=here.name,
        rp_name=ISSUER,
        user_id=base64url_to_bytes(handle),
        user_name=person.email,
        user_display_name=person.name,
        challenge=_challenge(ADD, by.person_id, handle),
        timeout=int(ANSWERED_WITHIN.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_described(there.passkeys),
    )
    return options_to_json(options)


def options_to_show(person_id: int | None = None) -> str:
    """For a page on which somebody shows a passkey: this person's, or of whoever they say they are by it."""
    mine = db.session.scalars(select(Passkey).where(Passkey.person_id == person_id)).all() if person_id else []
    options = generate_authentication_options(
        rp_id=_place().name,
        challenge=_challenge(CONFIRM if person_id else SIGN_IN, person_id or 0),
        timeout=int(ANSWERED_WITHIN.total_seconds() * 1000),
        allow_credentials=_described(mine),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def _described(passkeys: Any) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id)) for passkey in passkeys]


def _place() -> RelyingParty:
    here = relying_party()
    if here is None:
        raise Refused("Passkeys do not work at the address of this site. Use an app that shows codes.")
    return here


# --- a challenge of ours: signed, for one purpose and person, for ten minutes, once ------------------------------


def _challenge(purpose: str, person_id: int, handle: str = "") -> bytes:
    return _signer().dumps([purpose, person_id, handle, secrets.token_urlsafe(16)]).encode()


def _ours(challenge: bytes, purpose: str, person_id: int) -> str:
    """Make sure that this challenge is ours, and was not answered before; answers with the handle in it."""
    try:
        said = _signer().loads(challenge.decode("ascii"), max_age=int(ANSWERED_WITHIN.total_seconds()))
    except (BadData, UnicodeDecodeError):
        raise Invalid(NOT_READ) from None
    if said[:2] != [purpose, person_id] or recent_attempts(CHALLENGE, said[3]):
        raise Invalid(NOT_READ)
    record_attempt(CHALLENGE, said[3])
    handle: str = said[2]
    return handle


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="passkey")


# --- what comes back ----------------------------------------------------------------------------------------


def add(*, by: Actor, session: str, name: str, given: str, today: date) -> tuple[str, list[str]]:
    """Add a passkey. Answers with the session's new token, and recovery codes where it is the first second step."""
    write()
    there, here = may_change(by), _place()
    name = read_words(name, "name", "Give it a name that you will know again, such as “my phone”.", most=MOST_NAME)
    if len(there.passkeys) >= MOST_PASSKEYS:
        raise Refused(f"You have {MOST_PASSKEYS} passkeys, which is as many as there can be. Take one away first.")
    credential, challenge = _read(parse_registration_credential_json, given)
    handle = _ours(challenge, ADD, by.person_id)
    with _untrusted():
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=here.name,
            expected_origin=here.origin,
            require_user_verification=True,
        )
    key = bytes_to_base64url(made.credential_id)
    if len(key) > MOST_ID or db.session.scalar(select(Passkey.id).where(Passkey.credential_id == key)):
        raise Invalid(NOT_READ)
    db.session.add(
        Passkey(
            person_id=by.person_id,
            credential_id=key,
            public_key=made.credential_public_key,
            handle=handle,
            sign_count=made.sign_count,
            name=name,
            made_at=now(),
        )
    )
    codes = first_codes(by, there)
    token = rotate_session(session)
    owe_security(by.person_id, SignInChange.PASSKEY_ADDED, today=today)
    db.session.commit()
    wake_for_security()
    return token, codes


def sign_in(*, given: str, device: str, today: date) -> str:
    """Sign in with a passkey alone: it names the person, and it is a second step at once."""
    write()
    passkey = _shown(given, SIGN_IN, None)
    token = start_session(passkey.person_id, device=device, today=today, strong=True)
    db.session.commit()
    return token


def confirm(*, by: Actor, session: str, given: str) -> str:
    """Show a passkey: this session is strong now. Answers with its new token."""
    write()
    _shown(given, CONFIRM, by.person_id)
    token = rotate_session(session)
    db.session.commit()
    return token


def remove(*, by: Actor, session: str, passkey_id: int, today: date) -> None:
    """Take a passkey away; all other browsers are signed out."""
    write()
    require_strong(by)
    found = db.session.get(Passkey, passkey_id)
    if found is None or found.person_id != by.person_id:
        raise NotFound("There is no such passkey of yours.")
    db.session.delete(found)
    end_second_factor(by, session)
    owe_security(by.person_id, SignInChange.PASSKEY_REMOVED, today=today)
    db.session.commit()
    wake_for_security()


def _shown(given: str, purpose: str, person_id: int | None) -> Passkey:
    """The passkey that was shown, which is this person's where one is named; its count goes up."""
    here = _place()
    credential, challenge = _read(parse_authentication_credential_json, given)
    key = bytes_to_base64url(credential.raw_id)
    passkey = db.session.scalar(select(Passkey).where(Passkey.credential_id == key).with_for_update())
    if passkey is None or person_id not in (None, passkey.person_id):
        raise Invalid(NOT_READ)
    _ours(challenge, purpose, person_id or 0)
    with _untrusted():
        seen = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=here.name,
            expected_origin=here.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    passkey.sign_count, passkey.used_at = seen.new_sign_count, now()
    return passkey


def _read(parse: Callable[[str], Any], given: str) -> tuple[Any, bytes]:
    """What the browser sent, and the challenge that it says it answers."""
    if len(given) > MOST_SENT:
        raise Invalid(NOT_READ)
    with _untrusted():
        credential = parse(given)
        return credential, parse_client_data_json(credential.response.client_data_json).challenge


@contextmanager
def _untrusted() -> Iterator[None]:
    """A library reads bytes of a stranger here: whatever goes wrong, and however, it is no passkey."""
    try:
        yield
    except Exception as error:
        raise Invalid(NOT_READ) from error
