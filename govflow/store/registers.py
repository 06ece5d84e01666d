"""Lists, documents and files that plugins declare. Their rows are facts and only added to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from govflow.store.base import ORGANISATION, PROJECT, Base, Moment, OfEither, OfProject


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
