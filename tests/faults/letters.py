"""Faults of workers, queues and mail servers. Each breaks one thing while letters are posted, and counts."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from typing import ClassVar
from zlib import crc32

import redis

from govflow import clock, queue
from tests.faults.ground import Ground, Row
from tests.faults.run import IN_ALL
from tests.support import servers


def killed(ground: Ground, *, letters: int, kills: int, workers: int = 4) -> Row:
    """kill -9 of a worker and its job, again and again, each time after some more letters were taken."""
    ground.mail.seconds_a_letter = 0.02
    ground.owe(letters)
    fleet = ground.fleet(workers)
    chance = random.Random(1)
    for number in range(kills):
        seen = len(ground.mail.times)
        wanted = min(letters - 1, seen + max(1, (letters - seen) // (kills - number + 1)))
        servers.wait_until(lambda wanted=wanted: len(ground.mail.times) >= wanted, 60, "no letters come any more")
        which = chance.randrange(workers)
        ground.kill(fleet[which])
        fleet[which] = ground.start("worker")
    ground.wait_until_posted(120)
    return ground.row("F2", f"{kills} kills of {workers} workers", "a doubled letter has the same Message-ID")


def frozen(ground: Ground, *, letters: int, after_the_dot: bool) -> Row:
    """A worker is frozen for longer than its lease, and wakes up: before DATA, or when all was handed over."""
    caught: list[str] = []

    def once(address: str) -> None:
        if not caught:
            caught.append(address)
            ground.signal(slow, signal.SIGSTOP)

    if after_the_dot:
        ground.mail.on_end = lambda address: (once(address), "250 kept")[1]
    else:
        ground.mail.on_rcpt = lambda address: (once(address), "250 ok")[1]
    ground.owe(letters)
    slow = ground.start("deliver")
    servers.wait_until(lambda: caught, 20, "nothing was posted")
    began = time.monotonic()
    ground.fleet(1)
    ground.wait_until_posted(60)
    waited = time.monotonic() - began
    ground.signal(slow, signal.SIGCONT)
    slow.wait(30)
    where = "after the last dot" if after_the_dot else "before DATA"
    return ground.row("F3", f"a worker frozen {where}", f"the others had waited {waited:.0f} s for a lease of 6 s")


def lost_job(ground: Ground, *, letters: int) -> Row:
    """A job is taken from the queue and its worker is gone before it began: RQ has lost it."""
    ground.owe(letters)
    with queue.connect(ground.settings.redis_url) as connection:
        waiting = queue.queue(connection)
        assert waiting.count, "the sweep asked for workers"
        while connection.lpop(waiting.key):
            pass
    began = time.monotonic()
    ground.fleet(1)
    ground.wait_until_posted(60)
    return ground.row("F4", "a job lost between pop and start", f"posted after {time.monotonic() - began:.0f} s")


def redis_dies(ground: Ground, server: RedisServer, *, letters: int, how: str, workers: int = 2) -> Row:
    """The queue is killed, emptied or filled up while letters are posted."""
    ground.mail.seconds_a_letter = 0.02
    ground.owe(letters)
    ground.fleet(workers)
    ground.mail.wait_for(letters // 4, 60)
    server.faults[how]()
    ground.wait_until_posted(90)
    return ground.row("F6" if how == "full" else "F5", f"Redis {server.words[how]}")


class RedisServer:
    """A Redis that can be killed, emptied, filled and started again, always empty."""

    words: ClassVar[dict[str, str]] = {
        "killed": "killed, back and empty after 3 s",
        "emptied": "emptied",
        "gone": "killed, and not back",
        "full": "full, and refusing to write",
    }

    def __init__(self) -> None:
        self.port = servers.free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.faults: dict[str, Callable[[], object]] = {
            "killed": self._killed, "emptied": self._emptied, "gone": self.stop, "full": self._full,
        }  # fmt: skip
        self.start()

    def start(self) -> None:
        from govflow.runtime.embedded_redis import _binary, wait_ready

        command = [_binary(), "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_ready(self.url, 10)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def _killed(self) -> None:
        self.stop()
        time.sleep(3)  # this long it is away; that is the fault
        self.start()

    def _emptied(self) -> None:
        with redis.Redis.from_url(self.url) as connection:
            connection.flushall()

    def _full(self) -> None:
        with redis.Redis.from_url(self.url) as connection:
            connection.config_set("maxmemory", "1mb")
            connection.config_set("maxmemory-policy", "noeviction")


# --- mail servers ------------------------------------------------------------------------------------------


def refuses_for_now(ground: Ground, *, letters: int, code: str) -> Row:
    """Every second letter is refused once with a code that means “later”; it is asked again when it is time."""
    refused: set[str] = set()

    def on_rcpt(address: str) -> str:
        if address not in refused and crc32(address.encode()) % 2:
            refused.add(address)
            return f"{code} later please"
        return "250 ok"

    ground.mail.on_rcpt = on_rcpt
    ground.owe(letters)
    ground.deliver()
    tried = dict(ground.states())
    _come_due(ground)
    ground.deliver()
    _come_due(ground)
    ground.deliver()
    return ground.row("F12", f"the server says {code} to some", f"first time: {tried.get('sent', 0)} sent")


def refuses_for_good(ground: Ground, *, letters: int, code: str) -> Row:
    """One address is refused for good: one attempt, a dead letter, and nobody else waits."""
    asked: list[str] = []

    def on_rcpt(address: str) -> str:
        asked.append(address)
        return f"{code} no such person" if address == "p-0@example.org" else "250 ok"

    ground.mail.on_rcpt = on_rcpt
    ground.owe(letters)
    for _ in range(3):
        ground.deliver()
        _come_due(ground)
    states = ground.states()
    assert states == {"sent": letters - 1, "dead": 1}, states
    assert asked.count("p-0@example.org") == 1
    ground.expected = set(ground.mail.times)
    return ground.row("F13", f"the server says {code} to one", "one attempt, one dead letter, all others sent")


def hangs(ground: Ground, *, letters: int, where: str) -> Row:
    """The server is silent at a point, for the first who comes there; no letter keeps the others for long."""
    mail, met = ground.mail, [False]

    def at_first(well: str) -> Callable[..., str | None]:
        def answer(*_: object) -> str | None:
            first, met[0] = not met[0], True
            return mail.hang() if first else well

        return answer

    if where == "at the banner":
        mail.on_connect = at_first("220 sink")
    elif where == "after DATA":
        mail.on_data = at_first("354 go on")
    elif where == "after the last dot":
        mail.on_end = at_first("250 kept")
    else:
        mail.one_byte_a_second = True
    ground.owe(letters)
    began = time.monotonic()
    ground.deliver()
    took = time.monotonic() - began
    mail.one_byte_a_second = False
    for _ in range(3):
        _come_due(ground)
        ground.deliver()
    return ground.row("F14", f"the server is silent {where}", f"it kept the worker {took:.0f} s; {IN_ALL:g} s in all")


def half_closes(ground: Ground, *, letters: int) -> Row:
    """The server takes a letter and hangs up before it says so: nobody can know, so it comes again, the same."""
    cut: list[str] = []

    def on_end(address: str) -> str | None:
        if not cut:
            cut.append(address)
            return None
        return "250 kept"

    ground.mail.on_end = on_end
    ground.owe(letters)
    for _ in range(2):
        ground.deliver()
        _come_due(ground)
    return ground.row("F15", "the server hangs up after the last dot", "one letter may come twice")


def away(ground: Ground, *, letters: int) -> Row:
    """Nobody answers at the mail server's address; then it is back. No letter has lost an attempt."""
    ground.mail.close()
    ground.owe(letters)
    for _ in range(6):
        ground.deliver()
    assert ground.states() == {"owed": letters}
    attempts = _attempts(ground)
    ground.mail.let_go.clear()
    ground.mail.open()
    _the_host_may_be_asked(ground)
    ground.deliver()
    began = [at for _, _, at in ground.mail.accepted]
    rate = (len(began) - 1) / max(began[-1] - began[0], 0.001) if len(began) > 1 else 0.0
    assert attempts == 0
    return ground.row("F16", "the server away, then back", f"no attempt burnt; {rate:.0f} a second when back")


def _come_due(ground: Ground) -> None:
    """As if the time to try again had come."""
    from sqlalchemy import update

    from govflow.store import Email, db, now

    db.session.execute(update(Email).where(Email.state == "owed").values(next_at=now(), lease_until=None))
    db.session.commit()
    _the_host_may_be_asked(ground)


def _the_host_may_be_asked(ground: Ground) -> None:
    from sqlalchemy import update

    from govflow.store import MailServer, db, now

    db.session.execute(update(MailServer).where(MailServer.away_until.is_not(None)).values(away_until=now()))
    db.session.commit()
    db.session.remove()


def _attempts(ground: Ground) -> int:
    from sqlalchemy import func, select

    from govflow.store import Email, db

    found = db.session.scalar(select(func.sum(Email.attempts))) or 0
    db.session.remove()
    return int(found)


# --- clocks and crowds ------------------------------------------------------------------------------------


def many_sweeps(ground: Ground, *, letters: int, sweeps: int = 10) -> Row:
    """The same sweep many times at once, each in a process of its own."""
    from sqlalchemy import delete, select

    from govflow.store import Email, EmailItem, db

    ground.owe(letters)
    db.session.execute(delete(EmailItem))
    db.session.execute(delete(Email))
    db.session.commit()
    db.session.remove()
    running = [ground.start("sweep", "--once") for _ in range(sweeps)]
    assert [one.wait(120) for one in running] == [0] * sweeps
    written = list(db.session.scalars(select(Email.message_id)))
    people = list(db.session.scalars(select(Email.person_id)))
    db.session.remove()
    assert len(people) == len(set(people)) == letters, (len(people), letters)
    ground.expected = set(written)
    ground.deliver()
    return ground.row("F18", f"{sweeps} sweeps at once", "every one ended well, one letter each")


def removed(ground: Ground, *, letters: int) -> Row:
    """Members are taken out while their letters wait: none of those is posted, all others are."""
    from sqlalchemy import select

    from govflow.services.base.actions import Actor, person_by_email
    from govflow.services.people import people
    from govflow.store import Email, Person, Project, db

    ground.owe(letters)
    today = clock.today(None)
    project = db.session.scalar(select(Project.id))
    gone = [f"p-{number}" for number in range(0, letters - 1, 3)]
    for key in gone:
        found = person_by_email(f"{key}@example.org")
        assert found is not None
        assert project is not None
        people.leave(project, by=Actor(found.id), today=today)
    inviters = [f"p-{int(key.partition('-')[2]) - 1}@example.org" for key in gone]  # what they owed is owed no more
    mine = select(Email.message_id).join(Person, Person.id == Email.person_id).where(Email.state == "owed")
    ground.expected = set(db.session.scalars(mine.where(Person.email.not_in(inviters))))
    db.session.remove()
    ground.deliver()
    to_the_gone = {address for _, address, _ in ground.mail.accepted} & {f"{key}@example.org" for key in gone}
    assert not to_the_gone, to_the_gone
    return ground.row("F27", f"{len(gone)} members gone while letters wait", "none of theirs was posted")
