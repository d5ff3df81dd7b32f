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
        "disk-sdc",
        {
            "source": {"nfs_user": "root", "nfs_group": None},
            "geometry": {"cylinders": 1024, "heads": 255, "sectors": 32},
        },
    ),
    ("web", "disk-sdb", {"source": {"verify": None, "readahead_bytes": 4096, "timeout_seconds": None}}),
    ("nbd", "disk-vdd", {"source": {"tls_name": None}, "geometry": {"cylinders": 1, "heads": 2, "sectors": 3}}),
    ("controller", "controller-scsi-0", BARE | {"queues": None, "io_event_fd": None}),
    ("hole", "controller-pci-0", {"hole64_kib": 2097152}),
    ("folder", "filesystem-0", MORE),
    (
        "offloads",
        "interface-5254000a0001",
        {
            **{"io_event_fd": False, "event_index": None, "send_buffer_bytes": 65536},
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
    ("boot", "interface-5254000a0003", {"send_buffer_bytes": None, "rom_file": "/srv/other.rom", "rom_bar": True}),
    ("reset", "hostdev-1", {"guest_reset": None}),
    ("no-rom", "hostdev-0", {"rom": False, "rom_bar": None}),
    ("qxl", "video-1", {"vram64_kib": 65536}),
    ("lone-card", "hostdev-0", {"teaming": {"role": "transient", "partner": "ua-stays"}}),
    (
        "card",
        "smartcard-0",
        {
            **{"mode": "passthrough", "kind": "spicevmc"},
            **{"source_mode": None, "source_host": None, "source_service": None},
        },
    ),
    ("input", "input-1", MORE),
    ("event", "input-0", {"grab_toggle": "scrolllock"}),
    ("video", "video-0", BARE),
    ("balloon", "memballoon-0", MORE),
    ("rng", "rng-0", MORE),
    ("vsock", "vsock-0", BARE),
    (
        "spice",
        "graphics-0",
        {
            **{"jpeg": "always", "zlib": None, "playback": False, "default_mode": "secure"},
            "channels": ({"name": "cursor", "mode": "any"},),
        },
    ),
    ("heard", "graphics-1", {"audio": 2}),
    ("deaf", "graphics-1", {"audio": None}),
    (
        "alsa",
        "audio-0",
        {
            "input": {
                **{"mixing": False, "fixed": None, "frequency_hz": None, "channels": None, "format": None},
                **{"voices": 2, "buffer_us": None, "device": None},
            },
            "output": {"mixing": True, "fixed": True, "frequency_hz": 48000, "channels": 1, "format": "f32"},
        },
    ),
    ("pulse", "audio-1", {"output": None, "input": {"sink": "mic", "stream": "guest", "latency_us": 5000}}),
    (
        "jack",
        "audio-2",
        {"output": {"server": None, "client": "other", "ports": None, "exact_name": False}},
    ),
    (
        "oss",
        "audio-3",
        {
            **{"memory_mapped": None, "exclusive": False, "policy": None},
            "input": {"device": "/dev/dsp1", "buffers": 8, "poll": None},
        },
    ),
    (
        "rules",
        "redirfilter-0",
        {
            "rules": (
                {"allow": False, "usb_class": "0x03", "vendor": None, "product": None, "version": None},
                {"allow": True, "usb_class": "-1", "vendor": "0x0951", "product": "-1", "version": "1.10"},
                {"allow": False, "usb_class": None, "vendor": None, "product": None, "version": None},
            )
        },
    ),
    ("lease", "lease-disk1", {"lockspace": "lab", "resource": "two", "path": "/srv/other", "offset_bytes": None}),
]
