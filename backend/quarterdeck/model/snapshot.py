"""Snapshots of a machine as libvirt keeps them and as people see them, and the XML of new ones. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, ClassVar, Literal

from lxml import etree

from .order import remove
from .states import StateFiles, copies_of, forget_copies
from .strict import Value
from .xml import At, Element, XmlModel, dump, parse

SnapshotKind = Literal["internal", "external", "mixed"]
SnapshotState = Literal["running", "paused", "shut_off", "disk_only"]
BROKEN = "Being deleted, can no longer be gone back to."
"""Start of the description of a snapshot whose files a merge has begun to change: libvirt has no other place for it."""
BEFORE_PREVIEW = "The state before the preview of "
"""Start of the description of what a preview goes back to; the name of the snapshot that is looked at follows."""

LONGEST_STEM = 235
"""Bytes of a file's name without number and ending: most file systems take 255 (NAME_MAX)."""


class DiskEntry(XmlModel):
    """How one disk takes part: kept inside its own file, frozen below a new file, or not at all."""

    tag: ClassVar[str] = "disk"
    target: Annotated[str, At("@name")] = ""
    kind: Annotated[Literal["internal", "external", "no", "manual"] | str, At("@snapshot")] = "internal"
    type: Annotated[str | None, At("@type")] = None
    format: Annotated[str | None, At("driver/@type")] = None
    overlay: Annotated[str | None, At("source/@file")] = None


class SnapshotXml(XmlModel):
    """A snapshot as libvirt writes it."""

    tag: ClassVar[str] = "domainsnapshot"
    name: Annotated[str, At("name")] = ""
    description: Annotated[str | None, At("description")] = None
    state: Annotated[str, At("state")] = "shutoff"
    parent: Annotated[str | None, At("parent/name")] = None
    created: Annotated[int, At("creationTime")] = 0
    memory: Annotated[Literal["no", "internal", "external"] | str, At("memory/@snapshot")] = "no"
    memory_file: Annotated[str | None, At("memory/@file")] = None
    disks: Annotated[tuple[DiskEntry, ...], At("disks/disk")] = ()


class SnapshotDisk(Value):
    """A disk of a snapshot: `path` is the file that holds its state, `size_bytes` what that takes on the host."""

    target: str
    kind: str
    path: str | None = None
    size_bytes: int | None = None


class Snapshot(Value):
    """A state of a machine that can be gone back to. `current` is the one that the machine's present state grew from.

    `broken`: a merge of its files was begun and did not end, so it can only be deleted. `preview_of`: it is what the
    machine was before that snapshot was tried, which is kept or dropped yet. `nvram_path` and `tpm_path` are its copies
    of the UEFI variables and of what the TPM keeps.
    """

    name: str
    description: str | None = None
    parent: str | None = None
    current: bool = False
    state: SnapshotState
    kind: SnapshotKind
    memory: bool = False
    memory_path: str | None = None
    nvram_path: str | None = None
    tpm_path: str | None = None
    created: str
    disks: list[SnapshotDisk] = []
    size_bytes: int | None = None
    broken: bool = False
    preview_of: str | None = None


@dataclass(frozen=True)
class Kept:
    """A snapshot with its text as libvirt keeps it. The text may hold secrets and must not leave the server."""

    text: str
    current: bool

    @cached_property
    def root(self) -> Element:
        """The parsed text; not to be changed."""
        return parse(self.text)

    @cached_property
    def xml(self) -> SnapshotXml:
        """What stands in the text."""
        return SnapshotXml.read(self.root)

    @property
    def name(self) -> str:
        """Its name."""
        return self.xml.name

    @property
    def broken(self) -> bool:
        """Whether a merge has begun to change its files."""
        return (self.xml.description or "").startswith(BROKEN)

    @property
    def words(self) -> str | None:
        """Its description without the marks of the service."""
        return (self.xml.description or "").removeprefix(BROKEN).strip() or None

    @property
    def preview_of(self) -> str | None:
        """The snapshot that is looked at, where this is the state before."""
        words = self.words or ""
        return words.removeprefix(BEFORE_PREVIEW) if words.startswith(BEFORE_PREVIEW) else None

    @cached_property
    def entries(self) -> list[DiskEntry]:
        """The disks that take part."""
        return [disk for disk in self.xml.disks if disk.kind in ("internal", "external")]

    @property
    def kind(self) -> SnapshotKind:
        """Whether its states lie inside the disks' own files, or in files of their own."""
        found = {disk.kind for disk in self.entries} | ({self.xml.memory} - {"no"})
        return "mixed" if len(found) > 1 else "external" if found == {"external"} else "internal"

    @cached_property
    def paths(self) -> dict[str, str]:
        """The files of all disks at that time, by target."""
        return files_of(self.root.find("domain"))

    @property
    def frozen(self) -> dict[str, str]:
        """The files that must not change as long as it exists, by target."""
        outside = {disk.target for disk in self.entries if disk.kind == "external"}
        return {target: path for target, path in self.paths.items() if target in outside}

    @property
    def files(self) -> set[str]:
        """All files that go when it is deleted with its content."""
        return {*self.frozen.values(), *self.besides}

    @cached_property
    def copies(self) -> StateFiles:
        """Its copies of the UEFI variables and of the content of the TPM."""
        return copies_of(self.root)

    @property
    def besides(self) -> tuple[str, ...]:
        """The files that it has besides those of its disks."""
        return (*([self.memory_file] if self.memory_file else []), *self.copies.paths)

    @property
    def memory_file(self) -> str | None:
        """The file of its memory, where it has one of its own."""
        return self.xml.memory_file if self.xml.memory == "external" else None

    def definition(self) -> Element:
        """The machine's saved definition at that time."""
        found = self.root.find("inactiveDomain")
        found = self.root.find("domain") if found is None else found
        copy = parse(dump(found)) if found is not None else etree.Element("domain")
        copy.tag = "domain"
        forget_copies(copy)
        return copy

    def view(self, sizes: Mapping[str, int]) -> Snapshot:
        """What people see of it; `sizes` tells what files take on the host."""
        frozen = self.frozen
        disks = [
            SnapshotDisk(
                target=disk.target,
                kind=disk.kind,
                path=self.paths.get(disk.target),
                size_bytes=sizes.get(frozen.get(disk.target, "")),
            )
            for disk in self.entries
        ]
        known = [size for size in (*(disk.size_bytes for disk in disks), *map(sizes.get, self.besides)) if size]
        return Snapshot(
            name=self.name,
            description=self.words,
            parent=self.xml.parent,
            current=self.current,
            state=_STATES.get(self.xml.state, "running"),
            kind=self.kind,
            memory=self.xml.memory != "no",
            memory_path=self.memory_file,
            nvram_path=self.copies.nvram,
            tpm_path=self.copies.tpm,
            created=datetime.fromtimestamp(self.xml.created, UTC).isoformat(),
            disks=disks,
            size_bytes=sum(known) if known else None,
            broken=self.broken,
            preview_of=self.preview_of,
        )


_STATES: dict[str, SnapshotState] = {
    "shutoff": "shut_off",
    "crashed": "shut_off",
    "disk-snapshot": "disk_only",
    "paused": "paused",
}


@dataclass(frozen=True)
class Overlay:
    """A new file above the present one of a disk: it takes what changes from now on."""

    target: str
    below: str
    below_format: str
    path: str

    @property
    def folder(self) -> str:
        """Where both lie."""
        return posixpath.dirname(self.path)

    @property
    def name(self) -> str:
        """The name of the new file."""
        return posixpath.basename(self.path)


def new_snapshot(
    name: str,
    description: str | None,
    targets: Iterable[str],
    *,
    overlays: Iterable[Overlay] | None = None,
    memory_file: str | None = None,
) -> str:
    """The XML of a new snapshot of these of a machine's disks: external where there are `overlays`, else internal."""
    files = {overlay.target: overlay.path for overlay in overlays or ()}
    root = SnapshotXml.build({"name": name, "description": description})
    if overlays is not None:
        memory = etree.SubElement(root, "memory", snapshot="external" if memory_file else "no")
        if memory_file:
            memory.set("file", memory_file)
        disks = etree.SubElement(root, "disks")
        for target in targets:
            disk = etree.SubElement(disks, "disk", name=target, snapshot="external" if target in files else "no")
            if target in files:
                etree.SubElement(disk, "driver", type="qcow2")
                etree.SubElement(disk, "source", file=files[target])
    return dump(root)


def described(text: str, description: str | None, *, broken: bool) -> str:
    """The snapshot with another description."""
    root = parse(text)
    SnapshotXml.patch(root, {"description": " ".join(filter(None, (BROKEN if broken else "", description))) or None})
    return dump(root)


def moved_files(text: str, moved: Mapping[str, str]) -> str:
    """The snapshot after files took over the content of others: old path to new path."""
    root = parse(text)
    for domain in (*root.iterfind("domain"), *root.iterfind("inactiveDomain")):
        paths = files_of(domain)
        point(domain, {target: moved[path] for target, path in paths.items() if path in moved})
    return dump(root)


def files_of(domain: Element | None) -> dict[str, str]:
    """The file or device of each disk of a definition, by target."""
    found = {}
    for disk in domain.iterfind("devices/disk") if domain is not None else ():
        target, source = disk.find("target"), disk.find("source")
        if target is not None and source is not None:
            path = source.get("file") or source.get("dev")
            if path:
                found[target.get("dev", "")] = path
    return found


def targets_of(domain: Element) -> list[str]:
    """The targets of all disks of a definition, whatever they are."""
    return [target.get("dev", "") for target in domain.iterfind("devices/disk/target")]


def formats_of(domain: Element | None) -> dict[str, str]:
    """The format of each disk of a definition, by target."""
    found = {}
    for disk in domain.iterfind("devices/disk") if domain is not None else ():
        target, driver = disk.find("target"), disk.find("driver")
        if target is not None:
            found[target.get("dev", "")] = (driver.get("type") if driver is not None else None) or "raw"
    return found


def point(domain: Element, paths: Mapping[str, str], form: str | None = None, *, block: bool = False) -> None:
    """Let disks of a definition use other files or block devices, in this format; their chains are forgotten."""
    for disk in domain.iterfind("devices/disk"):
        target, source, driver = disk.find("target"), disk.find("source"), disk.find("driver")
        path = paths.get(target.get("dev", "")) if target is not None else None
        if path is None or source is None:
            continue
        disk.set("type", "block" if block else "file")
        source.attrib.pop("file" if block else "dev", "")
        source.set("dev" if block else "file", path)
        if form and driver is not None:
            driver.set("type", form)
        unchain(disk)


def disk_copy(path: str, form: str, *, block: bool) -> str:
    """The XML of where a block copy goes."""
    disk = etree.Element("disk", type="block" if block else "file")
    etree.SubElement(disk, "driver", name="qemu", type=form)
    etree.SubElement(disk, "source").set("dev" if block else "file", path)
    return dump(disk)


def unchain(disk: Element) -> None:
    """Forget what libvirt noted of the files below: it then looks for itself."""
    for tag in ("backingStore", "mirror"):
        for child in disk.findall(tag):
            remove(child)


def plain(text: str) -> str:
    """A name as a part of a file's name."""
    return re.sub(r"[^\w.+-]", "_", text)


def free_name(stem: str, suffix: str, taken: Iterable[str]) -> str:
    """The first name that nothing has yet: `stem.qcow2`, `stem-2.qcow2` ...; never longer than a file's may be."""
    used, stem = set(taken), stem.encode()[:LONGEST_STEM].decode(errors="ignore")
    number = 1
    while (name := f"{stem}{f'-{number}' if number > 1 else ''}{suffix}") in used:
        number += 1
    return name
