"""Projects and what happened in them. Rows are facts and only added to, but for `finding`, which is derived."""

from __future__ import annotations

from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, event, select, text
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import Base, Moment, OfEither, OfProject, db, write

PROJECT, ORGANISATION = "project.id", "organisation.id"


def new_stamp() -> str:
    return token_hex(16)


class Project(Base):
    """`version` rises with every change; a move succeeds only at the version it was judged at.

    `lifecycle_kept` is the version of the lifecycle the project goes by: the one it started with, until it is moved.
    `gate_seen`: the version at which the sweep last looked whether its gate is open, and `told_open` the visit of which
    that was told. `terms`: the group's own words for ours, singular and plural. `stamp`: a word made by
    chance with every change of `version`; two states of a project never have one stamp, not even after a restore.
    """

    __tablename__ = "project"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(ORGANISATION), index=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    lifecycle: Mapped[str] = mapped_column(String(64))
    stage: Mapped[str] = mapped_column(String(64))
    started: Mapped[date]
    state: Mapped[str] = mapped_column(String(16), default="running")
    funding_ends: Mapped[date | None] = mapped_column(default=None)
    plan: Mapped[dict[str, str]] = mapped_column(JSON, default_factory=dict)
    not_due_before: Mapped[date | None] = mapped_column(default=None)
    version: Mapped[int] = mapped_column(default=1)
    judged_on: Mapped[date | None] = mapped_column(default=None, index=True)
    follows_id: Mapped[int | None] = mapped_column(ForeignKey(PROJECT), default=None)
    lifecycle_kept: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)
    gate_seen: Mapped[int] = mapped_column(default=0)
    told_open: Mapped[int] = mapped_column(default=0)
    terms: Mapped[dict[str, list[str]]] = mapped_column(JSON, default_factory=dict)
    stamp: Mapped[str] = mapped_column(String(32), default_factory=new_stamp)


@event.listens_for(Project.version, "set")
def _stamp(project: Project, *_: object) -> None:
    project.stamp = new_stamp()


class Share(OfProject, Base):
    """Another organisation the project is shared with."""

    __tablename__ = "share"

    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(ORGANISATION), primary_key=True)


class ProjectPlugin(OfProject, Base):
    """What one organisation chose for a plugin in one project: settings of its own, and whether its lists are shared.

    `shared`: members who come from other organisations may read the plugin's lists here too.
    """

    __tablename__ = "project_plugin"

    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT), primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey(ORGANISATION), primary_key=True)
    plugin: Mapped[str] = mapped_column(String(64), primary_key=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default_factory=dict)
    shared: Mapped[bool] = mapped_column(default=False)


class VisitRow(OfProject, Base):
    __tablename__ = "visit"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    number: Mapped[int]
    stage: Mapped[str] = mapped_column(String(64))
    entered: Mapped[date]
    left: Mapped[date | None] = mapped_column(default=None)
    why: Mapped[str] = mapped_column(Text, default="")


class PauseRow(OfProject, Base):
    __tablename__ = "pause"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT), index=True)
    began: Mapped[date]
    ended: Mapped[date | None] = mapped_column(default=None)
    why: Mapped[str] = mapped_column(Text, default="")


class GroupRow(OfProject, Base):
    """A group within a project: a panel, a working group. Who is in it, and who chairs it, is its seats."""

    __tablename__ = "panel"
    __table_args__ = (UniqueConstraint("project_id", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    slug: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))


class MemberRow(OfProject, Base):
    """A person in a project. `joined` empty: invited, not yet answered. `ended_by`: who ended it, if not themselves.

    `words`: the organisation's own words for expertise that they chose.
    `home_id`: the organisation of a shared project they belong to; empty: the project's own.
    """

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("project_id", "key"), Index("ix_member_person", "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16), default="member")
    title: Mapped[str] = mapped_column(String(300), default="")
    organisation: Mapped[str] = mapped_column(String(300), default="")
    expertise: Mapped[list[str]] = mapped_column(JSON, default_factory=list)
    expertise_since: Mapped[date | None] = mapped_column(default=None)
    seat: Mapped[str] = mapped_column(String(300), default="")
    invited_by: Mapped[str | None] = mapped_column(String(64), default=None)
    invited_on: Mapped[date | None] = mapped_column(default=None)
    joined: Mapped[date | None] = mapped_column(default=None)
    left: Mapped[date | None] = mapped_column(default=None)
    ended_by: Mapped[str | None] = mapped_column(String(64), default=None)
    home_id: Mapped[int | None] = mapped_column(ForeignKey(ORGANISATION), default=None)
    words: Mapped[list[str]] = mapped_column(JSON, default_factory=list)


class EvidenceRow(OfProject, Base):
    """One answer to a check. Never changed, never removed; the latest wins."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_place", "project_id", "check"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    visit: Mapped[int]
    check: Mapped[str] = mapped_column(String(130))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(Moment)
    subject: Mapped[str] = mapped_column(String(64), default="")
    by_operator: Mapped[bool] = mapped_column(default=False)


class EntryRow(OfEither, Base):
    """A row of a list: of one project, or, where `organisation_id` stands, of all projects of that organisation."""

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("project_id", "register", "key"),
        UniqueConstraint("organisation_id", "register", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int | None] = mapped_column(ForeignKey(PROJECT))
    register: Mapped[str] = mapped_column(String(130))
    key: Mapped[str] = mapped_column(String(64))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey(ORGANISATION), default=None)


class EntryVersion(Base):
    """An entry as it stood from a day on. The highest number is today's; `removed` takes it off the list."""

    __tablename__ = "entry_version"
    __table_args__ = (UniqueConstraint("entry_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"))
    number: Mapped[int]
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(Moment)
    by_operator: Mapped[bool] = mapped_column(default=False)
    removed: Mapped[bool] = mapped_column(default=False)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"), default=None)
    approved_on: Mapped[date | None] = mapped_column(default=None)


class Upload(OfProject, Base):
    """A file somebody gave as an answer. `key` is random; who may read it is who may read the answer."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT), index=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    at: Mapped[datetime] = mapped_column(Moment)


class DocumentRow(OfProject, Base):
    """One version of a text made together. Never changed; a later one has a higher number."""

    __tablename__ = "document_version"
    __table_args__ = (UniqueConstraint("project_id", "document", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    document: Mapped[str] = mapped_column(String(130))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(Moment)
    by_operator: Mapped[bool] = mapped_column(default=False)


class AgreementRow(Base):
    """What a member said of one version. A later row replaces an earlier one; none is erased."""

    __tablename__ = "agreement"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    version_id: Mapped[int] = mapped_column(ForeignKey("document_version.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    answer: Mapped[str] = mapped_column(String(16))
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(Moment)
    words: Mapped[str] = mapped_column(Text, default="")
    by_operator: Mapped[bool] = mapped_column(default=False)


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


class FindingRow(OfProject, Base):
    """Derived: how each check stood when a fact last changed. May be thrown away and rebuilt; moves never trust it.

    `tell_from`: the first day on which a reminder of it is owed.
    """

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("project_id", "check", "subject"),
        Index("ix_finding_due", "due_on", "id", sqlite_where=text("open = 1"), postgresql_where=text("open")),
        Index(
            *("ix_finding_tell_from", "organisation_id", "tell_from", "id"),
            sqlite_where=text("open = 1"),  # letter by letter as queries say it, or SQLite passes the index by
            postgresql_where=text("open"),
        ),
        Index("ix_finding_look_again", "look_again"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    organisation_id: Mapped[int] = mapped_column(ForeignKey(ORGANISATION))
    check: Mapped[str] = mapped_column(String(130))
    subject: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))
    about: Mapped[str] = mapped_column(String(16))
    subject_label: Mapped[str] = mapped_column(String(300))
    outcome: Mapped[str] = mapped_column(String(16))
    sentence: Mapped[str] = mapped_column(Text)
    short: Mapped[str] = mapped_column(Text)
    lines: Mapped[dict[str, str]] = mapped_column(JSON)
    private: Mapped[bool]
    holds: Mapped[bool]
    open: Mapped[bool]
    owed_by: Mapped[list[str]] = mapped_column(JSON)
    due_on: Mapped[date | None]
    look_again: Mapped[date | None]
    remind_every: Mapped[int]
    remind_before: Mapped[list[int]] = mapped_column(JSON, default_factory=list)
    tell_from: Mapped[date | None] = mapped_column(default=None)


class SignOffRow(OfProject, Base):
    """What a member said of one visit. A later row replaces an earlier one; none is erased."""

    __tablename__ = "sign_off"
    __table_args__ = (Index("ix_sign_off_visit", "project_id", "visit"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    visit: Mapped[int]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    verdict: Mapped[str] = mapped_column(String(16))
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(Moment)
    words: Mapped[str] = mapped_column(Text, default="")
    by_operator: Mapped[bool] = mapped_column(default=False)
    reply: Mapped[str] = mapped_column(Text, default="")
    reply_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"), default=None)
    reply_on: Mapped[date | None] = mapped_column(default=None)


class WaiverRow(OfProject, Base):
    __tablename__ = "waiver"
    __table_args__ = (Index("ix_waiver_visit", "project_id", "visit"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    visit: Mapped[int]
    check: Mapped[str] = mapped_column(String(130))
    subject: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[date]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("member.id"))
    proposed_on: Mapped[date]
    seconded_by: Mapped[int | None] = mapped_column(ForeignKey("member.id"), default=None)
    seconded_on: Mapped[date | None] = mapped_column(default=None)
    ended_on: Mapped[date | None] = mapped_column(default=None)
    by_operator: Mapped[bool] = mapped_column(default=False)


class Transition(OfProject, Base):
    """A recorded move, with every finding, waiver and sign-off of that moment in `record`."""

    __tablename__ = "transition"
    __table_args__ = (UniqueConstraint("project_id", "from_visit"),)

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    project_id: Mapped[int] = mapped_column(ForeignKey(PROJECT))
    kind: Mapped[str] = mapped_column(String(16))
    from_visit: Mapped[int]
    to_visit: Mapped[int | None]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    on: Mapped[date]
    at: Mapped[datetime] = mapped_column(Moment)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    why: Mapped[str] = mapped_column(Text, default="")
    by_operator: Mapped[bool] = mapped_column(default=False)


def lock_project(project_id: int) -> Project:
    """Begin to write to one project: nobody else changes it until this transaction ends."""
    write()
    return db.session.execute(
        select(Project).where(Project.id == project_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()
