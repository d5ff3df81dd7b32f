"""Installations from trees on a server: kernel and initrd fetched, started once, and gone when it is over."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deck import Deck
from tests.file_server import FileServer
from tests.operations.creating.test_tree import DEBIAN, FEDORA
from tests.qemu.bed import Bed, wait_for
from tests.qemu.bed.guest import guest_files
from tests.qemu.test_downloads import slips, web
from tests.waiting import PATIENCE_SECONDS

RELEASE = "/debian/dists/bookworm/"


@pytest.fixture
def server() -> Iterator[FileServer]:
    """A mirror of Debian, whose installer is the bed's own small system."""
    made = guest_files()
    files = {DEBIAN + "linux": made.kernel.read_bytes(), DEBIAN + "initrd.gz": made.initrd.read_bytes()}
    with FileServer(b"", files=files).running() as running:
        yield running


@pytest.fixture
def deck(bed: Bed, tmp_path: Path) -> Iterator[Deck]:
    settings = {"local_uri": bed.a.local_uri, "demo": "true", "accelerator": "qemu", "download_allow": "127.0.0.1/32"}
    made = Deck(tmp_path, settings).start()
    assert made.login("demo", "demo").status == 200
    wait_for(lambda: made.ask("GET", "/hosts/local/pools").status == 200)
    yield made
    made.stop()


def begin(deck: Deck, url: str, *, unattended: bool = True, **more: Any) -> Any:
    tree: dict[str, Any] = {"method": "tree", "url": url, "kernel_args": "console=ttyS0 panic=1"}
    if unattended:
        tree["unattended"] = {"user": "ann", "password": "geheim"}
    asked = {"name": "vm1", "memory_mib": 128, "vcpus": 1, "nics": [], "disks": [{"size_gib": 0.1}], "install": tree}
    answer = deck.ask("POST", "/hosts/local/domains", asked | more)
    assert answer.status == 202, answer.json
    return answer.json


def volumes(bed: Bed) -> list[str]:
    return sorted(bed.a.virsh("vol-list", "default").split()[::2])


def test_kernel_of_a_tree_is_started_and_goes_when_the_installer_ends(deck: Deck, bed: Bed, server: FileServer) -> None:
    done = deck.ended(begin(deck, server.url(RELEASE))["id"])
    uuid = done["result"]["uuid"]
    assert deck.ask("GET", f"/hosts/local/domains/{uuid}").json["installation"] == "running"
    assert "console=ttyS0 panic=1" in bed.a.virsh("dumpxml", "vm1")
    assert "<kernel>" not in bed.a.virsh("dumpxml", "--inactive", "vm1")
    assert volumes(bed) == ["vm1-initrd", "vm1-kernel", "vm1.qcow2"]
    serial = deck.console("local", uuid, "serial")
    serial.send(b"\r")
    serial.read_until(b"# ")
    serial.send(b"cat /preseed.cfg\r")
    serial.read_until(b"d-i passwd/username string ann")
    serial.send(b"reboot -f\r")
    wait_for(lambda: volumes(bed) == ["vm1.qcow2"], what="the installer's files are gone")
    wait_for(lambda: bed.a.state("vm1") == "running", what="it starts from its disk")
    assert "quarterdeck-install" not in bed.a.virsh("dumpxml", "vm1")


def test_installer_that_needs_more_memory_has_it_and_the_system_has_what_was_asked_for(
    deck: Deck, bed: Bed, server: FileServer
) -> None:
    def memory() -> int:
        told = bed.a.virsh("qemu-monitor-command", "vm1", "--hmp", "info memory_size_summary")
        return int(told.split()[2]) >> 20

    done = deck.ended(begin(deck, server.url(RELEASE), unattended=False, os="centos7.0")["id"])
    assert memory() == 1536, "as the database says of installing CentOS 7 over a network"
    serial = deck.console("local", done["result"]["uuid"], "serial")
    serial.send(b"\r")
    serial.read_until(b"# ")
    serial.send(b"cat /proc/meminfo; echo th''ere\r")
    total = serial.read_until(b"there").split(b"MemTotal:")[1].split()[0]
    assert 1300 << 10 < int(total) < 1536 << 10
    serial.send(b"reboot -f\r")
    wait_for(lambda: volumes(bed) == ["vm1.qcow2"], what="the installer's files are gone")
    wait_for(lambda: bed.a.state("vm1") == "running", what="it starts from its disk")
    assert memory() == 128
    machine = deck.ask("GET", f"/hosts/local/domains/{done['result']['uuid']}").json
    assert (machine["installation"], machine["pending"]) == (None, [])


def test_machine_that_another_tool_removes_takes_along_what_was_fetched_for_its_installation(
    deck: Deck, bed: Bed, server: FileServer
) -> None:
    deck.ended(begin(deck, server.url(RELEASE))["id"])
    deck.ended(begin(deck, server.url(RELEASE), name="vm2", start=False)["id"])
    bed.a.virsh("undefine", "vm1")  # it runs on until it is turned off
    wait_for(lambda: not deck.ask("GET", "/hosts/local/domains").json[0]["persistent"], what="the news of it")
    assert {"vm1-kernel", "vm1-initrd"} <= set(volumes(bed))
    bed.a.virsh("destroy", "vm1")
    vm2 = ["vm2-initrd", "vm2-kernel", "vm2.qcow2"]
    wait_for(lambda: volumes(bed) == ["vm1.qcow2", *vm2], what="the installer's files are gone")
    deck.stop()
    bed.a.virsh("undefine", "vm2")
    deck.start()
    wait_for(lambda: volumes(bed) == ["vm1.qcow2", "vm2.qcow2"], what="those of the machine that went meanwhile")
    assert deck.login("demo", "demo").status == 200
    gone = {each["name"]: each["uuid"] for each in deck.ask("GET", "/hosts/local/deleted-domains").json}
    again = f"/hosts/local/deleted-domains/{gone['vm2']}/define"
    warned = deck.ask("POST", f"{again}?dry_run=true", {}).json["warnings"]
    assert warned == ["What it was to be installed from is gone: it starts from its disk."]
    assert deck.ask("POST", again, {}).json["installation"] is None
    server.hold = 1 << 20
    begun = begin(deck, server.url(RELEASE), name="vm3")["id"]
    assert server.holding.wait(PATIENCE_SECONDS)
    bed.a.virsh("undefine", "vm3")
    server.go_on.set()
    over = deck.ended(begun, "failed")
    assert "was removed while" in over["problem"]["detail"], over
    assert (volumes(bed), over["log"]) == (["vm1.qcow2", "vm2.qcow2"], [])


def test_what_is_no_tree_is_told_and_leaves_nothing(deck: Deck, bed: Bed, server: FileServer) -> None:
    begun = begin(deck, server.url("/elsewhere/"), unattended=False, name="vm{n}", count=2)
    problem = deck.ended(begun["id"], "failed")["problem"]
    assert "no installation tree" in problem["detail"]
    assert [error["pointer"] for error in problem["errors"]] == ["/install/url"]
    assert (volumes(bed), bed.a.virsh("list", "--all", "--name").split()) == ([], [])
    assert deck.ask("GET", "/hosts/local/deleted-domains").json == []


def test_tree_in_a_folder_of_the_host_is_started_too_and_names_nothing_outside(deck: Deck, bed: Bed) -> None:
    made, tree = guest_files(), bed.a.images.parent / "tree"
    (tree / "images/pxeboot").mkdir(parents=True)
    shutil.copy(made.kernel, tree / "images/pxeboot/vmlinuz")
    shutil.copy(made.initrd, tree / "images/pxeboot/initrd.img")
    (tree / ".treeinfo").write_text(FEDORA)
    url = "file:///var/lib/libvirt/tree"
    assert deck.ended(begin(deck, url, unattended=False)["id"])["result"]["name"] == "vm1"
    running = bed.a.virsh("dumpxml", "vm1")
    assert "<cmdline>console=ttyS0 panic=1" in running, "no guest finds a folder of the host"
    assert volumes(bed) == ["vm1-initrd", "vm1-kernel", "vm1.qcow2"]
    (tree / ".treeinfo").write_text(FEDORA.replace("images/pxeboot/vmlinuz", "../secret"))
    (tree.parent / "secret").write_text("secret")
    refused = {url: "outside of it", f"{url}/none": "no folder /var/lib/libvirt/tree/none"}
    for wrong, words in refused.items():
        over = deck.ended(begin(deck, wrong, unattended=False, name="vm2")["id"], "failed")
        assert words in over["problem"]["detail"], over
    bad = {"name": "vm2", "install": {"method": "tree", "url": f"{url}/../images"}}
    assert deck.ask("POST", "/hosts/local/domains", bad).json["errors"][0]["pointer"] == "/install/url"
    assert volumes(bed) == ["vm1-initrd", "vm1-kernel", "vm1.qcow2"]
    assert bed.a.virsh("pool-list", "--all", "--name").split() == ["default", "shared"], "what was lent is given back"


def test_a_fetch_that_is_cancelled_leaves_nothing(deck: Deck, bed: Bed, server: FileServer) -> None:
    assert server.files
    server.hold = 1 << 20
    for part in ("linux", "initrd.gz"):
        server.holding.clear()
        job = begin(deck, server.url(RELEASE), name="vm{n}", count=2)["id"]
        assert server.holding.wait(PATIENCE_SECONDS), deck.job(job)
        assert server.seen[-1][0] == DEBIAN + part, server.seen
        assert deck.ask("DELETE", f"/jobs/{job}").status == 202
        over = deck.ended(job, "cancelled")
        left = (volumes(bed), bed.a.virsh("list", "--all", "--name").split(), slips(deck))
        assert left == ([], [], []), over
        server.files |= {DEBIAN + "linux": bytes(1 << 16), DEBIAN + "initrd.gz": bytes(4 << 20)}


def test_web_process_that_dies_while_it_is_fetched_finds_it_again(deck: Deck, bed: Bed, server: FileServer) -> None:
    server.hold = 1 << 20
    begun = begin(deck, server.url(RELEASE), name="vm{n}", count=2)
    assert server.holding.wait(PATIENCE_SECONDS)
    os.kill(web(deck), signal.SIGKILL)
    wait_for(lambda: "again in" in deck.output)
    wait_for(lambda: deck.login("demo", "demo").status == 200)
    assert (deck.job(begun["id"])["state"], bed.a.state("vm1")) == ("running", "shut off")
    server.go_on.set()
    assert deck.ended(begun["id"])["result"]["name"] == "vm1"
    for name in ("vm1", "vm2"):
        assert bed.a.state(name) == "running"
        assert "console=ttyS0 panic=1" in bed.a.virsh("dumpxml", name)
    assert volumes(bed) == [f"vm{n}{end}" for n in (1, 2) for end in ("-initrd", "-kernel", ".qcow2")]
    assert [path for path, _ in server.seen].count(DEBIAN + "initrd.gz") == 1


def test_fetch_that_is_cancelled_or_whose_service_ends_leaves_nothing(deck: Deck, bed: Bed, server: FileServer) -> None:
    server.hold = 1 << 20
    begun = begin(deck, server.url(RELEASE))
    assert server.holding.wait(PATIENCE_SECONDS)
    assert deck.ask("DELETE", f"/jobs/{begun['id']}").status in {200, 202}
    deck.ended(begun["id"], "cancelled")
    assert (volumes(bed), bed.a.virsh("list", "--all", "--name").split()) == ([], [])
    server.holding.clear()
    begun = begin(deck, server.url(RELEASE))
    assert server.holding.wait(PATIENCE_SECONDS)
    deck.stop()
    deck.start()
    deck.login("demo", "demo")
    assert deck.ended(begun["id"], "failed")["problem"]["type"] == "/problems/interrupted"
    assert volumes(bed) == []
    # A service that has just started looks whether KVM works, with a machine that is gone at once.
    wait_for(lambda: bed.a.virsh("list", "--all", "--name").split() == [])
