"""The queue: ids on Redis that hurry what the database already knows. It may be wiped at any moment."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from redis import Redis, RedisError
from rq import Queue, Worker
from rq.cron import CronJob
from rq.exceptions import DuplicateJobError, InvalidJobOperation
from rq.job import Job
from rq.serializers import JSONSerializer

log = logging.getLogger("govflow.queue")
QUEUE = "govflow"
ALLOWED = ("govflow.jobs.drain", "govflow.jobs.sweep", "govflow.jobs.sweep_organisation")
JOB_SECONDS = 300
FAILED_ARE_KEPT = 86_400
"""Seconds for which a job that went wrong is remembered, so that the doctor and the metrics can tell of it."""
_NEVER = datetime.min.replace(tzinfo=UTC)


class AllowedJob(Job):
    """A job that runs our own functions and nothing else: a JSON queue would run any function by its name."""

    @property
    def func(self) -> Any:
        if self.func_name not in ALLOWED:
            raise InvalidJobOperation(f"{self.func_name} is not one of this service's jobs")
        return super().func


def connect(url: str) -> Redis:
    """A connection that gives up quickly: nobody waits for a queue that only hurries."""
    return Redis.from_url(url, socket_connect_timeout=2, health_check_interval=30)


def queue(connection: Redis) -> Queue:
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer, job_class=AllowedJob)


def waker(url: str) -> Callable[[Iterable[int]], None]:
    """What a service calls after it owed letters. Without Redis it does nothing: the sweep will find them."""

    def wake(organisations: Iterable[int]) -> None:
        if not url:
            return
        try:
            with connect(url) as connection:
                for organisation in organisations:
                    queue(connection).enqueue(
                        "govflow.jobs.drain",
                        organisation,
                        job_timeout=JOB_SECONDS,
                        result_ttl=0,
                        failure_ttl=FAILED_ARE_KEPT,
                    )
        except (RedisError, OSError) as error:
            log.warning("the queue is away, so letters wait for the sweep: %s", error)

    return wake


def failed_counter(url: str) -> Callable[[], int | None]:
    """How many jobs went wrong in the last day; None where there is no Redis to ask."""

    def count_failed() -> int | None:
        if not url:
            return None
        try:
            with connect(url) as connection:
                return int(queue(connection).failed_job_registry.count)
        except (RedisError, OSError):
            return None

    return count_failed


def hand_out(url: str, function: str, ids: Iterable[int], *, every: int = 60) -> None:
    """A job for each id, once in each slot of time however many hand out."""
    slot = int(time.time() // every)
    with connect(url) as connection:
        for member_id in ids:
            with contextlib.suppress(DuplicateJobError):
                queue(connection).enqueue(
                    function,
                    member_id,
                    job_id=f"{function.rpartition('.')[2]}-{member_id}-{slot}",
                    unique=True,
                    job_timeout=JOB_SECONDS,
                    result_ttl=2 * every,
                    failure_ttl=FAILED_ARE_KEPT,
                )


class PeriodicJob(CronJob):
    """A job of RQ's cron with our serializer and job class. Its id is its slot of time: two schedulers enqueue it once.

    RQ's `CronScheduler` makes jobs of its own class, which it enqueues with pickle and anew for each scheduler
    (docs/decisions/0048); what it does beside that is to ask each job whether it should run.
    """

    def __init__(self, connection: Redis, function: str, name: str, *, every: int):
        super().__init__(queue_name=QUEUE, func_name=function, interval=every, name=name)
        self.connection = connection

    def enqueue_when_due(self) -> None:
        if self.should_run():
            self.enqueue(self.connection)
            self.set_enqueue_time(datetime.now(UTC))

    def should_run(self) -> bool:
        """When it is time; and when it was last enqueued in what is now the future, for then the clock was set back."""
        return super().should_run() or (self.latest_enqueue_time or _NEVER) > datetime.now(UTC)

    def enqueue(self, connection: Redis) -> Job | None:  # type: ignore[override]
        slot = int(time.time() // (self.interval or 60))
        try:
            return queue(connection).enqueue(
                self.func_name,
                job_id=f"cron-{self.name}-{slot}",
                unique=True,
                job_timeout=JOB_SECONDS,
                result_ttl=10 * (self.interval or 60),
                failure_ttl=FAILED_ARE_KEPT,
            )
        except DuplicateJobError:
            return None


def worker(connection: Redis, name: str | None = None) -> Worker:
    """One worker on one queue (on two, RQ can lose a job after the pop), noticed soon when it dies."""
    return Worker(
        [queue(connection)],
        name=name,
        connection=connection,
        serializer=JSONSerializer,
        job_class=AllowedJob,
        worker_ttl=60,
        maintenance_interval=30,
        job_monitoring_interval=10,
        log_job_description=False,
    )


def workers_up(connection: Redis) -> int:
    return int(Worker.count(connection=connection))


def reap(connection: Redis) -> None:
    """At boot: put back jobs whose worker is gone, instead of waiting for RQ's own timers."""
    if not workers_up(connection):
        queue(connection).started_job_registry.cleanup(timestamp=time.time() + 86_400)
