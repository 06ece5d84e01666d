"""Gates: look, sign off, let pass together, move on."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import select, update

from govflow.domain.gates.checks import Finding
from govflow.domain.gates.gates import (
    NOT_READY,
    READY,
    WITHDRAWN,
    Gate,
    check_until,
    may_waive,
    readable_for_waiver,
)
from govflow.domain.gates.lifecycle import CLOSED
from govflow.domain.people import Role
from govflow.domain.project_state import ProjectState
from govflow.domain.questions import read_words
from govflow.domain.refusals import GateHeld, Invalid, Moved, NotAllowed, NotFound, Refused
from govflow.domain.snapshot import ProjectSnapshot
from govflow.domain.wording import day
from govflow.services.base.actions import Action, Actor, member_by_key, member_for, require, start_action
from govflow.services.base.findings import judge_now, refresh_findings
from govflow.services.base.register_access import hidden_places, without_hidden
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.gates.current import ended_here, gate_of
from govflow.services.gates.emails import owe_move, owe_waiver
from govflow.services.gates.waiver_access import everyone_reads
from govflow.services.polls.equality import end_with_the_project
from govflow.services.polls.polls import close_rounds_of
from govflow.services.polls.rounds import forget_closed
from govflow.store import (
    Project,
    SignOffRow,
    Transition,
    VisitRow,
    WaiverRow,
    db,
    end_reading,
    lock_project,
    new_stamp,
    now,
)

# --- signing off ------------------------------------------------------------------------------------


def sign_off(project_id: int, *, by: Actor, today: date, visit: int | None = None) -> None:
    """Say “I think we are ready” for oneself. Nobody signs for another."""
    _say(project_id, READY, "", by=by, today=today, visit=visit)


def say_not_ready(project_id: int, *, words: str, by: Actor, today: date, visit: int | None = None) -> None:
    """Say “not ready, because…”. It needs a lead's written answer before the project can move on."""
    words = read_words(words, "words", "Say in a few words why you think that it is not ready.")
    _say(project_id, NOT_READY, words, by=by, today=today, visit=visit)


def take_back(project_id: int, *, by: Actor, today: date, visit: int | None = None) -> None:
    """Take one's sign-off back. That it was given stays in the history."""
    _say(project_id, WITHDRAWN, "", by=by, today=today, visit=visit)


def _say(project_id: int, verdict: str, words: str, *, by: Actor, today: date, visit: int | None) -> None:
    action = start_action(project_id, "sign off", by=by, today=today)
    same_visit(action.snapshot, visit)
    earlier = {one.member: one for one in action.snapshot.sign_offs}.get(action.me.key)
    if (earlier.verdict if earlier else WITHDRAWN) == verdict and verdict != NOT_READY:
        db.session.commit()
        return
    db.session.add(
        SignOffRow(
            project_id=project_id,
            visit=action.snapshot.visit.number,
            member_id=action.me.id,
            verdict=verdict,
            words=words,
            on=today,
            at=now(),
            by_operator=by.operator,
        )
    )
    action.log(f"sign_off.{verdict}", words=words)
    action.mark_changed()
    db.session.commit()


def reply_to(project_id: int, *, member: str, words: str, by: Actor, today: date, said: int | None = None) -> None:
    """A lead's written answer to somebody's “not ready”, also of one whose time was ended since.

    `said`: which of their words were read. An answer to earlier ones does not answer later ones.
    """
    words = read_words(words, "reply", "Write an answer.")
    action = start_action(project_id, "sign off", by=by, today=today)
    if action.me.role != Role.LEAD:
        raise NotAllowed("A lead answers this.")
    gone = next((one for one in ended_here(action.snapshot) if one.key == member), None)
    other = gone or member_by_key(action.snapshot, member)
    row = db.session.scalar(
        select(SignOffRow)
        .where(
            SignOffRow.project_id == project_id,
            SignOffRow.visit == action.snapshot.visit.number,
            SignOffRow.member_id == other.id,
        )
        .order_by(SignOffRow.id.desc())
        .limit(1)
    )
    if row is None or row.verdict != NOT_READY:
        raise NotFound(f"{other.name} has not said “not ready” on this visit.")
    if said is not None and said != row.id:
        raise Moved(f"{other.name} has said something else since you read it. Read it first, then answer.")
    row.reply, row.reply_by, row.reply_on = words, action.me.id, today
    action.log("sign_off.replied", other.person_id, member=other.name, words=words)
    action.mark_changed()
    db.session.commit()


# --- waivers ------------------------------------------------------------------------------------------


def propose_waiver(
    project_id: int, *, check_id: str, subject: str | None, reason: str, until: date, by: Actor, today: date
) -> None:
    """Propose to let one finding pass for now. It counts when somebody else, with other experience, agrees."""
    _propose(project_id, check_id=check_id, subject=subject, reason=reason, until=until, by=by, today=today)
    db.session.commit()


def second_waiver(project_id: int, *, waiver_id: int, by: Actor, today: date) -> None:
    """Agree to a proposed waiver."""
    action = start_action(project_id, "waive", by=by, today=today)
    row = db.session.get(WaiverRow, waiver_id)
    if row is None or row.project_id != project_id or row.visit != action.snapshot.visit.number or row.ended_on:
        raise NotFound("There is no such proposal any more.")
    if row.seconded_by:
        raise Refused("Somebody has agreed to this already.")
    _second(action, row)
    db.session.commit()


def waive(
    project_id: int,
    *,
    check_id: str,
    subject: str | None,
    reason: str,
    until: date,
    by: Actor,
    second: Actor,
    today: date,
) -> None:
    """Propose and second in one step, for the command line: both or neither."""
    if by.person_id == second.person_id:
        raise NotAllowed("Somebody else must second this. Nobody can propose and second the same waiver.")
    row = _propose(project_id, check_id=check_id, subject=subject, reason=reason, until=until, by=by, today=today)
    project = db.session.get_one(Project, project_id)
    snapshot = load_snapshot(project, today=today)
    seconder = member_for(snapshot, second.person_id)
    if seconder is None:
        raise NotAllowed("The person who seconds is not in this project.")
    _second(Action(project=project, snapshot=snapshot, me=seconder, by=second, today=today), row)
    db.session.commit()


def end_waiver(project_id: int, *, waiver_id: int, by: Actor, today: date) -> None:
    """End a waiver, or take a proposal back: whoever made or seconded it may, at any time."""
    action = start_action(project_id, "waive", by=by, today=today)
    row = db.session.get(WaiverRow, waiver_id)
    if row is None or row.project_id != project_id or row.ended_on:
        raise NotFound("There is no such waiver any more.")
    if action.me.id not in (row.proposed_by, row.seconded_by):
        raise NotAllowed("Only the two people who agreed on this can end it.")
    row.ended_on = today
    finding = next((one for one in judge_now(action.snapshot) if one.place == (row.check, row.subject or None)), None)
    _log_waiver(action, "waiver.ended", finding, check=finding.title if finding else _title(action.snapshot, row.check))
    action.mark_changed()
    db.session.commit()


def _propose(
    project_id: int, *, check_id: str, subject: str | None, reason: str, until: date, by: Actor, today: date
) -> WaiverRow:
    action = start_action(project_id, "waive", by=by, today=today)
    reason = read_words(reason, "reason", "Say why this may pass for now.")
    check_until(until, today)
    finding = _finding(action.snapshot, check_id, subject, reader=action.me.key)
    if not readable_for_waiver(finding, action.me.key):
        raise NotAllowed("This finding is private. Only people who may read it can let it pass.")
    if not action.me.counts_on(today):
        raise NotAllowed("You can take part in a waiver 14 days after you joined, or after your expertise changed.")
    row = WaiverRow(
        project_id=project_id,
        visit=action.snapshot.visit.number,
        check=check_id,
        subject=subject or "",
        reason=reason,
        until=until,
        proposed_by=action.me.id,
        proposed_on=today,
        by_operator=by.operator,
    )
    db.session.add(row)
    _log_waiver(action, "waiver.proposed", finding, check=finding.title, why=reason)
    action.mark_changed()
    owe_waiver(action, row, finding)
    return row


def _second(action: Action, row: WaiverRow) -> None:
    proposer = next((member for member in action.snapshot.members if member.id == row.proposed_by), None)
    if proposer is None:
        raise Refused("Whoever proposed this has left. Propose it anew.")
    finding = _finding(action.snapshot, row.check, row.subject or None, reader=action.me.key)
    may_waive(
        finding=finding, proposer=proposer, seconder=action.me, members=action.snapshot.members, today=action.today
    )
    row.seconded_by, row.seconded_on = action.me.id, action.today
    _log_waiver(action, "waiver.seconded", finding, check=finding.title, until=day(row.until))
    action.mark_changed()


def _log_waiver(action: Action, verb: str, finding: Finding | None, **facts: str) -> None:
    """Told with who and why only where everyone in the project may read the finding."""
    if finding is not None and everyone_reads(action.snapshot, finding):
        action.log(verb, **facts)
    else:
        action.log(f"{verb}_privately", **{name: words for name, words in facts.items() if name != "why"})


def _finding(snapshot: ProjectSnapshot, check_id: str, subject: str | None, *, reader: str) -> Finding:
    for finding in judge_now(snapshot):
        if finding.place == (check_id, subject or None) and not hidden_places(snapshot, [finding], reader=reader):
            if not finding.open:
                raise Refused(f"“{finding.title}” does not hold anything up: {finding.sentence_for(None)}")
            return finding
    raise NotFound(f"There is no finding of “{check_id:.130}” about that in this stage.")


def _title(snapshot: ProjectSnapshot, check_id: str) -> str:
    return next((one.title for one in judge_now(snapshot) if one.check == check_id), check_id)


# --- moving on ------------------------------------------------------------------------------------------


def advance(
    project_id: int, *, by: Actor, today: date, visit: int | None = None, close: bool = False
) -> tuple[str, str]:
    """Move the project to its next stage, or close it after the last. Answers with (from, to).

    `close`: a last stage that repeats is closed instead of begun again.

    Judged afresh and outside the lock; then the project is locked and moves only if nothing changed meanwhile.
    """
    for _ in range(3):
        end_reading()
        seen = db.session.get_one(Project, project_id, populate_existing=True)
        version = seen.version
        snapshot = load_snapshot(seen, today=today)
        visit = snapshot.visit.number if visit is None else visit
        same_visit(snapshot, visit)
        gate = gate_of(snapshot)
        project = lock_project(project_id)
        if project.version == version:
            return _advance(project, snapshot, gate, by=by, today=today, close=close)
    raise Moved()


def _advance(
    project: Project, snapshot: ProjectSnapshot, gate: Gate, *, by: Actor, today: date, close: bool
) -> tuple[str, str]:
    me = member_for(snapshot, by.person_id)
    if me is None:
        raise NotAllowed("You are not in this project, so you cannot do this here.")
    require(me, "move")
    if project.state != ProjectState.RUNNING:
        raise Refused(
            "This project is closed."
            if project.state == ProjectState.CLOSED
            else "This project is paused. Start it again first."
        )
    if not gate.open:
        told = replace(gate, findings=without_hidden(snapshot, gate.findings, reader=me.key))
        raise GateHeld(told.reasons(me.key))
    following = snapshot.lifecycle.after(snapshot.stage.slug)
    if close and following and following.slug != snapshot.stage.slug:
        raise Refused("A project closes after its last stage. Go on to the next one first.")
    following = None if close else following
    moved = db.session.execute(
        update(Project)
        .where(Project.id == project.id, Project.stage == snapshot.stage.slug, Project.version == snapshot.version)
        .values(
            stage=following.slug if following else snapshot.stage.slug,
            state=ProjectState.RUNNING if following else ProjectState.CLOSED,
            version=snapshot.version + 1,
            stamp=new_stamp(),
        )
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Moved()
    db.session.refresh(project)
    action = Action(project=project, snapshot=snapshot, me=me, by=by, today=today)
    _leave(action, "advance", following.slug if following else None, gate)
    if following and following.slug == snapshot.stage.slug:
        action.log("project.began_again", stage=following.title)
    elif following:
        action.log("project.advanced", from_stage=snapshot.stage.title, to_stage=following.title)
    else:
        action.log("project.closed")
    refresh_findings(project, today=today)
    db.session.commit()
    forget_closed()
    return snapshot.stage.slug, following.slug if following else CLOSED


def go_back(
    project_id: int, *, stage: str, why: str, by: Actor, today: date, visit: int | None = None
) -> tuple[str, str]:
    """Go back to an earlier stage, with a reason: a new visit, history keeps both."""
    action = start_action(project_id, "move", by=by, today=today)
    same_visit(action.snapshot, visit)
    why = read_words(why, "why", "Say why the project goes back. Everyone will read it.")
    earlier = [one.slug for one in action.snapshot.lifecycle.before(action.snapshot.stage.slug)]
    if stage not in earlier:
        raise Invalid(
            f"You can go back to: {', '.join(earlier) or 'no earlier stage'}.", {"stage": "Choose an earlier stage."}
        )
    before = action.snapshot.stage
    _leave(action, "back", stage, gate_of(action.snapshot), why=why)
    action.project.stage = stage
    action.log(
        "project.went_back", from_stage=before.title, to_stage=action.snapshot.lifecycle.stage(stage).title, why=why
    )
    action.mark_changed()
    db.session.commit()
    forget_closed()
    return before.slug, stage


def _leave(action: Action, kind: str, to: str | None, gate: Gate, *, why: str = "") -> None:
    """End this visit, begin the next, and keep everything of this moment."""
    visit = db.session.execute(
        select(VisitRow).where(
            VisitRow.project_id == action.project.id, VisitRow.number == action.snapshot.visit.number
        )
    ).scalar_one()
    visit.left = action.today
    close_rounds_of(action.project, visit.number, today=action.today)
    if to is None:
        end_with_the_project(action.project, today=action.today)
    number = visit.number + 1
    if to:
        db.session.add(
            VisitRow(
                project_id=action.project.id,
                number=number,
                stage=to,
                entered=action.today,
                why=why if kind == "back" else "",
            )
        )
    db.session.add(
        Transition(
            project_id=action.project.id,
            kind=kind,
            from_visit=visit.number,
            to_visit=number if to else None,
            member_id=action.me.id,
            on=action.today,
            at=now(),
            why=why,
            by_operator=action.by.operator,
            record=_record(action.project, action.snapshot, gate),
        )
    )
    db.session.flush()
    owe_move(action)


def _record(project: Project, snapshot: ProjectSnapshot, gate: Gate) -> dict[str, Any]:
    """Every finding, waiver and sign-off of this moment, with names, so that it reads the same for ever."""
    names = snapshot.names()
    return {
        "open": gate.open,
        "members": [{"key": one.key, "name": one.name, "expertise": list(one.expertise)} for one in snapshot.members],
        "findings": [
            {
                **asdict(one),
                "lines": dict(one.lines),
                "due_on": one.due_on.isoformat() if one.due_on else None,
                "look_again": one.look_again.isoformat() if one.look_again else None,
                "owed_by": list(one.owed_by),
                "owed_by_names": [names.get(key, key) for key in one.owed_by],
                "waived": one.place in gate.waived,
            }
            for one in gate.findings
        ],
        "waivers": [
            {
                "check": one.check,
                "subject": one.subject,
                "reason": one.reason,
                "until": one.until.isoformat(),
                "proposed_by": names.get(one.proposed_by, ""),
                "seconded_by": names.get(one.seconded_by or "", ""),
            }
            for one in gate.waived.values()
        ],
        "sign_offs": [
            {
                "member": one.member,
                "name": names.get(one.member, ""),
                "verdict": one.verdict,
                "words": one.words,
                "on": one.on.isoformat(),
                "reply": one.reply,
                "for": next((list(s.counts_for) for s in gate.signed if s.member == one.member), []),
            }
            for one in snapshot.sign_offs
        ],
        "missing": list(gate.missing),
    }


def same_visit(snapshot: ProjectSnapshot, visit: int | None) -> None:
    """Refuse what was meant for a stay that has ended in the meantime."""
    if visit is not None and visit != snapshot.visit.number:
        raise Moved()
