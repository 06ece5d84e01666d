"""How many would build an anonymous vote: who voted in one table, what they chose in another, random ids, no names.

It is here so that we know the attacks work: every one of them must link all of its votes.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

import psycopg
from redis import Redis

TABLES = (
    "CREATE TABLE naive_turnout (voter TEXT PRIMARY KEY)",
    "CREATE TABLE naive_ballot (id TEXT PRIMARY KEY, words TEXT, created_at TEXT)",
    "CREATE TABLE naive_audit (line TEXT)",
)


def connect(url: str) -> sqlite3.Connection | psycopg.Connection:
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10, isolation_level="IMMEDIATE")
        connection.execute("PRAGMA secure_delete=OFF")
        return connection
    return psycopg.connect(url.replace("+psycopg", ""))


class NaiveVote:
    """One poll after another: `vote`, then `close`, which counts and deletes the ballots."""

    def __init__(self, url: str, redis_url: str):
        self._mark = "?" if url.startswith("sqlite") else "%s"
        self.connection, self._redis = connect(url), Redis.from_url(redis_url)
        self._run(TABLES)
        self.journal: list[tuple[str, str]] = []

    def vote(self, voter: str, words: str) -> None:
        at, mark = datetime.now(UTC).isoformat(), self._mark
        ballot = (str(uuid.uuid4()), words, at)
        self.connection.execute(f"INSERT INTO naive_turnout VALUES ({mark})", (voter,))
        self.connection.execute(f"INSERT INTO naive_ballot VALUES ({mark}, {mark}, {mark})", ballot)
        self.connection.execute(f"INSERT INTO naive_audit VALUES ({mark})", (f"{voter} voted for {words}",))
        self.connection.commit()
        self.journal.append((at, voter))
        self._redis.rpush("naive:jobs", json.dumps({"do": "thank", "who": voter, "for": words}))

    def close(self) -> None:
        self._run(["DELETE FROM naive_turnout", "DELETE FROM naive_ballot"])

    def forget(self) -> None:
        """Between two polls, so that each stands for itself."""
        self._run([*[f"DROP TABLE {name.split()[2]}" for name in TABLES], *TABLES])
        self._redis.delete("naive:jobs")
        self.journal.clear()

    def _run(self, statements: Iterable[str]) -> None:
        for statement in statements:
            self.connection.execute(statement)
        self.connection.commit()
