"""New machines: what is chosen, and why; what stands in both definitions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from quarterdeck.model.build import build, target_name
from quarterdeck.model.capabilities import DomainCapabilities, read_capabilities, read_domain_capabilities
from quarterdeck.model.create import Built, CreateFacts, DomainCreate, GuestFacts, SourceFacts, TreeFacts
from quarterdeck.model.installing import first_boot, pending
from quarterdeck.model.xml import Element, dump, parse

VIRTIO = frozenset(f"virtio-{name}" for name in ("blk", "net", "scsi", "rng", "balloon", "serial", "gpu", "1.0"))
VIRTIO |= {"xhci", "q35"}
LINUX = GuestFacts("http://debian.org/debian/12", "Debian 12", "debian11", False, VIRTIO, {}, 1024, 512, 2, 20)
WINDOWS = GuestFacts(
    "http://microsoft.com/win/11",
    "Windows 11",
    "win11",
    True,
    frozenset({"q35", "xhci", "e1000e"}),
    {"efi": True, "bios": False},
    8192,
    4096,
    4,
    64,
)
CAPABILITIES = DomainCapabilities(
    emulator="/usr/bin/qemu-system-x86_64",
    firmwares=["bios", "uefi"],
    secure_boot=True,
    cpu_modes=["host-passthrough", "maximum", "host-model", "custom"],
    cpu_migratable=True,
    tpm_models=["tpm-crb"],
    tpm_backends=["emulator"],
    hyperv_features=["relaxed", "vapic", "spinlocks", "vpindex", "synic", "stimer"],
)
ISO = SourceFacts("/iso/some.iso")


def made(guest: GuestFacts = LINUX, *, kind: str = "kvm", medium: SourceFacts | None = ISO, **asked: Any) -> Built:
    values: dict[str, Any] = {
        "name": "vm1",
        "install": {"method": "iso", "path": "/iso/some.iso"},
        "disks": [{"pool": "default", "size_gib": 10}],
        "nics": [{"network": "default"}],
    }
    extra = {name: asked.pop(name) for name in ("local", "serial_log", "sources", "tree", "seed") if name in asked}
    request = DomainCreate.model_validate(values | asked)
    facts = CreateFacts(
        uuid="d1b7e0b0-0000-4000-8000-000000000001",
        type="qemu" if kind == "qemu" else "kvm",
        capabilities=CAPABILITIES,
        guest=guest,
        disks=extra.get("sources", tuple(SourceFacts("/pool/vm1.qcow2", "qcow2", new=True) for _ in request.disks)),
        macs=tuple(f"52:54:00:00:00:{number:02x}" for number, _ in enumerate(request.nics or [])),
        medium=medium,
        local=extra.get("local", False),
        serial_log=extra.get("serial_log"),
        tree=extra.get("tree"),
        seed=extra.get("seed"),
    )
    return build(request, facts)


def final(*arguments: Any, **asked: Any) -> Element:
    return parse(made(*arguments, **asked).final_xml)


def values(root: Element, path: str, attribute: str) -> list[str | None]:
    return [element.get(attribute) for element in root.iterfind(path)]


def test_modern_linux_gets_virtio_everything() -> None:
    root = final()
    assert root.get("type") == "kvm"
    assert root.find("os/type").get("machine") == "q35"
    assert values(root, "devices/disk/target", "bus") == ["virtio", "sata"]
    assert values(root, "devices/interface/model", "type") == ["virtio"]
    assert values(root, "devices/video/model", "type") == ["virtio"]
    assert values(root, "devices/rng", "model") == ["virtio"]
    assert values(root, "devices/memballoon", "model") == ["virtio"]
    assert values(root, "devices/channel/target", "name") == ["org.qemu.guest_agent.0"]
    assert root.findtext("memory") == str(1024 * 1024)
    assert root.findtext("vcpu") == "2"


def test_every_q35_machine_has_free_slots_to_plug_devices_into() -> None:
    indexes = values(final(), "devices/controller[@model='pcie-root-port']", "index")
    assert indexes == [str(number) for number in range(1, 15)]


def test_windows_gets_what_it_insists_on() -> None:
    root = final(WINDOWS)
    assert root.find("os").get("firmware") == "efi"
    assert {f.get("name"): f.get("enabled") for f in root.iterfind("os/firmware/feature")} == {
        "secure-boot": "yes",
        "enrolled-keys": "yes",
    }
    assert values(root, "devices/tpm/backend", "version") == ["2.0"]
    assert root.find("clock").get("offset") == "localtime"
    assert root.find("clock/timer[@name='hypervclock']").get("present") == "yes"
    assert [child.tag for child in root.find("features/hyperv")] == [
        "relaxed", "vapic", "spinlocks", "vpindex", "synic", "stimer",
    ]  # fmt: skip
    assert values(root, "devices/disk/target", "bus") == ["sata", "sata"]
    assert values(root, "devices/interface/model", "type") == ["e1000e"]


def test_windows_keeps_its_medium_because_setup_reads_it_after_the_first_restart() -> None:
    source = final(WINDOWS).find("devices/disk[@device='cdrom']/source")
    assert (source.get("file"), source.get("startupPolicy")) == ("/iso/some.iso", "optional")


def test_unknown_system_gets_old_hardware_that_everything_knows() -> None:
    root = final(GuestFacts())
    assert root.find("os/type").get("machine") == "pc"
    assert values(root, "devices/disk/target", "bus") == ["ide", "ide"]
    assert values(root, "devices/interface/model", "type") == ["e1000"]
    assert values(root, "devices/video/model", "type") == ["vga"]
    assert root.find("devices/channel") is None
    assert root.find("metadata/{http://libosinfo.org/xmlns/libvirt/domain/1.0}libosinfo") is None


@pytest.mark.parametrize(("kind", "mode"), [("kvm", "host-passthrough"), ("qemu", "maximum")])
def test_cpu_is_the_best_that_the_accelerator_has(kind: str, mode: str) -> None:
    assert final(kind=kind).find("cpu").get("mode") == mode


def test_topology_keeps_the_cpu_mode_and_sets_the_most_vcpus() -> None:
    root = final(vcpus=2, cpu={"topology": {"sockets": 1, "cores": 4, "threads": 2}})
    assert root.find("cpu").get("mode") == "host-passthrough"
    assert root.find("vcpu").text == "8"
    assert root.find("vcpu").get("current") == "2"


def test_local_machine_opens_no_port_and_remote_one_only_on_its_loopback() -> None:
    assert values(final(local=True), "devices/graphics/listen", "type") == ["socket"]
    assert values(final(local=False), "devices/graphics/listen", "address") == ["127.0.0.1"]


def test_serial_console_is_logged_where_the_host_can_keep_it() -> None:
    assert final(serial_log="/log/vm1.log").find("devices/serial/log").get("file") == "/log/vm1.log"
    assert final().find("devices/serial/log") is None


def test_first_boot_starts_the_medium_and_ends_at_the_first_restart() -> None:
    built = made()
    kept, first = parse(built.final_xml), parse(built.install_xml or "")
    assert kept.find("on_reboot") is None
    assert first.findtext("on_reboot") == "destroy"
    assert kept.find("devices/disk[@device='cdrom']/source") is None
    assert first.find("devices/disk[@device='cdrom']/source").get("file") == "/iso/some.iso"
    assert values(kept, "devices/disk/boot", "order") == ["1", "2"]
    assert values(first, "devices/disk/boot", "order") == ["2", "1"]
    assert kept.findtext("uuid") == first.findtext("uuid")


def test_saved_definition_remembers_the_pending_installation() -> None:
    built = made()
    install = pending(built.final_xml)
    assert install is not None
    assert (install.method, install.drive, install.medium, install.then) == ("iso", "sda", ISO.path, "start")
    assert dump(first_boot(parse(built.final_xml), install)) == built.install_xml


def test_first_boot_from_a_tree_starts_its_kernel_and_the_saved_definition_knows_nothing_of_it() -> None:
    built = made(
        install={"method": "tree", "url": "https://a/"}, tree=TreeFacts("/p/k", "/p/i", "inst.repo=https://a/")
    )
    kept, first = parse(built.final_xml), parse(built.install_xml or "")
    assert kept.find("os/kernel") is None
    assert [first.findtext(f"os/{tag}") for tag in ("kernel", "initrd", "cmdline")] == [
        "/p/k",
        "/p/i",
        "inst.repo=https://a/",
    ]
    assert first.findtext("on_reboot") == "destroy"
    install = pending(built.final_xml)
    assert install is not None
    assert (install.method, install.then, install.passing) == ("tree", "start", ("/p/k", "/p/i"))
    assert dump(first_boot(parse(built.final_xml), install)) == built.install_xml


def test_an_installer_that_fetches_itself_gets_the_memory_that_it_needs_for_the_first_boot_alone() -> None:
    asked: dict[str, Any] = {"install": {"method": "tree", "url": "https://a/"}, "tree": TreeFacts("/p/k", "/p/i", "")}
    hungry = replace(LINUX, tree_memory_mib=3072)
    built = made(hungry, **asked)
    assert parse(built.final_xml).findtext("memory") == str(1024 * 1024)
    first = parse(built.install_xml or "")
    assert (first.findtext("memory"), first.findtext("currentMemory")) == (str(3072 * 1024),) * 2
    assert ("install.memory_mib", "3072") in [(choice.field, choice.value) for choice in built.choices]
    assert parse(made(hungry, memory_mib=4096, **asked).install_xml or "").findtext("memory") == str(4096 * 1024)


def test_first_boot_of_an_edited_machine_whose_drive_is_gone_still_starts() -> None:
    root = final()
    drive = root.find("devices/disk[@device='cdrom']")
    root.find("devices").remove(drive)
    install = pending(root)
    assert install is not None
    assert first_boot(root, install).findtext("on_reboot") == "destroy"


def test_network_boot_comes_first_once_then_the_disk() -> None:
    built = made(install={"method": "pxe"}, medium=None)
    first, kept = parse(built.install_xml or ""), parse(built.final_xml)
    assert (first.find("devices/interface/boot").get("order"), first.find("devices/disk/boot").get("order")) == (
        "1",
        "2",
    )
    assert (kept.find("devices/interface/boot").get("order"), kept.find("devices/disk/boot").get("order")) == ("2", "1")


def test_diskless_machines_boot_their_medium_every_time() -> None:
    built = made(disks=[])
    assert built.install_xml is None
    drive = parse(built.final_xml).find("devices/disk")
    assert (drive.find("source").get("file"), drive.find("boot").get("order")) == ("/iso/some.iso", "1")


def test_import_boots_the_existing_disk_as_it_is() -> None:
    built = made(install={"method": "import"}, medium=None, sources=(SourceFacts("/pool/old.img", "raw"),))
    assert built.install_xml is None
    driver = parse(built.final_xml).find("devices/disk/driver")
    assert (driver.get("type"), driver.get("discard")) == ("raw", None)
    assert pending(built.final_xml) is None


def test_block_device_is_used_without_the_hosts_cache() -> None:
    root = final(install={"method": "import"}, medium=None, sources=(SourceFacts("/dev/vg/lv", "raw", block=True),))
    disk = root.find("devices/disk")
    assert (disk.get("type"), disk.find("source").get("dev")) == ("block", "/dev/vg/lv")
    assert (disk.find("driver").get("cache"), disk.find("driver").get("io")) == ("none", "native")


def test_chosen_disk_settings_stand_as_chosen() -> None:
    disk = {
        "size_gib": 1,
        "bus": "scsi",
        "cache": "writeback",
        "io": "threads",
        "detect_zeroes": "unmap",
        "serial": "a",
    }
    root = final(disks=[disk | {"serial": "a"}], nics=[])
    driver = root.find("devices/disk/driver")
    assert [driver.get(name) for name in ("cache", "io", "detect_zeroes")] == ["writeback", "threads", "unmap"]
    assert values(root, "devices/controller[@type='scsi']", "model") == ["virtio-scsi"]
    assert root.findtext("devices/disk/serial") == "a"


def test_what_is_left_out_is_left_out() -> None:
    root = final(graphics="none", without=["tablet", "serial", "agent", "rng", "memballoon", "usb"])
    tags = {child.tag for child in root.find("devices")}
    assert tags.isdisjoint({"graphics", "video", "input", "serial", "console", "channel", "rng"})
    assert values(root, "devices/memballoon", "model") == ["none"]
    assert values(root, "devices/controller[@type='usb']", "model") == ["none"]


def test_each_default_comes_with_its_reason() -> None:
    reasons = {choice.field: choice.reason for choice in made(WINDOWS).choices}
    assert reasons["firmware"] == "Windows 11 starts with nothing else"
    assert reasons["memory_mib"] == "proposed for Windows 11"


def test_too_little_memory_and_emulation_are_warned_of() -> None:
    warnings = made(memory_mib=256, kind="qemu").warnings
    assert any("512 MiB" in warning for warning in warnings)
    assert any("emulat" in warning for warning in warnings)
    assert made(memory_mib=512).warnings == []


@pytest.mark.parametrize("name", ["", "  ", "a/b", "-o", ".x", "a\nb", " a"])
def test_names_that_do_harm_are_refused(name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DomainCreate.model_validate({"name": name, "install": {"method": "none"}})
    assert caught.value.errors()[0]["loc"] == ("name",)


@pytest.mark.parametrize("mac", ["52:54:00:00:00", "53:54:00:00:00:01", "x"])
def test_unusable_mac_addresses_are_refused(mac: str) -> None:
    with pytest.raises(ValidationError):
        DomainCreate.model_validate({"name": "a", "install": {"method": "none"}, "nics": [{"mac": mac}]})


def test_disk_names_go_on_after_z() -> None:
    assert [target_name("vd", number) for number in (0, 25, 26, 701, 702)] == ["vda", "vdz", "vdaa", "vdzz", "vdaaa"]


def test_capabilities_of_a_host_are_read() -> None:
    found = read_capabilities(
        "<capabilities><host><uuid>u</uuid><cpu><arch>x86_64</arch><model>EPYC</model><vendor>AMD</vendor>"
        "<topology sockets='1' dies='1' cores='4' threads='2'/></cpu></host><guest><os_type>hvm</os_type>"
        "<arch name='x86_64'><emulator>/q</emulator><machine canonical='pc-q35-7.2' maxCpus='288'>q35</machine>"
        "<domain type='qemu'/><domain type='kvm'/></arch></guest></capabilities>"
    )
    guest = found.guest("x86_64")
    assert (found.cores, found.cpu_model) == (4, "EPYC")
    assert guest is not None
    assert (guest.types, guest.machines[0].canonical, guest.machines[0].max_vcpus) == (
        ["qemu", "kvm"],
        "pc-q35-7.2",
        288,
    )


def test_domain_capabilities_are_read() -> None:
    found = read_domain_capabilities(
        "<domainCapabilities><path>/q</path><domain>kvm</domain><machine>pc-q35-7.2</machine><arch>x86_64</arch>"
        "<vcpu max='288'/><os supported='yes'><enum name='firmware'><value>efi</value></enum><loader supported='yes'>"
        "<enum name='secure'><value>yes</value></enum></loader></os><cpu><mode name='host-passthrough' supported='yes'>"
        "<enum name='hostPassthroughMigratable'><value>on</value></enum></mode><mode name='maximum' supported='no'/>"
        "<mode name='custom' supported='yes'><model usable='no' vendor='Intel'>Nehalem</model></mode></cpu><devices>"
        "<disk supported='yes'><enum name='bus'><value>virtio</value></enum></disk>"
        "<tpm supported='no'><enum name='model'><value>tpm-crb</value></enum></tpm></devices>"
        "<features><sev supported='no'/><genid supported='yes'/></features></domainCapabilities>"
    )
    assert (found.firmwares, found.secure_boot, found.max_vcpus) == (["bios", "uefi"], True, 288)
    assert (found.cpu_modes, found.cpu_migratable) == (["host-passthrough", "custom"], True)
    assert (found.cpu_models[0].usable, found.disk_buses, found.tpm_models) == (False, ["virtio"], [])
    assert found.features == ["genid"]


def test_first_settings_come_on_a_drive_that_kernels_made_for_clouds_can_see() -> None:
    image = {"method": "cloud_image", "pool": "default", "volume": "a.qcow2"}
    built = made(install=image, medium=None, seed=SourceFacts("/pool/vm1-seed.iso"))
    root = parse(built.final_xml)
    assert values(root, "devices/disk/target", "bus") == ["virtio", "scsi"]
    assert values(root, "devices/controller[@type='scsi']", "model") == ["virtio-scsi"]
    assert "vm1-seed.iso" in (built.install_xml or "")
