"""A passkey made of software: what a phone does when a page asks it for one. Everything it says can be bent."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


@dataclass
class Phone:
    """Holds one key. `flags` and `origin` are what it claims; `count` goes up with each use."""

    origin: str
    flags: int = PRESENT | VERIFIED
    count: int = 0
    id: bytes = b"the id of a key, sixteen or more"
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: str) -> str:
        """What navigator.credentials.create() gives for these options."""
        given = json.loads(options)
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        attested = bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(public)
        said = self._about(given["rp"]["id"], self.flags | WITH_KEY) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said})
        return self._sent(
            self._client("webauthn.create", given["challenge"]), attestationObject=bytes_to_base64url(attestation)
        )

    def show(self, options: str) -> str:
        """What navigator.credentials.get() gives for these options."""
        given = json.loads(options)
        self.count += 1
        about, client = self._about(given["rpId"], self.flags), self._client("webauthn.get", given["challenge"])
        signature = self.key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._sent(client, authenticatorData=bytes_to_base64url(about), signature=bytes_to_base64url(signature))

    def _about(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, what: str, challenge: str) -> bytes:
        return json.dumps({"type": what, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _sent(self, client: bytes, **response: str) -> str:
        id_ = bytes_to_base64url(self.id)
        return json.dumps(
            {"id": id_, "rawId": id_, "type": "public-key",
             "response": {"clientDataJSON": bytes_to_base64url(client), **response}}
        )  # fmt: skip


def with_challenge(options: str, challenge: bytes) -> str:
    """The same options, with another challenge in them."""
    return json.dumps({**json.loads(options), "challenge": bytes_to_base64url(challenge)})


def challenge_in(options: str) -> bytes:
    return base64url_to_bytes(json.loads(options)["challenge"])
