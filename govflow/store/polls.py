"""Polls: the rounds in which they are put, who was asked, and sealed answers until they close."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import PROJECT, Base, OfProject


class PollRound(OfProject, Base):
    """One time a poll was put. `results` is all that is kept of the answers: what may be told, worked out at close.

    `shows`, `least` and `anonymous` are settled at opening and told to everyone asked. `box` names the key and ledger
    kept outside the database until close. `put_aside`: why it ended without its answers being opened. `poll` ends with
    the key of the entry a vote is about; `offers` are the question and what can be voted for, frozen when it opens.
    """

    __tablename__ = "poll_round"
    __table_args__ = (UniqueConstraint("project_id", "poll", "visit", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    poll: Mapped[str] = mapped_column(String(200))
    version: Mapped[str] = mapped_column(String(64))
    visit: Mapped[int]
    stage: Mapped[str] = mapped_column(String(64))
    opened: Mapped[date]
    closes: Mapped[date]
    asked: Mapped[int]
    number: Mapped[int] = mapped_column(default=1)
    anonymous: Mapped[bool] = mapped_column(default=True)
    shows: Mapped[str] = mapped_column(String(16), default="counts")
    least: Mapped[int] = mapped_column(default=5)
    box: Mapped[str] = mapped_column(String(32), default="")
    closed: Mapped[date | None] = mapped_column(default=None)
    answered: Mapped[int | None] = mapped_column(default=None)
    results: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)
    put_aside: Mapped[str] = mapped_column(Text, default="")
    offers: Mapped[list[str]] = mapped_column(JSON, default_factory=list)


class PollElector(Base):
    """Somebody who was asked, frozen when the round opened. It says nothing of whether they answered."""

    __tablename__ = "poll_elector"

    round_id: Mapped[int] = mapped_column(ForeignKey("poll_round.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)


class SealedBallot(Base):
    """One row for each elector while a round is open, made when it opens, all of one size, blank or not.

    `sealed` can be read only with the round's key, which is not in the database. All rows go when the round closes.
    """

    __tablename__ = "sealed_ballot"

    round_id: Mapped[int] = mapped_column(ForeignKey("poll_round.id"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
