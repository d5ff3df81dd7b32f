"""A libvirt host as people see it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, SecretStr

from .patterns import ACCOUNT, ADDRESS, FINGERPRINT, HOST_ID
from .strict import Strict, Value

Transport = Literal["local", "ssh", "tls", "tcp"]
HostState = Literal["connecting", "connected", "lost", "refused"]


class HostFacts(Value):
    """What a connected host tells about itself. Versions are dotted numbers, memory is in MiB."""

    hostname: str = ""
    libvirt_version: str = ""
    hypervisor_version: str = ""
    cpus: int = 0
    cpu_model: str = ""
    memory_mib: int = 0
    memory_free_mib: int | None = None
    arch: str = ""
    accelerators: list[str] = []


class Host(HostFacts):
    """One host, with how it is reached, how it is, and what may be done with it.

    `clock_seconds` is how far its clock is ahead of this server's; null where it does not tell.
    `etag` names the way in which it is reached; a change of that needs it as If-Match.
    """

    id: str
    etag: str = ""
    name: str
    transport: Transport
    address: str | None = None
    port: int | None = None
    user: str | None = None
    clock_seconds: float | None = None
    state: HostState
    problem: dict[str, Any] | None = None
    domains: int = 0
    running: int = 0
    actions: dict[str, str | None] = {}


class HostKey(Value):
    """A key that a host shows. `state` tells whether it is the pinned one, a new one, or not the pinned one.

    `trusted_fingerprint` is that of the pinned one where it is another.
    """

    type: str
    bits: int
    fingerprint: str
    state: Literal["unknown", "pinned", "changed"]
    trusted_fingerprint: str | None = None
    line: str


class OwnKey(Value):
    """A key with which this server gets in: its public line, and a command that adds it to an account.

    `made` tells that this server made it for itself; the others are those of its account.
    """

    type: str
    fingerprint: str
    made: bool
    line: str
    command: str


class HostKeys(Value):
    """What a host shows over SSH, and what lets this server in there.

    `public_key` and `command` are those of the first of `own_keys`, which this server made for itself.
    """

    keys: list[HostKey]
    own_keys: list[OwnKey]
    public_key: str
    command: str


class SshAddress(Value):
    """An SSH server."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(min_length=1, max_length=253, pattern=ADDRESS, title="Host name or IP address")
    port: int | None = Field(None, ge=1, le=65535, title="Port")


class HostTrust(SshAddress):
    """Trust the host key of this fingerprint, and with `password` put this server's public key in there, once.

    `key` is the fingerprint of the key of this server that is put there; the one that it made if nothing is said.
    """

    user: str = Field(max_length=64, pattern=ACCOUNT, title="User")
    fingerprint: str = Field(max_length=128, pattern=FINGERPRINT, title="Fingerprint")
    password: SecretStr | None = Field(None, max_length=512, title="Password")
    key: str | None = Field(None, max_length=128, pattern=FINGERPRINT, title="Key of this server")


class HostTrusted(Value):
    """Whether this server can log in there now, and why not."""

    works: bool
    problem: dict[str, Any] | None = None


class HostPatch(Strict):
    """How a known host is to be reached from now on; what is not named stays. Its name and its id stay."""

    transport: Literal["ssh", "tls", "tcp"] = Field("ssh", title="Transport")
    address: str = Field("", min_length=1, max_length=253, pattern=ADDRESS, title="Host name or IP address")
    port: int | None = Field(None, ge=1, le=65535, title="Port")
    user: str | None = Field(None, max_length=64, pattern=ACCOUNT, title="User")


class HostAdd(Value):
    """A host to connect to. A libvirt URI is built from these; none is accepted as text."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=40, pattern=HOST_ID, title="Name")
    transport: Literal["ssh", "tls", "tcp"] = Field("ssh", title="Transport")
    address: str = Field(min_length=1, max_length=253, pattern=ADDRESS, title="Host name or IP address")
    port: int | None = Field(None, ge=1, le=65535, title="Port")
    user: str | None = Field(None, max_length=64, pattern=ACCOUNT, title="User")
