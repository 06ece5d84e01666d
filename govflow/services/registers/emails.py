"""Letters that plugins declare: about an entry that was just added to one of their lists."""

from __future__ import annotations

import logging
from datetime import date

from govflow.domain.gates.checks import Case, Entry, people_meant
from govflow.domain.mail.letters import Letter as DeclaredLetter
from govflow.domain.mail.letters import entry_added
from govflow.domain.snapshot import plugin_case
from govflow.services.base.actions import Action, member_for
from govflow.services.base.context import context
from govflow.services.base.register_access import reads_list
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.mail.enqueue import enqueue_email, next_serial
from govflow.services.mail.kinds import email_kind
from govflow.services.mail.render import Values
from govflow.store import Email, Person, Project, db

log = logging.getLogger("govflow.letters")
FROM_PLUGIN = "from_plugin"
MOST_PARAGRAPHS, MOST_LETTERS = 20, 2_000


def owe_plugin_letters(action: Action, register_id: str, entry: Entry) -> None:
    """The letters a plugin wants written about an entry that was just added, in the transaction that adds it."""
    slug, _, register = register_id.partition(".")
    plugin = context().declared.plugins[slug]
    ids = {member.key: member.person_id for member in action.snapshot.members}
    for email in plugin.letters.values():
        if email.when == entry_added(register):
            case = plugin_case(action.snapshot, context().declared, plugin, subject=entry)
            for key in (
                member_key
                for member_key in people_meant(email.to, case)
                if reads_list(action.snapshot, register_id, member_key)
            ):
                row = enqueue_email(
                    ids[key],
                    action.project.organisation_id,
                    FROM_PLUGIN,
                    action.today,
                    serial=next_serial(ids[key], FROM_PLUGIN, action.today),
                    project=action.project.id,
                )
                row.about = f"{slug}.{email.slug} {register_id} {entry.key}"


@email_kind(FROM_PLUGIN, title="News of an entry")
def plugin_values(email: Email, person: Person, stop: str, today: date) -> Values | None:
    """A plugin's letter as its entry stands now; None when the entry, the plugin or the person has gone since."""
    letter_id, register_id, key = email.about.split(" ")
    slug, _, name = letter_id.partition(".")
    plugin = context().declared.plugins.get(slug)
    declared = plugin.letters.get(name) if plugin else None
    snapshot = load_snapshot(db.session.get_one(Project, email.project_id), today=today)
    entry = next((row for row in snapshot.entries.get(register_id, ()) if row.key == key), None)
    if plugin is None or declared is None or entry is None or slug not in snapshot.on:
        return None
    if member_for(snapshot, person.id) is None:
        return None
    case = plugin_case(snapshot, context().declared, plugin, subject=entry)
    link = f"{context().base_url}/projects/{snapshot.project.slug}/{register_id.replace('.', '/')}/{key}"
    paragraphs = _paragraphs(declared, case)
    return {"name": person.name, "subject": declared.subject, "paragraphs": paragraphs, "link": link}


def _paragraphs(declared: DeclaredLetter, case: Case) -> list[str]:
    """What the plugin says; nothing where that goes wrong: the template then has a plain sentence."""
    try:
        said = list(declared.words(case))
        if (
            not said
            or len(said) > MOST_PARAGRAPHS
            or not all(isinstance(paragraph, str) and paragraph.strip() for paragraph in said)
        ):
            raise TypeError("words must give 1 to 20 paragraphs of text")
        return [paragraph[:MOST_LETTERS] for paragraph in said]
    except Exception:
        log.exception("the letter %s could not be worded by its plugin", declared.slug)
        return []
