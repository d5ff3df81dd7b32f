"""What some kinds of devices need besides what their declarations say. Each rule notes faults and completes values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...hypervisor.hosts import Hosts
from ...model.definition import describe
from ...model.devices import Audio, Channel, Controller, Filesystem, Graphics, Placed, devices
from ...model.forms import Offer
from ...model.needs import make_room, share_memory, shares_memory, use_qemu_ioapic
from ...model.slots import has_controller
from ...model.xml import Element
from ..changing.changing import Draft
from ..changing.fit import Values
from ..inventory.usage import Usage
from .host_devices import HostDevices
from .parts import Rule
from .teaming import team_card

SPICE_KINDS = ("spicevmc", "qemu-vdagent", "spiceport", "spice")
CERTIFICATES = 3
NO_CRASH = "10.0.0"
"""From here on libvirt's qemuVirtioFSSetupCgroup looks whether there is a control group (9.0 does not)."""
READ_ONLY = "11.0.0"
NO_SPICE = "There is no SPICE display for it."


@dataclass(frozen=True)
class Rules:
    """The rules of all kinds that have one."""

    hosts: Hosts
    usage: Usage

    def all(self) -> dict[str, Rule]:
        """The rules by kind."""
        host_devices = HostDevices(self.hosts, self.usage)
        return {
            "audio": _audio,
            "channel": _channel,
            "console": lambda draft, values, found: (
                _line(draft, values, found) | ({} if found else {"target": "virtio"})
            ),
            "controller": _controller,
            "filesystem": self._filesystem,
            "hostdev": lambda draft, values, found: (
                host_devices.rule(draft, values, found) | team_card(draft, values, found)
            ),
            "input": _input,
            "interface": lambda draft, values, found: (
                {"vlan_trunk": values.get("vlan_trunk") or None} | team_card(draft, values, found)
            ),
            "iommu": _iommu,
            "memory": _memory,
            "redirdev": _redirected,
            "rng": _random,
            "serial": _line,
            "parallel": _line,
            "shmem": _shmem,
            "smartcard": _smartcard,
            "sound": _sound,
            "tpm": _tpm,
            "video": _video,
            "vsock": self._vsock,
        }

    def cold(self, draft: Draft, device: Any) -> str | None:
        """Why a folder cannot be shared with the running machine."""
        if not isinstance(device, Filesystem) or draft.running is None or not draft.live:
            return None
        if not shares_memory(draft.running):
            return "The running machine's memory is not shared, which virtiofs needs."
        host = self.hosts.get(draft.host)
        version = host.capabilities.facts.libvirt_version or ""
        if not Offer(libvirt=version).too_old(NO_CRASH) or host.tuning.has_control_groups(draft.uuid):
            return None
        return f"The host has no control groups, without which libvirt {version} crashes when a folder is plugged in."

    def _filesystem(self, draft: Draft, values: Values, found: Placed | None) -> Values:
        """Virtiofs is read-only since libvirt 11.0 (its NEWS); before it is refused (qemuValidateDomainDeviceDefFS)."""
        offer = Offer(libvirt=self.hosts.get(draft.host).capabilities.facts.libvirt_version or "")
        why = offer.too_old(READ_ONLY) if values.get("driver") == "virtiofs" and values.get("readonly") else None
        if why:
            draft.fault("/readonly", f"virtiofs cannot: {why}", slug="unsupported", cure="Choose path, or leave it.")
        return _folder(draft, values, found)

    def _vsock(self, draft: Draft, values: Values, found: Placed | None) -> Values:
        """A context id belongs to one machine of the host (virtinst has 3 as the least)."""
        cid = values.get("cid")
        if cid is None:
            return {} if values.get("auto") else {"auto": True}
        users = [name for name in self.usage.cids(draft.host).get(int(cid), []) if name != draft.row.name]
        if users and values.get("auto") is not True:
            draft.fault("/cid", f"{cid} is the context id of {', '.join(users)}.", slug="in-use")
        return {"auto": False} if found is None else {}


def no_line(draft: Draft, device: Any) -> str | None:
    """Why a channel cannot come to the running machine; libvirt plugs in no controller of this kind."""
    if draft.running is None or has_controller(draft.running, "virtio-serial"):
        return None
    return "The running machine has no virtio-serial controller for it."


def no_plain_slot(draft: Draft, device: Any) -> str | None:
    """Why what is plain PCI cannot come to the running machine: PCI Express ports refuse it."""
    bridges = ("pci-root", "pci-bridge", "dmi-to-pci-bridge", "pcie-to-pci-bridge")
    known = devices(draft.running) if draft.running is not None else []
    if draft.running is None or any(isinstance(each, Controller) and each.model in bridges for each in known):
        return None
    return "The running machine has no slot of plain PCI for it."


def _spice(root: Element) -> bool:
    return any(isinstance(device, Graphics) and device.kind == "spice" for device in devices(root))


def check_thread(draft: Draft, values: Values) -> None:
    """A fault where an I/O thread of a device is not there."""
    known = {int(each.get("id", "0")) for each in draft.saved.iterfind("iothreadids/iothread")}
    asked = {f"/iothreads/{place}/id": each["id"] for place, each in enumerate(values.get("iothreads") or ())}
    for pointer, number in {"/iothread": values.get("iothread"), **asked}.items():
        if number and number not in (known or range(1, (describe(draft.saved).iothreads or 0) + 1)):
            cure = "Give the machine I/O threads in its settings first."
            draft.fault(pointer, f"The machine has no I/O thread {number}.", cure=cure)


def _line(
    draft: Draft, values: Values, found: Placed | None, named: tuple[str, ...] = ("file", "unix", "dev", "pipe")
) -> Values:
    """The host's end of a line; those of `named` kinds have a path (libvirt's virDomainChrSourceDefValidate)."""
    if values.get("kind") in named and not values.get("path"):
        draft.fault("/path", "Path is needed.")
    if values.get("kind") in SPICE_KINDS and values["kind"] != "qemu-vdagent" and not _spice(draft.saved):
        draft.fault("/kind", NO_SPICE, slug="unsupported", cure="Add a SPICE display first.")
    if values.get("kind") in ("tcp", "udp", "unix") and not values.get("source_mode"):
        return {"source_mode": "bind" if values["kind"] == "unix" else "connect"}
    return {}


def _redirected(draft: Draft, values: Values, found: Placed | None) -> Values:
    more: Values = {}
    if "bus" in values:
        more["bus"] = "usb"
        if not any(isinstance(each, Controller) and each.kind == "usb" for each in devices(draft.saved)):
            draft.fault("/type", "The machine has no USB.", slug="unsupported", cure="Add a USB controller first.")
    if values.get("mode", "passthrough") != "passthrough":
        return more
    return more | _line(draft, values, found)


def _random(draft: Draft, values: Values, found: Placed | None) -> Values:
    """How a daemon of entropy is reached (libvirt's virDomainRNGDefParseXML)."""
    return {"source_mode": "connect"} if values.get("backend") == "egd" and not values.get("source_mode") else {}


def _smartcard(draft: Draft, values: Values, found: Placed | None) -> Values:
    if values.get("mode") == "host-certificates" and len(values.get("certificates") or ()) != CERTIFICATES:
        draft.fault("/certificates", "Name three certificates.")
    return _redirected(draft, values, found)


def _input(draft: Draft, values: Values, found: Placed | None) -> Values:
    """The rules of libvirt's virDomainInputDefValidate."""
    kind, bus = values.get("kind"), values.get("bus")
    if kind == "passthrough":
        return {"bus": "virtio"}
    if bus == "ps2" and kind not in ("mouse", "keyboard"):
        draft.fault("/bus", "PS/2 knows keyboards and mice only.", cure="Choose USB or virtio.")
    return {}


def _channel(draft: Draft, values: Values, found: Placed | None) -> Values:
    names = [each.name for each in devices(draft.saved) if isinstance(each, Channel)]
    if found is None and values.get("name") in names:
        draft.fault("/name", f"The machine has a channel {values['name']}.", slug="in-use")
    return ({} if found else {"target": "virtio"}) | _line(draft, values, found, ("file", "dev", "pipe"))


def _audio(draft: Draft, values: Values, found: Placed | None) -> Values:
    if values.get("kind") == "spice" and not _spice(draft.saved):
        draft.fault("/kind", NO_SPICE, slug="unsupported", cure="Add a SPICE display first.")
    for side in ("input", "output"):
        part = values.get(side) or {}
        own = [name for name in ("frequency_hz", "channels", "format") if part.get(name) is not None]
        if part.get("fixed") is False and own:  # QEMU's audio_validate_per_direction_opts
            draft.fault(f"/{side}/{own[0]}", "The guest's card sets it.", cure="Switch fixed settings on.")
    if found:
        return {}
    known = draft.saved.findall("devices/audio")
    taken = {int(each.get("id", "1")) for each in known}
    for each in known:
        parent = each.getparent()
        if each.get("type") == "none" and parent is not None:  # libvirt puts it there where nothing is asked
            parent.remove(each)
            return {"id": int(each.get("id", "1"))}
    return {"id": next(number for number in range(1, len(taken) + 2) if number not in taken)}


def _sound(draft: Draft, values: Values, found: Placed | None) -> Values:
    known = {each.id for each in devices(draft.saved) if isinstance(each, Audio)}
    if values.get("audio") is not None and values["audio"] not in known:
        draft.fault("/audio", f"The machine has no audio backend {values['audio']}.")
    return {}


def _controller(draft: Draft, values: Values, found: Placed | None) -> Values:
    check_thread(draft, values)
    other = values["kind"] == "scsi" and not (values.get("model") or "virtio").startswith("virtio")
    if other and any(value is not None for value in (values.get("virtio") or {}).values()):
        draft.fault("/virtio", "Only a controller of the model virtio-scsi has these.", cure="Change the model.")
    if values.get("hole64_kib") is not None and values.get("model") not in ("pcie-root", "pci-root"):
        draft.fault("/hole64_kib", "Only the root of the PCI buses has it.", cure="Set it there.")
    if found:
        return {}
    if values["kind"] == "ide" and "q35" in (describe(draft.saved).machine or ""):
        draft.fault("/kind", "The machine type Q35 has no IDE.", slug="unsupported", cure="Choose sata.")
    alike = [each for each in devices(draft.saved) if isinstance(each, Controller) and each.kind == values["kind"]]
    taken = {each.index for each in alike}
    if values.get("index") in taken and values.get("index") is not None:
        draft.fault("/index", f"There is a {values['kind']} controller {values['index']}.", slug="in-use")
    if values["kind"] == "usb":
        for each in draft.saved.findall("devices/controller[@type='usb'][@model='none']"):
            draft.saved.find("devices").remove(each)  # type: ignore[union-attr]  # it was found there
            taken.discard(0)
    model = {"scsi": "virtio-scsi", "pci": "pcie-root-port", "usb": "qemu-xhci"}.get(values["kind"])
    index = next(number for number in range(len(taken) + 1) if number not in taken)
    return {"index": values.get("index", index), "model": values.get("model") or model}


def _folder(draft: Draft, values: Values, found: Placed | None) -> Values:
    """Virtiofs works on shared memory only, so the same plan switches it on (libvirt refuses the start else)."""
    tags = [each.target for each in devices(draft.saved) if isinstance(each, Filesystem)]
    if found is None and values.get("target") in tags:
        draft.fault("/target", f"The machine has a folder with the tag {values['target']}.", slug="in-use")
    fast = values.get("driver") == "virtiofs"
    if fast and draft.save and share_memory(draft.saved):
        draft.late("memory_backing", "/driver")
        draft.warnings.append("The memory becomes shared memory, which virtiofs needs.")
    more: Values = {"kind": "mount", "driver": values.get("driver") or "path"}  # libvirt's own choice
    if fast and values.get("access_mode") not in (None, "passthrough"):
        draft.fault("/access_mode", "virtiofs knows passthrough only.")
    if values.get("access_mode") is None:
        more["access_mode"] = "passthrough" if fast else "mapped"
    return more


def _iommu(draft: Draft, values: Values, found: Placed | None) -> Values:
    """The rules of libvirt's virDomainDefIOMMUValidate."""
    if values.get("model") != "intel":
        return {}
    if "q35" not in (describe(draft.saved).machine or ""):
        draft.fault("/model", "intel is for machines of type q35.", slug="unsupported", cure="Choose virtio.")
    if values.get("eim") and not values.get("intremap"):
        draft.fault("/eim", "It needs interrupt remapping.", cure="Switch interrupt remapping on too.")
    if (values.get("intremap") or values.get("eim")) and use_qemu_ioapic(draft.saved):
        draft.warnings.append("The IOAPIC becomes that of QEMU, which interrupt remapping needs.")
    return {}


def _tpm(draft: Draft, values: Values, found: Placed | None) -> Values:
    if values.get("model") == "tpm-crb" and values.get("backend") == "emulator" and values.get("version") == "1.2":
        draft.fault("/version", "The model tpm-crb knows version 2.0 only.", cure="Choose the model tpm-tis.")
    if values.get("backend") == "passthrough" and not values.get("device"):
        return {"device": "/dev/tpm0"}
    return {}


def _video(draft: Draft, values: Values, found: Placed | None) -> Values:
    """One that stands for none goes when a real one comes; only one can be the primary."""
    others = [each for each in draft.saved.iterfind("devices/video") if found is None or each is not found.element]
    for each in others:
        model, parent = each.find("model"), each.getparent()
        if found is None and model is not None and model.get("type") == "none" and parent is not None:
            parent.remove(each)
            others.remove(each)
    if values.get("primary") and any(each.find("model[@primary='yes']") is not None for each in others):
        draft.fault("/primary", "Another video card is the primary one.", cure="Change that one first.")
    if bool(values.get("width")) != bool(values.get("height")):
        draft.fault("/height" if values.get("width") else "/width", "Give width and height together.")
    if others and values.get("model") in ("cirrus", "none", "vga", "bochs", "ramfb") and found is None:
        draft.fault("/model", f"{values['model']} can only be the first video card.", cure="Choose virtio or qxl.")
    return {}


def _shmem(draft: Draft, values: Values, found: Placed | None) -> Values:
    size = values.get("size_mib")
    if size and size & (size - 1):
        draft.fault("/size_mib", "The size is a power of two.")
    return {}


def _memory(draft: Draft, values: Values, found: Placed | None) -> Values:
    """A module needs slots, a maximum and a NUMA cell; virtio-mem needs a block and what is used of it."""
    if found:
        asked, size = values.get("requested_mib"), values.get("size_mib")
        if asked is not None and size is not None and asked > size:
            draft.fault("/requested_mib", f"The module has {size} MiB.")
        return {}
    more: Values = {}
    size, cells = int(values.get("size_mib") or 0), len(draft.saved.findall("cpu/numa/cell"))
    if (values.get("node") or 0) >= max(cells, 1):
        draft.fault("/node", f"The machine has {max(cells, 1)} NUMA cells; the first is 0.")
    if values.get("model") == "virtio-mem":
        block, used = values.get("block_mib") or 2, values.get("requested_mib", size)
        more = {"block_mib": block, "requested_mib": used}
        if used % block:
            draft.fault("/requested_mib", f"It is used in blocks of {block} MiB.")
    if values.get("model") in ("virtio-pmem", "nvdimm"):
        more["access"] = values.get("access") or "shared"
    if draft.save and values.get("model") != "virtio-pmem":
        told = make_room(draft.saved, size)
        draft.warnings += told
        if told:
            draft.late("memory_hotplug_max_mib", "/size_mib")
    return more
