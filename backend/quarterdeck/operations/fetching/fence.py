"""Which addresses of other servers may be fetched from: checked on what a name resolves to, when it is connected to.

So no name, and no redirect, can lead to a service of this server or to a cloud's metadata.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from ...problems import Problem, field_problem

SCHEMES = ("http", "https", "ftp")
PATIENCE_SECONDS = 30.0
URL_LENGTH = 4096
METADATA = ("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "192.0.0.192")
"""Where clouds answer with secrets of the server, besides the link-local 169.254.169.254."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def checked_url(url: str) -> SplitResult:
    """The parts of an address that may be fetched, as far as one can tell without asking; Problem at `/url`."""
    if len(url) > URL_LENGTH or re.search(r"[\x00-\x20\x7f]", url):
        raise field_problem(
            "/url",
            f"An address has up to {URL_LENGTH} characters and no spaces, for example https://example.org/disk.qcow2.",
        )
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise field_problem("/url", f"It must be an address such as https://example.org/a.iso: {error}.") from error
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise field_problem(
            "/url",
            "It must begin with https://, http:// or ftp://, for example https://example.org/a.iso.",
        )
    if parts.username is not None or parts.password is not None:
        raise field_problem("/url", "An address with a name and password in it is not taken: others could read it.")
    if parts.scheme == "ftp" and re.search(r"[\r\n\0]", unquote(parts.path)):
        raise field_problem("/url", "The path has characters that would end the command to an FTP server.")
    return parts


class Fence:
    """Which addresses may be reached: all but this server itself, its links and metadata, unless `allowed`."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self._allowed = [ipaddress.ip_network(text, strict=False) for text in allowed]

    def check(self, text: str) -> None:
        """Problem `address-refused` when this address may not be reached."""
        address = _inner(ipaddress.ip_address(text.partition("%")[0]))
        inner = address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
        if (inner or str(address) in METADATA) and not self._permits(address):
            raise _refused(str(address))

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to the first address of a host that answers; each is checked before."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise failed(f"There is no server of the name {host}.", str(error)) from error
        last: OSError | None = None
        for _family, _type, _protocol, _name, address in found:
            self.check(str(address[0]))
            try:
                connection = socket.create_connection((str(address[0]), port), PATIENCE_SECONDS)
            except OSError as error:
                last = error
                continue
            own, peer = connection.getsockname()[0], connection.getpeername()[0]
            if own == peer and not self._permits(_inner(ipaddress.ip_address(peer))):  # some address of this server
                connection.close()
                raise _refused(peer)
            return connection
        raise failed(f"The server {host} does not answer.", str(last)) from last

    def check_as_seen_here(self, host: str) -> None:
        """The same for all that a name leads to, as far as this server knows the name: a proxy connects to it."""
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError:
            return
        for *_rest, address in found:
            self.check(str(address[0]))

    def _permits(self, address: Address) -> bool:
        return any(address in network for network in self._allowed if network.version == address.version)


def _inner(address: Address) -> Address:
    """The IPv4 address within an IPv6 one, where there is one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
    return address


def failed(detail: str, raw: str | None = None, **more: Any) -> Problem:
    """The problem of a server that does not give what it should."""
    return Problem("download-failed", detail, raw=raw, **more)


def broken(host: object, error: Exception) -> Problem:
    """The problem of a connection that ended, or on which nothing came."""
    silent = isinstance(error, TimeoutError)
    words = f"{host} said nothing for {PATIENCE_SECONDS:g} seconds." if silent else f"The connection to {host} broke."
    return failed(words, str(error) or type(error).__name__)


def _refused(address: str) -> Problem:
    return Problem(
        "address-refused",
        f"The address leads to {address}, which is this server itself or one of its inner services.",
        cure="If it is meant, an administrator of the server can name the range in the setting download_allow.",
    )
