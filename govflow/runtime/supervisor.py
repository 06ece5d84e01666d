"""One program out of several: start them, start again what dies, and leave nothing behind.

Every child leads a session of its own, so that all it started is found again, whatever group that moved to.
Three things end it: this program's own stop; the kernel, when this program is killed (PR_SET_PDEATHSIG);
and the guard, a small process that outlives a killed supervisor for as long as it takes to end its sessions.

    with Supervisor() as supervisor:
        supervisor.start("redis", command, last=True)
        supervisor.run(until=lambda: answers(url))
        supervisor.start("web", [sys.executable, "-m", "govflow", "web"])
        supervisor.run()
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PATIENCE = 10.0  # seconds from "please stop" to the end
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # before a restart, doubling
SETTLED = 30.0  # what was up for so long starts with the first pause again
LONGEST_LINE = 64 * 1024
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent: int) -> None:
    """Runs in a new child before its program: SIGTERM when the parent dies; go if it already has."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)


def living(sessions: Iterable[int]) -> dict[int, list[int]]:
    """Those sessions that still have processes, and which. Without /proc (not Linux): their leaders."""
    if not os.path.exists("/proc/self/stat"):
        return {session: [session] for session in sessions if _signal(session, 0)}
    wanted = set(sessions)
    found: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{entry}/stat") as stat:  # it may end meanwhile
                state, _, _, session = stat.read().rpartition(")")[2].split()[:4]
                if int(session) in wanted and state not in "ZX":
                    found.setdefault(int(session), []).append(int(entry))
    return found


def end_sessions(sessions: set[int], patience: float, meanwhile: Callable[[], object]) -> None:
    """Ask each leader to stop, then what it left in its group; after the patience kill all there is."""
    end = time.monotonic() + patience
    asked: set[int] = set()
    while left := living(sessions):
        for session, pids in left.items():
            if time.monotonic() >= end:
                for pid in pids:
                    _signal(pid, signal.SIGKILL)
            elif session in pids and session not in asked:
                asked.add(session)
                _signal(session, signal.SIGTERM)
            elif session not in pids and -session not in asked:
                asked.add(-session)
                _signal(-session, signal.SIGTERM)
        meanwhile()


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


@dataclass
class _Child:
    name: str
    command: Sequence[str]
    env: Mapping[str, str] | None
    last: bool
    process: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0  # when to start it again


class Supervisor:
    """For the main thread alone: there, signals arrive and starting a process is safe."""

    def __init__(self, say: Callable[[str], None] | None = None, patience: float = PATIENCE) -> None:
        self._write = say or (lambda line: print(line, flush=True))
        self._patience = patience
        self._children: list[_Child] = []
        self._sessions: set[int] = set()
        self._output = selectors.DefaultSelector()
        self._stopping: int | None = None
        self._guard = subprocess.Popen(
            [sys.executable, "-I", __file__, str(patience)],
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Supervisor:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(
        self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None, *, last: bool = False
    ) -> None:
        """Start a child and keep it running. `last`: the others need it, so it is stopped after them."""
        child = _Child(name, command, env, last)
        self._spawn(child)
        self._children.append(child)

    def pid(self, name: str) -> int | None:
        """Where the child runs now; None while it waits to be started again."""
        process = next(child.process for child in self._children if child.name == name)
        return process.pid if process else None

    def run(self, until: Callable[[], bool] | None = None) -> int | None:
        """Pass on output and restart what dies, until a signal (its number) or until `until` holds (None)."""
        wake, waker = os.pipe()
        os.set_blocking(waker, False)
        before = {number: signal.getsignal(number) for number in (*STOPS, signal.SIGCHLD)}
        for number in before:
            if number == signal.SIGCHLD or before[number] is not signal.SIG_IGN:  # nohup stays nohup
                signal.signal(number, self._on_signal)
        waker_before = signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        self._output.register(wake, selectors.EVENT_READ)
        try:
            while self._stopping is None and not (until and until()):
                due = [child.due - time.monotonic() for child in self._children if child.process is None]
                self._pump(max(0.0, min([0.1 if until else 60.0, *due])))
                self._tend()
        finally:
            self._output.unregister(wake)
            signal.set_wakeup_fd(waker_before)
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(wake)
            os.close(waker)
        return self._stopping

    def stop(self) -> None:
        """End every child: asked first, killed when patience is over; those marked `last` come last."""
        last = {child.process.pid for child in self._children if child.process and child.last}
        for sessions in (self._sessions - last, last):
            end_sessions(sessions, self._patience, meanwhile=self._pump_and_rest)
        while self._pump(0.0):
            pass
        for key in list(self._output.get_map().values()):
            self._forget(key)
        for child in self._children:
            if child.process:
                child.process.wait()
        self._children.clear()
        self._sessions.clear()
        if self._guard.stdin:
            self._guard.stdin.close()
        self._guard.wait()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number in STOPS:
            self._stopping = self._stopping or number

    def _spawn(self, child: _Child) -> None:
        parent = os.getpid()
        child.process = subprocess.Popen(
            list(child.command),
            env=child.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(parent),
        )
        child.since = time.monotonic()
        self._sessions.add(child.process.pid)
        with contextlib.suppress(OSError):  # a guard that somebody killed; the kernel still keeps its promise
            if self._guard.stdin:
                self._guard.stdin.write((" ".join(map(str, self._sessions)) + "\n").encode())
                self._guard.stdin.flush()
        if child.process.stdout:
            self._output.register(child.process.stdout, selectors.EVENT_READ, [child.name, b""])

    def _tend(self) -> None:
        """Note which children died, and start again those whose pause is over."""
        now = time.monotonic()
        for child in self._children:
            if child.process and (code := child.process.poll()) is not None:
                for _ in range(10):  # its last words come before the news of its end
                    if not self._pump(0.0):
                        break
                # What it left in its group may hold its port. An RQ job has its own group and may finish.
                _signal(-child.process.pid, signal.SIGTERM)
                self._sessions = set(living(self._sessions))
                if now - child.since >= SETTLED:
                    child.pause = FIRST_PAUSE
                self._say(f"{child.name} ended ({code}); starting it again in {child.pause:g} s")
                child.process, child.due = None, now + child.pause
                child.pause = min(child.pause * 2, LONGEST_PAUSE)
            if child.process is None and now >= child.due:
                self._spawn(child)

    def _pump(self, seconds: float) -> bool:
        """Pass on what the children have written, line by line under their names; False if nothing."""
        ready = self._output.select(seconds)
        for key, _ in ready:
            block = os.read(key.fd, LONGEST_LINE)
            if key.data is None:  # only a signal that woke us
                continue
            *lines, rest = (key.data[1] + block).split(b"\n")
            if rest and (not block or len(rest) >= LONGEST_LINE):
                lines, rest = [*lines, rest], b""
            key.data[1] = rest
            for line in lines:
                self._say(f"{key.data[0]:>7} | {line.decode(errors='replace').rstrip()}")
            if not block:
                self._forget(key)
        return bool(ready)

    def _pump_and_rest(self) -> None:
        if not self._pump(0.05):
            time.sleep(0.02)  # without open pipes, select may come back at once

    def _say(self, line: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # the terminal is gone; we still have to stop
            self._write(line)

    def _forget(self, key: selectors.SelectorKey) -> None:
        self._output.unregister(key.fileobj)
        if not isinstance(key.fileobj, int):
            key.fileobj.close()  # type: ignore[attr-defined]


def _guard(patience: float) -> None:
    """Reads which sessions there are until the supervisor stops or dies, which closes its end; ends them."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    sessions: set[int] = set()
    for line in sys.stdin:
        sessions = {int(word) for word in line.split()}
    end_sessions(sessions, patience, meanwhile=lambda: time.sleep(0.05))


if __name__ == "__main__":
    _guard(float(sys.argv[1]))
