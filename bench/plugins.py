"""What plugins cost: judging a project with 50 plugins and 70 members, and starting with 50 plugins installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pluggy

from govflow.domain.gates.checks import ProjectFacts, Visit
from govflow.domain.gates.lifecycle import RESEARCH
from govflow.domain.people import Member
from govflow.domain.snapshot import ProjectSnapshot, case_for, checks_asked
from govflow.plugin_host.judging import judge
from govflow.plugin_host.loader import load_plugins
from govflow.plugin_host.sandbox import JudgeProcess

PLUGINS, MEMBERS = 50, 70
ENTERED = date(2026, 1, 1)
CODE = """
from govflow.plugin import MEMBER, Check, day, hookimpl, met, unmet


def judge(case):
    joiner = case.subject
    if joiner.joined.day % 2:
        return met(f"{joiner.name} said on {day(joiner.joined)} that they are settled in.")
    return unmet(f"{joiner.name} joined on {day(joiner.joined)} and has not said that they are settled in.")


@hookimpl
def register_checks():
    return [Check(slug="settled", title="Settled in", why="New people need time.", about=MEMBER, judge=judge)]
"""


@contextmanager
def installed(count: int) -> Iterator[Path]:
    """So many plugins, each a package with an entry point, seen by this process and by those it starts."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for number in range(count):
            (place / f"bench_plugin_{number}.py").write_text(CODE, "utf-8")
            info = place / f"bench_plugin_{number}-1.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: bench-plugin-{number}\nVersion: 1\n", "utf-8")
            (info / "entry_points.txt").write_text(f"[govflow]\nbench_{number} = bench_plugin_{number}\n", "utf-8")
        sys.path.insert(0, folder)
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = folder
        try:
            yield place
        finally:
            sys.path.remove(folder)
            os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)


def snapshot() -> ProjectSnapshot:
    members = tuple(
        Member(key=f"m-{number}", name=f"Person {number}", role="lead" if number == 0 else "member", joined=ENTERED)
        for number in range(MEMBERS)
    )
    return ProjectSnapshot(
        project=ProjectFacts(slug="bench", title="Bench", started=ENTERED),
        lifecycle=RESEARCH,
        visits=(Visit(number=1, stage="bid", entered=ENTERED),),
        today=date(2026, 3, 2),
        members=members,
        left=(),
        evidence=(),
        entries={},
        rounds={},
        on={f"bench_{number}": None for number in range(PLUGINS)},
    )


def judging(rounds: Callable[..., Any], tell: Callable[..., None]) -> None:
    with installed(PLUGINS):
        declared, here = load_plugins(), snapshot()
        judges = [import_module(f"bench_plugin_{number}").judge for number in range(PLUGINS)]
        check = declared.plugins["bench_0"].checks["settled"]
        cases = [
            case_for(here, declared, "bench_0.settled", check, member, given=frozenset()) for member in here.members
        ]
        hook = _bare_pluggy(judges)

        def bare_python() -> None:
            for case in cases:
                for one in judges:
                    one(case)

        def bare_pluggy() -> None:
            for case in cases:
                hook(case=case)

        apart = JudgeProcess()
        wanted = [check_id for check_id, _, _ in checks_asked(here, declared)]
        for found in (judge(here, declared, wanted), apart(here, declared, wanted)):
            assert sum(map(len, found.values())) == PLUGINS * MEMBERS
        size = f"{PLUGINS} plugins x {MEMBERS} members"
        for what, ours in (
            ("in this process", lambda: judge(here, declared, wanted)),
            ("apart", lambda: apart(here, declared, wanted)),
        ):
            tell(f"judging {what} / bare pluggy call", size, *rounds(ours, bare_pluggy, 9))
            tell(f"judging {what} / bare Python calls", size, *rounds(ours, bare_python, 9))
        apart.stop()


def _bare_pluggy(judges: list[Callable[..., Any]]) -> Any:
    spec, impl = pluggy.HookspecMarker("bench"), pluggy.HookimplMarker("bench")

    class Spec:
        @spec
        def judge(self, case: Any) -> Any: ...

    manager = pluggy.PluginManager("bench")
    manager.add_hookspecs(Spec)
    for number, one in enumerate(judges):
        manager.register(type("P", (), {"judge": impl(staticmethod(one))})(), name=f"p{number}")
    return manager.hook.judge


def starting(rounds: Callable[..., Any], tell: Callable[..., None]) -> None:
    """A whole process that makes the app: with 50 more plugins, against the shipped ones alone."""

    def start() -> None:
        code = "from govflow.app import create_app; create_app()"
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(
                [sys.executable, "-c", code],
                env={**os.environ, "GOVFLOW_INSTANCE": folder, "GOVFLOW_DEMO": "1", "LOGLEVEL": "CRITICAL"},
                check=True,
            )

    with installed(PLUGINS) as place:

        def start_plain() -> None:
            kept = os.environ.pop("PYTHONPATH")
            start()
            os.environ["PYTHONPATH"] = kept

        assert place.exists()
        tell(
            "start-up with 50 more plugins / with the shipped ones",
            f"{PLUGINS} plugins",
            *rounds(start, start_plain, 5),
        )
