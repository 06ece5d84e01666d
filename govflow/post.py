"""The post: the only file that speaks SMTP. Hands letters to the mail server, or lays them in a folder in the demo."""

from __future__ import annotations

import contextlib
import email
import email.policy
import logging
import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

log = logging.getLogger("govflow.post")
SECONDS = 20
# A longer line limit keeps List-Unsubscribe whole: folded, it is encoded and one-click unsubscribe breaks.
POLICY = email.policy.SMTP.clone(max_line_length=998)


class NotPosted(Exception):
    """The letter was not taken. `permanent`: it never will be; otherwise try again later."""

    def __init__(self, sentence: str, *, permanent: bool):
        super().__init__(sentence)
        self.permanent = permanent


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A letter with its addresses; `stop_url` is set on reminders alone."""

    to: str
    to_name: str
    subject: str
    text: str
    html: str
    message_id: str
    stop_url: str = ""


class Post(Protocol):
    def send(self, envelope: Envelope) -> None: ...

    def close(self) -> None: ...


def message(envelope: Envelope, *, sender: str) -> EmailMessage:
    """The letter as it goes over the wire: plain text first, HTML beside it."""
    name, address = parseaddr(sender)
    made = EmailMessage(policy=POLICY)
    made["From"] = Address(name or "GovFlow", addr_spec=address)
    made["To"] = Address(" ".join(envelope.to_name.split()), addr_spec=envelope.to)
    made["Subject"] = " ".join(envelope.subject.split())
    made["Date"] = format_datetime(datetime.now(UTC))
    made["Message-ID"] = envelope.message_id
    made["Auto-Submitted"] = "auto-generated"
    if envelope.stop_url:
        made["List-Unsubscribe"] = f"<{envelope.stop_url}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(envelope.text, cte="quoted-printable")
    made.add_alternative(envelope.html, subtype="html", cte="quoted-printable")
    return made


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


class FolderPost:
    """The demo's post: letters lie in a folder and are read on /mail."""

    def __init__(self, folder: Path):
        self._folder = folder

    def send(self, envelope: Envelope) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{envelope.message_id.strip('<>').partition('@')[0]}.eml"
        made = bytes(message(envelope, sender="GovFlow <govflow@localhost.example>"))
        temporary = self._folder / f".{name}"
        temporary.write_bytes(made)
        temporary.rename(self._folder / name)

    def close(self) -> None:
        pass


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A letter that lies in the demo's folder."""

    id: str
    to: str
    subject: str
    on: datetime
    text: str


def posted(folder: Path, *, most: int = 50) -> list[Posted]:
    """The letters in the demo's folder, the newest first."""
    found = []
    for path in sorted(folder.glob("*.eml"), reverse=True)[:most]:
        made = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = made.get_body(("plain",))
        found.append(
            Posted(
                id=path.stem, to=str(made["To"]), subject=str(made["Subject"]),
                on=datetime.strptime(path.name[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC),
                text=body.get_content() if body else "",
            )
        )
    return found


def post_for(*, mail_url: str, mail_from: str, demo_folder: Path) -> Post:
    """The post these settings ask for."""
    return SmtpPost(mail_url, mail_from or "GovFlow <govflow@localhost.example>") if mail_url else FolderPost(demo_folder)
