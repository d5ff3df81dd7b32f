"""libvirt's lock daemon is switched on for two real hosts, and holds: a machine does not start twice."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.bed.host import BedHost
from tests.qemu.moves import on_shared
from tests.qemu.test_peers import deck, strangers

__all__ = ["deck", "strangers"]
SPACE = "/var/lib/libvirt/shared/locks"
FILES = ("qemu.conf", "qemu-lockd.conf", "qemu-sanlock.conf")
LEASES = "/var/lib/libvirt/shared/leases"


@pytest.fixture
def unlocked(strangers: Bed) -> Iterator[Bed]:
    """Both hosts without a lock manager, with a shared folder for locks."""
    hosts = (strangers.a, strangers.b)
    before = {host: settings(host) for host in hosts}
    strangers.a.space.run("mkdir", "-p", SPACE)
    yield strangers
    strangers.a.space.run("rm", "-rf", SPACE)
    for host, texts in before.items():
        if settings(host) != texts:
            for name, text in texts.items():
                (host.space.folder / "etc" / name).write_text(text)
            host.stop_libvirtd()
            host.start_libvirtd()


def settings(host: BedHost) -> dict[str, str]:
    return {name: (host.space.folder / "etc" / name).read_text() for name in FILES}


def command(host: BedHost, *words: str) -> str:
    return host.space.run(sys.executable, "-m", "quarterdeck.cli", "locking", *words, check=False)


def cannot_hang(host: BedHost) -> bool:
    """Whether GLib is without the lock for which a start with virtlockd can wait for ever."""
    return "G_SLICE=always-malloc" in host.space.run("sh", "-c", "cat /proc/$(cat /run/libvirtd.pid)/environ")


def test_a_machine_that_runs_elsewhere_is_refused_with_lock_file_and_holder(unlocked: Bed, deck: Deck) -> None:
    bed = unlocked
    assert deck.ask("GET", "/hosts/b/locking").json["manager"] == "none"
    wish = {"manager": "lockd", "file_space": SPACE}
    plan = deck.ask("POST", "/hosts/b/locking?dry_run=true", wish).json
    assert plan["commands"] == [f"quarterdeck locking enable --file-space={SPACE}"]
    assert '+lock_manager = "lockd"' in plan["file_diff"]
    assert "lock_manager" not in settings(bed.b)["qemu.conf"]
    changed = deck.ask("POST", "/hosts/b/locking", wish)
    assert changed.status == 200, changed.json
    assert (changed.json["manager"], changed.json["in_force"]) == ("lockd", True)
    assert cannot_hang(bed.b)
    told_of_the_gap(bed, deck)
    assert "lie in file" in command(bed.a, "enable", "--yes", "--file-space", SPACE)
    wait_for(lambda: {host["state"] for host in deck.ask("GET", "/hosts").json} == {"connected"})

    guarded = next(each["uuid"] for each in deck.ask("GET", "/hosts/b/domains").json if each["name"] == "guarded")
    seen = deck.ask("POST", f"/hosts/b/domains/{guarded}/migration/check", {"destination": "local"}).json
    assert "locks" not in [each["id"] for each in seen["findings"]], seen

    uuid = on_shared(bed, "single")
    other = bed.b.define(bed.guest_xml("double", disk=bed.shared / "single.qcow2"))
    refused = deck.ask("POST", f"/hosts/b/domains/{other}/start")
    assert refused.status == 409, refused.json
    assert refused.json["holder"] == {"host": "local", "name": "single", "path": str(bed.shared / "single.qcow2")}
    with lun(bed) as path:
        uuid, other = (host.define(on_block(bed, name, path)) for host, name in ((bed.a, "one"), (bed.b, "two")))
        assert deck.ask("POST", f"/hosts/local/domains/{uuid}/start").status == 200
        refused = deck.ask("POST", f"/hosts/b/domains/{other}/start")
        assert refused.status == 409, refused.json
        assert "Lockspace resource" in refused.json["raw"], "it is libvirt's lock: QEMU has none for block devices"
        assert refused.json["holder"] == {"host": "local", "name": "one", "path": str(path)}
        assert "one runs on local" in refused.json["detail"]
        assert deck.ask("POST", f"/hosts/local/domains/{uuid}/destroy").status == 200
        moved_while_its_lease_is_taken(bed, deck, uuid, other)


def told_of_the_gap(bed: Bed, deck: Deck) -> None:
    """Assert that the check before a move to a host that does not lock says so, and how it comes to lock."""
    wait_for(lambda: {host["state"] for host in deck.ask("GET", "/hosts").json} == {"connected"})
    uuid = bed.b.define(bed.guest_xml("guarded"))
    seen = deck.ask("POST", f"/hosts/b/domains/{uuid}/migration/check", {"destination": "local"}).json
    lost = next((each for each in seen["findings"] if each["id"] == "locks"), seen)
    assert lost.get("severity") == "warning", lost
    assert lost["fact"] == f"b protects its disks by lockd (file: {SPACE}); local has no lock manager."
    assert lost["commands"] == [f"# on local, as root\nquarterdeck locking enable --file-space={SPACE}"]
    assert lost["protection_of"] == "local"


def moved_while_its_lease_is_taken(bed: Bed, deck: Deck, uuid: str, other: str) -> None:
    """Assert that a move ends without harm where another machine takes the lease that a pause on the way let go."""
    assert deck.ask("POST", f"/hosts/local/domains/{uuid}/start").status == 200
    wish = {"destination": "b", "unsafe": True, "bandwidth_mib_s": 1}
    move = f"/hosts/local/domains/{uuid}/migration"
    assert deck.ask("POST", f"{move}/repair", {"kind": "trust-peer", "move": wish | {"mode": "paused"}}).status == 200
    job = deck.begin("POST", move, wish)
    deck.reached(job, lambda seen: seen["phase"] == "memory")
    assert deck.ask("PATCH", f"/jobs/{job}", {"pause": True}).status in (200, 202)
    assert deck.ask("POST", f"/hosts/b/domains/{other}/start").status == 200
    deck.ask("PATCH", f"/jobs/{job}", {"bandwidth_mib_s": 0})
    over = deck.ended(job, "failed")
    assert "It is paused on local. It cannot be let go on: " in over["problem"]["detail"]
    assert (bed.a.state("one"), bed.b.state("one"), bed.b.state("two")) == ("paused", "", "running")
    bed.b.virsh("destroy", "two")
    resumed = f"/hosts/local/domains/{uuid}/resume"
    wait_for(lambda: deck.ask("POST", resumed).status == 200, what="host a's view of the folder of locks is fresh")
    assert bed.a.state("one") == "running"


@contextmanager
def lun(bed: Bed) -> Iterator[Path]:
    """A block device that both hosts have at the same path, as a disk of a storage network would be."""
    path, image = Path("/var/lib/libvirt/images/lun"), bed.folder / "lun.img"
    image.write_bytes(bytes(1 << 20))
    made = subprocess.run(["losetup", "-f", "--show", image], check=True, capture_output=True, text=True).stdout.strip()
    number = Path(made).stat().st_rdev
    for host in (bed.a, bed.b):
        host.space.run("mknod", path, "b", str(os.major(number)), str(os.minor(number)))
    yield path
    subprocess.run(["losetup", "-d", made], check=True)


def on_block(bed: Bed, name: str, path: Path) -> str:
    xml = bed.guest_xml(name, disk=path).replace('type="qcow2"', 'type="raw"')
    return xml.replace('<disk type="file"', '<disk type="block"').replace("<source file=", "<source dev=")


def test_settings_with_which_the_daemon_does_not_come_back_are_taken_back(unlocked: Bed) -> None:
    host = unlocked.b
    lockd = host.space.folder / "etc/qemu-lockd.conf"
    lockd.write_text(lockd.read_text() + "not a setting\n")
    before = settings(host)
    command(host, "enable", "--yes")
    assert settings(host) == before
    assert host.answers()
    assert "none" in command(host, "status")


def test_the_daemon_is_not_restarted_in_the_middle_of_a_job(unlocked: Bed) -> None:
    bed = unlocked
    on_shared(bed, "mover", dirty_mib=64)
    bed.a.virsh("migrate-setspeed", "mover", "1")
    words = ("migrate", "--live", "--p2p", "--unsafe", "mover", bed.b.uri)
    mover = threading.Thread(target=lambda: bed.a.virsh(*words, check=False))
    mover.start()
    wait_for(lambda: "bounded" in bed.a.virsh("domjobinfo", "mover").lower())
    command(bed.a, "enable", "--yes")
    assert "lock_manager" not in settings(bed.a)["qemu.conf"]
    assert bed.a.state("mover") == "running"
    bed.a.virsh("domjobabort", "mover")
    mover.join(60)


@pytest.fixture
def sanlock(unlocked: Bed) -> Iterator[Bed]:
    """sanlock's daemon on both hosts, without the watchdog that would reset this machine, and with short patience."""
    hosts = (unlocked.a, unlocked.b)
    unlocked.a.space.run("mkdir", "-p", LEASES)
    for host in hosts:
        conf = host.space.folder / "etc/qemu-sanlock.conf"
        conf.write_text(conf.read_text() + "io_timeout = 1\n")
        start = "mkdir -p /run/sanlock; cd /; SANLOCK_PRIVILEGED=0 exec sanlock daemon -w 0 -U root -G root"
        host.space.run("sh", "-c", start)
        wait_for(lambda host=host: "daemon" in host.space.run("sanlock", "status", check=False))
    yield unlocked
    for host in hosts:
        host.reset()
        host.space.run("sanlock", "shutdown", "-f", "1")
    unlocked.a.space.run("rm", "-rf", LEASES)


def test_a_lease_of_sanlock_keeps_a_machine_from_running_twice(sanlock: Bed, deck: Deck) -> None:
    bed = sanlock
    for host, number in ((bed.a, "1"), (bed.b, "2")):
        words = ("--sanlock", "--lease-folder", LEASES, "--host-id", number)
        assert "holds a lease" in command(host, "enable", "--yes", *words)
    wait_for(lambda: {host["state"] for host in deck.ask("GET", "/hosts").json} == {"connected"})
    shown = deck.ask("GET", "/hosts/b/locking").json
    assert (shown["manager"], shown["host_id"], shown["in_force"]) == ("sanlock", 2, True)
    with lun(bed) as path:
        uuid, other = (host.define(on_block(bed, name, path)) for host, name in ((bed.a, "one"), (bed.b, "two")))
        assert deck.ask("POST", f"/hosts/local/domains/{uuid}/start").status == 200
        refused = deck.ask("POST", f"/hosts/b/domains/{other}/start")
        assert refused.status == 409, refused.json
        assert "Lease is held by another host" in refused.json["raw"]
        assert refused.json["holder"] == {"host": "local", "name": "one", "path": str(path)}
