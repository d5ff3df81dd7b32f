"""Snapshots with branches, and of machines whose disks lie in several pools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qemu.bed import Bed
from tests.qemu.script import IMAGES, Machine, Script

SECOND = "/var/lib/libvirt/second"


@pytest.fixture
def script(bed: Bed, tmp_path: Path) -> Iterator[Script]:
    made = Script(bed, tmp_path)
    yield made
    made.stop()


def at(number: int) -> str:
    """Where the mark of a snapshot lies on the disk."""
    return f"{number * 64}k"


def test_one_in_the_middle_of_a_tree_goes_once_a_single_branch_stands_on_it(script: Script) -> None:
    disk = str(script.bed.a.make_disk("tree.img", "8M"))
    one = Machine(script, script.bed.a.define(script.bed.guest_xml("tree", disk=disk)), "tree")
    one.put(one.disk, 1, at(1))
    one.take("root", kind="external")
    one.put(one.disk, 2, at(2))
    one.take("middle")
    one.put(one.disk, 3, at(3))
    one.take("left")
    one.put(one.disk, 5, at(5))
    one.revert("middle", keep="left-top")
    one.put(one.disk, 4, at(4))
    one.take("right")
    one.put(one.disk, 6, at(6))
    tree = {name: each["parent"] for name, each in one.snapshots.items()}
    assert tree == {"root": None, "middle": "root", "left": "middle", "left-top": "left", "right": "middle"}

    before = (one.disk, one.files())
    for name in ("root", "middle"):
        refused = one.call("DELETE", f"/snapshots/{name}")
        assert (refused.status_code, refused.json["type"]) == (409, "/problems/in-use"), refused.text
    assert refused.json["cure"] == "Delete one of the branches first: left, left-top, right.", refused.json
    refused = one.call("DELETE", "/snapshots/left")
    assert "Delete the whole branch" in refused.json["cure"], refused.json
    assert ((one.disk, one.files()), one.holds(one.disk, 6, at(6))) == (before, True)

    one.do("DELETE", "/snapshots/left?children=true")
    assert {name: each["parent"] for name, each in one.snapshots.items()} == {
        "root": None,
        "middle": "root",
        "right": "middle",
    }
    one.do("DELETE", "/snapshots/middle")
    assert {name: each["parent"] for name, each in one.snapshots.items()} == {"root": None, "right": "root"}
    assert [one.holds(one.disk, number, at(number)) for number in (1, 2, 4, 6)] == [True] * 4
    assert one.holds(one.disk, 0, at(3)), "what was on the other branch only"
    one.revert("right")
    assert [one.holds(one.disk, number, at(number)) for number in (1, 2, 4)] == [True] * 3
    assert one.holds(one.disk, 0, at(6)), "since then"
    one.revert("root")
    assert (one.holds(one.disk, 1, at(1)), one.holds(one.disk, 0, at(2))) == (True, True)
    one.do("DELETE", "/snapshots/root?children=true")
    assert (one.snapshots, one.files(), one.disk) == ({}, ["tree.img"], disk)
    assert (one.holds(disk, 1, at(1)), one.holds(disk, 0, at(2))) == (True, True)


def test_disks_in_two_pools_of_which_one_is_stopped(script: Script) -> None:
    host = script.bed.a
    first = str(host.make_disk("pair.img", "8M"))
    host.space.run("sh", "-c", f"rm -rf {SECOND} && mkdir {SECOND}")
    host.virsh("pool-define-as", "second", "dir", "--target", SECOND)
    host.virsh("pool-start", "second")
    second = str(host.make_disk("pair-data.img", "8M", folder=Path(SECOND)))
    uuid = host.define(script.bed.guest_xml("pair", disk=first))
    host.virsh("attach-disk", "pair", second, "vdb", "--subdriver", "qcow2", "--config")
    one = Machine(script, uuid, "pair")
    one.take("both", kind="external")
    overlay = f"{SECOND}/pair-vdb-both.qcow2"
    for path in (one.disk, overlay):
        one.put(path, 2, at(2))
    host.virsh("pool-destroy", "second")

    seen = one.snapshots["both"]
    assert {each["target"]: each["size_bytes"] is not None for each in seen["disks"]} == {"vda": True, "vdb": False}
    for method, suffix, body in (
        ("POST", "/snapshots/both/revert", {}),
        ("DELETE", "/snapshots/both", None),
        ("POST", "/snapshot-preview", {"snapshot": "both"}),
    ):
        refused = one.call(method, suffix, body)
        assert refused.status_code in (404, 409, 422), refused.text
        assert "in no running pool" in refused.json["detail"], refused.json
        assert "or make one of it" in refused.text, refused.json
    refused = one.call("POST", "/snapshots", {"name": "half"})
    assert "vdb is in no running pool" in refused.json["errors"][0]["detail"], refused.json
    one.take("half", disks=["vda"])
    one.do("DELETE", "/snapshots/half")
    assert one.holds(overlay, 2, at(2)), "nothing of the other pool was touched"

    host.virsh("pool-start", "second")
    one.revert("both")
    used = host.virsh("domblklist", "pair")
    assert f"{SECOND}/pair-vdb-both-2.qcow2" in used, used
    one.do("DELETE", "/snapshots/both")
    assert (one.files(), host.space.run("ls", SECOND).split()) == (["pair.img"], ["pair-data.img"])
    assert one.holds(first, 0, at(2)) and one.holds(second, 0, at(2))
    assert one.disk == f"{IMAGES}/pair.img"
