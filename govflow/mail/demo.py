"""The demo's post: letters lie in a folder and are read on /mail. No email leaves the machine."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from govflow.mail.message import Envelope, NotPosted, wire


class FolderPost:
    """Lays letters in a folder, whole or not at all."""

    host = ""

    def __init__(self, folder: Path):
        self._folder = folder

    def send(self, envelope: Envelope, *, until: float | None = None) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{envelope.message_id.strip('<>').partition('@')[0]}.eml"
        try:
            made = wire(envelope, sender="GovFlow <govflow@localhost.example>")
        except ValueError as error:
            raise NotPosted(type(error).__name__, permanent=True) from error
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
                id=path.stem,
                to=str(made["To"]),
                subject=str(made["Subject"]),
                on=datetime.strptime(path.name[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC),
                text=body.get_content() if body else "",
            )
        )
    return found
