"""The post: the only file that speaks SMTP.

Every letter has a minute in all, whatever the server does: hangs, or says one letter a second. And before its content
is handed over the clock is asked once more: a process that was frozen for long no longer owns the letter it holds.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from govflow.clock import now_steady
from govflow.mail.demo import FolderPost
from govflow.mail.message import Envelope, NotPosted, Post, wire

SECONDS, IN_ALL = 20.0, 60.0
GONE = (smtplib.SMTPServerDisconnected, OSError)


class SmtpPost:
    """One connection to the mail server for as many letters as it takes. `seconds` and `in_all` bound one letter."""

    def __init__(self, url: str, sender: str, *, seconds: float | None = None, in_all: float | None = None):
        self._url, self._sender = urlsplit(url), sender
        self._seconds, self._in_all = seconds or SECONDS, in_all or IN_ALL
        self._server: smtplib.SMTP | None = None
        self.host = f"{self._url.hostname or 'localhost'}:{self._port}"

    def send(self, envelope: Envelope, *, until: float | None = None) -> None:
        try:
            message = wire(envelope, sender=self._sender)
        except ValueError as error:
            raise NotPosted(f"it could not be written down: {type(error).__name__}", permanent=True) from error
        try:
            with self._within(self._in_all):
                self._post(envelope.to, message, until)
        except NotPosted as error:
            if error.away or error.late or error.unsure:
                self._drop()
            raise
        except GONE as error:
            self._drop()
            raise NotPosted(f"the mail server went silent ({type(error).__name__})") from error
        except smtplib.SMTPException as error:
            self._drop()
            raise NotPosted(type(error).__name__) from error

    def _post(self, to: str, message: bytes, until: float | None) -> None:
        """MAIL, RCPT, DATA. Nothing is known of a letter before its addresses were answered."""
        server = self._connected()
        sender = parseaddr(self._sender)[1]
        try:
            server.ehlo_or_helo_if_needed()
            code, _ = server.mail(sender)
        except GONE as error:  # a kept connection that the server had closed meanwhile
            raise NotPosted(f"the mail server hung up ({type(error).__name__})", away=True) from error
        self._check(code, away=code == 421 or code >= 500)
        code, _ = server.rcpt(to)
        self._check(code, what="the address was refused")
        if until is not None and now_steady() >= until:
            raise NotPosted("it took too long, and may be somebody else's by now", late=True)
        try:
            code, _ = server.data(message)
        except smtplib.SMTPDataError as error:
            code = error.smtp_code
        except GONE as error:
            raise NotPosted(f"the mail server went silent ({type(error).__name__})", unsure=True) from error
        self._check(code)

    def _check(self, code: int, *, what: str = "the mail server said", away: bool = False) -> None:
        if 200 <= code < 400:
            return
        if code == 421:
            self._drop()
        else:
            self._reset()
        raise NotPosted(f"{what} ({code})", permanent=code >= 500 and not away, away=away)

    def close(self) -> None:
        if self._server is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError), self._within(5):
                self._server.quit()
        self._drop()

    @property
    def _port(self) -> int:
        return self._url.port or (465 if self._url.scheme == "smtps" else 25)

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            return self._server
        kind = _TlsServer if self._url.scheme == "smtps" else _Server
        try:
            self._server = server = kind(timeout=self._seconds)
            code, _ = server.connect(self._url.hostname or "localhost", self._port)
            if code != 220:
                raise NotPosted(f"the mail server greeted with {code}", away=True)
            if self._url.username:
                if self._url.scheme != "smtps":
                    server.starttls(context=ssl.create_default_context())
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
        except (smtplib.SMTPException, OSError) as error:
            raise NotPosted(f"no connection to the mail server ({type(error).__name__})", away=True) from error
        return server

    @contextlib.contextmanager
    def _within(self, seconds: float) -> Iterator[None]:
        """Whatever goes on with the server ends after so long: its connection is cut, and the reader sees its end."""
        cut = threading.Timer(seconds, self._cut)
        cut.daemon = True
        cut.start()
        try:
            yield
        finally:
            cut.cancel()

    def _cut(self) -> None:
        found: socket.socket | None = getattr(self._server, "first_socket", None)
        if found is not None:
            with contextlib.suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)

    def _reset(self) -> None:
        try:
            if self._server is not None:
                self._server.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._server = None


class _Server(smtplib.SMTP):
    """It shows its socket as soon as there is one, so that a server that says nothing can be cut off."""

    first_socket: socket.socket | None = None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        self.first_socket = socket.create_connection((host, port), timeout, self.source_address)
        return self.first_socket


class _TlsServer(_Server):
    """The same, with TLS from the first byte."""

    default_port = smtplib.SMTP_SSL_PORT

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def post_for(*, mail_url: str, mail_from: str, demo_folder: Path) -> Post:
    """The post these settings ask for."""
    return (
        SmtpPost(mail_url, mail_from or "GovFlow <govflow@localhost.example>") if mail_url else FolderPost(demo_folder)
    )
