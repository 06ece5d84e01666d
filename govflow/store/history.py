"""The history: one chain of lines for each organisation, written in the transaction of the act they tell.

A service says what is to be told at any time; the lines are numbered, chained and written as the transaction commits,
under a lock of the organisation that nothing else is asked for after. If they cannot be written, nothing is.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, event, func, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column, relationship

from govflow.domain.history.chain import Event, EventDetails, Head, hash_of, seal_of
from govflow.store.base import Base, Moment, OfEither, OfOrganisation, db, now
from govflow.store.scope import everything

WAITING = "govflow_history"
CHAIN = 76_0021
"""The first half of our locks in PostgreSQL; the second is the organisation."""


class EventDetailsRow(Base):
    """What may be erased of a line: its facts, and whom they tell of. The line keeps a salted seal of them."""

    __tablename__ = "log_words"

    line_id: Mapped[int] = mapped_column(ForeignKey("log_line.id"), primary_key=True, init=False)
    salt: Mapped[str] = mapped_column(String(32))
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    whom_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None, index=True)


class EventRow(OfEither, Base):
    """One line. The database itself refuses to change or delete it."""

    __tablename__ = "log_line"
    __table_args__ = (
        UniqueConstraint("organisation_id", "number"),
        Index("ix_log_line_project", "project_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    on: Mapped[date]
    verb: Mapped[str] = mapped_column(String(64))
    facts_seal: Mapped[str] = mapped_column(String(64))
    before: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), default=None)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), default=None)
    by_operator: Mapped[bool] = mapped_column(default=False)
    words: Mapped[EventDetailsRow | None] = relationship(default=None)

    @property
    def facts(self) -> Mapping[str, str]:
        return self.words.facts if self.words else {}


class CheckpointWish(OfOrganisation, Base):
    """An admin who asked for the checkpoint of their organisation's history each week."""

    __tablename__ = "checkpoint_wish"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    since: Mapped[date]


def record_event(
    organisation_id: int,
    verb: str,
    facts: Mapping[str, str],
    *,
    on: date,
    project_id: int | None = None,
    person_id: int | None = None,
    whom_id: int | None = None,
    by_operator: bool = False,
) -> None:
    """Have a line written when this transaction commits, and not before."""
    line = {
        "organisation": organisation_id,
        "verb": verb,
        "on": on,
        "project": project_id,
        "person": person_id,
        "by_operator": by_operator,
    }
    words = EventDetails(secrets.token_hex(16), dict(facts), whom_id) if facts or whom_id else None
    db.session.info.setdefault(WAITING, []).append((line, words))


@event.listens_for(db.session, "before_commit")
def _write_waiting(session: Session) -> None:
    """Chain and write the lines that wait. Organisations are locked in one order, so no two acts wait in a ring."""
    waiting = session.info.get(WAITING)
    if not waiting or session.in_nested_transaction():
        return
    session.flush()  # whatever else has to be waited for comes before our lock
    by_organisation = defaultdict(list)
    for line, words in waiting:
        by_organisation[line["organisation"]].append((line, words))
    with everything():  # the line before may be of a project that who acts does not reach
        for organisation_id in sorted(by_organisation):
            head = _lock_head(session, organisation_id)
            for line, words in by_organisation[organisation_id]:
                head = _add(session, head, line, words)
        session.flush()
    session.info.pop(WAITING)


@event.listens_for(db.session, "after_transaction_end")
def _forget_waiting(session: Session, transaction: SessionTransaction) -> None:
    """What was not committed is not told."""
    if transaction.parent is None:
        session.info.pop(WAITING, None)


def _lock_head(session: Session, organisation_id: int) -> Head:
    """The end of a chain, which nobody else adds to until we commit. SQLite has one writer as it is."""
    if session.connection().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(CHAIN, organisation_id)))
    last = session.execute(
        select(EventRow.number, EventRow.hash, EventRow.at)
        .where(EventRow.organisation_id == organisation_id)
        .order_by(EventRow.number.desc())
        .limit(1)
    ).first()
    return Head(*last) if last else Head()


def _add(session: Session, head: Head, told: dict[str, Any], words: EventDetails | None) -> Head:
    at = max(now(), head.at) if head.at else now()  # a clock that was set back does not turn the history round
    line = Event(number=head.number + 1, at=at, seal=seal_of(words) if words else "", before=head.hash, **told)
    line.hash = hash_of(line)
    session.add(
        EventRow(
            organisation_id=line.organisation,
            number=line.number,
            at=line.at,
            on=line.on,
            verb=line.verb,
            facts_seal=line.seal,
            before=line.before,
            hash=line.hash,
            project_id=line.project,
            person_id=line.person,
            by_operator=line.by_operator,
            words=EventDetailsRow(salt=words.salt, facts=dict(words.facts), whom_id=words.whom) if words else None,
        )
    )
    return Head(line.number, line.hash, line.at)
