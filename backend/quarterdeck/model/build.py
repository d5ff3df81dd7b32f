"""The definition of a new machine, from what is asked and the facts. Pure: the same input gives the same XML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from quarterdeck.model import installing
from quarterdeck.model.create import Built, Choice, CreateFacts, DiskCreate, DomainCreate, SourceFacts
from quarterdeck.model.defaults import Defaults
from quarterdeck.model.devices import Device
from quarterdeck.model.order import insert
from quarterdeck.model.xml import NAMESPACES, Element, dump

FIRST_SETTINGS = (installing.SEED, "import")
"""The methods that boot their disk, and may find a disc with first settings."""
ROOT_PORTS = 14
"""Free PCI Express slots, so that devices can be added while the machine runs."""
BALLOON_SECONDS = 10
"""How often the guest tells how much memory it uses."""


def add(parent: Element, tag: str, text: str | None = None, /, **attributes: object) -> Element:
    """A new last child; attributes that are None are left out, a trailing underscore of a name is dropped."""
    child = etree.SubElement(parent, tag)
    for name, value in attributes.items():
        if value is not None:
            child.set(name.rstrip("_"), str(value))
    child.text = text
    return child


def device_element(device: Device) -> Element:
    """The XML of a device as it was asked for; the usual one where nothing is said of it."""
    return device.build(device.model_dump(exclude_unset=True, exclude={"type"}) or dict(device.usual))


def build(request: DomainCreate, facts: CreateFacts) -> Built:
    """The saved definition, and the one that boots the installation medium where there is one."""
    builder = _Builder(request, facts)
    final = builder.domain()
    install = builder.install(final)
    if install is not None:
        installing.remember(final, install)
    first = installing.first_boot(final, install) if install is not None else None
    defaults = builder.defaults
    return Built(dump(final), dump(first) if first is not None else None, builder.warnings, defaults.choices)


class _Builder:
    def __init__(self, request: DomainCreate, facts: CreateFacts) -> None:
        self.request = request
        self.facts = facts
        self.defaults = Defaults(request, facts)
        self.warnings = list(_warnings(self.defaults))
        self._targets: dict[str, int] = {}
        self._drive: str | None = None
        self._answers: str | None = None

    def domain(self) -> Element:
        request, defaults = self.request, self.defaults
        root = etree.Element("domain", type=self.facts.type)
        add(root, "name", request.name)
        add(root, "uuid", self.facts.uuid)
        for tag, text in (("title", request.title), ("description", request.description)):
            if text:
                add(root, tag, text)
        self._metadata(root)
        top, now = request.memory_max_mib or defaults.memory_mib, defaults.memory_mib
        add(root, "memory", str(top * 1024), unit="KiB")
        add(root, "currentMemory", str(now * 1024), unit="KiB")
        vcpus_max = request.vcpus_max or (request.cpu.topology.vcpus if request.cpu.topology else defaults.vcpus)
        add(root, "vcpu", str(vcpus_max), current=defaults.vcpus if vcpus_max != defaults.vcpus else None)
        self._os(root)
        self._features(root)
        self._cpu(root)
        self._clock(root)
        power = add(root, "pm")
        add(power, "suspend-to-mem", enabled="no")
        add(power, "suspend-to-disk", enabled="no")
        self._devices(add(root, "devices"))
        return root

    def install(self, final: Element) -> installing.Install | None:
        """How the first boot differs; None where the machine simply starts."""
        method, has_disk = self.request.install.method, any(disk.device == "disk" for disk in self.request.disks)
        medium = self.facts.medium
        if method == "iso" and medium and self._drive and has_disk:
            return self._direct(installing.Install("iso", self._drive, medium.path, medium.block, self._next()))
        if method in FIRST_SETTINGS and self.facts.seed and self._drive:
            return installing.Install(installing.SEED, self._drive, self.facts.seed.path, False, "stay")
        if method == installing.TREE and self.facts.tree:
            then = self._next() if has_disk else "stay"
            needs = self._more_memory()
            return self._direct(installing.Install(method, None, None, False, then, memory_mib=needs))
        if method == "pxe" and has_disk and self.request.nics:
            return installing.Install("pxe", None, None, False, self._next())
        return None

    def _more_memory(self) -> int | None:
        """What the installer needs, where the machine has less."""
        needs = self.facts.guest.tree_memory_mib
        if needs is None or needs <= self.defaults.memory_mib:
            return None
        reason = "The installer keeps what it fetches in memory; this is for the installation alone."
        self.defaults.choices.append(Choice("install.memory_mib", str(needs), reason))
        return needs

    def _direct(self, install: installing.Install) -> installing.Install:
        """With the kernel that is started directly, and the disc with answers, where there are such."""
        tree, seed = self.facts.tree, self.facts.seed
        if tree:
            install = replace(install, kernel=tree.kernel, initrd=tree.initrd, args=tree.args)
        return replace(install, answers=seed.path, answers_drive=self._answers) if seed else install

    def _next(self) -> str:
        return "start" if self.request.boot_from_disk_after else "stay"

    def _metadata(self, root: Element) -> None:
        if self.facts.guest.id:
            metadata = add(root, "metadata")
            uri = NAMESPACES["libosinfo"]
            info = etree.SubElement(metadata, f"{{{uri}}}libosinfo", nsmap={"libosinfo": uri})
            etree.SubElement(info, f"{{{uri}}}os", id=self.facts.guest.id)

    def _os(self, root: Element) -> None:
        uefi = self.defaults.firmware == "uefi"
        os = add(root, "os", firmware="efi" if uefi else None)
        add(os, "type", "hvm", arch=self.request.arch, machine=self.defaults.machine)
        secure = self.defaults.secure_boot
        if uefi and secure is not None:
            firmware, word = add(os, "firmware"), "yes" if secure else "no"
            add(firmware, "feature", enabled=word, name="secure-boot")
            add(firmware, "feature", enabled=word, name="enrolled-keys")

    def _features(self, root: Element) -> None:
        features = add(root, "features")
        add(features, "acpi")
        add(features, "apic")
        enlightenments = self.defaults.hyperv()
        if enlightenments:
            hyperv = add(features, "hyperv", mode="custom")
            for name in enlightenments:
                add(hyperv, name, state="on", retries="8191" if name == "spinlocks" else None)

    def _cpu(self, root: Element) -> None:
        asked, mode = self.request.cpu, self.defaults.cpu_mode()
        if mode is None and not asked.topology:
            return
        passthrough = mode == "host-passthrough"
        migratable = "on" if passthrough and self.facts.capabilities.cpu_migratable else None
        check = {"host-passthrough": "none", "maximum": "none", "custom": "partial"}.get(mode or "")
        match = "exact" if mode == "custom" else None
        cpu = add(root, "cpu", mode=mode, match=match, check=check, migratable=migratable)
        if asked.model:
            add(cpu, "model", asked.model, fallback="forbid")
        if asked.topology:
            add(cpu, "topology", **asked.topology.model_dump())

    def _clock(self, root: Element) -> None:
        windows = self.facts.guest.windows
        clock = add(root, "clock", offset="localtime" if windows else "utc")
        add(clock, "timer", name="rtc", tickpolicy="catchup")
        add(clock, "timer", name="pit", tickpolicy="delay")
        add(clock, "timer", name="hpet", present="no")
        if windows and self.facts.type == "kvm":
            add(clock, "timer", name="hypervclock", present="yes")

    def _devices(self, devices: Element) -> None:
        if self.facts.capabilities.emulator:
            add(devices, "emulator", self.facts.capabilities.emulator)
        self._disks(devices)
        self._controllers(devices)
        for number, mac in enumerate(self.facts.macs):
            self._nic(devices, number, mac)
        self._channels(devices)
        if self.request.graphics != "none" and not {"tablet", "usb"} & {*self.request.without}:
            add(devices, "input", type="tablet", bus="usb")
        if self.defaults.tpm:
            add(add(devices, "tpm", model="tpm-crb"), "backend", type="emulator", version="2.0")
        self._screen(devices)
        self._memory_devices(devices)
        for device in self.request.devices:
            if device.tag:
                insert(devices, device_element(device))

    def _disks(self, devices: Element) -> None:
        order = 0
        for disk, source in zip(self.request.disks, self.facts.disks, strict=True):
            bootable = disk.device == "disk"
            order += bootable
            self._disk(devices, disk, source, order if bootable else None)
        if self.request.install.method == "iso":
            stays = self.facts.guest.windows or not order
            drive = DiskCreate(device="cdrom", readonly=True)
            element = self._disk(devices, drive, self.facts.medium if stays else None, order + 1)
            self._drive = element.find("target").get("dev")  # type: ignore[union-attr]  # built above with it
            if self.facts.drivers:
                self._disk(devices, drive, self.facts.drivers, None)
        if self.request.install.method in ("iso", installing.TREE) and self.facts.seed:
            element = self._disk(devices, DiskCreate(device="cdrom", readonly=True), None, None)
            self._answers = element.find("target").get("dev")  # type: ignore[union-attr]  # as above
        if self.request.install.method in FIRST_SETTINGS and self.facts.seed:
            drive = DiskCreate(device="cdrom", readonly=True, bus="scsi" if self._scsi_seed else None)
            element = self._disk(devices, drive, None, None)
            self._drive = element.find("target").get("dev")  # type: ignore[union-attr]  # built above with it

    def _disk(self, devices: Element, disk: DiskCreate, source: SourceFacts | None, order: int | None) -> Element:
        bus = disk.bus or self.defaults.disk_bus(disk.device)
        block = source is not None and source.block
        element = add(devices, "disk", type="block" if block else "file", device=disk.device)
        self._driver(element, disk, source)
        if source is not None:
            optional = "optional" if disk.device == "cdrom" else None
            place = {"dev": source.path} if block else {"file": source.path}
            shown = add(element, "source", **place, startupPolicy=optional)
            if source.secret:
                add(add(shown, "encryption", format="luks"), "secret", type="passphrase", uuid=source.secret)
        add(element, "target", dev=self._target(bus), bus=bus)
        if disk.readonly or disk.device == "cdrom":
            add(element, "readonly")
        if disk.shareable:
            add(element, "shareable")
        if disk.serial:
            add(element, "serial", disk.serial)
        if order:
            add(element, "boot", order=order)
        return element

    def _driver(self, element: Element, disk: DiskCreate, source: SourceFacts | None) -> None:
        block = source is not None and source.block and disk.device == "disk"
        sparse = source is not None and source.new and not block
        add(
            element,
            "driver",
            name="qemu",
            type=source.format if source and disk.device == "disk" else "raw",
            cache=disk.cache or ("none" if block else None),
            io=disk.io or ("native" if block and disk.cache in (None, "none", "directsync") else None),
            discard=disk.discard or ("unmap" if sparse else None),
            detect_zeroes=disk.detect_zeroes,
        )

    def _target(self, bus: str) -> str:
        prefix = {"virtio": "vd", "ide": "hd", "fdc": "fd"}.get(bus, "sd")
        number = self._targets.get(prefix, 0)
        self._targets[prefix] = number + 1
        return target_name(prefix, number)

    @property
    def _scsi_seed(self) -> bool:
        """Whether the drive for first settings is one of virtio: kernels made for clouds have no driver for SATA."""
        clouds = self.request.install.method == installing.SEED and not self.facts.guest.windows
        return clouds and self.defaults.supports("virtio-scsi")

    def _controllers(self, devices: Element) -> None:
        if self.defaults.q35:
            add(devices, "controller", type="pci", index=0, model="pcie-root")
            for index in range(1, ROOT_PORTS + 1):
                add(devices, "controller", type="pci", index=index, model="pcie-root-port")
        if "usb" in self.request.without:
            add(devices, "controller", type="usb", model="none")
        elif self.defaults.supports("xhci"):
            add(devices, "controller", type="usb", index=0, model="qemu-xhci", ports=15)
        else:
            _usb2(devices)
        if self._scsi_seed or any(disk.bus == "scsi" for disk in self.request.disks):
            model = "virtio-scsi" if self.defaults.supports("virtio-scsi") else "lsilogic"
            add(devices, "controller", type="scsi", index=0, model=model)

    def _nic(self, devices: Element, number: int, mac: str) -> None:
        nic = (self.request.nics or [])[number]
        element = add(devices, "interface", type="bridge" if nic.bridge else "network")
        add(element, "mac", address=nic.mac or mac)
        add(element, "source", bridge=nic.bridge, network=None if nic.bridge else nic.network)
        add(element, "model", type=nic.model or self.defaults.nic_model())
        if number == 0 and self.request.install.method == "pxe":
            add(element, "boot", order=1 + sum(disk.device == "disk" for disk in self.request.disks))

    def _channels(self, devices: Element) -> None:
        without = self.request.without
        if "serial" not in without:
            serial = add(devices, "serial", type="pty")
            if self.facts.serial_log:
                add(serial, "log", file=self.facts.serial_log, append="on")
            add(serial, "target", type="isa-serial", port=0)
            add(add(devices, "console", type="pty"), "target", type="serial", port=0)
        if "agent" not in without and self.defaults.supports("virtio-serial"):
            channel = add(devices, "channel", type="unix")
            add(channel, "target", type="virtio", name="org.qemu.guest_agent.0")

    def _screen(self, devices: Element) -> None:
        kind = self.request.graphics
        if kind != "none":
            port = {} if self.facts.local else {"port": "-1", "autoport": "yes"}
            graphics = add(devices, "graphics", type=kind, **port)
            add(graphics, "listen", **({"type": "socket"} if self.facts.local else LOOPBACK))
        if kind != "none":  # where there is a screen, libvirt adds a video card unless told that there is none
            without = "video" in self.request.without
            add(add(devices, "video"), "model", type="none" if without else self.defaults.video_model())

    def _memory_devices(self, devices: Element) -> None:
        without = self.request.without
        if "memballoon" in without:
            add(devices, "memballoon", model="none")
        elif self.defaults.supports("virtio-balloon"):
            add(add(devices, "memballoon", model="virtio"), "stats", period=BALLOON_SECONDS)
        if "rng" not in without and self.defaults.supports("virtio-rng"):
            add(add(devices, "rng", model="virtio"), "backend", "/dev/urandom", model="random")


LOOPBACK = {"type": "address", "address": "127.0.0.1"}


def _warnings(defaults: Defaults) -> Iterator[str]:
    guest, least = defaults.facts.guest, defaults.facts.guest.memory_min_mib
    if least and defaults.memory_mib < least:
        yield f"{guest.name} needs at least {least} MiB of memory; with less its installer may fail."
    if defaults.facts.type == "qemu":
        yield "The machine is emulated, not virtualised: it runs anywhere, but slowly."


def _usb2(devices: Element) -> None:
    """An EHCI controller with its companions: what systems without xHCI know."""
    add(devices, "controller", type="usb", index=0, model="ich9-ehci1")
    for number, port in enumerate((0, 2, 4), 1):
        add(add(devices, "controller", type="usb", index=0, model=f"ich9-uhci{number}"), "master", startport=port)


def target_name(prefix: str, number: int) -> str:
    """The device name of the disk with this number, from 0: vda, vdb, ... vdz, vdaa."""
    letters = ""
    number += 1
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return prefix + letters
