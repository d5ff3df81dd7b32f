"""Edits of a machine whose devices are tuned in ways that few need."""

from __future__ import annotations

from typing import Any

BARE = {"virtio": {"iommu": None, "ats": None, "packed": None, "page_per_vq": None}}
MORE = {"virtio": {"iommu": False, "ats": None, "packed": True, "page_per_vq": True}}
NO_OFFLOADS = {
    **{"csum": False, "gso": False, "tso4": False, "tso6": False, "ecn": False, "ufo": False},
    "mrg_rxbuf": None,
}
FINETUNED: list[tuple[str, str, dict[str, Any]]] = [
    (
        "disk",
        "disk-vda",
        {
            **{"io_event_fd": False, "event_index": None, "metadata_cache_kib": 4096, "snapshots": "no"},
            "encryption": {"engine": None, "secret": None, "secret_usage": "vda"},
            "slice": {"offset_bytes": 8192, "size_bytes": 2097152},
            **MORE,
        },
    ),
    ("open", "disk-vda", {"encryption": None, "slice": None, "metadata_cache_kib": None, "snapshots": None}),
    (
        "locked",
        "disk-vdb",
        {
            "encryption": {
                **{"format": "luks", "engine": None, "secret_type": "passphrase"},
                "secret": "6dd3e4a5-1d76-44ce-961f-f119f5aad935",
            },
            "slice": {"kind": "storage", "offset_bytes": 512, "size_bytes": 1024},
            "metadata_cache_kib": 64,
        },
    ),
    ("lun", "disk-sda", {"reserved": None, "raw_io": None}),
    ("ceph", "disk-vdc", {"source": {"snapshot": None, "config": None}, "encryption": {"format": "luks"}}),
    (
        "nfs",
        "disk-hda",
        {
            "source": {"nfs_user": "root", "nfs_group": None},
            "geometry": {"cylinders": 1024, "heads": 255, "sectors": 32, "translation": None},
        },
    ),
    ("web", "disk-sdb", {"source": {"verify": None, "readahead_bytes": 4096, "timeout_seconds": None}}),
    ("nbd", "disk-vdd", {"source": {"tls_name": None}, "geometry": {"cylinders": 1, "heads": 2, "sectors": 3}}),
    ("controller", "controller-scsi-0", BARE | {"queues": None}),
    ("folder", "filesystem-0", MORE),
    (
        "offloads",
        "interface-5254000a0001",
        {
            **{"rss": False, "rss_hash_report": None, "host_offloads": NO_OFFLOADS, "coalesced_frames": 64},
            "guest_offloads": {"csum": False, "tso4": None, "tso6": None, "ecn": None, "ufo": None},
            "virtio": {"iommu": False, "ats": None, "packed": False, "page_per_vq": None},
        },
    ),
    ("alone", "interface-5254000a0001", {"teaming": None, "coalesced_frames": None, "host_offloads": None}),
    ("other", "interface-5254000a0002", {"teaming": {"role": "transient", "partner": "ua-other"}}),
    (
        "team",
        "interface-5254000a0003",
        {"teaming": {"role": "persistent"}, "alias": "ua-rests", "coalesced_frames": 16, **MORE},
    ),
    ("card", "hostdev-0", {"teaming": {"role": "transient", "partner": "ua-stays"}}),
    ("input", "input-0", MORE),
    ("video", "video-0", BARE),
    ("balloon", "memballoon-0", MORE),
    ("rng", "rng-0", MORE),
    ("vsock", "vsock-0", BARE),
]
