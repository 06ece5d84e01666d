"""Complaints: from anybody, sealed, to the admins of the organisation they are about, who record what came of it.

The law since 19 June 2026: whoever complains about their data hears within 30 days that it was received, and then what
came of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select

from govflow.domain.questions import NOBODY, Question, read_answers, read_words
from govflow.domain.refusals import Invalid, NotFound, Refused, TooOften
from govflow.services.base.actions import Actor, require_looked_after, require_strong
from govflow.services.base.rate_limits import recent_attempts, record_attempt
from govflow.services.base.vault import Locked, complaints_key, decrypt, encrypt
from govflow.services.mail.outbox import wake_for_owed
from govflow.services.privacy.emails import owe_complaint_letters
from govflow.store import Complaint, MemberRow, Organisation, Project, Share, db, everything, write

ACKNOWLEDGE_WITHIN = timedelta(days=30)
COMPLAINED, AN_HOUR = "complained", 5
WHAT = Question(
    name="what",
    label="What happened?",
    kind="long_text",
    help="In your own words. You need not give a name.",
)
REACH = Question(
    name="reach",
    label="How can we reach you?",
    help="An address or a number. You can leave this empty. Then nobody can tell you what came of it.",
)
EMPTY = "Say what happened, in a few words."


def questions(person_id: int | None) -> tuple[Question, ...]:
    """What is asked: somebody signed in chooses one of their organisations, a visitor names it if they know."""
    about = "Which organisation is it about?"
    ours = _organisations_of(person_id) if person_id else {}
    if len(ours) > 1:
        return (Question(name="about", label=about, kind="choice", choices=ours), WHAT, REACH)
    if ours:
        return (WHAT, REACH)
    return (Question(name="about", label=about, help="Leave this empty if you are not sure."), WHAT, REACH)


def complain(*, given: Mapping[str, Any], person_id: int | None, network: str, today: date) -> None:
    """Keep a complaint and tell the admins that one has come. Who made it is not kept, but for what they wrote."""
    asked = questions(person_id)
    answers = read_answers(asked, given, NOBODY)
    if "what" not in answers:
        raise Invalid(EMPTY, {"what": EMPTY})
    ours = _organisations_of(person_id) if person_id else {}
    if len(ours) > 1 and "about" not in answers:
        sentence = "Choose which organisation it is about."
        raise Invalid(sentence, {"about": sentence})
    with everything():  # a visitor reaches nothing, and need not
        write()
        who = f"person {person_id}" if person_id else network
        if len(recent_attempts(COMPLAINED, who)) >= AN_HOUR:
            raise TooOften("Many complaints came from here in this hour. Please try again in an hour.", wait=3600)
        record_attempt(COMPLAINED, who)
        organisation = _meant(answers.get("about", ""), ours)
        text = json.dumps({"what": answers["what"], "reach": answers.get("reach", "")}, ensure_ascii=False)
        sealed = encrypt(text, key=complaints_key(organisation))
        db.session.add(Complaint(organisation_id=organisation, sealed=sealed, on=today))
        if organisation:
            owe_complaint_letters(organisation, today=today)
        db.session.commit()
        wake_for_owed()


def _organisations_of(person_id: int) -> dict[str, str]:
    with everything():
        mine = select(MemberRow.project_id).where(MemberRow.person_id == person_id)
        of_mine = select(Project.organisation_id).where(Project.id.in_(mine))
        shared = select(Share.organisation_id).where(Share.project_id.in_(mine))
        rows = select(Organisation).where(or_(Organisation.id.in_(of_mine), Organisation.id.in_(shared)))
        return {row.slug: row.name for row in db.session.scalars(rows.order_by(Organisation.name))}


def _meant(about: str, ours: Mapping[str, str]) -> int | None:
    """The organisation somebody means; where it is not plain, none, and nobody is told which there are."""
    every = list(db.session.scalars(select(Organisation)))
    if len(ours) == 1:
        [about] = ours
    wanted = about.strip().casefold()
    found = [organisation.id for organisation in every if organisation.slug == wanted] or [
        organisation.id for organisation in every if wanted and organisation.name.casefold() == wanted
    ]
    if not found and len(every) == 1:
        found = [every[0].id]
    return found[0] if len(found) == 1 else None


# --- for admins ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """A complaint as an admin reads it. `late`: nobody has said within 30 days that it was received."""

    id: int
    on: date
    what: str
    reach: str
    due_on: date
    late: bool
    acknowledged_on: date | None
    outcome: str
    outcome_on: date | None


def complaints_of(*, organisation: str, by: Actor, today: date) -> tuple[Organisation, list[Opened]]:
    """Those of an organisation, for one of its admins: open ones first, the oldest first."""
    found = require_looked_after(organisation, by)
    require_strong(by)
    rows = db.session.scalars(
        select(Complaint).where(Complaint.organisation_id == found.id).order_by(Complaint.on, Complaint.id)
    )
    return found, sorted((_opened(row, today) for row in rows), key=lambda one: one.outcome_on is not None)


def _opened(row: Complaint, today: date) -> Opened:
    key, due = complaints_key(row.organisation_id), row.on + ACKNOWLEDGE_WITHIN
    try:
        said, outcome = json.loads(decrypt(row.sealed, key=key)), decrypt(row.outcome, key=key) if row.outcome else ""
    except Locked as error:
        said, outcome = {"what": str(error), "reach": ""}, ""
    late = row.acknowledged_on is None and due < today
    return Opened(row.id, row.on, said["what"], said["reach"], due, late, row.acknowledged_on, outcome, row.outcome_on)


def acknowledge(complaint_id: int, *, organisation: str, by: Actor, today: date) -> None:
    """Whoever complained was told that it was received."""
    row = _locked(complaint_id, organisation, by)
    if row.acknowledged_on is not None:
        raise Refused("That is recorded already.")
    row.acknowledged_on = today
    db.session.commit()


def tell_outcome(complaint_id: int, *, words: str, organisation: str, by: Actor, today: date) -> None:
    """Keep what came of it. Telling it is also telling that it was received."""
    row = _locked(complaint_id, organisation, by)
    words = read_words(words, "words", "Say what came of it.")
    row.outcome, row.outcome_on = encrypt(words, key=complaints_key(row.organisation_id)), today
    row.acknowledged_on = row.acknowledged_on or today
    db.session.commit()


def _locked(complaint_id: int, organisation: str, by: Actor) -> Complaint:
    write()
    found = require_looked_after(organisation, by)
    require_strong(by)
    row = db.session.get(Complaint, complaint_id, with_for_update=True)
    if row is None or row.organisation_id != found.id:
        raise NotFound("There is no such complaint here.")
    return row


# --- for the operator ---------------------------------------------------------------------------------------


def of_nobody() -> Sequence[Complaint]:
    """Complaints whose organisation is not known: the operator reads them and hands them on."""
    return db.session.scalars(select(Complaint).where(Complaint.organisation_id.is_(None)).order_by(Complaint.id)).all()


def words_of(row: Complaint) -> tuple[str, str]:
    said = json.loads(decrypt(row.sealed, key=complaints_key(row.organisation_id)))
    return said["what"], said["reach"]


def hand_on(complaint_id: int, *, organisation: str, today: date) -> None:
    """Give a complaint of nobody to an organisation: sealed for it, and its admins are told."""
    write()
    found = require_looked_after(organisation, None)
    row = db.session.get(Complaint, complaint_id, with_for_update=True)
    if row is None or row.organisation_id is not None:
        raise NotFound(f"There is no complaint {complaint_id} that waits to be handed on.")
    row.sealed = encrypt(decrypt(row.sealed, key=complaints_key(None)), key=complaints_key(found.id))
    row.organisation_id = found.id
    owe_complaint_letters(found.id, today=today)
    db.session.commit()
    wake_for_owed()
