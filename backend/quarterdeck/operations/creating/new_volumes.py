"""Making the volumes of new machines: empty, standing on an image, or with a copy of one."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import ExitStack

from ...hypervisor.host import Host
from ...hypervisor.volumes import VolumeRow
from ...jobs import JobHandle
from ...model.storage import encrypted, linked_volume_xml, volume_xml
from ...problems import Problem
from ..changing.changing import here_document
from ..storage.copying import Copier
from ..storage.disk_copies import DiskCopy
from ..storage.encrypted import keeping, make_keys
from .storage import NewVolume

COPIED = 0.95


def make(host: Host, new: NewVolume, undo: ExitStack, handle: JobHandle | None) -> VolumeRow:
    """Make one, and note how it is removed; a copy needs a job, which hears how far it is."""
    image = new.image
    if image is None or image.way is None:
        origin = image.origin if image else None
        xml = linked_volume_xml(new.name, new.capacity, origin.path, origin.format) if origin else _empty(new)
        row = _encrypt(host, new, xml, undo, handle) if new.secret else host.volumes.create(new.pool, xml)
        undo.callback(host.volumes.delete, new.pool, new.name)
        return row
    if handle is None:
        raise Problem("internal", "A copy is made by a job.")
    copy = DiskCopy("the image", "copy", image.origin, new.pool, new.name, "", new.format, False, image.way)
    Copier(host, handle, [copy]).copy(copy, COPIED)
    handle.progress(COPIED, "Growing the disk", phase="grow")
    if new.capacity > host.volumes.row(new.pool, new.name).capacity:
        host.volumes.resize(new.pool, new.name, new.capacity)
    return host.volumes.row(new.pool, new.name)


def _encrypt(host: Host, new: NewVolume, xml: str, undo: ExitStack, handle: JobHandle | None) -> VolumeRow:
    """Make one whose passphrase becomes a secret of libvirt before."""
    if handle is None or new.secret is None or new.passphrase is None:
        raise Problem("internal", "What is encrypted is made by a job.")
    define, forget, _commands = keeping(host, new.secret, new.secret_xml, new.passphrase)
    undo.callback(forget)
    define()
    return make_keys(lambda: host.volumes.create(new.pool, xml), handle, new.name)


def _empty(new: NewVolume) -> str:
    xml = volume_xml(new.name, new.capacity, new.format)
    return encrypted(xml, new.secret) if new.secret else xml


def commands_of(host: Host, new: NewVolume) -> Iterator[str]:
    """The virsh calls that make a volume from an image, or encrypted; virt-install makes empty ones itself."""
    image = new.image
    if new.secret and new.passphrase:
        yield from keeping(host, new.secret, new.secret_xml, new.passphrase)[2]
        yield here_document(f"virsh vol-create {shlex.quote(new.pool)} /dev/stdin", _empty(new))
        return
    if image is None:
        return
    origin, size = image.origin, str(new.capacity)
    if image.way is None:
        words = ["virsh", "vol-create-as", new.pool, new.name, size, "--format", "qcow2"]
        yield shlex.join([*words, "--backing-vol", origin.path, "--backing-vol-format", origin.format])
        return
    yield shlex.join(["virsh", "vol-clone", "--pool", origin.pool, origin.volume, new.name])
    yield shlex.join(["virsh", "vol-resize", "--pool", new.pool, new.name, size])
