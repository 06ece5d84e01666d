"""Bringing a project in, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from govflow.domain.gates.overdue import GRACE_AFTER_IMPORT
from govflow.domain.people import Member, Role
from govflow.domain.project_state import ProjectState
from govflow.domain.refusals import Invalid
from govflow.services.base.actions import Actor, log
from govflow.services.base.findings import refresh_findings
from govflow.services.people.people import find_or_make_person, organisation_named
from govflow.services.people.projects import free_slug
from govflow.services.project_file.reading import Plan, moved, parse, read
from govflow.store import (
    AgreementRow,
    DocumentRow,
    EntryRow,
    EntryVersion,
    EvidenceRow,
    GroupRow,
    GroupSeat,
    MemberRow,
    PauseRow,
    PluginSwitch,
    Project,
    Share,
    VisitRow,
    db,
    now,
    write,
)


def import_project(data: bytes, *, today: date, keep_dates: bool = False, to_present: bool = False) -> dict[str, Any]:
    """Bring a project in, all or nothing. `to_present` moves its days so that its own present is today."""
    given = parse(data)
    if to_present:
        given = _to_present(given, today)
    write()
    plan = read(given, today=today)
    project = _write(plan, today=today, keep_dates=keep_dates or to_present)
    counts = {
        "slug": project.slug,
        "members": len(plan.members),
        "entries": len(plan.entries),
        "evidence": len(plan.evidence),
    }
    db.session.commit()
    return counts


def _to_present(given: dict[str, Any], today: date) -> dict[str, Any]:
    project = given.get("project")
    present = project.get("present") if isinstance(project, dict) else None
    if not isinstance(present, date):
        raise Invalid("[project], key “present”: it is missing. It is the day these facts describe.")
    try:
        found: dict[str, Any] = moved(given, today - present)
    except OverflowError:
        raise Invalid("A day in this file cannot be moved that far.") from None
    return found


def _write(plan: Plan, *, today: date, keep_dates: bool) -> Project:
    slug, name, timezone = plan.organisation
    organisation = organisation_named(slug, name, timezone)
    facts = dict(plan.project)
    facts.pop("entered")
    facts["slug"] = free_slug(facts["slug"])
    project = Project(
        organisation_id=organisation.id, not_due_before=None if keep_dates else today + GRACE_AFTER_IMPORT, **facts
    )
    project.lifecycle_kept = plan.lifecycle.kept()
    _switch_on_lifecycle(organisation.id, project.lifecycle)
    db.session.add(project)
    db.session.flush()
    for other in dict.fromkeys(plan.shared_with):
        shared = organisation_named(other)
        if shared.id != organisation.id:
            db.session.add(Share(project_id=project.id, organisation_id=shared.id))
    for visit in plan.visits:
        db.session.add(
            VisitRow(
                project_id=project.id,
                number=visit.number,
                stage=visit.stage,
                entered=visit.entered,
                left=visit.left,
                why=visit.why,
            )
        )
    if project.state == ProjectState.PAUSED:
        db.session.add(PauseRow(project_id=project.id, began=today))
    ids = _write_members(plan, project)
    _write_groups(plan, project, ids)
    _write_facts(plan, project, ids)
    lead = next(member for member, _ in plan.members if member.role == Role.LEAD)
    person = db.session.get_one(MemberRow, ids[lead.key]).person_id
    log(project, "project.imported", by=Actor(person, operator=True), today=today)
    db.session.flush()
    refresh_findings(project, today=today)
    return project


def _switch_on_lifecycle(organisation_id: int, lifecycle: str) -> None:
    """Whoever chooses a plugin's lifecycle has its checks too, unless they were switched off on purpose."""
    plugin, dot, _ = lifecycle.partition(".")
    if dot and db.session.get(PluginSwitch, (organisation_id, plugin)) is None:
        db.session.add(PluginSwitch(organisation_id=organisation_id, plugin=plugin, on=True))


def _write_members(plan: Plan, project: Project) -> dict[str, int]:
    first_lead = next(member.key for member, _ in plan.members if member.role == Role.LEAD)
    rows = []
    for member, email in plan.members:
        person = find_or_make_person(email, member.name)
        rows.append(
            MemberRow(
                project_id=project.id,
                person_id=person.id,
                key=member.key,
                role=member.role,
                title=member.title,
                organisation=member.organisation,
                expertise=list(member.expertise),
                expertise_since=member.joined,
                words=list(member.words),
                seat=member.seat,
                joined=member.joined,
                left=member.left,
                invited_by=member.invited_by or (first_lead if member.key != first_lead else None),
                home_id=_home(plan, project, member),
            )
        )
    db.session.add_all(rows)
    db.session.flush()
    return {row.key: row.id for row in rows}


def _write_groups(plan: Plan, project: Project, ids: Mapping[str, int]) -> None:
    """A seat for whoever is in a group or chairs it, for as long as they are in the project."""
    for group in plan.groups:
        row = GroupRow(project_id=project.id, slug=group["slug"], title=group["title"])
        db.session.add(row)
        db.session.flush()
        for member, _ in plan.members:
            chair = member.key in group["chairs"]
            if chair or row.slug in member.groups:
                db.session.add(
                    GroupSeat(
                        project_id=project.id,
                        group_id=row.id,
                        member_id=ids[member.key],
                        chair=chair,
                        joined=group["joined"].get(member.key, member.joined),
                        left=member.left,
                    )
                )


def _home(plan: Plan, project: Project, member: Member) -> int | None:
    """The organisation a member of a shared project belongs to: as the file says, else by the name it gives."""
    if not plan.shared_with:
        return None
    said = plan.homes.get(member.key, "")
    for slug in (plan.organisation[0], *plan.shared_with):
        organisation = organisation_named(slug)
        if said == slug or (not said and member.organisation.casefold() in (slug, organisation.name.casefold())):
            return organisation.id
    return project.organisation_id


def _write_facts(plan: Plan, project: Project, ids: Mapping[str, int]) -> None:
    for answer in plan.evidence:
        db.session.add(
            EvidenceRow(
                project_id=project.id,
                visit=answer["visit"],
                check=answer["check"],
                subject=answer["about"],
                answers=answer["answers"],
                member_id=ids[answer["by"]],
                on=answer["on"],
                at=now(),
                by_operator=True,
            )
        )
    for entry in plan.entries:
        row = EntryRow(project_id=project.id, register=entry["register"], key=entry["key"])
        db.session.add(row)
        db.session.flush()
        db.session.add(
            EntryVersion(
                entry_id=row.id,
                number=1,
                values=entry["values"],
                member_id=ids[entry["by"]],
                on=entry["on"],
                at=now(),
                by_operator=True,
            )
        )
    for document in plan.documents:
        version = DocumentRow(
            project_id=project.id,
            document=document["document"],
            number=document["number"],
            text=document["text"],
            member_id=ids[document["by"]],
            on=document["on"],
            at=now(),
            by_operator=True,
        )
        db.session.add(version)
        db.session.flush()
        for said in document["said"]:
            db.session.add(
                AgreementRow(
                    version_id=version.id,
                    member_id=ids[said["member"]],
                    answer=said["answer"],
                    words=said["words"],
                    on=said["on"],
                    at=now(),
                    by_operator=True,
                )
            )
