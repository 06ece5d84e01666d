"""Commands as processes of their own, without paying a second of imports for each.

Run as a program this is a process that has everything imported; for each line it reads it forks, and the
child becomes `govflow …`: its own arguments, variables, folder, output and exit code.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Forking:
    """The parent of all commands, seen from the tests. Ends when its stdin closes."""

    def __init__(self) -> None:
        # The package that the tests test, wherever this interpreter would find one by itself.
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._server = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
        )

    def run(self, words: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory(prefix="govflow-run-") as folder:
            out, err = Path(folder, "out"), Path(folder, "err")
            order = {"words": words, "environ": environ, "out": str(out), "err": str(err)}
            assert self._server.stdin
            assert self._server.stdout
            self._server.stdin.write(json.dumps(order) + "\n")
            self._server.stdin.flush()
            code = int(self._server.stdout.readline())
            return subprocess.CompletedProcess(words, code, out.read_text("utf-8"), err.read_text("utf-8"))

    def close(self) -> None:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.close()
        self._server.wait(10)
        self._server.stdout.close()


def _become(order: dict) -> None:
    """In the child: be this one command."""
    for number, path in ((1, order["out"]), (2, order["err"])):
        os.dup2(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout, sys.stderr = os.fdopen(1, "w", encoding="utf-8"), os.fdopen(2, "w", encoding="utf-8")
    os.environ.clear()
    os.environ.update(order["environ"])
    os.chdir(ROOT)
    sys.argv = ["govflow", *order["words"]]
    from govflow.cli import main

    main()


def _code_of(stopped: SystemExit) -> int:
    return stopped.code if isinstance(stopped.code, int) else int(stopped.code is not None)


def serve() -> None:
    import govflow
    from govflow.plugin_host.loader import load_plugins

    for module in pkgutil.walk_packages(govflow.__path__, "govflow."):
        if not module.name.endswith(("__main__", ".gunicorn")) and ".migrations" not in module.name:
            importlib.import_module(module.name)
    load_plugins()  # imports them, too
    for line in sys.stdin:
        child = os.fork()
        if not child:
            code = 70
            try:
                _become(json.loads(line))
                code = 0
            except SystemExit as stopped:
                code = _code_of(stopped)
            except BaseException:
                sys.excepthook(*sys.exc_info())
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    serve()
