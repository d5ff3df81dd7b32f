"""What a machine gets where nothing was asked for: the user's wish, then what host and guest can, then the oldest.

The rules are those that libvirt's own tools follow, but for the graphics: VNC, and a video card that needs no
driver of its own where the guest has none for virtio.
"""

from __future__ import annotations

from typing import TypeVar

from quarterdeck.model.create import Choice, CreateFacts, DomainCreate, GuestFacts

MODERN_HYPERV = ("vpindex", "runtime", "synic", "stimer", "frequencies", "tlbflush", "ipi", "reset")
NEEDS_VPINDEX = ("synic", "stimer", "tlbflush", "ipi")
MEMORY_MIB = 2048
T = TypeVar("T")


def machine_for(request: DomainCreate, guest: GuestFacts) -> tuple[str, str | None]:
    """The machine type, and why it was chosen where it was not asked for."""
    if request.machine:
        return request.machine, None
    if "q35" in guest.supports and ("virtio-1.0" in guest.supports or "virtio-net" not in guest.supports):
        return "q35", f"{guest.name} works with it"
    if request.firmware == "uefi" or request.secure_boot:
        return "q35", "UEFI works best with it"
    return "pc", "the system is not known to work with q35"


class Defaults:
    """The chosen values for one request, with the reasons."""

    def __init__(self, request: DomainCreate, facts: CreateFacts) -> None:
        self.request = request
        self.facts = facts
        self.choices: list[Choice] = []
        self.machine = self._machine()
        self.firmware = self._firmware()
        self.memory_mib = request.memory_mib or self._chosen(
            "memory_mib", facts.guest.memory_mib or MEMORY_MIB, self._proposed(facts.guest.memory_mib)
        )
        self.vcpus = self._vcpus()

    def supports(self, device: str) -> bool:
        """Whether the guest has a driver for it."""
        return device in self.facts.guest.supports

    @property
    def q35(self) -> bool:
        """Whether the machine has PCI Express."""
        return "q35" in self.machine

    @property
    def secure_boot(self) -> bool | None:
        """Whether UEFI must check signatures; None leaves it to the host."""
        if self.request.secure_boot is not None or self.firmware == "bios":
            return self.request.secure_boot
        return True if self._only_uefi and self.facts.capabilities.secure_boot else None

    @property
    def tpm(self) -> bool:
        """Whether the machine gets an emulated TPM: with UEFI, where the host can emulate one."""
        if self.request.tpm is not None:
            return self.request.tpm
        can = "emulator" in self.facts.capabilities.tpm_backends
        return self.firmware == "uefi" and can and "tpm" not in self.request.without

    @property
    def _only_uefi(self) -> bool:
        return self.facts.guest.firmware.get("bios") is False

    def _proposed(self, known: int | None) -> str:
        name = self.facts.guest.name
        return f"proposed for {name}" if known else "the system's needs are not known"

    def _chosen(self, field: str, value: T, reason: str) -> T:
        self.choices.append(Choice(field, str(value), reason))
        return value

    def _vcpus(self) -> int:
        if self.request.vcpus:
            return self.request.vcpus
        if self.request.cpu.topology:
            return self.request.cpu.topology.vcpus
        return self._chosen("vcpus", self.facts.guest.vcpus or 1, self._proposed(self.facts.guest.vcpus))

    def _machine(self) -> str:
        machine, why = machine_for(self.request, self.facts.guest)
        return self._chosen("machine", machine, why) if why else machine

    def _firmware(self) -> str:
        if self.request.firmware:
            return self.request.firmware
        if self._only_uefi:
            return self._chosen("firmware", "uefi", f"{self.facts.guest.name} starts with nothing else")
        if self.request.secure_boot:
            return self._chosen("firmware", "uefi", "Secure Boot is a part of it")
        return self._chosen("firmware", "bios", "the simplest that the system starts with")

    def disk_bus(self, device: str) -> str:
        """The bus of a disk, CD-ROM or floppy drive."""
        if device == "floppy":
            return "fdc"
        if device == "disk" and self.supports("virtio-blk"):
            return "virtio"
        return "sata" if self.q35 else "ide"

    def nic_model(self) -> str:
        """The model of a network card."""
        if self.supports("virtio-net"):
            return "virtio"
        if self.q35:
            return "e1000e"
        return next((model for model in ("e1000", "rtl8139", "ne2k_pci", "pcnet") if self.supports(model)), "e1000")

    def video_model(self) -> str:
        """The model of the video card."""
        if self.request.video:
            return self.request.video
        if self.supports("virtio-gpu") and "virtio" in self.facts.capabilities.videos:
            return self._chosen("video", "virtio", f"{self.facts.guest.name} has its driver")
        return self._chosen("video", "vga", "works without a driver")

    def cpu_mode(self) -> str | None:
        """The CPU mode; None leaves QEMU's own default."""
        cpu, modes = self.request.cpu, self.facts.capabilities.cpu_modes
        if cpu.mode or cpu.model:
            return cpu.mode or "custom"
        if self.facts.type == "qemu":
            return "maximum" if "maximum" in modes else None
        wanted = ("host-passthrough", "host-model") if self.facts.capabilities.cpu_migratable else ("host-model",)
        return next((mode for mode in (*wanted, "host-passthrough") if mode in modes), None)

    def hyperv(self) -> list[str]:
        """The Hyper-V enlightenments that Windows gets: those that this host can, with what they build on."""
        if not self.facts.guest.windows or self.facts.type != "kvm":
            return []
        known = self.facts.capabilities.hyperv_features
        modern = [name for name in MODERN_HYPERV if name in known and ("vpindex" in known or name not in NEEDS_VPINDEX)]
        return ["relaxed", "vapic", "spinlocks", *modern]
