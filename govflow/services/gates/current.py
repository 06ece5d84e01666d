"""The gate as it stands: judged when somebody looks, from findings, sign-offs and waivers."""

from __future__ import annotations

from sqlalchemy import select

from govflow.domain.gates.checks import BROKEN
from govflow.domain.gates.gates import Gate, judge_gate
from govflow.domain.people import MemberWithId
from govflow.domain.snapshot import ProjectSnapshot
from govflow.services.base.findings import judge_now
from govflow.store import MemberRow, Person, Transition, db


def gate_of(snapshot: ProjectSnapshot) -> Gate:
    """The gate as it stands on the snapshot's day."""
    known = snapshot.judged
    if known.gate is None or any(finding.outcome == BROKEN for finding in known.gate.findings):
        known.gate = judge_gate(
            more=snapshot.sign_off_rules,
            findings=judge_now(snapshot),
            members=snapshot.members,
            sign_offs=snapshot.sign_offs,
            waivers=snapshot.waivers,
            today=snapshot.today,
            ended=ended_here(snapshot),
        )
    return known.gate


def ended_here(snapshot: ProjectSnapshot) -> list[MemberWithId]:
    """Those whose time somebody else ended during this visit."""
    return [one for one in snapshot.left if one.ended_by and one.left and one.left >= snapshot.visit.entered]


def past_moves(project_id: int) -> list[tuple[Transition, str]]:
    rows = db.session.execute(
        select(Transition, Person.name)
        .join(MemberRow, MemberRow.id == Transition.member_id)
        .join(Person, Person.id == MemberRow.person_id)
        .where(Transition.project_id == project_id)
        .order_by(Transition.from_visit.desc())
    )
    return [(move, name) for move, name in rows]
