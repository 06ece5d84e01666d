"""Ten ways to tamper with a history, each found; and what a checkpoint that is not ours is worth.

Whoever tampers here has the whole database, its triggers and constraints gone, and knows how lines are hashed. They
have neither the checkpoint file nor the key that signs it.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from nacl.signing import SigningKey

from govflow.domain.history.checkpoint import read_checkpoints
from govflow.domain.refusals import Invalid, NotFound, Refused
from govflow.services.base.actions import log_of
from govflow.services.base.keys import key_file
from govflow.services.gates import gates
from govflow.services.history import audit
from govflow.services.history.checkpoints import (
    checkpoint_file,
    checkpoints_in,
    lines_of,
    public_key,
    write_checkpoints,
)
from govflow.services.mail.render import render_email
from govflow.store import EventDetailsRow, EventRow, Organisation, db, now, write
from tests.support.factories import TEA, TODAY, Made, a_project, rows
from tests.support.tampering import Attacker, behind_its_back

pytestmark = pytest.mark.both_engines


def acts(project: Made, *keys: str) -> None:
    for key in keys:
        gates.say_not_ready(project.id, words=f"{key} needs a day more.", by=project.by(key), today=TODAY)


@pytest.fixture
def project(app: Flask) -> Made:
    """Nine lines: seven of them under a checkpoint, two after it."""
    made = a_project(app, plugins={"kitchen": TEA})
    acts(made, "lived-1", "practice-1", "research-1", "lived-1")
    write_checkpoints()
    acts(made, "practice-1", "lived-1")
    return made


def verdict(**how) -> audit.Looked:
    (found,) = audit.verify(**how)
    return found


def found(said: str, line: int | None, **how) -> None:
    """What is wrong is found, in these words, at this line."""
    looked = verdict(**how)
    assert looked.line == line, looked.problem
    assert said in looked.problem
    assert looked.sentence().startswith("The history of hearth is not whole. ")


def test_a_history_that_was_only_added_to_is_whole(project: Made) -> None:
    looked = verdict()
    assert (looked.problem, looked.lines) == ("", 9)
    assert looked.signed.count == 7
    assert looked.sentence().startswith("The history of hearth is whole: 9 lines. It agrees with its checkpoint of ")


# --- ten kinds ----------------------------------------------------------------------------------------------------


def test_1_a_field_that_was_changed_is_found(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.set(5, verb="sign_off.ready")
    found("Line 5 was changed after it was written.", 5)


def test_2_words_that_were_changed_are_found(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.set_words(5, words="It is all fine.")
    found("The words of line 5 were changed after it was written.", 5)


def test_3_a_line_that_was_put_in_is_found(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        for number in (9, 8, 7, 6):
            attacker.set(number, number=number + 1)
        attacker.copy(5, number=6)
    found("Line 6 was changed after it was written.", 6)


def test_4_a_line_that_was_taken_out_is_found(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.delete(5)
    found("Line 5 is missing: the next one has the number 6.", 5)


def test_4_also_where_the_later_lines_were_numbered_anew(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.delete(8)
        attacker.set(9, number=8)
        attacker.run("UPDATE log_line SET hash = hash")
    found("Line 8 was changed after it was written.", 8)


def test_5_two_lines_that_changed_places_are_found(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.set(5, number=99)
        attacker.set(6, number=5)
        attacker.set(99, number=6)
    found("Line 5 was changed after it was written.", 5)


def test_6_an_end_that_was_cut_off_is_found(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.delete(6, 7, 8, 9)
    found("Line 6 is missing: the checkpoint of", 6)


def test_6_also_where_other_lines_were_written_in_its_place(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.delete(6, 7, 8, 9)
    acts(project, "practice-1", "research-1", "lived-1")
    found("Line 7 is not the one that was signed on", 7)
    assert write_checkpoints().problems, "Signing it again would have hidden what happened."


def test_7_a_whole_history_that_is_gone_is_found(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.run("DELETE FROM log_words")
        attacker.run("DELETE FROM log_line")
    found("Line 1 is missing: the checkpoint of", 1)


def test_7_also_where_the_organisation_is_gone_with_it(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.run("DELETE FROM log_words")
        attacker.run("DELETE FROM log_line")
        attacker.run("UPDATE organisation SET slug = 'heath'")
    gone = next(one for one in audit.verify() if one.organisation == "hearth")
    assert "It is gone, the organisation too: its checkpoint knows 7 lines." in gone.problem


def test_8_a_chain_that_was_hashed_anew_after_a_change_is_found(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.set(5, person_id=project.by("research-1").person_id)
        attacker.hash_again(5)
    assert verdict(file=empty_file()).problem == "", "Without a checkpoint nothing shows: that is what they are for."
    found("Line 7 is not the one that was signed on", 7)


def test_9_a_number_that_is_there_twice_is_found(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.copy(5)
    found("There are two lines with the number 5.", 5)


def test_10_a_line_from_before_the_one_before_it_is_found(app: Flask, project: Made) -> None:
    """A line that fits in every other way, after the last checkpoint: only its time gives it away."""
    with behind_its_back(app) as attacker:
        attacker.set(9, at=now() - timedelta(days=400))
        attacker.hash_again(9)
    found("Line 9 says that it is older than the line before it.", 9)


def test_11_an_older_copy_that_was_put_back_is_found(app: Flask, project: Made, postgres_url, tmp_path: Path) -> None:
    older = copied(app, postgres_url, tmp_path)
    acts(project, "practice-1")
    write_checkpoints()
    with opened(app, older):
        found("Line 10 is missing: the checkpoint of", 10)


def test_words_that_are_gone_without_a_line_that_says_so_are_found(app: Flask, project: Made) -> None:
    with behind_its_back(app) as attacker:
        attacker.run("DELETE FROM log_words WHERE line_id = (SELECT id FROM log_line WHERE number = 5)")
    found("The words of line 5 are gone, and no line says that they were erased.", 5)


def test_words_that_were_put_to_a_line_without_any_are_found(app: Flask) -> None:
    made = a_project(app, plugins={"kitchen": TEA})
    assert rows(EventRow, number=1)[0].facts == {}
    write()
    words = EventDetailsRow(salt="00", facts={"why": "Because."})
    words.line_id = rows(EventRow, number=1)[0].id
    db.session.add(words)
    db.session.commit()
    assert made.slug == "kettle"
    found("Line 1 was written without words, and has some now.", 1)


def test_a_line_that_was_moved_to_another_organisation_is_found(app: Flask, project: Made) -> None:
    a_project(app, plugins={"kitchen": TEA}, organisation="moor", slug="peat")
    other = db.session.query(Organisation.id).filter_by(slug="moor").scalar()
    with behind_its_back(app) as attacker:
        attacker.run("UPDATE log_line SET organisation_id = :to, number = 4 WHERE number = 9", to=other)
    moor = next(one for one in audit.verify() if one.organisation == "moor")
    assert (moor.line, moor.problem) == (4, "Line 4 was changed after it was written.")


def test_a_line_that_cannot_even_be_read_is_named_and_breaks_nothing(app: Flask, project: Made) -> None:
    """SQLite keeps whatever is put into a column; PostgreSQL at least takes any JSON."""
    with behind_its_back(app) as attacker:
        if db.engine.dialect.name == "sqlite":
            attacker.set(8, at="before breakfast")
        else:
            attacker.run("UPDATE log_words SET facts = '[1]' WHERE line_id = 8")
    found("Line 8 cannot be read: it was changed after it was written.", 8)
    assert write_checkpoints().checkpoints == []


# --- checkpoints that are not ours ---------------------------------------------------------------------------------


def empty_file() -> Path:
    path = checkpoint_file().with_name("empty.jsonl")
    path.write_text("", "utf-8")
    return path


def test_a_checkpoint_that_was_changed_after_it_was_signed_is_found(project: Made) -> None:
    path, (one,) = checkpoint_file(), checkpoints_in(checkpoint_file())
    lines = {line.number: line for line in lines_of(1)}
    path.write_text(dataclasses.replace(one, count=5, head=lines[5].hash).as_text() + "\n", "utf-8")
    found("was changed after it was signed.", None)


def test_a_signature_that_is_none_is_found(project: Made) -> None:
    path, (one,) = checkpoint_file(), checkpoints_in(checkpoint_file())
    path.write_text(dataclasses.replace(one, signature="00" * 64).as_text() + "\n", "utf-8")
    found("was changed after it was signed.", None)


def with_another_key(text: str) -> tuple[str, str]:
    """The same checkpoints as somebody else would sign them."""
    other = SigningKey(os.urandom(32))
    key = other.verify_key.encode().hex()
    signed = [one.with_signature(key, other.sign(one.to_sign()).signature.hex()) for one in read_checkpoints(text)]
    return "".join(f"{one.as_text()}\n" for one in signed), key


def test_a_checkpoint_that_somebody_else_signed_is_found(app: Flask, project: Made) -> None:
    """Everything was written anew, and the checkpoints with it, signed with a key of one's own."""
    path = checkpoint_file()
    ours = public_key()
    text, key = with_another_key(path.read_text("utf-8"))
    path.write_text(text, "utf-8")
    found(f"was signed with another key: {key}.", None)
    key_file("checkpoints.key").unlink()
    assert verdict().problem == "", "On another machine the key has to be named."
    found("was signed with another key", None, keys=[ours])
    assert verdict(keys=[ours, key]).problem == ""


@pytest.mark.parametrize("key", ["", "ab", "zz" * 32, "٣" * 64, "ab" * 33])
def test_a_key_that_is_none_is_refused(project: Made, key: str) -> None:
    with pytest.raises(Invalid, match="64 letters and digits"):
        audit.verify(keys=[key])


@pytest.mark.parametrize("how", ["a copy", "several lines", "a letter", "its text", "quoted", "broken lines"])
def test_a_copy_and_a_letter_are_read_like_the_file(project: Made, tmp_path: Path, how: str) -> None:
    one = checkpoints_in(checkpoint_file())[0]
    values = {"name": "Ada", "checkpoint": one.as_text(indent=1), "page": "https://example.org/{x}"}
    words = render_email("checkpoint", values, terms={})
    letter = EmailMessage()
    letter["Subject"] = words.subject
    letter.set_content(words.text, cte="quoted-printable")
    letter.add_alternative(words.html, subtype="html")
    path = tmp_path / "kept"
    path.write_bytes(
        {
            "a copy": checkpoint_file().read_bytes(),
            "several lines": one.as_text(indent=1).encode(),
            "a letter": letter.as_bytes(),
            "its text": words.text.encode(),
            "quoted": words.text.replace("\n", "\n> ").encode(),
            "broken lines": words.text.replace(one.signature, f"{one.signature[:70]}\n{one.signature[70:]}").encode(),
        }[how]
    )
    assert verdict(file=path).signed.count == 7


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Dear Ada,\n", "no checkpoint in it"),
        (b"\xff\xfe{", "no checkpoint in it"),
        (b"{\xff", "no file of checkpoints"),
        (b"{", "line 1"),
        (b"Dear {govflow checkpoint 1}", "line 1"),
        (b"Content-Type: text/plain; charset=x\n\n", "no checkpoint in it"),
        (b"Content-Type: multipart/mixed; boundary=x\n\n--x", "no checkpoint in it"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(project: Made, tmp_path: Path, content, said: str) -> None:
    path = tmp_path / "some.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Refused, match=said):
        audit.verify(file=path)


def test_a_checkpoint_file_that_is_gone_is_missed(project: Made) -> None:
    checkpoint_file().unlink()
    with pytest.raises(Refused, match="is gone"):
        audit.verify()


def test_before_anything_was_signed_the_chain_alone_is_looked_over(app: Flask) -> None:
    assert audit.verify() == []
    a_project(app, plugins={"kitchen": TEA})
    assert "There is no checkpoint to hold it against" in verdict().sentence()


def test_one_organisation_can_be_looked_over_alone(app: Flask, project: Made) -> None:
    a_project(app, plugins={"kitchen": TEA}, organisation="moor", slug="peat")
    assert [one.organisation for one in audit.verify()] == ["hearth", "moor"]
    assert verdict(organisation="moor").lines == 3
    with pytest.raises(NotFound, match="no organisation “fell”"):
        audit.verify(organisation="fell")


def test_an_organisation_in_which_nothing_was_done_is_whole(app: Flask) -> None:
    write()
    db.session.add(Organisation(slug="fell", name="Fell"))
    db.session.commit()
    assert verdict().sentence().startswith("The history of fell is whole: 0 lines.")
    assert write_checkpoints().checkpoints == []


# --- an older copy --------------------------------------------------------------------------------------------------


def copied(app: Flask, postgres_url, folder: Path) -> str:
    """A copy of the whole database as it is now; its URL."""
    db.session.remove()
    db.engine.dispose()
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    if url.startswith("postgresql"):
        return postgres_url(url.partition("@/")[2].partition("?")[0])
    with closing(sqlite3.connect(folder / "govflow.sqlite")) as one, closing(sqlite3.connect(folder / "old")) as other:
        one.backup(other)
    return f"sqlite:///{shutil.move(folder / 'old', folder / 'older.sqlite')}"


@contextmanager
def opened(app: Flask, url: str) -> Iterator[None]:
    """The same installation, its keys and checkpoints with it, over another database."""
    from govflow.app import create_app

    settings = dataclasses.replace(app.config["GOVFLOW"], database_url=url)
    with create_app(settings, declared=app.extensions["govflow"].declared).app_context():
        yield
        db.session.remove()
        db.engine.dispose()


# --- what is in it --------------------------------------------------------------------------------------------------


def test_an_attacker_of_these_tests_can_do_what_they_say(app: Flask, project: Made) -> None:
    """Otherwise every test here would find a failed attack."""
    with behind_its_back(app) as attacker:
        assert isinstance(attacker, Attacker)
        attacker.delete(9)
        attacker.set(8, verb="x")
        attacker.hash_again(8)
    assert [one.verb for one in lines_of(1)][-1] == "x"
    assert verdict().problem == ""


def test_lines_of_the_organisation_and_of_its_projects_are_one_chain(app: Flask, project: Made) -> None:
    write()
    log_of(1, "session.began", by=project.by("lead-1"), today=TODAY)
    db.session.commit()
    assert [one.number for one in rows(EventRow)] == list(range(1, 11))
    assert verdict().lines == 10
