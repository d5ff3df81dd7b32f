"""Files of other servers over HTTP and HTTPS, from addresses only that the settings allow.

The address is checked where it counts: on what the name resolves to at the moment of connecting, for each redirect
anew, so that no name can lead to a service of this server or to a cloud's metadata.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from ..config import Config
from ..problems import Problem, field_problem

SCHEMES = ("http", "https")
PATIENCE_SECONDS = 30.0
REDIRECTS = (301, 302, 303, 307, 308)
URL_LENGTH = 4096
METADATA = ("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "192.0.0.192")
"""Where clouds answer with secrets of the server, besides the link-local 169.254.169.254."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def checked_url(url: str) -> SplitResult:
    """The parts of an address that may be fetched, as far as one can tell without asking; Problem at `/url`."""
    if len(url) > URL_LENGTH or re.search(r"[\x00-\x20\x7f]", url):
        raise field_problem("/url", "This is no address: it is too long, or has spaces or control characters.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise field_problem("/url", f"This is no address: {error}.") from error
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise field_problem("/url", "Give a whole address that begins with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise field_problem("/url", "An address with a name and password in it is not taken: others could read it.")
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
            raise _failed(f"There is no server of the name {host}.", str(error)) from error
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
        raise _failed(f"The server {host} does not answer.", str(last)) from last

    def _permits(self, address: Address) -> bool:
        return any(address in network for network in self._allowed if network.version == address.version)


def _inner(address: Address) -> Address:
    """The IPv4 address within an IPv6 one, where there is one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
    return address


class _Http(http.client.HTTPConnection):
    def __init__(self, fence: Fence, host: str, port: int) -> None:
        super().__init__(host, port)
        self._fence = fence

    def connect(self) -> None:
        self.sock = self.opened = self._fence.connect(self.host, self.port)


class _Https(http.client.HTTPSConnection):
    def __init__(self, fence: Fence, host: str, port: int) -> None:
        super().__init__(host, port)
        self._fence = fence

    def connect(self) -> None:
        plain = self._fence.connect(self.host, self.port)
        self.sock = self.opened = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


@dataclass
class Reply:
    """What a server answered. `start` is the first byte that comes; `version` tells whether a file is still the same.

    `total` is None where the server does not say how long the file is.
    """

    start: int
    total: int | None
    version: str
    _response: http.client.HTTPResponse
    _connection: _Http | _Https

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end, also when the connection was cut."""
        try:
            return self._response.read(size)
        except (OSError, http.client.HTTPException):
            return b""

    def close(self) -> None:
        """End it at once, also while another thread reads."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._connection.opened, socket.SHUT_RDWR)  # nothing of TLS: a reader may be in it
        self._connection.close()


class Fetcher:
    """Opens addresses, within the settings."""

    def __init__(self, config: Config) -> None:
        self._fence = Fence(config.download_allow)
        self._redirects = config.download_redirects

    def open(self, url: str, start: int = 0, version: str = "") -> Reply:
        """The file at an address from the byte `start` on, if it is still of this version; from its begin otherwise.

        Problem `address-refused`, `download-failed`, or `invalid-input` at `/url`.
        """
        for _ in range(self._redirects + 1):
            parts = checked_url(url)
            connection = self._connection(parts)
            try:
                response = self._ask(connection, parts, start, version)
                if response.status not in REDIRECTS:
                    return _reply(response, connection, parts, start)
                target = response.headers.get("Location")
            except BaseException:
                connection.close()
                raise
            connection.close()
            if not target:
                raise _failed(f"{parts.hostname} leads elsewhere, but does not say where.")
            url = _next(url, target)
        raise _failed(f"The address leads elsewhere more than {self._redirects} times.")

    def try_open(self, url: str) -> Reply | None:
        """The file at an address; None where the server has none."""
        try:
            return self.open(url)
        except Problem as problem:
            if problem.extra.get("status_code") in (403, 404, 410):
                return None
            raise

    def _connection(self, parts: SplitResult) -> _Http | _Https:
        host = str(parts.hostname)
        if parts.scheme == "https":
            return _Https(self._fence, host, parts.port or 443)
        return _Http(self._fence, host, parts.port or 80)

    @staticmethod
    def _ask(
        connection: http.client.HTTPConnection, parts: SplitResult, start: int, version: str
    ) -> http.client.HTTPResponse:
        headers = {"User-Agent": "Quarterdeck", "Accept": "*/*", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
            if version and not version.startswith("W/"):
                headers["If-Range"] = version
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("GET", target, headers=headers)
            return connection.getresponse()
        except ssl.SSLCertVerificationError as error:
            words = f"The certificate of {parts.hostname} is not to be trusted: {error.verify_message}."
            raise _failed(words, str(error)) from error
        except UnicodeError as error:
            raise field_problem("/url", "The address has characters that must be written as %XX.") from error
        except (OSError, http.client.HTTPException) as error:
            raise _failed(f"The connection to {parts.hostname} broke.", str(error) or type(error).__name__) from error


def _next(url: str, target: str) -> str:
    """Where a redirect leads; a page fetched by HTTPS must not lead to one by HTTP."""
    following = urljoin(url, target)
    if url.startswith("https:") and not following.startswith("https:"):
        raise _failed("The server leads from https to an address without encryption.")
    return following


def _reply(response: http.client.HTTPResponse, connection: _Http | _Https, parts: SplitResult, start: int) -> Reply:
    version = response.headers.get("ETag") or response.headers.get("Last-Modified") or ""
    length = response.headers.get("Content-Length")
    size = int(length) if length and length.isdigit() else None
    if response.status == 200:
        return Reply(0, size, version, response, connection)
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
    if response.status == 206 and found and int(found[1]) == start:
        return Reply(start, int(found[2]), version, response, connection)
    raise _failed(f"{parts.hostname} answered: {response.status} {response.reason}.", status_code=response.status)


def _failed(detail: str, raw: str | None = None, **more: Any) -> Problem:
    return Problem("download-failed", detail, raw=raw, **more)


def _refused(address: str) -> Problem:
    return Problem(
        "address-refused",
        f"The address leads to {address}, which is this server itself or one of its inner services.",
        cure="If it is meant, an administrator of the server can name the range in the setting download_allow.",
    )
