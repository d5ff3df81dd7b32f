"""VMware's machine files (.vmx) as machines of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quarterdeck.model.appliance import Appliance, ApplianceDisk, ApplianceNic, Note, left_out, whole_number
from quarterdeck.model.guest_names import short_id

LINE = re.compile(r'^[ \t]*([\w.:-]+)[ \t]*=[ \t]*"(.*)"[ \t\r]*$', re.M)
ESCAPE = re.compile(r"\|([0-9A-Fa-f]{2})")
CONTROLLER = re.compile(r"(scsi\d+)\.present")
DISK_KEY = re.compile(r"^((scsi|sata|ide|nvme)(\d+):(\d+))\.filename$")
MODELS = {"e1000": "e1000", "e1000e": "e1000e", "vmxnet3": "virtio", "vmxnet": "virtio", "vlance": "pcnet"}
BUSES = {"ide": "ide", "sata": "sata"}
KNOWN = re.compile(
    r"^(config\.version|virtualhw\.|displayname|guestos|memsize|numvcpus|cpuid\.corespersocket|firmware|uefi\.|annotation|"
    r"(scsi|sata|ide|nvme)\d+|ethernet\d+|uuid\.|nvram|extendedconfigfile|vc\.|pcibridge|floppy\d|sound|usb|ehci|serial\d|"
    r"tools\.|powertype|monitor\.|vmci0|hpet0|svga|mks|sched\.|cleanshutdown|softpoweroff|toolscripts|migrate|svga|"
    r"virtualhw|checkpoint|numa|vmotion|guestinfo|isolation|replay|msg|policy|answer|disk\.enableuuid|\.?encoding|vtpm|"
    r"managedvm|pcipassthru|encryption|parallel\d|sharedfolder|hgfs|gui\.|proxyapps|vmxstats|floppy|vhv\.|keyboard|mouse)"
)
PRESENT = re.compile(r"(([a-z_]+)\d*)\.present")
PARTS = {
    "sound": "sound",
    "usb": "usb",
    "ehci": "usb",
    "usb_xhci": "usb",
    "serial": "serial",
    "parallel": "parallel",
    "floppy": "floppy",
    "pcipassthru": "host device",
    "sharedfolder": "folder",
}
DETAILS = ("filename", "hostpath", "virtualdev")
SWITCHES = {"mks.enable3d": "3D", "vhv.enable": "nested"}
LIMIT = re.compile(r"sched\.(cpu|mem)\.(min|max|affinity|pin)(size)?")
FIRST_SETTINGS = ("guestinfo.userdata", "guestinfo.metadata", "guestinfo.vendordata", "guestinfo.ignition")
UNLIMITED = ("", "0", "-1", "all", "false", "unlimited")


def read_vmx(text: str) -> Appliance:
    """The machine that a .vmx describes, and what of it has no counterpart here."""
    values = {key.lower(): ESCAPE.sub(lambda found: chr(int(found[1], 16)), value) for key, value in LINE.findall(text)}
    made = Appliance(
        name=values.get("displayname", "machine"),
        memory_mib=whole_number(values.get("memsize")),
        vcpus=whole_number(values.get("numvcpus")) or 1,
        cores=whole_number(values.get("cpuid.corespersocket")),
        uefi=values.get("firmware", "").lower() == "efi",
        secure_boot=_is_on(values, "uefi.secureboot.enabled"),
        description=values.get("annotation", ""),
        system=short_id(values.get("guestos", "")),
        guest=values.get("guestos", ""),
        tpm=_is_on(values, "vtpm.present") or "managedvm.autoaddvtpm" in values,
    )
    made.disks.extend(_disks(values, made))
    made.nics.extend(_nics(values))
    made.notes.extend(_left_out(values))
    return made


def _is_on(values: dict[str, str], key: str, *, default: str = "false") -> bool:
    return values.get(key, default).lower() == "true"


def _disks(values: dict[str, str], made: Appliance) -> Iterator[ApplianceDisk]:
    places = sorted(
        (found[2], int(found[3]), int(found[4]), found[1]) for found in map(DISK_KEY.match, values) if found
    )
    for kind, _controller, _unit, place in places:
        if not _is_on(values, f"{place}.present", default="true"):
            continue
        device, named = values.get(f"{place}.devicetype", "disk").lower(), values[f"{place}.filename"]
        file = re.split(r"[/\\]", named)[-1]
        if "cdrom" in device:
            made.notes.append(left_out("cdrom", place, file if "image" in device else ""))
        elif "rawdisk" in device or "passthru" in device:
            problem = f"{place} is a device of its host, and holds no file."
            yield ApplianceDisk(file=file, bus="virtio", of=kind.upper(), problem=problem)
        elif named:
            mode = values.get(f"{place}.mode", "").lower()
            if "nonpersistent" in mode:
                text = f"{file} forgot what was written at each start; it keeps that here."
                made.notes.append(Note(kept=False, text=text))
            elif "independent" in mode:
                text = f"{file} stayed out of snapshots there; here they hold it too."
                made.notes.append(Note(kept=False, text=text))
            bus = BUSES.get(kind, "virtio")
            yield ApplianceDisk(file=file, bus=bus, of=kind.upper(), named=named if named != file else "")


def _nics(values: dict[str, str]) -> Iterator[ApplianceNic]:
    for number in range(10):
        prefix = f"ethernet{number}"
        if not _is_on(values, f"{prefix}.present"):
            continue
        fixed = values.get(f"{prefix}.addresstype", "").lower() == "static"
        mac = values.get(f"{prefix}.address" if fixed else f"{prefix}.generatedaddress")
        model = values.get(f"{prefix}.virtualdev", "e1000").lower()
        yield ApplianceNic(
            network=values.get(f"{prefix}.networkname") or values.get(f"{prefix}.connectiontype", "bridged"),
            model=MODELS.get(model, "e1000"),
            of=model,
            mac=mac.lower() if mac and re.fullmatch(r"([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}", mac) else None,
        )


def _left_out(values: dict[str, str]) -> Iterator[Note]:
    for key in sorted(values):
        found = PRESENT.fullmatch(key)
        if found and found[2] in PARTS and _is_on(values, key):
            detail = next((text for each in DETAILS if (text := values.get(f"{found[1]}.{each}"))), "")
            yield left_out(PARTS[found[2]], found[1], detail)
    yield from (left_out(kind) for key, kind in SWITCHES.items() if _is_on(values, key))
    controllers = sorted({found[1] for found in map(CONTROLLER.match, values) if found and _is_on(values, found[0])})
    if len(controllers) > 1:
        text = f"Its controllers {', '.join(controllers)} fall away: virtio has none. The order of its disks stays."
        yield Note(kept=True, text=text)
    limits = sorted(key for key, value in values.items() if LIMIT.fullmatch(key) and value.lower() not in UNLIMITED)
    if limits:
        yield Note(kept=False, text=f"Limits ({', '.join(limits)}): set them anew in its settings.")
    if any(key.startswith(FIRST_SETTINGS) for key in values):
        text = (
            "First settings that its guest reads from VMware (guestinfo): left out. Give it a cloud-init disc instead."
        )
        yield Note(kept=False, text=text)
    if values.get("checkpoint.vmstate"):
        yield Note(kept=False, text="It was suspended: its memory stays there, and it starts as after a power cut.")
    unknown = sorted({key.split(".")[0] for key in values if not KNOWN.match(key)})
    if unknown:
        more = f" and {len(unknown) - 20} more" if len(unknown) > 20 else ""
        yield Note(kept=False, text=f"Settings without a counterpart: {', '.join(unknown[:20])}{more}.")


def is_encrypted(text: str) -> bool:
    """Whether VMware encrypted the machine: only its passphrase opens it."""
    return bool(re.search(r"^[ \t]*encryption\.(keysafe|data)[ \t]*=", text, re.M | re.I))
