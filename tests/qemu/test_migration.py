"""Machines move between two real hosts: live, paused, offline, with their disks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.qemu.bed import Bed, Nic, wait_for
from tests.qemu.moves import DOMAINS, MIB, Site, on_own_disk, on_shared, pattern, slow, stand_still, taken_mib
from tests.qemu.script import Serial


@pytest.fixture
def site(bed: Bed, tmp_path: Path) -> Iterator[Site]:
    made = Site(bed, tmp_path)
    yield made
    made.stop()


def test_a_live_move_on_shared_storage_tells_how_it_goes(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "walker", memory_mib=160)
    job = site.begin(uuid, undefine_source=True, bandwidth_mib_s=40)
    done = site.end(job)
    assert (bed.a.state("walker"), bed.b.state("walker")) == ("", "running")
    assert done["result"]["destination"] == "b"
    assert done["result"]["downtime_ms"] > 0
    events = site.events(job)
    phases = list(dict.fromkeys(e["phase"] for e in events if e["phase"]))
    assert phases == ["begin", "prepare", "memory", "finish"]
    shares = [e["progress"] for e in events if e["progress"] is not None]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    flowing = [e["details"] for e in events if e["phase"] == "memory"]
    assert len(flowing) >= 2
    assert all(d["total_bytes"] >= 160 * MIB for d in flowing)
    assert any(d["rate_bytes_s"] > MIB and d["eta_seconds"] is not None for d in flowing)
    spent = [d["elapsed_ms"] for d in flowing]
    assert len(spent) >= (spent[-1] - spent[0]) / 500, spent  # told twice a second at least, by libvirt's clock
    assert events[-1]["details"]["downtime_ms"] == done["result"]["downtime_ms"]
    assert "running on b" in done["log"][-1]["text"]


def test_bandwidth_and_pause_change_while_a_busy_machine_moves(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "busy", dirty_mib=64)
    job = slow(site, uuid, 30, max_downtime_ms=1)
    site.until(job, lambda e: e["details"].get("iteration", 0) > 1)
    site.tune(job, bandwidth_mib_s=2)
    busy = site.until(job, lambda e: "faster than it can be sent" in e["message"])
    assert busy["details"]["eta_seconds"] is None
    assert busy["details"]["dirty_rate_bytes_s"] > 2 * MIB
    site.tune(job, bandwidth_mib_s=7, max_downtime_ms=30)
    assert bed.a.virsh("migrate-getspeed", "busy").strip() == "7"
    assert bed.a.virsh("migrate-getmaxdowntime", "busy").strip() == "30"
    site.tune(job, bandwidth_mib_s=0, max_downtime_ms=5000)
    done = site.end(job)
    assert bed.b.state("busy") == "running"
    assert done["details"]["max_downtime_ms"] == 5000
    assert any("Longest pause: 5000 ms" in line["text"] for line in done["log"])


def test_a_cancelled_move_leaves_the_machine_running_where_it_was(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "stayer")
    job = slow(site, uuid)
    site.tune(job, bandwidth_mib_s=1, max_downtime_ms=1)
    assert site.client.delete(f"/api/v1/jobs/{job}").status_code == 202
    over = site.end(job, "cancelled")
    assert "running on local, as before" in over["problem"]["detail"]
    assert (bed.a.state("stayer"), bed.b.state("stayer")) == ("running", "")
    site.end(site.begin(uuid))
    assert bed.b.state("stayer") == "running"


def test_post_copy_finishes_what_would_never_end_and_goes_on_where_it_broke(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "endless", dirty_mib=64)
    assert site.refused(uuid, 409, post_copy=True, resume_post_copy=True)["type"] == "/problems/wrong-state"
    job = slow(site, uuid, 3, post_copy=True, post_copy_bandwidth_mib_s=6, max_downtime_ms=1)
    site.tune(job, post_copy=True, bandwidth_mib_s=0)
    site.until(job, lambda e: e["phase"] == "post_copy" and e["details"]["rate_bytes_s"])
    assert site.client.delete(f"/api/v1/jobs/{job}").status_code == 409, "there is no way back"
    wait_for(lambda: bed.b.state("endless") == "running", what="host b has taken over")
    bed.a.virsh("domjobabort", "endless", "--postcopy")  # as a cut network would
    over = site.end(job, "failed")
    assert over["problem"]["type"] == "/problems/post-copy-broken", over
    assert "half on b: it stands still" in over["problem"]["detail"], over
    assert site.refused(uuid, 409)["type"] == "/problems/post-copy-broken"
    told = site.service.hosts.get("local").migrations.statistics(uuid)
    assert told is None, f"whoever follows it after a restart would never end: {told}"
    there = wait_for(lambda: site.client.get(f"{DOMAINS}/{uuid}").json, what="it is told")
    assert there["actions"]["resume"], there["actions"]
    over = site.end(site.begin(uuid, post_copy=True, resume_post_copy=True))
    assert over["phase"] == "finish", over
    assert (bed.a.state("endless"), bed.b.state("endless")) == ("shut off", "running")


@pytest.mark.parametrize("forgets", [False, True], ids=["known", "undefined"])
def test_a_move_by_post_copy_tells_what_it_took(site: Site, bed: Bed, forgets: bool) -> None:
    uuid = on_shared(bed, "fetched", dirty_mib=32)
    job = slow(site, uuid, 3, post_copy=True, max_downtime_ms=1, undefine_source=forgets)
    site.tune(job, post_copy=True, bandwidth_mib_s=0)
    result = site.end(job)["result"]
    assert result["duration_ms"] > 0, result
    # Only the source is told more by libvirt, and with the machine it forgets that.
    assert bool(result["downtime_ms"]) != forgets, result
    assert bool(result["sent_bytes"]) != forgets, result


def test_post_copy_must_be_allowed_at_the_start(site: Site, bed: Bed) -> None:
    job = slow(site, on_shared(bed, "plain"))
    assert site.client.patch(f"/api/v1/jobs/{job}", json={"post_copy": True}).status_code == 409
    site.client.delete(f"/api/v1/jobs/{job}")
    site.end(job, "cancelled")


def test_without_shared_storage_it_is_refused_and_says_what_to_do(site: Site, bed: Bed) -> None:
    uuid = on_own_disk(bed, "local-disk")
    finding = next(f for f in site.check(uuid)["findings"] if f["id"] == "disk-vda")
    assert finding["severity"] == "danger"
    refused = site.refused(uuid, 409)
    assert refused["type"].endswith("migration-blocked")
    assert "“Copy the disks”" in refused["cure"]
    assert refused["findings"] == [finding]
    plan = site.client.post(f"{DOMAINS}/{uuid}/migration?dry_run=true", json={"destination": "b"})
    assert (plan.status_code, plan.json) == (409, refused)
    assert bed.a.state("local-disk") == "running"


def test_the_disks_move_along(site: Site, bed: Bed) -> None:
    uuid = on_own_disk(bed, "carrier")
    plan = site.client.post(
        f"{DOMAINS}/{uuid}/migration?dry_run=true", json={"destination": "b", "storage": "copy"}
    ).json
    assert "--copy-storage-all" in plan["commands"][0]
    # Not so quick that nobody looks at the disk on its way.
    done = site.end(site.begin(uuid, storage="copy", undefine_source=True, bandwidth_mib_s=20))
    assert bed.b.state("carrier") == "running"
    assert pattern(bed, "/var/lib/libvirt/images/carrier.qcow2")
    assert taken_mib(bed.b, "/var/lib/libvirt/images/carrier.qcow2") < 4, "thin here, thin there"
    assert done["details"]["total_bytes"] >= (128 + 32) * MIB
    assert "carrier.qcow2" in bed.a.space.run("ls", "/var/lib/libvirt/images")


def test_the_disks_move_into_another_pool(site: Site, bed: Bed) -> None:
    bed.b.virsh("pool-define-as", "spare", "dir", "--target", "/var/lib/libvirt/spare")
    bed.b.virsh("pool-build", "spare")
    bed.b.virsh("pool-start", "spare")
    uuid = on_own_disk(bed, "mover", form="raw")
    site.end(site.begin(uuid, storage="copy", pool="spare"))
    assert "/var/lib/libvirt/spare/mover.raw" in bed.b.virsh("domblklist", "mover")
    assert "/var/lib/libvirt/spare/mover.raw" in bed.b.virsh("dumpxml", "--inactive", "mover")
    assert pattern(bed, "/var/lib/libvirt/spare/mover.raw", "raw")
    assert taken_mib(bed.b, "/var/lib/libvirt/spare/mover.raw") < 4, "thin here, thin there"


def test_a_folder_without_a_pool_is_lent_one_for_the_time(site: Site, bed: Bed) -> None:
    folder = Path("/var/lib/libvirt/elsewhere")
    bed.a.space.run("mkdir", "-p", folder)
    uuid = on_own_disk(bed, "guest-of-none", folder)
    site.end(site.begin(uuid, storage="copy"))
    assert pattern(bed, f"{folder}/guest-of-none.qcow2")
    assert bed.b.virsh("pool-list", "--all", "--name").split() == ["default", "shared"]


def test_only_what_lies_above_a_common_base_moves(site: Site, bed: Bed) -> None:
    folder = "/var/lib/libvirt/images"
    for host in (bed.a, bed.b):
        base = host.make_disk("base.qcow2", "32M")
        host.space.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", "qcow2", f"{folder}/top.qcow2")
    bed.a.space.run("qemu-io", "-c", "write -P 0x5a 1M 2M", f"{folder}/top.qcow2")
    uuid = bed.a.define(bed.guest_xml("layered", disk=f"{folder}/top.qcow2"), start=True)
    assert "base image" in site.refused(uuid, 409, storage="incremental")["detail"]
    bed.b.virsh("pool-refresh", "default")
    site.end(site.begin(uuid, storage="incremental"))
    assert pattern(bed, f"{folder}/top.qcow2")
    assert "base.qcow2" in bed.b.space.run("qemu-img", "info", "-U", f"{folder}/top.qcow2")


def test_a_transfer_address_that_is_nobodys_is_named(site: Site, bed: Bed) -> None:
    over = site.end(site.begin(on_shared(bed, "lost"), transfer_address=f"{bed.network}.77"), "failed")
    assert f"{bed.network}.77:49152" in over["problem"]["detail"]
    assert "49152-49215" in over["problem"]["cure"]


def test_a_foreign_file_is_never_overwritten(site: Site, bed: Bed) -> None:
    uuid = on_own_disk(bed, "twin")
    bed.b.make_disk("twin.qcow2", "32M")
    bed.b.virsh("pool-refresh", "default")
    assert "not this machine's" in site.refused(uuid, 409, storage="copy")["detail"]


def test_offline_only_the_definition_moves(site: Site, bed: Bed) -> None:
    disk = bed.a.make_disk("sleeper.qcow2", folder=bed.shared)
    uuid = bed.a.define(bed.guest_xml("sleeper", disk=disk))
    done = site.end(site.begin(uuid, mode="offline", undefine_source=True, start=True))
    assert done["result"]["state"] == "running"
    assert (bed.a.state("sleeper"), bed.b.state("sleeper")) == ("", "running")


def test_a_machine_that_is_off_cannot_move_live(site: Site, bed: Bed) -> None:
    uuid = bed.a.define(bed.guest_xml("off"))
    assert "offline" in site.refused(uuid, 409)["cure"]


def test_paused_moves_and_machines_that_stay_paused(site: Site, bed: Bed) -> None:
    site.end(site.begin(on_shared(bed, "frozen"), mode="paused", rename="thawed"))
    assert bed.b.state("thawed") == "running"
    site.end(site.begin(on_shared(bed, "waiter"), leave_paused=True))
    assert bed.b.state("waiter") == "paused"
    still = on_shared(bed, "still")
    stand_still(bed.a, "still")
    site.end(site.begin(still))
    assert bed.b.state("still") == "paused"


def test_wishes_that_do_not_go_together_are_named_at_their_fields(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "wisher")
    problem = site.refused(uuid, 422, tunnelled=True, parallel=2, undefine_source=True, persistent=False)
    assert {e["pointer"] for e in problem["errors"]} == {"/parallel", "/undefine_source"}
    assert {e["pointer"] for e in site.refused(uuid, 422, destination="local")["errors"]} == {"/destination"}
    assert {e["pointer"] for e in site.refused(uuid, 422, destination="nowhere")["errors"]} == {"/destination"}


def test_a_machine_on_two_hosts_is_shown_and_a_lock_names_its_holder(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "double")
    assert site.client.get("/api/v1/hosts/local/twins").json == []
    site.end(site.begin(uuid))
    here = {"uuid": uuid, "name": "double", "host": "b", "state": "running", "both_run": False, "clear": "local"}
    assert site.client.get("/api/v1/hosts/local/twins").json == [here]
    there = here | {"host": "local", "state": "shut_off"}
    assert site.client.get("/api/v1/hosts/b/twins").json == [there]
    assert "double runs on b" in site.client.delete(f"/api/v1/hosts/b/twins/{uuid}").json["detail"]
    plan = site.client.delete(f"/api/v1/hosts/local/twins/{uuid}?dry_run=true").json
    assert plan["notes"] == ["double stays on b, where it is running."]
    assert bed.a.state("double") == "shut off"
    left = wait_for(lambda: (seen := site.client.get(f"{DOMAINS}/{uuid}").json)["runs_on"] and seen)
    assert (left["runs_on"], left["actions"]["start"]) == ("b", refused_start(site, uuid))
    bed.b.stop_libvirtd()
    (away,) = wait_for(lambda: [d for d in site.client.get("/api/v1/hosts/b/domains").json if d["last_seen"]])
    assert (away["name"], away["state"]) == ("double", "running")
    assert all(reason.startswith("b is not connected") for reason in away["actions"].values())
    wait_for(lambda: site.client.get(DOMAINS).json[0]["actions"]["start"] is None, what="it may be started in need")
    bed.b.start_libvirtd()
    wait_for(lambda: site.client.get("/api/v1/hosts/b/domains").json[0]["last_seen"] is None)
    wait_for(lambda: site.client.get(DOMAINS).json[0]["runs_on"] == "b")
    assert site.client.delete(f"/api/v1/hosts/local/twins/{uuid}").status_code == 204
    assert (bed.a.state("double"), bed.b.state("double")) == ("", "running")
    assert bed.a.space.run("ls", bed.shared / "double.qcow2")
    assert site.client.delete(f"/api/v1/hosts/b/twins/{uuid}").status_code == 409
    disk = bed.a.make_disk("only.qcow2")
    bed.a.define(bed.guest_xml("holder", disk=disk), start=True)
    late = bed.a.define(bed.guest_xml("late", disk=disk))
    refused = site.client.post(f"{DOMAINS}/{late}/start")
    assert refused.status_code == 409, refused.text
    assert f"Its disk {disk} is locked: holder runs on local" in refused.json["detail"]
    assert refused.json["holder"] == {"host": "local", "name": "holder", "path": str(disk)}


def refused_start(site: Site, uuid: str) -> str:
    """Why it may not start on the local host."""
    refused = site.client.post(f"{DOMAINS}/{uuid}/start")
    assert refused.status_code == 409, refused.text
    assert "It runs on b" in refused.json["detail"]
    return str(refused.json["detail"])


def test_a_missing_network_and_a_taken_name_are_found_and_refused_before_a_job_begins(site: Site, bed: Bed) -> None:
    bed.a.virsh("net-define", str(_file(bed, "<network><name>lab</name><bridge name='virbr7'/></network>")))
    bed.a.virsh("net-start", "lab")
    bed.b.define(bed.guest_xml("popular"))
    uuid = on_shared(bed, "popular", nic=Nic("lab"))
    seen = site.check(uuid)
    assert not seen["possible"]
    assert {f["id"] for f in seen["findings"] if f["severity"] == "danger"} == {"network-lab", "name-taken"}
    refused = site.refused(uuid, 409)
    assert {f["id"] for f in refused["findings"]} == {"network-lab", "name-taken"}
    assert [f["id"] for f in site.refused(uuid, 409, rename="rare")["findings"]] == ["network-lab"]
    assert site.client.get("/api/v1/jobs").json == []
    assert bed.a.state("popular") == "running"


def _file(bed: Bed, xml: str) -> Path:
    file = bed.folder / "some.xml"
    file.write_text(xml)
    return file


def test_the_check_of_a_good_move_has_nothing_against_it_and_a_forecast(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "fit", dirty_mib=32)
    wait_for(lambda: site.check(uuid)["forecast"]["dirty_rate_bytes_s"])
    seen = site.check(uuid)
    assert seen["possible"], seen["findings"]
    assert seen["forecast"]["seconds"] > 0
    assert site.check(uuid, bandwidth_mib_s=1)["forecast"]["converges"] is False


def test_a_forecast_is_near_what_the_move_takes_and_learns_from_it(site: Site, bed: Bed) -> None:
    restless = ready(bed, "restless", memory_mib=160, dirty_mib=16)
    bed.a.virsh("suspend", "restless")
    idle = ready(bed, "idle", memory_mib=160)
    assert site.check(idle)["forecast"]["link_source"] == "card"
    first, result = foretold(site, idle)
    assert (first["learnt_from"], first["link_source"], first["start_seconds"]) == (0, "limit", 1.0)
    assert result["predicted_ms"] == pytest.approx(first["seconds"] * 1000, abs=1)
    assert result["predicted_pause_ms"] == first["pause_ms"]
    bed.a.virsh("resume", "restless")
    assert site.check(restless, bandwidth_mib_s=2)["forecast"]["converges"] is False
    second, _ = foretold(site, restless, max_downtime_ms=4000)
    assert (second["learnt_from"], second["start_seconds"]) == (1, round(result["start_ms"] / 1000, 2)), second
    off = abs(result["duration_ms"] / result["predicted_ms"] - 1) * 100
    assert second["error_percent"] == pytest.approx(off, abs=1)
    assert second["pause_ms"] > first["pause_ms"]


def ready(bed: Bed, name: str, **settings: Any) -> str:
    """A machine whose guest has done with starting."""
    uuid = on_shared(bed, name, **settings)
    serial = Serial(bed.a, name)
    serial.until(r"tick [2-9]\r")
    serial.close()
    return uuid


def foretold(site: Site, uuid: str, **asked: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The forecast of a move over a link that is so slow that it and not the CPU decides, and its result.

    By how much QEMU starts later than told, or sends slower than it may, hangs on what else this machine does just now:
    the forecast is held to what that leaves.
    """
    asked["bandwidth_mib_s"] = 16
    forecast = site.check(uuid, **asked)["forecast"]
    result = site.end(site.begin(uuid, **asked))["result"]
    told_ms, told_start_ms = forecast["seconds"] * 1000, forecast["start_seconds"] * 1000
    allowed_ms = result["sent_bytes"] / (16 * MIB) * 1000
    slower = max((result["duration_ms"] - result["start_ms"]) / allowed_ms, 1)
    held_to = max(result["start_ms"], told_start_ms) + (told_ms - told_start_ms) * slower
    assert result["duration_ms"] == pytest.approx(held_to, rel=0.3), (slower, forecast, result)
    return forecast, result


def test_a_firewall_that_swallows_the_transfer_is_found_before(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "walled")
    seen = site.check(uuid, transfer_address=f"{bed.network}.77")
    assert any(f["id"] == "data-port" for f in seen["findings"])


def test_a_machine_that_has_stood_still_since_it_came_moves_on_only_when_it_has_run(site: Site, bed: Bed) -> None:
    uuid = on_shared(bed, "still")
    stand_still(bed.a, "still")
    site.end(site.begin(uuid, undefine_source=True))
    back, asked = f"/api/v1/hosts/b/domains/{uuid}/migration", {"destination": "local"}
    found = site.client.post(f"{back}/check", json=asked).json["findings"]
    assert "It has not run since it came here" in [each["title"] for each in found if each["severity"] == "danger"]
    refused = site.client.post(back, json=asked)
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/migration-blocked"), refused.text
    bed.b.virsh("resume", "still")
    stand_still(bed.b, "still")
    site.end(site.client.post(back, json=asked).json["id"])
    assert bed.a.state("still") == "paused"
