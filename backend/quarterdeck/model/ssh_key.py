"""Public SSH keys: how one looks, and its fingerprint."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import struct
from typing import Annotated

from pydantic import AfterValidator, Field

from quarterdeck.model.patterns import LINE
from quarterdeck.model.strict import Strict

from .strict import Value


def _ssh_key(text: str) -> str:
    """An OpenSSH public key in one line; ValueError says what is wrong."""
    words = text.strip().split(None, 2)
    if "PRIVATE KEY" in text:
        raise ValueError("This is a private key: it must not leave its owner. Give the line of the .pub file.")
    if len(words) < 2 or "\n" in text.strip() or not re.fullmatch(r"(ssh|ecdsa|sk)-[\w@.-]+", words[0]):
        raise ValueError("This is no public SSH key: it looks like “ssh-ed25519 AAAA… name”.")
    try:
        raw = base64.b64decode(words[1], validate=True)
        length = struct.unpack_from(">I", raw)[0]
        kind = raw[4 : 4 + length].decode()
    except (binascii.Error, struct.error, UnicodeDecodeError):
        raise ValueError("The key is cut or damaged: copy the whole line.") from None
    if kind != words[0]:
        raise ValueError(f"The line says {words[0]}, but holds another kind of key.")
    return " ".join(words)


SshKey = Annotated[str, Field(max_length=16 << 10), AfterValidator(_ssh_key)]
KeyName = Annotated[str, Field(min_length=1, max_length=80, pattern=LINE)]


class SshKeyCreate(Strict):
    """A public key to keep. Without a name it gets the comment at its end."""

    key: SshKey
    name: KeyName | None = None


class SshKeyMake(Strict):
    """A pair to make, under this name."""

    name: KeyName


class SshKeyView(Value):
    """A public key of one's library."""

    id: str
    name: str
    type: str
    fingerprint: str
    key: str
    created: str


class MadeSshKey(SshKeyView):
    """A pair just made. The private part is in this answer only and kept nowhere."""

    private_key: str = Field(repr=False)


def fingerprint(key: str) -> str:
    """The fingerprint of a public key, as ssh-keygen -l tells it."""
    digest = hashlib.sha256(base64.b64decode(key.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def comment(key: str) -> str:
    """What stands behind a key, mostly whose it is."""
    return key.split(None, 2)[2] if len(key.split()) > 2 else ""
