"""Meetings, notes and documents of a group: its own until somebody in it shares them, version by version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from govflow.domain.questions import Question, read_answers
from govflow.domain.refusals import Invalid, Moved, NotFound, Refused
from govflow.services.base.actions import Action, Actor, start_action
from govflow.services.people.groups import Group, free_name, group_named, members_of
from govflow.store import GroupNote, db, now

TEXT_MOST, MOST_PAPERS = 50_000, 2_000
KINDS = {"meeting": "A meeting", "note": "A note", "document": "A document"}
PAPER = (
    Question(name="kind", label="What is it?", kind="choice", choices=KINDS, required=True),
    Question(name="title", label="What is it called?", required=True),
    Question(name="on", label="Which day is it of?", kind="date", required=True),
    Question(
        name="text", label="The text", kind="long_text", help="An empty line begins a new paragraph.", required=True
    ),
)
WRITTEN_SINCE = (
    "Somebody else changed this while you wrote. Your text is still here. Open the newest version in another tab, "
    "put the two together, then save."
)


def papers_of(group: Group, *, reader: str | None) -> list[GroupNote]:
    """Each paper as this reader may read it, the newest day first: its newest version, or the newest shared one."""
    newest: dict[str, GroupNote] = {}
    for one in db.session.scalars(_readable(group, reader).order_by(GroupNote.key, GroupNote.number)):
        newest[one.key] = one
    return sorted(newest.values(), key=lambda one: (one.on, one.id), reverse=True)


def versions_of(group: Group, key: str, *, reader: str | None) -> list[GroupNote]:
    """The versions of one paper that this reader may read, the first one first."""
    found = list(db.session.scalars(_readable(group, reader).where(GroupNote.key == key).order_by(GroupNote.number)))
    if not found:
        raise NotFound(f"There is nothing called “{key:.64}” here.")
    return found


def write(project_id: int, *, group: str, given: Mapping[str, Any], by: Actor, today: date) -> str:
    """Keep a new paper of a group; answers with its short name."""
    action, found = _begin(project_id, group, by=by, today=today)
    values = _read(given)
    keys = set(db.session.scalars(select(GroupNote.key).where(GroupNote.group_id == found.id).distinct()))
    if len(keys) >= MOST_PAPERS:
        raise Refused(f"A group keeps at most {MOST_PAPERS:,} papers.")
    key = free_name(values["title"], keys | {"write"}, otherwise="paper")
    _add(action, found, key, 1, values)
    db.session.commit()
    return key


def change(
    project_id: int, *, group: str, paper: str, given: Mapping[str, Any], after: int, by: Actor, today: date
) -> int:
    """Keep a new version, made from version `after`; answers with its number. No earlier one is touched."""
    action, found = _begin(project_id, group, by=by, today=today)
    last = versions_of(found, paper, reader=action.me.key)[-1]
    values = _read(given)
    if after != last.number:
        raise Moved(WRITTEN_SINCE)
    if all(getattr(last, name) == value for name, value in values.items()):
        raise Invalid("Nothing is different from the version before.", {"text": "Change something, or leave it."})
    _add(action, found, paper, last.number + 1, values)
    db.session.commit()
    return last.number + 1


def share(project_id: int, *, group: str, paper: str, number: int, by: Actor, today: date) -> None:
    """Let everyone in the project read this version. It cannot be taken back, since people may have read it."""
    action, found = _begin(project_id, group, by=by, today=today)
    last = versions_of(found, paper, reader=action.me.key)[-1]
    if number != last.number:
        raise Moved("Somebody else changed this a moment ago. Read the newest version first, then share it.")
    if last.shared_on is None:
        last.shared_on = today
        action.log("paper.shared", paper=last.title, group=found.title)
    db.session.commit()


def _begin(project_id: int, slug: str, *, by: Actor, today: date) -> tuple[Action, Group]:
    """A group's papers are there for whoever is in it; to others they are not."""
    action = start_action(project_id, "see groups", by=by, today=today)
    group = group_named(project_id, slug, members_of(action), today=today)
    if action.me.key not in group.members:
        raise NotFound("You are not in this group.")
    return action, group


def _readable(group: Group, reader: str | None) -> Select[GroupNote]:
    query = select(GroupNote).where(GroupNote.group_id == group.id)
    return query if reader in group.members else query.where(GroupNote.shared_on.is_not(None))


def _read(given: Mapping[str, Any]) -> dict[str, Any]:
    values = read_answers(PAPER, given)
    if len(values["text"]) > TEXT_MOST:
        sentence = f"That has {len(values['text']):,} letters. At most {TEXT_MOST:,} are kept. Make it shorter."
        raise Invalid(sentence, {"text": sentence})
    on = values["on"]
    return {**values, "on": on if isinstance(on, date) else date.fromisoformat(on)}


def _add(action: Action, group: Group, key: str, number: int, values: dict[str, Any]) -> None:
    db.session.add(
        GroupNote(
            project_id=action.project.id,
            group_id=group.id,
            key=key,
            number=number,
            member_id=action.me.id,
            at=now(),
            **values,
        )
    )
