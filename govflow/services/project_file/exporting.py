"""Writing a project as a file that imports to the same facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import tomli_w
from sqlalchemy import select

from govflow.domain.questions import thaw
from govflow.domain.refusals import Invalid
from govflow.services.base.context import context
from govflow.services.base.project_plugins import plugins_of
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
    Person,
    Project,
    Share,
    VisitRow,
    db,
)


def export_project(project: Project) -> str:
    """The project file: facts and visits. Never the log, waivers, sign-offs or anybody's answers to a poll."""
    organisation = db.session.get_one(Organisation, project.organisation_id)
    visits = list(
        db.session.scalars(select(VisitRow).where(VisitRow.project_id == project.id).order_by(VisitRow.number))
    )
    shared = db.session.scalars(
        select(Organisation.slug)
        .join(Share, Share.organisation_id == Organisation.id)
        .where(Share.project_id == project.id)
        .order_by(Organisation.slug)
    )
    members = db.session.execute(
        select(MemberRow, Person)
        .join(Person, Person.id == MemberRow.person_id)
        .where(MemberRow.project_id == project.id, MemberRow.joined.is_not(None))
        .order_by(MemberRow.id)
    ).all()
    keys = {member.id: member.key for member, _ in members}
    homes: dict[int, str] = {row.id: row.slug for row in db.session.execute(select(Organisation.id, Organisation.slug))}
    groups, in_groups = _exported_groups(project, {member.id: member for member, _ in members})
    tables = {
        "govflow": 1,
        "organisation": {"slug": organisation.slug, "name": organisation.name, "timezone": organisation.timezone},
        "project": {
            "slug": project.slug,
            "title": project.title,
            "lifecycle": project.lifecycle,
            "stage": project.stage,
            "state": project.state,
            "started": project.started,
            "entered": visits[-1].entered,
            "funding_ends": project.funding_ends,
            "shared_with": list(shared),
            "plan": {stage: date.fromisoformat(day) for stage, day in project.plan.items()},
        },
        "visit": [
            {"stage": visit.stage, "entered": visit.entered, "left": visit.left, "why": visit.why}
            for visit in visits[:-1]
        ],
        "group": groups,
        "member": [
            {
                "key": member.key,
                "name": person.name,
                "email": person.email,
                "organisation": member.organisation,
                "home": homes.get(member.home_id or 0, ""),
                "title": member.title,
                "expertise": list(member.expertise),
                "words": list(member.words),
                "role": member.role,
                "groups": in_groups[member.id],
                "seat": member.seat,
                "invited_by": member.invited_by,
                "joined": member.joined,
                "left": member.left,
            }
            for member, person in members
        ],
        "evidence": _exported_evidence(project, keys, {visit.entered for visit in visits[1:]}),
        "entry": _exported_entries(project, keys),
        "document": _exported_documents(project, keys),
    }
    return tomli_w.dumps(_filled_in(tables))


def _exported_groups(
    project: Project, members: Mapping[int, MemberRow]
) -> tuple[list[dict[str, Any]], defaultdict[int, list[str]]]:
    """The groups, and who is in which: those of whoever left the project as they were on their last day."""
    rows = db.session.execute(
        select(GroupRow, GroupSeat)
        .outerjoin(GroupSeat, (GroupSeat.group_id == GroupRow.id) & GroupSeat.joined.is_not(None))
        .where(GroupRow.project_id == project.id)
        .order_by(GroupRow.id, GroupSeat.id)
    )
    groups: dict[int, tuple[GroupRow, list[GroupSeat]]] = {}
    for group, seat in rows:
        _, seats = groups.setdefault(group.id, (group, []))
        if seat is not None and seat.left == members[seat.member_id].left:
            seats.append(seat)
    tables: list[dict[str, Any]] = []
    in_groups = defaultdict[int, list[str]](list)
    for group, seats in groups.values():
        of = {seat.member_id: seat for seat in seats}
        joined = {
            members[member_id].key: seat.joined
            for member_id, seat in of.items()
            if seat.joined != members[member_id].joined
        }
        chairs = [members[member_id].key for member_id, seat in of.items() if seat.chair]
        tables.append({"slug": group.slug, "title": group.title, "chairs": chairs, "joined": joined})
        for member_id in of:
            in_groups[member_id].append(group.slug)
    return tables, in_groups


def _exported_evidence(project: Project, keys: Mapping[int, str], moves: set[date]) -> list[dict[str, Any]]:
    on = plugins_of(project).on
    rows = db.session.scalars(select(EvidenceRow).where(EvidenceRow.project_id == project.id).order_by(EvidenceRow.id))
    return [
        {
            "check": answer.check,
            "about": answer.subject,
            "by": keys[answer.member_id],
            "on": answer.on,
            "visit": answer.visit if answer.on in moves else None,
            "answers": _taken_along(_questions_of(on, answer.check), answer.answers),
        }
        for answer in rows
    ]


def _exported_entries(project: Project, keys: Mapping[int, str]) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(EntryRow, EntryVersion)
        .join(EntryVersion, EntryVersion.entry_id == EntryRow.id)
        .where(EntryRow.project_id == project.id)
        .order_by(EntryRow.id, EntryVersion.number)
    )
    latest = {entry.id: (entry, version) for entry, version in rows}
    return [
        {
            "register": entry.register,
            "key": entry.key,
            "by": keys[version.member_id],
            "on": version.on,
            "values": _taken_along(_fields_of(entry.register), version.values),
        }
        for entry, version in latest.values()
        if not version.removed and version.member_id and not _quiet(entry.register)
    ]


def _exported_documents(project: Project, keys: Mapping[int, str]) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(DocumentRow, AgreementRow)
        .outerjoin(AgreementRow, AgreementRow.version_id == DocumentRow.id)
        .where(DocumentRow.project_id == project.id)
        .order_by(DocumentRow.document, DocumentRow.number, AgreementRow.id)
    )
    versions: dict[int, tuple[DocumentRow, list[dict[str, Any]]]] = {}
    for version, said in rows:
        versions.setdefault(version.id, (version, []))
        if said is not None:
            versions[version.id][1].append(
                {"member": keys[said.member_id], "on": said.on, "answer": said.answer, "words": said.words}
            )
    documents: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for version, all_said in versions.values():
        facts = {"on": version.on, "by": keys[version.member_id], "text": version.text, "agreed": all_said}
        documents[version.document].append(facts)
    return [{"document": document, "version": facts} for document, facts in documents.items()]


def _taken_along(questions: Sequence[Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Answers that go into a file: never a secret, and no file within the file."""
    stay = {question.name for question in questions if question.secret or question.kind == "file"}
    return {name: value for name, value in thaw(questions, kept).items() if name not in stay}


def _questions_of(on: Mapping[str, Any], check_id: str) -> Sequence[Any]:
    slug, _, name = check_id.partition(".")
    plugin = context().declared.plugins.get(slug)
    check = (plugin.checks_with(on.get(slug)).get(name) or plugin.checks.get(name)) if plugin else None
    return check.questions if check else ()


def _quiet(register_id: str) -> bool:
    """Nothing of a quiet list is for whoever has the file; nor of one whose plugin is gone, which might be quiet."""
    try:
        return context().declared.register(register_id).quiet
    except Invalid:
        return True


def _fields_of(register_id: str) -> Sequence[Any]:
    try:
        return context().declared.register(register_id).fields
    except Invalid:
        return ()


def _filled_in(value: Any) -> Any:
    """The same without what was left empty: a file says only what there is."""
    if isinstance(value, Mapping):
        kept = {key: _filled_in(inside) for key, inside in value.items()}
        return {key: inside for key, inside in kept.items() if inside not in (None, "", [], {})}
    if isinstance(value, (list, tuple)):
        return [_filled_in(inside) for inside in value]
    return value
