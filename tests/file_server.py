"""A web server with one file at every address, or a few, which misbehaves as a test wants; a proxy, if asked so."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.waiting import PATIENCE_SECONDS

PIECE = 256 << 10


@dataclass
class FileServer:
    """`cuts` are the bytes after which replies end, one each; the file goes no further than `hold` until `go_on`."""

    data: bytes
    address: str = "127.0.0.1"
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    tells_length: bool = True
    chunked: bool = False
    announced: int | None = None
    etag: str = '"one"'
    redirects: dict[str, str] = field(default_factory=dict)
    hold: int | None = None
    holding: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    context: ssl.SSLContext | None = None
    files: dict[str, bytes] | None = None
    seen: list[tuple[str, str]] = field(default_factory=list)

    def url(self, path: str = "/some.iso") -> str:
        return f"http{'s' if self.context else ''}://{self.address}:{self.port}{path}"

    @contextmanager
    def running(self) -> Iterator[FileServer]:
        outer = self

        class Handler(_Handler):
            server_ = outer

        server = ThreadingHTTPServer((self.address, 0), Handler)
        server.daemon_threads = True
        if self.context:
            server.socket = self.context.wrap_socket(server.socket, server_side=True)
        self.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield self
        self.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _pump(near: socket.socket, far: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := near.recv(PIECE):
            far.sendall(data)
        far.shutdown(socket.SHUT_WR)


class _Handler(BaseHTTPRequestHandler):
    server_: FileServer

    def do_CONNECT(self) -> None:
        """A tunnel, as a proxy makes one for HTTPS."""
        self.server_.seen.append((self.path, self.headers.get("Proxy-Authorization", "")))
        host, _, port = self.path.rpartition(":")
        self.send_response(200)
        self.end_headers()
        with socket.create_connection((host, int(port)), 20) as far:
            back = threading.Thread(target=_pump, args=(far, self.connection))
            back.start()
            _pump(self.connection, far)
            back.join()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        source = self.server_
        source.asked.append(self.headers.get("Range", ""))
        source.seen.append((self.path, self.headers.get("Proxy-Authorization", "")))
        if self.path in source.redirects:
            self.send_response(302)
            self.send_header("Location", source.redirects[self.path])
            self.end_headers()
            return
        data = source.data if source.files is None else source.files.get(self.path)
        if data is None:
            self.send_error(404)
            return
        asked = self.headers.get("Range", "")
        same = self.headers.get("If-Range", source.etag) == source.etag
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and source.ranges and same else 0
        total = source.announced or len(data)
        self.send_response(206 if start else 200)
        self.send_header("ETag", source.etag)
        if source.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif source.tells_length:
            self.send_header("Content-Length", str(total - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        self.end_headers()
        self._send(data, start, source.cuts.pop(0) if source.cuts else len(data))

    def _send(self, data: bytes, start: int, end: int) -> None:
        source = self.server_
        while start < end:
            if source.hold is not None and start >= source.hold:
                source.holding.set()
                source.go_on.wait(PATIENCE_SECONDS)
            piece = data[start : min(start + PIECE, end)]
            try:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if source.chunked else piece)
            except OSError:
                return
            start += len(piece)
        if source.chunked and start == len(data):
            self.wfile.write(b"0\r\n\r\n")
