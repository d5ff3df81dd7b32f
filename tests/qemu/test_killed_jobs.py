"""Long jobs are cancelled, and the whole service is killed in the middle of them: nothing stays, and nothing is lost.

Jobs that libvirt or a runner carries on alone (moves, merges, downloads, uploads, trees) are killed in their own files.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.test_clone import FOLDER, disk, files, sources
from tests.waiting import PATIENCE_SECONDS, until

DOMAINS = "/hosts/local/domains"
VOLUMES = "/hosts/local/pools/default/volumes"
IMAGE = {"method": "cloud_image", "pool": "default", "volume": "image.img", "copy_mode": "full"}
MADE = {
    "clone": "web-clone",
    "inside": "back",
    "create": "vm1",
    "create-encrypted": "vm2",
    "volume-clone": "copy",
    "export": "off.ova",
    "volume-encrypt": "locked",
}
"""How the files begin that a job makes."""
ENCRYPTED = {"volume-encrypt", "create-encrypted"}
"""The kinds that give libvirt a secret."""


def furnish(bed: Bed) -> dict[str, str]:
    """Machines that run, one that is off, and one with a snapshot inside its disk; what they stand on, and an image."""
    fill = "head -c 100M /dev/zero | tee web.img > image.img && head -c 25M /dev/urandom > off.img"
    bed.a.space.run("sh", "-c", f"cd {FOLDER} && {fill} && fallocate -l 100M old.img")
    disks = {"web": "web.img", "off": "off.img", "saved": "saved.img", "taken": "taken.qcow2", "then": "then.qcow2"}
    for name in ("saved.img", "taken.qcow2", "then.qcow2"):
        disk(bed, name, "200M", kind="qcow2" if name.endswith("qcow2") else "raw")
    bed.a.space.run("qemu-io", "-c", "write -P 5 8M 60M", f"{FOLDER}/then.qcow2")
    uuids = {}
    for name, file in disks.items():
        kind = "qcow2" if file.endswith("qcow2") else "raw"
        xml = bed.guest_xml(name, disk=f"{FOLDER}/{file}", disk_format=kind)
        uuids[name] = bed.a.define(xml, start=name not in ("off", "then"))
    bed.a.virsh("snapshot-create-as", "then", "inside")
    return uuids


def works(uuids: dict[str, str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """What is asked for each kind of job, what takes longest first; at the end those that wait for QEMU."""
    one = {name: f"{DOMAINS}/{uuid}" for name, uuid in uuids.items()}
    vm = {"name": "vm1", "memory_mib": 64, "nics": [], "disks": [{"size_gib": 1}], "install": IMAGE}
    secret = {"size_gib": 0.01, "format": "raw", "passphrase": "geheim-1"}
    return {
        "inside": (f"{one['then']}/snapshots/inside/clone", {"name": "back"}),
        "clone": (f"{one['web']}/clone", {}),
        "create": (DOMAINS, vm),
        "volume-clone": (f"{VOLUMES}/image.img/clone", {"name": "copy.img"}),
        "export": (f"{one['off']}/export", {"format": "ova", "pool": "default"}),
        "volume-encrypt": (VOLUMES, {"name": "locked.img"} | secret),
        "create-encrypted": (DOMAINS, vm | {"name": "vm2", "install": {"method": "none"}, "disks": [secret]}),
        "volume-wipe": (f"{VOLUMES}/old.img/wipe", {}),
        "save": (f"{one['saved']}/save", {}),
        "take-snapshot": (f"{one['taken']}/snapshots", {"name": "now", "kind": "external"}),
    }


def signal_qemu(bed: Bed, word: str) -> None:
    """Stop the QEMUs of two machines, whose memory is then not written before they go on."""
    for name in ("saved", "taken"):
        bed.a.space.run("sh", "-c", f"kill -{word} $(cat /run/libvirt/qemu/{name}.pid)")


def begin(bed: Bed, deck: Deck, kind: str, what: tuple[str, dict[str, Any]]) -> str:
    """Begin a job. QEMU is stopped as late as can be: from then on answers are late, and short jobs over by then."""
    if kind == "save":
        signal_qemu(bed, "STOP")
    return deck.begin("POST", *what)


def end(deck: Deck, job: str) -> dict[str, Any]:
    """The job once it is over, in whatever way; keys take QEMU long where others use the processor."""
    return dict(until(lambda: (seen := deck.job(job))["ended"] and seen, 3 * PATIENCE_SECONDS))


def made(bed: Bed) -> set[str]:
    """The kinds of jobs of which something is there."""
    return {kind for kind, start in MADE.items() if any(name.startswith(start) for name in files(bed))}


def cancelled(bed: Bed, deck: Deck, asked: dict[str, tuple[str, dict[str, Any]]]) -> set[str]:
    """Begin each kind of job and cancel it at once; the kinds that were through before."""
    jobs = {}
    for kind, what in asked.items():
        jobs[kind] = begin(bed, deck, kind, what)
        deck.ask("DELETE", f"/jobs/{jobs[kind]}")
    signal_qemu(bed, "CONT")
    over = {kind: end(deck, job) for kind, job in jobs.items()}
    assert {job["state"] for job in over.values()} <= {"cancelled", "done"}, over
    return {kind for kind, job in over.items() if job["state"] == "done"}


def test_service_that_is_killed_loses_nothing_and_leaves_nothing(bed: Bed, begin_deck: Callable[..., Deck]) -> None:
    uuids = furnish(bed)
    deck = begin_deck(bed, local_uri=bed.a.uri)
    wait_for(lambda: deck.ask("GET", f"{DOMAINS}/{uuids['then']}").status == 200)
    before, whole, asked = files(bed), (bed.a.images / "off.img").read_bytes(), works(uuids)
    elsewhere = {"clone", "create-encrypted"}  # the first is cancelled in test_clone.py, the second like volume-encrypt
    with bed.narrow(20, "port-a", "outside"):  # no disk is through before it is cancelled or killed
        through = cancelled(bed, deck, {kind: asked[kind] for kind in (*MADE, "save") if kind not in elsewhere})
        if "save" in through:  # it was quicker
            bed.a.virsh("start", "saved")
            through.remove("save")
        assert made(bed) == through <= {"volume-encrypt"}, (files(bed), through)
        assert bed.a.state("saved") == "running", "the machine of the save that was cancelled"
        jobs = {kind: begin(bed, deck, kind, what) for kind, what in asked.items() if kind not in through}
        running = {kind for kind, job in jobs.items() if deck.job(job)["state"] == "running"}
        deck.kill()
    assert running >= {"save", "take-snapshot", "inside", "clone", "create", "volume-clone"}, running
    deck.start()
    deck.login("demo", "demo")
    signal_qemu(bed, "CONT")
    over = {kind: end(deck, job) for kind, job in jobs.items()}
    done = {kind for kind, job in over.items() if job["state"] == "done"}
    assert done >= {"save", "take-snapshot", "volume-wipe"}, over
    failed = {kind: over[kind]["problem"] for kind in set(jobs) - done}
    assert {problem["type"] for problem in failed.values()} <= {"/problems/interrupted"}, json.dumps(failed)
    assert made(bed) == set(MADE) & done | through, (files(bed), over)
    others = [name for name in files(bed) if name not in before and not name.startswith(tuple(MADE.values()))]
    assert others == ["taken-now.mem", "taken-vda-now.qcow2"]
    assert bed.a.virsh("list", "--all", "--with-managed-save", "--name").split() == ["saved"]
    assert bed.a.virsh("snapshot-list", "taken", "--name").split() == ["now"]
    assert set(bed.a.virsh("list", "--all", "--name").split()) - set(uuids) == {
        MADE[kind] for kind in done & {"clone", "inside", "create", "create-encrypted"}
    }
    assert (sources(bed, "web"), bed.a.state("web"), bed.a.state("taken")) == (["web.img"], "running", "running")
    secrets = bed.a.virsh("secret-list").splitlines()
    assert len(secrets) == len(made(bed) & ENCRYPTED), (secrets, over)
    assert bed.a.virsh("pool-list", "--all", "--name").split() == ["default", "shared"]
    assert not any((deck.folder / "state_dir" / "errands").iterdir())
    wiped = (bed.a.images / "old.img").read_bytes()
    assert wiped.count(0) == len(wiped)
    assert (bed.a.images / "off.img").read_bytes() == whole
