"""Writing a project as a file that imports to the same facts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

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
    parts = [
        _toml(None, {"govflow": 1}),
        _toml(
            "[organisation]", {"slug": organisation.slug, "name": organisation.name, "timezone": organisation.timezone}
        ),
        _toml(
            "[project]",
            {
                "slug": project.slug,
                "title": project.title,
                "lifecycle": project.lifecycle,
                "stage": project.stage,
                "state": project.state,
                "started": project.started,
                "entered": visits[-1].entered,
                "funding_ends": project.funding_ends,
                "shared_with": list(shared),
            },
        ),
        _toml("[project.plan]", {stage: date.fromisoformat(day) for stage, day in project.plan.items()}),
    ]
    for visit in visits[:-1]:
        parts.append(
            _toml("[[visit]]", {"stage": visit.stage, "entered": visit.entered, "left": visit.left, "why": visit.why})
        )
    groups, in_groups = _exported_groups(project, {member.id: member for member, _ in members})
    parts += groups
    for member, person in members:
        parts.append(
            _toml(
                "[[member]]",
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
                },
            )
        )
    parts += _exported_facts(project, keys, {visit.entered for visit in visits[1:]})
    return "\n".join(part for part in parts if part)


def _exported_groups(
    project: Project, members: Mapping[int, MemberRow]
) -> tuple[list[str], defaultdict[int, list[str]]]:
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
    parts, in_groups = [], defaultdict[int, list[str]](list)
    for group, seats in groups.values():
        of = {seat.member_id: seat for seat in seats}
        joined = {
            members[member_id].key: seat.joined
            for member_id, seat in of.items()
            if seat.joined != members[member_id].joined
        }
        chairs = [members[member_id].key for member_id, seat in of.items() if seat.chair]
        parts.append(
            _toml("[[group]]", {"slug": group.slug, "title": group.title, "chairs": chairs, "joined": joined or None})
        )
        for member_id in of:
            in_groups[member_id].append(group.slug)
    return parts, in_groups


def _exported_facts(project: Project, keys: Mapping[int, str], moves: set[date]) -> list[str]:
    parts = []
    on = plugins_of(project).on
    evidence = db.session.scalars(
        select(EvidenceRow).where(EvidenceRow.project_id == project.id).order_by(EvidenceRow.id)
    )
    for answer in evidence:
        questions = _questions_of(on, answer.check)
        parts.append(
            _toml(
                "[[evidence]]",
                {
                    "check": answer.check,
                    "about": answer.subject,
                    "by": keys[answer.member_id],
                    "on": answer.on,
                    "visit": answer.visit if answer.on in moves else None,
                },
            )
            + _toml("[evidence.answers]", _taken_along(questions, answer.answers))
        )
    rows = db.session.execute(
        select(EntryRow, EntryVersion)
        .join(EntryVersion, EntryVersion.entry_id == EntryRow.id)
        .where(EntryRow.project_id == project.id)
        .order_by(EntryRow.id, EntryVersion.number)
    )
    latest = {entry.id: (entry, version) for entry, version in rows}
    for entry, version in latest.values():
        if not version.removed and version.member_id and not _quiet(entry.register):
            parts.append(
                _toml(
                    "[[entry]]",
                    {"register": entry.register, "key": entry.key, "by": keys[version.member_id], "on": version.on},
                )
                + _toml("[entry.values]", _taken_along(_fields_of(entry.register), version.values))
            )
    return parts + _exported_documents(project, keys)


def _exported_documents(project: Project, keys: Mapping[int, str]) -> list[str]:
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
    parts = []
    before = ""
    for version, all_said in versions.values():
        if version.document != before:
            parts.append(_toml("[[document]]", {"document": version.document}))
        before = version.document
        facts = {"on": version.on, "by": keys[version.member_id], "text": version.text, "agreed": all_said}
        parts.append(_toml("[[document.version]]", facts))
    return parts


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


def _toml(header: str | None, values: Mapping[str, Any]) -> str:
    lines = [f"{_key(key)} = {_value(value)}" for key, value in values.items() if value not in (None, "", [])]
    if not lines:
        return ""
    return "\n".join(([header] if header else []) + lines) + "\n"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        inside = ", ".join(
            f"{_key(key)} = {_value(address)}" for key, address in value.items() if address not in (None, "")
        )
        return f"{{ {inside} }}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_value(one) for one in value)}]"
    return _text(str(value))


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
