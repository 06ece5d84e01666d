"""The gate as it stands: judged when somebody looks, from findings, sign-offs and waivers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from govflow.domain.checks import Standing
from govflow.domain.gates import Gate, SignOff, Waiver, judge_gate
from govflow.domain.people import Member
from govflow.domain.picture import Picture
from govflow.services.findings import standings_of
from govflow.services.organisations import asked_for
from govflow.store import MemberRow, Project, SignOffRow, WaiverRow, db


def gate_of(project: Project, picture: Picture, standings: Sequence[Standing] | None = None) -> Gate:
    """The gate as it stands on the picture's day, judged now unless findings are handed in."""
    return judge_gate(
        more=asked_for(project, picture),
        standings=standings_of(picture) if standings is None else standings,
        members=picture.members,
        sign_offs=sign_offs_of(project.id, picture),
        waivers=waivers_of(project.id, picture),
        today=picture.today,
        ended=ended_here(picture),
    )


def ended_here(picture: Picture) -> list[Member]:
    """Those whose time somebody else ended during this visit."""
    return [one for one in picture.left if one.ended_by and one.left and one.left >= picture.visit.entered]


def sign_offs_of(project_id: int, picture: Picture) -> list[SignOff]:
    """The latest word of each member on this visit, in the order in which they spoke."""
    rows = db.session.execute(
        select(SignOffRow, MemberRow.key)
        .join(MemberRow, MemberRow.id == SignOffRow.member_id)
        .where(
            SignOffRow.project_id == project_id,
            SignOffRow.visit == picture.visit.number,
            SignOffRow.on <= picture.today,
        )
        .order_by(SignOffRow.id)
    )
    latest: dict[str, SignOff] = {}
    for row, key in rows:
        latest.pop(key, None)
        latest[key] = SignOff(id=row.id, member=key, verdict=row.verdict, words=row.words, on=row.on, reply=row.reply)
    return list(latest.values())


def waivers_of(project_id: int, picture: Picture) -> list[Waiver]:
    """Every waiver of this visit, proposed ones included."""
    keys: dict[int, str] = {
        row.id: row.key
        for row in db.session.execute(select(MemberRow.id, MemberRow.key).where(MemberRow.project_id == project_id))
    }
    rows = db.session.scalars(
        select(WaiverRow)
        .where(
            WaiverRow.project_id == project_id,
            WaiverRow.visit == picture.visit.number,
            WaiverRow.proposed_on <= picture.today,
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
            if row.seconded_by and row.seconded_on and row.seconded_on <= picture.today
            else None,
            ended=row.ended_on is not None and row.ended_on <= picture.today,
        )
        for row in rows
    ]
