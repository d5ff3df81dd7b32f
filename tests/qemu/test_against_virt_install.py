"""Our new machines beside those of the real virt-install, on a real host: the same facts, but for chosen differences.

Chosen differences: VNC instead of SPICE, and so no sound card, no USB redirection and no SPICE channel; a plain VGA
card instead of QXL; the balloon reports its use; under emulation the CPU is QEMU's best, where virt-install 4.1 takes
its oldest (newer ones take the best too). `whole_definition.py` lists every difference with its reason.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.model.xml import Element, parse
from tests.operations.creating.test_tree import FEDORA
from tests.qemu.bed import Bed
from tests.qemu.test_create import LOCAL, Site
from tests.qemu.tiny_iso import tiny_iso
from tests.qemu.whole_definition import differing

DISK = {"pool": "default", "size_gib": 1}
CASES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "debian11": (["--import"], {"install": {"method": "import"}}),
    "debian11-pxe": (["--pxe"], {"install": {"method": "pxe"}}),
    "debian10": (["--pxe"], {"install": {"method": "pxe"}}),
    "ubuntu22.04": (["--import"], {"install": {"method": "import"}}),
    "fedora37": (["--pxe"], {"install": {"method": "pxe"}}),
    "centos-stream9": (["--pxe", "--boot", "uefi"], {"install": {"method": "pxe"}, "firmware": "uefi"}),
    "rhel6.10": (["--import"], {"install": {"method": "import"}}),
    "alpinelinux3.17": (["--pxe"], {"install": {"method": "pxe"}}),
    "win10": (["--import"], {"install": {"method": "import"}}),
    "win11": (["--import"], {"install": {"method": "import"}}),
    "win2k22": (["--pxe"], {"install": {"method": "pxe"}}),
    "winxp": (
        ["--import", "--memory", "512", "--vcpus", "1"],
        {"install": {"method": "import"}, "memory_mib": 512, "vcpus": 1},
    ),
    "freebsd13.1": (["--pxe", "--memory", "1024"], {"install": {"method": "pxe"}, "memory_mib": 1024}),
    "generic": (["--import", "--memory", "512"], {"install": {"method": "import"}, "memory_mib": 512}),
    "debian9": (["--pxe"], {"install": {"method": "pxe"}}),
    "ubuntu20.04": (["--pxe"], {"install": {"method": "pxe"}}),
    "fedora36": (["--import"], {"install": {"method": "import"}}),
    "centos7.0": (["--pxe"], {"install": {"method": "pxe"}}),
    "centos8": (["--import"], {"install": {"method": "import"}}),
    "rhel9.0": (["--pxe"], {"install": {"method": "pxe"}}),
    "almalinux9": (["--import"], {"install": {"method": "import"}}),
    "opensuse15.4": (["--pxe"], {"install": {"method": "pxe"}}),
    "archlinux": (["--import"], {"install": {"method": "import"}}),
    "win7": (["--import"], {"install": {"method": "import"}}),
    "win2k19": (["--pxe"], {"install": {"method": "pxe"}}),
    "openbsd7.0": (["--import", "--memory", "512"], {"install": {"method": "import"}, "memory_mib": 512}),
    "freebsd12.3": (["--import", "--memory", "1024"], {"install": {"method": "import"}, "memory_mib": 1024}),
    "fedora35": (["--pxe"], {"install": {"method": "pxe"}}),
    "debian11-uefi": (["--import", "--boot", "uefi"], {"install": {"method": "import"}, "firmware": "uefi"}),
    "debian11-nodisk": (["--pxe", "--disk", "none"], {"install": {"method": "pxe"}, "disks": []}),
}

MAC = "52:54:00:aa:bb:01"
ISO, TREE = "/var/lib/libvirt/images/tiny.iso", "/var/lib/libvirt/images/tree"
FIRMWARE = "firmware.feature0.name=secure-boot,firmware.feature1.name=enrolled-keys"


@dataclass(frozen=True)
class Wish:
    """What somebody asks for beyond a system: virt-install's words, ours, and where of both results it stands.

    `apart` are facts in which the two differ on purpose.
    """

    words: str
    asked: dict[str, Any]
    told: tuple[str, ...]
    system: str = "debian11"
    apart: tuple[str, ...] = ()


def device(type_: str, **values: Any) -> dict[str, Any]:
    return {"devices": [{"type": type_, **values}]}


WISHES: dict[str, Wish] = {
    "disks on several buses": Wish(
        "--import --disk pool=default,size=1,bus=virtio --disk pool=default,size=1,bus=scsi,format=raw"
        " --disk pool=default,size=1,bus=sata,cache=none,driver.io=native,driver.discard=ignore,serial=A1"
        " --disk pool=default,size=1,bus=usb,driver.detect_zeroes=unmap",
        {
            "disks": [
                DISK | {"bus": "virtio"},
                DISK | {"bus": "scsi", "format": "raw"},
                DISK | {"bus": "sata", "cache": "none", "io": "native", "discard": "ignore", "serial": "A1"},
                DISK | {"bus": "usb", "detect_zeroes": "unmap"},
            ]
        },
        ("//controller[@type='scsi']/@model", "//disk/driver/@*", "//disk/serial/text()", "//disk/target/@dev"),
    ),
    "disk that is shared": Wish(
        f"--import --disk path={ISO},device=disk,readonly=on,driver.type=raw --disk path={TREE}/vmlinuz,shareable=on",
        {"disks": [{"path": ISO, "readonly": True}, {"path": f"{TREE}/vmlinuz", "shareable": True}]},
        ("//disk/source/@file", "count(//readonly)", "count(//shareable)"),
    ),
    "virtio for windows": Wish(
        "--import --disk pool=default,size=1,bus=virtio --network default,model=virtio",
        {"disks": [DISK | {"bus": "virtio"}], "nics": [{"network": "default", "model": "virtio"}]},
        ("//disk/target/@dev",),
        system="win10",
    ),
    "cards": Wish(
        f"--import --network default,model=e1000e,mac={MAC} --network default",
        {"nics": [{"network": "default", "model": "e1000e", "mac": MAC}, {"network": "default"}]},
        ("//interface/@type", "//interface/source/@*", f"//mac[@address='{MAC}']/@address"),
    ),
    "no card": Wish("--import --network none", {"nics": []}, ("count(//interface)",)),
    "secure boot": Wish(
        f"--import --boot firmware=efi,{FIRMWARE},firmware.feature0.enabled=yes,firmware.feature1.enabled=yes",
        {"firmware": "uefi", "secure_boot": True},
        ("//os/firmware/feature/@*",),
    ),
    "no secure boot": Wish(
        f"--import --boot firmware=efi,{FIRMWARE},firmware.feature0.enabled=no,firmware.feature1.enabled=no",
        {"firmware": "uefi", "secure_boot": False},
        ("//os/firmware/feature/@*",),
    ),
    "tpm": Wish("--import --tpm emulator,model=tpm-crb,version=2.0", {"tpm": True}, ("//tpm/backend/@*",)),
    "no tpm": Wish("--import --tpm none", {"tpm": False}, ("count(//tpm)",), system="win11"),
    "no screen": Wish(
        "--import --graphics none", {"graphics": "none"}, ("count(//graphics | //video | //sound | //redirdev)",)
    ),
    "spice and a video card": Wish(
        "--import --graphics spice --video virtio",
        {"graphics": "spice", "video": "virtio"},
        ("//graphics/@type", "//video/model/@type"),
    ),
    "sound": Wish("--import --graphics vnc --sound ich9", device("sound", model="ich9"), ("//sound/@model",)),
    "no sound": Wish("--import --graphics vnc --sound none", {}, ("count(//sound | //audio | //redirdev)",)),
    "vsock": Wish("--import --vsock auto_cid=yes", device("vsock"), ("//vsock/cid/@auto",)),
    "share": Wish(
        "--import --filesystem type=mount,source.dir=/srv,target.dir=srv,driver.type=path,accessmode=mapped",
        device("filesystem", driver="path", source="/srv", target="srv", access_mode="mapped"),
        ("//filesystem/@accessmode", "//filesystem/*/@dir"),
    ),
    "usb device": Wish(
        "--import --hostdev type=usb,xpath0.set=./@mode,xpath0.value=subsystem,xpath1.set=./source/vendor/@id,"
        "xpath1.value=0x1234,xpath2.set=./source/product/@id,xpath2.value=0xabcd",
        device("hostdev", kind="usb", vendor="0x1234", product="0xabcd"),
        ("//hostdev/@type", "//hostdev/source/*/@id"),
    ),
    "watchdog": Wish(
        "--import --watchdog i6300esb,action=poweroff",
        device("watchdog", model="i6300esb", action="poweroff"),
        ("//watchdog/@*",),
    ),
    "as little as possible": Wish(
        "--import --rng none --memballoon none --controller usb,model=none --console none --channel none"
        " --input none --graphics none",
        {"without": ["rng", "memballoon", "usb", "serial", "agent", "tablet"], "graphics": "none"},
        ("//memballoon/@model", "count(//channel | //console | //serial)"),
    ),
    "old board": Wish("--import --machine pc", {"machine": "pc"}, ("count(//controller[@model='pcie-root'])",)),
    "named cpu": Wish(
        "--import --cpu Nehalem,secure=off",
        {"cpu": {"mode": "custom", "model": "Nehalem"}},
        ("//cpu/@mode", "//cpu/@match", "//cpu/model/text()"),
        apart=("cpu",),
    ),
    "arranged cpus": Wish(
        "--import --vcpus 8,sockets=1,cores=4,threads=2",
        {"vcpus": 8, "cpu": {"topology": {"sockets": 1, "cores": 4, "threads": 2}}},
        ("//topology/@sockets", "//topology/@cores", "//topology/@threads"),
    ),
    "room to grow": Wish(
        "--import --memory 1024,maxmemory=4096 --vcpus 2,maxvcpus=4",
        {"memory_mib": 1024, "memory_max_mib": 4096, "vcpus": 2, "vcpus_max": 4},
        ("//currentMemory/text()", "//vcpu/@current"),
    ),
    "texts": Wish(
        "--import --metadata title='A, b',description=Shop",
        {"title": "A, b", "description": "Shop"},
        ("//title/text()", "//description/text()"),
    ),
    "medium": Wish(
        f"--cdrom {ISO}", {"install": {"method": "iso", "path": ISO}}, ("//disk/target/@dev", "count(//disk/source)")
    ),
    "medium of windows": Wish(
        f"--cdrom {ISO}",
        {"install": {"method": "iso", "path": ISO}},
        ("//disk/target/@dev", "//disk[@device='cdrom']/source/@file"),
        system="win10",
    ),
    "live medium": Wish(
        f"--cdrom {ISO} --livecd --disk none",
        {"install": {"method": "iso", "path": ISO}, "disks": []},
        ("//disk/target/@dev", "//disk/source/@file"),
    ),
    "tree": Wish(
        f"--location {TREE} --extra-args console=ttyS0",
        {"install": {"method": "tree", "url": f"file://{TREE}", "kernel_args": "console=ttyS0"}},
        ("count(//os/kernel)", "count(//os/cmdline)"),
        system="fedora37",
    ),
    "cloud image": Wish(
        "--import --cloud-init disable=on --disk pool=default,size=1 --controller scsi,model=virtio-scsi",
        {"install": {"method": "cloud_image", "pool": "default", "volume": "cloud.qcow2"}},
        ("//disk[@device='disk']/target/@bus", "//controller[@type='scsi']/@model"),
        apart=("disks",),  # the drive for first settings: clouds' kernels have no driver for SATA, and it stays
    ),
}


@pytest.fixture(scope="module")
def site(session_bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(session_bed, tmp_path_factory.mktemp("site"))
    yield made
    made.stop()
    shutil.rmtree(made.host.images / "tree", ignore_errors=True)
    session_bed.reset()


def system_of(case: str) -> str:
    """The name that the OS database gives it."""
    return re.sub(r"-(pxe|nodisk|uefi)$", "", case)


@pytest.fixture(scope="module")
def theirs(site: Site) -> dict[str, str]:
    """What the real virt-install makes of each case."""
    sources(site)
    common = ["--connect", "qemu:///system", "--name", "vm1", "--virt-type", "qemu", "--print-xml", "--dry-run"]
    lines = {case: (system_of(case), options) for case, (options, _asked) in CASES.items()}
    lines |= {case: (wish.system, shlex.split(wish.words)) for case, wish in WISHES.items()}
    asked = []
    for system, options in lines.values():
        usual = [] if "--disk" in options else ["--disk", "pool=default,size=1"]
        usual += [] if "--network" in options else ["--network", "default"]
        asked.append({"install": [*common, "--osinfo", system, *usual, *options]})
    script = Path(__file__).with_name("virt_xml_batch.py").read_text()
    told = site.host.space.run("/usr/bin/python3", "-c", script, text_in=json.dumps(asked))
    return dict(zip(lines, json.loads(told), strict=True))


def sources(site: Site) -> None:
    """What machines are made from: a medium, a tree and a cloud image."""
    tree = site.host.images / "tree"
    (tree / "images/pxeboot").mkdir(parents=True)
    for name in ("vmlinuz", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"):
        (tree / name).write_bytes(b"x" * 512)
    (tree / ".treeinfo").write_text(FEDORA)
    tiny_iso(site.host.images / "tiny.iso")
    site.host.make_disk("cloud.qcow2", "1G")
    site.host.virsh("pool-refresh", "default")


def facts(root: Element) -> dict[str, Any]:
    def values(path: str, name: str) -> list[str | None]:
        return [element.get(name) for element in root.iterfind(path)]

    def first(path: str, name: str) -> str | None:
        return next(iter(values(path, name)), None)

    os = root.find("os")
    assert os is not None
    return {
        "type": root.get("type"),
        "machine": (first("os/type", "machine") or "pc").replace("pc-i440fx-7.2", "pc"),
        "firmware": os.get("firmware"),
        "memory": root.findtext("memory"),
        "vcpu": root.findtext("vcpu"),
        "cpu": first("cpu", "mode"),
        "clock": first("clock", "offset"),
        "timers": sorted(f"{t.get('name')}" for t in root.iterfind("clock/timer") if t.get("name") != "hypervclock"),
        "sleep": values("pm/*", "enabled"),
        "disks": [(d.get("device"), d.find("target").get("bus")) for d in root.iterfind("devices/disk")],  # type: ignore[union-attr]
        "formats": values("devices/disk[@device='disk']/driver", "type"),
        "discard": values("devices/disk[@device='disk']/driver", "discard"),
        "nic": values("devices/interface/model", "type"),
        "usb": values("devices/controller[@type='usb']", "model"),
        "root ports": bool(values("devices/controller[@model='pcie-root-port']", "type")),
        "tablet": values("devices/input", "type"),
        "tpm": values("devices/tpm", "model"),
        "agent": "org.qemu.guest_agent.0" in values("devices/channel/target", "name"),
        "rng": values("devices/rng", "model"),
        "balloon": values("devices/memballoon", "model"),
        "serial": len(root.findall("devices/console")),
    }


def documents(text: str) -> list[Element]:
    return [parse("<domain" + part) for part in text.split("<domain")[1:]]


def ours(site: Site, asked: dict[str, Any]) -> tuple[Element, str]:
    values: dict[str, Any] = {"name": "vm1", "disks": [DISK], "nics": [{"network": "default"}], "type": "qemu"}
    answer = site.client.post(f"{LOCAL}/domains?dry_run=true", json=values | asked)
    assert answer.status_code == 200, answer.text
    lines = [line[1:] for line in answer.json["xml_diff"].split("--- saved")[0].splitlines()]
    return parse("\n".join(lines)), answer.json["commands"][0]


@pytest.mark.parametrize("case", CASES)
def test_defaults_are_those_of_virt_install(site: Site, theirs: dict[str, str], case: str) -> None:
    their, our = documents(theirs[case])[-1], ours(site, CASES[case][1] | {"os": system_of(case)})[0]
    real, mine = facts(their) | {"cpu": "maximum"}, facts(our)
    assert {name: (mine[name], real[name]) for name in mine if mine[name] != real[name]} == {}
    assert differing(our, their) == []


@pytest.mark.parametrize("case", WISHES)
def test_wishes_come_true_as_with_virt_install(site: Site, theirs: dict[str, str], case: str) -> None:
    wish, said = WISHES[case], theirs[case]
    assert said.lstrip().startswith("<domain"), said
    real = documents(said)[-1]
    mine = ours(site, {"install": {"method": "import"}, "os": wish.system} | wish.asked)[0]
    known = facts(real) | ({} if "cpu" in wish.apart else {"cpu": "maximum"})
    got = facts(mine)
    different = {name: (got[name], known[name]) for name in got if got[name] != known[name] and name not in wish.apart}
    told = {path: (tell(mine, path), tell(real, path)) for path in wish.told}
    assert different | {path: pair for path, pair in told.items() if pair[0] != pair[1]} == {}
    assert all(pair[0] for pair in told.values()), told
    assert differing(mine, real) == []


def tell(root: Element, path: str) -> list[str]:
    """What stands there."""
    found = root.xpath(path)
    return sorted(map(str, found)) if isinstance(found, list) else [str(found)]


@pytest.mark.parametrize(
    "asked",
    [
        {"os": "debian12", "install": {"method": "pxe"}},
        {"os": "win11", "install": {"method": "import"}, "memory_mib": 4096, "memory_max_mib": 8192},
        {"os": "generic", "install": {"method": "none"}, "disks": [], "nics": []},
        {
            "os": "fedora37",
            "install": {"method": "iso", "path": ISO},
            "disks": [DISK | {"bus": "scsi", "format": "raw", "cache": "none", "io": "native", "serial": "a1"}],
            "cpu": {"topology": {"sockets": 1, "cores": 2, "threads": 2}},
            "firmware": "uefi",
            "secure_boot": False,
            "title": "A, b",
            "without": ["rng", "tablet", "agent"],
        },
    ],
    ids=lambda asked: asked["os"],
)
@pytest.mark.usefixtures("theirs")
def test_command_shown_makes_the_same_machine(site: Site, asked: dict[str, Any]) -> None:
    root, command = ours(site, asked)
    words = shlex.split(command)
    words[words.index("--connect") + 1] = "qemu:///system"
    theirs = facts(documents(site.host.space.run(*words, "--print-xml", "--dry-run"))[-1])
    mine = facts(root)
    assert {name: (mine[name], theirs[name]) for name in mine if mine[name] != theirs[name]} == {}


def test_commands_shown_really_make_the_machine(site: Site) -> None:
    asked = {
        "name": "by-hand",
        "os": "debian12",
        "memory_mib": 128,
        "install": {"method": "pxe"},
        "disks": [DISK],
        "devices": [{"type": "watchdog", "model": "i6300esb", "action": "reset"}],
        "settings": {"clock": {"offset": "localtime"}, "cputune": {"shares": 512}, "tags": ["lab"]},
    }
    plan = site.client.post(f"{LOCAL}/domains?dry_run=true", json=asked | {"type": "qemu"}).json
    for command in plan["commands"]:
        site.host.space.run("sh", "-c", command.replace(site.host.local_uri, "qemu:///system"))
    assert site.host.state("by-hand") == "running"
    assert "i6300esb" in site.host.virsh("dumpxml", "--inactive", "by-hand")
    for live in ([], ["--inactive"]):
        text = site.host.virsh("dumpxml", *live, "by-hand")
        assert "<clock offset='localtime'>" in text and "<shares>512</shares>" in text and "lab" in text, text
