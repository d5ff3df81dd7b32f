"""The versions of a template, as the history of its machine has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ...history import History
from ...model.devices import Disk, devices
from ...model.template import version_of
from ...model.xml import Element, parse
from ...store import Store


@dataclass(frozen=True)
class KeptVersion:
    """A version as the history has it; `numbers` are all its definitions there, the newest first."""

    version: int
    row: dict[str, Any]
    numbers: list[int]
    root: Element

    @property
    def files(self) -> list[str]:
        """The files and devices of its disks, without media and what is shared."""
        return [each.path for each in own_disks(self.root) if each.path]


def kept_versions(history: History, host: str, uuid: str) -> list[KeptVersion]:
    """All versions that are known, newest first."""
    found = dict[int, KeptVersion]()
    for row in history.entries(host, uuid):
        root = parse(row["xml"])
        version = version_of(root)
        if version is not None:
            found.setdefault(version, KeptVersion(version, row, [], root)).numbers.append(row["id"])
    return sorted(found.values(), key=lambda each: -each.version)


def own_disks(root: Element) -> list[Disk]:
    """The disks that a machine has for itself and writes."""
    found = [each for each in devices(root) if isinstance(each, Disk)]
    return [each for each in found if each.device == "disk" and not each.readonly and not each.shareable]


class LeftFiles:
    """Files of versions that were removed, which stay because something stands on them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, host: str, uuid: str, version: int, paths: Iterable[str]) -> None:
        """These files of a version stay."""
        for path in paths:
            self._store.write("INSERT OR REPLACE INTO left_files VALUES (?,?,?,?)", (host, uuid, path, version))

    def of(self, host: str, uuid: str) -> dict[str, int]:
        """The files of a machine that are left, each with the version that it was of."""
        found = self._store.read("SELECT path, version FROM left_files WHERE host=? AND uuid=?", (host, uuid))
        return {row["path"]: row["version"] for row in found}

    def forget(self, host: str, uuid: str) -> None:
        """The machine is gone."""
        self._store.write("DELETE FROM left_files WHERE host=? AND uuid=?", (host, uuid))
