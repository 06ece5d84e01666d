"""Loading a project as it stood on a day: a fixed, small number of queries, however many members there are."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from datetime import date

from sqlalchemy import or_, select

from govflow.domain.gates.checks import ProjectFacts, Round, Visit
from govflow.domain.gates.lifecycle import Lifecycle, thawed
from govflow.domain.gates.overdue import Pause
from govflow.domain.people import Member
from govflow.domain.polls.disclosure import LEAST_TO_SHOW
from govflow.domain.polls.equality import EQUALITY
from govflow.domain.polls.polls import ids_of
from govflow.domain.refusals import Invalid
from govflow.domain.registers.documents import Agreed, Version
from govflow.domain.snapshot import Answered, ProjectSnapshot
from govflow.services.base.context import context
from govflow.services.base.entries import Lists
from govflow.services.base.project_plugins import plugins_of
from govflow.store import (
    AgreementRow,
    DocumentRow,
    EvidenceRow,
    GroupRow,
    GroupSeat,
    MemberRow,
    Organisation,
    PauseRow,
    Person,
    PollRound,
    Project,
    VisitRow,
    db,
)


def load_snapshot(project: Project, *, today: date, to_read: bool = False) -> ProjectSnapshot:
    """The project on `today`. For a past day, facts dated later are left out.

    `to_read`: for a page, which changes nothing, so a list is read when the page comes to it.
    """
    members = _members(project, today)
    plugins = plugins_of(project)
    lists = Lists(project, today=today, keys=_keys(members), own=plugins.own)
    here = tuple(one for one in members if one.here_on(today))
    visits = _visits(project, today)
    return ProjectSnapshot(
        project=ProjectFacts(
            slug=project.slug,
            title=project.title,
            started=project.started,
            funding_ends=project.funding_ends,
            plan={stage: date.fromisoformat(day) for stage, day in project.plan.items()},
            pauses=_pauses(project.id),
            not_due_before=project.not_due_before,
        ),
        lifecycle=lifecycle_of(project),
        visits=visits,
        today=today,
        members=here,
        left=tuple(one for one in members if one.joined <= today and not one.here_on(today)),
        evidence=_evidence(project.id, today, _keys(members)),
        entries=lists if to_read else dict(lists),
        documents=_documents(project.id, today, _keys(members)),
        rounds=_rounds(project.id, today),
        on=plugins.on,
        lists_for=plugins.lists_for,
        lists_shared=plugins.shared,
        organisation=project.organisation_id,
        version=project.version,
    )


def lifecycle_of(project: Project) -> Lifecycle:
    """The version of its lifecycle this project goes by, whatever the installed plugins say today."""
    if project.lifecycle_kept:
        return thawed(project.lifecycle_kept)
    return context().declared.lifecycles[project.lifecycle]


@dataclasses.dataclass(frozen=True, kw_only=True)
class MemberWithId(Member):
    """A member with the ids that services need and checks never use. `home_id` is the organisation they belong to."""

    id: int = 0
    person_id: int = 0
    home_id: int = 0


def _keys(members: list[MemberWithId]) -> dict[int, str]:
    return {one.id: one.key for one in members}


def groups_on(project_id: int, day: date, *, chairs_only: bool = False) -> dict[int, list[str]]:
    """Member id -> the short names of the groups they were in on that day."""
    query = (
        select(GroupSeat.member_id, GroupRow.slug)
        .join(GroupRow, GroupRow.id == GroupSeat.group_id)
        .where(GroupSeat.project_id == project_id, GroupSeat.joined <= day)
        .where(or_(GroupSeat.left.is_(None), GroupSeat.left > day))
        .order_by(GroupRow.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for member, slug in db.session.execute(query.where(GroupSeat.chair) if chairs_only else query):
        found[member].append(slug)
    return found


def _members(project: Project, today: date) -> list[MemberWithId]:
    groups = groups_on(project.id, today)
    rows = db.session.execute(
        select(MemberRow, Person.name)
        .join(Person, Person.id == MemberRow.person_id)
        .where(MemberRow.project_id == project.id, MemberRow.joined.is_not(None))
        .order_by(MemberRow.joined, MemberRow.id)
    )
    return [
        MemberWithId(
            id=row.id,
            person_id=row.person_id,
            key=row.key,
            name=name,
            role=row.role,
            title=row.title,
            organisation=row.organisation,
            expertise=tuple(row.expertise),
            expertise_since=row.expertise_since,
            words=tuple(row.words),
            groups=tuple(groups.get(row.id, ())),
            seat=row.seat,
            invited_by=row.invited_by,
            joined=row.joined or date.max,
            left=row.left,
            ended_by=row.ended_by,
            home_id=row.home_id or project.organisation_id,
        )
        for row, name in rows
    ]


def _visits(project: Project, today: date) -> tuple[Visit, ...]:
    rows = db.session.scalars(select(VisitRow).where(VisitRow.project_id == project.id).order_by(VisitRow.number))
    visits = tuple(
        Visit(
            number=row.number,
            stage=row.stage,
            entered=row.entered,
            why=row.why,
            left=row.left if row.left and row.left <= today else None,
        )
        for row in rows
        if row.entered <= today
    )
    if not visits:
        raise Invalid(f"The project had not begun on {today.isoformat()}. It started on {project.started.isoformat()}.")
    return visits


def _pauses(project_id: int) -> tuple[Pause, ...]:
    rows = db.session.scalars(select(PauseRow).where(PauseRow.project_id == project_id).order_by(PauseRow.began))
    return tuple(Pause(began=row.began, ended=row.ended) for row in rows)


def _evidence(project_id: int, today: date, keys: dict[int, str]) -> tuple[Answered, ...]:
    rows = db.session.scalars(
        select(EvidenceRow)
        .where(EvidenceRow.project_id == project_id, EvidenceRow.on <= today)
        .order_by(EvidenceRow.on, EvidenceRow.id)
    )
    return tuple(
        Answered(
            check=row.check,
            subject=row.subject or None,
            answers=row.answers,
            by=keys.get(row.member_id, ""),
            on=row.on,
            visit=row.visit,
            by_operator=row.by_operator,
        )
        for row in rows
    )


def _documents(project_id: int, today: date, keys: dict[int, str]) -> dict[str, tuple[Version, ...]]:
    rows = db.session.execute(
        select(DocumentRow, AgreementRow)
        .outerjoin(AgreementRow, (AgreementRow.version_id == DocumentRow.id) & (AgreementRow.on <= today))
        .where(DocumentRow.project_id == project_id, DocumentRow.on <= today)
        .order_by(DocumentRow.document, DocumentRow.number, AgreementRow.id)
    )
    versions: dict[int, DocumentRow] = {}
    said: dict[int, dict[str, Agreed]] = defaultdict(dict)
    for version, agreement in rows:
        versions[version.id] = version
        if agreement is not None:
            key = keys.get(agreement.member_id, "")
            said[version.id][key] = Agreed(answer=agreement.answer, on=agreement.on, words=agreement.words)
    found: dict[str, list[Version]] = defaultdict(list)
    for id_, row in versions.items():
        found[row.document].append(
            Version(number=row.number, on=row.on, by=keys.get(row.member_id, ""), text=row.text, said=said[id_])
        )
    return {document: tuple(rows) for document, rows in found.items()}


def _rounds(project_id: int, today: date) -> dict[str, tuple[Round, ...]]:
    """The rounds of plugins' polls. Equality questions are for no check and no page of a plugin."""
    rows = db.session.scalars(
        select(PollRound)
        .where(PollRound.project_id == project_id, PollRound.opened <= today, PollRound.put_aside == "")
        .where(PollRound.poll != EQUALITY)
        .order_by(PollRound.opened, PollRound.id)
    )
    found: dict[str, list[Round]] = defaultdict(list)
    for row in rows:
        closed = row.closed if row.closed and row.closed <= today else None
        told = closed is not None and (not row.anonymous or (row.answered or 0) >= LEAST_TO_SHOW)
        results = row.results if told else {}
        poll, about = ids_of(row.poll)
        found[poll].append(
            Round(
                about=about,
                options={str(number): one for number, one in enumerate(row.offers[1:], start=1)},
                visit=row.visit,
                opened=row.opened,
                closes=row.closes,
                closed=closed,
                asked=row.asked,
                answered=row.answered if told else None,
                anonymous=row.anonymous,
                **{
                    kind: {one: what[kind] for one, what in results.items() if kind in what}
                    for kind in ("counts", "mostly", "words", "names")
                },
            )
        )
    return {poll: tuple(rounds) for poll, rounds in found.items()}


def timezone_of(project: Project) -> str:
    """The time zone of the project's organisation."""
    return db.session.get_one(Organisation, project.organisation_id).timezone
