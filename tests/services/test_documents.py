"""Documents: versions, and who agreed to which."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from flask import Flask

from govflow.domain.refusals import Invalid, NotAllowed, Refused
from govflow.plugin import AGREE, Document, met, unmet
from govflow.services.base.snapshots.snapshot import load_snapshot
from govflow.services.history.history import history
from govflow.services.project_file import export_project, import_project
from govflow.services.registers import documents
from govflow.store import db
from tests.support.factories import FOUR, TODAY, Made, a_check, a_plugin, a_project, days, made, person


def judge(case: Any) -> Any:
    versions = case.documents["rules"]
    if not versions:
        return unmet("Nothing is written.")
    left = [one.name for one in case.members if getattr(versions[-1].said.get(one.key), "answer", "") != AGREE]
    return unmet(f"Still to agree: {', '.join(left)}.") if left else met("All agree.")


RULES = Document(slug="rules", title="House rules", why="How we live together.")
HOUSE = {"house": a_plugin(documents=[RULES], checks=[a_check(judge=judge)])}
ID = "house.rules"


@pytest.fixture
def house(app: Flask) -> Made:
    return a_project(app, plugins=HOUSE)


def write(project: Made, text: str, *, after: int = 0, key: str = "lived-1") -> int:
    return documents.write(project.id, document_id=ID, text=text, after=after, by=project.by(key), today=TODAY)


def say(project: Made, key: str, answer: str = "agree", words: str = "", *, number: int = 1) -> None:
    documents.say(
        project.id, document_id=ID, number=number, answer=answer, words=words, by=project.by(key), today=TODAY
    )


@pytest.mark.both_engines
def test_everybody_agrees_and_the_check_is_met(house: Made) -> None:
    assert house.finding("house.tea").sentence == "Nothing is written."
    assert write(house, "We knock.") == 1
    for one in FOUR[:3]:
        say(house, one["key"])
    assert house.finding("house.tea").sentence == "Still to agree: Research 1."
    say(house, "research-1")
    assert house.finding("house.tea").sentence == "All agree."


def test_a_new_version_asks_everybody_again_and_the_old_one_is_kept(house: Made) -> None:
    write(house, "We knock.")
    say(house, "lived-1")
    write(house, "We knock twice.", after=1)
    assert "Lived 1" in house.finding("house.tea").sentence
    versions = load_snapshot(house.row, today=TODAY).documents[ID]
    assert [(one.number, one.text, list(one.said)) for one in versions] == [
        (1, "We knock.", ["lived-1"]),
        (2, "We knock twice.", []),
    ]


def test_a_concern_has_words_and_can_turn_into_agreement(house: Made) -> None:
    write(house, "We knock.")
    with pytest.raises(Invalid, match="what your concern is"):
        say(house, "lived-1", "concern")
    db.session.rollback()
    say(house, "lived-1", "concern", "I cannot hear it.")
    say(house, "lived-1")
    (version,) = load_snapshot(house.row, today=TODAY).documents[ID]
    assert version.said["lived-1"].answer == "agree"
    lines, _ = history(house.id)
    assert "has a concern about version 1 of “House rules”: I cannot hear it." in lines[1].words


@pytest.mark.both_engines
def test_two_people_who_write_at_once_do_not_write_over_each_other(house: Made) -> None:
    write(house, "We knock.")
    write(house, "We knock twice.", after=1)
    with pytest.raises(Refused, match="Somebody else wrote a new version"):
        write(house, "We ring.", after=1)


def test_nobody_agrees_to_a_version_they_did_not_read(house: Made) -> None:
    write(house, "We knock.")
    write(house, "We ring.", after=1)
    with pytest.raises(Refused, match="newer version"):
        say(house, "lived-1", number=1)


@pytest.mark.parametrize(
    ("text", "after", "said"), [(" ", 0, "Write the text"), ("We knock.", 1, "Nothing is different")]
)
def test_a_version_says_something_new(house: Made, text: str, after: int, said: str) -> None:
    if after:
        write(house, "We knock.")
    with pytest.raises(Invalid, match=said):
        write(house, text, after=after)


def test_an_observer_neither_writes_nor_agrees(app: Flask) -> None:
    project = a_project(app, plugins=HOUSE, members=[*FOUR, person("watcher", role="observer")])
    write(project, "We knock.")
    for act in (lambda: write(project, "x", after=1, key="watcher"), lambda: say(project, "watcher")):
        with pytest.raises(NotAllowed):
            act()
        db.session.rollback()


def test_documents_come_out_of_a_file_as_they_went_in(app: Flask, house: Made) -> None:
    write(house, 'We "knock".\n\nTwice.')
    say(house, "lived-1")
    say(house, "practice-1", "concern", "Too loud.")
    write(house, "We ring.", after=1)
    text = export_project(house.row)
    again = made(import_project(text.encode(), today=TODAY + days(1))["slug"])
    assert load_snapshot(again.row, today=TODAY).documents == load_snapshot(house.row, today=TODAY).documents
    assert tomllib.loads(text)["document"][0]["version"][0]["agreed"][0] == {
        "member": "lived-1", "on": TODAY, "answer": "agree",
    }  # fmt: skip


VERSION = {"on": TODAY, "by": "lead-1", "text": "We knock."}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"document": "house.roof"}, "There is no document “house.roof”"),
        ({"document": ID, "version": [{**VERSION, "by": "nobody"}]}, "there is no member “nobody”"),
        ({"document": ID, "version": [{**VERSION, "on": TODAY + days(1)}]}, "still to come"),
        ({"document": ID, "version": [VERSION, {**VERSION, "on": TODAY - days(1)}]}, "before the version before it"),
        ({"document": ID, "version": [{**VERSION, "agreed": [{"member": "nobody", "on": TODAY}]}]}, "“nobody” was not"),
        (
            {"document": ID, "version": [{**VERSION, "agreed": [{"member": "lead-1", "on": TODAY - days(1)}]}]},
            "before this version was written",
        ),
        (
            {"document": ID, "version": [{**VERSION, "agreed": [{"member": "lead-1", "on": TODAY, "answer": "no"}]}]},
            "none of",
        ),
        ({"document": ID, "version": [{**VERSION, "colour": "red"}]}, "not known here"),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_is_refused_by_name(app: Flask, document: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        a_project(app, plugins=HOUSE, document=[document])
