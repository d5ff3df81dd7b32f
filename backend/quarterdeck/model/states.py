"""What a machine keeps outside of its disks, its UEFI variables and the content of its TPM, and a snapshot's copies.

libvirt puts neither into a snapshot without memory (9.0; variables in a qcow2 file since 10.10). So copies lie beside
the disks, and their paths stand in the metadata of the definition inside the snapshot, which libvirt keeps. Pure.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import asdict, dataclass

from lxml import etree

from .order import insert, remove
from .xml import Element, dump, parse

NAMESPACE = "https://quarterdeck.invalid/xmlns/snapshot/1"
KEY = "quarterdeck-snapshot"
TAG = f"{{{NAMESPACE}}}copies"
NVRAM_FOLDER = "/var/lib/libvirt/qemu/nvram"
TPM_ROOT = "/var/lib/libvirt/swtpm"
TPM_FILES = {"2.0": "tpm2/tpm2-00.permall", "1.2": "tpm1.2/tpm-00.permall"}
"""Folder and name of what a TPM of each version keeps (libvirt's qemu_tpm.c; swtpm(8), directory back end)."""


@dataclass(frozen=True)
class StateFiles:
    """The file of the UEFI variables and that of a TPM; None where there is none."""

    nvram: str | None = None
    tpm: str | None = None

    @property
    def paths(self) -> list[str]:
        """Those that there are."""
        return [path for path in (self.nvram, self.tpm) if path]

    def with_copies(self, copies: StateFiles) -> list[tuple[str, str]]:
        """Each file with its copy, where there are both."""
        pairs = ((self.nvram, copies.nvram), (self.tpm, copies.tpm))
        return [(origin, copy) for origin, copy in pairs if origin and copy]

    def among(self, paths: Collection[str]) -> StateFiles:
        """Those whose paths are among these."""
        return StateFiles(**{kind: path for kind, path in asdict(self).items() if path in paths})


def state_files(definition: Element) -> StateFiles:
    """Where libvirt keeps both of a machine; neither need be there before its first start."""
    return StateFiles(_nvram(definition), _tpm(definition))


def _nvram(definition: Element) -> str | None:
    found, os = definition.find("os/nvram"), definition.find("os")
    if found is None:  # libvirt before 9.2 saves no path of what it chose; it is always this one
        auto = os is not None and os.get("firmware") == "efi"
        return f"{NVRAM_FOLDER}/{definition.findtext('name')}_VARS.fd" if auto else None
    source = found.find("source")
    return (source.get("file") if source is not None else (found.text or "").strip()) or None


def _tpm(definition: Element) -> str | None:
    backend = definition.find("devices/tpm/backend[@type='emulator']")
    if backend is None or backend.find("source") is not None:
        return None
    uuid, version = definition.findtext("uuid") or "", backend.get("version", "2.0")
    return posixpath.join(TPM_ROOT, uuid, TPM_FILES.get(version, TPM_FILES["2.0"]))


def noted(snapshot: str, copies: StateFiles) -> str:
    """A snapshot's text that tells of its copies."""
    root = parse(snapshot)
    domain = root.find("domain")
    if domain is not None:
        metadata = domain.find("metadata")
        if metadata is None:
            metadata = etree.Element("metadata")
            insert(domain, metadata)
        for older in metadata.findall(TAG):
            remove(older)
        note = etree.SubElement(metadata, TAG, nsmap={KEY: NAMESPACE}, snapshot=root.findtext("name") or "")
        for kind, path in asdict(copies).items():
            if path:
                note.set(kind, path)
    return dump(root)


def copies_of(snapshot: Element) -> StateFiles:
    """The copies of which a snapshot tells; a note of another came with a definition that was gone back to."""
    note = snapshot.find(f"domain/metadata/{TAG}")
    if note is None or note.get("snapshot") != snapshot.findtext("name"):
        return StateFiles()
    return StateFiles(note.get("nvram"), note.get("tpm"))


def forget_copies(definition: Element) -> None:
    """Take the note out of a definition that is to be one of a machine again."""
    for note in definition.findall(f"metadata/{TAG}"):
        remove(note)
    for metadata in definition.findall("metadata"):
        if not len(metadata):
            remove(metadata)
