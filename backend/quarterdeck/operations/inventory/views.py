"""From libvirt's rows and XML to what people and scripts see of a machine. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ...model.domain import Domain, DomainRow, DomainSummary, OsRef, reason_text
from ...model.heading import Heading
from ...model.installing import stage
from ...model.pending import pending
from ...model.portrait import portrait
from ...model.template import origin_of, version_of
from ...model.xml import Element, canonical, digest, parse


@dataclass(frozen=True)
class Reading:
    """A definition as read once: saved, and running where it is on. `text` holds no secret in clear."""

    saved: Element
    running: Element | None
    text: str
    digests: tuple[str, str]
    host_cpus: int = 0

    @property
    def etag(self) -> str:
        """What names the saved definition."""
        return self.digests[0]

    @property
    def waits(self) -> bool:
        """Whether what runs differs from what the next start uses."""
        return self.running is not None and bool(pending(self.saved, self.running, self.host_cpus))


def read(saved: str, running: str | None, host_cpus: int = 0) -> Reading:
    """Parse what libvirt gave."""
    live = parse(running) if running else None
    element = parse(saved)
    return Reading(
        element, live, canonical(element), (digest(element), digest(live) if live is not None else ""), host_cpus
    )


def summary(
    host: str, row: DomainRow, reading: Reading, os_name: Callable[[str], str | None], job: str | None
) -> DomainSummary:
    """What a list shows of a machine, without its actions."""
    heading, version = Heading.read(reading.saved), version_of(reading.saved)
    now = Heading.read(reading.running) if reading.running is not None else heading
    consoles: list[Literal["vnc", "serial"]] = ["vnc"] if "vnc" in now.graphics else []
    if now.serials or now.consoles:
        consoles.append("serial")
    installation = stage(reading.saved, reading.running)
    # An installer runs from another definition on purpose; what differs then is no change that waits.
    waits = installation != "running" and reading.waits
    return DomainSummary(
        host=host,
        uuid=row.uuid,
        name=row.name,
        title=heading.title,
        description=heading.description,
        tags=list(heading.tags),
        template=version is not None,
        template_version=version,
        state=row.state,
        reason=row.reason,
        reason_text=reason_text(row.state, row.reason),
        installation=installation,
        persistent=row.persistent,
        autostart=row.autostart,
        has_saved_image=row.has_saved_image,
        vcpus=row.vcpus,
        vcpus_max=row.vcpus_max,
        memory_mib=row.memory_kib // 1024,
        memory_max_mib=row.memory_max_kib // 1024,
        os=OsRef(id=heading.os, name=os_name(heading.os) or heading.os) if heading.os else None,
        consoles=consoles,
        changes_pending=waits,
        snapshots=row.snapshots,
        snapshot=row.snapshot,
        job=job,
    )


def detail(short: DomainSummary, reading: Reading) -> Domain:
    """A machine in full, without its drift and its findings."""
    values = short.model_dump() | portrait(reading.saved, reading.running, reading.host_cpus)
    if not short.changes_pending:
        # What an installer is run from would read as edits that somebody made, and could be discarded.
        values["pending"] = []
    return Domain(**values, etag=reading.etag, origin=origin_of(reading.saved))
