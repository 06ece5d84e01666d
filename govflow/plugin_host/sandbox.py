"""The warm judge process: snapshots in, findings out. A judge that hangs, exits or eats memory hurts only its check.

The child loads the same plugins, knows no database, and answers check by check. After a second of silence, or when it
is gone, the check it was at reads broken, the child is started afresh and goes on with the next check. A check that
did so three times is left alone for a while. This contains accidents, not malice: a plugin has our own rights.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import pickle
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from datetime import date
from typing import Any

from govflow.domain.gates.checks import Finding
from govflow.domain.people import Member, MemberWithId
from govflow.domain.plugins.declarations import Declared
from govflow.domain.snapshot import Judged, ProjectSnapshot, checks_asked, read_by
from govflow.plugin_host.judging import judge_check

log = logging.getLogger("govflow.plugin_host.judging")
SILENCE, ALL_IN_ALL, STARTING = 1.0, 3.0, 15.0
STRIKES, REST = 3, 300.0
MEMORY = 1 << 30
_LENGTH = struct.Struct("!I")


class JudgeProcess:
    """Judges as `judging.judge` does, in a child of its own. One for each process; threads take turns."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._strikes: dict[str, int] = {}
        self._rests_until: dict[str, float] = {}

    def __call__(
        self, snapshot: ProjectSnapshot, declared: Declared, checks: Collection[str]
    ) -> dict[str, list[Finding]]:
        plain = _told(snapshot, declared, checks)
        found: dict[str, list[Finding]] = {}
        with self._lock:
            end = time.monotonic() + ALL_IN_ALL
            wanted = [check_id for check_id, _, _ in checks_asked(plain, declared) if check_id in checks]
            resting = {check_id for check_id in wanted if self._rests_until.get(check_id, 0) > time.monotonic()}
            left = [check_id for check_id in wanted if check_id not in resting]
            while left and time.monotonic() < end:
                began = time.monotonic()
                child = self._ready_child()
                end += time.monotonic() - began  # starting afresh is not the judges' time
                if child is None:
                    break  # it cannot start at all: everything reads broken, and holds
                done, at = self._ask(child, plain, left, end)
                found.update(done)
                left = [check_id for check_id in left if check_id not in done and check_id != at]
        return self._complete(plain, declared, checks, found)

    def stop(self) -> None:
        with self._lock:
            self._end_child()

    # --- one talk with the child ------------------------------------------------------------------

    def _ask(
        self, child: subprocess.Popen[bytes], snapshot: ProjectSnapshot, checks: list[str], end: float
    ) -> tuple[dict[str, list[Finding]], str | None]:
        """Findings of the checks that were answered, and the one at which the child fell silent, if it did."""
        done: dict[str, list[Finding]] = {}
        at: str | None = None
        try:
            _send(child, pickle.dumps((snapshot, checks)))
            while len(done) < len(checks):
                said = _receive(child, min(SILENCE, max(0.05, end - time.monotonic())))
                if "at" in said:
                    at = said["at"]
                else:
                    done[said["done"]] = _unpacked(said["findings"]) if said["findings"] else []
                    self._strikes.pop(said["done"], None)
                    at = None
            return done, None
        except (OSError, EOFError, TimeoutError, ValueError, KeyError, TypeError) as error:
            log.error("the judge of %s was stopped: %s", at or checks[0], error or type(error).__name__)
            self._end_child()
            at = at or next((member for member in checks if member not in done), None)
            if at:
                self._strike(at)
            return done, at

    def _strike(self, check_id: str) -> None:
        self._strikes[check_id] = self._strikes.get(check_id, 0) + 1
        if self._strikes[check_id] >= STRIKES:
            log.error("check %s is left alone for %d seconds", check_id, REST)
            self._rests_until[check_id] = time.monotonic() + REST
            self._strikes.pop(check_id)

    def _complete(
        self,
        snapshot: ProjectSnapshot,
        declared: Declared,
        checks: Collection[str],
        found: dict[str, list[Finding]],
    ) -> dict[str, list[Finding]]:
        """What was not answered reads broken."""
        given = snapshot.given(declared)
        refuse = "its judge did not answer"
        for check_id, check, plugin in checks_asked(snapshot, declared):
            if check_id in checks and check_id not in found:
                found[check_id] = judge_check(snapshot, declared, check_id, check, plugin, given=given, refuse=refuse)
        return found

    # --- the child --------------------------------------------------------------------------------

    def _ready_child(self) -> subprocess.Popen[bytes] | None:
        if self._child is not None and self._owner != os.getpid():
            self._child = None  # a fork inherited its parent's child; it is not ours
        if self._child is None or self._child.poll() is not None:
            self._end_child()
            self._owner = os.getpid()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "govflow.plugin_host.sandbox", str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                process_group=0,
            )
            try:
                _receive(self._child, STARTING)
            except (OSError, EOFError, TimeoutError, ValueError) as error:
                log.error("the judge process did not start: %s", error)
                self._end_child()
        return self._child

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None or self._owner != os.getpid():
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe:
                pipe.close()


def _told(snapshot: ProjectSnapshot, declared: Declared, checks: Collection[str]) -> ProjectSnapshot:
    """What these checks may read of the project, and no more: it is copied to the child."""
    reads: set[str] = set()
    for check_id, check, plugin in checks_asked(snapshot, declared):
        if check_id in checks:
            reads |= read_by(check, plugin)
    return dataclasses.replace(
        snapshot,
        members=_plain(snapshot.members),
        left=_plain(snapshot.left),
        entries={name: entries for name, entries in snapshot.entries.items() if name in reads},
        sign_offs=(),
        waivers=(),
        judged=Judged(),
    )


def _plain(members: tuple[MemberWithId, ...]) -> tuple[MemberWithId, ...]:
    """Members without the ids of our tables: a plugin sees no row."""
    names = [field.name for field in dataclasses.fields(Member)]
    return tuple(MemberWithId(**{name: getattr(member, name) for name in names}) for member in members)


def _send(child: subprocess.Popen[bytes], data: bytes) -> None:
    assert child.stdin is not None
    child.stdin.write(_LENGTH.pack(len(data)) + data)
    child.stdin.flush()


def _receive(child: subprocess.Popen[bytes], seconds: float) -> dict[str, Any]:
    """One answer, JSON: what a plugin's process says is never unpickled."""
    (length,) = _LENGTH.unpack(_exactly(child, _LENGTH.size, seconds))
    if length > 32 << 20:
        raise ValueError("it said too much")
    said: dict[str, Any] = json.loads(_exactly(child, length, seconds))
    return said


def _exactly(child: subprocess.Popen[bytes], size: int, seconds: float) -> bytes:
    assert child.stdout is not None
    data, end = b"", time.monotonic() + seconds
    while len(data) < size:
        ready, _, _ = select.select([child.stdout], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise TimeoutError(f"it was silent for {seconds:.1f} s")
        part = os.read(child.stdout.fileno(), min(size - len(data), 1 << 16))
        if not part:
            raise EOFError("it ended")
        data += part
    return data


FIELDS = tuple(field.name for field in dataclasses.fields(Finding))
DAYS, LISTS = {"due_on", "look_again"}, {"owed_by", "remind_before"}


def _packed(findings: list[Finding]) -> dict[str, Any]:
    """Findings by column: a project has thousands, and of one check most say the same of who, whether and why."""
    columns = {}
    for name in FIELDS:
        values = [getattr(finding, name) for finding in findings]
        if name in DAYS:
            values = [one.isoformat() if one else None for one in values]
        columns[name] = values[:1] if values.count(values[0]) == len(values) else values
    return {"count": len(findings), "columns": columns}


def _unpacked(said: dict[str, Any]) -> list[Finding]:
    """The findings again; a column that has one value has it for all."""
    count, columns = said["count"], []
    for name in FIELDS:
        values = said["columns"][name]
        if name in DAYS:
            values = [date.fromisoformat(one) if one else None for one in values]
        elif name in LISTS:
            values = [tuple(one) for one in values]
        columns.append(values * count if len(values) == 1 else values)
    return [Finding(**dict(zip(FIELDS, row, strict=True))) for row in zip(*columns, strict=True)]


# --- inside the child -------------------------------------------------------------------------------


def _serve(parent: int) -> None:
    import resource

    from govflow.plugin_host.loader import load_plugins
    from govflow.runtime.supervisor import die_with_parent

    die_with_parent(parent)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    talk_in, talk_out = os.fdopen(os.dup(0), "rb"), os.dup(1)
    os.dup2(2, 1)  # a plugin that prints does not speak for us
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    logging.getLogger("govflow.plugins").setLevel(logging.CRITICAL)  # whoever started us has said it already
    declared = load_plugins()
    logging.getLogger("govflow.plugins").setLevel(logging.NOTSET)
    _say(talk_out, {"ready": True})
    while True:
        head = talk_in.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return
        snapshot, checks = pickle.loads(talk_in.read(_LENGTH.unpack(head)[0]))
        given = snapshot.given(declared)
        for check_id, check, plugin in checks_asked(snapshot, declared):
            if check_id not in checks:
                continue
            _say(talk_out, {"at": check_id})
            threads = threading.active_count()
            findings = judge_check(snapshot, declared, check_id, check, plugin, given=given)
            if threading.active_count() > threads:
                os._exit(1)  # it left a thread running: this process ends, and the check reads broken
            _say(talk_out, {"done": check_id, "findings": _packed(findings) if findings else None})
            del findings
        del snapshot, given  # nothing of a project is kept here while nothing is asked


def _say(talk_out: int, said: dict[str, Any]) -> None:
    data = json.dumps(said).encode()
    view = memoryview(_LENGTH.pack(len(data)) + data)
    while view:
        view = view[os.write(talk_out, view) :]


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
