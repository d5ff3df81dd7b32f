"""VMware's machine files (.vmx) as machines of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quarterdeck.model.appliance import Appliance, ApplianceDisk, ApplianceNic, Note, whole_number

LINE = re.compile(r'^[ \t]*([\w.:-]+)[ \t]*=[ \t]*"(.*)"[ \t\r]*$', re.M)
DISK_KEY = re.compile(r"^((scsi|sata|ide|nvme)\d+:\d+)\.filename$")
MODELS = {"e1000": "e1000", "e1000e": "e1000e", "vmxnet3": "virtio", "vmxnet": "virtio", "vlance": "pcnet"}
SYSTEMS = (
    (r"windows11", "win11"),
    (r"windows(9|10)|win10", "win10"),
    (r"windows2019srv", "win2k19"),
    (r"windows2022srv|windows2019srvNext", "win2k22"),
    (r"debian(\d+)", "debian{}"),
    (r"ubuntu", "ubuntu22.04"),
    (r"rhel(\d+)", "rhel{}.0"),
    (r"centos(\d+)", "centos{}.0"),
    (r"fedora", "fedora37"),
)
KNOWN = re.compile(
    r"^(config\.version|virtualhw\.|displayname|guestos|memsize|numvcpus|cpuid\.corespersocket|firmware|uefi\.|annotation|"
    r"(scsi|sata|ide|nvme)\d+|ethernet\d+|uuid\.|nvram|extendedconfigfile|vc\.|pcibridge|floppy0|sound|usb|ehci|serial\d|"
    r"tools\.|powertype|monitor\.|vmci0|hpet0|svga|mks|sched\.|cleanshutdown|softpoweroff|toolscripts|migrate|svga|"
    r"virtualhw|checkpoint|numa|vmotion|guestinfo|isolation|replay|msg|policy|answer|disk\.enableuuid)"
)
LEFT_OUT = {"sound": "the sound card", "usb": "the USB controller's settings", "serial": "a serial port"}


def read_vmx(text: str) -> Appliance:
    """The machine that a .vmx describes, and what of it has no counterpart here."""
    values = {key.lower(): value for key, value in LINE.findall(text)}
    made = Appliance(
        name=values.get("displayname", "machine"),
        memory_mib=whole_number(values.get("memsize")),
        vcpus=whole_number(values.get("numvcpus")) or 1,
        cores=whole_number(values.get("cpuid.corespersocket")),
        uefi=values.get("firmware", "").lower() == "efi",
        secure_boot=values.get("uefi.secureboot.enabled", "").lower() == "true",
        description=values.get("annotation", "").replace("|0A", "\n"),
        system=_system(values.get("guestos", "")),
        guest=values.get("guestos", ""),
    )
    made.disks.extend(_disks(values, made))
    made.nics.extend(_nics(values))
    made.notes.extend(_left_out(values))
    return made


def _system(guest: str) -> str | None:
    plain = guest.lower().removesuffix("-64").replace("-64", "")
    for pattern, name in SYSTEMS:
        found = re.search(pattern, plain)
        if found:
            return name.format(*found.groups())
    return None


def _disks(values: dict[str, str], made: Appliance) -> Iterator[ApplianceDisk]:
    for key in sorted(values):
        found = DISK_KEY.match(key)
        if not found or values.get(f"{found[1]}.present", "true").lower() == "false":
            continue
        kind, file = values.get(f"{found[1]}.devicetype", "disk").lower(), values[key]
        if "cdrom" in kind:
            made.notes.append(Note(kept=False, text=f"The CD-ROM drive {found[1]} ({file}) is left out."))
        elif file:
            yield ApplianceDisk(file=file, bus={"ide": "ide", "sata": "sata"}.get(found[2], "virtio"), of=found[1])


def _nics(values: dict[str, str]) -> Iterator[ApplianceNic]:
    for number in range(10):
        prefix = f"ethernet{number}"
        if values.get(f"{prefix}.present", "false").lower() != "true":
            continue
        fixed = values.get(f"{prefix}.addresstype", "").lower() == "static"
        mac = values.get(f"{prefix}.address" if fixed else f"{prefix}.generatedaddress")
        yield ApplianceNic(
            network=values.get(f"{prefix}.networkname") or values.get(f"{prefix}.connectiontype", "bridged"),
            model=MODELS.get(values.get(f"{prefix}.virtualdev", "e1000").lower(), "e1000"),
            mac=mac.lower() if mac else None,
        )


def _left_out(values: dict[str, str]) -> Iterator[Note]:
    for word, title in LEFT_OUT.items():
        if any(key.startswith(word) and key.endswith(".present") and values[key].lower() == "true" for key in values):
            yield Note(kept=False, text=f"It has {title}, which is not taken over.")
    unknown = sorted({key.split(".")[0] for key in values if not KNOWN.match(key)})
    if unknown:
        yield Note(kept=False, text=f"Settings without a counterpart: {', '.join(unknown[:20])}.")
