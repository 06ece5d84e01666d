"""`./run` as a newcomer meets it: a clean clone, a path with a space, nothing installed but Python and git."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.servers import free_port, wait_until

ROOT = Path(__file__).parent.parent
PLENTY = 240


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("a newcomer") / "govflow"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True)
    return folder


@contextmanager
def running(clone: Path) -> Iterator[tuple[subprocess.Popen, str]]:
    """./run until it has said where to go; ended by SIGTERM to it alone."""
    port = free_port()
    ours = ("GOVFLOW_", "PYTHON", "VIRTUAL_ENV")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    said = clone.parent / f"said-{port}.txt"
    with said.open("w") as out:
        program = subprocess.Popen(
            ["./run"], cwd=clone, env=environ | {"PORT": str(port)}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: "Stop it with Ctrl-C" in said.read_text() or program.poll() is not None, PLENTY)
        assert program.poll() is None, said.read_text()
        yield program, said.read_text()
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(30)


def processes_in(folder: Path) -> list[str]:
    """What still runs from this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(folder) in command and "pytest" not in command:
                found.append(command)
    return found


def signed_in(link: str) -> tuple[urllib.request.OpenerDirector, str]:
    """A browser that pressed the button behind a link, and the page it came to."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.open(link, timeout=30).read().decode())
    assert token is not None
    return browser, browser.open(link, data=f"csrf_token={token[1]}".encode(), timeout=30).read().decode()


def test_a_newcomer_runs_it_signs_in_and_stops_it(clone: Path) -> None:
    with running(clone) as (program, said):
        links = re.findall(r"http://127\.0\.0\.1:\d+/sign-in/\S+", said)
        assert len(links) == 3, said
        browser, list_page = signed_in(links[0])
        assert "My list" in list_page
        base = links[0].partition("/sign-in")[0]
        assert "PARTNERS2" in browser.open(f"{base}/projects", timeout=30).read().decode()

        # An admin of the demo meets the settings at once, without setting up a second step first.
        admin, _ = signed_in(links[2])
        settings = admin.open(f"{base}/plugins/induction/settings/mcpin", timeout=30).read().decode()
        assert "How many days does a new person have to settle in?" in settings

        # The late things of the demo become letters, posted by a worker: the clock, the queue and the post all run.
        def letters() -> bool:
            return "waiting for you" in browser.open(f"{base}/mail", timeout=30).read().decode()

        wait_until(letters, 90)
        assert program.poll() is None
    assert not processes_in(clone)


def test_a_second_run_keeps_all_data_and_starts_quickly(clone: Path) -> None:
    with running(clone):
        pass
    govflow = clone / ".venv" / "bin" / "govflow"
    environ = {**os.environ, "GOVFLOW_INSTANCE": str(clone / "instance"), "GOVFLOW_DEMO": "1"}
    subprocess.run(
        [govflow, "person", "invite", "kept@example.org", "--name", "Kept Person"],
        env=environ,
        check=True,
        timeout=60,
        capture_output=True,
    )
    began = time.monotonic()
    with running(clone):
        assert time.monotonic() - began < 60
        found = subprocess.run([govflow, "person", "link", "kept@example.org"], env=environ, timeout=60, check=False)
        assert found.returncode == 0
    assert not processes_in(clone)
