"""Telling every web process to forget a project's snapshots, over Redis, and waiting until each has.

A process keeps snapshots only while it is told: when Redis is away it forgets them all, and reads afresh until it is
told again. So whoever was erased is in no process's memory once the erasure has answered.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Collection

from redis import Redis, RedisError

from govflow.services.base.snapshots.cache import SnapshotCache

log = logging.getLogger("govflow.forgetting")
CHANNEL = "govflow:forget"
PATIENCE = 5.0
"""Seconds until a process that does not answer is named in the log, and nobody waits for it any longer."""
_AGAIN = 1.0


class ListeningCache(SnapshotCache):
    """A cache that keeps something only while its process hears what it is to forget: from `listen` on, with Redis."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._hears = False
        self._ended = threading.Event()

    def may_keep(self) -> bool:
        return self._hears

    def listen(self) -> None:
        """Begin to listen, in a thread: once in each process, after the last fork."""
        if self._url:
            threading.Thread(target=self._listen, name="govflow-forget", daemon=True).start()

    def stop(self) -> None:
        """Listen no more, and keep nothing from here on."""
        self._ended.set()

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                with _connect(self._url) as connection, connection.pubsub(ignore_subscribe_messages=False) as heard:
                    heard.subscribe(CHANNEL)
                    while not self._ended.is_set():
                        self._hear(connection, heard.get_message(timeout=_AGAIN))
            except (RedisError, OSError, ValueError) as error:
                if self._hears:
                    log.warning("snapshots are not kept until Redis is there again: %s", error)
            self._hears = False
            self.forget()
            self._ended.wait(_AGAIN)

    def _hear(self, connection: Redis, message: dict | None) -> None:
        if message is None:
            return
        if message["type"] == "subscribe":
            self._hears = True
        elif message["type"] == "message":
            said = json.loads(message["data"])
            self.forget(said["projects"])
            connection.rpush(said["answer"], os.getpid())
            connection.expire(said["answer"], 60)


def forgetter(url: str) -> Callable[[Collection[int]], None]:
    """What a service calls after it erased somebody: answers when every process has forgotten these projects."""

    def forget(project_ids: Collection[int]) -> None:
        if not url:
            return
        answer = f"{CHANNEL}:{secrets.token_hex(8)}"
        try:
            with _connect(url) as connection:
                said = json.dumps({"projects": sorted(project_ids), "answer": answer})
                waiting = int(connection.publish(CHANNEL, said))
                end = time.monotonic() + PATIENCE
                while waiting and (left := end - time.monotonic()) > 0:
                    if connection.blpop([answer], timeout=max(0.1, left)):
                        waiting -= 1
                with contextlib.suppress(RedisError):
                    connection.delete(answer)
            if waiting:
                log.error("%d web processes did not say that they forgot what was erased: restart them", waiting)
        except (RedisError, OSError) as error:
            log.warning("Redis is away, so web processes forget without being told: %s", error)

    return forget


def _connect(url: str) -> Redis:
    return Redis.from_url(url, socket_connect_timeout=2, socket_timeout=PATIENCE + 5, health_check_interval=2)
