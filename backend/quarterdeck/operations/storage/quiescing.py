"""Asking a guest's agent to stop the guest's writing, and what is done where it does not answer."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...problems import Problem
from ..patience import PASSING

THAW_SECONDS = 300
PAUSE_SECONDS = 1
HANGS = "agent-unavailable"


@contextlib.contextmanager
def agent_asked(host: Host, uuid: str, handle: JobHandle, *, quiesce: bool) -> Iterator[None]:
    """Inside, the agent is asked, if at all: only one that answers. After a failure the guest writes again.

    An agent that hangs in a hook does what it was told once the hook ends, when nobody would let the guest go on.
    """
    if not quiesce:
        yield
        return
    try:
        host.domains.agent_addresses(uuid)  # the question counts, not the answer
    except Problem as problem:
        if problem.slug == HANGS:
            raise _hangs("The guest agent does not answer.") from problem
    try:
        yield
    except Problem as problem:
        if problem.slug != HANGS:
            raise
        let_write(host, uuid, handle)
        raise _hangs("The guest agent was asked to stop the guest's writing and did not answer in time.") from problem


def _hangs(detail: str) -> Problem:
    return Problem(
        HANGS,
        detail,
        cure="See in the guest what qemu-guest-agent waits for (its freeze hook), or restart it.",
    )


def let_write(host: Host, uuid: str, handle: JobHandle) -> None:
    """Let a guest write again that may have stopped, or may yet; who cancels ends the waiting for its agent."""
    handle.can_cancel(True)
    handle.progress(None, "Waiting for the guest agent, to let the guest write again", phase="thaw")
    end = time.monotonic() + THAW_SECONDS
    while time.monotonic() < end:
        try:
            host.domains.thaw(uuid)
        except Problem as problem:
            if problem.slug not in (HANGS, *PASSING):
                return  # it is off
        else:
            handle.log("The guest writes to its disks as before.")
            return
        if handle.wait(PAUSE_SECONDS):
            break
    handle.log("The guest agent has not answered. If the guest stands still later: virsh domfsthaw " + uuid)
