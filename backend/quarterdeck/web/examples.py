"""A body for each route that takes one, as a script would send it: by the route's operation id."""

from __future__ import annotations

from typing import Any

SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMmcTlXlp6lWk5x0o5s4iBSVkdJZ6p8jGQvZs0mS3Q2h ada"
MOVE: dict[str, Any] = {"destination": "host2", "mode": "live", "storage": "copy"}
NETWORK: dict[str, Any] = {
    "name": "lab",
    "mode": "nat",
    "domain": "lab.example",
    "ips": [
        {
            "address": "10.20.0.1",
            "prefix": 24,
            "ranges": [{"start": "10.20.0.100", "end": "10.20.0.200"}],
            "hosts": [{"mac": "52:54:00:12:34:56", "name": "web", "address": "10.20.0.10"}],
        },
        {"family": "ipv6", "address": "fd00:20::1", "prefix": 64},
    ],
}
POOL: dict[str, Any] = {
    "type": "netfs",
    "name": "shared",
    "source_host": "nas.example",
    "source_path": "/export/vms",
    "source_format": "nfs",
    "path": "/var/lib/libvirt/shared",
}
FILTER = "<filter name='no-mail'><rule action='drop' direction='out'><tcp dstportstart='25'/></rule></filter>"
OWN = "<app:owner xmlns:app='http://example/inventory'>team-a</app:owner>"

EXAMPLES: dict[str, Any] = {
    "Session_create": {"username": "ada", "password": "…"},
    "Token_create": {"name": "ansible", "days": 90},
    "SshKey_add": {"name": "laptop", "key": SSH_KEY},
    "SshKey_make": {"name": "lab"},
    "Preset_keep": {"name": "small", "settings": {"memory_mib": 1024, "vcpus": 1}},
    "Host_add": {"name": "host2", "transport": "ssh", "address": "host2.example", "user": "root"},
    "Host_edit": {"address": "host2.new.example"},
    "Host_keys": {"address": "host2.example"},
    "Host_trust": {
        "address": "host2.example",
        "user": "root",
        "fingerprint": "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
        "password": "…",
    },
    "Host_change_locking": {"manager": "lockd", "file_space": "/var/lib/libvirt/shared/locks"},
    "Create_create": {
        "name": "web",
        "memory_mib": 2048,
        "vcpus": 2,
        "install": {
            "method": "cloud_image",
            "pool": "default",
            "volume": "debian-13.qcow2",
            "cloud_init": {"user": "ada", "ssh_keys": [SSH_KEY], "packages": ["qemu-guest-agent"]},
        },
        "disks": [{"pool": "default", "size_gib": 20}],
        "nics": [{"network": "default"}],
    },
    "Create_check_cloud_init": {"user": "ada", "hostname": "web", "packages": ["nginx"]},
    "Definition_edit": {"vcpus": 4, "memory_mib": 4096, "autostart": True},
    "Definition_put": {"xml": "<domain type='kvm'>…</domain>"},
    "Definition_restore": {"only": [{"field": "memory_mib"}]},
    "Deleted_define": {},
    "Device_add": {"type": "disk", "pool": "default", "size_gib": 10},
    "Device_edit": {"cache": "none"},
    "Device_add_xml": {"xml": "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"},
    "ObjectXml_put_device": {"xml": "<rng model='virtio'><backend model='random'>/dev/random</backend></rng>"},
    "ObjectXml_put_section": {"change": {"topology": {"sockets": 1, "cores": 4, "threads": 1}}},
    "ObjectXml_put_pool": {"xml": "<pool type='dir'>…</pool>"},
    "ObjectXml_put_network": {"xml": "<network>…</network>"},
    "Disk_move": {"pool": "fast", "bandwidth_mib_s": 100},
    "Disk_move_several": {"pool": "fast", "disks": ["vda", "vdb"]},
    "Domain_power_cycle": {"timeout_seconds": 120, "force": False},
    "Domain_send_key": {"keys": ["KEY_LEFTCTRL", "KEY_LEFTALT", "KEY_F2"]},
    "Settings_discard": {"field": "vcpus"},
    "Metadata_put_metadata": {"namespace": "http://example/inventory", "prefix": "app", "xml": OWN},
    "Console_open": {"type": "vnc"},
    "Clone_start": {"name": "web-2", "mode": "full", "start": True},
    "Snapshot_clone": {"name": "web-before", "mode": "linked"},
    "Template_deploy": {"name": "web", "count": 3, "start": True},
    "Snapshot_take": {"name": "before-upgrade", "memory": False, "quiesce": True},
    "Snapshot_edit": {"description": "All was well"},
    "Snapshot_revert": {"keep": "after-upgrade", "state": "running"},
    "Snapshot_preview": {"snapshot": "before-upgrade"},
    "Appliance_start": {"pool": "default", "volume": "old.ova", "to_pool": "default", "name": "old"},
    "Appliance_check": {"pool": "default", "volume": "old.ova"},
    "Appliance_export": {"pool": "default", "format": "ova"},
    "Appliance_convert": {"format": "vmdk", "name": "web.vmdk"},
    "Pool_create": POOL,
    "Pool_edit": POOL,
    "Pool_share": {"hosts": ["local", "host2"], "pool": POOL},
    "Pool_patch": {"autostart": True},
    "Pool_build": {"overwrite": False},
    "Storage_create": {
        "name": "debian-13.qcow2",
        "url": "https://cloud.debian.org/images/cloud/trixie/latest/debian-13-generic-amd64.qcow2",
    },
    "Storage_resize": {"size_gib": 40},
    "Storage_clone": {"name": "copy.qcow2", "pool": "fast"},
    "Storage_wipe": {"algorithm": "zero"},
    "Network_create": NETWORK,
    "Network_edit": NETWORK,
    "Network_patch": {"autostart": True},
    "NwFilter_create": {"xml": FILTER},
    "NwFilter_edit": {"xml": FILTER},
    "Migration_start": MOVE,
    "Migration_check": MOVE,
    "Migration_options": MOVE,
    "Migration_repair": {"kind": "start-network", "about": "default", "move": MOVE},
    "Migration_evacuate": {"machines": None, "order": "smallest_first", "move": MOVE},
    "Migration_evacuation_options": MOVE,
    "Job_tune": {"bandwidth_mib_s": 200, "max_downtime_ms": 500},
}
