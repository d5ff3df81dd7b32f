"""Files of other servers over HTTP, HTTPS and FTP, from addresses only that the settings allow.

The address is checked where it counts: on what the name resolves to at the moment of connecting, for each redirect
anew. Behind a proxy of the settings it is the proxy that connects: then the address is checked as it is seen here.
"""

from __future__ import annotations

import base64
import http.client
import re
import socket
import ssl
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from ...config import Config
from ...problems import Problem, field_problem
from .fence import PATIENCE_SECONDS, SCHEMES, Fence, broken, checked_url, failed
from .ftp import open_ftp
from .reply import Reply

REDIRECTS = (301, 302, 303, 307, 308)
ABSENT = (403, 404, 410, 550)
"""What HTTP and FTP servers say of a file that there is not."""


class _Http(http.client.HTTPConnection):
    def __init__(self, fence: Fence, host: str, port: int) -> None:
        super().__init__(host, port)
        self._fence = fence

    def connect(self) -> None:
        self.sock = self._fence.connect(self.host, self.port)


class _Https(http.client.HTTPSConnection):
    def __init__(self, fence: Fence, host: str, port: int) -> None:
        super().__init__(host, port)
        self._fence = fence

    def connect(self) -> None:
        plain = self._fence.connect(self.host, self.port)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


class Proxy:
    """The proxy of the settings; connections to it need no fence, since only an administrator names it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._place = (str(parts.hostname), parts.port or 3128)
        self.headers: dict[str, str] = {}
        if parts.username is not None:
            words = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self.headers["Proxy-Authorization"] = f"Basic {base64.b64encode(words.encode()).decode()}"

    def connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        """One that leads to the server of an address: a tunnel for HTTPS, else the proxy itself."""
        if parts.scheme != "https":
            return http.client.HTTPConnection(*self._place, timeout=PATIENCE_SECONDS)
        context = ssl.create_default_context()
        made = http.client.HTTPSConnection(*self._place, timeout=PATIENCE_SECONDS, context=context)
        made.set_tunnel(str(parts.hostname), parts.port or 443, self.headers)
        return made


class Fetcher:
    """Opens addresses, within the settings."""

    def __init__(self, config: Config) -> None:
        self._fence = Fence(config.download_allow)
        self._redirects = config.download_redirects
        self._proxy = Proxy(config.download_proxy) if config.download_proxy else None

    def open(self, url: str, start: int = 0, version: str = "") -> Reply:
        """The file at an address from the byte `start` on, if it is still of this version; from its begin otherwise.

        Problem `address-refused`, `download-failed`, or `invalid-input` at `/url`.
        """
        for _ in range(self._redirects + 1):
            parts = checked_url(url)
            if parts.scheme == "ftp" and not self._proxy:
                return open_ftp(self._fence, parts, start)
            connection = self._connection(parts)
            try:
                response, opened = self._ask(connection, parts, start, version)
                if response.status not in REDIRECTS:
                    return _reply(response, opened, connection, parts, start)
                target = response.headers.get("Location")
            except BaseException:
                connection.close()
                raise
            connection.close()
            if not target:
                raise failed(f"{parts.hostname} leads elsewhere, but does not say where.")
            url = _next(url, target)
        raise failed(f"The address leads elsewhere more than {self._redirects} times.")

    def try_open(self, url: str) -> Reply | None:
        """The file at an address; None where the server has none."""
        try:
            return self.open(url)
        except Problem as problem:
            if problem.extra.get("status_code") in ABSENT:
                return None
            raise

    def _connection(self, parts: SplitResult) -> http.client.HTTPConnection:
        host = str(parts.hostname)
        if self._proxy:
            self._fence.check_as_seen_here(host)
            return self._proxy.connection(parts)
        if parts.scheme == "https":
            return _Https(self._fence, host, parts.port or 443)
        return _Http(self._fence, host, parts.port or 80)

    def _ask(
        self, connection: http.client.HTTPConnection, parts: SplitResult, start: int, version: str
    ) -> tuple[http.client.HTTPResponse, socket.socket]:
        headers = {"User-Agent": "Quarterdeck", "Accept": "*/*", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
            if version and not version.startswith("W/"):
                headers["If-Range"] = version
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if self._proxy and parts.scheme != "https":
            target = f"{parts.scheme}://{parts.netloc}{target}"
            headers |= self._proxy.headers | {"Host": parts.netloc}
        try:
            connection.request("GET", target, headers=headers)
            opened = connection.sock
            return connection.getresponse(), opened
        except ssl.SSLCertVerificationError as error:
            words = f"The certificate of {parts.hostname} is not to be trusted: {error.verify_message}."
            raise failed(words, str(error)) from error
        except UnicodeError as error:
            raise field_problem("/url", "The address has characters that must be written as %XX.") from error
        except (OSError, http.client.HTTPException) as error:
            raise broken(parts.hostname, error) from error


def _next(url: str, target: str) -> str:
    """Where a redirect leads; a page fetched by HTTPS must not lead to one by HTTP."""
    following = urljoin(url, target)
    if urlsplit(following).scheme not in SCHEMES:
        raise failed(f"The server leads on to {following}, which is no address of a server.")
    if url.startswith("https:") and not following.startswith("https:"):
        raise failed("The server leads from https to an address without encryption.")
    return following


def _reply(
    response: http.client.HTTPResponse,
    opened: socket.socket,
    connection: http.client.HTTPConnection,
    parts: SplitResult,
    start: int,
) -> Reply:
    version = response.headers.get("ETag") or response.headers.get("Last-Modified") or ""
    length = response.headers.get("Content-Length")
    size = int(length) if length and length.isdecimal() and not response.chunked else None
    certain = size is not None or response.chunked
    if response.status == 200:
        return Reply(0, size, version, certain, response, opened, connection.close)
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
    if response.status == 206 and found and int(found[1]) == start:
        return Reply(start, int(found[2]), version, certain, response, opened, connection.close)
    raise failed(f"{parts.hostname} answered: {response.status} {response.reason}.", status_code=response.status)
