"""Judges that go wrong in every way we know, in the process where they are judged: only their own check suffers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from govflow.domain.gates.checks import Finding, ProjectFacts, Visit
from govflow.domain.gates.lifecycle import RESEARCH
from govflow.domain.plugins.declarations import Declared
from govflow.domain.snapshot import ProjectSnapshot, checks_asked
from govflow.plugin.testing import make_member
from govflow.plugin_host.judging import judge
from govflow.plugin_host.loader import load_plugins
from govflow.plugin_host.sandbox import ALL_IN_ALL, REST, SILENCE, STARTING, STRIKES, JudgeProcess
from tests.support.hostile_plugins import EVIL, HEAD
from tests.support.servers import alive, wait_until

HANGS = {"loops", "sleeps", "ignores_signals"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every evil plugin installed as a plugin is: a module with an entry point, seen by us and by the child."""
    folder = tmp_path_factory.mktemp("installed")
    info = folder / "evil-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    points = "".join(f"evil_{name} = evil_{name}\n" for name in EVIL)
    (info / "entry_points.txt").write_text(f"[govflow]\n{points}")
    for name, body in EVIL.items():
        (folder / f"evil_{name}.py").write_text(HEAD.format(body=body, slug=name))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", str(folder))
        yield


@pytest.fixture
def apart(installed: None) -> Iterator[JudgeProcess]:
    made = JudgeProcess()
    yield made
    made.stop()


def snapshot(*plugins: str) -> ProjectSnapshot:
    declared = load_plugins().plugins
    entered = date(2026, 1, 1)
    return ProjectSnapshot(
        project=ProjectFacts(slug="p", title="P", started=entered),
        lifecycle=RESEARCH,
        visits=(Visit(number=1, stage="bid", entered=entered),),
        today=date(2026, 2, 1),
        members=(make_member("lead-1", role="lead"),),
        left=(),
        evidence=(),
        entries={},
        rounds={},
        on={slug: config() if (config := declared[slug].config) else None for slug in plugins},
    )


def outcomes(findings: list[Finding]) -> dict[str, str]:
    return {one.check: one.outcome for one in findings}


def judge_all(judge: Callable[..., dict[str, list[Finding]]], on: ProjectSnapshot, declared: Declared) -> list[Finding]:
    """The findings of every check that is asked."""
    found = judge(on, declared, [check_id for check_id, _, _ in checks_asked(on, declared)])
    return [finding for findings in found.values() for finding in findings]


def pid(made: JudgeProcess) -> int:
    assert made._child is not None
    return made._child.pid


@pytest.mark.parametrize("name", EVIL)
def test_an_evil_judge_breaks_its_own_check_and_no_other(apart: JudgeProcess, name: str) -> None:
    on = snapshot(f"evil_{name}", "induction", "outputs", "paid_authors")
    began = time.monotonic()
    found = judge_all(apart, on, load_plugins())
    assert time.monotonic() - began < SILENCE + ALL_IN_ALL + STARTING  # starting afresh is not the judges' time
    assert outcomes(found) == {
        f"evil_{name}.{name}": "broken",
        f"evil_{name}.zz_fine": "met",
        "induction.welcomed": "unmet",
    }
    assert all("evil" not in one.sentence and "Traceback" not in one.sentence for one in found)


def test_what_is_judged_apart_is_what_is_judged_here(apart: JudgeProcess) -> None:
    on, declared = snapshot("induction", "outputs", "paid_authors", "stress_test"), load_plugins()
    assert judge_all(apart, on, declared) == judge_all(judge, on, declared)


@pytest.mark.parametrize("name", sorted(HANGS))
def test_nothing_of_a_judge_that_hung_is_left(apart: JudgeProcess, name: str) -> None:
    judge_all(apart, snapshot("induction", "outputs"), load_plugins())
    before = pid(apart)
    judge_all(apart, snapshot(f"evil_{name}"), load_plugins())
    wait_until(lambda: not alive(before), 5)


def test_a_judge_that_hangs_again_and_again_is_left_alone_and_costs_nothing_then(apart: JudgeProcess) -> None:
    on, declared = snapshot("evil_sleeps", "induction", "outputs"), load_plugins()
    for _ in range(STRIKES):
        judge_all(apart, on, declared)
    began = time.monotonic()
    found = outcomes(judge_all(apart, on, declared))
    assert time.monotonic() - began < SILENCE / 2
    assert found["evil_sleeps.sleeps"] == "broken"
    assert found["induction.welcomed"] == "unmet"
    assert REST >= 60


def test_the_judge_ends_with_whoever_started_it(installed: None) -> None:
    made = JudgeProcess()
    judge_all(made, snapshot("induction", "outputs"), load_plugins())
    child = pid(made)
    assert made._child is not None
    assert made._child.stdin is not None
    made._child.stdin.close()  # what happens when its parent is gone
    wait_until(lambda: not alive(child), 5)
    made.stop()
