"""Every option of a move reaches libvirt and QEMU, as libvirt's log and QEMU's monitor tell, and the move arrives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import libvirt
import pytest

from quarterdeck.model.migration import options
from tests.qemu.bed import Bed, Nic, wait_for
from tests.qemu.certificates import Authority
from tests.qemu.moves import DOMAINS, Site, on_own_disk, on_shared, pattern, slow, taken_mib

LOG = "/var/log/libvirt/moves.log"
ALWAYS = (
    libvirt.VIR_MIGRATE_LIVE
    | libvirt.VIR_MIGRATE_PEER2PEER
    | libvirt.VIR_MIGRATE_PERSIST_DEST
    | libvirt.VIR_MIGRATE_CHANGE_PROTECTION
    | libvirt.VIR_MIGRATE_ABORT_ON_ERROR
)
Told = Callable[[], str]


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def told(bed: Bed) -> Iterator[Told]:
    """What the source's libvirtd says of the move that it was asked for."""

    def admin(*words: str) -> None:
        bed.a.space.run("virt-admin", "-q", "-c", "libvirtd:///system", *words)

    admin("daemon-log-filters", "1:libvirt.domain")
    admin("daemon-log-outputs", f"1:file:{LOG}")
    yield lambda: bed.a.space.run("cat", LOG).rpartition("dconnuri=")[2]
    admin("daemon-log-outputs", "3:stderr")
    admin("daemon-log-filters", "")
    bed.a.space.run("rm", "-f", LOG)


def flags(line: str) -> int:
    found = re.search(r" flags=0x([0-9a-f]+)", line)
    assert found, line
    return int(found[1], 16)


def parameters(line: str) -> dict[str, str]:
    """The parameters that libvirt got."""
    return dict(re.findall(r'params\["([^"]+)"\]=\(\w+\)(.*)', line))


def qemu(bed: Bed, name: str, what: str) -> str:
    """What QEMU itself has been told: its migration capabilities or parameters."""
    return bed.a.virsh("qemu-monitor-command", name, "--hmp", f"info {what}")


WAYS: list[tuple[dict[str, Any], int, tuple[str, ...]]] = [
    (
        {"compressed": True, "compression_method": "xbzrle", "compression_cache_mib": 8}
        | {"auto_converge": True, "auto_converge_initial": 30, "auto_converge_increment": 15},
        libvirt.VIR_MIGRATE_COMPRESSED | libvirt.VIR_MIGRATE_AUTO_CONVERGE,
        ("xbzrle: on", "auto-converge: on", "xbzrle-cache-size: 8388608", "cpu-throttle-initial: 30",
         "cpu-throttle-increment: 15"),
    ),
    (
        {"compressed": True, "compression_method": "mt", "compression_level": 3, "compression_threads": 3}
        | {"decompression_threads": 3, "leave_paused": True, "listen_address": "b"},
        libvirt.VIR_MIGRATE_COMPRESSED | libvirt.VIR_MIGRATE_PAUSED,
        ("compress: on", "compress-level: 3", "compress-threads: 3"),
    ),
    (
        {"parallel": 3, "undefine_source": True},
        libvirt.VIR_MIGRATE_PARALLEL | libvirt.VIR_MIGRATE_UNDEFINE_SOURCE,
        ("multifd: on", "multifd-channels: 3"),
    ),
    (
        {"post_copy": True, "post_copy_bandwidth_mib_s": 9, "unsafe": True, "graphics_address": "10.9.9.9"},
        libvirt.VIR_MIGRATE_POSTCOPY | libvirt.VIR_MIGRATE_UNSAFE,
        ("postcopy-ram: on", "max-postcopy-bandwidth: 9437184"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "flag", "seen"), WAYS, ids=lambda value: next(iter(value), "") if isinstance(value, dict) else ""
)
def test_options_of_the_memory_reach_libvirt_and_qemu(
    site: Site, bed: Bed, told: Told, wish: dict[str, Any], flag: int, seen: tuple[str, ...]
) -> None:
    uuid = on_shared(bed, "traveller")
    if "listen_address" in wish:
        wish = wish | {"listen_address": bed.b.address}
    job = slow(site, uuid, mib_s := 1, **wish)
    assert flags(told()) == ALWAYS | flag
    said = {"bandwidth": mib_s} | {
        option.parameter: option.sent(wish[name]) for name, _, option in options() if option.parameter and name in wish
    }
    if "graphics_address" in wish:
        said["graphics_uri"] = f"vnc://{wish['graphics_address']}"
    assert parameters(told()).items() >= {name: str(value) for name, value in said.items()}.items()
    capabilities = qemu(bed, "traveller", "migrate_capabilities") + qemu(bed, "traveller", "migrate_parameters")
    capabilities = re.sub(r"(\S+): (\d+) bytes(/second)?", r"\1: \2", capabilities)
    assert [each for each in (*seen, f"max-bandwidth: {mib_s << 20}") if each not in capabilities] == [], capabilities
    site.tune(job, bandwidth_mib_s=0, max_downtime_ms=5000)
    result = site.end(job)["result"]
    assert bed.b.state("traveller") == ("paused" if wish.get("leave_paused") else "running")
    assert result["source"] == ("undefined" if wish.get("undefine_source") else "off")
    assert result["state"] == ("paused" if wish.get("leave_paused") else "running")
    assert result["duration_ms"] > 0
    assert "on b" in result["proof"]


@pytest.fixture
def certificates(bed: Bed, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """Gives QEMU on both hosts certificates of one authority, when called."""
    folders = [host.space.folder / "pki" for host in (bed.a, bed.b)]

    def issue() -> None:
        authority = Authority(tmp_path / "authority")
        for host, folder in zip((bed.a, bed.b), folders, strict=True):
            for end in ("server", "client"):
                authority.issue(folder, f"{end}-", host.name, f"DNS:{host.name},IP:{host.address}", "ca-cert.pem")

    yield issue
    for file in (file for folder in folders for file in folder.iterdir()):
        file.unlink()


def test_an_encrypted_move_says_which_certificates_are_missing_and_goes_with_them(
    site: Site, bed: Bed, told: Told, certificates: Callable[[], None]
) -> None:
    uuid = on_shared(bed, "secret")
    over = site.end(site.begin(uuid, tls=True), "failed")
    assert f"{bed.b.space.folder}/pki/ca-cert.pem is missing" in over["problem"]["detail"], over
    assert "client-key.pem" in over["problem"]["cure"], over
    certificates()
    job = slow(site, uuid, 1, tls=True)
    assert flags(told()) == ALWAYS | libvirt.VIR_MIGRATE_TLS
    assert f"tls-hostname: '{bed.b.address}'" in qemu(bed, "secret", "migrate_parameters")
    site.client.delete(f"/api/v1/jobs/{job}")
    site.end(job, "cancelled")
    job = slow(site, uuid, 4, tls=True, tls_name=bed.b.name)
    assert f"tls-hostname: '{bed.b.name}'" in qemu(bed, "secret", "migrate_parameters")
    site.tune(job, bandwidth_mib_s=0, max_downtime_ms=5000)
    over = site.end(job)
    assert (bed.a.state("secret"), bed.b.state("secret")) == ("shut off", "running"), over


def test_a_temporary_machine_through_the_tunnel(site: Site, bed: Bed, told: Told) -> None:
    site.end(site.begin(on_shared(bed, "traveller"), tunnelled=True, persistent=False, abort_on_error=False))
    gone = libvirt.VIR_MIGRATE_PERSIST_DEST | libvirt.VIR_MIGRATE_ABORT_ON_ERROR
    assert flags(told()) == ALWAYS & ~gone | libvirt.VIR_MIGRATE_TUNNELLED
    assert bed.b.state("traveller") == "running"
    assert bed.b.virsh("list", "--all", "--persistent", "--name").split() == []


def test_each_way_to_move_reaches_libvirt(site: Site, bed: Bed, told: Told) -> None:
    uuid = on_shared(bed, "traveller")
    site.end(site.begin(uuid, mode="offline"))
    kept = libvirt.VIR_MIGRATE_PEER2PEER | libvirt.VIR_MIGRATE_PERSIST_DEST
    assert flags(told()) == kept | libvirt.VIR_MIGRATE_OFFLINE
    assert (bed.a.state("traveller"), bed.b.state("traveller")) == ("running", "shut off")
    job = slow(site, uuid, 4, mode="paused", transfer_address=bed.b.address)
    assert flags(told()) == ALWAYS & ~libvirt.VIR_MIGRATE_LIVE
    assert parameters(told())["migrate_uri"] == f"tcp://{bed.b.address}"
    assert bed.a.state("traveller") == "paused"
    site.tune(job, bandwidth_mib_s=0)
    site.end(job)
    for host in (bed.a, bed.b):
        base = host.make_disk("base.qcow2", "8M")
        top = base.with_name("top.qcow2")
        host.space.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", top)
    bed.b.virsh("pool-refresh", "default")
    layered = bed.a.define(bed.guest_xml("layered", disk=top), start=True)
    site.end(site.begin(layered, storage="incremental"))
    assert flags(told()) == ALWAYS | libvirt.VIR_MIGRATE_NON_SHARED_INC


def test_each_disk_goes_its_own_way(site: Site, bed: Bed, told: Told) -> None:
    bed.b.virsh("pool-define-as", "apart", "dir", "--target", "/var/lib/libvirt/apart")
    bed.b.virsh("pool-build", "apart")
    bed.b.virsh("pool-start", "apart")
    shared = bed.a.make_disk("kept.qcow2", folder=bed.shared)
    uuid = on_own_disk(bed, "mover", reserved=True)
    bed.a.virsh("attach-disk", "mover", str(shared), "vdb", "--subdriver", "qcow2", "--persistent")
    asked = {"storage": "copy", "disks": [{"target": "vda", "pool": "apart"}, {"target": "vdb", "storage": "shared"}]}
    asked |= {"synchronous_writes": True, "disks_address": bed.b.address}
    unknown = site.refused(uuid, 422, storage="copy", disks=[{"target": "vdz"}, {"target": "vda", "pool": "none"}])
    assert [error["pointer"] for error in unknown["errors"]] == ["/disks/0/target"]
    site.end(site.begin(uuid, **asked))
    copied = libvirt.VIR_MIGRATE_NON_SHARED_DISK | libvirt.VIR_MIGRATE_NON_SHARED_SYNCHRONOUS_WRITES
    assert flags(told()) == ALWAYS | copied
    assert parameters(told())["disks_uri"] == f"tcp://{bed.b.address}"
    for words in (("domblklist", "mover"), ("domblklist", "mover", "--inactive")):
        assert dict(line.split() for line in bed.b.virsh(*words).splitlines()) == {
            "vda": "/var/lib/libvirt/apart/mover.qcow2",
            "vdb": str(shared),
        }
    assert pattern(bed, "/var/lib/libvirt/apart/mover.qcow2")
    assert taken_mib(bed.b, "/var/lib/libvirt/apart/mover.qcow2") >= 32, "reserved here, reserved there"


def test_networks_are_mapped_and_the_definition_changes_on_the_way(site: Site, bed: Bed) -> None:
    net = bed.folder / "net.xml"
    net.write_text("<network><name>lab</name><bridge name='virbr7'/></network>")
    bed.a.virsh("net-define", str(net))
    bed.a.virsh("net-start", "lab")
    uuid = on_shared(bed, "guest", nic=Nic("lab"))
    here = site.client.get(f"{DOMAINS}/{uuid}/migration/xml").json["xml"]
    changed = here.replace("</name>", "</name><title>moved</title>", 1)
    asked = {"networks": [{"source": "lab", "network": "default"}], "xml": changed, "rename": "visitor"}
    seen = site.check(uuid, **asked)
    assert seen["possible"], seen
    plan = site.client.post(f"{DOMAINS}/{uuid}/migration?dry_run=true", json={"destination": "b"} | asked).json
    assert "+  <title>moved</title>" in plan["xml_diff"]
    assert [
        e["pointer"] for e in site.refused(uuid, 422, xml=here.replace("<name>guest", "<name>other"))["errors"]
    ] == ["/xml"]
    job = slow(site, uuid, **asked)
    assert "xml" not in site.job(job)["details"]["asked"], "it would be sent with each look"
    site.client.delete(f"/api/v1/jobs/{job}")
    told = site.end(job, "cancelled")["details"]
    again = told["asked"]
    assert ("<title>moved</title>" in again["xml"], told["retype_secrets"]) == (True, False), told
    site.end(site.begin(uuid, **{**again, "bandwidth_mib_s": None}))
    for words in ((), ("--inactive",)):
        xml = bed.b.virsh("dumpxml", "visitor", *words)
        assert "network='default'" in xml
        assert "<title>moved</title>" in xml


def test_a_move_is_paused_and_ends_then_and_it_runs_there(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "restless", dirty_mib=64)
    job = slow(site, uuid, 8, max_downtime_ms=1)
    site.until(job, lambda e: e["details"].get("advice"))  # which one depends on how fast the guest is here
    site.tune(job, post_copy_bandwidth_mib_s=5)
    assert site.job(job)["details"]["post_copy_bandwidth_mib_s"] == 5
    site.tune(job, pause=True)
    wait_for(lambda: bed.a.state("restless") == "paused")
    site.tune(job, bandwidth_mib_s=0)
    assert site.job(job)["details"]["bandwidth_mib_s"] is None
    site.end(job)
    assert bed.b.state("restless") == "running"


def test_zero_copy_without_lockable_memory_says_so(site: Site, bed: Bed, told: Told) -> None:
    over = site.end(site.begin(on_shared(bed, "heavy"), parallel=2, zero_copy=True), "failed")
    assert flags(told()) == ALWAYS | libvirt.VIR_MIGRATE_PARALLEL | libvirt.VIR_MIGRATE_ZEROCOPY
    assert "lock" in over["problem"]["detail"]
    assert bed.a.state("heavy") == "running"
