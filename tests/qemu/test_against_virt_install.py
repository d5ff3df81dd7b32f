"""Our new machines beside those of the real virt-install, on a real host: the same facts, but for chosen differences.

Chosen differences: VNC instead of SPICE, and so no sound card, no USB redirection and no SPICE channel; a plain VGA
card instead of QXL; the balloon reports its use; under emulation the CPU is QEMU's best, where virt-install 4.1 takes
its oldest (newer ones take the best too).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.model.xml import Element, parse
from tests.qemu.bed import Bed
from tests.qemu.test_create import LOCAL, Site
from tests.qemu.tiny_iso import tiny_iso

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


@pytest.fixture(scope="module")
def site(session_bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(session_bed, tmp_path_factory.mktemp("site"))
    yield made
    made.stop()
    session_bed.reset()


def system_of(case: str) -> str:
    """The name that the OS database gives it."""
    return re.sub(r"-(pxe|nodisk|uefi)$", "", case)


@pytest.fixture(scope="module")
def theirs(site: Site) -> dict[str, str]:
    """What the real virt-install makes of each case."""
    common = ["--connect", "qemu:///system", "--name", "vm1", "--virt-type", "qemu", "--network", "default"]
    common += ["--print-xml", "--dry-run"]
    asked = []
    for case, (options, _asked) in CASES.items():
        disk = [] if "--disk" in options else ["--disk", "pool=default,size=1"]
        asked.append({"install": [*common, "--osinfo", system_of(case), *disk, *options]})
    script = Path(__file__).with_name("virt_xml_batch.py").read_text()
    told = site.host.space.run("/usr/bin/python3", "-c", script, text_in=json.dumps(asked))
    return dict(zip(CASES, json.loads(told), strict=True))


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
    real = facts(documents(theirs[case])[-1]) | {"cpu": "maximum"}
    mine = facts(ours(site, CASES[case][1] | {"os": system_of(case)})[0])
    assert {name: (mine[name], real[name]) for name in mine if mine[name] != real[name]} == {}


@pytest.mark.parametrize(
    "asked",
    [
        {"os": "debian12", "install": {"method": "pxe"}},
        {"os": "win11", "install": {"method": "import"}, "memory_mib": 4096, "memory_max_mib": 8192},
        {"os": "generic", "install": {"method": "none"}, "disks": [], "nics": []},
        {
            "os": "fedora37",
            "install": {"method": "iso", "path": "/var/lib/libvirt/images/tiny.iso"},
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
def test_command_shown_makes_the_same_machine(site: Site, tmp_path: Path, asked: dict[str, Any]) -> None:
    tiny_iso(site.host.images / "tiny.iso")
    site.host.virsh("pool-refresh", "default")
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
    }
    plan = site.client.post(f"{LOCAL}/domains?dry_run=true", json=asked | {"type": "qemu"}).json
    for command in plan["commands"]:
        site.host.space.run("sh", "-c", command.replace(site.host.local_uri, "qemu:///system"))
    assert site.host.state("by-hand") == "running"
    assert "i6300esb" in site.host.virsh("dumpxml", "--inactive", "by-hand")
