"""Whether a server answers, told within seconds: a mount of a dead one hangs for minutes and cannot be cancelled.

A service that runs without a network of its own, as its unit has it, cannot tell: then libvirt tries it alone.
"""

from __future__ import annotations

import errno
import socket

from ...model.pool import RbdPool
from ...model.pool_parts import PoolSettings
from ...problems import FieldError, Problem

SECONDS = 4.0


def servers_must_answer(settings: PoolSettings) -> None:
    """Problem where a server of this pool does not answer; of a cluster's monitors one is enough."""
    silent, one_is_enough = None, isinstance(settings, RbdPool)
    for pointer, address, port in settings.servers():
        try:
            must_answer(address, port, pointer)
        except Problem as problem:
            if not one_is_enough:
                raise
            silent = silent or problem
        else:
            if one_is_enough:
                return
    if silent:
        raise silent


def must_answer(address: str, port: int, pointer: str) -> None:
    """Problem at the field where nobody answers at this address and port."""
    try:
        socket.create_connection((address, port), SECONDS).close()
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            return
        raise _silent(pointer, f"The name “{address}” has no address.", "Check the name.", error) from error
    except ConnectionRefusedError as error:
        detail = f"{address} answers, but nothing serves there at port {port}."
        raise _silent(pointer, detail, "Start the service there, or open its firewall.", error) from error
    except OSError as error:
        if error.errno == errno.ENETUNREACH:
            return
        detail = f"{address} does not answer at port {port} within {SECONDS:.0f} s."
        raise _silent(pointer, detail, "Check the address, the network and the server's firewall.", error) from error


def _silent(pointer: str, detail: str, cure: str, error: OSError) -> Problem:
    return Problem("unreachable", detail, cure=cure, errors=[FieldError(pointer, detail)], raw=str(error))
