"""Which lists and which lines of them a member reads, and what they are told of the others.

Of checks about entries they may not read, people see how many are ready, and no line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from govflow.domain.gates.checks import EVERY_MEMBER, ORGANISATION, Entry, Finding
from govflow.domain.people import Role
from govflow.domain.refusals import Refused
from govflow.domain.snapshot import ProjectSnapshot, check_named, means
from govflow.services.base.context import context

Place = tuple[str, str | None]


def reads_lists(snapshot: ProjectSnapshot, plugin: str, reader: str | None) -> bool:
    """Whether this member's organisation has the plugin, or shares its lists here."""
    only = snapshot.lists_for.get(plugin)
    return only is None or _home(snapshot, reader) in only


def _home(snapshot: ProjectSnapshot, reader: str | None) -> int | None:
    """The organisation this member belongs to."""
    member = snapshot.member(reader)
    return member.home_id if member else None


def reads_list(snapshot: ProjectSnapshot, register_id: str, reader: str | None) -> bool:
    """The same of one list: one that the organisation keeps is for its own members, unless it is shared here."""
    plugin = register_id.partition(".")[0]
    try:
        ours = context().declared.register(register_id).scope == ORGANISATION
    except Refused:
        ours = False
    if ours and plugin not in snapshot.lists_shared:
        return _home(snapshot, reader) == snapshot.organisation
    return reads_lists(snapshot, plugin, reader)


def read_by_all(register_id: str) -> bool:
    """Whether every member may read every line of this list."""
    try:
        return EVERY_MEMBER in context().declared.register(register_id).seen_by
    except Refused:
        return False


def sees_entry(snapshot: ProjectSnapshot, register_id: str, entry: Entry, reader: str | None) -> bool:
    """Whether this member may read this entry, by whose list it is and by whom the list says may see it."""
    return bool(lines_seen(snapshot, register_id, (entry,), reader=reader))


def lines_seen(
    snapshot: ProjectSnapshot, register_id: str, entries: Sequence[Entry], *, reader: str | None
) -> Sequence[Entry]:
    """Those of these entries of one list that this member may read."""
    try:
        register = context().declared.register(register_id)
    except Refused:
        return ()
    if not reads_list(snapshot, register_id, reader):
        return ()
    if EVERY_MEMBER in register.seen_by:  # nearly every list: nothing of its lines need be asked
        here = snapshot.member(reader)
        return entries if here is not None and here.role != Role.OBSERVER else ()
    sees = means(snapshot, register.seen_by, reader)
    return [entry for entry in entries if sees(entry)]


def hidden_places(snapshot: ProjectSnapshot, findings: Iterable[Finding], *, reader: str | None) -> frozenset[Place]:
    """Of these findings, those about an entry this member may not read."""

    @cache
    def rows(register: str) -> dict[str, Entry]:
        return {row.key: row for row in snapshot.entries.get(register, ())}

    return frozenset(
        finding.place for finding in findings if finding.about == "entry" and _hidden(snapshot, rows, finding, reader)
    )


def _hidden(
    snapshot: ProjectSnapshot, rows: Callable[[str], Mapping[str, Entry]], one: Finding, reader: str | None
) -> bool:
    try:
        register_id = check_named(snapshot, context().declared, one.check).about.register or ""
    except Refused:  # its plugin is off or gone: whose list it was about can only be told by its own name
        return not reads_lists(snapshot, one.check.partition(".")[0], reader)
    entry = rows(register_id).get(one.subject or "")
    if entry is None:  # it was there once; it reads as whatever is on that list for everyone
        entry = Entry(key=one.subject or "", values={}, by=None, on=snapshot.today)
    return not sees_entry(snapshot, register_id, entry, reader)


def without_hidden(
    snapshot: ProjectSnapshot, findings: Iterable[Finding], *, reader: str | None
) -> tuple[Finding, ...]:
    """The same findings, with nothing in them of an entry this member may not read."""
    findings = tuple(findings)
    hidden = hidden_places(snapshot, findings, reader=reader)
    return tuple(told_closed(finding) if finding.place in hidden else finding for finding in findings)


def told_closed(one: Finding) -> Finding:
    """A finding about an entry, for somebody to whom its list is closed."""
    if one.about != "entry":
        return one
    sentence = f"{one.title}: {'not ready yet' if one.open else 'done'}."
    return replace(one, sentence=sentence, short=sentence, subject_label="", lines={})
