"""`./dev`: what it lists is there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

DEV = Path(__file__).parents[1] / "dev"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([DEV, *words], capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    "words",
    [("faults", "no-such-row"), ("fuzz", "--collect-only", "tests/domain/test_overdue.py"), ("bench", "no-such-line")],
)
def test_what_takes_long_can_be_started(words):
    done = run(*words)
    assert done.returncode == 0, done.stderr
    assert "here yet" not in done.stderr


def test_an_unknown_command_is_named_and_the_known_ones_listed():
    done = run("tidy")
    assert done.returncode == 2
    assert done.stderr.startswith("There is no ./dev tidy.")
    assert "./dev lint" in done.stderr
