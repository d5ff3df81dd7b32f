"""Made-up hosts for libvirt's test driver."""

import uuid
from pathlib import Path

from lxml import etree
from lxml.builder import E

HERE = Path(__file__).parent
DEMO = HERE / "demo.xml"
EMPTY = HERE / "empty.xml"


def uri(file: Path) -> str:
    """The libvirt address of a made-up host."""
    return f"test://{file}"


def crowded(number: int, folder: Path) -> Path:
    """A host with so many machines, every third of them off, in a file of this folder."""
    node = etree.parse(EMPTY).getroot()
    for each in range(number):
        name = f"vm-{each:04}"
        domain = E.domain(
            {"type": "test"},
            E.name(name),
            E.uuid(str(uuid.uuid5(uuid.NAMESPACE_DNS, name))),
            E.memory("524288", unit="KiB"),
            E.vcpu("2"),
            E.os(E.type("hvm", arch="x86_64")),
            E.devices(
                E.disk(
                    {"type": "file", "device": "disk"},
                    E.source(file=f"/var/lib/libvirt/images/{name}.qcow2"),
                    E.target(dev="vda", bus="virtio"),
                ),
                E.interface({"type": "network"}, E.source(network="default"), E.model(type="virtio")),
            ),
        )
        if each % 3 == 0:
            etree.SubElement(domain, "{http://libvirt.org/schemas/domain/test/1.0}runstate").text = "5"
        node.append(domain)
    file = folder / f"crowded-{number}.xml"
    file.write_text(etree.tostring(node, encoding="unicode"))
    return file
