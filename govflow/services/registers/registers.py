"""Lists that plugins declare: read, add to, change with history, approve."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace as dataclass_replace
from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from govflow.domain.gates.checks import EVERY_MEMBER, ORGANISATION, Entry
from govflow.domain.people import MemberWithId
from govflow.domain.questions import Known, Secret, read_answers, thaw
from govflow.domain.refusals import Invalid, NotAllowed, NotFound, Refused
from govflow.domain.registers.registers import Register, label_of
from govflow.domain.snapshot import ProjectSnapshot, meant_by, plugin_case
from govflow.domain.wording import short_name
from govflow.services.base.actions import Action, Actor, require_strong, start_action
from govflow.services.base.context import context
from govflow.services.base.register_access import lines_seen, reads_list, sees_entry
from govflow.services.base.vault import decrypt, encrypt
from govflow.services.gates.evidence import known_here
from govflow.services.gates.uploads import keep_files, known_files
from govflow.services.mail.outbox import wake_for_owed
from govflow.services.registers.emails import owe_plugin_letters
from govflow.store import EntryRow, EntryVersion, MemberRow, Project, Share, db, everything, now

NOT_THEIRS = "Only whoever could have written this line can change it or take it off the list."

# --- what a person does ---------------------------------------------------------------------------------


def add(project_id: int, *, register_id: str, given: Mapping[str, Any], by: Actor, today: date) -> str:
    """Add an entry; answers with a warning to show, or nothing."""
    action = start_action(project_id, "see registers", by=by, today=today)
    _, warning = add_here(action, register_id, given)
    action.mark_changed()
    db.session.commit()
    wake_for_owed()
    return warning


def change(
    project_id: int,
    *,
    register_id: str,
    key: str,
    given: Mapping[str, Any],
    by: Actor,
    today: date,
    remove: bool = False,
) -> str:
    """Change an entry, or take it off the list. What it was before stays in its history."""
    action = start_action(project_id, "see registers", by=by, today=today)
    warning = change_here(action, register_id, key, given, remove=remove)
    action.mark_changed()
    db.session.commit()
    return warning


def approve(project_id: int, *, register_id: str, key: str, number: int, by: Actor, today: date) -> None:
    """Approve an entry as it stands in this version. Nobody approves what they wrote, or what is about them.

    Where the list has sums of money in it, whoever approves shows a second step.
    """
    action = start_action(project_id, "see registers", by=by, today=today)
    register = register_asked(action.snapshot, register_id, reader=action.me.key)
    entry = entry_asked(action.snapshot, register_id, register, key, reader=action.me.key)
    refused = why_not_approve(action.project, action.snapshot, register_id, register, entry, action.me)
    if refused:
        raise NotAllowed(refused)
    if any(field.kind == "money" for field in register.fields):
        require_strong(by)
    version = _latest(_row(action.project, register_id, register, key).id)
    if version.number != number:
        raise Refused("This was changed while you read it. Read it again, then approve it.")
    if version.approved_on is None:
        version.approved_by, version.approved_on = action.me.id, today
        _log(action, "entry.approved", register_id, register, entry.values)
        _touch(action, register)
        action.mark_changed()
    db.session.commit()


def open_secret(project_id: int, *, register_id: str, key: str, field: str, by: Actor, today: date) -> str:
    """Open a secret field, once: it is shown to whoever opens it, and then it is gone."""
    action = start_action(project_id, "see registers", by=by, today=today)
    register = register_asked(action.snapshot, register_id, reader=action.me.key)
    entry = entry_asked(action.snapshot, register_id, register, key, reader=action.me.key)
    if action.me.key not in meant_by(action.snapshot, register.secrets_to, entry):
        raise NotAllowed("Only whom this list names can open this.")
    require_strong(by)
    version = _latest(_row(action.project, register_id, register, key).id)
    kept = version.values.get(field)
    if not any(question.name == field and question.secret for question in register.fields) or not isinstance(
        kept, dict
    ):
        raise NotFound("There is nothing to open here.")
    if "sealed" not in kept:
        raise Refused("This was opened already, and is not kept any more. Ask the person to give it again.")
    text = decrypt(kept)
    for row in db.session.scalars(select(EntryVersion).where(EntryVersion.entry_id == version.entry_id)):
        if isinstance(row.values.get(field), dict) and "sealed" in row.values[field]:
            row.values = {**row.values, field: {"shown": today.isoformat()}}
    action.log("entry.opened", register=register.title)
    action.project.version += 1
    db.session.commit()
    return text


# --- the same within an act that goes on -------------------------------------------------------------------


def add_here(action: Action, register_id: str, given: Mapping[str, Any]) -> tuple[str, str]:
    """Add an entry within an act; answers with its key, and a warning or nothing."""
    register = register_asked(action.snapshot, register_id, reader=action.me.key)
    if not may_add(action.snapshot, register_id, register, action.me.key):
        raise NotAllowed(f"You cannot add to “{register.title}”. A lead or the coordinator can.")
    values, warning = _read(action, register_id, register, given)
    ours = register.scope == ORGANISATION
    row = EntryRow(
        project_id=None if ours else action.project.id,
        organisation_id=action.project.organisation_id if ours else None,
        register=register_id,
        key=_new_key(action.project, register_id, register, values),
    )
    db.session.add(row)
    db.session.flush()
    _keep(action, row, 1, values)
    _log(action, "entry.added", register_id, register, values)
    _touch(action, register)
    facts = thaw(register.fields, values)
    owe_plugin_letters(
        action, register_id, Entry(key=row.key, values=facts, by=action.me.key, added_by=action.me.key, on=action.today)
    )
    return row.key, warning


def change_here(action: Action, register_id: str, key: str, given: Mapping[str, Any], *, remove: bool = False) -> str:
    """Change or remove an entry within an act; answers with a warning or nothing."""
    register = register_asked(action.snapshot, register_id, reader=action.me.key)
    entry = entry_asked(action.snapshot, register_id, register, key, reader=action.me.key)
    if not may_add(action.snapshot, register_id, register, action.me.key):
        raise NotAllowed(f"You cannot change “{register.title}”. A lead or the coordinator can.")
    row = _row(action.project, register_id, register, key)
    latest = _latest(row.id)
    # Whoever may not have written what stands there may not write over it either, nor take it away.
    stands = _check(action, register_id, register, thaw(register.fields, latest.values), before=entry)
    if stands.kind == "refuse":
        mine = entry.by == action.me.key
        raise NotAllowed(stands.sentence if mine else NOT_THEIRS)
    if remove:
        values, warning = dict(latest.values), ""
    else:
        values, warning = _read(action, register_id, register, given, before=entry)
        if entry.values.get("person") is not None and entry.values["person"] != values.get("person"):
            raise Invalid(
                "A line stays with its person. Add a new line for somebody else.",
                {"person": "Leave the person as it is."},
            )
        for question in register.fields:  # a secret that was given stays, unless another is given
            if question.secret and question.name not in values and question.name in latest.values:
                values[question.name] = latest.values[question.name]
    _keep(action, row, latest.number + 1, values, removed=remove)
    _log(action, "entry.changed", register_id, register, values)
    _touch(action, register)
    return warning


# --- who may ------------------------------------------------------------------------------------------------


def register_asked(snapshot: ProjectSnapshot, register_id: str, *, reader: str) -> Register:
    """A list of a plugin that is on here, for somebody whose organisation reads it."""
    register = context().declared.register(register_id)
    plugin = register_id.partition(".")[0]
    if plugin not in snapshot.on:
        raise NotFound(f"The plugin of “{register_id}” is off in this project.")
    if not reads_list(snapshot, register_id, reader):
        raise NotFound(f"The list “{register.title}” belongs to another organisation of this project.")
    return register


def entry_asked(snapshot: ProjectSnapshot, register_id: str, register: Register, key: str, *, reader: str) -> Entry:
    """An entry this reader may see, or the same refusal as for one that is not there."""
    for entry in snapshot.entries.get(register_id, ()):
        if entry.key == key and sees_entry(snapshot, register_id, entry, reader):
            return entry
    raise NotFound(f"There is no “{key:.60}” in “{register.title}”.")


def entries_seen(snapshot: ProjectSnapshot, register_id: str, *, reader: str) -> list[Entry]:
    return list(lines_seen(snapshot, register_id, snapshot.entries.get(register_id, ()), reader=reader))


def may_add(snapshot: ProjectSnapshot, register_id: str, register: Register, reader: str) -> bool:
    return reader in meant_by(snapshot, register.added_by, None)


def why_not_approve(
    project: Project, snapshot: ProjectSnapshot, register_id: str, register: Register, entry: Entry, me: MemberWithId
) -> str:
    """Why this member may not approve this entry now; empty: they may.

    Whoever wrote any version of it, in whichever project and under whichever key, and whoever any version was for, may
    not: otherwise two could take turns, or somebody could take themselves out first.
    """
    if not register.approved_by:
        return f"Nothing in “{register.title}” needs approval."
    if me.key not in meant_by(snapshot, register.approved_by, entry):
        return f"You cannot approve what is in “{register.title}”."
    row = _row(project, register_id, register, entry.key)
    with everything():  # a list of the organisation has lines written in projects this member does not reach
        versions = db.session.execute(
            select(EntryVersion, MemberRow.person_id)
            .outerjoin(MemberRow, MemberRow.id == EntryVersion.member_id)
            .where(EntryVersion.entry_id == row.id)
        ).all()
    for version, person in versions:
        was = dataclass_replace(entry, values=thaw(register.fields, version.values))
        if person == me.person_id or me.key in meant_by(snapshot, register.never_by, was):
            return "Somebody else has to approve this: nobody approves what they wrote themselves, or what is for them."
    return ""


def may_open(snapshot: ProjectSnapshot, register: Register, entry: Entry, reader: str) -> bool:
    return reader in meant_by(snapshot, register.secrets_to, entry)


def known_for(
    project_id: int, snapshot: ProjectSnapshot, register: Register, *, reader: str, entries: Iterable[Entry] = ()
) -> Known:
    """What an answer in this list may name; of files only those that stand in these entries already."""
    files = known_files(project_id, register.fields, [entry.values for entry in entries])
    return dataclass_replace(known_here(snapshot, reader=reader), files=files)


def history_of(project: Project, register_id: str, register: Register, key: str) -> list[EntryVersion]:
    """Every version of one entry, the newest first."""
    row = _row(project, register_id, register, key)
    found = db.session.scalars(
        select(EntryVersion).where(EntryVersion.entry_id == row.id).order_by(EntryVersion.number.desc())
    )
    return list(found)


# --- keeping --------------------------------------------------------------------------------------------------


def _check(
    action: Action, register_id: str, register: Register, values: Mapping[str, Any], *, before: Entry | None = None
) -> Any:
    plugin = context().declared.plugins[register_id.partition(".")[0]]
    reads = [need for need in register.needs if reads_list(action.snapshot, need, action.me.key)]
    case = plugin_case(action.snapshot, context().declared, plugin, reads, subject=before, by=action.me.key)
    return register.check_entry(values, case)


def _read(
    action: Action, register_id: str, register: Register, given: Mapping[str, Any], *, before: Entry | None = None
) -> tuple[dict[str, Any], str]:
    entries = (before,) if before else ()
    known = known_for(action.project.id, action.snapshot, register, reader=action.me.key, entries=entries)
    values = read_answers(register.fields, given, known)
    verdict = _check(action, register_id, register, thaw(register.fields, values), before=before)
    if verdict.kind == "refuse":
        raise Invalid(verdict.sentence)
    values = keep_files(action, values)
    return {
        name: encrypt(one.text) if isinstance(one, Secret) else one for name, one in values.items()
    }, verdict.sentence


def _of(project: Project, register_id: str, register: Register) -> Any:
    """Where the rows of a list are: with the project, or with its organisation."""
    owner = (
        EntryRow.organisation_id == project.organisation_id
        if register.scope == ORGANISATION
        else EntryRow.project_id == project.id
    )
    return owner & (EntryRow.register == register_id)


def _new_key(project: Project, register_id: str, register: Register, values: Mapping[str, Any]) -> str:
    """A short name from the label, numbered where it is taken, never used twice.

    In a quiet list it is made by chance: a number would tell how many lines others have written.
    """
    if register.quiet:
        return f"line-{secrets.token_hex(8)}"
    taken = set(db.session.scalars(select(EntryRow.key).where(_of(project, register_id, register))))
    label = str(values.get(register.label, register.slug))
    return short_name(label, taken | {"add"}, otherwise=register.slug)  # “add” is an address of the list itself


def _keep(action: Action, row: EntryRow, number: int, values: dict[str, Any], *, removed: bool = False) -> None:
    db.session.add(
        EntryVersion(
            entry_id=row.id,
            number=number,
            values=values,
            member_id=action.me.id,
            on=action.today,
            at=now(),
            by_operator=action.by.operator,
            removed=removed,
        )
    )


def _touch(action: Action, register: Register) -> None:
    """A list of the organisation changed: its other projects are looked at again by the next sweep."""
    if register.scope == ORGANISATION:
        others = (
            select(Project.id)
            .where(Project.organisation_id == action.project.organisation_id, Project.id != action.project.id)
            .with_for_update(skip_locked=True)  # whoever holds one is changing it, and judges it, this moment
        )
        with everything():  # the others are not this member's to reach, and are looked at again all the same
            db.session.execute(
                update(Project)
                .where(Project.id.in_(others))
                .values(judged_on=None, version=Project.version + 1)
                .execution_options(synchronize_session=False)
            )


def _log(action: Action, verb: str, register_id: str, register: Register, values: Mapping[str, Any]) -> None:
    """Told by name only where everybody in the project may read the list, now and whoever joins later.

    Of a quiet list nothing is told: in a small project, that there is a new line at all would say enough.
    """
    if register.quiet:
        return
    plugin = register_id.partition(".")[0]
    everyone = EVERY_MEMBER in register.seen_by and plugin not in action.snapshot.lists_for
    if register.scope == ORGANISATION and plugin not in action.snapshot.lists_shared:
        with_others = select(Share.project_id).where(Share.project_id == action.project.id).limit(1)
        everyone = everyone and db.session.scalar(with_others) is None
    closed = any(
        question.name == register.label and (question.private or question.secret) for question in register.fields
    )
    if everyone and not closed:
        label = label_of(register, values, action.snapshot.names(), "")
        people = {member.key: member.person_id for member in action.snapshot.everyone}
        action.log(verb, people.get(str(values.get(register.label))), register=register.title, label=label)
    else:
        action.log(f"{verb}_privately", register=register.title)


def _row(project: Project, register_id: str, register: Register, key: str) -> EntryRow:
    row = db.session.scalar(select(EntryRow).where(_of(project, register_id, register), EntryRow.key == key))
    if row is None:
        raise NotFound("There is no such entry.")
    return row


def _latest(entry_id: int) -> EntryVersion:
    number = select(func.max(EntryVersion.number)).where(EntryVersion.entry_id == entry_id).scalar_subquery()
    return db.session.execute(
        select(EntryVersion).where(EntryVersion.entry_id == entry_id, EntryVersion.number == number)
    ).scalar_one()
