"""Letters that plugins declare: about an entry that was just added to one of their lists."""

from __future__ import annotations

import logging
from datetime import date

from govflow.domain.checks import Case, Entry, people_meant
from govflow.domain.letters import Letter as DeclaredLetter
from govflow.domain.letters import Words, entry_added, from_plugin
from govflow.domain.picture import plugin_case
from govflow.services.acting import Act, member_for
from govflow.services.closed_lists import reads_list
from govflow.services.house import house
from govflow.services.letters import new_letter, next_serial
from govflow.services.picture import picture_of
from govflow.store import Letter, Person, Project, db

log = logging.getLogger("govflow.letters")
FROM_PLUGIN = "from_plugin"
MOST_PARAGRAPHS, MOST_LETTERS = 20, 2_000


def owe_plugin_letters(act: Act, register_id: str, entry: Entry) -> None:
    """The letters a plugin wants written about an entry that was just added, in the transaction that adds it."""
    slug, _, register = register_id.partition(".")
    plugin = house().declared.plugins[slug]
    ids = {one.key: getattr(one, "person_id", 0) for one in act.picture.members}
    for letter in plugin.letters.values():
        if letter.when == entry_added(register):
            case = plugin_case(act.picture, house().declared, plugin, subject=entry)
            for key in (one for one in people_meant(letter.to, case) if reads_list(act.picture, register_id, one)):
                row = new_letter(
                    ids[key],
                    act.project.organisation_id,
                    FROM_PLUGIN,
                    act.today,
                    serial=next_serial(ids[key], FROM_PLUGIN, act.today),
                    project=act.project.id,
                )
                row.about = f"{slug}.{letter.slug} {register_id} {entry.key}"


def plugin_words(letter: Letter, person: Person, stop: str, today: date) -> Words | None:
    """A plugin's letter as its entry stands now; None when the entry, the plugin or the person has gone since."""
    letter_id, register_id, key = letter.about.split(" ")
    slug, _, name = letter_id.partition(".")
    plugin = house().declared.plugins.get(slug)
    declared = plugin.letters.get(name) if plugin else None
    picture = picture_of(db.session.get_one(Project, letter.project_id), today=today)
    entry = next((one for one in picture.entries.get(register_id, ()) if one.key == key), None)
    if plugin is None or declared is None or entry is None or slug not in picture.on:
        return None
    if member_for(picture, person.id) is None:
        return None
    case = plugin_case(picture, house().declared, plugin, subject=entry)
    link = f"{house().base_url}/projects/{picture.project.slug}/{register_id.replace('.', '/')}/{key}"
    return from_plugin(name=person.name, subject=declared.subject, paragraphs=_said(declared, case), link=link)


def _said(declared: DeclaredLetter, case: Case) -> list[str]:
    """What the plugin says; where that goes wrong, a plain sentence: the letter itself is never lost."""
    try:
        said = list(declared.words(case))
        if not said or len(said) > MOST_PARAGRAPHS or not all(isinstance(one, str) and one.strip() for one in said):
            raise TypeError("words must give 1 to 20 paragraphs of text")
        return [one[:MOST_LETTERS] for one in said]
    except Exception:
        log.exception("the letter %s could not be worded by its plugin", declared.slug)
        return ["Something new is waiting for you. This letter could not say more; the page can."]
