"""Whether a host gets through to a port of another, tried from that host itself."""

from __future__ import annotations

import shlex
import socket

from ...hypervisor.host import Host
from ...hypervisor.shell import run_there
from ...problems import Problem

SECONDS = 2
TIMED_OUT, NO_SUCH_COMMAND = 124, 127  # statuses of timeout(1)
DIAL = "exec 3<>/dev/tcp/$0/$1"  # bash connects by itself, so that nothing need be installed there


def knock(source: Host, address: str, port: int) -> None:
    """Return where a port answers, if only that nothing listens at it: no firewall swallows what is sent there.

    TimeoutError where nothing answers, another OSError where there is no way; Problem where it cannot be tried.
    """
    try:
        if source.spec.transport == "ssh":
            _from_there(source, address, port)
        elif source.spec.transport == "local":
            socket.create_connection((address, port), SECONDS).close()
        else:
            raise _untried(source, f"This server has no shell on {source.spec.name}.")
    except ConnectionRefusedError:
        return


def _from_there(source: Host, address: str, port: int) -> None:
    words = shlex.join(["timeout", str(SECONDS), "bash", "-c", DIAL, address, str(port)])
    *said, status = run_there(source, f"LC_ALL=C {words} 2>&1; echo $?").splitlines()
    if int(status) == TIMED_OUT:
        raise TimeoutError
    if int(status) == NO_SUCH_COMMAND:
        raise _untried(source, f"{source.spec.name} has no timeout or no bash.")
    if any("Connection refused" in line for line in said):
        raise ConnectionRefusedError
    if int(status):
        raise OSError(said[0].rpartition(": ")[2] if said else f"status {status}")


def _untried(source: Host, why: str) -> Problem:
    return Problem(
        "unsupported",
        f"Whether the ports of the transfer are open was not tried: {why}",
        cure=f"See by hand whether {source.spec.name} gets through to ports 49152-49215 of the destination.",
    )
