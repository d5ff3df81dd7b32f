"""What can be asked of snapshots."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ...model.create import Strict
from ...model.create import VolumeName as FileName
from ...model.strict import Value
from ...model.xml import XmlText


def _fits(name: str) -> str:
    if name != name.strip():
        raise ValueError("A name does not start or end with a space.")
    return name


SnapshotName = Annotated[FileName, Field(min_length=1, max_length=80), AfterValidator(_fits)]
State = Literal["running", "paused", "shut_off"]
Description = Annotated[XmlText, Field(max_length=4096)]


class SnapshotCreate(Strict):
    """A new snapshot. `memory` None: with memory where the machine runs and it can be kept; `disks` None: all.

    `quiesce` asks the guest's agent to write everything to the disks first.
    """

    name: SnapshotName | None = None
    description: Description | None = None
    kind: Literal["auto", "internal", "external"] = "auto"
    memory: bool | None = None
    disks: list[str] | None = Field(None, min_length=1)
    quiesce: bool = False


class SnapshotPatch(Strict):
    """What can change of a snapshot."""

    description: Description | None


class SnapshotRevert(Strict):
    """How to go back. `state` None: as the snapshot was; `keep` names a snapshot of the present state, taken first."""

    state: State | None = None
    keep: SnapshotName | None = None


class SnapshotPreview(Strict):
    """Which snapshot is tried, and what the machine is then; None: as the snapshot was."""

    snapshot: XmlText
    state: State | None = None


class SnapshotDelete(Value):
    """`children`: also those that grew from it. `metadata_only`: libvirt forgets it, its files stay.

    `bandwidth_mib_s` is the most that a merge may copy.
    """

    children: bool = Field(False, description="Also those that grew from it")
    metadata_only: bool = Field(False, description="libvirt forgets it, its files stay")
    bandwidth_mib_s: int | None = Field(None, ge=1, le=1_000_000, description="The most that a merge may copy")
