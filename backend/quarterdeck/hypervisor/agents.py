"""How long the agents of guests are waited for.

libvirt waits 5 s for one that hangs, but for ever where it has answered before (libvirt 9.0, qemu_agent.c: `inSync`).
"""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator

import libvirt

ANSWER_SECONDS = 5
FREEZE_SECONDS = 60
"""Hooks of databases need seconds; Windows' VSS gives its writers 60 s."""


class Agents:
    """The agents of the guests of one host: each is asked one thing at a time, as a limit is the machine's."""

    def __init__(self) -> None:
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    @contextlib.contextmanager
    def waited_for(self, domain: libvirt.virDomain, seconds: int) -> Iterator[None]:
        """Inside, an agent that does not answer within that time fails the call, with libvirt's code 86."""
        with self._locks[domain.UUIDString()]:
            domain.agentSetResponseTimeout(seconds, 0)
            try:
                yield
            finally:
                with contextlib.suppress(libvirt.libvirtError):  # it is off now, which forgets it too
                    domain.agentSetResponseTimeout(libvirt.VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK, 0)

    @contextlib.contextmanager
    def asked_to_freeze(self, domain: libvirt.virDomain, *, quiesce: bool) -> Iterator[None]:
        """The same for an act that lets the guest write everything down first, if it does."""
        with self.waited_for(domain, FREEZE_SECONDS) if quiesce else contextlib.nullcontext():
            yield
