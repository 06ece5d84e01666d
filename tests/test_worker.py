"""From a late check to a letter on the wire: real Redis, a real worker process, a real SMTP server."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from rq.exceptions import InvalidJobOperation
from rq.job import JobStatus

from govflow import clock, jobs, queue
from govflow.services import sweep
from govflow.services.health import problems
from govflow.settings import Settings
from govflow.store import Email, db
from tests.support import servers
from tests.support.factories import a_project, days, rows
from tests.support.settings import settings_for

ROOT = Path(__file__).parents[1]


@pytest.fixture
def connection(redis_url):
    with queue.connect(redis_url) as found:
        found.flushall()
        yield found


@pytest.fixture
def settings(tmp_path, database_url, redis_url, smtp_sink) -> Settings:
    return settings_for(
        tmp_path,
        database_url,
        redis_url=redis_url,
        mail_url=smtp_sink.url,
        mail_from="GovFlow <govflow@example.org>",
        base_url="https://gov.example.org",
    )


@contextmanager
def a_worker(settings: Settings, connection: redis.Redis):
    """`python -m govflow worker`, up and listening."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GOVFLOW_")}
    environ |= {
        f"GOVFLOW_{name.upper()}": str(getattr(settings, name))
        for name in (
            "instance",
            "database_url",
            "redis_url",
            "mail_url",
            "mail_from",
            "base_url",
            "secret_key",
            "key_dir",
        )
    }
    with servers.process(
        [sys.executable, "-m", "govflow", "worker"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as running:
        said = []
        reader = threading.Thread(target=lambda: said.extend(running.stderr), daemon=True)
        reader.start()

        def up():
            assert running.poll() is None, b"".join(said).decode()
            return queue.Worker.count(connection=connection)

        servers.wait_until(up, 30, "the worker did not come up")
        yield running
    reader.join(10)
    running.stderr.close()


def a_late_project(app, today, **more):
    """The shipped induction, long late."""
    return a_project(app, today=today, started=today - days(400), entered=today - days(400), **more)


@pytest.mark.both_engines
def test_what_is_late_is_swept_the_worker_is_woken_and_the_letter_is_on_the_wire(app, settings, connection, smtp_sink):
    today = clock.today(None)
    a_late_project(app, today)
    with a_worker(settings, connection):
        said = sweep.sweep(today=today)
        assert said["letters_new"] == 1
        smtp_sink.wait_for(1, 20)
        servers.wait_until(lambda: (db.session.rollback(), rows(Email)[0].state)[1] == "sent", 10, "not marked sent")
        assert sweep.sweep(today=today)["letters_new"] == 0
    received = smtp_sink.received[0]
    assert (received.sender, received.recipients) == ("govflow@example.org", ["lead-1@example.org"])
    check_the_wire(received.raw, rows(Email)[0].message_id)
    assert len(smtp_sink.received) == 1


def check_the_wire(raw: bytes, message_id: str) -> None:
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    assert re.search(
        r"^List-Unsubscribe: <https://gov\.example\.org/letters/stop/[\w.-]+>\r$", head + "\r", re.MULTILINE
    )
    assert re.search(r"^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$", head, re.MULTILINE)
    assert f"Message-ID: {message_id}" in head
    assert "Auto-Submitted: auto-generated" in head
    assert "Kettle Study" not in head
    read = email.message_from_bytes(raw, policy=email.policy.default)
    plain, html = read.get_body(("plain",)).get_content(), read.get_body(("html",)).get_content()
    assert read.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    for wanted in ("Welcome and induction", "https://gov.example.org/projects/kettle/gate/induction.welcomed/"):
        assert wanted in plain
        assert wanted in html


def test_a_worker_that_comes_up_later_posts_what_was_owed_before(app, settings, connection, smtp_sink):
    today = clock.today(None)
    a_late_project(app, today)
    sweep.sweep(today=today)
    with a_worker(settings, connection):
        smtp_sink.wait_for(1, 20)
    assert len(smtp_sink.received) == 1


@pytest.mark.both_engines
def test_two_workers_post_each_letter_once(app, settings, connection, smtp_sink):
    from tests.support.factories import FOUR, person

    today = clock.today(None)
    members = [person(f"lead-{number}", role="lead", invited_by=f"lead-{number - 1}") for number in range(2, 14)]
    a_late_project(app, today, members=[FOUR[0], *members])
    with a_worker(settings, connection), a_worker(settings, connection):
        servers.wait_until(lambda: queue.Worker.count(connection=connection) == 2, 20)
        for _ in range(5):
            house = app.extensions["govflow"]
            sweep.sweep(today=today)
            house.wake([rows(Email)[0].organisation_id])
        count = len(rows(Email))
        smtp_sink.wait_for(count, 20)
        servers.wait_until(lambda: not queue.queue(connection).count, 20)
    sent = [letter.recipients[0] for letter in smtp_sink.received]
    assert sorted(sent) == sorted(set(sent))
    assert len(sent) == count > 5


def test_a_wiped_queue_loses_nothing(app, settings, connection, smtp_sink):
    today = clock.today(None)
    a_late_project(app, today)
    sweep.sweep(today=today)
    connection.flushall()
    with a_worker(settings, connection):
        assert smtp_sink.received == []
        sweep.sweep(today=today)
        smtp_sink.wait_for(1, 20)


# --- the queue alone ----------------------------------------------------------------------------------------------


def put(connection, name, *arguments):
    """A job as anybody who can reach Redis could put it there."""
    job = queue.queue(connection).enqueue("govflow.jobs.sweep", *arguments)
    connection.hset(job.key, "data", __import__("json").dumps([name, None, list(arguments), {}]))
    return queue.AllowedJob.fetch(job.id, connection=connection, serializer=queue.JSONSerializer)


@pytest.mark.parametrize(
    "name",
    [
        "os.getcwd",
        "os.system",
        "govflow.jobs.preload",
        "govflow.jobs",
        "builtins.print",
        "govflow.jobs.drain.__class__",
    ],
)
def test_a_job_that_is_not_one_of_ours_does_not_run(connection, name):
    job = put(connection, name)
    with pytest.raises(InvalidJobOperation, match="not one of this service's jobs"):
        _ = job.func
    with pytest.raises(InvalidJobOperation):
        job.perform()


def test_our_own_jobs_may_run(connection):
    assert put(connection, "govflow.jobs.drain", 1).func is jobs.drain
    assert put(connection, "govflow.jobs.sweep").func is jobs.sweep


def test_a_real_worker_refuses_a_job_that_is_not_ours_and_goes_on(connection, tmp_path):
    bad = put(connection, "os.mkdir", str(tmp_path / "made-by-a-stranger"))
    queue.worker(connection).work(burst=True, logging_level="CRITICAL")
    assert not (tmp_path / "made-by-a-stranger").exists()
    assert bad.get_status(refresh=True) == JobStatus.FAILED


def test_the_doctor_and_the_metrics_tell_of_a_job_that_went_wrong(app, settings, connection, tmp_path):
    app.config["GOVFLOW"] = dataclasses.replace(settings, metrics_token="t" * 32)
    assert failed_in_metrics(app) == "0.0"
    assert not any("went wrong" in sentence for sentence in doctor(app, settings))
    put(connection, "os.mkdir", str(tmp_path / "made-by-a-stranger"))
    queue.worker(connection).work(burst=True, logging_level="CRITICAL")
    assert failed_in_metrics(app) == "1.0"
    (told,) = [sentence for sentence in doctor(app, settings) if "went wrong" in sentence]
    assert told.startswith("Jobs of the workers that went wrong in the last day: 1.")
    assert "Look in the log of the workers" in told


def test_where_no_redis_can_be_asked_the_metrics_say_nothing_of_its_jobs():
    assert queue.failed_counter("")() is None
    assert queue.failed_counter("redis://127.0.0.1:1/0")() is None


def doctor(app, settings):
    return problems(
        redis_url=settings.redis_url, migrations=app.extensions["migrate"].directory, today=clock.today(None)
    )


def failed_in_metrics(app):
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {'t' * 32}"})
    told = dict(line.split() for line in answer.get_data(as_text=True).splitlines() if not line.startswith("#"))
    return told["govflow_jobs_failed"]


def sweep_job(connection, every=60):
    return queue.PeriodicJob(connection, "govflow.jobs.sweep", "sweep", every=every)


def test_two_schedulers_enqueue_once_a_slot(connection):
    schedulers = [sweep_job(connection, every=86_400) for _ in range(2)]
    threads = [threading.Thread(target=cron.enqueue_when_due) for cron in schedulers]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    waiting = queue.queue(connection).jobs
    assert [one.func_name for one in waiting] == ["govflow.jobs.sweep"]


def test_the_next_slot_is_enqueued_again(connection):
    import time_machine

    enqueued = []
    for minute in (0, 1, 2):
        with time_machine.travel(1_800_000_000 + 60 * minute, tick=False):
            sweep_job(connection).enqueue_when_due()
            enqueued.append(queue.queue(connection).count)
    assert enqueued == [1, 2, 3]


def test_a_clock_that_is_set_back_does_not_stop_the_sweep(connection):
    """RQ's own cron would wait until it is again as late as it was."""
    import time_machine

    cron = sweep_job(connection)
    for moment, enqueued in ((0, 1), (30, 1), (-86_400, 2), (-86_370, 2), (-86_340, 3)):
        with time_machine.travel(1_800_000_000 + moment, tick=False):
            cron.enqueue_when_due()
            assert queue.queue(connection).count == enqueued


def test_waking_carries_ids_alone_and_without_redis_it_is_quiet(connection, redis_url):
    queue.waker(redis_url)([1, 0])
    assert [one.args for one in queue.queue(connection).jobs] in ([(1,), (0,)], [[1], [0]])
    queue.waker("")([1])
    queue.waker(f"redis://127.0.0.1:{servers.free_port()}/0")([1])


def test_a_job_left_behind_by_a_dead_worker_is_put_back_at_boot(connection):
    job = queue.queue(connection).enqueue("govflow.jobs.sweep")
    connection.lpop(queue.queue(connection).key)
    started = queue.queue(connection).started_job_registry
    connection.zadd(started.key, {f"{job.id}:1": time.time() + 400})
    queue.reap(connection)
    assert started.get_job_ids(cleanup=False) == []
    assert job.get_status(refresh=True) in (JobStatus.QUEUED, JobStatus.FAILED)


# --- the sweep among organisations ---------------------------------------------------------------------------------


def test_each_organisation_is_handed_out_once_a_slot_however_many_hand_out(connection, redis_url):
    for _ in range(3):
        queue.hand_out(redis_url, "govflow.jobs.sweep_organisation", [1, 2, 3], every=86_400)
    assert sorted(list(one.args) for one in queue.queue(connection).jobs) == [[1], [2], [3]]


def test_workers_sweep_all_organisations_and_post_what_they_owe(app, settings, connection, smtp_sink):
    today = clock.today(None)
    for number in range(3):
        a_late_project(app, today, slug=f"p{number}", organisation=f"o{number}")
    with a_worker(settings, connection):
        queue.queue(connection).enqueue("govflow.jobs.sweep")
        smtp_sink.wait_for(3, 30)
    assert len(smtp_sink.received) == 3


def test_who_seems_to_be_there_and_sweeps_nothing_is_found_out(app):
    from govflow.services.mail.health import nobody_sweeps
    from govflow.store import SweepDone, now

    a_late_project(app, clock.today(None))
    assert not nobody_sweeps(every=60), "nobody has swept yet: the first sweep is still to come"
    sweep.sweep(today=clock.today(None))
    assert not nobody_sweeps(every=60)
    for seconds in (-200, 200):  # the clock may have been set back since
        rows(SweepDone)[0].ended_at = now() + timedelta(seconds=seconds)
        db.session.commit()
        assert nobody_sweeps(every=60)
