"""Storage pools and volumes as people see them, and the XML of new volumes."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from lxml import etree
from pydantic import Discriminator, Field, Tag

from quarterdeck.model.create import VolumeName
from quarterdeck.model.patterns import CHECKSUM
from quarterdeck.model.secret import Passphrase
from quarterdeck.model.strict import Strict
from quarterdeck.model.xml import Element, XmlText, digest, dump, parse

from .inverse import ObjectInverse, VolumeInverse
from .last_change import LastChange
from .pool_acts import PoolAct, WipeAlgorithm
from .strict import Value

FILE_POOLS = ("dir", "fs", "netfs", "gluster", "vstorage")
BLOCK_POOLS = ("logical", "disk", "iscsi", "iscsi-direct", "scsi", "mpath", "zfs")
PARTIAL = ".partial-"
"""Start of the name of the empty volume that stands beside one whose upload is not complete."""
NEXT = ".next-"
"""Start of the name of the volume that takes the place of another when its upload is complete."""


def without_marks(names: Iterable[str]) -> set[str]:
    """The names of volumes that people see: no marks of uploads, nor what is to take the place of another volume."""
    known = set(names)
    coming = {name for name in known if name.startswith(NEXT) and name.removeprefix(NEXT) in known}
    return {name for name in known if not name.startswith(PARTIAL) and not (name in coming and PARTIAL + name in known)}


class PoolForecast(Value):
    """When a pool is full if it goes on at the pace of the last days, of which the first was `measured_days` ago."""

    measured_days: int
    growth_bytes_day: int
    full_in_days: int


class Pool(Value):
    """A storage pool. Sizes are bytes, 0 while it is not running; `volumes` is None where they were not counted.

    Told of a single pool only: `growth_bytes` is what its thin volumes may still take, `forecast` by when it is full,
    None where it does not fill or too little is known. `settings` are the values of its
    form, None where its definition goes beyond them. `changes_pending`: it was edited and must be started anew.
    `refusals` are the acts that libvirt lacks for its type, with the reason; `wipes` the ways to overwrite a volume.
    `changed` is its last change. `type_title` is what its form calls its type. `inverse` is set in
    the answer to a change: how it is taken back.
    """

    host: str
    uuid: str
    name: str
    type: str
    type_title: str
    state: str
    active: bool
    persistent: bool
    autostart: bool
    path: str | None = None
    source: str | None = None
    capacity_bytes: int = 0
    allocation_bytes: int = 0
    available_bytes: int = 0
    volumes: int | None = None
    formats: list[str] = []
    refusals: dict[PoolAct, str] = {}
    wipes: list[WipeAlgorithm] = []
    growth_bytes: int | None = None
    forecast: PoolForecast | None = None
    used_by: list[str] = []
    settings: dict[str, Any] | None = None
    changes_pending: bool = False
    changed: LastChange | None = None
    inverse: ObjectInverse | None = None
    etag: str = ""


class PoolPatch(Strict):
    """What changes without a new definition."""

    autostart: bool


class Partial(Value):
    """How far an upload came before it was cut."""

    received_bytes: int
    size_bytes: int


class Volume(Value):
    """A volume of a pool; `partial` is set while its upload is not complete.

    `replacement` is set while what takes its place is uploaded: it stays as it is until that is complete.
    `used_by` names machines, `written_by` those of them that write it themselves, not only what stands on it;
    `needed_by` what else keeps it from being deleted: the images that stand on it, and machines of other hosts.
    `inverse` is set in the answer to its making: how that is taken back. `secret` is the UUID of libvirt's secret that
    opens an encrypted one, where libvirt knows it.
    """

    host: str
    pool: str
    name: str
    path: str
    type: str
    format: str
    capacity_bytes: int
    allocation_bytes: int
    backing: str | None = None
    used_by: list[str] = []
    written_by: list[str] = []
    needed_by: list[str] = []
    is_iso: bool = False
    encrypted: bool = False
    secret: str | None = None
    partial: Partial | None = None
    replacement: Partial | None = None
    inverse: VolumeInverse | None = None
    etag: str = ""


class Backing(Value):
    """An image of a chain; without a pool where it lies in none, and nothing more is known of it."""

    path: str
    pool: str | None = None
    volume: str | None = None
    format: str | None = None
    capacity_bytes: int | None = None
    allocation_bytes: int | None = None


class VolumeRef(Strict):
    """A volume; of the same pool where none is named."""

    pool: XmlText | None = None
    volume: VolumeName


class VolumePatch(Strict):
    """Another size; `shrink` says that the end of the data may be cut off."""

    size_gib: float = Field(gt=0, le=1 << 20)
    shrink: bool = False


class VolumeClone(Strict):
    """A copy under this name; in the same pool and format where none is named."""

    name: VolumeName
    pool: XmlText | None = None
    format: Literal["qcow2", "raw"] | None = None


class VolumeWipe(Strict):
    """How data is overwritten. All but `zero` and `trim` need the program scrub on the host."""

    algorithm: WipeAlgorithm = "zero"


class VolumeCreate(Strict):
    """A new volume; `allocate` takes all its space at once. With `backing` it holds only what differs from that one.

    With a `passphrase` its content is encrypted (LUKS), which a job does.
    """

    name: VolumeName
    size_gib: float = Field(gt=0, le=1 << 20)
    format: Literal["qcow2", "raw"] = "qcow2"
    allocate: bool = False
    backing: VolumeRef | None = None
    passphrase: Passphrase | None = None


class VolumeDelete(Strict):
    """Whether libvirt's secret with the passphrase of an encrypted volume goes too."""

    secret: bool = Field(default=False, description="Forget libvirt's secret with the passphrase too")


class VolumeDownload(Strict):
    """A new volume with the file at an address. `name` comes from the address where none is given.

    What is packed by xz, gzip or bzip2 is unpacked on the way. `format` is what the file must be; `checksum` is
    `sha256:` or `sha512:` with the sum of the file as it lies there, packed or not, in hexadecimal digits.
    """

    url: str = Field(max_length=4096)
    name: VolumeName | None = None
    format: Literal["qcow2", "raw", "iso"] | None = None
    checksum: Annotated[str, Field(pattern=CHECKSUM)] | None = None


def _kind_of_request(value: Any) -> str:
    return "download" if isinstance(value, VolumeDownload) or (isinstance(value, dict) and "url" in value) else "new"


VolumeRequest = Annotated[
    Annotated[VolumeCreate, Tag("new")] | Annotated[VolumeDownload, Tag("download")], Discriminator(_kind_of_request)
]
"""What a new volume is made of: nothing, or what lies at an address."""


@dataclass(frozen=True)
class PoolFacts:
    """What only a pool's XML tells."""

    type: str
    path: str | None
    source: str | None


@dataclass(frozen=True)
class VolumeFacts:
    """What only a volume's XML tells. `physical` is the size of its file in bytes, where it differs.

    `written` is when its content changed last, as the host's file system tells. `backing_format` is what it says itself
    of the image that it stands on, else what libvirt found that to be.
    """

    format: str
    backing: str | None
    physical: int | None
    etag: str = ""
    written: str | None = None
    encrypted: bool = False
    secret: str | None = None
    backing_format: str | None = None


def read_pool(xml: str) -> PoolFacts:
    """The facts in the XML of a pool."""
    root = parse(xml)
    host, folder = root.find("source/host"), root.find("source/dir")
    device = root.find("source/device")
    parts = [host.get("name", "")] if host is not None else []
    parts += [folder.get("path", "")] if folder is not None else []
    parts += [device.get("path", "")] if device is not None else []
    return PoolFacts(
        root.get("type", ""), root.findtext("target/path"), ":".join(parts) or root.findtext("source/name")
    )


def read_volume(xml: str) -> VolumeFacts:
    """The facts in the XML of a volume."""
    root = parse(xml)
    form, below = root.find("target/format"), root.find("backingStore/format")
    physical = root.findtext("physical")
    encryption, opened = root.find("target/encryption"), root.find("target/encryption/secret")
    return VolumeFacts(
        form.get("type", "raw") if form is not None else "raw",
        root.findtext("backingStore/path"),
        int(physical) if physical else None,
        digest(_lasting(root)),
        root.findtext("target/timestamps/mtime"),
        encryption is not None,
        opened.get("uuid") if opened is not None else None,
        below.get("type") if below is not None else None,
    )


def _lasting(root: Element) -> Element:
    """What a volume is, without what changes whenever somebody writes to it."""
    kept = etree.Element("volume")
    found = [root.find(tag) for tag in ("name", "key", "capacity", "backingStore")]
    kept.extend(deepcopy(each) for each in found if each is not None)
    return kept


def identity(root: Element) -> Element:
    """A pool's definition without the sizes, which change by themselves."""
    kept = deepcopy(root)
    for tag in ("capacity", "allocation", "available"):
        for size in kept.findall(tag):
            kept.remove(size)
    return kept


def formats_of(pool_type: str) -> list[str]:
    """The formats in which a new disk can be made in a pool of this type, the best first."""
    if pool_type in FILE_POOLS:
        return ["qcow2", "raw"]
    return ["raw"]


def is_thin(pool_type: str) -> bool:
    """Whether disks in a pool of this type take space only as they are written to."""
    return "qcow2" in formats_of(pool_type)


def volume_xml(name: str, capacity: int, form: str | None, *, allocate: bool = False, private: bool = False) -> str:
    """The XML of a new volume of so many bytes; `form` None where the pool has no formats.

    A private one can be read by its owner alone.
    """
    root = etree.Element("volume")
    etree.SubElement(root, "name").text = name
    etree.SubElement(root, "capacity", unit="bytes").text = str(capacity)
    etree.SubElement(root, "allocation", unit="bytes").text = str(capacity if allocate else 0)
    if form:
        target = etree.SubElement(root, "target")
        etree.SubElement(target, "format", type=form)
        if form == "qcow2":
            etree.SubElement(target, "compat").text = "1.1"  # libvirt's own choice, 0.10, cannot note zeroes
        if private:
            etree.SubElement(etree.SubElement(target, "permissions"), "mode").text = "0600"
    return dump(root)


def encrypted(xml: str, secret: str) -> str:
    """A new volume whose content is encrypted by the passphrase in this secret of libvirt."""
    root = parse(xml)
    target = root.find("target")
    target = etree.SubElement(root, "target") if target is None else target
    part = etree.SubElement(target, "encryption", format="luks")
    etree.SubElement(part, "secret", type="passphrase", uuid=secret)
    return dump(root)


def linked_volume_xml(name: str, capacity: int, below: str, below_format: str) -> str:
    """The XML of a new qcow2 volume that holds only what differs from the file below."""
    root = parse(volume_xml(name, capacity, "qcow2"))
    backing = etree.SubElement(root, "backingStore")
    etree.SubElement(backing, "path").text = below
    etree.SubElement(backing, "format", type=below_format)
    return dump(root)


def owned_volume_xml(name: str, capacity: int, like: str) -> str:
    """The XML of a new raw volume that belongs to the owner of another, whose XML is given."""
    root = parse(volume_xml(name, capacity, "raw"))
    permissions = parse(like).find("target/permissions")
    target = root.find("target")
    if permissions is not None and target is not None:
        for label in permissions.findall("label"):
            permissions.remove(label)
        target.append(permissions)
    return dump(root)
