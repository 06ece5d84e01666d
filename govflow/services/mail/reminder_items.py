"""What stands in a reminder when it is posted: what is still to be told to this reader, as far as they may read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from govflow.domain.gates.checks import Finding
from govflow.domain.mail.reminder_days import EMAIL
from govflow.domain.project_state import ProjectState
from govflow.domain.terms import Terms, worded
from govflow.services.base.context import context
from govflow.services.base.escalation import Reachable, reachable_people
from govflow.services.base.findings import finding_from_row
from govflow.services.base.project_plugins import plugins_of
from govflow.services.base.register_access import hidden_places, told_closed
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.base.terms import terms_by_project
from govflow.services.mail.enqueue import EmailState
from govflow.services.mail.reminders import CALL, GATE, snoozed_places
from govflow.services.mail.render import Values, render_fields
from govflow.store import Email, EmailItem, FindingRow, MemberRow, Person, Project, Share, db


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that is due or late, as its reader may read it. `sentence` is already fit for this reader's eyes.

    `helps`: it is told to somebody who does not owe it, because they can help.
    """

    project: str
    title: str
    sentence: str
    why: str
    due_on: date
    link: str
    helps: bool = False


def reminder_values(emails: Mapping[int, Email], stops: Mapping[int, str], today: date) -> dict[int, Values]:
    """Letter id -> what its template is filled with, of those in which something is still true.

    A handful of queries, however many there are. `stops`: letter id -> the link that stops reminders.
    """
    rows = _rows(emails)
    projects = {event.EmailItem.project_id: event.Project for event in rows}
    here, _ = reachable_people(projects, today)
    snoozed = snoozed_places(projects, today)
    items: dict[int, list[Item]] = defaultdict(list)
    names, terms = {}, terms_by_project(projects)
    for row in rows:
        item, project = row.EmailItem, row.Project
        if row.Person.id not in here[project.id].reached.values():
            continue
        names[item.letter_id] = row.Person.name
        if (item.project_id, item.check, item.subject) not in snoozed:
            said = _said(item, project, row.MemberRow.key, here[project.id], row.FindingRow, today)
            items[item.letter_id] += [_in_their_words(thing, terms.get(project.id, {})) for thing in said]
    home = f"{context().base_url}/"
    return {
        letter_id: {
            "name": names[letter_id],
            "items": said,
            "home": home,
            "preferences": f"{home}me/letters",
            "stop": stops[letter_id],
            "today": today,
        }
        for letter_id, said in items.items()
        if said
    }


def _rows(emails: Mapping[int, Email]) -> Sequence[Any]:
    """Everything that stands in these letters, with who reads it, and the finding where there is one."""
    return db.session.execute(
        select(EmailItem, Project, Person, MemberRow, FindingRow)
        .join(Email, Email.id == EmailItem.letter_id)
        .join(Person, Person.id == Email.person_id)
        .join(Project, Project.id == EmailItem.project_id)
        .join(MemberRow, (MemberRow.project_id == Project.id) & (MemberRow.person_id == Email.person_id))
        .outerjoin(
            FindingRow,
            (FindingRow.project_id == EmailItem.project_id)
            & (FindingRow.check == EmailItem.check)
            & (FindingRow.subject == EmailItem.subject),
        )
        .where(EmailItem.letter_id.in_(list(emails)), Project.state == ProjectState.RUNNING)
        .order_by(EmailItem.id)
    ).all()


def _said(
    item: EmailItem, project: Project, key: str, here: Reachable, finding: FindingRow | None, today: date
) -> Iterator[Item]:
    """The item as its reader may read it today; nothing when it is no longer so."""
    if item.check == GATE:
        yield from _gate_said(item, project)
    elif item.check == CALL:
        yield from _call_said(item, project)
    elif finding is not None and _still_due(finding, today) and key in here.escalation_chain(finding):
        yield _finding_said(finding, project, key, today)


def _in_their_words(item: Item, terms: Terms) -> Item:
    title, colon, label = item.title.partition(": ")  # the label is what people call it
    return replace(
        item,
        title=worded(title, terms) + colon + label,
        sentence=worded(item.sentence, terms),
        why=worded(item.why, terms),
    )


def _still_due(finding: FindingRow, today: date) -> bool:
    return finding.open and finding.tell_from is not None and finding.tell_from <= today


def _gate_said(item: EmailItem, project: Project) -> Iterator[Item]:
    """The day the plan aims at, while the project is still on this side of it. Nobody is named."""
    if project.stage != item.subject or project.plan.get(project.stage) != item.due_on.isoformat():
        return
    holding = select(func.count()).where(FindingRow.project_id == project.id, FindingRow.open, FindingRow.holds)
    left = db.session.scalar(holding) or 0
    said = render_fields("_item_gate.txt", {"due_on": item.due_on, "left": left})
    yield Item(
        project=project.title,
        title=said["title"],
        sentence=said["sentence"],
        why=said["why"],
        due_on=item.due_on,
        link=f"{context().base_url}/projects/{project.slug}/gate",
    )


def _call_said(item: EmailItem, project: Project) -> Iterator[Item]:
    """Somebody who wants no email is to be told by whoever reads this. What about stands on the page."""
    theirs, person = aliased(Email), aliased(Person)
    found = db.session.execute(
        select(theirs.channel, person.name)
        .join(person, person.id == theirs.person_id)
        .where(theirs.id == int(item.subject), theirs.state == EmailState.OWED, theirs.channel != EMAIL)
    ).first()
    if found:
        said = render_fields("_item_call.txt", {"channel": found.channel, "name": found.name})
        yield Item(
            project=project.title,
            title=said["title"],
            sentence=said["sentence"],
            why=said["why"],
            due_on=item.due_on,
            link=f"{context().base_url}/projects/{project.slug}/letters",
        )


def _finding_said(row: FindingRow, project: Project, key: str, today: date) -> Item:
    """One thing for one reader; of what they may not read, that it is to be done and no more."""
    finding, hidden = finding_from_row(row), False
    shared = select(Share.project_id).where(Share.project_id == project.id)
    if finding.about == "entry" and db.session.scalar(shared.limit(1)):
        hidden = bool(hidden_places(load_snapshot(project, today=today), [finding], reader=key))
        finding = told_closed(finding) if hidden else finding
    counted = finding.counted_for(key)
    gate = f"{context().base_url}/projects/{project.slug}/gate"
    place = f"/{finding.check}" + (f"/{finding.subject}" if finding.subject else "")
    return Item(
        project=project.title,
        title=titled(finding, key),
        sentence=finding.sentence_for(key),
        why=_why(finding.check, project),
        due_on=finding.due_on or today,
        link=gate if hidden or counted else gate + place,
        helps=key not in finding.owed_by,
    )


def titled(finding: Finding, reader: str) -> str:
    """What a finding is called to this reader: whom it is about only where they may know."""
    named = finding.subject_label and not finding.counted_for(reader)
    return f"{finding.title}: {finding.subject_label}" if named else finding.title


def _why(check_id: str, project: Project) -> str:
    """Why the check is there, also of one that an organisation's own settings made."""
    slug, _, name = check_id.partition(".")
    plugin = context().declared.plugins.get(slug)
    if plugin is None:
        return ""
    check = plugin.checks.get(name)
    if check is None and plugin.ask_checks:
        settings = plugins_of(project).on.get(slug)
        check = plugin.checks_with(settings).get(name)
    return check.why if check else ""
