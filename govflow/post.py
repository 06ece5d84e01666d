"""The post: the only file that speaks SMTP."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from pathlib import Path
from urllib.parse import unquote, urlsplit

from govflow.demo_mail import FolderPost
from govflow.envelope import Envelope, NotPosted, Post, message

SECONDS = 20


class SmtpPost:
    """One connection to the mail server for as many letters as it takes."""

    def __init__(self, url: str, sender: str):
        self._url, self._sender = urlsplit(url), sender
        self._server: smtplib.SMTP | None = None

    def send(self, envelope: Envelope) -> None:
        try:
            server = self._connected()
            server.send_message(message(envelope, sender=self._sender))
        except smtplib.SMTPRecipientsRefused as error:
            code, _ = next(iter(error.recipients.values()))
            self._reset()
            raise NotPosted(f"the address was refused ({code})", permanent=code >= 500) from error
        except smtplib.SMTPResponseException as error:
            self._drop()
            raise NotPosted(f"the mail server said {error.smtp_code}", permanent=error.smtp_code >= 550) from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            raise NotPosted(f"{type(error).__name__}", permanent=isinstance(error, ValueError)) from error

    def close(self) -> None:
        if self._server is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._server.quit()
        self._drop()

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            secure = self._url.scheme == "smtps"
            host, port = self._url.hostname or "localhost", self._url.port or (465 if secure else 25)
            server = (
                smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
                if secure
                else smtplib.SMTP(host, port, timeout=SECONDS)
            )
            if self._url.username:
                if not secure:
                    server.starttls(context=ssl.create_default_context())
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
            self._server = server
        return self._server

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


def post_for(*, mail_url: str, mail_from: str, demo_folder: Path) -> Post:
    """The post these settings ask for."""
    return (
        SmtpPost(mail_url, mail_from or "GovFlow <govflow@localhost.example>") if mail_url else FolderPost(demo_folder)
    )
