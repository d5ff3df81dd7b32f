"""How two hosts reach each other: libvirt's address of the destination as the source sees it."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

from ...hypervisor.host import Host
from ...hypervisor.spec import HostSpec, Reach, bracketed, libvirt_uri
from ...problems import Problem


def destination_uri(source: Host, destination: Host, transfer_address: str | None) -> str:
    """Where the source's libvirtd finds the destination's. Authentication is between the two hosts' root users."""
    spec = destination_spec(source, destination, transfer_address)
    return libvirt_uri(replace(spec, name="destination"), Reach(allow_tcp=True, ssh_key=driving_key(source)))


def destination_spec(source: Host, destination: Host, transfer_address: str | None) -> HostSpec:
    """The destination as the source reaches it."""
    if destination.spec.transport != "local":
        return destination.spec
    user = "root" if source.spec.transport == "ssh" else None
    address = transfer_address or own_address(source, destination)
    return HostSpec("local", source.spec.transport, address, None, user)


def driving_key(source: Host) -> Path | None:
    """The key that the source's libvirtd takes; None: one of its root's own."""
    return source.ssh_key if source.spec.transport == "local" else None


def transfer_uri(source: Host, destination: Host, transfer_address: str | None) -> str:
    """Where the memory is sent to. Always named, because the destination's own name may not resolve."""
    return f"tcp://{bracketed(memory_address(source, destination, transfer_address))}"


def memory_address(source: Host, destination: Host, transfer_address: str | None) -> str:
    """The name or address that the memory is sent to."""
    return transfer_address or destination.spec.address or own_address(source, destination)


def own_address(source: Host, local: Host) -> str:
    """The local host's address as a remote one sees it."""
    name = local.facts.hostname
    if name and name != socket.gethostname():
        return name  # libvirt's host is not this process's: a container, or a test
    if not source.spec.address:
        raise Problem("unsupported", "Both hosts are this server.", cure="Choose another destination.")
    with socket.socket(socket.AF_INET6 if ":" in source.spec.address else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((source.spec.address, 9))  # sends nothing: it only chooses the way
        except OSError as error:
            raise Problem("host-lost", f"There is no way to {source.spec.address}.", raw=str(error)) from error
        return str(probe.getsockname()[0])
