"""Plugins that go wrong in every way we know, installed as plugins are: nobody else's work stops.

Each is installed by an entry point into a folder of its own, seen by this process and by the judge's. A core journey
(look, answer, sign off, move on) is made with each of them installed and switched on, and some forty promises of the
core, which are marked so, are tried once more with all of them installed, on SQLite.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from govflow.app import create_app
from govflow.domain.refusals import GateHeld
from govflow.plugin_host.loader import load_plugins
from govflow.plugin_host.sandbox import SILENCE, JudgeProcess
from govflow.services.gates import evidence, gates
from govflow.services.plugins.plugins import switch
from govflow.store import db
from tests.support.factories import PRACTICES, TODAY, Made, a_file, made, toml
from tests.support.hostile_plugins import EVIL as JUDGES
from tests.support.hostile_plugins import HEAD
from tests.support.servers import alive, wait_until

CHECK = 'Check(slug="one", title="A check", why="Because.", judge=lambda case: met("x"))'
FINE = f"""
from govflow.plugin import Check, Page, Register, Field, Text, hookimpl, met, unmet
@hookimpl
def register_checks():
    return [{CHECK}]
"""
LOADING: dict[str, str] = {
    "raises_at_import": "raise RuntimeError('no')",
    "exits_at_import": "raise SystemExit(3)",
    "syntax": "def broken(:",
    "missing_module": "import no_such_module_anywhere",
    "raises_at_register": FINE.replace(f"return [{CHECK}]", "raise RuntimeError('no')"),
    "exits_at_register": FINE.replace(f"return [{CHECK}]", "raise SystemExit(3)"),
    "registers_nonsense": FINE.replace(CHECK, "object()"),
    "registers_a_number": FINE.replace(f"[{CHECK}]", "7"),
    "misspells": FINE.replace("def register_checks", "def register_cheks"),
    "wants_arguments": FINE.replace("register_checks()", "register_checks(app)"),
    "wraps": FINE.replace("@hookimpl", "@hookimpl(wrapper=True)").replace(f"return [{CHECK}]", "yield; return []"),
    "wraps_the_old_way": FINE.replace("@hookimpl", "@hookimpl(hookwrapper=True)").replace(
        f"return [{CHECK}]", "outcome = yield; outcome.force_result([])"
    ),
    "bad_slug": FINE.replace('slug="one"', 'slug="../one"'),
    "shadows_a_route": FINE
    + (
        "@hookimpl\ndef register_registers():\n"
        "    return [Register(slug='ask', title='Ask', label='a', fields=(Field(name='a', label='A'),))]\n"
    ),
    "newer": FINE,
}
"""What cannot be loaded: each reads “could not be loaded” and holds the gates of those who have it on."""
SPEAKS_HTML = FINE.replace('met("x")', """unmet("<script>alert(1)</script><b>bold</b>")""")
PAGES: dict[str, str] = {
    "page_raises": "raise RuntimeError('no')",
    "page_exits": "raise SystemExit(3)",
    "page_says_nothing": "return None",
    "page_says_much": "return [Text(text='x')] * 1000",
    "page_speaks_html": "return Text(text='<script>alert(1)</script>', heading='<b>x</b>')",
}
ALL = {**LOADING, **{name: HEAD.format(body=body, slug=name) for name, body in JUDGES.items()}, "html": SPEAKS_HTML} | {
    name: FINE + f"def view(desk):\n    {body}\n@hookimpl\ndef register_pages():\n"
    "    return [Page(slug='gate', title='A page', view=view)]\n"
    for name, body in PAGES.items()
}
TEMPLATE = "templates/gates/gate.html"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("evil")
    install(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", str(folder))
        yield folder


def install(folder: Path) -> None:
    """One distribution a plugin; a template beside it that has the name of one of ours; two of one name."""
    for name, code in ALL.items():
        (folder / f"evil_{name}.py").write_text(code, "utf-8")
        _describe(folder, name, f"evil_{name}", "Requires-Dist: govflow>=7,<8\n" if name == "newer" else "")
    _describe(folder, "zz_second_induction", "evil_html", slug="induction")
    (folder / TEMPLATE).parent.mkdir(parents=True)
    (folder / TEMPLATE).write_text("This is no gate.", "utf-8")


def _describe(folder: Path, name: str, module: str, more: str = "", *, slug: str = "") -> None:
    info = folder / f"evil_{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: evil-{name}\nVersion: 1.0\n{more}", "utf-8")
    (info / "entry_points.txt").write_text(f"[govflow]\n{slug or f'evil_{name}'} = {module}\n", "utf-8")


@pytest.fixture(scope="module")
def service(installed: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The service as it serves: every plugin found by itself, judges in a process of their own."""
    import shutil

    from tests.support.settings import settings_for

    folder = tmp_path_factory.mktemp("service")
    shutil.copy(sqlite_template, folder / "govflow.sqlite")
    settings = settings_for(folder, f"sqlite:///{folder / 'govflow.sqlite'}", today=TODAY)
    app = create_app(settings, declared=load_plugins(skip=PRACTICES), apart=True)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        yield app
        judge = app.extensions["govflow"].judge
        judge.stop()
        db.session.remove()
        db.engine.dispose()


def outcomes(project: Made) -> dict[str, str]:
    return {one.check: one.outcome for one in project.gate().findings}


def a_new_project(app: Any, name: str) -> Made:
    """A project of an organisation of its own, with the welcome and one evil plugin on, in a stage of its own."""
    from govflow.services.project_file import import_project

    given = a_file(slug=name.replace("_", "-"), organisation=f"house-{name.replace('_', '-')}")
    project = made(import_project(toml(given), today=TODAY, keep_dates=True)["slug"])
    organisation = given["organisation"]["slug"]
    for plugin in ("stress_test", "paid_authors", "outputs"):
        switch(organisation=organisation, plugin=plugin, on=False, by=None, today=TODAY)
    switch(organisation=organisation, plugin=f"evil_{name}", on=True, by=None, today=TODAY)
    return project


SILENT = {"html", *PAGES}
"""These do nothing wrong while they are judged."""


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_core_journey_passes_with_an_evil_plugin_on(service: Any, name: str) -> None:
    """Answer, sign off, find the gate held by the plugin alone, switch it off, and move on."""
    project = a_new_project(service, name)
    for member in ("lead-1", "lived-1", "practice-1", "research-1"):
        evidence.answer(
            project.id, check_id="induction.welcomed", subject=member, given={"agreed": "yes"}, by=project.by(member),
            today=TODAY,
        )  # fmt: skip
        gates.sign_off(project.id, by=project.by(member), today=TODAY)
    found = outcomes(project)
    evil = {check: outcome for check, outcome in found.items() if check.startswith(f"evil_{name}.")}
    assert found["induction.welcomed"] == "met"
    if name not in SILENT:
        assert "broken" in evil.values()
    if name in LOADING:
        assert evil == {f"evil_{name}.plugin": "broken"}
    if name not in PAGES:
        with pytest.raises(GateHeld):
            gates.advance(project.id, by=project.by("lead-1"), today=TODAY)
    switch(organisation=f"house-{name.replace('_', '-')}", plugin=f"evil_{name}", on=False, by=None, today=TODAY)
    assert gates.advance(project.id, by=project.by("lead-1"), today=TODAY) == ("bid", "design")


@pytest.mark.parametrize("name", ["html", "raises_at_import", "shadows_a_route", *PAGES])
def test_the_pages_of_the_core_are_as_ever_and_one_page_at_most_names_the_plugin(service: Any, name: str) -> None:
    from tests.support.site import signed_in_as

    project = a_new_project(service, f"{name}")
    lead = signed_in_as(service, project.member("lead-1").person_id)
    slug = project.slug
    for path in ("", "/gate", "/people", "/history", "/sign-off", "/waivers", "/moves"):
        answer = lead.get(f"/projects/{slug}{path}")
        body = answer.get_data(as_text=True)
        assert answer.status_code == 200, path
        assert "<script>alert" not in body
        assert "This is no gate." not in body
        assert "Traceback" not in body
        assert "could not be shown" not in body, "only the plugin's own page says that it went wrong"
    answer = lead.get(f"/projects/{slug}/evil_{name}/gate")
    if name in PAGES and name != "page_speaks_html":
        assert answer.status_code == 502
        assert f"Evil {name.replace('_', ' ')}" in answer.get_data(as_text=True)
    elif name == "page_speaks_html":
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.get_data(as_text=True)
    else:
        assert answer.status_code == 404


def test_what_could_not_be_loaded_says_why_to_the_operator_and_is_calm_to_a_lead(service: Any) -> None:
    declared = service.extensions["govflow"].declared
    problems = {name: declared.plugins[f"evil_{name}"].problem for name in LOADING}
    assert all(problems.values()), problems
    assert "needs govflow" in problems["newer"]
    assert "7" in problems["newer"]
    assert "0.1.0" in problems["newer"]
    assert "register_cheks" in problems["misspells"]
    assert "wrapper" in problems["wraps"]
    assert "RuntimeError" in declared.plugins["evil_raises_at_import"].trace
    project = a_new_project(service, "syntax")
    (finding,) = [one for one in project.gate().findings if one.check == "evil_syntax.plugin"]
    assert "could not be loaded" in finding.sentence
    assert "SyntaxError" not in finding.sentence


def test_of_two_plugins_with_one_name_the_first_works_and_the_second_is_named(service: Any) -> None:
    declared = service.extensions["govflow"].declared
    assert "welcomed" in declared.plugins["induction"].checks
    (said,) = declared.refused
    assert said == (
        "A second plugin calls itself “induction” (from evil-zz_second_induction). It is not used; "
        "the first one (from govflow-induction) is."
    )


@pytest.mark.parametrize("name", ["loops", "sleeps", "eats"])
def test_five_seconds_later_nothing_of_a_judge_that_hung_is_left_and_a_request_lost_a_second(
    service: Any, name: str
) -> None:
    judge = service.extensions["govflow"].judge
    assert isinstance(judge, JudgeProcess)
    project = a_new_project(service, name)
    with judge._lock:
        judge._strikes.clear()
        judge._rests_until.clear()  # as if nobody had met this judge before
        before = judge._ready_child()
    assert before is not None
    began = time.monotonic()
    project.gate()
    took = time.monotonic() - began
    wait_until(lambda: not alive(before.pid) or (name == "eats" and resident(before.pid) < 200), 5)
    assert took < 4 * SILENCE, f"{took:.1f} s, starting a new judge included"


def resident(pid: int) -> int:
    """Mebibytes of memory a process holds: what the judge ate is given back, also where it was refused in time."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) // 1024


@pytest.mark.parametrize("name", ["loops", "is_gone"])
def test_a_command_is_not_held_up_by_a_judge_either(service: Any, installed: Path, name: str, tmp_path: Path) -> None:
    project = a_new_project(service, name)
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "GOVFLOW_INSTANCE": str(tmp_path),
        "GOVFLOW_DEMO": "1",
        "GOVFLOW_DATABASE_URL": service.config["SQLALCHEMY_DATABASE_URI"],
    }
    ran = subprocess.run(
        [sys.executable, "-m", "govflow", "gate", project.slug, "--json", "--today", TODAY.isoformat()],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    found = {one["check"]: one["outcome"] for one in json.loads(ran.stdout)["findings"]}
    assert found[f"evil_{name}.{name}"] == "broken"
    assert found["induction.welcomed"] == "unmet"


CORE = ("tests/services", "tests/web", "tests/test_cli.py")
"""Where tests are marked `core`."""


def test_the_core_s_promises_hold_with_all_of_them_installed(installed: Path) -> None:
    """Those marked `core`, in a process that finds every evil plugin when it starts."""
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "-m",
            "core",
            "-k",
            "not postgres",
            *CORE,
        ],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed is not None
    assert int(passed[1]) >= 44
    assert len(load_plugins().plugins) > len(ALL)
