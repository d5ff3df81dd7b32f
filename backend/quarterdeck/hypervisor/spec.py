"""How a host is reached: the parts a person names, and the libvirt address made of them."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from ..model.host import Transport
from ..problems import FieldError, Problem

LOCAL_ID = "local"
PORTS = {"ssh": 22, "tls": 16514, "tcp": 16509}
"""Where a host listens if nothing else is said."""
_HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*\.?")
_USER = re.compile(r"[a-z_][a-z0-9_.-]{0,31}", re.I)


@dataclass(frozen=True)
class HostSpec:
    """A host as a person names it. `address` is a host name or an IP address; `port` None is the transport's own."""

    name: str
    transport: Transport = "local"
    address: str = ""
    port: int | None = None
    user: str | None = None


@dataclass(frozen=True)
class Reach:
    """What the settings say about reaching hosts: whether `tcp` is allowed, and how SSH gets in.

    `ssh_client` is the command with this server's own key and pinned host keys, `ssh_key` a key alone; each counts
    from the moment at which it is there. `known_hosts` holds the pinned host keys.
    `certificates` is the folder with those for TLS; None: where libvirt looks by itself.
    """

    allow_tcp: bool = False
    ssh_key: Path | None = None
    certificates: Path | None = None
    ssh_client: Path | None = None
    known_hosts: Path | None = None

    @property
    def client(self) -> Path | None:
        """The SSH command, where it is there."""
        return self.ssh_client if self.ssh_client and self.ssh_client.exists() else None

    @property
    def key(self) -> Path | None:
        """The private key, where it is there."""
        return self.ssh_key if self.ssh_key and self.ssh_key.exists() else None


def host_id(name: str) -> str:
    """The id of a host in addresses: its name, with what an address cannot hold made a hyphen."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")


def libvirt_uri(spec: HostSpec, reach: Reach) -> str:
    """The libvirt address of a remote host; Problem `invalid-input` names each part at fault."""
    faults = list(_faults(spec, reach))
    if faults:
        raise Problem("invalid-input", faults[0].detail, errors=faults)
    options: dict[str, str] = {}
    if spec.transport == "ssh":
        options["no_tty"] = "1"
        if reach.client:
            options["command"] = str(reach.client)
        elif reach.key:
            options["keyfile"] = str(reach.key)
    if spec.transport == "tls" and reach.certificates:
        options["pkipath"] = str(reach.certificates)
    user = f"{spec.user}@" if spec.user and spec.transport == "ssh" else ""
    port = f":{spec.port}" if spec.port else ""
    query = f"?{urlencode(options, safe='/')}" if options else ""
    return f"qemu+{spec.transport}://{user}{bracketed(spec.address)}{port}/system{query}"


def ssh_command(spec: HostSpec, reach: Reach) -> list[str]:
    """The ssh call that reaches a host without asking anything; its last part is the destination."""
    command = [str(reach.client or "ssh"), "-T", "-e", "none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"]
    if reach.key and not reach.client:
        command += ["-i", str(reach.key)]
    if spec.port:
        command += ["-p", str(spec.port)]
    return [*command, f"{spec.user}@{spec.address}" if spec.user else spec.address]


def bracketed(address: str) -> str:
    """The address as it stands in a URI: IPv6 in brackets."""
    return f"[{address}]" if ":" in address and not address.startswith("[") else address


def _faults(spec: HostSpec, reach: Reach) -> list[FieldError]:
    faults = []
    if not spec.name.strip() or not host_id(spec.name) or len(spec.name) > 64:
        faults.append(FieldError("/name", "The name needs a letter or digit and at most 64 characters."))
    if spec.transport not in ("ssh", "tls", "tcp"):
        faults.append(FieldError("/transport", "It must be ssh, tls or tcp."))
    if spec.transport == "tcp" and not reach.allow_tcp:
        faults.append(
            FieldError("/transport", "Unencrypted TCP is not allowed here. Use ssh or tls, or set allow_tcp_hosts.")
        )
    if not _is_address(spec.address):
        faults.append(FieldError("/address", "It must be a host name or an IP address, for example kvm2.example.org."))
    if spec.port is not None and not 0 < spec.port < 65536:
        faults.append(FieldError("/port", "A port is a number from 1 to 65535."))
    if spec.user is not None and not _USER.fullmatch(spec.user):
        faults.append(FieldError("/user", "It must be the name of an account on that host, for example root."))
    return faults


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return bool(_HOST_NAME.fullmatch(text)) and not re.fullmatch(r"[0-9.]+", text)
    return "%" not in text
