"""Loading a project as it stood on a day: a fixed, small number of queries, however many members there are."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select

from govflow.domain.gates.checks import Entry, ProjectFacts, Round, Visit
from govflow.domain.gates.gates import SignOff, Waiver
from govflow.domain.gates.lifecycle import Lifecycle, thawed
from govflow.domain.gates.overdue import Pause
from govflow.domain.people import MemberWithId
from govflow.domain.polls.disclosure import LEAST_TO_SHOW
from govflow.domain.polls.equality import EQUALITY
from govflow.domain.polls.polls import ids_of
from govflow.domain.refusals import Invalid
from govflow.domain.registers.documents import Agreed, Version
from govflow.domain.snapshot import Answered, Judged, ProjectSnapshot, untouched
from govflow.services.base.context import context
from govflow.services.base.project_plugins import plugins_of, plugins_of_each
from govflow.services.base.snapshots.cache import Mark
from govflow.services.base.snapshots.lists import Reader, marks_of_organisations, read_lists, with_changed_lines
from govflow.services.base.snapshots.sign_off_rules import sign_off_rules, sign_off_rules_of
from govflow.store import (
    AgreementRow,
    DocumentRow,
    EntryRow,
    EntryVersion,
    EvidenceRow,
    GroupRow,
    GroupSeat,
    MemberRow,
    Organisation,
    PauseRow,
    Person,
    PollRound,
    Project,
    SignOffRow,
    VisitRow,
    WaiverRow,
    changed_facts,
    db,
    everything,
)


def current_snapshot(project: Project, *, today: date) -> ProjectSnapshot:
    """The project as it stands: the snapshot that is kept in this process, or a new one that is kept from now on.

    It is the same for everyone: who may read what of it is asked at each request.
    """
    return current_snapshots([project], today=today)[project.id]


def current_snapshots(projects: Sequence[Project], *, today: date) -> dict[int, ProjectSnapshot]:
    """The same of several projects, by id, with as many questions to the database as for one."""
    cache, marks = context().snapshots, _marks(projects)
    found: dict[int, ProjectSnapshot] = {}
    for project in projects:
        kept = cache.get(project.id, today, marks[project.id])
        if kept is not None:
            found[project.id] = kept
    missing = [project for project in projects if project.id not in found]
    if not missing:
        return found
    with everything():
        read = load_snapshots(missing, today=today)
        query = select(Project.id, Project.stamp).where(Project.id.in_(read))
        stamps = {row.id: row.stamp for row in db.session.execute(query)}
    for project in missing:
        of_one_moment = stamps[project.id] == project.stamp and not changed_facts().tables
        if project.stamp and of_one_moment:
            cache.keep(project.id, today, marks[project.id], read[project.id])
    return found | read


def _marks(projects: Sequence[Project]) -> dict[int, Mark]:
    """What a snapshot of each project that is read now is kept under."""
    of_organisations = marks_of_organisations({project.organisation_id for project in projects})
    return {project.id: (project.stamp, *of_organisations[project.organisation_id]) for project in projects}


def changed_snapshot(before: ProjectSnapshot, project: Project, *, today: date) -> ProjectSnapshot:
    """The project after what this transaction has changed since `before`, kept for the pages that follow.

    Only what was changed is read again where that can be told: answers, sign-offs, waivers and single lines of lists.
    What was judged of `before` stands where a check cannot see what differs.
    """
    after = _with_changes(before, project) or load_snapshot(project, today=today)
    for check_id in untouched(before, after, context().declared):
        if check_id in before.judged.findings:
            after.judged.findings[check_id] = before.judged.findings[check_id]
    context().snapshots.keep(project.id, today, _marks([project])[project.id], after)
    return after


def _with_changes(before: ProjectSnapshot, project: Project) -> ProjectSnapshot | None:
    changed = changed_facts()
    if changed.stamps.get(project.id) != before.stamp:
        return None  # something was changed before this transaction, and `before` does not know it
    if not changed.tables <= {EntryRow, EntryVersion, EvidenceRow, SignOffRow, WaiverRow}:
        return None
    today, keys = before.today, _keys_of(project.id)

    def rows(query: Select[*tuple[Any, ...]]) -> Rows:
        return _of_each(query, [project.id])[project.id]

    entries: Mapping[str, tuple[Entry, ...]] | None = before.entries
    if changed.entries:
        reader = Reader(project, keys, plugins_of(project).own)
        entries = with_changed_lines(before.entries, changed.entries, added=changed.added, reader=reader, today=today)
    if entries is None or (changed.tables & {EntryRow, EntryVersion} and not changed.entries):
        return None
    return dataclasses.replace(
        before,
        entries=entries,
        evidence=_evidence(rows(_EVIDENCE), today, keys) if EvidenceRow in changed.tables else before.evidence,
        sign_offs=_sign_offs(rows(_SIGN_OFFS), before.visit.number, today, keys),
        waivers=_waivers(rows(_WAIVERS), before.visit.number, today, keys),
        version=project.version,
        stamp=project.stamp,
        judged=Judged(),
    )


def load_snapshot(project: Project, *, today: date) -> ProjectSnapshot:
    """The project on `today`, read afresh. For a past day, facts dated later are left out."""
    return load_snapshots([project], today=today)[project.id]


def load_snapshots(projects: Sequence[Project], *, today: date) -> dict[int, ProjectSnapshot]:
    """The same of several projects, by id, with as many questions to the database as for one."""
    ids = [project.id for project in projects]
    members = _of_each(_MEMBERS, ids)
    groups = _groups_on(ids, today)
    visits, pauses = _of_each(_VISITS, ids), _of_each(_PAUSES, ids)
    evidence, rounds = _of_each(_EVIDENCE, ids), _of_each(_ROUNDS, ids)
    sign_offs, waivers = _of_each(_SIGN_OFFS, ids), _of_each(_WAIVERS, ids)
    documents = _of_each(_documents_on(today), ids)
    plugins = plugins_of_each(projects)
    people = {project.id: _members(members[project.id], project, groups) for project in projects}
    keys = {id_: {member.id: member.key for member in everyone} for id_, everyone in people.items()}
    readers = [Reader(project, keys[project.id], plugins[project.id].own) for project in projects]
    lists = read_lists(readers, today=today)
    rules = sign_off_rules_of(projects)
    found = {}
    for project in projects:
        here = tuple(member for member in people[project.id] if member.here_on(today))
        stays = _visits(visits[project.id], project, today)
        its = keys[project.id]
        found[project.id] = ProjectSnapshot(
            project=ProjectFacts(
                slug=project.slug,
                title=project.title,
                started=project.started,
                funding_ends=project.funding_ends,
                plan={stage: date.fromisoformat(day) for stage, day in project.plan.items()},
                pauses=tuple(Pause(began=row.began, ended=row.ended) for (row,) in pauses[project.id]),
                not_due_before=project.not_due_before,
            ),
            lifecycle=lifecycle_of(project),
            visits=stays,
            today=today,
            members=here,
            left=tuple(one for one in people[project.id] if one.joined <= today and not one.here_on(today)),
            evidence=_evidence(evidence[project.id], today, its),
            entries=lists[project.id],
            documents=_documents(documents[project.id], its),
            rounds=_rounds(rounds[project.id], today),
            on=plugins[project.id].on,
            off=plugins[project.id].off,
            lists_for=plugins[project.id].lists_for,
            lists_shared=plugins[project.id].shared,
            organisation=project.organisation_id,
            version=project.version,
            stamp=project.stamp,
            sign_offs=_sign_offs(sign_offs[project.id], stays[-1].number, today, its),
            waivers=_waivers(waivers[project.id], stays[-1].number, today, its),
            sign_off_rules=sign_off_rules(project, rules[project.organisation_id], here, today=today),
        )
    return found


Rows = Sequence[Any]
_MEMBERS = (
    select(MemberRow, Person.name)
    .join(Person, Person.id == MemberRow.person_id)
    .where(MemberRow.joined.is_not(None))
    .order_by(MemberRow.joined, MemberRow.id)
)
_VISITS = select(VisitRow).order_by(VisitRow.number)
_PAUSES = select(PauseRow).order_by(PauseRow.began)
_EVIDENCE = select(EvidenceRow).order_by(EvidenceRow.on, EvidenceRow.id)
_ROUNDS = select(PollRound).where(PollRound.put_aside == "").order_by(PollRound.opened, PollRound.id)
_SIGN_OFFS = select(SignOffRow).order_by(SignOffRow.id)
_WAIVERS = select(WaiverRow).order_by(WaiverRow.id)


def _documents_on(today: date) -> Select[DocumentRow, AgreementRow]:
    return (
        select(DocumentRow, AgreementRow)
        .outerjoin(AgreementRow, (AgreementRow.version_id == DocumentRow.id) & (AgreementRow.on <= today))
        .where(DocumentRow.on <= today)
        .order_by(DocumentRow.document, DocumentRow.number, AgreementRow.id)
    )


def _of_each(query: Select[*tuple[Any, ...]], ids: Collection[int]) -> Mapping[int, Rows]:
    """The rows of each of these projects, in the query's order; what it asks for first says whose a row is."""
    table = query.column_descriptions[0]["entity"]
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query.where(table.project_id.in_(ids))):
        found[row[0].project_id].append(row)
    return found


def lifecycle_of(project: Project) -> Lifecycle:
    """The version of its lifecycle this project goes by, whatever the installed plugins say today."""
    if project.lifecycle_kept:
        return thawed(project.lifecycle_kept)
    return context().declared.lifecycles[project.lifecycle]


def _keys_of(project_id: int) -> dict[int, str]:
    rows = db.session.execute(select(MemberRow.id, MemberRow.key).where(MemberRow.project_id == project_id))
    return {row.id: row.key for row in rows}


def _groups_on(project_ids: Collection[int], day: date) -> dict[int, list[str]]:
    """Member id -> the short names of the groups they were in on that day."""
    rows = db.session.execute(
        select(GroupSeat.member_id, GroupRow.slug)
        .join(GroupRow, GroupRow.id == GroupSeat.group_id)
        .where(GroupSeat.project_id.in_(project_ids), GroupSeat.joined <= day)
        .where(or_(GroupSeat.left.is_(None), GroupSeat.left > day))
        .order_by(GroupRow.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for member, slug in rows:
        found[member].append(slug)
    return found


def _members(rows: Rows, project: Project, groups: Mapping[int, Sequence[str]]) -> list[MemberWithId]:
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


def _visits(rows: Rows, project: Project, today: date) -> tuple[Visit, ...]:
    visits = tuple(
        Visit(
            number=row.number,
            stage=row.stage,
            entered=row.entered,
            why=row.why,
            left=row.left if row.left and row.left <= today else None,
        )
        for (row,) in rows
        if row.entered <= today
    )
    if not visits:
        raise Invalid(f"The project had not begun on {today.isoformat()}. It started on {project.started.isoformat()}.")
    return visits


def _evidence(rows: Rows, today: date, keys: Mapping[int, str]) -> tuple[Answered, ...]:
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
        for (row,) in rows
        if row.on <= today
    )


def _documents(rows: Rows, keys: Mapping[int, str]) -> dict[str, tuple[Version, ...]]:
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
    return {document: tuple(its_versions) for document, its_versions in found.items()}


def _rounds(rows: Rows, today: date) -> dict[str, tuple[Round, ...]]:
    """The rounds of plugins' polls. Equality questions are for no check and no page of a plugin."""
    found: dict[str, list[Round]] = defaultdict(list)
    for (row,) in rows:
        if row.opened > today or row.poll == EQUALITY:
            continue
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


def _sign_offs(rows: Rows, visit: int, today: date, keys: Mapping[int, str]) -> tuple[SignOff, ...]:
    latest: dict[str, SignOff] = {}
    for (row,) in rows:
        if row.visit != visit or row.on > today:
            continue
        key = keys[row.member_id]
        latest.pop(key, None)
        latest[key] = SignOff(id=row.id, member=key, verdict=row.verdict, words=row.words, on=row.on, reply=row.reply)
    return tuple(latest.values())


def _waivers(rows: Rows, visit: int, today: date, keys: Mapping[int, str]) -> tuple[Waiver, ...]:
    return tuple(
        Waiver(
            id=row.id,
            check=row.check,
            subject=row.subject or None,
            reason=row.reason,
            until=row.until,
            proposed_by=keys[row.proposed_by],
            seconded_by=keys[row.seconded_by]
            if row.seconded_by and row.seconded_on and row.seconded_on <= today
            else None,
            ended=row.ended_on is not None and row.ended_on <= today,
        )
        for (row,) in rows
        if row.visit == visit and row.proposed_on <= today
    )


def timezone_of(project: Project) -> str:
    """The time zone of the project's organisation."""
    return db.session.get_one(Organisation, project.organisation_id).timezone
