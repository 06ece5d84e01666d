"""The words a project goes by: its own, and those of its organisation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select

from govflow.domain.questions import LONG_TEXT_MOST, Question, clean_text
from govflow.domain.refusals import Invalid
from govflow.domain.terms import TERMS, Terms, read_terms
from govflow.domain.wording import listed
from govflow.services.base.actions import Actor, start_action
from govflow.store import Organisation, Project, db, everything

ASKED = Question(
    name="terms",
    label="Your own words for ours",
    kind="long_text",
    help="One on each line, with its plural: member = care partner, care partners. "
    f"You can change: {listed([f'“{term}”' for term in TERMS])}.",
)


def terms_of(project: Project) -> Terms:
    """What pages and letters of this project say instead of our words; its own before its organisation's."""
    with everything():  # whoever is in it from elsewhere reads the same words
        ours = db.session.scalar(select(Organisation.terms).where(Organisation.id == project.organisation_id))
    return as_terms({**(ours or {}), **project.terms})


def terms_by_project(ids: Collection[int]) -> dict[int, Terms]:
    """The same for several projects, in one query; those that go by our words are not in it."""
    with everything():
        rows = db.session.execute(
            select(Project.id, Organisation.terms, Project.terms)
            .join(Organisation, Organisation.id == Project.organisation_id)
            .where(Project.id.in_(set(ids)))
        )
    return {row: as_terms({**ours, **own}) for row, ours, own in rows if ours or own}


def as_terms(kept: dict[str, list[str]]) -> Terms:
    return {letter: (words[0], words[1]) for letter, words in kept.items() if letter in TERMS}


def terms_in(text: str, field: str = ASKED.name) -> dict[str, list[str]]:
    """What somebody wrote down, as it is kept. The problem stands at its field."""
    text = clean_text(text)
    if len(text) > LONG_TEXT_MOST:
        raise Invalid("That is too long.", {field: f"Use at most {LONG_TEXT_MOST:,} letters."})
    try:
        return {term: list(words) for term, words in read_terms(text).items()}
    except Invalid as refusal:
        raise Invalid(str(refusal), {field: str(refusal)}) from None


def change_terms(project_id: int, *, text: str, by: Actor, today: date) -> None:
    """Keep the words a project chose for itself. Everyone in it reads in the history that they changed."""
    action = start_action(project_id, "choose words", by=by, today=today)
    terms = terms_in(text)
    if terms != action.project.terms:
        action.project.terms = terms
        action.log(
            "project.words", words=listed([f"“{ours}”: “{words[0]}”" for ours, words in terms.items()]) or "none"
        )
        action.mark_changed()
    db.session.commit()
