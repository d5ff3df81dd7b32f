"""Our clones beside those of the real virt-clone, on a real host: the same facts, but for chosen differences.

Chosen differences: serial numbers, generation id and vsock number are new, host devices stay with the original, the
log of a serial line is the clone's own, and UEFI variables are named in the folder of all machines.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from quarterdeck.model.xml import Element, dump, parse
from tests.qemu.bed import Bed, Nic
from tests.qemu.test_clone import FOLDER, add_disk, clone
from tests.qemu.test_create import Site
from tests.qemu.whole_definition import differing

PLAIN: dict[str, tuple[str, dict[str, Any]]] = dict.fromkeys(
    (
        *("plain", "two-disks", "own-name", "old-clone", "read-only", "shared", "cards", "vnc", "spice", "channel"),
        *("texts", "files", "uefi", "scsi", "buses", "drives", "wires", "secure-boot", "linked", "devices", "tuned"),
        *("numbered-clone7", "kernel", "ports", "numa", "redirected", "no-disk", "cached", "named"),
        *("guarded", "limited"),
    ),
    ("--auto-clone", {}),
)
MAC = "52:54:00:aa:bb:07"
CASES = PLAIN | {
    "chosen": (
        f"--name other --mac {MAC} --file {FOLDER}/other.img",
        {"name": "other", "macs": [MAC], "disks": [{"target": "vda", "volume": "other.img"}]},
    ),
    "skipped": ("--auto-clone --skip-copy vda", {"disks": [{"target": "vda", "act": "share"}]}),
    "forced": ("--auto-clone --force-copy vdb", {"disks": [{"target": "vdb", "act": "copy"}]}),
}
"""What the real virt-clone is asked for, and what we are."""
APART = {
    "made up for each machine": r"uuid=.*|devices/interface/mac@address=.*|devices/vsock/cid@.*",
    "a screen gets a port of its own, and says that it does": r"devices/graphics@(autoport=yes|port=-1)",
}


@pytest.fixture(scope="module")
def site(session_bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(session_bed, tmp_path_factory.mktemp("site"))
    yield made
    made.stop()
    session_bed.reset()


def machine(bed: Bed, case: str) -> str:
    """The definition of one case; its disks are there."""
    path = f"{FOLDER}/{case if case in ('own-name', 'old-clone') else 'disk-' + case}.qcow2"
    root = parse(bed.guest_xml(case, disk=path, nic=Nic()))
    devices, os = root.find("devices"), root.find("os")
    assert devices is not None
    assert os is not None
    if case == "two-disks":
        add_disk(root, "vdb", f"{FOLDER}/data.2024.backup.img", "raw")
    if case in ("read-only", "forced"):
        add_disk(root, "vdb", f"{FOLDER}/image.raw", "raw", "readonly")
    if case == "shared":
        add_disk(root, "vdb", f"{FOLDER}/cluster.img", "raw", "shareable")
    if case == "scsi":
        add_disk(root, "sda", f"{FOLDER}/scsi.img", "raw")
        root.find("devices/disk[2]/target").set("bus", "scsi")  # type: ignore[union-attr]
    if case == "cards":
        card = etree.SubElement(devices, "interface", type="network")
        etree.SubElement(card, "source", network="default")
        etree.SubElement(card, "target", dev="web0")
    if case in ("vnc", "spice"):
        screen = root.find("devices/graphics")
        assert screen is not None
        screen.attrib.update({"type": case, "port": "5999", "autoport": "no"})
    if case == "channel":
        channel = etree.SubElement(devices, "channel", type="unix")
        etree.SubElement(channel, "target", type="virtio", name="org.qemu.guest_agent.0")
    if case == "texts":
        for tag in ("title", "description"):
            etree.SubElement(root, tag).text = "The shop"
    if case == "files":
        line = etree.SubElement(devices, "serial", type="pty")
        etree.SubElement(line, "target", port="1")
    if case in ("uefi", "secure-boot"):
        os.set("firmware", "efi")
    if case in MORE:
        MORE[case](root)
    return dump(root)


def buses(root: Element) -> None:
    """Disks on several buses, with the order in which they are booted."""
    for number, bus in enumerate(("sata", "usb"), 2):
        add_disk(root, f"sd{'ab'[number - 2]}", f"{FOLDER}/{bus}.img", "raw")
        put(root, f"devices/disk[{number}]/target", bus=bus)
        put(root, f"devices/disk[{number}]", "boot", order=str(number))
    put(root, "devices/disk[1]", "boot", order="1")


def drives(root: Element) -> None:
    """A medium in one drive, nothing in the other, and a floppy."""
    for number, (kind, target, bus) in enumerate(
        (("cdrom", "sda", "sata"), ("cdrom", "sdb", "sata"), ("floppy", "fda", "fdc")), 2
    ):
        add_disk(root, target, f"{FOLDER}/{target}.img", "raw", *(["readonly"] if kind == "cdrom" else []))
        put(root, f"devices/disk[{number}]", device=kind)
        put(root, f"devices/disk[{number}]/target", bus=bus)
    empty = root.find("devices/disk[3]")
    empty.remove(empty.find("source"))  # type: ignore[union-attr,arg-type]  # it was made above


def wires(root: Element) -> None:
    """Cards on a bridge and on an interface of the host, with what limits them."""
    for kind, source in (("bridge", {"bridge": "virbr0"}), ("direct", {"dev": "lo", "mode": "vepa"})):
        card = put(root, "devices", "interface", type=kind)
        etree.SubElement(card, "source", source)
        etree.SubElement(card, "model", type="e1000e")
        etree.SubElement(card, "link", state="down")


def secure_boot(root: Element) -> None:
    """The firmware with its keys."""
    firmware = etree.Element("firmware")
    for name in ("secure-boot", "enrolled-keys"):
        etree.SubElement(firmware, "feature", enabled="yes", name=name)
    os = root.find("os")
    assert os is not None
    os.insert(0, firmware)


def devices(root: Element) -> None:
    """A folder of the host, a sound card, a TPM, a watchdog, random numbers, and a number for vsock."""
    folder = put(root, "devices", "filesystem", type="mount", accessmode="mapped")
    etree.SubElement(folder, "source", dir="/srv")
    etree.SubElement(folder, "target", dir="srv")
    put(root, "devices", "sound", model="ich9")
    etree.SubElement(put(root, "devices", "tpm", model="tpm-crb"), "backend", type="emulator", version="2.0")
    put(root, "devices", "watchdog", model="i6300esb", action="reset")
    etree.SubElement(put(root, "devices", "rng", model="virtio"), "backend", model="random").text = "/dev/urandom"
    etree.SubElement(put(root, "devices", "vsock", model="virtio"), "cid", auto="no", address="77")


def tuned(root: Element) -> None:
    """Settings that a clone keeps as they are."""
    put(root, "os", "bootmenu", enable="yes", timeout="3000")
    put(root, "cpu", "topology", sockets="1", dies="1", cores="2", threads="1")
    root.find("vcpu").text = "2"  # type: ignore[union-attr]  # each machine has it
    put(root, ".", "iothreads").text = "2"
    etree.SubElement(put(root, ".", "cputune"), "shares").text = "512"


def kernel(root: Element) -> None:
    """A kernel of the host that it boots, with its arguments."""
    for tag, text in (("kernel", f"{FOLDER}/vmlinuz"), ("initrd", f"{FOLDER}/initrd"), ("cmdline", "console=ttyS0")):
        put(root, "os", tag).text = text


def ports(root: Element) -> None:
    """Further controllers, and devices on them."""
    put(root, "devices", "controller", type="usb", model="qemu-xhci", ports="8")
    put(root, "devices", "controller", type="scsi", model="virtio-scsi")
    put(root, "devices", "input", type="tablet", bus="usb")
    put(root, "devices", "input", type="keyboard", bus="virtio")


def numa(root: Element) -> None:
    """Two cells of memory, and pages that other processes may see."""
    root.find("vcpu").text = "2"  # type: ignore[union-attr]  # each machine has it
    cells = put(root, "cpu", "numa")
    for number in range(2):
        etree.SubElement(cells, "cell", id=str(number), cpus=str(number), memory="65536", unit="KiB")
    etree.SubElement(put(root, ".", "memoryBacking"), "access", mode="shared")


def redirected(root: Element) -> None:
    """USB devices of who looks at the screen, and a panic notifier."""
    put(root, "devices", "redirdev", bus="usb", type="spicevmc")
    put(root, "devices", "panic", model="isa")
    put(root, "devices/graphics", type="spice", autoport="yes")


def no_disk(root: Element) -> None:
    """Nothing to copy at all."""
    disk = root.find("devices/disk")
    root.find("devices").remove(disk)  # type: ignore[union-attr,arg-type]  # each machine has them


def cached(root: Element) -> None:
    """How a disk is cached, read and emptied."""
    put(root, "devices/disk/driver", cache="none", io="native", discard="unmap", detect_zeroes="unmap")


def named(root: Element) -> None:
    """What other programs note in a machine, and what it does when it ends."""
    namespace = "http://libosinfo.org/xmlns/libvirt/domain/1.0"
    system = etree.SubElement(put(root, ".", "metadata"), f"{{{namespace}}}libosinfo", nsmap={"libosinfo": namespace})
    etree.SubElement(system, f"{{{namespace}}}os", id="http://debian.org/debian/12")
    for tag, act in (("on_poweroff", "destroy"), ("on_reboot", "destroy"), ("on_crash", "restart")):
        put(root, ".", tag).text = act


def guarded(root: Element) -> None:
    """A card with a filter, a limit and its own MTU."""
    put(root, "devices/interface", "filterref", filter="clean-traffic")
    etree.SubElement(put(root, "devices/interface", "bandwidth"), "inbound", average="1000", peak="5000", burst="1024")
    put(root, "devices/interface", "mtu", size="1400")


def limited(root: Element) -> None:
    """A disk with a limit, and the weight of all of them."""
    etree.SubElement(put(root, "devices/disk", "iotune"), "total_iops_sec").text = "500"
    etree.SubElement(put(root, ".", "blkiotune"), "weight").text = "300"


def put(root: Element, path: str, tag: str | None = None, **attributes: str) -> Element:
    """Give an element attributes, or a child with them."""
    element = root.find(path)
    assert element is not None
    made = element if tag is None else etree.SubElement(element, tag)
    for name, value in attributes.items():
        made.set(name, value)
    return made


MORE: dict[str, Callable[[Element], None]] = {
    "buses": buses,
    "drives": drives,
    "wires": wires,
    "secure-boot": secure_boot,
    "devices": devices,
    "tuned": tuned,
    "kernel": kernel,
    "ports": ports,
    "numa": numa,
    "redirected": redirected,
    "no-disk": no_disk,
    "cached": cached,
    "named": named,
    "guarded": guarded,
    "limited": limited,
}


def facts(root: Element) -> dict[str, Any]:
    def values(path: str, *names: str) -> list[Any]:
        return [tuple(element.get(name) for name in names) for element in root.iterfind(path)]

    macs = values("devices/interface/mac", "address")
    return {
        "name": root.findtext("name"),
        "texts": [root.findtext(tag) for tag in ("title", "description", "memory", "vcpu", "on_reboot")],
        "disks": [
            (values("devices/disk", "type", "device"), values("devices/disk/source", "file", "dev")),
            (values("devices/disk/driver", "name", "type"), values("devices/disk/target", "dev", "bus")),
            (len(root.findall("devices/disk/readonly")), len(root.findall("devices/disk/shareable"))),
        ],
        "cards": (len(macs), len(set(macs)), values("devices/interface/source", "network", "bridge", "dev", "mode")),
        "links": values("devices/interface/link", "state"),
        "boot": values("devices/*/boot", "order"),
        "kept": [
            dict(element.attrib) or {each.tag: each.text for each in element} or element.text
            for path in (
                "os/bootmenu",
                "os/firmware/feature",
                "cpu/topology",
                "iothreads",
                "cputune",
                "devices/filesystem/*",
                "devices/disk/driver",
                "devices/controller[@ports]",
                "cpu/numa/cell",
                "memoryBacking/access",
                "metadata/*/*",
                "os/kernel",
                "os/initrd",
                "os/cmdline",
                "on_crash",
            )
            for element in root.iterfind(path)
        ],
        "card names": values("devices/interface/target", "dev"),
        "screens": [(kind, port or "-1") for kind, port in values("devices/graphics", "type", "port")],
        "channels": values("devices/channel", "type"),
        "sockets": values("devices/channel/source", "path"),
        "lines": values("devices/serial", "type"),
        "firmware": root.find("os").get("firmware"),  # type: ignore[union-attr]
        "devices": sorted(str(element.tag) for element in root.iterfind("devices/*")),
    }


def test_clones_are_those_of_virt_clone(site: Site, session_bed: Bed) -> None:
    host = session_bed.a
    uuids = {}
    for case in CASES:
        xml = machine(session_bed, case)
        for element in parse(xml).iterfind("devices/disk[source]"):
            path = element.find("source").get("file", "")  # type: ignore[union-attr]
            host.make_disk(path.rpartition("/")[2], "1M", kind=element.find("driver").get("type", ""))  # type: ignore[union-attr]
        if case == "linked":
            below = host.make_disk("below.img", "1M", kind="raw")
            words = f"qemu-img create -q -f qcow2 -F raw -b {below} {FOLDER}/disk-linked.qcow2"
            host.space.run(*words.split())
        uuids[case] = host.define(xml)
    host.virsh("pool-refresh", "default")
    asked = [{"clone": ["--original", case, *words.split(), "--print-xml"]} for case, (words, _body) in CASES.items()]
    script = Path(__file__).with_name("virt_xml_batch.py").read_text()
    told = json.loads(host.space.run("/usr/bin/python3", "-c", script, text_in=json.dumps(asked)))
    different = {}
    for (case, (_words, body)), said in zip(CASES.items(), told, strict=True):
        assert said.lstrip().startswith("<domain"), said
        theirs = facts(parse(said))
        job = clone(site, uuids[case], **body)
        made = parse(host.virsh("dumpxml", "--inactive", job["result"]["name"]))
        mine = facts(made)
        different |= {f"{case}: all": each for each in [differing(made, parse(said), APART)] if each}
        different |= {f"{case}: {name}": (mine[name], theirs[name]) for name in mine if mine[name] != theirs[name]}
    assert different == {}, different
