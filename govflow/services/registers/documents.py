"""Documents that plugins declare: write a version, agree, or say that there is a concern."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from govflow.domain.questions import clean_text, read_words
from govflow.domain.refusals import Invalid, NotAllowed, NotFound, Refused
from govflow.domain.registers.documents import ANSWERS, CONCERN, Document, Version
from govflow.domain.snapshot import ProjectSnapshot, meant_by
from govflow.services.base.actions import Actor, start_action
from govflow.services.base.context import context
from govflow.services.base.register_access import reads_lists
from govflow.store import AgreementRow, DocumentRow, db, now

TEXT_MOST = 50_000


def write(project_id: int, *, document_id: str, text: str, after: int, by: Actor, today: date) -> int:
    """Keep a new version, written after version `after` was read; answers with its number."""
    action = start_action(project_id, "see registers", by=by, today=today)
    document = document_asked(action.snapshot, document_id, reader=action.me.key)
    if not may_write(action.snapshot, document, action.me.key):
        raise NotAllowed(f"You cannot write “{document.title}”. A lead or the coordinator can.")
    text = read_words(text, "text", "Write the text.", most=TEXT_MOST)
    versions = action.snapshot.documents.get(document_id, ())
    last = versions[-1].number if versions else 0
    if after != last:
        raise Refused("Somebody else wrote a new version while you wrote yours. Read it, then put yours together.")
    if versions and versions[-1].text == text:
        raise Invalid(
            "Nothing is different from the version before.", {"text": "Change something, or leave it as it is."}
        )
    db.session.add(
        DocumentRow(
            project_id=project_id,
            document=document_id,
            number=last + 1,
            text=text,
            member_id=action.me.id,
            on=today,
            at=now(),
            by_operator=by.operator,
        )
    )
    action.log("document.written", document=document.title, number=str(last + 1))
    action.mark_changed()
    db.session.commit()
    return last + 1


def say(project_id: int, *, document_id: str, number: int, answer: str, words: str, by: Actor, today: date) -> None:
    """Answer to the version that was read: “I agree”, or “I have a concern” in one's own words."""
    action = start_action(project_id, "see registers", by=by, today=today)
    document = document_asked(action.snapshot, document_id, reader=action.me.key)
    if not may_say(action.snapshot, document, action.me.key):
        raise NotAllowed(f"“{document.title}” is not put to you.")
    versions = action.snapshot.documents.get(document_id, ())
    if not versions or versions[-1].number != number:
        raise Refused("There is a newer version than the one you read. Read it first, then answer.")
    if answer not in document.answers:
        sentence = f"Choose: {' or '.join(ANSWERS[reply] for reply in document.answers)}."
        raise Invalid(sentence, {"answer": sentence})
    words = (
        read_words(words, "words", "Say in a few words what your concern is.")
        if answer == CONCERN
        else clean_text(words)
    )
    version = db.session.execute(
        select(DocumentRow.id).where(
            DocumentRow.project_id == project_id, DocumentRow.document == document_id, DocumentRow.number == number
        )
    ).scalar_one()
    db.session.add(
        AgreementRow(
            version_id=version,
            member_id=action.me.id,
            answer=answer,
            words=words[:TEXT_MOST],
            on=today,
            at=now(),
            by_operator=by.operator,
        )
    )
    everyone = document_id.partition(".")[0] not in action.snapshot.lists_for
    verb = f"document.{answer}" if everyone else "document.said_privately"
    action.log(verb, document=document.title, number=str(number), **({"words": words} if everyone else {}))
    action.mark_changed()
    db.session.commit()


def document_asked(snapshot: ProjectSnapshot, document_id: str, *, reader: str) -> Document:
    document = context().declared.document(document_id)
    plugin = document_id.partition(".")[0]
    if plugin not in snapshot.on:
        raise NotFound(f"The plugin of “{document_id}” is off in this project.")
    if not reads_lists(snapshot, plugin, reader):
        raise NotFound(f"“{document.title}” belongs to another organisation of this project.")
    return document


def may_write(snapshot: ProjectSnapshot, document: Document, reader: str) -> bool:
    return reader in meant_by(snapshot, document.written_by)


def may_say(snapshot: ProjectSnapshot, document: Document, reader: str) -> bool:
    return reader in meant_by(snapshot, (document.agreed_by,))


def still_to_say(snapshot: ProjectSnapshot, document: Document, version: Version) -> list[str]:
    """The names of those the version is put to and who have not answered."""
    names = snapshot.names()
    return [names[key] for key in meant_by(snapshot, (document.agreed_by,)) if key not in version.said]
