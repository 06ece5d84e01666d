"""Envelopes: a letter with its addresses, as the message that goes over the wire."""

from __future__ import annotations

import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Protocol

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
