"""The reminder: one letter a person, organisation and day, with everything of theirs that is late."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from govflow.domain.letters import Item, Words, reminder
from govflow.services.closed_lists import hidden_places, told_closed
from govflow.services.findings import standing_of
from govflow.services.house import house
from govflow.services.picture import picture_of
from govflow.services.project_plugins import plugins_of
from govflow.store import FindingRow, Letter, LetterItem, MemberRow, Person, Project, Share, db

REMINDER = "reminder"


def reminder_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    if person.reminders_stopped_on:
        return None
    rows = db.session.execute(
        select(LetterItem, FindingRow, Project.title, Project.slug, MemberRow.key)
        .join(Project, Project.id == LetterItem.project_id)
        .join(
            FindingRow,
            (FindingRow.project_id == LetterItem.project_id)
            & (FindingRow.check == LetterItem.check)
            & (FindingRow.subject == LetterItem.subject),
        )
        .join(MemberRow, (MemberRow.project_id == Project.id) & (MemberRow.person_id == person.id))
        .where(LetterItem.letter_id == letter.id, Project.state == "running", FindingRow.open)
        .where(FindingRow.due_on < today, MemberRow.joined <= today)
        .where(or_(MemberRow.left.is_(None), MemberRow.left > today))
    )
    items = [_item(finding, title, slug, key, today) for _, finding, title, slug, key in rows if key in finding.owed_by]
    return reminder(name=person.name, items=items, home=f"{house().base_url}/", stop=stop) if items else None


def _item(finding: FindingRow, title: str, slug: str, key: str, today: date) -> Item:
    """One late thing for one reader; of an entry they may not read, that it is late and no more."""
    standing, hidden = standing_of(finding), False
    shared = select(Share.project_id).where(Share.project_id == finding.project_id)
    if standing.about == "entry" and db.session.scalar(shared.limit(1)):
        picture = picture_of(db.session.get_one(Project, finding.project_id), today=today)
        hidden = bool(hidden_places(picture, [standing], reader=key))
        standing = told_closed(standing) if hidden else standing
    gate = f"{house().base_url}/projects/{slug}/gate"
    place = f"/{finding.check}" + (f"/{finding.subject}" if finding.subject else "")
    return Item(
        project=title,
        title=f"{standing.title}: {standing.subject_label}" if standing.subject_label else standing.title,
        sentence=standing.sentence_for(key),
        why=_why(finding.check, finding.project_id),
        due_on=finding.due_on or today,
        link=gate if hidden else gate + place,
    )


def _why(check_id: str, project_id: int) -> str:
    """Why the check is there, also of one that an organisation's own settings made."""
    slug, _, name = check_id.partition(".")
    plugin = house().declared.plugins.get(slug)
    if plugin is None:
        return ""
    check = plugin.checks.get(name)
    if check is None and plugin.ask_checks:
        settings = plugins_of(db.session.get_one(Project, project_id)).on.get(slug)
        check = plugin.checks_with(settings).get(name)
    return check.why if check else ""
