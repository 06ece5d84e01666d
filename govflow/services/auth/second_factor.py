"""The second step that money, bank details and an organisation's settings ask for: an app's code, or a recovery code.

Passkeys are one too; they are in `passkeys.py`.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyotp
import segno
from sqlalchemy import delete, func, select

from govflow.domain.refusals import Invalid, NotFound, Refused
from govflow.domain.short_codes import ALPHABET, RECOVERY_LETTERS, grouped, read_code
from govflow.services.auth.emails import SignInChange, owe_security, wake_for_security
from govflow.services.auth.sessions import end_sessions, rotate_session
from govflow.services.base.actions import Actor, require_strong
from govflow.services.base.rate_limits import SECOND_STEP, record_attempt, wait_if_too_many
from govflow.services.base.vault import decrypt, encrypt, keyed_hash
from govflow.store import CodeApp, Passkey, Person, RecoveryCode, db, now, one_at_a_time, write

ISSUER = "GovFlow"
RECOVERY_CODES = 10
APP_DIGITS = 6
NOT_THE_CODE = "That is not the code, or it was used already. Wait for the next one in your app, then type it."


@dataclass(frozen=True)
class SecondFactors:
    """What somebody can show when they are asked who they are."""

    passkeys: Sequence[Passkey]
    app: CodeApp | None
    codes_left: int

    @property
    def any(self) -> bool:
        return bool(self.passkeys or self.app)


def second_factors_of(person_id: int) -> SecondFactors:
    passkeys = select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)
    app = db.session.get(CodeApp, person_id)
    codes = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == person_id)
    return SecondFactors(
        list(db.session.scalars(passkeys)), app if app and app.confirmed_at else None, db.session.scalar(codes) or 0
    )


def may_change(by: Actor) -> SecondFactors:
    """Whoever has a second step shows it before they add or take away one; the first is free to add."""
    there = second_factors_of(by.person_id)
    if there.any:
        require_strong(by)
    return there


# --- an app that shows codes ------------------------------------------------------------------------------


def begin_app(*, by: Actor) -> None:
    """A new secret for an app. It counts once a code of it was typed."""
    write()
    one_at_a_time(f"app of {by.person_id}")
    if may_change(by).app:
        raise Refused("An app is set up already. Take it away first, then set up another.")
    db.session.execute(delete(CodeApp).where(CodeApp.person_id == by.person_id))
    db.session.add(CodeApp(person_id=by.person_id, secret=encrypt(pyotp.random_base32()), made_at=now()))
    db.session.commit()


@dataclass(frozen=True)
class NewApp:
    """What an app reads to show our codes: a picture of squares, or the same as text."""

    secret: str
    picture: str


def app_begun(*, by: Actor) -> NewApp | None:
    """The secret that is being set up, while no code of it was typed; it is shown no more after that."""
    row = db.session.get(CodeApp, by.person_id)
    if row is None or row.confirmed_at is not None:
        return None
    may_change(by)
    secret = decrypt(row.secret)
    name = db.session.get_one(Person, by.person_id).email
    link = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)
    drawn = io.BytesIO()
    segno.make(link, error="m").save(
        drawn,
        kind="svg",
        xmldecl=False,
        svgns=False,
        nl=False,
        scale=5,
        light="#fff",
        svgclass="gf-squares",
        lineclass="",
    )
    return NewApp(" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)), drawn.getvalue().decode())


def confirm_app(*, by: Actor, session: str, code: str, today: date) -> tuple[str, list[str]]:
    """Type the first code: the app counts from now on, and so does this session.

    Answers with the session's new token, and with recovery codes where this is the first second step.
    """
    write()
    there = may_change(by)
    row = db.session.get(CodeApp, by.person_id, with_for_update=True)
    if row is None or row.confirmed_at is not None:
        raise NotFound("No app is being set up. Begin again.")
    wait_if_too_many(SECOND_STEP, str(by.person_id))
    if not _take_step(row, _digits(code)):
        raise _wrong(by)
    row.confirmed_at = now()
    codes = first_codes(by, there)
    token = rotate_session(session)
    owe_security(by.person_id, SignInChange.APP_ADDED, today=today)
    db.session.commit()
    wake_for_security()
    return token, codes


def remove_app(*, by: Actor, session: str, today: date) -> None:
    write()
    require_strong(by)
    if db.session.execute(delete(CodeApp).where(CodeApp.person_id == by.person_id)).rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound("There is no app to take away.")
    end_second_factor(by, session)
    owe_security(by.person_id, SignInChange.APP_REMOVED, today=today)
    db.session.commit()
    wake_for_security()


def _digits(code: str) -> str:
    kept = "".join(code[:200].split())
    if not (len(kept) == APP_DIGITS and kept.isascii() and kept.isdigit()):
        sentence = f"The code has {APP_DIGITS} digits, such as 123456. Type the one your app shows now."
        raise Invalid(sentence, {"code": sentence})
    return kept


def _take_step(row: CodeApp, code: str) -> bool:
    """Whether this is a code of now, or of half a minute to either side; each is taken once."""
    try:
        step = pyotp.TOTP(decrypt(row.secret)).verify_and_get_timecode(code, for_time=now(), valid_window=1)
    except pyotp.OTPVerificationError:
        return False
    if step <= row.last_step:
        return False
    row.last_step = step
    return True


# --- recovery codes -----------------------------------------------------------------------------------------


def first_codes(by: Actor, there: SecondFactors) -> list[str]:
    """In the caller's transaction: recovery codes, for whoever had no second step before."""
    return [] if there.any else _new_codes(by.person_id)


def new_codes(*, by: Actor) -> list[str]:
    """Ten new recovery codes; the old ones work no more."""
    write()
    require_strong(by)
    if not second_factors_of(by.person_id).any:
        raise Refused("Set up a passkey or an app first. Recovery codes are for the day you do not have it.")
    codes = _new_codes(by.person_id)
    db.session.commit()
    return codes


def _new_codes(person_id: int) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LETTERS)) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(person_id=person_id, code_hash=_hash(person_id, code)) for code in codes)
    return [grouped(code) for code in codes]


def _hash(person_id: int, code: str) -> str:
    return keyed_hash(f"recovery {person_id} {code}")


# --- showing it -----------------------------------------------------------------------------------------------


def confirm(*, by: Actor, session: str, code: str) -> str:
    """Show a code of the app, or a recovery code: this session is strong now. Answers with its new token."""
    write()
    row = db.session.get(CodeApp, by.person_id, with_for_update=True)
    recovery = any(sign.isalpha() for sign in code) or len(code.strip()) > 2 * APP_DIGITS - 2
    typed = read_code(code, letters=RECOVERY_LETTERS) if recovery else _digits(code)
    wait_if_too_many(SECOND_STEP, str(by.person_id))
    if recovery:
        used = delete(RecoveryCode).where(
            RecoveryCode.person_id == by.person_id, RecoveryCode.code_hash == _hash(by.person_id, typed)
        )
        right = db.session.execute(used).rowcount == 1  # type: ignore[attr-defined]
    else:
        right = row is not None and row.confirmed_at is not None and _take_step(row, typed)
    if not right:
        raise _wrong(by)
    token = rotate_session(session)
    db.session.commit()
    return token


def _wrong(by: Actor) -> Invalid:
    """A wrong code is remembered, for a while, so that nobody tries them all."""
    record_attempt(SECOND_STEP, str(by.person_id))
    db.session.commit()
    return Invalid(NOT_THE_CODE, {"code": NOT_THE_CODE})


def end_second_factor(by: Actor, session: str) -> None:
    """In the caller's transaction: after a second step was taken away all other browsers are signed out."""
    db.session.flush()
    if not second_factors_of(by.person_id).any:
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == by.person_id))
    end_sessions(by.person_id, but=session)


def forget_second_steps(person_id: int, *, today: date) -> None:
    """For the operator, when somebody has lost everything: no second step, and signed out everywhere."""
    write()
    had_some = second_factors_of(person_id).any
    for table in (CodeApp, Passkey, RecoveryCode):
        db.session.execute(delete(table).where(table.person_id == person_id))
    end_sessions(person_id)
    if had_some:
        owe_security(person_id, SignInChange.ALL_REMOVED, today=today)
    db.session.commit()
    wake_for_security()
