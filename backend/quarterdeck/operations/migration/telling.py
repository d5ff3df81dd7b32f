"""Why a move did not come to its end, in words for people."""

from __future__ import annotations

from typing import Any

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...problems import Problem
from .ending import Whereabouts
from .room import Room, full


def why_failed(problem: Problem | None, source: Host, destination: Host, rooms: list[Room]) -> Problem | None:
    """Why it failed: what libvirt said, or what it means.

    A lost connection is the one between both hosts where the source still answers us. Of a copy for which there is no
    room any more libvirt may tell only that QEMU at the destination ended (seen with 9.0).
    """
    if problem is None or problem.slug not in ("host-lost", "libvirt-refused"):
        return problem
    there = destination.spec.name
    if problem.slug == "host-lost":
        words = f"The connection between {source.spec.name} and {there} broke."
        cure = "Look at the network between both hosts, then begin again."
        return Problem("host-lost", words, cure=cure, raw=problem.raw)
    short = full(destination, rooms)
    if short is None:
        return problem
    words = f"{there} has no space left in {short.folder} for the copy {short.name}."
    return Problem("no-space", words, cure="Make room there, or choose another pool for the copy.", raw=problem.raw)


def broke_in_post_copy(problem: Problem | None, found: Whereabouts) -> Problem:
    """Why a move that broke in post-copy stands still, and whether it can go on."""
    cure = "Mend the network between both hosts, then go on with the move."
    if found.both_told and (found.there is None or not found.there.active):
        cure = "The other half is gone with its QEMU: force the machine off here and start it, as after a power cut."
    raw = problem.raw if problem else None
    return Problem("post-copy-broken", f"The move broke in post-copy. {found.words}", cure=cure, raw=raw)


def not_moved(problem: Problem | None, handle: JobHandle, where: str, start_on: str | None = None) -> Problem:
    """How it ended. `start_on` is the host where it can be started again, being off everywhere."""
    more: dict[str, Any] = {"start_on": start_on} if start_on else {}
    raw = problem.raw if problem else None
    if handle.cancelled:
        return Problem("cancelled", f"The move was cancelled. {where}", raw=raw, **more)
    if problem is None:
        words = f"The move did not come to its end. {where}"
        return Problem("libvirt-refused", words, cure="See the hosts' logs.", **more)
    return Problem(
        problem.slug,
        f"{problem.detail.rstrip('.')}. {where}",
        cure=problem.cure,
        errors=problem.errors,
        raw=raw,
        **more,
    )
