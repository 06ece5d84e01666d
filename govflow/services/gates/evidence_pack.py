"""The evidence pack of a project, or of one gate: put together from what is recorded, for people outside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from govflow.domain.gates.evidence_pack import (
    Move,
    Pack,
    Section,
    Stood,
    folded,
    how_it_stands,
    how_this_was_made,
    in_short,
    nameless,
    stood_then,
    the_way_so_far,
    who_works_together,
)
from govflow.domain.gates.gates import Gate
from govflow.domain.plugins.declarations import DeclaredPlugin
from govflow.domain.plugins.pages import Desk, File, Form, Page, Part, Text, said_by
from govflow.domain.refusals import NotFound, Refused
from govflow.domain.snapshot import ProjectSnapshot, plugin_case
from govflow.domain.wording import day
from govflow.services.base.context import context
from govflow.services.base.project_plugins import run_guarded
from govflow.services.base.register_access import read_by_all
from govflow.services.gates.current import gate_of, past_moves
from govflow.store import Organisation, Project, Transition, db


def gates_of(snapshot: ProjectSnapshot, moves: Sequence[Move]) -> list[tuple[int, str]]:
    """The gates there is evidence of: number of the visit, and what to call it, the newest first."""
    past = [(one.visit, f"The gate of {one.stage}, as it was on {day(one.on)}") for one in moves]
    now = (snapshot.visit.number, f"The gate of {snapshot.stage.title}, as it stands now")
    return [one for one in (now, *reversed(past)) if one is not now or now[0] not in dict(past)]


def moves_of(project: Project, snapshot: ProjectSnapshot) -> list[Move]:
    """The recorded moves, the oldest first."""
    return sorted((_move(snapshot, one) for one, _ in past_moves(project.id)), key=lambda one: one.visit)


def pack_of(project: Project, snapshot: ProjectSnapshot, *, visit: int | None = None) -> Pack:
    """Everything, or with `visit` the gate of one stay in a stage. NotFound: there is no such gate."""
    moves = moves_of(project, snapshot)
    if visit is not None and visit not in dict(gates_of(snapshot, moves)):
        raise NotFound("There is no such gate here.")
    as_it_was = next((one for one in moves if one.visit == (visit or snapshot.visit.number)), None)
    gate = None if as_it_was else gate_of(snapshot)
    stood = as_it_was.stood if as_it_was else _stood(gate) if gate else []
    whole = visit is None
    sections = [
        in_short(snapshot, stood, opened=bool(gate and gate.open), as_it_was=as_it_was),
        *([the_way_so_far(snapshot, moves)] if whole else []),
        how_it_stands(f"The gate of {as_it_was.stage if as_it_was else snapshot.stage.title}", stood),
        *([who_works_together(snapshot.members), *_of_plugins(snapshot)] if whole or as_it_was is None else []),
        how_this_was_made(snapshot.today),
    ]
    about = "Evidence of the whole project" if whole else dict(gates_of(snapshot, moves))[visit or 0]
    organisation = db.session.get_one(Organisation, project.organisation_id).name
    return Pack(
        title=snapshot.project.title, about=f"{about}. {organisation}.", made_on=snapshot.today, sections=sections
    )


def _move(snapshot: ProjectSnapshot, row: Transition) -> Move:
    visit = next((one for one in snapshot.visits if one.number == row.from_visit), None)
    stage = next(
        (one.title for one in snapshot.lifecycle.stages if visit and one.slug == visit.stage), "an earlier stage"
    )
    ready = [one for one in row.record.get("sign_offs", ()) if one["verdict"] == "ready"]
    return Move(
        visit=row.from_visit,
        stage=stage,
        kind=row.kind,
        on=row.on,
        stood=stood_then(row.record),
        signed=tuple(dict.fromkeys(slot for one in ready for slot in one.get("for", ()))),
    )


def _stood(gate: Gate) -> list[Stood]:
    return folded(
        Stood(
            title=one.title, group=one.group, outcome=one.outcome, waived=one.place in gate.waived, private=one.private
        )
        for one in gate.findings
    )


def _of_plugins(snapshot: ProjectSnapshot) -> Iterator[Section]:
    """What plugins that are on have to show, each in a section of its own; one that goes wrong says so in its place."""
    for slug in sorted(snapshot.on):
        declared = context().declared.plugins.get(slug)
        for page in declared.pages.values() if declared and not declared.problem else ():
            if declared and page.in_pack is not None:
                yield Section(title=page.title, parts=_said(snapshot, declared, page))


def _said(snapshot: ProjectSnapshot, declared: DeclaredPlugin, page: Page) -> list[Part]:
    assert page.in_pack is not None
    view = page.in_pack
    case = plugin_case(snapshot, context().declared, declared, page.needs)
    for_all = {name for name in case.registers if read_by_all(name)}
    desk = Desk(case=nameless(case, for_all), reader="")
    try:
        parts = run_guarded(declared, page, lambda: said_by(view, desk))
    except Refused:
        return [Text(text=f"What “{page.title}” has to show could not be put together.")]
    return [one for one in parts if not isinstance(one, (Form, File))]
