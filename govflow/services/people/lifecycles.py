"""The lifecycle a project goes by: the version it started with, until a lead moves it to a newer one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from govflow.domain.gates.gates import READY, WITHDRAWN
from govflow.domain.gates.lifecycle import Lifecycle, Stage
from govflow.domain.refusals import Moved, Refused
from govflow.domain.snapshot import ProjectSnapshot, checks_of
from govflow.services.base.actions import Actor, start_action
from govflow.services.base.context import context
from govflow.store import Project, SignOffRow, VisitRow, db, now


def newer_than(project: Project, kept: Lifecycle) -> Lifecycle | None:
    """Another version that the installed plugins declare, if there is one."""
    declared = context().declared.lifecycles.get(project.lifecycle)
    return declared if declared and declared.version != kept.version else None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What moving to another version of the lifecycle would change, stage by stage and for the gate of today."""

    before: Lifecycle
    after: Lifecycle
    stage: Stage | None
    stages_gone: tuple[str, ...]
    stages_new: tuple[str, ...]
    checks_gone: tuple[str, ...]
    checks_new: tuple[str, ...]
    sign_offs: int


def preview(project: Project, snapshot: ProjectSnapshot) -> Preview | None:
    """What a move would change, or None where there is no other version. `stage` None: it cannot be moved now."""
    after = newer_than(project, snapshot.lifecycle)
    if after is None:
        return None
    stage = after.same_place(snapshot.stage)
    before_titles = [step.title for step in snapshot.lifecycle.stages]
    after_titles = [step.title for step in after.stages]
    asked_now = _asked(snapshot, snapshot.lifecycle, snapshot.stage)
    asked_then = _asked(snapshot, after, stage) if stage else {}
    return Preview(
        before=snapshot.lifecycle,
        after=after,
        stage=stage,
        stages_gone=tuple(stage_title for stage_title in before_titles if stage_title not in after_titles),
        stages_new=tuple(stage_title for stage_title in after_titles if stage_title not in before_titles),
        checks_gone=tuple(title for id_, title in asked_now.items() if id_ not in asked_then),
        checks_new=tuple(title for id_, title in asked_then.items() if id_ not in asked_now),
        sign_offs=sum(sign_off.verdict == READY for sign_off in snapshot.sign_offs),
    )


def move(project_id: int, *, to_version: str, by: Actor, today: date) -> str:
    """Move a project to the newer version it was shown; answers with the title of the stage it is in then.

    Sign-offs of this visit were given for another gate, so they are taken back; history keeps them.
    """
    action = start_action(project_id, "move", by=by, today=today)
    seen = preview(action.project, action.snapshot)
    if seen is None or seen.after.version != to_version:
        raise Moved()
    if seen.stage is None:
        raise Refused(
            f"The stage {action.snapshot.stage.title} is not in version {to_version}, and none is like it. "
            "Go on to the next stage first."
        )
    action.project.lifecycle_kept = seen.after.kept()
    action.project.stage = seen.stage.slug
    slugs = {stage.slug for stage in seen.after.stages}
    action.project.plan = {stage: day for stage, day in action.project.plan.items() if stage in slugs}
    visit = db.session.execute(
        select(VisitRow).where(VisitRow.project_id == project_id, VisitRow.number == action.snapshot.visit.number)
    ).scalar_one()
    visit.stage = seen.stage.slug
    ids = {member.key: member.id for member in action.snapshot.members}
    for sign_off in action.snapshot.sign_offs:
        if sign_off.verdict == READY and sign_off.member in ids:
            db.session.add(
                SignOffRow(
                    project_id=project_id,
                    visit=visit.number,
                    member_id=ids[sign_off.member],
                    verdict=WITHDRAWN,
                    words="The project moved to another version of its stages.",
                    on=today,
                    at=now(),
                    by_operator=by.operator,
                )
            )
    action.log(
        "project.lifecycle", lifecycle=seen.after.title, from_version=seen.before.version, to_version=seen.after.version
    )
    action.mark_changed()
    db.session.commit()
    return seen.stage.title


def _asked(snapshot: ProjectSnapshot, lifecycle: Lifecycle, stage: Stage) -> dict[str, str]:
    return {
        check_id: check.title
        for check_id, check, _ in checks_of(context().declared, snapshot.on)
        if check.applies_in(lifecycle, stage)
    }
