"""The TLS front: one port, a byte pipe to the web process, and no HTTP parser to smuggle anything through.

It knows of HTTP only where the first header ends and, for plain requests, which address to redirect to.
TLS stands in a process and an event loop of its own because CPython does not lock an SSL socket that one
thread reads and another writes: a client can crash a threaded server by asking for new keys.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import re
import signal
import socket
import ssl
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from ..problems import Problem
from ..web.origin import network_of
from . import certificate, listeners, logs
from .answers import failure

log = logging.getLogger(__name__)

TLS_HANDSHAKE = b"\x16"
END_OF_HEADER = b"\r\n\r\n"
CHUNK = 256 * 1024
SAFE_HOST = re.compile(rb"[A-Za-z0-9._\-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
SAFE_TARGET = re.compile(rb"/[\x21-\x7e]*")
Address = tuple[str, int]


@dataclass(frozen=True)
class Limits:
    """How much patience strangers get. Times in seconds, sizes in bytes."""

    handshake: float = 10
    header: float = 10
    header_bytes: int = 64 * 1024
    stall: float = 60
    """A client that takes nothing for so long is cut off, so that it holds no thread of the web process."""
    drain: float = 2
    waiting_per_address: int = 64
    """Connections of one address that have not sent a whole request header yet."""
    per_address: int = 160
    """Fewer than the web process has threads: each could hold one with a header that does not end."""
    total: int = 2048


class Front:
    """Takes connections, and pipes those that speak TLS to the web process's UNIX socket."""

    def __init__(self, upstream: Path, certificate_dir: Path, limits: Limits | None = None) -> None:
        self._upstream = upstream
        self._certificate_dir = certificate_dir
        self._limits = limits or Limits()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context.set_alpn_protocols(["http/1.1"])
        self._waiting: Counter[str] = Counter()
        self._open: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self.load_certificate()

    def load_certificate(self) -> None:
        """Use the certificate that is now in the folder, for new connections; open ones live on."""
        pair = certificate.chosen(self._certificate_dir)
        if pair is None:
            raise FileNotFoundError(f"no certificate with a key in {self._certificate_dir}")
        self._context.load_cert_chain(pair.certificate, pair.key)

    def reload(self) -> None:
        """As load_certificate, but keep the old one when the new one is unusable."""
        try:
            self.load_certificate()
            log.info("certificate loaded again")
        except (OSError, ssl.SSLError) as error:
            log.error("the certificate stays the old one: %s", error)

    async def serve(self, sockets: list[socket.socket], ready: Callable[[], None] = lambda: None) -> None:
        """Serve until SIGTERM or SIGINT; SIGHUP loads the certificate again."""
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGHUP, self.reload)
        accepting = [loop.create_task(self._accept(s)) for s in sockets]
        ready()
        await stop.wait()
        for task in accepting:
            task.cancel()
        await asyncio.gather(*accepting, return_exceptions=True)
        for listener in sockets:
            listener.close()
        await self._drain()

    async def _drain(self) -> None:
        """Let what is under way finish for a moment, then end the rest."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._limits.drain)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        listener.setblocking(False)
        while True:
            try:
                connection, peer = await loop.sock_accept(listener)
            except OSError as error:  # out of descriptors: what is open must go on
                log.warning("cannot accept: %s", error)
                await asyncio.sleep(0.2)
                continue
            task = loop.create_task(self._guarded(connection, plain_address(peer)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _guarded(self, connection: socket.socket, peer: Address) -> None:
        """One connection from the first byte to the last, with everything that can go wrong on the network."""
        ip = network_of(peer[0])
        limits = self._limits
        full = self._open.total() >= limits.total or self._open[ip] >= limits.per_address
        if full or self._waiting[ip] >= limits.waiting_per_address:
            connection.close()
            return
        self._open[ip] += 1
        try:
            await self._connection(connection, peer)
        except (TimeoutError, OSError, ssl.SSLError, EOFError):
            pass  # the other side went away or took too long: nothing to tell anybody
        finally:
            connection.close()
            self._open[ip] -= 1
            self._open += Counter()  # forgets addresses without connections

    @contextlib.asynccontextmanager
    async def _patience(self, ip: str) -> AsyncIterator[None]:
        self._waiting[ip] += 1
        try:
            yield
        finally:
            self._waiting[ip] -= 1
            if not self._waiting[ip]:
                del self._waiting[ip]

    async def _connection(self, connection: socket.socket, peer: Address) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        local = plain_address(connection.getsockname())
        async with self._patience(network_of(peer[0])):
            async with asyncio.timeout(self._limits.handshake):
                first = await peek(connection)
            if first != TLS_HANDSHAKE:
                await self._redirect(connection)
                return
            reader, writer = await self._handshake(connection)
            try:
                header = await self._first_header(reader)
            except BaseException:
                cut(writer)
                raise
        await self._pipe(reader, writer, proxy_line(peer, local) + header)

    async def _handshake(self, connection: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=CHUNK, loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            connection,
            ssl=self._context,
            ssl_handshake_timeout=self._limits.handshake,
            ssl_shutdown_timeout=2,
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _first_header(self, reader: asyncio.StreamReader) -> bytes:
        received = bytearray()
        async with asyncio.timeout(self._limits.header):
            while END_OF_HEADER not in received:
                part = await reader.read(16 * 1024)
                if not part or len(received) > self._limits.header_bytes:
                    raise EOFError
                received += part
        return bytes(received)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes) -> None:
        try:
            await self._to_upstream(reader, writer, first)
            writer.close()
            async with asyncio.timeout(self._limits.stall):
                await writer.wait_closed()
        except BaseException:
            cut(writer)
            raise

    async def _to_upstream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes) -> None:
        try:
            up_reader, up_writer = await asyncio.open_unix_connection(str(self._upstream), limit=CHUNK)
        except OSError as error:
            log.warning("the web process does not answer: %s", error)
            writer.write(unavailable())
            return
        try:
            up_writer.write(first)
            await self._both_ways(reader, writer, up_reader, up_writer)
        finally:
            up_writer.transport.abort()

    async def _both_ways(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        up_reader: asyncio.StreamReader,
        up_writer: asyncio.StreamWriter,
    ) -> None:
        """Until the web process closes, or the client does."""
        sending = asyncio.create_task(self._pump(reader, up_writer, stall=None))
        answering = asyncio.create_task(self._pump(up_reader, writer, stall=self._limits.stall))
        try:
            await asyncio.wait((sending, answering), return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():  # the client closed: TLS has no half-open state worth keeping
                await asyncio.wait((answering,), timeout=1)
        finally:
            sending.cancel()
            answering.cancel()
            await asyncio.gather(sending, answering, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stall: float | None) -> None:
        """Copy until the end; a slow taker slows the giver, and a stalled one ends it after `stall` seconds."""
        with contextlib.suppress(TimeoutError, OSError, ssl.SSLError):
            while data := await reader.read(CHUNK):
                writer.write(data)
                async with asyncio.timeout(stall):
                    await writer.drain()
            if writer.can_write_eof():
                writer.write_eof()

    async def _redirect(self, connection: socket.socket) -> None:
        """Answer a plain HTTP request with the same address under https."""
        loop = asyncio.get_running_loop()
        received = b""
        async with asyncio.timeout(self._limits.header):
            while END_OF_HEADER not in received and len(received) < 16 * 1024:
                part = await loop.sock_recv(connection, 4096)
                if not part:
                    return
                received += part
            await loop.sock_sendall(connection, redirect(received))


def unavailable() -> bytes:
    """The answer while the web process does not take connections."""
    return failure(Problem("starting", "The web process does not answer yet."), "Retry-After: 2")


def cut(writer: asyncio.StreamWriter) -> None:
    """End a connection at once, whatever is still to be sent."""
    with contextlib.suppress(AttributeError):  # Python 3.11's own, when the connection is lost already
        writer.transport.abort()


def redirect(request: bytes) -> bytes:
    """The answer to a plain HTTP request: 301 to https on the same host and port, or 400 when it names none."""
    line, _, rest = request.partition(b"\r\n")
    words = line.split(b" ")
    headers = (h.partition(b":") for h in rest.split(b"\r\n"))
    host = next((value.strip() for name, _, value in headers if name.lower() == b"host"), b"")
    if len(words) != 3 or not SAFE_HOST.fullmatch(host) or not SAFE_TARGET.fullmatch(words[1]):
        return failure(Problem("bad-request", "This port speaks HTTPS, and the request names no usable address."))
    return (
        b"HTTP/1.1 301 Moved Permanently\r\nLocation: https://%b%b\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n" % (host, words[1])
    )


def plain_address(name: tuple[str, int] | tuple[str, int, int, int]) -> Address:
    """A socket's address with IPv4 written as IPv4 and without an interface's name."""
    ip = ipaddress.ip_address(name[0].partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return str(mapped or ip), name[1]


def proxy_line(peer: Address, local: Address) -> bytes:
    """The first line for the web process (PROXY protocol, version 1): who is really connected."""
    if (":" in peer[0]) != (":" in local[0]):
        local = ("::1" if ":" in peer[0] else "127.0.0.1", local[1])
    family = "TCP6" if ":" in peer[0] else "TCP4"
    return f"PROXY {family} {peer[0]} {local[0]} {peer[1]} {local[1]}\r\n".encode()


async def peek(connection: socket.socket) -> bytes:
    """The first byte that arrives, left in the socket; empty at the end of the stream."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            return connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            arrived = asyncio.Event()
            loop.add_reader(connection, arrived.set)
            try:
                await arrived.wait()
            finally:
                loop.remove_reader(connection)


def run(address: str, port: int, upstream: Path, certificate_dir: Path) -> None:
    """Serve TLS on the sockets handed over, or on this address and port, until told to stop."""
    front = Front(upstream, certificate_dir)
    sockets = listeners.inherited() or [listeners.bind_tcp(address, port)]
    asyncio.run(front.serve(sockets, ready=lambda: listeners.notify("READY=1")))


def main(arguments: list[str]) -> None:
    """Log level, address, port, socket of the web process, folder of certificates."""
    level, address, port, upstream, certificate_dir = arguments
    logs.begin(level)
    run(address, int(port), Path(upstream), Path(certificate_dir))


if __name__ == "__main__":
    main(sys.argv[1:])
