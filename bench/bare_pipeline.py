"""The floor under posting letters: a bare query, RQ, a ledger and SMTP, with nothing asked again and nobody's words.

Fifty letters a job on one connection, written down before they are sent: fast, and no design to keep.
"""

from __future__ import annotations

import os
import smtplib
import sqlite3
import sys
from email.message import EmailMessage
from email.policy import SMTP

from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

TEXT = "Something waits for you, and here is why it matters and who can help with it.\n" * 20
HTML = "<p>Something waits for you, and here is why it matters and who can help with it.</p>\n" * 20


def queue() -> Queue:
    return Queue("bare", connection=Redis.from_url(os.environ["BARE_REDIS"]), serializer=JSONSerializer)


def post(numbers: list[int]) -> None:
    with sqlite3.connect(os.environ["BARE_LEDGER"], timeout=30) as ledger:
        ledger.executemany("INSERT OR IGNORE INTO ledger VALUES (?)", [(one,) for one in numbers])
    server = smtplib.SMTP("127.0.0.1", int(os.environ["BARE_PORT"]))
    for number in numbers:
        made = EmailMessage(policy=SMTP)
        made["From"], made["To"] = "GovFlow <govflow@example.org>", f"p{number}@example.org"
        made["Subject"], made["Message-ID"] = "Things wait for you", f"<{number}@example.org>"
        made.set_content(TEXT)
        made.add_alternative(HTML, subtype="html")
        server.send_message(made)
    server.quit()


def hand_out() -> None:
    """The bare indexed query, and a job for each fifty."""
    with sqlite3.connect(os.environ["BARE_LEDGER"], timeout=30) as ledger:
        late = [row[0] for row in ledger.execute("SELECT id FROM late WHERE due < '2026-01-01' ORDER BY due, id")]
    waiting = queue()
    for start in range(0, len(late), 50):
        waiting.enqueue(post, late[start : start + 50], result_ttl=0)


def make(path: str, number: int) -> None:
    with sqlite3.connect(path) as ledger:
        ledger.execute("PRAGMA journal_mode=WAL")
        ledger.execute("CREATE TABLE ledger (id INTEGER PRIMARY KEY)")
        ledger.execute("CREATE TABLE late (id INTEGER PRIMARY KEY, due TEXT)")
        ledger.execute("CREATE INDEX late_due ON late (due, id)")
        ledger.executemany("INSERT INTO late VALUES (?, '2025-12-01')", [(one,) for one in range(number)])


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    SimpleWorker([queue()], connection=queue().connection, serializer=JSONSerializer).work(logging_level="ERROR")
