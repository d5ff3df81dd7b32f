"""Edits of machines as other programs write them: machine, what it is about, device, and the changes. See `goldens`."""

from __future__ import annotations

from typing import Any

WILD: list[tuple[str, str, str, dict[str, Any]]] = [
    ("virt-manager", "memory", "", {"memory_mib": 2048}),
    ("virt-manager", "spice", "graphics-0", {"image_compression": "auto_glz"}),
    ("virt-manager", "order", "", {"boot": {"kinds": ("network", "hd")}}),
    ("boxes", "title", "", {"title": "Ubuntu", "events": {"on_reboot": "restart"}}),
    ("boxes", "medium", "disk-hdc", {"source": {"file": None}, "startup_policy": None}),
    ("cluster", "flag", "", {"cpu": {"features": ({"name": "sep", "policy": "require"},)}}),
    ("cluster", "card", "interface-5254001f3003", {"vlans": (30,), "queues": 2}),
    ("cockpit", "sockets", "", {"vcpus_max": 4, "vcpus": 2}),
    ("cockpit", "volume", "disk-vda", {"cache": "none"}),
    ("ancient", "clock", "", {"clock": {"offset": "utc"}}),
    ("ancient", "card", "interface-5254001f3005", {"model": "pcnet"}),
    ("arm", "acpi", "", {"features": {"acpi": False}}),
    ("arm", "card", "interface-5254001f3006", {"link": "down"}),
    ("mainframe", "kernel", "", {"boot": {"kernel": "/boot/image"}}),
    ("mainframe", "disk", "disk-vda", {"boot_order": 2}),
]
