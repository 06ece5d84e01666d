"""`plugin new` gives a plugin whose own tests pass untouched; `plugin check` names what is wrong with one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from govflow.cli.plugin_making import check_plugin, new_plugin
from govflow.domain.refusals import Invalid, Refused

GOOD = """
from govflow.plugin import Check, hookimpl, met

def judge(case):
    return met("All is well.")

@hookimpl
def register_checks():
    return [Check(slug="one", title="One", why="Because.", judge=judge)]
"""


SETTINGS = """
from dataclasses import dataclass
@dataclass
class Settings:
    number: int = 1
@hookimpl
def register_config():
    return Settings
"""
LIST = """
from govflow.plugin import LEAD, Field, Letter, Page, Register, entry_added, person_field
def view(desk):
    return []
def words(case):
    return ['x']
@hookimpl
def register_registers():
    return [Register(slug="shelf", title="Shelf", label="what", never_by=(), fields=(
        Field(name="what", label="What"), Field(name="whose", label="Whose", kind="person")))]
@hookimpl
def register_pages():
    return [Page(slug="shelf_page", title="The shelf", view=view)]
@hookimpl
def register_letters():
    return [Letter(slug="added", subject="Added", to=LEAD, when=entry_added("shelf"), words=words)]
"""


def a_plugin(folder: Path, code: str, *, slug: str = "mine") -> Path:
    (folder / "mine.py").write_text(code)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "govflow-mine"\n[project.entry-points.govflow]\n{slug} = "mine"\n'
    )
    return folder


def test_a_new_plugin_passes_its_own_tests_untouched_and_the_door_likes_it(tmp_path: Path) -> None:
    folder = new_plugin("ethics-review", tmp_path)
    assert check_plugin(folder) == []
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "."],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 passed" in ran.stdout
    assert not [path for path in folder.rglob("*") if path.is_file() and "$" in path.read_text("utf-8", "ignore")]


@pytest.mark.parametrize("name", ["Ethics", "ethics review", "", "../x", "1st", "a" * 50])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid):
        new_plugin(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_never_written_over(tmp_path: Path) -> None:
    new_plugin("ethics", tmp_path)
    with pytest.raises(Refused):
        new_plugin("ethics", tmp_path)


@pytest.mark.parametrize("folder", sorted(Path("plugins").glob("govflow-*")), ids=lambda folder: folder.name)
def test_every_shipped_plugin_is_fine(folder: Path) -> None:
    assert check_plugin(folder) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (GOOD.replace("def register_checks", "def register_cheks"), "register_cheks: there is no such hook"),
        (GOOD.replace("def register_checks()", "def register_checks(app)"), "is handed config and nothing else"),
        (GOOD.replace("@hookimpl\n", ""), "not marked with @hookimpl"),
        (GOOD.replace('slug="one"', 'slug="One More"'), "a slug has small letters"),
        (GOOD.replace('why="Because."', 'why=" "'), "needs a why"),
        (GOOD.replace('return met("All is well.")', "return None"), "broken in the stage bid"),
        (GOOD.replace('return met("All is well.")', "import time; time.sleep(.1); return met('x')"), "0.05 s"),
        (GOOD.replace("met\n", "met, unmet\n").replace('return met("All is well.")',
         "return met('x') if case.today.year < 2027 else unmet('y')"), "with no look_again"),
        ("raise RuntimeError('no luck')", "RuntimeError: no luck"),
        ("import os; os._exit(3)", "ended the process that loaded it (exit code 3"),
        ("import time; time.sleep(60)", "did not load within 10 seconds"),
        (GOOD.replace('return met("All is well.")', "\n    while True: pass"), "did not answer within a second"),
        (GOOD.replace('why="Because."', 'why="Because.", remind_evry=3'), "(mine.py, line 9)"),
        (f"{GOOD}\n{SETTINGS}", "the settings must be frozen"),
        (f"{GOOD}\n{LIST}".replace("never_by=()", 'never_by=(person_field("persn"),)'), "reads the field “persn”"),
        (GOOD.replace("judge=judge", "judge=judge, owed_by=(1,)"), "owed_by takes one of LEAD"),
        (f"{GOOD}\n{LIST}".replace("return []", "return 1 / 0"), "page shelf_page: it cannot be drawn"),
        (f"{GOOD}\n{LIST}".replace("return ['x']", "return case.nam(1)"), "letter added: it cannot be worded"),
        ("def broken(:", "SyntaxError"),
    ],
    ids=lambda value: value[:40] if " " in value and "\n" not in value else None,
)  # fmt: skip
def test_what_is_wrong_with_a_plugin_is_named(tmp_path: Path, code: str, said: str) -> None:
    assert any(said in problem for problem in check_plugin(a_plugin(tmp_path, code)))


def test_a_name_that_is_taken_is_named_with_its_owner(tmp_path: Path) -> None:
    assert check_plugin(a_plugin(tmp_path, GOOD, slug="induction")) == [
        "“induction” is taken by govflow-induction. Choose another name."
    ]


def test_a_plugin_that_nobody_would_find_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert "no entry point" in check_plugin(tmp_path)[0]
