"""A system of the OS database with everything inherited: what the machine for it should look like."""

from __future__ import annotations

from dataclasses import dataclass

from .records import Amount

PCI = "http://pcisig.com/pci/"
VIRTIO = {
    "virtio-blk": ("1001", "1042"),
    "virtio-scsi": ("1004", "1048"),
    "virtio-net": ("1000", "1041"),
    "virtio-rng": ("1005", "1044"),
    "virtio-balloon": ("1002", "1045"),
    "virtio-serial": ("1003", "1043"),
    "virtio-gpu": ("1050",),
    "virtio-input": ("1052",),
}
MODERN = ("1041", "1042", "1043", "1044", "1045", "1048", "1050", "1052")
OTHERS = {
    "xhci": PCI + "1b36/0004",
    "q35": "http://qemu.org/chipset/x86/q35",
    "e1000": PCI + "8086/100e",
    "e1000e": PCI + "8086/10d3",
    "rtl8139": PCI + "10ec/8139",
    "ne2k_pci": PCI + "10ec/8029",
    "pcnet": PCI + "1022/2000",
}


@dataclass(frozen=True, slots=True)
class System:
    """A guest system: its name, its life, what it needs and which devices it has drivers for.

    `supports` holds the words of `VIRTIO` and `OTHERS`, and `virtio-1.0`; `firmware` maps `bios` and `efi`
    to whether the system starts with it, where the database says so. `tool_id` is the short id under which
    the installed database, and so every other tool, knows the system or its nearest relative. `cloud_image` is
    the address of the maker's disk image for clouds.
    """

    id: str
    short_id: str
    name: str
    version: str
    family: str
    distro: str
    released: str | None
    end_of_life: str | None
    minimum: Amount
    recommended: Amount
    network_install_memory_mib: int | None
    supports: frozenset[str]
    firmware: dict[str, bool]
    tool_id: str = "generic"
    cloud_image: str | None = None

    @property
    def is_windows(self) -> bool:
        """Whether it is a Windows of the NT line."""
        return self.family == "winnt"


def supported(devices: set[str]) -> frozenset[str]:
    """The words for what these device ids of the database mean."""
    words = {word for word, parts in VIRTIO.items() if any(f"{PCI}1af4/{part}" in devices for part in parts)}
    words |= {word for word, device in OTHERS.items() if device in devices}
    if any(f"{PCI}1af4/{part}" in devices for part in MODERN):
        words.add("virtio-1.0")
    return frozenset(words)
