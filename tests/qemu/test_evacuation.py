"""A host is emptied: all of its machines move in one job, with a result for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deck import Deck
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
    assert [command.count("virsh") for command in plan["commands"]] == [1, 1, 1], plan
    assert any(words.startswith("stuck will stay: ") for words in plan["warnings"]), plan
    assert plan["notes"] == ["3 of 4 machines can move."], plan
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
    none = site.client.post(URL, json=over["details"]["asked"])
    assert none.status_code == 409, none.text
    assert none.json["detail"].startswith("None of them can move so. stuck will stay: "), none.json


def test_chosen_machines_move_one_by_one_and_a_cancel_leaves_the_rest(site: Site, bed: Bed) -> None:
    uuids = [on_shared(bed, name) for name in ("first", "second", "third")]
    move = {"destination": "b", "bandwidth_mib_s": 2}
    nobody = site.client.post(URL, json={"machines": ["nobody"], "move": move})
    assert [error["pointer"] for error in nobody.json["errors"]] == ["/machines/0"]
    clash = site.client.post(URL, json={"move": move | {"parallel": 2, "tunnelled": True}})
    assert "/move/parallel" in [error["pointer"] for error in clash.json["errors"]], clash.json
    named = site.client.post(URL, json={"move": move | {"rename": "one"}})
    assert [error["pointer"] for error in named.json["errors"]] == ["/move/rename"], named.json
    offered = site.client.post(f"{URL}/options", json=move | {"tunnelled": True}).json["options"]
    blocked = {each["name"]: each["blocked"] for each in offered}
    assert blocked["parallel"], blocked
    assert "rename" not in blocked
    asked = {"machines": uuids[:2], "move": move, "at_once": 1, "order": "as_given"}
    job = site.client.post(URL, json=asked).json["id"]
    wait_for(lambda: (site.job(job)["details"].get("machines") or [{}])[0].get("state") == "moving")
    first = site.job(job)["details"]["machines"][0]["job"]
    site.until(first, lambda e: e["phase"] == "memory")
    assert site.client.delete(f"/api/v1/jobs/{job}").status_code == 202
    over = site.end(job, "cancelled")
    assert [each["state"] for each in over["details"]["machines"]] == ["failed", "left"]
    assert [bed.a.state(name) for name in ("first", "second", "third")] == ["running"] * 3


def test_a_killed_service_goes_on_with_the_rest(bed: Bed, begin_deck: Callable[..., Deck]) -> None:
    uuids = [on_shared(bed, name) for name in ("first", "second", "third")]
    deck = begin_deck(bed, allow_tcp_hosts="true")
    deck.ask("POST", "/hosts", {"name": "b", "transport": "tcp", "address": bed.b.address})
    wait_for(lambda: deck.ask("GET", "/hosts/b").json["state"] == "connected")
    asked = {"machines": uuids, "move": {"destination": "b", "bandwidth_mib_s": 2}, "at_once": 2, "order": "as_given"}
    job = deck.begin("POST", "/hosts/local/evacuation", asked)

    def moves() -> list[dict[str, Any]]:
        return [each for each in deck.ask("GET", "/jobs").json if each["kind"] == "migration"]

    wait_for(lambda: [each["phase"] for each in moves()] == ["memory"] * 2)
    before = {each["id"] for each in moves()}
    deck.kill()
    deck.start()
    deck.login("demo", "demo")

    def hurried() -> Any:
        for each in moves():
            if each["phase"] == "memory" and each["state"] == "running":
                deck.ask("PATCH", f"/jobs/{each['id']}", {"bandwidth_mib_s": 0, "max_downtime_ms": 5000})
        seen = deck.ask("GET", f"/jobs/{job}").json
        return seen["state"] != "running" and seen

    over = wait_for(hurried)
    assert over["state"] == "done", over
    assert {each["name"]: each["state"] for each in over["result"]["machines"]} == {
        "first": "moved",
        "second": "moved",
        "third": "moved",
    }
    assert len(moves()) == 3
    assert before < {each["job"] for each in over["result"]["machines"]}
    assert [(bed.a.state(name), bed.b.state(name)) for name in ("first", "second", "third")] == [
        ("shut off", "running")
    ] * 3
