"""Disks of real machines move between pools: running and off, with another speed on the way, cancelled, and killed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.script import IMAGES, Machine, Script

SPARE = "/var/lib/libvirt/spare"
MIB = 1 << 20


@pytest.fixture
def script(bed: Bed, tmp_path: Path) -> Iterator[Script]:
    made = Script(bed, tmp_path)
    yield made
    made.stop()


def furnish(bed: Bed, name: str, *, start: bool) -> str:
    """A machine with 64 MiB of a pattern on its disk and another disk, and an empty pool `spare`; its UUID."""
    bed.a.space.run("rm", "-rf", SPARE)
    bed.a.virsh("pool-define-as", "spare", "dir", "--target", SPARE)
    bed.a.virsh("pool-build", "spare")
    bed.a.virsh("pool-start", "spare")
    disk = bed.a.make_disk(f"{name}.qcow2", "80M")
    bed.a.space.run("qemu-io", "-c", "write -P 7 0 64M", disk)
    data = bed.a.make_disk(f"{name}-data.qcow2", "8M")
    bed.a.virsh("pool-refresh", "default")
    uuid = bed.a.define(bed.guest_xml(name, disk=disk))
    bed.a.virsh("attach-disk", name, str(data), "vdb", "--subdriver", "qcow2", "--config")
    bed.a.virsh("start", name) if start else None
    return uuid


def spare(bed: Bed) -> list[str]:
    return bed.a.space.run("ls", SPARE).split()


def test_a_running_machine_goes_on_while_its_disk_moves(script: Script, bed: Bed) -> None:
    one = Machine(script, furnish(bed, "mover", start=True), "mover")
    job = one.begin("POST", "/disks/move", {"pool": "spare", "disks": ["vdb", "vda"], "bandwidth_mib_s": 4})
    seen = one.reached(job, lambda seen: seen["details"].get("disk") == "vda" and seen["details"].get("rate_bytes_s"))
    assert (seen["phase"], seen["details"]["disk"], seen["can_cancel"]) == ("copy", "vda", True)
    assert seen["details"]["total_bytes"] == 80 * MIB
    assert seen["eta_seconds"] > 0
    assert one.call("POST", "/snapshots", {"name": "no"}).json["job"] == seen["id"]
    assert one.client.delete(job).status_code in (200, 202), "it may be over at once"
    over = one.end(job, "cancelled")
    assert over["problem"]["detail"] == "The job was cancelled. Before that vdb had moved.", over
    assert (one.disk, spare(bed)) == (f"{IMAGES}/mover.qcow2", ["mover-data.qcow2"]), over
    assert one.host.state("mover") == "running"

    body = {"pool": "spare", "disks": ["vda", "vdb"], "format": "raw", "keep_source": False, "bandwidth_mib_s": 4}
    job = one.begin("POST", "/disks/move", body)
    one.reached(job, lambda seen: seen["details"].get("rate_bytes_s"))
    bed.a.virsh("vol-create-as", "spare", "mover-data.img", "1M")  # somebody else, of the name that vdb would get
    plan = one.client.patch(f"{job}?dry_run=true", json={"bandwidth_mib_s": 0}).json
    assert plan["commands"] == ["virsh blockjob mover vda --bandwidth 0"]
    assert one.client.patch(job, json={"max_downtime_ms": 5}).status_code == 409
    assert one.client.patch(job, json={"bandwidth_mib_s": 0}).status_code == 202
    over = one.end(job, "failed")
    assert over["problem"]["type"] == "/problems/name-taken", over
    assert over["problem"]["detail"].endswith(" Before that vda had moved."), over
    assert spare(bed) == ["mover-data.img", "mover-data.qcow2", "mover.img"], over
    assert (one.disk, one.host.state("mover")) == (f"{SPARE}/mover.img", "running")
    assert one.holds(one.disk, 7, "0")
    assert one.holds(one.disk, 7, "63M")
    assert one.files() == ["mover-data.qcow2"]


def test_a_source_that_something_came_to_stand_on_meanwhile_stays(script: Script, bed: Bed) -> None:
    one = Machine(script, furnish(bed, "base", start=True), "base")
    source = one.disk
    body = {"pool": "spare", "keep_source": False, "bandwidth_mib_s": 4}
    job = one.begin("POST", "/devices/disk-vda/move", body)
    one.reached(job, lambda seen: seen["details"].get("rate_bytes_s"))
    words = ("-f", "qcow2", "-b", source, "-F", "qcow2", f"{IMAGES}/late.qcow2")
    one.host.space.run("qemu-img", "create", "-q", "-u", *words, "80M")
    bed.a.virsh("pool-refresh", "default")
    assert one.client.patch(job, json={"bandwidth_mib_s": 0}).status_code == 202
    over = one.end(job)
    assert any("late.qcow2 uses it" in line["text"] for line in over["log"]), over
    assert one.files() == ["base-data.qcow2", "base.qcow2", "late.qcow2"]


def test_all_disks_of_a_machine_that_is_off_move_in_another_format_and_it_stays_off(script: Script, bed: Bed) -> None:
    one = Machine(script, furnish(bed, "sleeper", start=False), "sleeper")
    body = {"pool": "spare", "disks": ["vda", "vdb"], "format": "raw"}
    plan = one.call("POST", "/disks/move?dry_run=true", body).json
    assert f'+      <source file="{SPARE}/sleeper.img"/>' in plan["xml_diff"]
    words = [command.split()[1] for command in plan["commands"]]
    assert words == ["start", *["vol-create-as", "blockcopy"] * 2, "destroy"], plan
    assert spare(bed) == []
    told = one.do("POST", "/disks/move", body)["result"]["disks"]
    assert [each["path"] for each in told] == [f"{SPARE}/sleeper.img", f"{SPARE}/sleeper-data.img"], told
    assert (one.disk, one.host.state("sleeper")) == (f"{SPARE}/sleeper.img", "shut off")
    assert one.holds(one.disk, 7, "63M")
    assert one.files() == ["sleeper-data.qcow2", "sleeper.qcow2"]
    one.host.virsh("start", "sleeper")


def test_what_cannot_move_says_why_at_its_field(script: Script, bed: Bed) -> None:
    one = Machine(script, furnish(bed, "fixed", start=False), "fixed")

    def refused(path: str = "/devices/disk-vda/move", **body: object) -> dict[str, str]:
        answer = one.call("POST", path, body)
        assert answer.status_code in (409, 422, 507), answer.text
        return {each["pointer"]: each["detail"] for each in answer.json["errors"]}

    assert "lies there already" in refused(pool="default")["/pool"]
    assert "/pool" in refused(pool="nowhere")
    assert list(refused("/disks/move", pool="nowhere", disks=["vda", "vdb"])) == ["/pool"]
    several = refused("/disks/move", pool="default", disks=["vdb", "vdz", "vdb"])
    assert [several[f"/disks/{number}"].split(".")[0] for number in range(3)] == [
        "It lies there already, in this format",
        "The machine has no disk vdz",
        "The machine has no other disk vdb",
    ]
    assert "/volume" in refused(pool="spare", volume="../x")
    bed.a.make_disk("taken.qcow2", folder=Path(SPARE))
    bed.a.virsh("pool-refresh", "spare")
    assert "already" in refused(pool="spare", volume="taken.qcow2")["/volume"]
    one.take("inside")
    answer = one.call("POST", "/devices/disk-vda/move", {"pool": "spare"})
    assert "internal snapshots" in answer.json["detail"]


def test_a_killed_service_finds_the_copy_again(bed: Bed, begin_deck: Callable[..., Deck]) -> None:
    deck = begin_deck(bed)
    uuid = furnish(bed, "survivor", start=False)
    domain = f"/hosts/local/domains/{uuid}"
    etag = wait_for(lambda: deck.ask("GET", domain).json.get("etag"))
    body = {"pool": "spare", "keep_source": False, "bandwidth_mib_s": 2}
    job = deck.begin("POST", f"{domain}/devices/disk-vda/move", body, If_Match=str(etag))
    deck.reached(job, lambda seen: seen["details"].get("rate_bytes_s"))
    deck.kill()
    assert bed.a.state("survivor") == "paused"
    deck.start()
    deck.login("demo", "demo")
    deck.reached(job, lambda seen: seen["details"].get("rate_bytes_s"))
    assert deck.ask("PATCH", f"/jobs/{job}", {"bandwidth_mib_s": 0}).status == 202
    deck.ended(job)
    assert bed.a.state("survivor") == "shut off"
    assert f"{SPARE}/survivor.qcow2" in bed.a.virsh("domblklist", "survivor")
    assert spare(bed) == ["survivor.qcow2"]
    assert "survivor.qcow2" not in bed.a.space.run("ls", IMAGES)
