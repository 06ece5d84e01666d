"""Secrets in lists: sealed with a key that is not in the database, nor in its backups."""

from __future__ import annotations

import base64
import hmac
import os
from pathlib import Path

from flask import current_app
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from govflow.domain.refusals import Refused

KEY = "secrets.key"


def seal(text: str) -> dict[str, str]:
    """As it is kept."""
    sealed = SecretBox(_key()).encrypt(text.encode())
    return {"sealed": base64.b64encode(sealed).decode("ascii")}


def unseal(kept: dict[str, str]) -> str:
    try:
        return SecretBox(_key()).decrypt(base64.b64decode(kept["sealed"])).decode()
    except (CryptoError, ValueError):
        raise Refused(
            "This was sealed with another key than the one that is here now. Ask the person to give it again."
        ) from None


def sealed_hash(text: str) -> str:
    """A hash that only the same key can make: what it was made of cannot be tried out by who has the database alone."""
    return hmac.new(_key(), text.encode(), "sha256").hexdigest()


def _key() -> bytes:
    """Our key, made at first use. Two that begin at once agree on one: whoever writes the file first."""
    folder: Path = current_app.config["GOVFLOW"].key_dir
    path = folder / KEY
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = path.with_name(f"{KEY}.{os.getpid()}.{os.urandom(4).hex()}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(SecretBox.KEY_SIZE))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_bytes()
