"""Every fault once, shorter than `./dev faults` runs it on each database: no letter is lost, whatever breaks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.matrix import Fault, cases, run
from tests.support import servers

CASES = list(cases(short=True))


@pytest.fixture(scope="module")
def durable_postgres() -> Iterator[servers.PostgresServer]:
    """A server of its own: these tests stop it, and it keeps what it said it kept."""
    with servers.postgres(durable=True) as server:
        yield server


@pytest.mark.parametrize(("fault", "engine"), CASES, ids=[f"{fault.name} {engine}" for fault, engine in CASES])
def test_no_letter_is_lost(fault: Fault, engine: str, durable_postgres: servers.PostgresServer) -> None:
    run(fault, engine, durable_postgres, full=False)
