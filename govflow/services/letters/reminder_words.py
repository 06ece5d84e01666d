"""What reminders say when they are posted: only what is still to be told to this reader, as far as they may read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from govflow.domain.checks import Standing
from govflow.domain.letters import Item, Words, reminder
from govflow.domain.reminders import EMAIL, PHONE, TEXT
from govflow.domain.terms import Terms, worded
from govflow.domain.wording import count, day
from govflow.services.closed_lists import hidden_places, told_closed
from govflow.services.findings import standing_of
from govflow.services.house import house
from govflow.services.letters import OWED
from govflow.services.letters.reminders import CALL, GATE, snoozed_places
from govflow.services.line import Here, people_here
from govflow.services.picture import picture_of
from govflow.services.project_plugins import plugins_of
from govflow.services.terms import terms_by_project
from govflow.store import FindingRow, Letter, LetterItem, MemberRow, Person, Project, Share, db

ASKS = {PHONE: "Please ring {name}", TEXT: "Please send {name} a text message"}


def reminder_words(letters: Mapping[int, Letter], stops: Mapping[int, str], today: date) -> dict[int, Words]:
    """Letter id -> its words, of those in which something is still true. A handful of queries, however many there are.

    `stops`: letter id -> the link that stops reminders.
    """
    rows = _rows(letters)
    projects = {one.LetterItem.project_id: one.Project for one in rows}
    here, _ = people_here(projects, today)
    snoozed = snoozed_places(projects, today)
    items: dict[int, list[Item]] = defaultdict(list)
    names, terms = {}, terms_by_project(projects)
    for row in rows:
        item, project = row.LetterItem, row.Project
        if row.Person.id not in here[project.id].reached.values():
            continue
        names[item.letter_id] = row.Person.name
        if (item.project_id, item.check, item.subject) not in snoozed:
            said = _said(item, project, row.MemberRow.key, here[project.id], row.FindingRow, today)
            items[item.letter_id] += [_in_their_words(one, terms.get(project.id, {})) for one in said]
    home = f"{house().base_url}/"
    return {
        one: reminder(name=names[one], items=said, home=home, wishes=f"{home}me/letters", stop=stops[one], today=today)
        for one, said in items.items()
        if said
    }


def _rows(letters: Mapping[int, Letter]) -> Sequence[Any]:
    """Everything that stands in these letters, with who reads it, and the finding where there is one."""
    return db.session.execute(
        select(LetterItem, Project, Person, MemberRow, FindingRow)
        .join(Letter, Letter.id == LetterItem.letter_id)
        .join(Person, Person.id == Letter.person_id)
        .join(Project, Project.id == LetterItem.project_id)
        .join(MemberRow, (MemberRow.project_id == Project.id) & (MemberRow.person_id == Letter.person_id))
        .outerjoin(
            FindingRow,
            (FindingRow.project_id == LetterItem.project_id)
            & (FindingRow.check == LetterItem.check)
            & (FindingRow.subject == LetterItem.subject),
        )
        .where(LetterItem.letter_id.in_(list(letters)), Project.state == "running")
        .order_by(LetterItem.id)
    ).all()


def _said(
    item: LetterItem, project: Project, key: str, here: Here, finding: FindingRow | None, today: date
) -> Iterator[Item]:
    """The item as its reader may read it today; nothing when it is no longer so."""
    if item.check == GATE:
        yield from _gate_said(item, project)
    elif item.check == CALL:
        yield from _call_said(item, project)
    elif finding is not None and _still_due(finding, today) and key in here.line_of(finding):
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


def _gate_said(item: LetterItem, project: Project) -> Iterator[Item]:
    """The day the plan aims at, while the project is still on this side of it. Nobody is named."""
    if project.stage != item.subject or project.plan.get(project.stage) != item.due_on.isoformat():
        return
    holding = select(func.count()).where(FindingRow.project_id == project.id, FindingRow.open, FindingRow.holds)
    left = db.session.scalar(holding) or 0
    things = f"{count(left, 'thing')} {'is' if left == 1 else 'are'} not ready yet" if left else "All is ready"
    yield Item(
        project=project.title,
        title="The next step",
        sentence=f"The plan is to go on to the next stage on {day(item.due_on)}. {things}.",
        why="A plan that everyone knows can still be changed in time.",
        due_on=item.due_on,
        link=f"{house().base_url}/projects/{project.slug}/gate",
    )


def _call_said(item: LetterItem, project: Project) -> Iterator[Item]:
    """Somebody who wants no email is to be told by whoever reads this. What about stands on the page."""
    theirs, person = aliased(Letter), aliased(Person)
    found = db.session.execute(
        select(theirs.channel, person.name)
        .join(person, person.id == theirs.person_id)
        .where(theirs.id == int(item.subject), theirs.state == OWED, theirs.channel != EMAIL)
    ).first()
    if found:
        ask = ASKS.get(found.channel, "Please write to {name}")
        yield Item(
            project=project.title,
            title=ask.format(name=found.name),
            sentence="They have asked not to be told by email. What it is about stands on the page.",
            why="People take part in their own way, and some do not read email.",
            due_on=item.due_on,
            link=f"{house().base_url}/projects/{project.slug}/letters",
        )


def _finding_said(finding: FindingRow, project: Project, key: str, today: date) -> Item:
    """One thing for one reader; of what they may not read, that it is to be done and no more."""
    standing, hidden = standing_of(finding), False
    shared = select(Share.project_id).where(Share.project_id == project.id)
    if standing.about == "entry" and db.session.scalar(shared.limit(1)):
        hidden = bool(hidden_places(picture_of(project, today=today), [standing], reader=key))
        standing = told_closed(standing) if hidden else standing
    counted = standing.counted_for(key)
    gate = f"{house().base_url}/projects/{project.slug}/gate"
    place = f"/{finding.check}" + (f"/{finding.subject}" if finding.subject else "")
    return Item(
        project=project.title,
        title=titled(standing, key),
        sentence=standing.sentence_for(key),
        why=_why(finding.check, project),
        due_on=finding.due_on or today,
        link=gate if hidden or counted else gate + place,
        helps="" if key in finding.owed_by else "You are told because you can help: it has waited for some time.",
    )


def titled(standing: Standing, reader: str) -> str:
    """What a finding is called to this reader: whom it is about only where they may know."""
    named = standing.subject_label and not standing.counted_for(reader)
    return f"{standing.title}: {standing.subject_label}" if named else standing.title


def _why(check_id: str, project: Project) -> str:
    """Why the check is there, also of one that an organisation's own settings made."""
    slug, _, name = check_id.partition(".")
    plugin = house().declared.plugins.get(slug)
    if plugin is None:
        return ""
    check = plugin.checks.get(name)
    if check is None and plugin.ask_checks:
        settings = plugins_of(project).on.get(slug)
        check = plugin.checks_with(settings).get(name)
    return check.why if check else ""
