"""Pages over a real socket, ours beside the floor: gunicorn with two workers each, PostgreSQL, in turns."""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import select

from bench.ground import TODAY, make_projects
from bench.letters import DEMO, started
from govflow.app import create_app
from govflow.cli.up import upgrade_database
from govflow.runtime.embedded_redis import redis_command, wait_ready
from govflow.services.auth.sign_in_links import operator_link, use_link
from govflow.services.base.context import context
from govflow.services.plugins.plugins import switch
from govflow.services.project_file import import_project
from govflow.settings import load_settings
from govflow.store import Organisation, Person, Project, db
from tests.support.servers import free_port, postgres

PROJECTS, ROUNDS, SECONDS = 1_000, 5, 2.0
LEAD, PARTNERS_LEAD = "lead-0@example.org", "lead-1@example.org"


def pages(tell: Callable[..., None]) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(postgres(durable=True))
        floor = stack.enter_context(_floor(server.create()))
        ours, cookies = stack.enter_context(_ours(server.create()))
        wanted = [
            ("My list, 50 rows", ours, "/", cookies[LEAD], "at most 1.5"),
            ("projects", ours, "/projects", cookies[LEAD], ""),
            ("project page, 10 members", ours, "/projects/p-0", cookies[LEAD], ""),
            ("gate page, 10 members", ours, "/projects/p-0/gate", cookies[LEAD], ""),
            ("project page of PARTNERS2", ours, "/projects/partners2", cookies[PARTNERS_LEAD], "at most 2.0"),
            ("gate page of PARTNERS2", ours, "/projects/partners2/gate", cookies[PARTNERS_LEAD], "at most 2.0"),
        ]
        for connections in (1, 4):
            _compare(wanted, floor, connections, tell)
        memory: dict[str, float] = {}
        for name, port in (("ours", ours), ("the floor", floor[0])):
            memory[name] = _memory(port)
        ratio = memory["ours"] / memory["the floor"]
        what = "memory of 2 web workers and their master, caches full / the floor's (MB, PSS)"
        tell(what, "after the above", memory["ours"], memory["the floor"], ratio, wanted="at most 180 MB")


def _compare(
    wanted: list[tuple[str, int, str, str, str]], floor: tuple[int, str], connections: int, tell: Callable[..., None]
) -> None:
    ratios: dict[str, list[tuple[float, float, float, float, float]]] = {name: [] for name, *_ in wanted}
    for _ in range(ROUNDS):
        bare = _load(floor[0], "/session", floor[1], connections)
        for name, port, path, cookie, _goal in wanted:
            mine = _load(port, path, cookie, connections)
            ratios[name].append((mine[0], bare[0], mine[0] / bare[0], mine[1] / mine[0], mine[2] / bare[2]))
    for name, *_, goal in wanted:
        ms, floor_ms, ratio, tail, rate = (statistics.median(one) for one in zip(*ratios[name], strict=True))
        more = {"p95_over_p50": round(tail, 2), "requests_over_floor": round(rate, 2), "wanted": goal}
        tell(f"{name} / floor page, PostgreSQL", f"{connections} connections", ms, floor_ms, ratio, **more)


def _load(port: int, path: str, cookie: str, connections: int) -> tuple[float, float, float]:
    """Median and 95th of a hundred in ms, and requests a second."""
    took: list[float] = []
    end = time.monotonic() + SECONDS

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < end:
            began = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status == 200, (path, answer.status)

    threads = [threading.Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took.sort()
    return statistics.median(took), took[int(len(took) * 0.95)], len(took) / SECONDS


@contextmanager
def _floor(url: str) -> Iterator[tuple[int, str]]:
    port = free_port()
    env = {**os.environ, "FLOOR_DATABASE_URL": url}
    subprocess.run([sys.executable, "-c", "from bench.floor_app import fill; fill()"], env=env, check=True)
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--no-control-socket"]
    with started([*command, "--config", "python:bench.floor_app", "bench.floor_app:create_app()"], env=env):
        _wait(port, "/in/1")
        yield port, _cookie(port, "/in/1")


@contextmanager
def _ours(url: str) -> Iterator[tuple[int, dict[str, str]]]:
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        command, redis = redis_command(Path(name) / "redis")
        environ = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GOVFLOW_")},
            "GOVFLOW_INSTANCE": name,
            "GOVFLOW_DATABASE_URL": url,
            "GOVFLOW_REDIS_URL": redis,
            "GOVFLOW_DEMO": "1",
        }
        cookies = _make(Path(name), environ)
        web = [sys.executable, "-m", "govflow", "web", "--port", str(port), "--workers", "2"]
        with started(command, env=environ):
            wait_ready(redis, 20)
            with started(web, env=environ):
                _wait(port, "/healthz")
                yield port, cookies


def _make(folder: Path, environ: dict[str, str]) -> dict[str, str]:
    """Every project, PARTNERS2 with all plugins among them, and a signed-in cookie for each who asks."""
    app = create_app(load_settings(instance=folder, environ=environ))
    with app.app_context():
        upgrade_database()
        make_projects(PROJECTS)
        import_project((DEMO / "partners2.toml").read_bytes(), today=TODAY, to_present=True)
        row = db.session.scalars(select(Project).where(Project.slug == "partners2")).one()
        organisation = db.session.get_one(Organisation, row.organisation_id).slug
        for plugin in context().declared.plugins:
            switch(organisation=organisation, plugin=plugin, on=True, by=None, today=TODAY)
        tokens = {}
        for email in (LEAD, PARTNERS_LEAD):
            person = db.session.scalars(select(Person).where(Person.email == email)).one()
            tokens[email] = use_link(operator_link(person.id), device="bench", today=TODAY)
        db.session.remove()
        db.engine.dispose()
    signing = app.session_interface.get_signing_serializer(app)
    assert signing is not None
    name = app.config["SESSION_COOKIE_NAME"]
    return {email: f"{name}={signing.dumps({'sid': token})}" for email, token in tokens.items()}


def _wait(port: int, path: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if _get(port, path).status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The server on port {port} did not start.")


def _cookie(port: int, path: str) -> str:
    return (_get(port, path).getheader("Set-Cookie") or "").partition(";")[0]


def _get(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer


def _memory(port: int) -> float:
    """MB of everything that was started to listen on this port, each page of memory counted once."""
    total = 0
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
            if f"127.0.0.1:{port}".encode() in command:
                lines = (entry / "smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration):
            continue
    return total / 1024
