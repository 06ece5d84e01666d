"""Commands, run in this process as a shell would run them: arguments, variables, output and exit code of their own."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, Engine, event

from govflow import app
from govflow.cli import all_commands
from govflow.plugin_host.sandbox import JudgeProcess
from tests.support.factories import toml

ROOT = Path(__file__).parents[2]
TODAY = "2026-03-02"


class Installation:
    """An installation of its own: a folder, a database, and commands run in it as in a shell."""

    def __init__(self, folder: Path, database_url: str, judge: JudgeProcess | None = None):
        """`judge`: one that stays warm from command to command; else each command starts its own, as in a shell."""
        self.folder, self._judge = folder, judge
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith("GOVFLOW_")}
        self.environ |= {
            "GOVFLOW_INSTANCE": str(folder / "instance"),
            "GOVFLOW_DATABASE_URL": database_url,
            "GOVFLOW_DEMO": "1",
            "GOVFLOW_TODAY": TODAY,
            "LOGLEVEL": "WARNING",
        }

    def run(self, *words: object, exit: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
        environ = {name: value for name, value in {**self.environ, **environ}.items() if value}
        done = self._run([str(word) for word in words], environ)
        assert done.returncode == exit, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    def _run(self, words: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
        gone = {name: None for name in os.environ if name not in environ}
        with _like_a_process(self._judge):
            done = CliRunner().invoke(all_commands(), words, prog_name="govflow", env={**gone, **environ})
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    def json(self, *words: object, **more) -> object:
        return json.loads(self.run(*words, "--json", **more).stdout)

    def refused(self, *words: object, **more) -> str:
        """The sentence of a refusal: alone on stderr, or as the one JSON document."""
        done = self.run(*words, exit=1, **more)
        if "--json" in words:
            answer = json.loads(done.stdout)
            assert set(answer) == {"error"}
            return answer["error"]
        assert done.stdout == ""
        assert len(done.stderr.strip().splitlines()) == 1
        return done.stderr.strip()

    def file(self, given: dict, name: str = "project.toml") -> Path:
        path = self.folder / name
        path.write_bytes(toml(given))
        return path


class FromNothing(Installation):
    """The same, each command started as `python -m govflow`."""

    def _run(self, words: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "govflow", *words]
        return subprocess.run(command, capture_output=True, text=True, env=environ, cwd=ROOT, timeout=60, check=False)


class WarmJudge(JudgeProcess):
    """A judge in a process of its own, which a command that ends leaves running for the next one."""

    def stop(self) -> None:
        pass

    def end(self) -> None:
        super().stop()


@contextlib.contextmanager
def _like_a_process(judge: JudgeProcess | None) -> Iterator[None]:
    """What is logged stands on the command's stderr; afterwards no connection and no log level of it is left."""
    engines: set[Engine] = set()

    def seen(connection: Connection) -> None:
        engines.add(connection.engine)

    root, heard, plugins = logging.getLogger(), _ToStderr(logging.WARNING), logging.getLogger("govflow.plugins")
    level = plugins.level
    event.listen(Engine, "engine_connect", seen)
    root.addHandler(heard)
    try:
        with pytest.MonkeyPatch.context() as patch:
            if judge is not None:
                patch.setattr(app, "JudgeProcess", lambda: judge)
            yield
    finally:
        root.removeHandler(heard)
        event.remove(Engine, "engine_connect", seen)
        plugins.setLevel(level)
        for engine in engines:
            engine.dispose()


class _ToStderr(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        print(self.format(record), file=sys.stderr)
