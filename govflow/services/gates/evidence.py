"""Answering a check: evidence is added, never changed, and taken only from those the check lets answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from govflow.domain.gates.checks import Check, Entry, people_meant
from govflow.domain.people import Member, MemberWithId, Role
from govflow.domain.questions import Known, Question, read_answers
from govflow.domain.refusals import Invalid, NotAllowed, NotFound
from govflow.domain.snapshot import Labels, ProjectSnapshot, case_for, check_named
from govflow.services.base.actions import Actor, start_action
from govflow.services.base.context import context
from govflow.services.base.register_access import lines_seen, sees_entry
from govflow.services.gates.uploads import keep_files, known_files
from govflow.store import EvidenceRow, db, now


def answer(
    project_id: int,
    *,
    check_id: str,
    subject: str | None,
    given: Mapping[str, Any],
    by: Actor,
    today: date,
    whole_form: bool = True,
) -> None:
    """Keep one answer. With `whole_form` a question left blank is cleared; without, it keeps its earlier answer."""
    action = start_action(project_id, "answer", by=by, today=today)
    check = check_asked(action.snapshot, check_id)
    about = subject_asked(action.snapshot, check, subject)
    if isinstance(about, Entry) and not sees_entry(action.snapshot, check.about.register or "", about, action.me.key):
        raise NotFound(f"“{check.title}” is about one of a list. There is no “{subject or ''!s:.60}” in it.")
    if not may_answer(action.snapshot, check_id, check, about, action.me):
        raise NotAllowed(who_may_answer(action.snapshot, check_id, check, about))
    asked = questions_asked(action.snapshot, check)
    earlier = answers_so_far(action.snapshot, check_id, check, subject, reader=action.me.key)
    merged = dict(given) if whole_form else {**earlier, **given}
    known = known_here(action.snapshot, reader=action.me.key)
    known = replace(known, files=known_files(project_id, asked, [earlier]))
    answers = keep_files(action, read_answers(asked, merged, known))
    if not answers:
        raise Invalid("Nothing was answered. Answer at least one question.")
    db.session.add(
        EvidenceRow(
            project_id=action.project.id,
            visit=action.snapshot.visit.number,
            check=check_id,
            subject=subject or "",
            answers=answers,
            member_id=action.me.id,
            on=today,
            at=now(),
            by_operator=by.operator,
        )
    )
    if check.private:
        action.log("evidence.given_privately", check=check.title)
    else:
        other = about if isinstance(about, MemberWithId) and about.key != action.me.key else None
        whom, words = (other.person_id, f" for {other.name}") if other else (None, "")
        action.log("evidence.given", whom, check=check.title, about=words)
    action.mark_changed()
    db.session.commit()


def check_asked(snapshot: ProjectSnapshot, check_id: str) -> Check:
    """A check of a switched-on plugin that is asked in this stage, or a refusal by name."""
    check = check_named(snapshot, context().declared, check_id)
    if not check.applies_in(snapshot.lifecycle, snapshot.stage):
        raise NotFound(f"“{check.title}” is not asked in the stage {snapshot.stage.title}.")
    return check


def subject_asked(snapshot: ProjectSnapshot, check: Check, subject: str | None) -> Member | Entry | None:
    match check.about.kind:
        case "project":
            if subject:
                raise Invalid(f"“{check.title}” is about the whole project, so leave out whom it is about.")
            return None
        case "member":
            found = snapshot.member(subject)
            if found is None or found.role == Role.OBSERVER:
                raise NotFound(
                    f"“{check.title}” is about a member. There is nobody called “{subject or ''!s:.60}” here."
                )
            return found
        case _:
            for row in snapshot.entries.get(check.about.register or "", ()):
                if row.key == subject:
                    return row
            raise NotFound(f"“{check.title}” is about one of a list. There is no “{subject or ''!s:.60}” in it.")


def may_answer(
    snapshot: ProjectSnapshot, check_id: str, check: Check, about: Member | Entry | None, who: Member
) -> bool:
    if not check.questions or who.role == Role.OBSERVER:
        return False
    case = case_for(snapshot, context().declared, check_id, check, about, given=frozenset())
    return who.key in people_meant(check.answered_by, case)


def who_may_answer(snapshot: ProjectSnapshot, check_id: str, check: Check, about: Member | Entry | None) -> str:
    """A sentence that says who can answer instead."""
    if not check.questions:
        return f"“{check.title}” asks no question of its own. It looks at what is written elsewhere."
    case = case_for(snapshot, context().declared, check_id, check, about, given=frozenset())
    names = [case.name(key) for key in people_meant(check.answered_by, case)]
    if not names:
        return f"Nobody in the project can answer “{check.title}” just now."
    if len(names) > 3:
        return f"You cannot answer “{check.title}”."
    return f"Only {' or '.join(names)} can answer “{check.title}”."


def questions_asked(snapshot: ProjectSnapshot, check: Check) -> tuple[Question, ...]:
    """The questions of this stage, without what another switched-on check gives."""
    given = snapshot.given(context().declared) - set(check.gives)
    return tuple(one for one in check.questions if one.asked_in(snapshot.stage.like, given))


def answers_so_far(
    snapshot: ProjectSnapshot, check_id: str, check: Check, subject: str | None, *, reader: str | None
) -> dict[str, Any]:
    """The latest answers as they are kept, for a form to start from. Private ones only for who gave them."""
    rows = [
        one
        for one in snapshot.answered.get((check_id, subject), ())
        if check.lasts != "visit" or one.visit == snapshot.visit.number
    ]
    if not rows:
        return {}
    asked = {one.name: one for one in questions_asked(snapshot, check)}
    last = rows[-1]
    return {
        name: value
        for name, value in last.answers.items()
        if name in asked and (not asked[name].private or last.by == reader)
    }


def known_here(snapshot: ProjectSnapshot, *, reader: str | None = None) -> Known:
    """What an answer given today may name: people who are here now, and entries that this reader sees."""

    def seen(register: str, entries: Sequence[Entry]) -> Sequence[Entry]:
        return entries if reader is None else lines_seen(snapshot, register, entries, reader=reader)

    return Known(
        people={one.key: one.name for one in snapshot.members},
        left={one.key: one.name for one in snapshot.left},
        entries=Labels(snapshot, context().declared, seen),
    )
