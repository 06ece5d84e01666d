"""What is erased leaves the memory of every process before the erasure answers, with a real Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from govflow import forgetting
from govflow.domain.gates.checks import ProjectFacts, Visit
from govflow.domain.gates.lifecycle import RESEARCH
from govflow.domain.snapshot import ProjectSnapshot
from govflow.forgetting import ListeningCache, forgetter
from govflow.services.privacy import erasing
from tests.support.factories import TODAY, a_project
from tests.support.servers import redis_server, wait_until

DAY = date(2026, 3, 2)
SNAPSHOT = ProjectSnapshot(
    project=ProjectFacts(slug="p", title="P", started=DAY),
    lifecycle=RESEARCH,
    visits=(Visit(number=1, stage="bid", entered=DAY),),
    today=DAY,
    members=(),
    left=(),
    evidence=(),
    entries={},
    rounds={},
    on={},
)


@pytest.fixture(autouse=True)
def _stopped() -> Iterator[None]:
    """No listener outlives its test."""
    yield
    while STARTED:
        STARTED.pop().stop()


STARTED: list[ListeningCache] = []


def listening(url: str) -> ListeningCache:
    cache = ListeningCache(url)
    STARTED.append(cache)
    cache.listen()
    wait_until(cache.may_keep)
    for number in (1, 2):
        cache.keep(number, DAY, ("stamp",), SNAPSHOT)
    assert len(cache) == 2
    return cache


def keeps(cache: ListeningCache) -> list[bool]:
    return [bool(cache.get(number, DAY, ("stamp",))) for number in (1, 2)]


CHILD = """
import sys
from tests.test_forgetting import listening
cache = listening(sys.argv[1])
print("ready", flush=True)
for _ in sys.stdin:
    print(len(cache), flush=True)
"""


@contextmanager
def another_process(url: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", CHILD, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            yield child
        finally:
            child.kill()


def kept_by(child: subprocess.Popen[str]) -> int:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("\n")
    child.stdin.flush()
    return int(child.stdout.readline())


def test_when_it_answers_every_process_has_forgotten_these_projects_and_no_others(redis_url):
    mine = listening(redis_url)
    with another_process(redis_url) as child:
        assert kept_by(child) == 2
        forgetter(redis_url)([1])
        assert keeps(mine) == [False, True]
        assert kept_by(child) == 1


def test_a_process_that_does_not_answer_is_told_of_in_the_log(redis_url, monkeypatch, caplog):
    monkeypatch.setattr(forgetting, "PATIENCE", 0.5)
    with another_process(redis_url) as child:
        os.kill(child.pid, signal.SIGSTOP)
        forgetter(redis_url)([1])
        os.kill(child.pid, signal.SIGCONT)
        assert "1 web processes did not say that they forgot" in caplog.text
        wait_until(lambda: kept_by(child) == 1)


def test_while_redis_is_away_nothing_is_kept():
    with redis_server() as url:
        cache = listening(url)
    wait_until(lambda: not cache.may_keep())
    assert len(cache) == 0
    cache.keep(1, DAY, ("stamp",), SNAPSHOT)
    assert len(cache) == 0
    forgetter(url)([1])  # nobody waits for a Redis that is not there


def test_before_it_listens_and_without_a_redis_nothing_is_kept(redis_url):
    for cache in (ListeningCache(redis_url), ListeningCache("")):
        if cache._url == "":
            cache.listen()
        cache.keep(1, DAY, ("stamp",), SNAPSHOT)
        assert len(cache) == 0


@pytest.mark.both_engines
def test_an_erasure_makes_every_process_forget_the_projects_of_whoever_is_erased(app, monkeypatch):
    project, told = a_project(app), []
    house = app.extensions["govflow"]
    monkeypatch.setitem(app.extensions, "govflow", type(house)(**vars(house) | {"forget_elsewhere": told.append}))
    erasing.erase(word="ERASE", by=project.by("lived-1"), today=TODAY)
    assert [list(projects) for projects in told] == [[project.id]]
    assert len(app.extensions["govflow"].snapshots) == 0
