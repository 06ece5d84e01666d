"""How people sign in: links, sessions, second steps, and how often something was tried."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import Base, Moment, OfOrganisation


class SignInLink(Base):
    """A link that signs one person in, once. Only hashes are kept.

    Whoever asks at /sign-in leaves a row, known or not: `person_id` is empty for an address we do not know, and the
    token is made when the letter is posted. A link the operator made has no `browser_hash`: it works in any browser.
    """

    __tablename__ = "sign_in_link"
    __table_args__ = (Index("ix_sign_in_link_expires_at", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True, default=None)
    browser_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    code_hash: Mapped[str | None] = mapped_column(String(64), default=None)
    has_letter: Mapped[bool] = mapped_column(default=False)
    wrong: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class SignedIn(Base):
    """One browser that is signed in. Ending it here ends it there. `strong_at`: when a second step was last shown."""

    __tablename__ = "signed_in"
    __table_args__ = (UniqueConstraint("token_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(200))
    began_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    strong_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class ApiToken(OfOrganisation, Base):
    """What a program shows for one person in one organisation. Only its hash is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    writes: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class CalendarFeed(Base):
    """The address at which a calendar program reads one person's meetings without signing in. Only its hash is kept."""

    __tablename__ = "calendar_feed"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(Moment)


class Attempt(Base):
    """That something was tried: a link asked for, a wrong code typed. `who` is a keyed hash; rows go after an hour."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index("ix_sign_in_try_what", "what", "who", "at"), Index("ix_sign_in_try_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    what: Mapped[str] = mapped_column(String(16))
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)


class Passkey(Base):
    """A key that one person's device holds. `handle` names the person to that device, and says nothing to anybody."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    handle: Mapped[str] = mapped_column(String(64))
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment, default=None)


class CodeApp(Base):
    """An app that shows a new code every half minute (TOTP). It counts once a code of it was typed.

    `last_step` is the half minute of the last code that was taken: each works once.
    """

    __tablename__ = "code_app"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    secret: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment, default=None)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)


class RecoveryCode(Base):
    """A code for the day the phone is lost. Only its hash is kept, and it goes when it is used."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
