"""docs/history.md: whoever writes a program of their own from it finds what ours finds."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from govflow.app import create_app
from govflow.services.gates import gates
from govflow.services.history.checkpoints import checkpoint_file, write_checkpoints
from govflow.services.history.history import erase_words_about
from govflow.store import db, write
from tests.support.factories import TEA, TODAY, a_project
from tests.support.settings import settings_for

PAGE = Path(__file__).parents[2] / "docs" / "history.md"


@pytest.fixture
def app(sqlite_template: Path, tmp_path: Path, shipped):
    shutil.copy(sqlite_template, tmp_path / "govflow.sqlite")
    made = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'govflow.sqlite'}"), declared=shipped)
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """The program of the page, as somebody would copy it."""
    (program,) = re.findall(r"```python\n(.+?)```", PAGE.read_text("utf-8"), re.S)
    (folder / "look.py").write_text(program, "utf-8")
    words = [sys.executable, "-W", "ignore", "look.py", "govflow.sqlite", str(checkpoint_file())]
    return subprocess.run(words, capture_output=True, text=True, cwd=folder, check=False)


def test_the_program_of_the_page_finds_a_history_whole_and_a_changed_one_not(app: Flask, tmp_path: Path) -> None:
    project = a_project(app, plugins={"kitchen": TEA})
    for key, words in (("lived-1", "J’ai mal à la tête, “sic”."), ("practice-1", "Not yet.")):
        gates.say_not_ready(project.id, words=words, by=project.by(key), today=TODAY)
    write()
    erase_words_about(project.by("practice-1").person_id, by=None, today=TODAY)
    db.session.commit()
    write_checkpoints()
    done = run(tmp_path)
    assert (done.stdout, done.returncode) == ("hearth: 6 lines, whole.\n", 0), done.stderr
    db.session.remove()
    with closing(sqlite3.connect(tmp_path / "govflow.sqlite")) as database, database:
        database.execute("DROP TRIGGER log_words_no_update")
        database.execute('UPDATE log_words SET facts = \'{"words": "Fine."}\' WHERE line_id = 4')
    assert run(tmp_path).stderr == "hearth: line 4 is wrong.\n"
    with closing(sqlite3.connect(tmp_path / "govflow.sqlite")) as database, database:
        database.execute("DROP TRIGGER log_line_no_delete")
        database.execute("DELETE FROM log_words WHERE line_id > 3")
        database.execute("DELETE FROM log_line WHERE number > 3")
    assert run(tmp_path).stderr == "hearth: 6 lines were signed, and fewer are here.\n"


def test_the_page_names_the_triggers_that_are_there(app: Flask) -> None:
    names = {row.name for row in db.session.execute(db.text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))}
    named = set(re.findall(r"DROP TRIGGER (\w+)", PAGE.read_text("utf-8")))
    assert named
    assert named <= names
