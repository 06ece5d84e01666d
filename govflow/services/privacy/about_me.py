"""What is held about me: everything that is kept under somebody's name, for their eyes, on a page or as a file.

Other people's private things are not in it, and no answer to a poll or an equality question: nobody can tell whose
that was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from govflow.domain.history.history import sentence
from govflow.domain.questions import KEPT
from govflow.services.auth.second_factor import second_factors_of
from govflow.services.base.actions import Actor, require_strong
from govflow.services.base.register_access import sees_entry
from govflow.services.base.snapshots.snapshot import current_snapshot
from govflow.services.base.vault import Locked, access_key, decrypt
from govflow.services.mail.preferences import preferences_kept
from govflow.store import (
    AccessNeed,
    Admin,
    AgreementRow,
    ApiToken,
    CalendarFeed,
    DocumentRow,
    Email,
    EntryRow,
    EntryVersion,
    EventDetailsRow,
    EventRow,
    EvidenceRow,
    GroupRow,
    GroupSeat,
    MemberRow,
    NotificationPreferences,
    Opening,
    OpeningReply,
    Organisation,
    Passkey,
    Person,
    PollElector,
    PollRound,
    Project,
    SignedIn,
    SignOffRow,
    Snooze,
    Subscription,
    Upload,
    WaiverRow,
    db,
    everything,
)

Row = dict[str, Any]
MOST_LINES = 5_000
EQUALITY_ANSWERS = "They cannot be found again: they are locked until it closes, and then only counts are kept."


def held_about(*, by: Actor, today: date) -> dict[str, list[Row]]:
    """Each kind of thing that is held, and its rows in plain words and values, for the person themself.

    What they need is opened in it, so whoever has set up a second step shows it first.
    """
    person_id = by.person_id
    if second_factors_of(person_id).any:
        require_strong(by)
    with everything():  # also of projects they have left
        person = db.session.get_one(Person, person_id)
        mine = {
            member.id: (member, project)
            for member, project in db.session.execute(
                select(MemberRow, Project)
                .join(Project, Project.id == MemberRow.project_id)
                .where(MemberRow.person_id == person_id)
                .order_by(MemberRow.id)
            )
        }
        return {
            "Who you are": _who(person),
            "Projects you are in, or were": [_membership(*check) for check in mine.values()],
            "What you said you need": list(_needs(mine)),
            "Answers you gave": list(_answers(mine)),
            "Lines of lists that you wrote, or that name you": list(_entries(mine, today)),
            "Texts you wrote, and what you said of texts": list(_texts(mine)),
            "Files you gave": list(_files(mine)),
            "Sign-offs": list(_sign_offs(mine)),
            "Asking to let something pass": list(_waivers(mine)),
            "Polls you were asked in": list(_asked(mine)),
            "Equality questions": [{"your answers": EQUALITY_ANSWERS}],
            "History about you": list(_history(person, mine)),
            "Letters to you": list(_letters(person_id)),
            "How you want to be reminded, and what you put off": list(_wishes(person_id, mine)),
            "Chances you asked to hear of, and openings you replied to": list(_chances(person_id)),
            "Where you signed in": list(_sessions(person_id)),
            "Your passkeys": list(_passkeys(person_id)),
            "Tokens with which programs speak for you": list(_tokens(person_id)),
            "An address at which your calendar is read": list(_calendar(person_id)),
        }


Mine = Mapping[int, tuple[MemberRow, Project]]


def _who(person: Person) -> list[Row]:
    looks_after = select(Organisation.name).join(Admin, Admin.organisation_id == Organisation.id)
    return [
        {
            "name": person.name,
            "email": person.email,
            "reminders stopped on": person.reminders_stopped_on,
            "address refused on": person.unreachable_on,
            "looks after": ", ".join(db.session.scalars(looks_after.where(Admin.person_id == person.id))),
        }
    ]


def _wishes(person_id: int, mine: Mine) -> Iterator[Row]:
    if db.session.get(NotificationPreferences, person_id) is not None:
        yield {name.replace("_", " "): value for name, value in preferences_kept(person_id).items()}
    for row in db.session.scalars(select(Snooze).where(Snooze.member_id.in_(mine)).order_by(Snooze.id)):
        project = mine[row.member_id][1].title
        yield {"project": project, "check": row.check, "until": row.until, "reason": row.reason, "on": row.on}


def _membership(member: MemberRow, project: Project) -> Row:
    return {
        "project": project.title,
        "role": member.role,
        "role title": member.title,
        "experience": ", ".join([*member.expertise, *member.words]),
        "from": member.organisation,
        "seat": member.seat,
        "groups": ", ".join(_groups(member)),
        "asked on": member.invited_on,
        "joined on": member.joined,
        "left on": member.left,
    }


def _groups(member: MemberRow) -> list[str]:
    seats = select(GroupRow.title).join(GroupSeat, GroupSeat.group_id == GroupRow.id)
    return list(db.session.scalars(seats.where(GroupSeat.member_id == member.id).order_by(GroupSeat.id)))


def _needs(mine: Mine) -> Iterator[Row]:
    projects = [project.id for _, project in mine.values()]
    people = select(MemberRow.project_id, MemberRow.key, Person.name).join(Person, Person.id == MemberRow.person_id)
    told = {
        (project, key): name
        for project, key, name in db.session.execute(people.where(MemberRow.project_id.in_(projects)))
    }
    for row in db.session.scalars(select(AccessNeed).where(AccessNeed.member_id.in_(mine))):
        project = mine[row.member_id][1]
        if row.ended_on:
            yield {"project": project.title, "taken back on": row.ended_on}
            continue
        try:
            text = decrypt(row.sealed, key=access_key(project.organisation_id))
        except Locked as error:
            text = str(error)
        names = [told[project.id, key] for key in row.told_to if (project.id, key) in told]
        yield {"project": project.title, "on": row.on, "need": text, "told to": ", ".join(names)}


def _answers(mine: Mine) -> Iterator[Row]:
    for row in db.session.scalars(select(EvidenceRow).where(EvidenceRow.member_id.in_(mine)).order_by(EvidenceRow.id)):
        yield {"project": mine[row.member_id][1].title, "check": row.check, "on": row.on, **_plain(row.answers)}


def _entries(mine: Mine, today: date) -> Iterator[Row]:
    """What they wrote, whole; what names them, whole where they may read it, and else that it names them."""
    wrote = select(EntryRow, EntryVersion).join(EntryVersion, EntryVersion.entry_id == EntryRow.id)
    for entry, version in db.session.execute(wrote.where(EntryVersion.member_id.in_(mine)).order_by(EntryVersion.id)):
        project = mine[version.member_id or 0][1]
        about = {"project": project.title, "list": entry.register, "line": entry.key, "on": version.on}
        yield {**about, "removed": version.removed, **_plain(version.values)}
    for member, project in mine.values():
        snapshot = current_snapshot(project, today=today)
        rows = db.session.execute(wrote.where(EntryRow.project_id == project.id).order_by(EntryVersion.id))
        for entry, version in rows:
            if version.member_id in mine or not _names(version.values, member.key):
                continue
            about = {"project": project.title, "list": entry.register, "on": version.on}
            there = next((row for row in snapshot.entries.get(entry.register, ()) if row.key == entry.key), None)
            if there is not None and sees_entry(snapshot, entry.register, there, member.key):
                yield {**about, "line": entry.key, **_plain(version.values)}
            else:
                yield {**about, "line": "It names you. It is in a list that you may not read."}


def _names(values: Mapping[str, Any], key: str) -> bool:
    return any(value == key or (isinstance(value, list) and key in value) for value in values.values())


def _texts(mine: Mine) -> Iterator[Row]:
    for row in db.session.scalars(select(DocumentRow).where(DocumentRow.member_id.in_(mine)).order_by(DocumentRow.id)):
        where = {"project": mine[row.member_id][1].title, "document": row.document, "version": row.number}
        yield {**where, "on": row.on, "text": row.text}
    said = select(AgreementRow, DocumentRow).join(DocumentRow, DocumentRow.id == AgreementRow.version_id)
    for entry, version in db.session.execute(said.where(AgreementRow.member_id.in_(mine)).order_by(AgreementRow.id)):
        where = {"project": mine[entry.member_id][1].title, "document": version.document, "version": version.number}
        yield {**where, "on": entry.on, "said": entry.answer, "words": entry.words}


def _files(mine: Mine) -> Iterator[Row]:
    for row in db.session.scalars(select(Upload).where(Upload.member_id.in_(mine)).order_by(Upload.id)):
        yield {"project": mine[row.member_id][1].title, "file": row.name, "size in bytes": row.size, "on": row.at}


def _sign_offs(mine: Mine) -> Iterator[Row]:
    for row in db.session.scalars(select(SignOffRow).where(SignOffRow.member_id.in_(mine)).order_by(SignOffRow.id)):
        where = {"project": mine[row.member_id][1].title, "on": row.on}
        yield {**where, "said": row.verdict, "words": row.words, "a lead answered": row.reply}


def _waivers(mine: Mine) -> Iterator[Row]:
    either = or_(WaiverRow.proposed_by.in_(mine), WaiverRow.seconded_by.in_(mine))
    for row in db.session.scalars(select(WaiverRow).where(either).order_by(WaiverRow.id)):
        asked = row.proposed_by in mine
        where = {"project": mine[row.proposed_by if asked else row.seconded_by or 0][1].title, "check": row.check}
        yield {**where, "you": "proposed it" if asked else "agreed to it", "on": row.proposed_on, "reason": row.reason}


def _asked(mine: Mine) -> Iterator[Row]:
    """That they were asked, which is kept. Whether and what they answered is in nobody's reach."""
    asked = select(PollRound, PollElector.member_id).join(PollElector, PollElector.round_id == PollRound.id)
    for row, member_id in db.session.execute(asked.where(PollElector.member_id.in_(mine)).order_by(PollRound.id)):
        yield {"project": mine[member_id][1].title, "poll": row.poll, "opened on": row.opened, "closed on": row.closed}


def _history(person: Person, mine: Mine) -> Iterator[Row]:
    projects = {project.id: project.title for _, project in mine.values()}
    rows = db.session.execute(
        select(EventRow, Person.name)
        .outerjoin(EventRow.words)
        .options(contains_eager(EventRow.words))
        .outerjoin(Person, Person.id == EventRow.person_id)
        .where(or_(EventRow.person_id == person.id, EventDetailsRow.whom_id == person.id))
        .order_by(EventRow.id.desc())
        .limit(MOST_LINES)
    )
    for line, name in rows:
        words = sentence(line.verb, line.facts, by=name or "GovFlow")
        yield {"project": projects.get(line.project_id or 0, ""), "on": line.on, "line": words}


def _letters(person_id: int) -> Iterator[Row]:
    for row in db.session.scalars(select(Email).where(Email.person_id == person_id).order_by(Email.id)):
        yield {"kind": row.kind.replace("_", " "), "on": row.day, "how it stands": row.state}


def _chances(person_id: int) -> Iterator[Row]:
    asked = select(Subscription, Organisation.name).join(Organisation, Organisation.id == Subscription.organisation_id)
    for row, name in db.session.execute(asked.where(Subscription.person_id == person_id).order_by(Subscription.id)):
        yield {"organisation": name, "asked on": row.asked_on, "ended on": row.ended_on, "words": row.words}
    replied = select(OpeningReply, Opening.title).join(Opening, Opening.id == OpeningReply.opening_id)
    for reply, title in db.session.execute(
        replied.where(OpeningReply.person_id == person_id).order_by(OpeningReply.id)
    ):
        yield {"opening": title, "on": reply.on, "words": reply.words}


def _sessions(person_id: int) -> Iterator[Row]:
    for row in db.session.scalars(select(SignedIn).where(SignedIn.person_id == person_id).order_by(SignedIn.id)):
        yield {"browser": row.device, "began": row.began_at, "last used": row.seen_at, "ended": row.ended_at}


def _passkeys(person_id: int) -> Iterator[Row]:
    for row in db.session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)):
        yield {"name": row.name, "added": row.made_at, "last used": row.used_at}


def _tokens(person_id: int) -> Iterator[Row]:
    made = select(ApiToken, Organisation.name).join(Organisation, Organisation.id == ApiToken.organisation_id)
    for row, name in db.session.execute(made.where(ApiToken.person_id == person_id).order_by(ApiToken.id)):
        may = "read and write" if row.writes else "read"
        yield {"organisation": name, "may": may, "made": row.made_at, "ended": row.ended_at}


def _calendar(person_id: int) -> Iterator[Row]:
    row = db.session.get(CalendarFeed, person_id)
    if row is not None:
        yield {"made": row.made_at, "the address": "It was told you once. Only a fingerprint of it is kept."}


def _plain(values: Mapping[str, Any]) -> Row:
    """Answers as they were given; what is sealed stays so."""
    return {name: KEPT if isinstance(value, dict) and "sealed" in value else value for name, value in values.items()}


def in_plain_values(held: Mapping[str, list[Row]]) -> dict[str, Any]:
    """The same for a file that other programs read: days as text."""
    return {
        title: [{name: _text(value) for name, value in row.items()} for row in some] for title, some in held.items()
    }


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
