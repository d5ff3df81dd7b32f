"""A host is emptied: all of its machines move in one job, with a result for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.qemu.bed import Bed, wait_for
from tests.qemu.moves import Site, on_own_disk, on_shared

URL = "/api/v1/hosts/local/evacuation"


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


def test_a_host_is_emptied_two_at_a_time_and_what_cannot_go_says_why(site: Site, bed: Bed) -> None:
    for name in ("one", "two"):
        on_shared(bed, name, memory_mib=96)
    on_own_disk(bed, "stuck", memory_mib=160)
    bed.a.define(bed.guest_xml("asleep"))
    asked = {"move": {"destination": "b", "undefine_source": True}, "with_off": True, "order": "largest_first"}
    plan = site.client.post(f"{URL}?dry_run=true", json=asked).json
    assert [command.count("virsh") for command in plan["commands"]] == [1, 1, 1, 1]
    assert sorted(bed.a.virsh("list", "--all", "--name").split()) == ["asleep", "one", "stuck", "two"]
    answer = site.client.post(URL, json=asked)
    assert answer.status_code == 202, answer.text
    over = site.end(answer.json["id"], "failed")
    became = {each["name"]: each["state"] for each in over["details"]["machines"]}
    assert became == {"one": "moved", "two": "moved", "stuck": "failed", "asleep": "moved"}
    assert "3 of 4 have moved. stuck stayed" in over["problem"]["detail"]
    assert [bed.b.state(name) for name in ("one", "two", "asleep", "stuck")] == ["running", "running", "shut off", ""]
    assert bed.a.virsh("list", "--all", "--name").split() == ["stuck"]
    assert bed.a.state("stuck") == "running"


def test_chosen_machines_move_one_by_one_and_a_cancel_leaves_the_rest(site: Site, bed: Bed) -> None:
    uuids = [on_shared(bed, name) for name in ("first", "second", "third")]
    move = {"destination": "b", "bandwidth_mib_s": 2}
    nobody = site.client.post(URL, json={"machines": ["nobody"], "move": move})
    assert [error["pointer"] for error in nobody.json["errors"]] == ["/machines/0"]
    clash = site.client.post(URL, json={"move": move | {"parallel": 2, "tunnelled": True}})
    assert clash.status_code == 422
    asked = {"machines": uuids[:2], "move": move, "at_once": 1, "order": "as_given"}
    job = site.client.post(URL, json=asked).json["id"]
    wait_for(lambda: (site.job(job)["details"].get("machines") or [{}])[0].get("state") == "moving")
    first = site.job(job)["details"]["machines"][0]["job"]
    site.until(first, lambda e: e["phase"] == "memory")
    assert site.client.delete(f"/api/v1/jobs/{job}").status_code == 202
    over = site.end(job, "cancelled", 30)
    assert [each["state"] for each in over["details"]["machines"]] == ["failed", "left"]
    assert [bed.a.state(name) for name in ("first", "second", "third")] == ["running"] * 3
