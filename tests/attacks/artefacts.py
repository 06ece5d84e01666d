"""What somebody finds who has everything but the ballot key: the live database with its system columns, its log, its

files and freed space, a backup of every moment, the queue, the journal. Each function answers with rows or bytes as
they are; what they mean is worked out in attacks.py, in the same way for a naive schema and for ours.
"""

from __future__ import annotations

import re
import struct
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import psycopg

from tests.support import servers


class SqliteFiles:
    """A reader that never ends keeps SQLite from emptying its log, as a replica or a slow backup would."""

    def __init__(self, url: str):
        import sqlite3

        self.path = Path(url.removeprefix("sqlite:///"))
        self._reader = sqlite3.connect(self.path, isolation_level=None)
        self._reader.execute("BEGIN")
        self._reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()

    def end(self) -> None:
        self._reader.close()

    def commits(self) -> list[bytes]:
        """The log, one piece for each commit: all pages that were written together, without what they held before."""
        content = Path(f"{self.path}-wal").read_bytes()
        if len(content) < 32:
            return []
        (size,) = struct.unpack(">I", content[8:12])
        salt = content[16:24]
        pages: dict[int, bytes] = {}
        groups: list[bytes] = []
        group = b""
        for at in range(32, len(content) - size - 23, 24 + size):
            page, committed = struct.unpack(">II", content[at : at + 8])
            if content[at + 8 : at + 16] != salt:
                break
            new = content[at + 24 : at + 24 + size]
            group += _new_bytes(pages.get(page, b""), new)
            pages[page] = new
            if committed:
                groups.append(group)
                group = b""
        return groups

    def bytes(self) -> bytes:
        """The file as it lies there, freed space and all; the log's newest pages are brought in first."""
        import sqlite3

        self.end()
        with sqlite3.connect(self.path) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        other.close()
        return self.path.read_bytes()


def _new_bytes(before: bytes, after: bytes) -> bytes:
    """The runs of a page that were not in it before."""
    if not before:
        return after
    old = {before[at : at + 16] for at in range(len(before) - 15)}
    kept = bytearray()
    for at in range(0, len(after) - 15, 4):
        if after[at : at + 16] not in old:
            kept += after[at : at + 4]
    return bytes(kept)


class PostgresFiles:
    def __init__(self, url: str):
        self._url = url.replace("+psycopg", "")
        self.folder = Path(url.partition("host=")[2]) / "data"
        with self._admin() as admin:
            (self._began,) = admin.execute("SELECT pg_current_wal_lsn()").fetchone()

    def _admin(self) -> psycopg.Connection:
        return psycopg.connect(self._url.replace("//govflow@", "//postgres@"), autocommit=True)

    def end(self) -> None:
        pass

    def commits(self) -> list[tuple[str, list[tuple[int, int, int]]]]:
        """What pg_waldump tells of each transaction: the file, block and line of every row it wrote."""
        with self._admin() as admin:
            admin.execute("SELECT pg_switch_wal()")
            (now,) = admin.execute("SELECT pg_current_wal_lsn()").fetchone()
        tool = servers._postgres_tool("pg_waldump")
        command = [tool, "-p", str(self.folder / "pg_wal"), "-s", str(self._began), "-e", str(now), "-r", "Heap"]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        written = defaultdict(list)
        line = re.compile(
            r"tx:\s+(\d+).*desc: (?:\w+\+?INIT|INSERT|UPDATE|HOT_UPDATE).*?off:? (\d+).*rel \d+/\d+/(\d+)"
        )
        for one in told.splitlines():
            found = line.search(one)
            if found:
                block = re.search(r"blk (\d+)", one)
                news = re.search(r"new off:? (\d+)", one)
                offset = int(news[1] if news else found[2])
                written[found[1]].append((int(found[3]), int(block[1]) if block else 0, offset))
        return list(written.items())

    def file_of(self, table: str) -> int:
        with self._admin() as admin:
            (number,) = admin.execute("SELECT pg_relation_filenode(%s::regclass)", (table,)).fetchone()
        return number

    def bytes(self, *tables: str) -> bytes:
        """The tables' own files, dead rows and long values and all. A page fills from its end, so each is turned."""
        with self._admin() as admin:
            admin.execute("CHECKPOINT")
            paths = [
                path
                for one in tables
                for (path,) in admin.execute(
                    "SELECT pg_relation_filepath(oid) FROM pg_class WHERE oid IN "
                    "(%(table)s::regclass, (SELECT reltoastrelid FROM pg_class WHERE oid = %(table)s::regclass)) "
                    "ORDER BY oid",
                    {"table": one},
                )
            ]
        raw = b"".join((self.folder / path).read_bytes() for path in paths)
        return b"".join(_turned(raw[at : at + 8192]) for at in range(0, len(raw), 8192))

    def log_bytes(self) -> bytes:
        with self._admin() as admin:
            admin.execute("SELECT pg_switch_wal()")
        names = sorted(path for path in (self.folder / "pg_wal").iterdir() if len(path.name) == 24)
        return b"".join(path.read_bytes() for path in names)


def _turned(page: bytes) -> bytes:
    """A page of PostgreSQL with its rows in the order they came: by their line pointers, dead ones as well."""
    lower, upper = struct.unpack("<HH", page[12:16])
    if not 24 <= lower <= upper <= len(page):
        return page
    places = sorted((one & 0x7FFF for (one,) in struct.iter_unpack("<I", page[24:lower])), reverse=True)
    ends = [len(page), *places]
    return page[:upper] + b"".join(page[a:b] for a, b in zip(places, ends, strict=False)) if places else page


def files_of(url: str) -> SqliteFiles | PostgresFiles:
    return SqliteFiles(url) if url.startswith("sqlite") else PostgresFiles(url)


def every_row(connection: Any) -> list[str]:
    """Every row of every table as text, behind the table's name: history, letters and all."""
    found = []
    if hasattr(connection, "info"):
        tables = [one for (one,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    else:
        tables = [one for (one,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    for table in tables:
        found += [f"{table} {row!r}" for row in connection.execute(f'SELECT * FROM "{table}"').fetchall()]
    return found
