"""Real servers for the tests: started when first asked for, on free ports or sockets, ended by their pid."""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as SmtpEnvelope
from psycopg import sql

from govflow.runtime.embedded_redis import redis_command, wait_ready
from govflow.runtime.supervisor import die_with_parent


def wait_until(condition: Callable[[], object], seconds: float = 10.0, what: str = "") -> None:
    """Come back as soon as the condition holds. The only place in the tests that sleeps."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            raise TimeoutError(what or f"{condition} did not hold within {seconds:g} s")
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not yet taken note of does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def needed(part: str, tool: str, path: str | None, sentence: str) -> str:
    """Where the tool is. A missing part is a failure; only GOVFLOW_TEST_SKIP leaves one out, there or not."""
    if part in os.environ.get("GOVFLOW_TEST_SKIP", "").split(","):
        pytest.skip(f"GOVFLOW_TEST_SKIP names {part}")
    found = shutil.which(tool, path=path)
    if not found:
        pytest.fail(sentence, pytrace=False)
    return found


@contextlib.contextmanager
def process(command: list[str], stop: int = signal.SIGTERM, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """A server that ends with the block, or with the test run when that is killed."""
    ours = functools.partial(die_with_parent, os.getpid())
    running = subprocess.Popen(command, preexec_fn=ours, **options)  # type: ignore[call-overload]
    try:
        yield running
    finally:
        running.send_signal(stop)
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


# Redis ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """The same server, started the same way, as ./run has."""
    with tempfile.TemporaryDirectory(prefix="govflow-redis-") as folder:
        command, url = redis_command(Path(folder))
        with process(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            wait_ready(url, 10)
            yield url


# PostgreSQL -------------------------------------------------------------------------------------------------


class PostgresServer:
    """A cluster of its own in a temporary folder. Databases belong to `govflow`, who is no superuser."""

    def __init__(self, folder: str, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.folder = folder
        self._start, self.running = start, start()
        wait_until(self.answers, 30, "PostgreSQL did not start")
        self._numbers = itertools.count(1)
        self._templates: set[str] = set()

    def url(self, name: str, user: str = "govflow") -> str:
        return f"postgresql+psycopg://{user}@/{name}?host={self.folder}"

    def create(self, template: str = "template1") -> str:
        """A fresh database, a copy of the template; its URL."""
        name = f"test_{next(self._numbers)}"
        self._create(name, template)
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        with self._admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def template(self, name: str, fill: Callable[[str], object]) -> str:
        """The name of a template that `fill(url)` fills, once in a test run, leaving no connection open."""
        if name not in self._templates:
            self._create(name, "template1")
            fill(self.url(name))
            self._templates.add(name)
        return name

    def _create(self, name: str, template: str) -> None:
        with self._admin() as admin:
            # Ten times faster than PostgreSQL's usual way where nothing is synced; before 15 it was the only way.
            quick = " STRATEGY FILE_COPY" if admin.info.server_version >= 150_000 else ""
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER govflow" + quick)
            admin.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    def stop(self, how: int = signal.SIGINT) -> None:
        self.running.send_signal(how)
        try:
            self.running.wait(20)
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()

    def start(self) -> None:
        self.running = self._start()

    def restart(self) -> None:
        """As after a crash: nobody is told, nothing is written first."""
        self.stop(signal.SIGQUIT)
        self.start()

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=self.folder, user="postgres", dbname="postgres", autocommit=True)

    def answers(self) -> bool:
        try:
            self._admin().close()
        except psycopg.OperationalError:
            return False
        return True


def _postgres_tool(name: str) -> str:
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*"), key=lambda p: float(p.name), reverse=True)
    path = os.pathsep.join([*(str(version / "bin") for version in newest_first), os.environ.get("PATH", "")])
    sentence = "The tests need PostgreSQL; install it with: apt-get install -y postgresql"
    return needed("postgres", name, path, sentence)


def _quick_folder() -> str | None:
    """In memory, where there is room for many small databases; else where temporary files usually are."""
    memory = "/dev/shm"
    there = os.path.isdir(memory) and os.access(memory, os.W_OK)
    return memory if there and shutil.disk_usage(memory).free > 2 * 1024**3 else None


@contextlib.contextmanager
def postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """`durable`: what it says is written is written, also when it crashes; otherwise it is as quick as can be."""
    initdb, server = _postgres_tool("initdb"), _postgres_tool("postgres")
    who: dict[str, object] = {"cwd": "/"}
    folder = tempfile.mkdtemp(prefix="govflow-pg-", dir=_quick_folder())
    try:
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            who |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        data = f"{folder}/data"
        make = [initdb, "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8"]
        make += ["--locale=C.UTF-8", "--no-sync"]
        made = subprocess.run(make, capture_output=True, text=True, check=False, **who)  # type: ignore[call-overload]
        if made.returncode:
            pytest.fail(f"initdb: {made.stderr}", pytrace=False)
        command = [server, "-D", data, "-k", folder, "-c", "listen_addresses="]
        if not durable:
            command += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        who |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        ours = functools.partial(die_with_parent, os.getpid())
        cluster = PostgresServer(folder, lambda: subprocess.Popen(command, preexec_fn=ours, **who))  # type: ignore[call-overload]
        try:
            with cluster._admin() as admin:
                admin.execute("CREATE ROLE govflow LOGIN")
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# SMTP -------------------------------------------------------------------------------------------------------


@dataclass
class Received:
    sender: str
    recipients: list[str]
    raw: bytes


@dataclass
class SmtpSink:
    """Keeps every letter as it came; a recipient in `refuse` gets the answer given there, like "550 Gone"."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def messages(self) -> list[bytes]:
        return [letter.raw for letter in self.received]

    def wait_for(self, count: int, seconds: float = 10.0) -> list[bytes]:
        wait_until(lambda: len(self.received) >= count, seconds, f"Fewer than {count} letters came")
        return self.messages

    def clear(self) -> None:
        self.received.clear()
        self.refuse.clear()

    async def handle_RCPT(
        self, _server: SMTP, _session: object, envelope: SmtpEnvelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: SmtpEnvelope) -> str:
        raw = envelope.original_content or b""
        self.received.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), raw))
        return "250 OK"


@contextlib.contextmanager
def smtp_server() -> Iterator[SmtpSink]:
    sink = SmtpSink(port=free_port())
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


# Browser ----------------------------------------------------------------------------------------------------

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def chromium() -> str:
    """Without windows where there is such a one: it draws the same pages and asks half as much of the machine."""
    sentence = "The tests need Chromium; install it with: apt-get install -y chromium fonts-liberation"
    light = shutil.which("chromium-headless-shell")
    return needed("browser", light or "chromium", None, sentence)
