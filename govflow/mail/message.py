"""Envelopes: a letter with its addresses, as the message that goes over the wire.

Built with `email.mime`, which is three times as fast as `email.message.EmailMessage`.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import formataddr, formatdate, parseaddr
from io import BytesIO
from typing import Protocol
from uuid import uuid4

# A longer line limit keeps List-Unsubscribe whole: folded, it is encoded and one-click unsubscribe breaks.
POLICY = compat32.clone(max_line_length=998, linesep="\r\n")
PLAIN = Charset("utf-8")
PLAIN.body_encoding = QP


class NotPosted(Exception):
    """The letter was not taken. `permanent`: it never will be; otherwise try again later.

    `away`: the server could not be reached, or would talk to nobody; nothing is known about this letter.
    `late`: so much time had passed that somebody else may have it by now; nothing was sent.
    `unsure`: the server was silent after the letter was handed over, so that it may have taken it after all.
    """

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool = False,
        away: bool = False,
        late: bool = False,
        unsure: bool = False,
    ):
        super().__init__(sentence)
        self.permanent, self.away, self.late, self.unsure = permanent, away, late, unsure


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
    """Somebody who posts letters. `host` names the mail server; `until` is the moment, by `now_steady()`, after which
    the letter may be somebody else's."""

    host: str

    def send(self, envelope: Envelope, *, until: float | None = None) -> None: ...

    def close(self) -> None: ...


def wire(envelope: Envelope, *, sender: str) -> bytes:
    """The letter as it goes over the wire: plain text first, HTML beside it."""
    made = MIMEMultipart("alternative", boundary=f"=_{uuid4().hex}", policy=POLICY)
    name, address = parseaddr(sender)
    made["From"] = formataddr((name or "GovFlow", _line(address)))
    made["To"] = formataddr((_line(envelope.to_name), _line(envelope.to)), PLAIN)
    made["Subject"] = _said(envelope.subject)
    made["Date"] = formatdate(usegmt=True)
    made["Message-ID"] = _line(envelope.message_id)
    made["Auto-Submitted"] = "auto-generated"
    if envelope.stop_url:
        made["List-Unsubscribe"] = f"<{_line(envelope.stop_url)}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    for text, kind in ((envelope.text, "plain"), (envelope.html, "html")):
        made.attach(MIMEText(text, kind, PLAIN, policy=POLICY))  # type: ignore[arg-type]
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, policy=POLICY).flatten(made)
    return out.getvalue()


def _line(text: str) -> str:
    """One line of printable letters: nothing typed can begin a header of its own."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _said(text: str) -> str:
    line = _line(text)
    return line if line.isascii() else Header(line, PLAIN, maxlinelen=998).encode()
