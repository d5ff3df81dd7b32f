"""What waits for the next start, from pairs of definitions that real libvirt gave of machines just started."""

from __future__ import annotations

from typing import Any

import pytest

from quarterdeck.model.boot import boot_order, set_boot_order
from quarterdeck.model.definition import Definition
from quarterdeck.model.devices import find
from quarterdeck.model.installing import Install, first_boot, remember
from quarterdeck.model.pending import pending, take_flags
from quarterdeck.model.portrait import portrait
from quarterdeck.model.xml import Element, parse
from tests.model.goldens import DATA

PAIRS = sorted(path.name.removesuffix(".running.xml") for path in DATA.glob("*.running.xml"))


def pair(name: str) -> tuple[Element, Element]:
    return tuple(parse((DATA / f"{name}{kind}.xml").read_text()) for kind in ("", ".running"))  # type: ignore[return-value]


def changed(name: str, device: str, changes: dict[str, Any]) -> list[tuple[str, str | None, Any, Any]]:
    saved, running = pair(name)
    if device:
        found = find(saved, device)
        assert found is not None
        found.kind.patch(found.element, changes)
    else:
        Definition.patch(saved, changes)
    return [(each.field, each.device, each.saved, each.running) for each in pending(saved, running)]


@pytest.mark.parametrize("name", PAIRS)
def test_nothing_waits_in_a_machine_that_was_just_started(name: str) -> None:
    assert pending(*pair(name)) == []


def test_every_saved_change_is_told_by_its_name() -> None:
    assert changed("debian", "disk-vda", {"cache": "writeback"}) == [("cache", "disk-vda", "writeback", "none")]
    assert (
        changed("debian", "", {"iothreads": 1, "iothread_ids": ({"id": 1, "thread_pool_max": 8},)})[1][0]
        == "iothread_ids"
    )
    assert changed("debian", "", {"vcpus_max": 4}) == [("vcpus_max", None, 4, 2)]
    assert changed("debian", "", {"memory_max_mib": 1024}) == [("memory_max_mib", None, 1024, 512)]
    assert changed("debian", "interface-525400aabb01", {"link": "down"}) == [
        ("link", "interface-525400aabb01", "down", None)
    ]
    ejected = changed("debian", "disk-sda", {"source": {"file": None}})
    assert ("source.file", "disk-sda", None, "/var/lib/libvirt/images/boot.iso") in ejected


@pytest.mark.parametrize(
    ("device", "saved_part", "running_part"),
    [
        (
            "<memory model='virtio-mem'><target><size>8</size><requested>4</requested>{}</target></memory>",
            "",
            "<current unit='KiB'>0</current>",
        ),
        (
            "<filesystem type='mount'><driver type='virtiofs'/>{}<source dir='/a'/><target dir='a'/></filesystem>",
            "",
            "<binary path='/usr/lib/qemu/virtiofsd'/>",
        ),
        ("<redirdev bus='usb' type='tcp'><source mode='bind' host='a' service='1'{}/></redirdev>", "", " tls='no'"),
    ],
)
def test_what_a_start_or_the_guest_fills_in_does_not_wait(device: str, saved_part: str, running_part: str) -> None:
    saved, running = pair("debian")
    for root, part in ((saved, saved_part), (running, running_part)):
        root.find("devices").append(parse(device.format(part)))  # type: ignore[union-attr]  # each machine has devices
    assert pending(saved, running) == []


def test_what_no_model_declares_is_told_by_its_path() -> None:
    saved, running = pair("debian")
    saved.find("features").append(saved.makeelement("htm", {}))  # type: ignore[union-attr]
    assert [each.field for each in pending(saved, running)] == ["features/htm"]


def test_cpu_that_was_asked_is_compared_not_what_it_came_to() -> None:
    assert changed("cloud", "", {"cpu": {"topology": {"sockets": 1, "cores": 2}}})[0][0].startswith("cpu.topology")
    assert changed("uefi", "", {"cpu": {"model": "EPYC"}}) == [("cpu.model", None, "EPYC", "qemu64")]


def test_a_pin_that_goes_at_the_next_start_waits_and_one_on_all_cpus_is_none() -> None:
    saved, running = pair("debian")
    Definition.patch(running, {"cputune": {"vcpu_pins": [{"vcpu": 0, "cpuset": "1"}], "emulator_cpuset": "0-3"}})
    told = [(each.field, each.saved) for each in pending(saved, running, host_cpus=4)]
    assert told == [("cputune.vcpu_pins", None)]
    Definition.patch(running, {"cputune": {"vcpu_pins": [{"vcpu": 0, "cpuset": "0-3"}]}})
    assert pending(saved, running, host_cpus=4) == []


def test_flags_that_wait_are_discarded_without_those_that_the_cpu_came_to() -> None:
    saved, running = pair("cloud")
    for root, flags in (
        (saved, {"aes": "require", "vmx": "disable", "new": "require"}),
        (running, {"aes": "require", "vmx": "require", "sse": "require", "avx": "require"}),
    ):
        features = [{"name": name, "policy": policy} for name, policy in flags.items()]
        Definition.patch(root, {"cpu": {"mode": "host-model", "features": features}})
    assert [each.field for each in pending(saved, running)] == ["cpu.features"]
    take_flags(saved, running)
    flags = {flag.get("name"): flag.get("policy") for flag in saved.findall("cpu/feature")}
    assert flags == {"aes": "require", "vmx": "require"}
    assert pending(saved, running) == []


def test_devices_that_come_and_go_are_told_once() -> None:
    saved, running = pair("debian")
    for name in ("disk-vda", "controller-pci-3"):
        found = find(saved, name)
        assert found is not None
        saved.find("devices").remove(found.element)  # type: ignore[union-attr]
    told = [(each.field, each.device, each.saved, each.running) for each in pending(saved, running)]
    assert told == [
        ("device", "disk-vda", None, "Disk vda: vm1.qcow2"),
        ("device", "controller-pci-3", None, "Controller pci 3 (pcie-root-port)"),
    ]
    devices = portrait(saved, running)["devices"]
    assert next(each for each in devices if each["id"] == "disk-vda")["saved"] is None


def test_a_drive_tells_the_medium_that_it_has_for_an_installation() -> None:
    saved, _running = pair("debian")
    empty(saved, "disk-sda")

    def told(running: Element | None) -> tuple[str, bool | None]:
        found = next(each for each in portrait(saved, running)["devices"] if each["id"] == "disk-sda")
        return found["title"], found.get("installing")

    assert told(None) == ("CD-ROM sda: empty", None)
    install = Install("iso", "sda", "/iso/debian.iso", False, "start")
    remember(saved, install)
    booted = first_boot(saved, install)
    assert told(None) == told(booted) == ("CD-ROM sda: debian.iso", True)
    empty(booted, "disk-sda")
    assert told(booted) == ("CD-ROM sda: empty", None), "somebody took it out"


def empty(root: Element, device: str) -> None:
    found = find(root, device)
    assert found is not None
    for source in found.element.findall("source"):
        found.element.remove(source)


def test_boot_order_is_read_whichever_way_it_is_written() -> None:
    assert boot_order(pair("debian")[0]) == ["disk-sda", "disk-vda"]
    old = pair("i440fx")[0]
    assert boot_order(old) == ["disk-hdc", "disk-hda", "interface-525400aabb0a"]
    set_boot_order(old, ["interface-525400aabb0a", "disk-hda"])
    assert boot_order(old) == ["interface-525400aabb0a", "disk-hda"]
    assert old.findall("os/boot") == []
    set_boot_order(old, [])
    assert boot_order(old) == []
    with pytest.raises(KeyError):
        set_boot_order(old, ["graphics-0"])


def test_the_password_of_a_display_is_never_in_what_is_shown() -> None:
    saved, running = pair("debian")
    shown = portrait(saved, running)
    graphics = next(each for each in shown["devices"] if each["type"] == "graphics")
    assert graphics["saved"].has_password is True
    assert "sesame" not in str(shown)
