"""An FTP server with a few files, which can be read by anybody; it can cut a transfer, and lie about its address."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PIECE = 64 << 10


@dataclass
class FtpServer:
    """`cuts` are the bytes after which transfers end, one each; `asked` holds what clients said."""

    files: dict[str, bytes]
    address: str = "127.0.0.1"
    cuts: list[int] = field(default_factory=list)
    restarts: bool = True
    asked: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"ftp://{self.address}:{self.port}/{path}"

    @contextmanager
    def running(self) -> Iterator[FtpServer]:
        outer = self

        class Handler(_Handler):
            source = outer

        with socketserver.ThreadingTCPServer((self.address, 0), Handler) as server:
            server.daemon_threads = True
            self.port = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            yield self
            server.shutdown()
            thread.join()


class _Handler(socketserver.StreamRequestHandler):
    source: FtpServer
    rest = 0

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")

    def handle(self) -> None:
        self.say("220 here")
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            self.source.asked.append(line)
            verb, _, word = line.partition(" ")
            getattr(self, f"on_{verb.lower()}", lambda _word: self.say("502 no such command"))(word)

    def on_user(self, _word: str) -> None:
        self.say("230 welcome")

    def on_type(self, _word: str) -> None:
        self.say("200 as bytes")

    def on_size(self, name: str) -> None:
        data = self.source.files.get(name)
        self.say("550 there is none" if data is None else f"213 {len(data)}")

    def on_mdtm(self, _name: str) -> None:
        self.say("213 20260101000000")

    def on_pasv(self, _word: str) -> None:
        self.passive = socket.create_server((self.source.address, 0))
        high, low = divmod(self.passive.getsockname()[1], 256)
        self.say(f"227 come to (169,254,169,254,{high},{low})")  # a lie that nobody may believe

    def on_rest(self, word: str) -> None:
        self.rest = int(word) if self.source.restarts else 0
        self.say("350 from there" if self.source.restarts else "502 no such command")

    def on_retr(self, name: str) -> None:
        data, start, self.rest = self.source.files.get(name, b""), self.rest, 0
        end = self.source.cuts.pop(0) if self.source.cuts else len(data)
        self.say("150 here it comes")
        with self.passive, self.passive.accept()[0] as to:
            to.sendall(data[start:end])
        self.say("226 all of it" if end == len(data) else "426 it broke")
