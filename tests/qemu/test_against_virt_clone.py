"""Our clones beside those of the real virt-clone, on a real host: the same facts, but for chosen differences.

Chosen differences: serial numbers, generation id and vsock number are new, host devices stay with the original, the
log of a serial line is the clone's own, and UEFI variables are named in the folder of all machines.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from quarterdeck.model.xml import Element, dump, parse
from tests.qemu.bed import Bed, Nic
from tests.qemu.test_clone import FOLDER, add_disk, clone
from tests.qemu.test_create import Site

CASES = (
    *("plain", "two-disks", "own-name", "old-clone", "read-only", "shared", "cards", "vnc", "spice", "channel"),
    *("texts", "files", "uefi", "scsi"),
)


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
    if case == "read-only":
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
    if case == "uefi":
        os.set("firmware", "efi")
    return dump(root)


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
        "cards": (len(macs), len(set(macs)), values("devices/interface/source", "network")),
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
        for element in parse(xml).iterfind("devices/disk"):
            path = element.find("source").get("file", "")  # type: ignore[union-attr]
            host.make_disk(path.rpartition("/")[2], "1M", kind=element.find("driver").get("type", ""))  # type: ignore[union-attr]
        uuids[case] = host.define(xml)
    host.virsh("pool-refresh", "default")
    line = "virt-clone --connect qemu:///system --original $0 --auto-clone --print-xml > /run/$0.xml"
    host.space.run("sh", "-c", f"echo {' '.join(CASES)} | xargs -n 1 -P 2 sh -c '{line}'")
    different = {}
    for case in CASES:
        theirs = facts(parse(host.space.run("cat", f"/run/{case}.xml")))
        job = clone(site, uuids[case])
        mine = facts(parse(host.virsh("dumpxml", "--inactive", job["result"]["name"])))
        different[case] = {name: (mine[name], theirs[name]) for name in mine if mine[name] != theirs[name]}
    assert different == {case: {} for case in CASES}
