"""Whatever is asked for, the definitions of a new machine are valid by libvirt's own schema."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.model.build import build
from quarterdeck.model.create import CreateFacts, DomainCreate, SourceFacts
from quarterdeck.model.virt_install import virt_install
from quarterdeck.model.xml import parse
from tests.model.libvirt_schema import assert_fits

from .test_create import CAPABILITIES, ISO, LINUX, WINDOWS, GuestFacts

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=20)
DISKS = st.fixed_dictionaries(
    {"size_gib": st.floats(0.1, 1000)},
    optional={
        "bus": st.sampled_from(["virtio", "scsi", "sata", "usb"]),
        "cache": st.sampled_from(["none", "writeback", "unsafe", "directsync"]),
        "io": st.sampled_from(["native", "threads", "io_uring"]),
        "discard": st.sampled_from(["ignore", "unmap"]),
        "detect_zeroes": st.sampled_from(["off", "on", "unmap"]),
        "readonly": st.booleans(),
        "shareable": st.booleans(),
        "serial": st.from_regex(r"[A-Za-z0-9_.+-]{1,20}", fullmatch=True),
        "device": st.sampled_from(["disk", "cdrom"]),
    },
)
NICS = st.fixed_dictionaries(
    {}, optional={"network": TEXT, "bridge": st.just("br0"), "model": st.sampled_from(["virtio", "e1000e"])}
)
REQUESTS = st.fixed_dictionaries(
    {
        "name": st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,30}", fullmatch=True),
        "install": st.sampled_from(
            [{"method": "iso", "path": "/a.iso"}, {"method": "pxe"}, {"method": "import"}, {"method": "none"}]
        ),
    },
    optional={
        "title": st.from_regex(r"[^\n]{1,20}", fullmatch=True),
        "description": TEXT,
        "memory_mib": st.integers(1, 1 << 20),
        "memory_max_mib": st.integers(1, 1 << 20),
        "vcpus": st.integers(1, 64),
        "vcpus_max": st.integers(1, 64),
        "cpu": st.sampled_from(
            [{}, {"mode": "host-model"}, {"mode": "custom", "model": "EPYC"}, {"topology": {"cores": 4}}]
        ),
        "firmware": st.sampled_from(["bios", "uefi"]),
        "secure_boot": st.booleans(),
        "tpm": st.booleans(),
        "disks": st.lists(DISKS, max_size=4),
        "nics": st.lists(NICS, max_size=3),
        "graphics": st.sampled_from(["vnc", "spice", "none"]),
        "without": st.lists(
            st.sampled_from(["tablet", "serial", "agent", "rng", "memballoon", "usb", "tpm", "video"]), unique=True
        ),
        "devices": st.just([{"type": "watchdog", "model": "i6300esb", "action": "reset"}]),
    },
)


def clean(values: dict[str, Any]) -> bool:
    return all(ord(c) >= 32 and ord(c) != 127 for key in ("title", "description") for c in values.get(key, ""))


@settings(max_examples=150, deadline=None)
@given(
    values=REQUESTS.filter(clean),
    guest=st.sampled_from([LINUX, WINDOWS, GuestFacts()]),
    kind=st.sampled_from(["kvm", "qemu"]),
    local=st.booleans(),
    block=st.booleans(),
)
def test_definitions_are_valid(values: dict[str, Any], guest: GuestFacts, kind: Any, local: bool, block: bool) -> None:
    request = DomainCreate.model_validate(values)
    request = request.model_copy(
        update={"nics": [nic if nic.bridge else nic.model_copy(update={"network": "n"}) for nic in request.nics or []]}
    )
    facts = CreateFacts(
        uuid="d1b7e0b0-0000-4000-8000-000000000001",
        type=kind,
        capabilities=CAPABILITIES,
        guest=guest,
        disks=tuple(SourceFacts(f"/pool/{number}", "raw", block) for number, _ in enumerate(request.disks)),
        macs=tuple(f"52:54:00:00:00:{number:02x}" for number, _ in enumerate(request.nics or [])),
        medium=ISO if request.install.method == "iso" else None,
        local=local,
        serial_log="/log" if local else None,
    )
    built = build(request, facts)
    for xml in filter(None, (built.final_xml, built.install_xml)):
        assert_fits("domain", parse(xml))
    assert request.name in virt_install(request, facts, "qemu:///system")
