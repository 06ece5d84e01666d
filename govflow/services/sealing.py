"""Secrets in lists: sealed with a key that is not in the database, nor in its backups."""

from __future__ import annotations

import base64

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


def _key() -> bytes:
    return key_made_once(KEY, SecretBox.KEY_SIZE)
