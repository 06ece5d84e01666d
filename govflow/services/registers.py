"""Lists that plugins declare: read, add to, change with history, approve."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace as dataclass_replace
from datetime import date
from typing import Any

from sqlalchemy import func, select, update

from govflow.domain.checks import EVERY_MEMBER, ORGANISATION, Entry
from govflow.domain.picture import Picture, meant_by, plugin_case
from govflow.domain.questions import Known, Secret, read_answers, thaw
from govflow.domain.refusals import Invalid, NotAllowed, NotFound, Refused
from govflow.domain.registers import Register, label_of
from govflow.domain.wording import short_name
from govflow.services.acting import Act, By, begin, require_strong
from govflow.services.closed_lists import lines_seen, reads_list, sees_entry
from govflow.services.evidence import known_here
from govflow.services.house import house
from govflow.services.letters.from_plugins import owe_plugin_letters
from govflow.services.outbox import wake_for_owed
from govflow.services.picture import MemberWithId
from govflow.services.sealing import seal, unseal
from govflow.services.uploads import keep_files, known_files
from govflow.store import EntryRow, EntryVersion, MemberRow, Project, Share, db, everything, now

NOT_THEIRS = "Only whoever could have written this line can change it or take it off the list."

# --- what a person does ---------------------------------------------------------------------------------


def add(project_id: int, *, register_id: str, given: Mapping[str, Any], by: By, today: date) -> str:
    """Add an entry; answers with a warning to show, or nothing."""
    act = begin(project_id, "see registers", by=by, today=today)
    _, warning = add_here(act, register_id, given)
    act.changed()
    db.session.commit()
    wake_for_owed()
    return warning


def change(
    project_id: int, *, register_id: str, key: str, given: Mapping[str, Any], by: By, today: date, remove: bool = False
) -> str:
    """Change an entry, or take it off the list. What it was before stays in its history."""
    act = begin(project_id, "see registers", by=by, today=today)
    warning = change_here(act, register_id, key, given, remove=remove)
    act.changed()
    db.session.commit()
    return warning


def approve(project_id: int, *, register_id: str, key: str, number: int, by: By, today: date) -> None:
    """Approve an entry as it stands in this version. Nobody approves what they wrote, or what is about them.

    Where the list has sums of money in it, whoever approves shows a second step.
    """
    act = begin(project_id, "see registers", by=by, today=today)
    register = register_asked(act.picture, register_id, reader=act.me.key)
    entry = entry_asked(act.picture, register_id, register, key, reader=act.me.key)
    refused = why_not_approve(act.project, act.picture, register_id, register, entry, act.me)
    if refused:
        raise NotAllowed(refused)
    if any(one.kind == "money" for one in register.fields):
        require_strong(by)
    version = _latest(_row(act.project, register_id, register, key).id)
    if version.number != number:
        raise Refused("This was changed while you read it. Read it again, then approve it.")
    if version.approved_on is None:
        version.approved_by, version.approved_on = act.me.id, today
        _log(act, "entry.approved", register_id, register, entry.values)
        _touch(act, register)
        act.changed()
    db.session.commit()


def open_secret(project_id: int, *, register_id: str, key: str, field: str, by: By, today: date) -> str:
    """Open a secret field, once: it is shown to whoever opens it, and then it is gone."""
    act = begin(project_id, "see registers", by=by, today=today)
    register = register_asked(act.picture, register_id, reader=act.me.key)
    entry = entry_asked(act.picture, register_id, register, key, reader=act.me.key)
    if act.me.key not in meant_by(act.picture, register.secrets_to, entry):
        raise NotAllowed("Only whom this list names can open this.")
    require_strong(by)
    version = _latest(_row(act.project, register_id, register, key).id)
    kept = version.values.get(field)
    if not any(one.name == field and one.secret for one in register.fields) or not isinstance(kept, dict):
        raise NotFound("There is nothing to open here.")
    if "sealed" not in kept:
        raise Refused("This was opened already, and is not kept any more. Ask the person to give it again.")
    text = unseal(kept)
    for one in db.session.scalars(select(EntryVersion).where(EntryVersion.entry_id == version.entry_id)):
        if isinstance(one.values.get(field), dict) and "sealed" in one.values[field]:
            one.values = {**one.values, field: {"shown": today.isoformat()}}
    act.log("entry.opened", register=register.title)
    act.project.version += 1
    db.session.commit()
    return text


# --- the same within an act that goes on -------------------------------------------------------------------


def add_here(act: Act, register_id: str, given: Mapping[str, Any]) -> tuple[str, str]:
    """Add an entry within an act; answers with its key, and a warning or nothing."""
    register = register_asked(act.picture, register_id, reader=act.me.key)
    if not may_add(act.picture, register_id, register, act.me.key):
        raise NotAllowed(f"You cannot add to “{register.title}”. A lead or the coordinator can.")
    values, warning = _read(act, register_id, register, given)
    ours = register.scope == ORGANISATION
    row = EntryRow(
        project_id=None if ours else act.project.id,
        organisation_id=act.project.organisation_id if ours else None,
        register=register_id,
        key=_new_key(act.project, register_id, register, values),
    )
    db.session.add(row)
    db.session.flush()
    _keep(act, row, 1, values)
    _log(act, "entry.added", register_id, register, values)
    _touch(act, register)
    facts = thaw(register.fields, values)
    owe_plugin_letters(
        act, register_id, Entry(key=row.key, values=facts, by=act.me.key, added_by=act.me.key, on=act.today)
    )
    return row.key, warning


def change_here(act: Act, register_id: str, key: str, given: Mapping[str, Any], *, remove: bool = False) -> str:
    """Change or remove an entry within an act; answers with a warning or nothing."""
    register = register_asked(act.picture, register_id, reader=act.me.key)
    entry = entry_asked(act.picture, register_id, register, key, reader=act.me.key)
    if not may_add(act.picture, register_id, register, act.me.key):
        raise NotAllowed(f"You cannot change “{register.title}”. A lead or the coordinator can.")
    row = _row(act.project, register_id, register, key)
    latest = _latest(row.id)
    # Whoever may not have written what stands there may not write over it either, nor take it away.
    stands = _check(act, register_id, register, thaw(register.fields, latest.values), before=entry)
    if stands.kind == "refuse":
        mine = entry.by == act.me.key
        raise NotAllowed(stands.sentence if mine else NOT_THEIRS)
    if remove:
        values, warning = dict(latest.values), ""
    else:
        values, warning = _read(act, register_id, register, given, before=entry)
        if entry.values.get("person") is not None and entry.values["person"] != values.get("person"):
            raise Invalid(
                "A line stays with its person. Add a new line for somebody else.",
                {"person": "Leave the person as it is."},
            )
        for one in register.fields:  # a secret that was given stays, unless another is given
            if one.secret and one.name not in values and one.name in latest.values:
                values[one.name] = latest.values[one.name]
    _keep(act, row, latest.number + 1, values, removed=remove)
    _log(act, "entry.changed", register_id, register, values)
    _touch(act, register)
    return warning


# --- who may ------------------------------------------------------------------------------------------------


def register_asked(picture: Picture, register_id: str, *, reader: str) -> Register:
    """A list of a plugin that is on here, for somebody whose organisation reads it."""
    register = house().declared.register(register_id)
    plugin = register_id.partition(".")[0]
    if plugin not in picture.on:
        raise NotFound(f"The plugin of “{register_id}” is off in this project.")
    if not reads_list(picture, register_id, reader):
        raise NotFound(f"The list “{register.title}” belongs to another organisation of this project.")
    return register


def entry_asked(picture: Picture, register_id: str, register: Register, key: str, *, reader: str) -> Entry:
    """An entry this reader may see, or the same refusal as for one that is not there."""
    for entry in picture.entries.get(register_id, ()):
        if entry.key == key and sees_entry(picture, register_id, entry, reader):
            return entry
    raise NotFound(f"There is no “{key:.60}” in “{register.title}”.")


def entries_seen(picture: Picture, register_id: str, *, reader: str) -> list[Entry]:
    return list(lines_seen(picture, register_id, picture.entries.get(register_id, ()), reader=reader))


def may_add(picture: Picture, register_id: str, register: Register, reader: str) -> bool:
    return reader in meant_by(picture, register.added_by, None)


def why_not_approve(
    project: Project, picture: Picture, register_id: str, register: Register, entry: Entry, me: MemberWithId
) -> str:
    """Why this member may not approve this entry now; empty: they may.

    Whoever wrote any version of it, in whichever project and under whichever key, and whoever any version was for, may
    not: otherwise two could take turns, or somebody could take themselves out first.
    """
    if not register.approved_by:
        return f"Nothing in “{register.title}” needs approval."
    if me.key not in meant_by(picture, register.approved_by, entry):
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
        if person == me.person_id or me.key in meant_by(picture, register.never_by, was):
            return "Somebody else has to approve this: nobody approves what they wrote themselves, or what is for them."
    return ""


def may_open(picture: Picture, register: Register, entry: Entry, reader: str) -> bool:
    return reader in meant_by(picture, register.secrets_to, entry)


def known_for(
    project_id: int, picture: Picture, register: Register, *, reader: str, entries: Iterable[Entry] = ()
) -> Known:
    """What an answer in this list may name; of files only those that stand in these entries already."""
    files = known_files(project_id, register.fields, [one.values for one in entries])
    return dataclass_replace(known_here(picture, reader=reader), files=files)


def history_of(project: Project, register_id: str, register: Register, key: str) -> list[EntryVersion]:
    """Every version of one entry, the newest first."""
    row = _row(project, register_id, register, key)
    found = db.session.scalars(
        select(EntryVersion).where(EntryVersion.entry_id == row.id).order_by(EntryVersion.number.desc())
    )
    return list(found)


# --- keeping --------------------------------------------------------------------------------------------------


def _check(
    act: Act, register_id: str, register: Register, values: Mapping[str, Any], *, before: Entry | None = None
) -> Any:
    plugin = house().declared.plugins[register_id.partition(".")[0]]
    reads = [one for one in register.needs if reads_list(act.picture, one, act.me.key)]
    case = plugin_case(act.picture, house().declared, plugin, reads, subject=before, by=act.me.key)
    return register.check_entry(values, case)


def _read(
    act: Act, register_id: str, register: Register, given: Mapping[str, Any], *, before: Entry | None = None
) -> tuple[dict[str, Any], str]:
    entries = (before,) if before else ()
    known = known_for(act.project.id, act.picture, register, reader=act.me.key, entries=entries)
    values = read_answers(register.fields, given, known)
    verdict = _check(act, register_id, register, thaw(register.fields, values), before=before)
    if verdict.kind == "refuse":
        raise Invalid(verdict.sentence)
    values = keep_files(act, values)
    return {name: seal(one.text) if isinstance(one, Secret) else one for name, one in values.items()}, verdict.sentence


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


def _keep(act: Act, row: EntryRow, number: int, values: dict[str, Any], *, removed: bool = False) -> None:
    db.session.add(
        EntryVersion(
            entry_id=row.id,
            number=number,
            values=values,
            member_id=act.me.id,
            on=act.today,
            at=now(),
            by_operator=act.by.operator,
            removed=removed,
        )
    )


def _touch(act: Act, register: Register) -> None:
    """A list of the organisation changed: its other projects are looked at again by the next sweep."""
    if register.scope == ORGANISATION:
        others = (
            select(Project.id)
            .where(Project.organisation_id == act.project.organisation_id, Project.id != act.project.id)
            .with_for_update(skip_locked=True)  # whoever holds one is changing it, and judges it, this moment
        )
        with everything():  # the others are not this member's to reach, and are looked at again all the same
            db.session.execute(
                update(Project)
                .where(Project.id.in_(others))
                .values(judged_on=None, version=Project.version + 1)
                .execution_options(synchronize_session=False)
            )


def _log(act: Act, verb: str, register_id: str, register: Register, values: Mapping[str, Any]) -> None:
    """Told by name only where everybody in the project may read the list, now and whoever joins later.

    Of a quiet list nothing is told: in a small project, that there is a new line at all would say enough.
    """
    if register.quiet:
        return
    plugin = register_id.partition(".")[0]
    everyone = EVERY_MEMBER in register.seen_by and plugin not in act.picture.lists_for
    if register.scope == ORGANISATION and plugin not in act.picture.lists_shared:
        with_others = select(Share.project_id).where(Share.project_id == act.project.id).limit(1)
        everyone = everyone and db.session.scalar(with_others) is None
    closed = any(one.name == register.label and (one.private or one.secret) for one in register.fields)
    if everyone and not closed:
        label = label_of(register, values, act.picture.names(), "")
        people = {one.key: one.person_id for one in act.picture.everyone if isinstance(one, MemberWithId)}
        act.log(verb, people.get(str(values.get(register.label))), register=register.title, label=label)
    else:
        act.log(f"{verb}_privately", register=register.title)


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
