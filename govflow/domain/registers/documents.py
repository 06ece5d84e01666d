"""Documents: texts made together, in versions, and who has agreed to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from govflow.domain.gates.checks import EVERY_MEMBER, Who

AGREE, CONCERN = "agree", "concern"
ANSWERS = {AGREE: "I agree", CONCERN: "I have a concern"}


@dataclass(frozen=True, kw_only=True)
class Document:
    """A text the core keeps for a plugin: written in versions, each put to `agreed_by`.

    `written_by` says who may write a new version. An earlier agreement does not count for a later version.
    `answers` are the answers that are offered, of `AGREE` and `CONCERN`. `help` is read by whoever writes it.
    """

    slug: str
    title: str
    why: str = ""
    help: str = ""
    agreed_by: Who = EVERY_MEMBER
    written_by: tuple[Who, ...] = (EVERY_MEMBER,)
    answers: tuple[str, ...] = (AGREE, CONCERN)


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What one member said of one version, last."""

    answer: str
    on: date
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version of a document, numbered from 1. `said` holds each member's latest answer, by key."""

    number: int
    on: date
    by: str
    text: str
    said: Mapping[str, Agreed] = field(default_factory=dict)
