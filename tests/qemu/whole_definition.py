"""In what our new machine differs from that of virt-install, but for what is listed here with its reason."""

from __future__ import annotations

import re
from collections.abc import Mapping

from quarterdeck.model.xml import Element

APART = {
    "made up for each machine": r"uuid=.*|devices/interface/mac@address=.*",
    "written out, where libvirt would fill it in": (
        r"(memory|currentMemory)@unit=KiB|devices/(console|serial)/target@.*|devices/serial@type=pty"
        r"|devices/controller@index=\d+|os/type@machine=pc(-i440fx-7\.2)?|devices/(filesystem|hostdev)@(type|mode)=\w+"
        r"|devices/hostdev@managed=yes|devices/channel/source@mode=bind"
        r"|devices/disk/driver@(name=qemu|type=raw)|devices/graphics@(port|tlsPort)=-1|devices/graphics@autoport=yes"
    ),
    "the CPU under emulation": r"cpu@(mode=maximum|check=none)",
    "a named CPU is refused where the host lacks it": r"cpu(@check=partial|/model@fallback=forbid)",
    "the order of devices, where virt-install has that of kinds": r"devices/\w+/boot@order=\d|os/boot@dev=\w+",
    "VNC without a port, and nothing that needs SPICE": (
        r"devices/graphics.*|devices/redirdev@.*|devices/sound@model=ich\d|devices/channel(/target)?@.*spice.*"
        r"|devices/channel/target@type=virtio|features/vmport@state=off|devices/video/model@type=(vga|qxl)"
    ),
    "the serial line is kept, the balloon tells its use": r"devices/serial/log@.*|devices/memballoon/stats@period=10",
    "the installation is followed to its end": r"metadata/install@.*|devices/disk/source@startupPolicy=optional",
    "what speeds up Windows needs KVM": r"features/hyperv/.*|clock/timer@(name=hypervclock|present=yes)",
    "Secure Boot and the version of the TPM are said": r"os/firmware/feature@.*|devices/tpm/backend@version=2\.0",
    "clouds' kernels have no driver for SATA": r"devices/disk/target@bus=s(csi|ata)",
}


def differing(ours: Element, theirs: Element, apart: Mapping[str, str] = APART) -> list[str]:
    """What stands in one of both only and is not on the list: `+` in ours, `-` in theirs."""
    mine, real = told(ours), told(theirs)
    found = [f"+ {each}" for each in mine - real] + [f"- {each}" for each in real - mine]
    return sorted(each for each in found if not any(re.fullmatch(words, each[2:]) for words in apart.values()))


def told(root: Element) -> set[str]:
    """Each text and attribute of a definition, with its place."""
    found = set()
    for element in root.iter("*"):
        names = [each.tag.rpartition("}")[2] for each in (*reversed([*element.iterancestors()][:-1]), element)]
        place = "/".join(names)
        found |= {f"{place}@{name}={value}" for name, value in element.attrib.items()}
        text = (element.text or "").strip()
        if text or not (element.attrib or len(element)):
            found.add(f"{place}={text}" if text else place)
    return found
