"""Secrets in lists: sealed with a key that is not in the database, nor in its backups."""

from __future__ import annotations

import base64
import hmac

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from govflow.domain.refusals import Refused
from govflow.services.keys import key_made_once

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
    return key_made_once(KEY, SecretBox.KEY_SIZE)
