"""What people do at a gate, in one word each."""

from __future__ import annotations

from govflow.services.gates import evidence, gates
from tests.support.factories import NOTHING, TODAY, a_project

PARTNERS = ("lead-1", "lived-1", "practice-1", "research-1")


def answer(project, key="lived-1", check="kitchen.tea", subject=None, *, today=TODAY, **given):
    evidence.answer(
        project.id, check_id=check, subject=subject, given=given or {"done": "yes"}, by=project.by(key), today=today
    )


def sign(project, *keys, today=TODAY):
    for key in keys or PARTNERS:
        gates.sign_off(project.id, by=project.by(key), today=today)


def advance(project, key="lead-1", *, today=TODAY, **more):
    return gates.advance(project.id, by=project.by(key), today=today, **more)


def waive(
    project, one="lived-1", other="practice-1", *, check="kitchen.tea", subject=None, until=TODAY, reason="Next week."
):
    gates.waive(
        project.id,
        check_id=check,
        subject=subject,
        reason=reason,
        until=until,
        by=project.by(one),
        second=project.by(other),
        today=TODAY,
    )


def closed(app, **facts):
    project = a_project(app, stage="dissemination", **{"plugins": {"kitchen": NOTHING}, **facts})
    for key in ("lead-1", "lived-1", "practice-1", "research-1"):
        gates.sign_off(project.id, by=project.by(key), today=TODAY)
    gates.advance(project.id, by=project.by("lead-1"), today=TODAY)
    return project
