"""The networks that this server itself reaches, from its routing table: a virtual one must not overlap with them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

PROC = Path("/proc/net")
Net = ipaddress.IPv4Network | ipaddress.IPv6Network


def host_routes() -> Iterator[tuple[str, Net]]:
    """Each interface with a network that it leads to; default routes and what is local only are left out."""
    for line in _lines(PROC / "route")[1:]:
        device, address, mask = line[0], int(line[1], 16), int(line[7], 16)
        packed = address.to_bytes(4, "little")
        prefix = mask.bit_count()
        if prefix:
            yield device, ipaddress.IPv4Network((packed, prefix), strict=False)
    for line in _lines(PROC / "ipv6_route"):
        device, prefix = line[9], int(line[1], 16)
        net = ipaddress.IPv6Network((bytes.fromhex(line[0]), prefix), strict=False)
        if device != "lo" and 0 < prefix < 128 and not net.is_link_local and not net.is_multicast:
            yield device, net


def _lines(file: Path) -> list[list[str]]:
    try:
        return [line.split() for line in file.read_text().splitlines()]
    except OSError:
        return []
