"""New machines from cloud images: the image under their first disk, and the disc with their first settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...hypervisor.hosts import Hosts
from ...model.cloud_init import CloudInit, faults, preview, warnings
from ...model.create import DiskCreate, DomainCreate, InstallCloudImage
from ...model.storage import FILE_POOLS, Volume, is_thin, read_pool
from ...model.strict import Value
from ...model.units import GIB
from ...problems import Problem
from ..faults import Faults
from ..storage.disk_copies import Origin, Way, origin_of, way_of
from ..storage.images import Images
from ..storage.storage import Storage
from .seeds import Owner, Seed, Seeds


@dataclass(frozen=True)
class Image:
    """What a new disk of this format is made from. `way` is how it is copied; None where the disk stands on it."""

    origin: Origin
    format: Literal["qcow2", "raw"]
    way: Way | None


class CloudInitCheck(Value):
    """What the guest would read at its first boot, secrets masked, and what somebody may regret."""

    files: dict[str, str]
    warnings: list[str]


def check_cloud_init(wish: CloudInit) -> CloudInitCheck:
    """The files that are made of a wish; Problem with every fault."""
    found = list(faults(wish))
    if found:
        raise Problem("invalid-input", found[0].detail, errors=found)
    return CloudInitCheck(files=preview(wish, wish.hostname or "name-of-the-machine"), warnings=list(warnings(wish)))


class CloudImages:
    """Looks at images and makes discs; touches nothing."""

    def __init__(self, hosts: Hosts, storage: Storage) -> None:
        self._hosts = hosts
        self._storage = storage
        self._images = Images(hosts, storage)
        self._seeds = Seeds(hosts)

    def image(self, host: str, install: InstallCloudImage, disk: DiskCreate, found: Faults) -> Image | None:
        """The image, and how the first disk comes from it; None where something is wrong with it."""
        try:
            volume = self._storage.volume(host, install.pool, install.volume)
            self._check(host, install, volume)
            origin = origin_of(
                self._hosts.get(host),
                install.pool,
                self._hosts.get(host).volumes.row(install.pool, volume.name),
                volume.format,
            )
            kind = read_pool(self._hosts.get(host).pools.xml(disk.pool or install.pool)).type
            if install.copy_mode == "full":
                own: Literal["qcow2", "raw"] = "qcow2" if origin.format == "qcow2" and is_thin(kind) else "raw"
                form = disk.format or own
                return Image(origin, form, way_of(self._hosts.get(host), origin, form, kind))
        except Problem as problem:
            found.take("/install/volume", problem)
            return None
        if kind not in FILE_POOLS:
            found.add("/install/copy_mode", f"A pool of type {kind} holds no linked disks: copy the image in full.")
        if disk.format == "raw":
            found.add("/disks/0/format", "A linked disk holds what differs from its image, which only qcow2 can.")
        return Image(origin, "qcow2", None)

    def _check(self, host: str, install: InstallCloudImage, volume: Volume) -> None:
        if volume.partial:
            raise Problem("wrong-state", f"The upload of {volume.name} is not complete.")
        if volume.format not in ("qcow2", "raw"):
            raise Problem(
                "unsupported", f"{volume.name} is of the format {volume.format}.", cure="Convert it to qcow2."
            )
        writers = self._storage.usage.writers(host).get(volume.path, [])
        if writers:
            raise Problem(
                "in-use",
                f"{volume.name} is a disk of {', '.join(writers)}, which writes it.",
                cure="Clone that machine, or take an image that no machine writes.",
            )
        self._images.check(host, install.pool, volume.name, volume.format)

    def seed(self, host: str, request: DomainCreate, uuid: str, macs: tuple[str, ...], found: Faults) -> Seed | None:
        """The disc for a machine; None where its settings are at fault, or a Windows gets answers instead."""
        wish = request.install.cloud_init if isinstance(request.install, InstallCloudImage) else CloudInit()
        if isinstance(request.install, InstallCloudImage) and request.install.unattended:
            if wish != CloudInit():
                found.add("/install/cloud_init", "A Windows that is given answers reads no settings of cloud-init.")
            return None
        owner, pool = Owner(request.name, uuid, macs), request.disks[0].pool or "default"
        return self._seeds.plan(host, wish, owner, beside=pool, pointer="/install/cloud_init", found=found)


def with_boot_disk(request: DomainCreate, image: Image, proposed_gib: int | None, found: Faults) -> DomainCreate:
    """The request with a first disk that is new, of the image's format, and at least as large as the image."""
    install = request.install
    first = request.disks[0] if request.disks else DiskCreate()
    if first.device != "disk" or first.path:
        found.add("/disks/0", "The first disk is made from the image: give it a size or a pool, no path.")
    if first.passphrase is not None:
        found.add("/disks/0/passphrase", "An image is copied as it is, so its disk is not encrypted.")
    least = image.origin.capacity / GIB
    size = first.size_gib or max(least, proposed_gib or 0)
    if size < least:
        found.add("/disks/0/size_gib", f"The image alone has {least:.1f} GiB.")
    pool = first.pool or (install.pool if isinstance(install, InstallCloudImage) else None)
    disk = first.model_copy(update={"size_gib": size, "pool": pool, "format": image.format})
    return request.model_copy(update={"disks": [disk, *request.disks[1:]]})
