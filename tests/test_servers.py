"""The servers the tests stand on are real, and empty when a test gets them."""

import os
import smtplib
import subprocess
from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from govflow.runtime.embedded_redis import answers, redis_command, wait_ready
from tests.support.servers import process


def test_redis_answers(redis_url):
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_redis_keeps_its_data_through_a_kill(tmp_path):
    command, url = redis_command(tmp_path / "a folder")
    with process(command, stdout=subprocess.DEVNULL) as first:
        wait_ready(url, 10)
        with redis.Redis.from_url(url) as client:
            client.rpush("letters", *range(100))
        first.kill()
        first.wait()
    assert not answers(url)
    with process(command, stdout=subprocess.DEVNULL):
        wait_ready(url, 10)
        with redis.Redis.from_url(url) as client:
            assert client.llen("letters") == 100


def test_redis_folder_is_its_owners_alone(tmp_path):
    redis_command(tmp_path / "redis")
    assert (tmp_path / "redis").stat().st_mode & 0o777 == 0o700


def test_a_path_too_long_for_a_socket_gets_a_short_one_the_same_each_time(tmp_path):
    folder = tmp_path / ("long" * 30)
    command, url = redis_command(folder)
    assert redis_command(folder) == (command, url)
    socket = Path(command[command.index("--unixsocket") + 1])
    try:
        assert len(os.fsencode(socket)) <= 100
        with process(command, stdout=subprocess.DEVNULL):
            wait_ready(url, 10)
    finally:
        socket.unlink(missing_ok=True)
        socket.parent.rmdir()


def test_waiting_for_a_redis_that_is_not_there_ends(tmp_path):
    with pytest.raises(TimeoutError, match="Redis did not answer"):
        wait_ready(f"unix://{tmp_path}/none.sock", 0.1)


def test_every_postgres_database_is_fresh(postgres_url):
    for _ in range(2):
        engine = create_engine(postgres_url(), poolclass=NullPool)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE thing (id int)"))
            assert connection.scalar(text("SELECT current_setting('is_superuser')")) == "off"


def test_a_postgres_template_is_filled_once(postgres_server):
    calls = []

    def fill(url):
        calls.append(url)
        with create_engine(url, poolclass=NullPool).begin() as connection:
            connection.execute(text("CREATE TABLE kept AS SELECT 7 AS id"))

    urls = [postgres_server.create(postgres_server.template("with_kept", fill)) for _ in range(2)]
    assert len(calls) == 1
    for url in urls:
        with create_engine(url, poolclass=NullPool).connect() as connection:
            assert connection.scalar(text("SELECT id FROM kept")) == 7


def test_the_smtp_sink_keeps_letters_as_they_came(smtp_sink):
    letter = b"Subject: Hello\r\n\r\nDear all,\r\n.one dot\r\n"
    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as client:
        client.sendmail("from@example.org", ["to@example.org"], letter)
    assert smtp_sink.wait_for(1) == [letter]
    assert smtp_sink.received[0].recipients == ["to@example.org"]


def test_the_smtp_sink_refuses_whom_it_is_told_to(smtp_sink):
    smtp_sink.refuse["gone@example.org"] = "550 Gone"
    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("from@example.org", ["gone@example.org"], b"Subject: Hello\r\n\r\n")
    assert smtp_sink.messages == []


def test_the_browser_shows_a_page_and_hears_its_complaints(page):
    page.set_content("<h1>Hello</h1><script>console.error('oh no'); missing()</script>")
    assert page.inner_text("h1") == "Hello"
    assert page.console_errors == ["oh no", "missing is not defined"]
