"""What is sealed: with a key that is not in the database, nor in its backups.

Secrets in lists have one key; access needs have one for each organisation, and complaints too.
"""

from __future__ import annotations

import base64
import hmac

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from govflow.domain.refusals import Refused
from govflow.services.base.keys import key_file, key_made_once

KEY = "secrets.key"
NO_KEY = (
    "This is locked: its key is not on this machine. Nothing is lost. Tell whoever looks after this installation that "
    "its key folder is missing, or is another one."
)
OTHER_KEY = "This was sealed with another key than the one that is here now. Ask the person to give it again."


class Locked(Refused):
    """What is sealed cannot be opened here: its key is gone, or is another one."""


def access_key(organisation_id: int) -> str:
    """The name of the key of one organisation's access needs."""
    return f"access-{organisation_id}.key"


def complaints_key(organisation_id: int | None) -> str:
    """The same of its complaints; of those whose organisation is not known."""
    return f"complaints-{organisation_id}.key" if organisation_id else "complaints.key"


def key_is_here(key: str) -> bool:
    return key_file(key).exists()


def encrypt(text: str, *, key: str = KEY) -> dict[str, str]:
    """As it is kept."""
    sealed = SecretBox(_key(key)).encrypt(text.encode())
    return {"sealed": base64.b64encode(sealed).decode("ascii")}


def decrypt(kept: dict[str, str], *, key: str = KEY) -> str:
    if not key_is_here(key):
        raise Locked(NO_KEY)
    try:
        return SecretBox(_key(key)).decrypt(base64.b64decode(kept["sealed"])).decode()
    except (CryptoError, ValueError, KeyError):
        raise Locked(OTHER_KEY) from None


def keyed_hash(text: str) -> str:
    """A hash that only the same key can make: what it was made of cannot be tried out by who has the database alone."""
    return hmac.new(_key(KEY), text.encode(), "sha256").hexdigest()


def _key(name: str) -> bytes:
    return key_made_once(name, SecretBox.KEY_SIZE)
