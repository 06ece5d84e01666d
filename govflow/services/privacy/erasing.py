"""Erasing somebody who asks for it: their name, address and everything that is theirs alone; the group's record stays.

docs/privacy.md says what goes, what stays, and why.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import delete, select, update

from govflow.domain.people import EXPERTISE, ROLES, Role
from govflow.domain.project_state import ProjectState
from govflow.domain.refusals import Invalid, Refused
from govflow.domain.wording import short_name
from govflow.services.auth.second_factor import second_factors_of
from govflow.services.base.actions import Actor, log, require_strong
from govflow.services.base.context import context
from govflow.services.base.findings import refresh_findings
from govflow.services.history.history import erase_words_about
from govflow.services.mail.outbox import cancel_letters
from govflow.services.polls.equality import take_out_everywhere
from govflow.store import (
    AccessNeed,
    Admin,
    ApiToken,
    CalendarFeed,
    CheckpointWish,
    CodeApp,
    Email,
    EmailItem,
    EntryRow,
    EntryVersion,
    EventDetailsRow,
    EventRow,
    EvidenceRow,
    GroupSeat,
    MemberRow,
    NotificationPreferences,
    Opening,
    OpeningReply,
    Passkey,
    Person,
    PollRound,
    Project,
    RecoveryCode,
    SignedIn,
    SignInLink,
    Snooze,
    Subscription,
    Transition,
    WaiverRow,
    db,
    everything,
    forget_deleted,
    write,
)

NOBODY_NOW = "Someone who left"
WORD = "ERASE"
NOT_THE_WORD = f"Type the word {WORD}, in capital letters, if you are sure."
GOES: tuple[Any, ...] = (
    *(SignedIn, SignInLink, Passkey, CodeApp, RecoveryCode, ApiToken, CalendarFeed),
    *(Admin, CheckpointWish, Subscription, NotificationPreferences, OpeningReply),
)
"""What is a person's alone, and is deleted whole."""
STAYS: dict[Any, str] = {
    MemberRow: "that somebody was here, without what they said of themselves",
    EventRow: "that something was done; its words are erased",
    EventDetailsRow: "words of others' lines; those about the person are erased",
    Email: "the day and the kind",
    Opening: "what an organisation published",
}
"""Every other table that points to a person, and what of it is the group's record."""
TOUCHED = (
    *(table.__tablename__ for table in (*GOES, *STAYS) if table is not EventRow),
    *("person", "access_need", "letter_item", "evidence", "entry_version", "transition", "finding", "waiver"),
    *("panel_seat", "poll_round", "sealed_ballot", "snooze"),
)


def erase(*, word: str, by: Actor, today: date) -> None:
    """Forget this person. It cannot be undone, so it asks for a word, and for their second step if they have one."""
    if second_factors_of(by.person_id).any:
        require_strong(by)
    if word.strip() != WORD:
        raise Invalid(NOT_THE_WORD, {"word": NOT_THE_WORD})
    with everything():  # also in projects they have left
        write()
        person = db.session.get_one(Person, by.person_id, with_for_update={"key_share": True})
        rows = select(MemberRow).where(MemberRow.person_id == person.id).order_by(MemberRow.project_id, MemberRow.id)
        members = list(db.session.scalars(rows))
        of_theirs = Project.id.in_([row.project_id for row in members])
        projects = db.session.scalars(select(Project).where(of_theirs).order_by(Project.id).with_for_update())
        found = {found_project.id: found_project for found_project in projects}
        for member in members:
            _not_the_only_lead(member, found[member.project_id], today)
        erase_words_about(person.id, by=Actor(person.id), today=today)
        name, person.name = person.name, NOBODY_NOW
        person.email, person.reminders_stopped_on = f"{secrets.token_hex(16)}@erased.invalid", today
        for member in members:
            _forget_member(member, found[member.project_id], name, by=by, today=today)
        _forget_letters(person.id)
        _forget_what_is_theirs(person.id)
        for project in found.values():
            project.version += 1
            refresh_findings(project, today=today)
        db.session.commit()
        take_out_everywhere(person.id)
        context().snapshots.forget(found)
        context().forget_elsewhere(found)
    forget_deleted(*TOUCHED, whole=True)


def _not_the_only_lead(member: MemberRow, project: Project, today: date) -> None:
    here = (MemberRow.joined <= today) & (MemberRow.left.is_(None) | (MemberRow.left > today))
    leads = select(MemberRow.id).where(MemberRow.project_id == project.id, MemberRow.role == Role.LEAD, here)
    if project.state != ProjectState.CLOSED and list(db.session.scalars(leads)) == [member.id]:
        raise Refused(
            f"You are the only lead of “{project.title}”. Ask somebody to become a lead first, so that nobody is left "
            "waiting. Then come back."
        )


def _forget_member(member: MemberRow, project: Project, name: str, *, by: Actor, today: date) -> None:
    """What they said of themselves goes, also in private answers; what the group decided stays, under no name."""
    if member.left is None or member.left > today:
        member.left = today
        if member.joined is not None:
            log(project, "member.left", by=Actor(by.person_id, by.operator), today=today, member=NOBODY_NOW)
    member.title = member.organisation = member.seat = ""
    member.words = []
    _forget_seats(member, today)
    db.session.execute(delete(AccessNeed).where(AccessNeed.member_id == member.id))
    db.session.execute(delete(Snooze).where(Snooze.member_id == member.id))
    for row in db.session.scalars(select(EvidenceRow).where(EvidenceRow.member_id == member.id)):
        row.answers = _without_private(row.check, row.answers)
    _rename(project.id, member, name)


def _forget_seats(member: MemberRow, today: date) -> None:
    for seat in db.session.scalars(select(GroupSeat).where(GroupSeat.member_id == member.id)):
        seat.left = seat.left or today


def _without_private(check_id: str, answers: dict[str, Any]) -> dict[str, Any]:
    """Private answers were for their giver's eyes alone, so they are nobody's record."""
    slug, _, check = check_id.partition(".")
    plugin = context().declared.plugins.get(slug)
    asked = plugin.checks.get(check) if plugin else None
    private = {question.name for question in asked.questions if question.private} if asked else set()
    return {key: value for key, value in answers.items() if key not in private}


def _rename(project_id: int, member: MemberRow, name: str) -> None:
    """A member's key is made of their name: it becomes one that says nothing, wherever the project keeps it."""
    taken = set(db.session.scalars(select(MemberRow.key).where(MemberRow.project_id == project_id)))
    old, new = member.key, short_name(f"left-{member.id}", taken, otherwise="left")
    member.key = new
    for model, column in ((MemberRow, "invited_by"), (MemberRow, "ended_by"), (EmailItem, "subject"),
                          (WaiverRow, "subject"), (EvidenceRow, "subject"), (Snooze, "subject")):  # fmt: skip
        here = (model.project_id == project_id) & (getattr(model, column) == old)
        db.session.execute(update(model).where(here).values({column: new}))
    keys: Callable[[str], str] = lambda text: new if text == old else text  # noqa: E731
    if old in (*EXPERTISE, *ROLES):
        keys = str  # such a key could be an answer: it says nothing of anybody
    words = _in_words(name)
    changes: tuple[tuple[Any, str, Callable[[str], str]], ...] = (
        (EvidenceRow, "answers", keys),
        (PollRound, "results", keys),
        (AccessNeed, "told_to", keys),
        (Transition, "record", lambda text: words(keys(text))),
    )
    for table, column, change in changes:
        for row in db.session.scalars(select(table).where(table.project_id == project_id)):
            if not (
                table is PollRound and row.anonymous
            ):  # there nobody's key stands, only answers that may look like it
                _change(row, column, change)
    versions = select(EntryVersion).join(EntryRow, EntryRow.id == EntryVersion.entry_id)
    for version in db.session.scalars(versions.where(EntryRow.project_id == project_id)):
        _change(version, "values", keys)


def _change(row: Any, column: str, change: Callable[[str], str]) -> None:
    kept = getattr(row, column)
    made = _through(kept, change)
    if made != kept:
        setattr(row, column, made)


def _in_words(name: str) -> Callable[[str], str]:
    pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    return lambda text: pattern.sub(NOBODY_NOW, text)


def _through(value: Any, change: Callable[[str], str]) -> Any:
    match value:
        case str():
            return change(value)
        case list():
            return [_through(one, change) for one in value]
        case dict():
            return {_through(key, change): _through(one, change) for key, one in value.items()}
        case _:
            return value


def _forget_letters(person_id: int) -> None:
    """No address in an error, and nothing of what they were about."""
    cancel_letters(person_id)
    db.session.execute(update(Email).where(Email.person_id == person_id).values(error="", about=""))


def _forget_what_is_theirs(person_id: int) -> None:
    for table in GOES:
        db.session.execute(delete(table).where(table.person_id == person_id))
