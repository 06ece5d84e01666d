"""The gate as it stands: judged when somebody looks, from findings, sign-offs and waivers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from govflow.domain.gates.checks import Finding
from govflow.domain.gates.gates import Gate, SignOff, Waiver, judge_gate
from govflow.domain.people import Member
from govflow.domain.snapshot import ProjectSnapshot
from govflow.services.base.findings import judge_now
from govflow.services.gates.sign_off_rules import asked_for
from govflow.store import MemberRow, Person, Project, SignOffRow, Transition, WaiverRow, db


def gate_of(project: Project, snapshot: ProjectSnapshot, findings: Sequence[Finding] | None = None) -> Gate:
    """The gate as it stands on the snapshot's day, judged now unless findings are handed in."""
    return judge_gate(
        more=asked_for(project, snapshot),
        findings=judge_now(snapshot) if findings is None else findings,
        members=snapshot.members,
        sign_offs=sign_offs_of(project.id, snapshot),
        waivers=waivers_of(project.id, snapshot),
        today=snapshot.today,
        ended=ended_here(snapshot),
    )


def ended_here(snapshot: ProjectSnapshot) -> list[Member]:
    """Those whose time somebody else ended during this visit."""
    return [one for one in snapshot.left if one.ended_by and one.left and one.left >= snapshot.visit.entered]


def sign_offs_of(project_id: int, snapshot: ProjectSnapshot) -> list[SignOff]:
    """The latest word of each member on this visit, in the order in which they spoke."""
    rows = db.session.execute(
        select(SignOffRow, MemberRow.key)
        .join(MemberRow, MemberRow.id == SignOffRow.member_id)
        .where(
            SignOffRow.project_id == project_id,
            SignOffRow.visit == snapshot.visit.number,
            SignOffRow.on <= snapshot.today,
        )
        .order_by(SignOffRow.id)
    )
    latest: dict[str, SignOff] = {}
    for row, key in rows:
        latest.pop(key, None)
        latest[key] = SignOff(id=row.id, member=key, verdict=row.verdict, words=row.words, on=row.on, reply=row.reply)
    return list(latest.values())


def waivers_of(project_id: int, snapshot: ProjectSnapshot) -> list[Waiver]:
    """Every waiver of this visit, proposed ones included."""
    keys: dict[int, str] = {
        row.id: row.key
        for row in db.session.execute(select(MemberRow.id, MemberRow.key).where(MemberRow.project_id == project_id))
    }
    rows = db.session.scalars(
        select(WaiverRow)
        .where(
            WaiverRow.project_id == project_id,
            WaiverRow.visit == snapshot.visit.number,
            WaiverRow.proposed_on <= snapshot.today,
        )
        .order_by(WaiverRow.id)
    )
    return [
        Waiver(
            id=row.id,
            check=row.check,
            subject=row.subject or None,
            reason=row.reason,
            until=row.until,
            proposed_by=keys[row.proposed_by],
            seconded_by=keys[row.seconded_by]
            if row.seconded_by and row.seconded_on and row.seconded_on <= snapshot.today
            else None,
            ended=row.ended_on is not None and row.ended_on <= snapshot.today,
        )
        for row in rows
    ]


def past_moves(project_id: int) -> list[tuple[Transition, str]]:
    rows = db.session.execute(
        select(Transition, Person.name)
        .join(MemberRow, MemberRow.id == Transition.member_id)
        .join(Person, Person.id == MemberRow.person_id)
        .where(Transition.project_id == project_id)
        .order_by(Transition.from_visit.desc())
    )
    return [(move, name) for move, name in rows]
