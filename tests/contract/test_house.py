"""What holds the house together: the arrows between rooms, the plugin door, and migrations that match the models."""

from __future__ import annotations

import ast
import logging
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import govflow.plugin
from govflow.app import MIGRATIONS
from govflow.services.health import database_ready
from govflow.store import db

ROOT = Path(__file__).parents[2]


def test_the_arrows_between_the_rooms_point_where_the_design_says():
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    sys.path.insert(0, str(ROOT))
    try:
        assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS
    finally:
        sys.path.remove(str(ROOT))
        for one in logging.root.manager.loggerDict.values():
            if isinstance(one, logging.Logger):
                one.disabled = False  # it switches off every logger there is, and later tests listen to ours


def modules() -> list[Path]:
    """The files of ours that are Python, migrations aside."""
    return [path for path in (ROOT / "govflow").rglob("*.py") if "migrations" not in path.parts]


def test_no_folder_holds_more_modules_than_one_takes_in_at_a_look():
    folders = Counter(path.parent.relative_to(ROOT).as_posix() for path in modules())
    assert {folder: number for folder, number in folders.items() if number > 15} == {}


def test_the_name_of_a_class_means_one_thing():
    named = Counter(
        node.name
        for path in modules()
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, number in named.items() if number > 1 and not name.startswith("_")] == []


def test_the_outbox_is_told_of_the_emails_of_every_topic():
    services = ROOT / "govflow" / "services"
    told = imports(services / "emails.py")
    topics = {path.parent.name for path in services.glob("*/emails.py")}
    assert len(topics) >= 8
    assert {f"govflow.services.{topic}" for topic in topics} <= told


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "module", ["govflow.plugin", "govflow.plugin.testing", "govflow.domain.gates.gates", "govflow.plugin_host.loader"]
)
def test_a_plugin_author_s_import_brings_no_flask_and_no_database(module):
    heavy = {"flask", "sqlalchemy", "flask_sqlalchemy", "wtforms", "rq", "redis"}
    loaded = set(python(f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})").split())
    assert not heavy & loaded


def imports(path: Path) -> set[str]:
    """The modules of ours that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {one for one in found if one.partition(".")[0] == "govflow"}


PLUGIN_FILES = sorted(path for path in ROOT.glob("plugins/govflow-*/govflow_*/**/*.py"))


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=lambda path: path.parent.name)
def test_a_shipped_plugin_comes_in_by_the_same_door_as_an_outsider(path):
    assert imports(path) <= {"govflow.plugin"}


def test_there_are_plugins_to_look_at():
    assert len(PLUGIN_FILES) >= 4


PUBLIC = """
    ALL ALWAYS API_VERSION COORDINATOR EVERY_MEMBER FINANCE INVITER LEAD MEMBER PROJECT SUBJECT VISIT Case Check Entry
    Evidence Field Finding Lifecycle Member Poll ProjectFacts Question Register Round Stage Statement Verdict Visit
    after_field after_joining after_stage_entry before_field by_project_month count day entry every_months hookimpl
    listed met named not_needed ok person_field read_toml refuse role setting unmet warn AGREE CONCERN ORGANISATION Bar
    Chart Desk Document File Form Letter Link Mark NewFile OrganisationDesk Page Span Table Text Version entry_added
"""


def test_no_name_leaves_the_plugin_door():
    """Names may be added here with the release that brings them; taking one away breaks somebody's plugin."""
    assert set(PUBLIC.split()) <= set(govflow.plugin.__all__)
    assert all(hasattr(govflow.plugin, name) for name in govflow.plugin.__all__)


def test_every_public_name_is_in_this_list():
    assert sorted(govflow.plugin.__all__) == sorted(PUBLIC.split())


def test_a_migrated_database_is_what_the_models_say(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": db.metadata})
        assert compare_metadata(context, db.metadata) == []
    assert database_ready(str(MIGRATIONS)) == ""


def test_the_migrations_are_one_line_of_history():
    script = ScriptDirectory(str(MIGRATIONS))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_a_database_that_is_not_migrated_is_not_ready(tmp_path, postgres_server):
    from govflow.app import create_app
    from tests.support.settings import settings_for

    for url in (f"sqlite:///{tmp_path / 'empty.sqlite'}", postgres_server.create()):
        with create_app(settings_for(tmp_path, url)).app_context():
            assert "govflow db upgrade" in database_ready(str(MIGRATIONS))
            db.engine.dispose()


def test_only_the_post_speaks_smtp_and_only_the_clock_asks_for_the_day():
    for path in (ROOT / "govflow").rglob("*.py"):
        text = path.read_text("utf-8")
        name = path.relative_to(ROOT / "govflow").as_posix()
        if name != "mail/smtp.py":
            assert "smtplib" not in text, name
        if name.startswith(("domain/", "plugin/")):
            for asking in ("date.today", "datetime.now", "time.time", "datetime.today"):
                assert asking not in text, name


def test_every_decision_says_whether_it_stands_and_what_it_touches() -> None:
    for decision in sorted((ROOT / "docs" / "decisions").glob("*.md")):
        said = re.search(r"^\d{4}-\d\d-\d\d\. Status: (.+?)\.\s+Touches: (.+?)\.$", decision.read_text(), re.M | re.S)
        assert said is not None, f"{decision.name} has no line “DATE. Status: …. Touches: ….”"
        for path in re.findall(r"`([^`*]+)`", said[2].partition("\n\n")[0]):
            assert (ROOT / path).exists(), f"{decision.name} touches {path}, which is not there."
