"""What was measured, as JSON lines while it runs, and after a whole run as a page of the documentation."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import sqlalchemy

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
TRIED = "## Tried, and dropped"
HEAD = """# How fast it is

Written by `./dev bench`, on {machine}, at commit {commit}. Every figure is a ratio to a floor that was measured in the
same run, in turns, so that a slow moment meets both; milliseconds are for context and differ between machines. The
floor of pages is a bare Flask and Flask-SQLAlchemy application with one page of fifty rows (`bench/floor_app.py`).

| what | size | ratio | ms | floor, ms | more |
|---|---|---|---|---|---|
"""
_told: list[dict[str, Any]] = []


def tell(what: str, size: str, mine: float, bare: float, ratio: float, **more: object) -> None:
    line = {"what": what, "size": size, "ms": round(mine, 2), "floor_ms": round(bare, 2), "ratio": round(ratio, 2)}
    _told.append(line | more)
    print(json.dumps(line | more), flush=True)


def write_page() -> None:
    """The page anew; what was tried and dropped is written by people, and stays."""
    before = PAGE.read_text("utf-8") if PAGE.exists() else ""
    tried = before[before.find(TRIED) :] if TRIED in before else f"{TRIED}\n"
    rows = [_row(dict(line)) for line in _told]
    PAGE.write_text(HEAD.format(machine=_machine(), commit=_commit()) + "\n".join(rows) + f"\n\n{tried}", "utf-8")


def _row(line: dict[str, Any]) -> str:
    first = [str(line.pop(name)) for name in ("what", "size", "ratio", "ms", "floor_ms")]
    more = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in line.items() if value != "")
    return f"| {' | '.join([*first, more])} |"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    versions = f"Python {platform.python_version()}, SQLAlchemy {sqlalchemy.__version__}"
    return f"{os.cpu_count()} cores and {memory} GiB, {versions}"


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=PAGE.parent, capture_output=True, text=True).stdout.strip() or "unknown"
