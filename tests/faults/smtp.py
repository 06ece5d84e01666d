"""A mail server that misbehaves as it is told to, and writes down every letter it said yes to."""

from __future__ import annotations

import contextlib
import email
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.support.servers import wait_until


@dataclass
class Sink:
    """`banner`, `on_rcpt` and `on_end` may answer instead, hang until `let_go`, or hang up (None)."""

    port: int = 0
    seconds_a_letter: float = 0.0
    on_connect: Callable[[], str | None] = lambda: "220 sink"
    on_rcpt: Callable[[str], str] = lambda address: "250 ok"
    on_data: Callable[[str], str | None] = lambda address: "354 go on"
    on_end: Callable[[str], str | None] = lambda address: "250 kept"
    one_byte_a_second: bool = False
    accepted: list[tuple[str, str, float]] = field(default_factory=list)
    connections: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)
    _listener: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def times(self) -> Counter[str]:
        """Message-ID -> how often it was taken."""
        return Counter(number for number, _, _ in self.accepted)

    def hang(self, *_: object) -> str | None:
        """Say nothing until told to go on; then hang up."""
        self.let_go.wait(120)
        return None

    # --- going away and coming back ---------------------------------------------------------------

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self._listener = None
        self.let_go.set()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                talk, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk_safely, args=(talk,), daemon=True).start()

    def _talk_safely(self, talk: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), talk:
            self._talk(talk)

    def _say(self, talk: socket.socket, words: str | None) -> bool:
        if words is None:
            return False
        line = f"{words}\r\n".encode()
        for part in [line[n : n + 1] for n in range(len(line))] if self.one_byte_a_second else [line]:
            talk.sendall(part)
            if self.one_byte_a_second and self.let_go.wait(1):
                return False
        return True

    def _talk(self, talk: socket.socket) -> None:
        reader, address = talk.makefile("rb"), ""
        if not self._say(talk, self.on_connect()):
            return
        while line := reader.readline():
            word = line.strip().upper()
            if word.startswith((b"EHLO", b"HELO", b"MAIL", b"RSET", b"NOOP")):
                going = self._say(talk, "250 ok")
            elif word.startswith(b"RCPT"):
                address = line.decode().partition("<")[2].partition(">")[0]
                going = self._say(talk, self.on_rcpt(address))
            elif word == b"DATA":
                answer = self.on_data(address)
                going = self._say(talk, answer)
                if going and answer is not None and answer.startswith("354"):
                    going = self._take(talk, reader, address)
            else:
                going = self._say(talk, "221 bye") and not word.startswith(b"QUIT")
            if not going:
                return

    def _take(self, talk: socket.socket, reader, address: str) -> bool:  # type: ignore[no-untyped-def]
        lines = []
        while (line := reader.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line)
        number = str(email.message_from_bytes(b"".join(lines))["Message-ID"])
        if self.seconds_a_letter:
            time.sleep(self.seconds_a_letter)
        answer = self.on_end(address)
        if answer is None or answer.startswith("250"):  # what it took it has, whether or not its yes arrives
            self.accepted.append((number, address, time.monotonic()))
        return self._say(talk, answer)

    def wait_for(self, count: int, seconds: float) -> None:
        wait_until(lambda: len(self.times) >= count, seconds, f"{len(self.times)} of {count} letters came")


@contextlib.contextmanager
def sink(**behaviour: object) -> Iterator[Sink]:
    made = Sink(**behaviour)  # type: ignore[arg-type]
    made.open()
    try:
        yield made
    finally:
        made.close()
