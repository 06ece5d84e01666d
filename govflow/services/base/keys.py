"""Keys in files of their own: not in the database, nor in its backups."""

from __future__ import annotations

import os
from pathlib import Path

from flask import current_app


def key_file(name: str) -> Path:
    folder: Path = current_app.config["GOVFLOW"].key_dir
    return folder / name


def key_made_once(name: str, size: int) -> bytes:
    """A key, made at first use. Two that begin at once agree on one: whoever writes the file first."""
    path = key_file(name)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = path.with_name(f"{name}.{os.getpid()}.{os.urandom(4).hex()}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(size))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_bytes()
