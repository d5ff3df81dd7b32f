"""Edits of a machine that has one of everything: every value of every device is read and changed."""

from __future__ import annotations

from typing import Any

LINE = {
    **{"kind": "tcp", "path": None, "source_mode": "bind", "source_host": "::1", "source_service": 4001},
    **{"protocol": "raw", "spice_channel": None, "log": "/var/log/line", "log_append": False},
}
PORT = {"kind": "spiceport", "spice_channel": "org.example.other"}
FORWARD = {
    "proto": "udp",
    "address": None,
    "ranges": ({"start": 53, "end": 54, "to": 5353, "exclude": None}, {"start": 60, "exclude": True}),
}
CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    (
        "san",
        "disk-sda",
        {
            **{"copy_on_read": False, "error_policy": "enospace", "rerror_policy": "ignore"},
            **{"rotation_rate": 1, "vendor": "ACME", "product": "ANVIL"},
            "source": {
                **{"username": "you", "secret_type": "iscsi", "secret_usage": "other", "initiator": None},
                "hosts": ({"name": "one", "port": 1, "transport": "rdma", "socket": None},),
            },
            "iotune": {
                **{"total_bytes_sec_max": 5000, "total_iops_sec_max": 50, "size_iops_sec_bytes": 8192},
                **{"group_name": "fast", "total_bytes_sec_max_length_s": 5, "total_iops_sec_max_length_s": 6},
            },
        },
    ),
    (
        "nbd",
        "disk-vda",
        {
            **{"queues": 2, "queue_size": 128},
            "source": {"tls": False, "hosts": ({"transport": "unix", "socket": "/run/other.sock"},)},
            "iotune": {
                **{"read_bytes_sec_max": 1, "write_bytes_sec_max": 2, "read_iops_sec_max": 3},
                **{"write_iops_sec_max": 4, "read_bytes_sec_max_length_s": 5, "write_bytes_sec_max_length_s": 6},
                **{"read_iops_sec_max_length_s": 7, "write_iops_sec_max_length_s": 8},
            },
        },
    ),
    (
        "newer-disk",
        "disk-vda",
        {
            **{"discard_no_unref": True, "queues": 3, "source": {"reconnect_delay_seconds": 10}},
            "iothreads": ({"id": 2, "queues": (1,)}, {"id": 3, "queues": (0, 2)}),
        },
    ),
    (
        "newer-folder",
        "filesystem-1",
        {
            "open_files": 4096,
            "users": ({"start": 0, "target": 100000, "count": 65535},),
            "groups": ({"start": 0, "target": 100000, "count": 1}, {"start": 1, "target": 1000, "count": 1}),
        },
    ),
    ("newer-passt", "interface-525400000001", {"hostname": "bob", "fqdn": "bob.example.org"}),
    ("newer-memory", "memory-2", {"dynamic_slots": True}),
    ("newer-video", "video-1", {"blob": True, "edid": True}),
    ("newer-tpm", "tpm-0", {"profile": "local:restricted", "profile_removes": "check"}),
    ("web", "disk-sdb", {"source": {"query": "token=2&a=b"}}),
    ("folder", "filesystem-0", {"file_mode": "0600", "folder_mode": "0700", "multidevs": "warn"}),
    (
        "virtiofs",
        "filesystem-1",
        {
            **{"queue_size": 1024, "binary": "/usr/libexec/virtiofsd", "xattr": False, "cache_mode": "none"},
            **{"threads": 8, "readonly": False, "sandbox": "chroot", "posix_locks": None, "flocks": False},
        },
    ),
    (
        "passt",
        "interface-525400000001",
        {
            **{"driver": "vhost", "rx_queue_size": 512, "tx_queue_size": 256, "rom_bar": True, "backend": None},
            "port_forwards": (FORWARD,),
        },
    ),
    (
        "vhost-user",
        "interface-525400000002",
        {"source": {"socket_type": "unix", "socket": "/run/two.sock", "mode": "server"}},
    ),
    (
        "function",
        "interface-525400000003",
        {"managed": False, "vlan_trunk": None, "source": {"address": {"kind": "pci", "bus": "0x02"}}},
    ),
    (
        "switch",
        "interface-525400000004",
        {
            **{"trust_guest_rx_filters": None, "virtualport": None},
            "filter_parameters": ({"name": "IP", "value": "10.0.0.8"}, {"name": "MAC", "value": "52:54:00:00:00:04"}),
        },
    ),
    ("certificates", "smartcard-0", {"certificates": ("one", "two", "four"), "database": None}),
    ("serial-tcp", "serial-0", LINE),
    ("serial-spice", "serial-1", PORT),
    ("printer", "parallel-0", {"kind": "pipe", "path": "/tmp/pipe", "log": None, "log_append": None, "port": 1}),
    ("printer-tcp", "parallel-1", LINE),
    ("printer-spice", "parallel-2", PORT),
    ("console-tcp", "console-0", LINE),
    ("console-spice", "console-1", PORT),
    ("channel-tcp", "channel-0", LINE),
    ("channel-spice", "channel-1", PORT),
    ("tablet", "input-0", {"model": "virtio"}),
    ("event", "input-1", {"evdev": "/dev/input/event7", "model": "virtio"}),
    ("keyboard", "input-2", {"device": "/dev/input/event3", "grab": None, "repeat": None}),
    (
        "tpm",
        "tpm-0",
        {
            **{"persistent_state": None, "encryption_secret": None, "sha1": False, "sha256": True, "sha384": False},
            **{"sha512": False, "backend": "emulator", "version": "2.0"},
        },
    ),
    ("egd", "rng-0", {"connection": "udp", "source_host": "egd.example.org", "source_service": 709}),
    ("egd-socket", "rng-1", {"source_mode": "connect", "source_path": "/run/other.sock"}),
    (
        "egd-gone",
        "rng-0",
        {
            **{"backend": "random", "source": "/dev/urandom", "connection": None, "source_mode": None},
            **{"source_host": None, "source_service": None, "source_path": None},
        },
    ),
    ("port", "controller-pci-1", {"hotplug": False}),
    ("nvdimm-plain", "memory-1", {"persistent": False, "readonly": False}),
    (
        "vnc",
        "graphics-0",
        {"websocket": -1, "share_policy": "ignore", "power_control": None, "connected": None},
    ),
    (
        "spice",
        "graphics-1",
        {
            **{"tls_port": None, "image_compression": "off", "streaming": "all", "mouse": "server"},
            **{"clipboard": True, "file_transfer": None},
        },
    ),
    ("sound", "sound-0", {"codecs": ("output",), "audio": 2}),
    ("pulse", "audio-0", {"id": 1, "kind": "pulseaudio", "server": None, "timer_period_us": 20000}),
    ("wave", "audio-1", {"path": "/tmp/other.wav"}),
    ("qxl", "video-0", {"primary": None, "ram_kib": 131072, "vgamem_kib": 32768}),
    (
        "scsi",
        "hostdev-0",
        {
            **{"adapter": "scsi_host1", "address": {"target": "3", "unit": "4"}},
            **{"readonly": False, "shareable": False},
        },
    ),
    ("rom", "hostdev-1", {"rom_file": None, "driver": None}),
    ("mediated", "hostdev-2", {"display": False, "ramfb": None}),
    ("redirection", "redirdev-0", {"boot_order": None, "bus": "usb"}),
    (
        "redirection-tcp",
        "redirdev-1",
        {"kind": "tcp", "source_mode": "bind", "source_host": "::1", "source_service": 1},
    ),
    ("lines", "controller-virtio-serial-0", {"vectors": 2, "ports": 8}),
    ("bus", "controller-scsi-0", {"cmd_per_lun": 4, "max_sectors": 1024, "queues": 2, "iothread": 1}),
    (
        "module",
        "memory-0",
        {
            **{"model": "dimm", "access": None, "discard": None, "page_kib": 2048, "nodes": "0-1", "size_mib": 256},
            "node": 0,
        },
    ),
    ("file", "memory-1", {"path": "/srv/other", "label_kib": 256}),
    ("blocks", "memory-2", {"requested_mib": 256, "block_mib": 4}),
    ("shared", "shmem-0", {"name": "hall", "model": "ivshmem-plain", "role": None, "size_mib": 8}),
    ("doorbell", "shmem-1", {"server": "/run/other.sock", "vectors": 4}),
    (
        "iommu",
        "iommu-0",
        {
            **{"model": "intel", "intremap": False, "caching_mode": None, "eim": None, "iotlb": None},
            "address_bits": 48,
        },
    ),
]
