"""Kernel and first file system of an installation medium: where they lie in it, and how they get beside the disks."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from ...hypervisor.host import Host
from ...jobs import JobHandle
from ...model.cpio import padding
from ...model.storage import volume_xml
from ...osinfo.iso import PROBE_BYTES, Extent, find_file, read_label
from ..storage.copying import remove

MOST_BYTES = 1 << 30
"""No kernel or initrd is as large; a broken medium may say anything."""


@dataclass(frozen=True)
class Layout:
    """Where a distribution has both on its media, and what the kernel must be told so that it finds the medium.

    One of `packages` is there where the medium may lack packages, but has them.
    """

    kernel: str
    initrd: str
    argument: str = ""
    packages: tuple[str, ...] = ()


REPOSITORIES = ("repodata/repomd.xml", "baseos/repodata/repomd.xml")
LAYOUTS = (
    Layout("install.amd/vmlinuz", "install.amd/initrd.gz"),
    Layout("casper/vmlinuz", "casper/initrd"),
    Layout("images/pxeboot/vmlinuz", "images/pxeboot/initrd.img", "inst.stage2=hd:LABEL={label}", REPOSITORIES),
    Layout("boot/x86_64/loader/linux", "boot/x86_64/loader/initrd", "install=cd:/"),
)
"""Debian, Ubuntu since 20.04, Fedora and RHEL and their kin, SUSE."""


@dataclass(frozen=True)
class Boot:
    """Both parts of a medium, which is a volume: where they lie in it."""

    layout: Layout
    argument: str
    kernel: Extent
    initrd: Extent
    packages: bool


@dataclass(frozen=True)
class BootPlan:
    """The volumes that both parts become. `inject` is an archive behind the initrd; it holds a password.

    `lent` is the folder of a medium that lies in no pool, to which one is lent while it is read.
    """

    medium: tuple[str, str]
    boot: Boot
    pool: str
    names: dict[str, str]
    inject: bytes = field(repr=False)
    lent: str | None = None

    @property
    def volumes(self) -> list[list[str]]:
        """Pool and name of each."""
        return [[self.pool, name] for name in self.names.values()]


def find_boot(host: Host, pool: str, volume: str) -> Boot | None:
    """Both parts on the medium that is this volume; None where it is none that is known."""

    @functools.cache
    def read(offset: int, length: int) -> bytes:
        return host.volumes.piece(pool, volume, offset, length)

    head = read(0, min(PROBE_BYTES, host.volumes.physical(pool, volume)))
    label = read_label(head)
    for layout in LAYOUTS if label else ():
        kernel, initrd = find_file(head, read, layout.kernel), find_file(head, read, layout.initrd)
        if label and kernel and initrd and max(kernel.length, initrd.length) < MOST_BYTES:
            argument = layout.argument.format(label=label.volume.replace(" ", r"\x20"))
            packages = any(find_file(head, read, path) for path in layout.packages)
            return Boot(layout, argument, kernel, initrd, packages or not layout.packages)
    return None


def make_boot(host: Host, plan: BootPlan, undo: ExitStack, handle: JobHandle | None) -> None:
    """Copy both parts out of the medium; only their owner can read them, and they go when `undo` runs."""
    for part, extent, extra in (("kernel", plan.boot.kernel, b""), ("initrd", plan.boot.initrd, plan.inject)):
        if handle:
            handle.progress(None, f"Copying the {part} of the medium", phase="copy")
        tail = padding(extent.length) + extra if extra else b""
        pool, name = plan.pool, plan.names[part]
        host.volumes.create(pool, volume_xml(name, extent.length + len(tail), "raw", private=True))
        undo.callback(remove, host, pool, name)
        with host.volumes.upload(pool, name, extent.length + len(tail)) as writer:
            for piece in _pieces(host, plan.medium, extent, tail):
                if handle:
                    handle.check()
                writer.write(piece)


def _pieces(host: Host, medium: tuple[str, str], extent: Extent, tail: bytes) -> Iterator[bytes]:
    yield from host.volumes.download(*medium, extent.offset, extent.length)
    yield tail
