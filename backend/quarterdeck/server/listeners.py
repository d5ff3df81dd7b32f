"""Listening sockets, taken over from systemd or the supervisor, or made here; and the word that all is ready."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

FIRST_FD = 3
GIVEN = "QUARTERDECK_LISTEN_FD"
"""Names the descriptor that the supervisor hands over; systemd's protocol needs the child's number beforehand."""
BACKLOG = 512


SUPERVISED = "QUARTERDECK_SUPERVISED"
"""The supervisor's process number, for what it starts: standard output is then a pipe that ends with it."""


def take_over() -> bool:
    """Whether a socket was handed over; one from the supervisor is put where systemd would have put it."""
    given = os.environ.pop(GIVEN, None)
    if given is None:
        return os.environ.get("LISTEN_PID") == str(os.getpid()) and int(os.environ.get("LISTEN_FDS", "0")) > 0
    if int(given) != FIRST_FD:
        os.dup2(int(given), FIRST_FD, inheritable=False)
        os.close(int(given))
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    return True


def inherited() -> list[socket.socket]:
    """The sockets handed over; empty when there are none."""
    if not take_over():
        return []
    return [socket.socket(fileno=FIRST_FD + n) for n in range(int(os.environ["LISTEN_FDS"]))]


def bind_tcp(address: str, port: int) -> socket.socket:
    """A listening TCP socket; `::` takes IPv4 too, and falls back to 0.0.0.0 on a host without IPv6.

    Raises OSError when the address is taken or not of this host.
    """
    if address == "::":
        try:
            return socket.create_server(("::", port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True)
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                raise
            address = "0.0.0.0"  # noqa: S104 - the setting asked for all addresses
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family, backlog=BACKLOG)


def bind_unix(path: Path, *, mode: int = 0o600, owner: int = -1, group: int = -1) -> socket.socket:
    """A listening UNIX socket with these rights; a socket file that an earlier run left is replaced."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(mask)
    if (owner, group) != (-1, -1):
        os.chown(path, owner, group)
    path.chmod(mode)
    listener.listen(BACKLOG)
    return listener


def notify(message: str) -> None:
    """Tell systemd `READY=1`, `STOPPING=1` and the like (sd_notify(3)); nothing without systemd."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(message.encode(), "\0" + address[1:] if address.startswith("@") else address)
