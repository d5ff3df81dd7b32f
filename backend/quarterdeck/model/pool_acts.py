"""What can be done with the volumes of a pool: libvirt's driver of each type knows only some acts.

From the tables that end src/storage/storage_backend_*.c, and from its wiping functions, libvirt 9.0 to 11.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

PoolAct = Literal["create", "copy", "upload", "download", "resize", "wipe", "delete", "build"]
WipeAlgorithm = Literal[
    "zero", "nnsa", "dod", "bsi", "gutmann", "schneier", "pfitzner7", "pfitzner33", "random", "trim"
]

_BY_SCRUB: tuple[WipeAlgorithm, ...] = (
    "random",
    "nnsa",
    "dod",
    "bsi",
    "gutmann",
    "schneier",
    "pfitzner7",
    "pfitzner33",
)
WIPES: Mapping[str, tuple[WipeAlgorithm, ...]] = {
    "rbd": ("zero", "trim"),
    "iscsi-direct": ("zero",),
    "zfs": (),
    "gluster": (),
}
"""The types that do not overwrite as a file or device of the host is overwritten."""

_ELSEWHERE = {
    "iscsi": "The disks of an iSCSI target are made, resized and removed on its server, not here.",
    "scsi": "The disks behind an adapter are made, resized and removed in the storage itself, not here.",
    "mpath": "Multipath devices are made, resized and removed in the storage itself, not here.",
}
_GLUSTER = (
    "libvirt only lists and deletes what a Gluster volume holds that is not mounted. A pool of the type network "
    "folder, with the protocol glusterfs, does all of it."
)
_NO_RESIZE = "libvirt cannot resize {0}. Resize it on the host itself ({1}), then refresh the pool."
_PARTITIONS = (
    "libvirt takes for a partition only the name that the disk gives it next, and leaves it behind where another was "
    "asked for. Make it on the host itself (parted), then refresh the pool."
)
_NO_CONTENT = "libvirt moves no content in or out of such a pool: only the machines read and write it."
_NOTHING_TO_BUILD = "There is nothing to build: what such a pool shows is made elsewhere."
_ALL_BUT_DELETE: tuple[PoolAct, ...] = ("create", "copy", "upload", "download", "resize", "wipe")


def _made_elsewhere(why: str) -> dict[PoolAct, str]:
    return {"create": why, "copy": why, "resize": why, "delete": why, "build": _NOTHING_TO_BUILD}


_REFUSALS: Mapping[str, dict[PoolAct, str]] = {
    **{kind: _made_elsewhere(why) for kind, why in _ELSEWHERE.items()},
    "iscsi-direct": _made_elsewhere(_ELSEWHERE["iscsi"]) | {"upload": _NO_CONTENT, "download": _NO_CONTENT},
    "gluster": {
        **dict.fromkeys(_ALL_BUT_DELETE, _GLUSTER),
        "build": _NOTHING_TO_BUILD,
    },
    "logical": {"resize": _NO_RESIZE.format("logical volumes", "lvextend")},
    "disk": {"create": _PARTITIONS, "copy": _PARTITIONS, "resize": _NO_RESIZE.format("partitions", "parted")},
    "zfs": {
        "resize": _NO_RESIZE.format("ZFS volumes", "zfs set volsize"),
        "copy": "libvirt cannot copy into ZFS volumes. Make an empty volume, and upload the content into it.",
        "wipe": "libvirt does not overwrite ZFS volumes.",
    },
    "rbd": {"upload": _NO_CONTENT, "download": _NO_CONTENT, "build": _NOTHING_TO_BUILD},
}


def refusals_of(pool_type: str) -> dict[PoolAct, str]:
    """The acts that libvirt lacks for pools of this type, each with the reason and the cure."""
    return _REFUSALS.get(pool_type, {})


def wipes_of(pool_type: str) -> list[WipeAlgorithm]:
    """The ways in which volumes of such a pool can be overwritten, the usual one first."""
    return list(WIPES.get(pool_type, ("zero", *_BY_SCRUB)))
