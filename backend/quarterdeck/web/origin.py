"""Whether a request comes from Quarterdeck's own page."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit


def origin_of(environ: Mapping[str, Any]) -> str | None:
    """The origin that the browser names, from Origin or else Referer; None when it names none."""
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        return str(origin)
    referer = environ.get("HTTP_REFERER")
    if not referer:
        return None
    parts = urlsplit(referer)
    return f"{parts.scheme}://{parts.netloc}"


def network_of(address: str) -> str:
    """What limits per address count: an IPv4 address, or the /64 of an IPv6 one, of which anybody has all."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if ip.version == 4 else str(ipaddress.ip_network((int(ip) >> 64 << 64, 64)))


def same_origin(environ: Mapping[str, Any]) -> bool:
    """Whether the origin is exactly this address under https. A missing origin is not.

    SameSite cookies do not replace this: another service on another port of this host is the same site.
    """
    if environ.get("HTTP_SEC_FETCH_SITE", "same-origin") not in ("same-origin", "none"):
        return False
    origin, host = origin_of(environ), environ.get("HTTP_HOST", "")
    return bool(host) and origin is not None and origin.removesuffix(":443") == f"https://{host.removesuffix(':443')}"
