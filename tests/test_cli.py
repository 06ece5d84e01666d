"""The command line as people use it: exit codes, one sentence or one JSON document.

Each command is run in this process (tests/support/commands.py); `test_python_m_govflow…` starts real ones from nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from govflow.cli.up import demo_files
from tests.support import servers
from tests.support.commands import TODAY, FromNothing, Installation, WarmJudge
from tests.support.factories import FOUR, a_file, days, person


@pytest.fixture(scope="module")
def judge() -> Iterator[WarmJudge]:
    warm = WarmJudge()
    yield warm
    warm.end()


@pytest.fixture
def here(tmp_path, database_url, judge) -> Installation:
    return Installation(tmp_path, database_url, judge)


@pytest.fixture
def lite(tmp_path, sqlite_template, judge) -> Installation:
    """The same on SQLite alone, for what no database can tell apart."""
    import shutil

    shutil.copy(sqlite_template, tmp_path / "govflow.sqlite")
    return Installation(tmp_path, f"sqlite:///{tmp_path / 'govflow.sqlite'}", judge)


LONG = a_file(started=a_file()["project"]["started"] - days(400), entered=a_file()["project"]["started"] - days(200))
GATE = {"project", "stage", "next", "today", "open", "sign_offs", "findings"}
FINDING = {"check", "about", "subject", "outcome", "sentence", "holds", "waived", "due_on", "overdue", "owed_by"}


@pytest.mark.core
@pytest.mark.both_engines
def test_a_project_goes_its_way_by_commands_alone(here):
    """Import, look, answer for everybody, let pass, sign off, advance, back."""
    assert here.json("project", "import", here.file(a_file())) == {
        "slug": "kettle",
        "members": 4,
        "entries": 0,
        "evidence": 0,
    }
    gate = here.json("gate", "kettle")
    assert set(gate) >= GATE
    assert set(gate["sign_offs"]) == {"have", "missing"}
    assert all(set(one) == FINDING for one in gate["findings"])
    assert (gate["project"], gate["stage"], gate["next"], gate["today"], gate["open"]) == (
        "kettle",
        "bid",
        "design",
        TODAY,
        False,
    )
    assert gate["sign_offs"] == {"have": [], "missing": ["lived", "practice", "research", "lead"]}
    assert {one["outcome"] for one in gate["findings"]} <= {"met", "unmet", "not_needed", "broken"}

    assert "Not ready yet" in here.refused("project", "advance", "kettle", "--by", "lead-1@example.org", "--json")
    for member in FOUR:
        here.run(
            "project",
            "answer",
            "kettle",
            "induction.welcomed",
            "--about",
            member["key"],
            "--by",
            member["email"],
            "agreed=yes",
        )
    waive = [
        "--by",
        "lived-1@example.org",
        "--second",
        "practice-1@example.org",
        "--reason",
        "Soon.",
        "--until",
        "2026-03-09",
    ]
    passed = {"stress_test.talked", "stress_test.evidence", "ways_of_working.limits"}
    for check in passed:
        assert here.json("project", "waive", "kettle", check, *waive)["check"] == check
    for member in FOUR:
        here.run("project", "sign-off", "kettle", "--by", member["email"])
    gate = here.json("gate", "kettle")
    assert gate["open"] is True
    assert {"name": "Lived 1", "for": ["lived"]} in gate["sign_offs"]["have"]
    assert {one["check"] for one in gate["findings"] if one["waived"]} == passed

    assert here.json("project", "advance", "kettle", "--by", "lead-1@example.org") == {"stage": "design", "from": "bid"}
    back = ["project", "back", "kettle", "bid", "--by", "lead-1@example.org", "--reason", "A better question."]
    assert here.json(*back) == {"stage": "bid", "from": "design"}
    listed = here.json("project", "list")
    assert [{key: one[key] for key in ("slug", "title", "stage", "open", "organisation")} for one in listed] == [
        {"slug": "kettle", "title": "The Kettle Study", "stage": "bid", "open": False, "organisation": "hearth"}
    ]


def test_what_is_late_is_swept_once_and_delivered_once(here, smtp_sink):
    here.run("project", "import", here.file(LONG), "--keep-dates")
    keys = {"today", "judged", "late", "letters_new", "letters_owed"}
    dry = here.json("sweep", "--once", "--dry-run")
    first, second = here.json("sweep", "--once"), here.json("sweep", "--once")
    assert set(dry) == set(first) == set(second) == keys
    assert (first["today"], first["letters_new"], first["letters_owed"], second["letters_new"]) == (TODAY, 1, 1, 0)
    assert first["late"] == second["late"] == dry["late"] > 1
    mail = {"GOVFLOW_MAIL_URL": smtp_sink.url, "GOVFLOW_MAIL_FROM": "GovFlow <g@example.org>"}
    assert here.json("deliver", **mail) == {"sent": 1, "failed": 0, "owed": 0}
    assert here.json("deliver", **mail) == {"sent": 0, "failed": 0, "owed": 0}
    assert [letter.recipients for letter in smtp_sink.received] == [["lead-1@example.org"]]


def test_community_navigators_has_an_author_who_is_not_covered(lite):
    path = lite.folder / "community-navigators.toml"
    path.write_bytes(demo_files()["community-navigators.toml"])
    assert lite.json("project", "import", path, "--keep-dates")["slug"] == "community-navigators"
    gate = lite.json("gate", "community-navigators", "--today", "2020-01-01")
    covers = [one for one in gate["findings"] if one["check"] == "paid_authors.covered" and one["outcome"] == "unmet"]
    assert (gate["stage"], gate["next"], gate["today"]) == ("dissemination", None, "2020-01-01")
    assert covers
    assert all(one["sentence"].startswith("Pay cover: ") and one["holds"] and one["about"] == "entry" for one in covers)


@pytest.mark.core
def test_an_export_imports_to_the_same_gate(lite):
    lite.run("project", "import", lite.file(LONG), "--keep-dates")
    out = lite.folder / "out.toml"
    assert lite.run("project", "export", "kettle", "-o", out).stdout == ""
    assert lite.run("project", "export", "kettle").stdout == out.read_text("utf-8")
    assert lite.json("project", "import", out, "--keep-dates")["slug"] == "kettle-2"
    first, second = lite.json("gate", "kettle"), lite.json("gate", "kettle-2")
    assert first["findings"] == second["findings"]


@pytest.mark.core
def test_every_installed_plugin_is_listed_with_what_it_declares(lite):
    lite.run("project", "import", lite.file(a_file()))
    found = {one["slug"]: one for one in lite.json("plugin", "list")}
    assert {"stress_test", "induction", "outputs", "paid_authors"} <= set(found)
    promised = {"slug", "version", "on", "broken", "checks", "registers", "documents", "polls"}
    for one in found.values():
        assert set(one) == promised | {"lifecycles", "pages", "trace"}
        assert one["slug"].startswith("evil_") or not one["broken"], "test_containment runs this with evil ones there"
    checks = {check["id"]: check for one in found.values() for check in one["checks"]}
    assert {"stress_test.talked", "stress_test.evidence", "induction.welcomed", "paid_authors.covered"} <= set(checks)
    assert set(checks["induction.welcomed"]) == {"id", "stages", "about", "questions"}
    assert {"name": "agreed", "kind": "yes_no", "required": True} in checks["induction.welcomed"]["questions"]
    assert checks["paid_authors.covered"]["about"] == "outputs.output"
    assert {"id": "outputs.output", "fields": ["title", "kind", "planned_end", "writers"]} in found["outputs"][
        "registers"
    ]


@pytest.mark.core
def test_a_plugin_is_switched_on_and_off_for_one_organisation(lite):
    lite.run("project", "import", lite.file(a_file()))
    lite.run("plugin", "off", "induction", "--organisation", "hearth")
    assert "induction.welcomed" not in {one["check"] for one in lite.json("gate", "kettle")["findings"]}
    lite.run("plugin", "on", "induction", "--organisation", "hearth")
    assert "induction.welcomed" in {one["check"] for one in lite.json("gate", "kettle")["findings"]}
    assert "no organisation" in lite.refused("plugin", "off", "induction", "--organisation", "nowhere")
    assert "no plugin" in lite.refused("plugin", "on", "cake", "--organisation", "hearth")


def test_the_operator_lets_the_first_people_in_with_a_link(lite):
    said = lite.run(
        "person", "invite", "ada@example.org", "--name", "Ada", "--organisation", "hearth", "--admin"
    ).stdout
    again = lite.run("person", "link", "ada@example.org").stdout
    for one in (said, again):
        assert one.startswith("http://127.0.0.1:8000/sign-in/")
        assert len(one.strip().splitlines()) == 1
    assert said != again
    assert "nobody" in lite.refused("person", "link", "nobody@example.org")


def test_the_operator_helps_whoever_has_lost_phone_and_codes(lite):
    lite.run("person", "invite", "ada@example.org", "--name", "Ada")
    assert "Ada has no second step any more" in lite.run("person", "forget-steps", "ada@example.org").stdout
    assert "nobody" in lite.refused("person", "forget-steps", "nobody@example.org")


def test_a_database_is_made_and_a_second_upgrade_changes_nothing(tmp_path, postgres_server):
    for url in (f"sqlite:///{tmp_path / 'new.sqlite'}", postgres_server.create()):
        here = Installation(tmp_path, url)
        assert "Run: govflow db upgrade" in here.refused("project", "list", "--json")
        assert here.run("db", "upgrade").stdout.startswith("Migrated from nothing to ")
        assert here.run("db", "upgrade").stdout.startswith("The database is at ")
        assert here.json("project", "list") == []


def test_the_demo_is_loaded_once(lite):
    said = lite.run("demo").stdout
    assert all(slug in said for slug in ("hounslow", "partners2", "community-navigators"))
    assert "already" in lite.run("demo").stdout
    listed = {one["slug"]: one["stage"] for one in lite.json("project", "list")}
    assert listed == {"hounslow": "design", "partners2": "trial", "community-navigators": "dissemination"}
    assert len(lite.json("gate", "partners2")["findings"]) > 70


BY = ["--by", "lead-1@example.org"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["gate", "nowhere"], "no project “nowhere”"),
        (["gate", "kettle", "--today", "1999-01-01"], "had not begun"),
        (
            ["project", "answer", "kettle", "induction.welcomed", "agreed=yes", "--about", "lived-1", *BY],
            "Only Lived 1 can answer",
        ),
        (["project", "answer", "kettle", "cake.tea", "agreed=yes", *BY], "no check “cake.tea”"),
        (["project", "sign-off", "kettle", "--by", "nobody@example.org"], "nobody with the address"),
        (["project", "sign-off", "nowhere", *BY], "no project"),
        (["project", "advance", "kettle", "--by", "lived-1@example.org"], "role"),
        (["project", "back", "kettle", "trial", "--reason", "x", *BY], "no earlier stage"),
        (
            [
                "project",
                "waive",
                "kettle",
                "stress_test.talked",
                "--second",
                "lead-1@example.org",
                "--reason",
                "x",
                "--until",
                "2026-03-09",
                *BY,
            ],
            "Somebody else",
        ),
        (
            [
                "project",
                "waive",
                "kettle",
                "stress_test.talked",
                "--second",
                "lived-1@example.org",
                "--reason",
                "x",
                "--until",
                "2025-03-09",
                *BY,
            ],
            "today or later",
        ),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_1_and_with_json_one_document(lite, words, sentence):
    lite.run("project", "import", lite.file(a_file()))
    assert sentence in lite.refused(*words)
    assert sentence in lite.refused(*words, "--json")


def test_a_wrong_file_is_refused_with_its_table_and_key_and_nothing_is_imported(lite):
    wrong = lite.file(a_file(members=[*FOUR, person("fifth", "magic")]))
    for words in ((), ("--json",)):
        assert "[[member]] number 5, key “expertise”" in lite.refused("project", "import", wrong, *words)
    assert lite.json("project", "list") == []


@pytest.mark.parametrize(
    "words",
    [
        ["cake"],
        ["gate"],
        ["gate", "kettle", "--today", "soon"],
        ["project", "import", "/no/such/file.toml"],
        ["project", "sign-off", "kettle"],
        ["project", "answer", "kettle", "induction.welcomed", *BY],
        ["project", "answer", "kettle", "induction.welcomed", "agreed", *BY],
        ["sweep", "--every", "0"],
        ["web", "--port", "99999"],
        ["project", "waive", "kettle", "a.b", *BY],
    ],
)
def test_wrong_usage_is_exit_2(lite, words):
    assert "Usage" in lite.run(*words, exit=2).stderr


def test_python_m_govflow_makes_a_database_brings_a_project_in_and_sweeps_twice(tmp_path):
    here = FromNothing(tmp_path, "")
    here.run("db", "upgrade")
    here.run("project", "import", here.file(LONG), "--keep-dates")
    assert set(here.json("gate", "kettle")) >= GATE
    assert [here.json("sweep", "--once")["letters_new"] for _ in range(2)] == [1, 0]
    assert "no project" in here.refused("gate", "nowhere")
    assert "Usage" in here.run("cake", exit=2).stderr


def test_help_is_there_without_any_setting(tmp_path):
    here = Installation(tmp_path, "")
    here.environ = {name: value for name, value in here.environ.items() if not name.startswith("GOVFLOW_")}
    assert "sweep" in here.run("--help").stdout
    assert "--dry-run" in here.run("sweep", "--help").stdout


# --- settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("GOVFLOW_CAKE", "1", "GOVFLOW_CAKE"),
        ("GOVFLOW_DATABASE_URL", "mysql://x/y", "database_url"),
        ("GOVFLOW_MAIL_URL", "http://mail", "mail_url"),
        ("GOVFLOW_BASE_URL", "gov.example", "base_url"),
        ("GOVFLOW_SECRET_KEY", "short", "secret_key"),
        ("GOVFLOW_DEMO", "perhaps", "demo"),
        ("GOVFLOW_TODAY", "soon", "GOVFLOW_TODAY"),
    ],
)
def test_a_wrong_or_unknown_setting_stops_the_start_with_a_sentence_that_names_it(lite, name, value, sentence):
    assert sentence in lite.refused("project", "list", **{name: value})
    assert sentence in lite.refused("project", "list", "--json", **{name: value})


def test_an_unknown_setting_in_the_file_stops_the_start_too(lite):
    (lite.folder / "instance").mkdir()
    (lite.folder / "instance" / "govflow.toml").write_text('cake = "1"\n')
    assert "unknown setting “cake”" in lite.refused("project", "list")


@pytest.mark.parametrize("words", [["web"], ["sweep", "--once"], ["sweep", "--every", "60"], ["worker"], ["deliver"]])
def test_outside_the_demo_an_unset_mail_address_stops_what_serves_or_posts(lite, words):
    said = lite.refused(*words, GOVFLOW_DEMO="", GOVFLOW_TODAY="")
    assert "mail_url" in said
    assert "GOVFLOW_MAIL_URL" in said


def test_outside_the_demo_what_only_reads_needs_no_mail_address(lite):
    assert lite.json("project", "list", GOVFLOW_DEMO="", GOVFLOW_TODAY="") == []


def test_another_day_is_for_the_demo_and_for_dry_runs(lite):
    mail = {"GOVFLOW_MAIL_URL": f"smtp://127.0.0.1:{servers.free_port()}", "GOVFLOW_MAIL_FROM": "g@example.org"}
    outside = {"GOVFLOW_DEMO": "", "GOVFLOW_TODAY": "", **mail}
    assert "--today" in lite.refused("sweep", "--once", "--today", "2030-01-01", **outside)
    assert lite.json("sweep", "--once", "--today", "2030-01-01", "--dry-run", **outside)["today"] == "2030-01-01"
    assert "GOVFLOW_TODAY" in lite.refused("project", "list", **{**outside, "GOVFLOW_TODAY": TODAY})


def test_the_secret_is_made_once_and_its_owner_alone_can_read_it(lite):
    lite.run("project", "list")
    secret = lite.folder / "instance" / "secret_key"
    first = secret.read_text()
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(first) >= 32
    lite.run("project", "list")
    assert secret.read_text() == first
    secret.chmod(0o644)
    assert "chmod 600" in lite.refused("project", "list")


@pytest.mark.core
def test_rebuilding_changes_no_gate(lite):
    lite.run("project", "import", lite.file(LONG), "--keep-dates")
    before = lite.json("gate", "kettle")
    assert "1 project" in lite.run("rebuild").stdout
    assert lite.json("gate", "kettle") == before


# --- the history ----------------------------------------------------------------------------------------------


def test_the_history_is_signed_and_looked_over_by_commands_alone(here):
    assert here.run("audit", "verify").stdout == "There is no history yet.\n"
    assert "Nothing has been signed yet" in here.refused("audit", "key")
    here.run("project", "import", here.file(a_file()))
    assert "There is no checkpoint to hold it against" in here.run("audit", "verify").stdout
    assert here.json("audit", "checkpoint")["signed"] == [{"organisation": "hearth", "count": 1}]
    assert here.run("audit", "checkpoint").stdout == "There is nothing new to sign.\n"
    key = here.run("audit", "key").stdout.strip()
    assert here.json("audit", "key") == {"key": key}
    for options in ((), ("--key", key), ("--organisation", "hearth"), ("--checkpoint", keys_of(here))):
        said = here.run("audit", "verify", *options).stdout
        assert said.startswith("The history of hearth is whole: 1 line. It agrees with its checkpoint of ")
        (found,) = here.json("audit", "verify", *options)["organisations"]
        assert (found["whole"], found["lines"], found["problem"], found["line"]) == (True, 1, None, None)


def keys_of(here):
    return here.folder / "instance-keys" / "checkpoints.jsonl"


def test_a_history_that_was_tampered_with_is_exit_1_and_the_line_is_named(lite):
    import sqlite3
    from contextlib import closing

    lite.run("project", "import", lite.file(a_file()))
    lite.run("audit", "checkpoint")
    with closing(sqlite3.connect(lite.folder / "govflow.sqlite")) as database, database:
        database.execute("DROP TRIGGER log_line_no_update")
        database.execute("UPDATE log_line SET person_id = 2")
    sentence = "The history of hearth is not whole. Line 1 was changed after it was written."
    assert lite.refused("audit", "verify") == sentence
    found = json.loads(lite.run("audit", "verify", "--json", exit=1).stdout)
    assert found["error"] == sentence
    assert found["organisations"][0] | {"checkpoint": None} == {
        "organisation": "hearth", "lines": 1, "whole": False, "line": 1, "checkpoint": None,
        "problem": "Line 1 was changed after it was written.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--checkpoint", "nowhere.jsonl"), "nowhere.jsonl cannot be read: No such file or directory."),
        (("--organisation", "moor"), "There is no organisation “moor”, and no checkpoint of one."),
        (("--key", "abc"), "A key is 64 letters and digits, as govflow audit key prints it."),
        (("--json", "--key", "abc"), "A key is 64 letters and digits, as govflow audit key prints it."),
    ],
)
def test_what_cannot_be_looked_over_is_refused_in_a_sentence(lite, words, sentence):
    assert lite.refused("audit", "verify", *words) == sentence


def test_where_checkpoints_cannot_be_written_the_command_and_the_doctor_say_so(lite):
    lite.run("project", "import", lite.file(a_file()))
    (lite.folder / "a-file").write_text("", "utf-8")
    place = {"GOVFLOW_CHECKPOINTS": str(lite.folder / "a-file" / "checkpoints.jsonl")}
    assert "a-file/checkpoints.jsonl cannot be written" in lite.refused("audit", "checkpoint", **place)
    assert "a-file/checkpoints.jsonl cannot be written" in lite.run("doctor", exit=1, **place).stderr
