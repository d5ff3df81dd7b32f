"""Whatever goes wrong in mid-move: the machine runs exactly once afterwards, its disk is whole, the job says so."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import libvirt
import pytest

from tests.deck import Deck
from tests.qemu.bed import Bed, wait_for
from tests.qemu.moves import DOMAINS, Site
from tests.qemu.traveller import Traveller, copying


@pytest.fixture(scope="module")
def site(session_bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(session_bed, tmp_path_factory.mktemp("site"))
    yield made
    made.stop()
    session_bed.reset()


@pytest.fixture(scope="module")
def started(site: Site) -> Traveller:
    return Traveller(site.bed)


@pytest.fixture
def traveller(site: Site, started: Traveller) -> Iterator[Traveller]:
    """One machine for all, at home before each."""
    assert all(host.wait_connected(60) for host in site.service.hosts.all())
    yield started
    started.home()


@pytest.mark.parametrize("phase", ["begin", "disks", "memory"])
def test_a_move_over_a_slow_network_is_cancelled(site: Site, traveller: Traveller, phase: str) -> None:
    with site.bed.narrow(12, "port-b"):
        job = copying(site, traveller, phase, mib_s=None)
        assert site.client.delete(f"/api/v1/jobs/{job}").status_code == 202
        over = site.end(job, "cancelled")
    assert "running on local, as before" in over["problem"]["detail"]
    traveller.runs_once(site.bed.a)
    traveller.left_nothing()


def test_a_network_that_is_cut_for_a_moment_only_delays_it(site: Site, traveller: Traveller) -> None:
    job = copying(site, traveller, "memory")
    with no_way_between(site.bed):
        wait_for(lambda: len({e["details"]["remaining_bytes"] for e in site.events(job)[-5:]}) == 1)
    site.tune(job, bandwidth_mib_s=0)
    assert site.end(job)["result"]["state"] == "running"
    traveller.runs_once(site.bed.b)


def test_a_network_that_stays_cut_is_told_and_ends_it(site: Site, traveller: Traveller) -> None:
    job, b = copying(site, traveller, "disks"), site.bed.b.address
    with no_way_between(site.bed):
        wait_for(lambda: not site.bed.a.space.run("ss", "-Htn", "state", "established", "dst", f"{b}:16509"))
        # Which one hangs on what libvirt was about to do in the moment of the cut.
        told = ("Nothing has gone over for", "libvirt has not answered for")
        site.until(job, lambda e: e["message"].startswith(told))
    over = site.end(job, "failed")
    assert over["problem"]["detail"] == "The connection between local and b broke. It is running on local, as before."
    traveller.runs_once(site.bed.a)
    wait_for(lambda: traveller.left_nothing() or True)


def test_a_copy_that_is_cancelled_while_the_network_is_cut_says_what_it_waits_for(
    site: Site, traveller: Traveller
) -> None:
    job = copying(site, traveller, "disks", mib_s=1)  # the disk is still on its way when the network is cut
    with no_way_between(site.bed):
        wait_for(
            lambda: len({e["details"].get("remaining_bytes") for e in site.events(job)[-8:]}) == 1, what="stands still"
        )
        assert site.client.delete(f"/api/v1/jobs/{job}").status_code == 202
        told = site.until(job, lambda e: e["message"].startswith("It is cancelled, but libvirt has not answered for"))
        assert (told["state"], told["details"]["eta_seconds"]) == ("running", None)
        assert "Mend the network" in told["details"]["advice"]
    over = site.end(job, "cancelled")
    assert "running on local, as before" in over["problem"]["detail"]
    traveller.runs_once(site.bed.a)
    wait_for(lambda: traveller.left_nothing() or True)


def test_a_move_that_is_cancelled_in_its_last_moment_runs_once_and_tells_how_it_ended(
    site: Site, traveller: Traveller
) -> None:
    for settings in ({}, {"max_downtime_ms": 60_000}) * 2:
        job = copying(site, traveller, "memory", mib_s=16)
        site.tune(job, bandwidth_mib_s=0, **settings)
        site.client.delete(f"/api/v1/jobs/{job}")
        ended_truly(site, traveller, job)


def test_a_cancel_by_somebody_else_while_the_guest_stops_does_not_leave_it_hanging(
    site: Site, traveller: Traveller
) -> None:
    job = copying(site, traveller, "memory", mib_s=16)
    connection = site.bed.a.open()
    domain = connection.lookupByUUIDString(traveller.uuid)
    site.tune(job, bandwidth_mib_s=0)
    with suppress(libvirt.libvirtError):  # it may have arrived
        while domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING:
            pass
        domain.abortJob()
    connection.close()
    site.client.delete(f"/api/v1/jobs/{job}")
    ended_truly(site, traveller, job)


def ended_truly(site: Site, traveller: Traveller, job: str) -> None:
    """Assert that the machine runs once, where the job of its move says that it runs; then let it be at home."""
    over = wait_for(lambda: (seen := site.job(job))["ended"] and seen)
    assert over["state"] in ("done", "cancelled"), over
    if over["state"] == "cancelled":
        assert over["problem"]["detail"] == "The move was cancelled. It is running on local, as before."
        traveller.runs_once(site.bed.a)
        traveller.left_nothing()
    else:
        traveller.runs_once(site.bed.b)
        traveller.home()


def test_a_guest_that_panics_in_mid_move_starts_anew_and_arrives(site: Site, traveller: Traveller) -> None:
    job = copying(site, traveller, "memory")
    traveller.shell("echo c > /proc/sysrq-trigger")
    site.tune(job, bandwidth_mib_s=0)
    assert site.end(job)["result"]["state"] == "running"
    traveller.runs_once(site.bed.b)


@contextmanager
def no_way_between(bed: Bed) -> Iterator[None]:
    """Silence between both hosts; the service sees both."""
    rules = "iptables {0} OUTPUT -d {1} -j DROP && iptables {0} INPUT -s {1} -j DROP"
    bed.a.space.run("sh", "-c", rules.format("-I", bed.b.address))
    try:
        yield
    finally:
        bed.a.space.run("sh", "-c", rules.format("-D", bed.b.address))


@contextmanager
def asked_about(site: Site, traveller: Traveller) -> Iterator[None]:
    """Whether its destination is reached is being asked, which libvirt takes for a migration; answered at the end."""
    ask = site.service.hosts.get("local").migrations.reach
    asking = threading.Thread(target=ask, args=(traveller.uuid, site.bed.b.uri))
    with no_way_between(site.bed):
        asking.start()
        wait_for(lambda: "Unbounded" in site.bed.a.virsh("domjobinfo", traveller.name), what="the question")
        yield
    asking.join()


@contextmanager
def small_pool(bed: Bed, fill_mib: int) -> Iterator[str]:
    """A pool of 40 MiB on host b, filled so far behind its back; gives its folder."""
    small = "/var/lib/libvirt/small"
    bed.b.space.run("mkdir", "-p", small)
    bed.b.space.run("mount", "-t", "tmpfs", "-o", "size=40m", "none", small)
    bed.b.virsh("pool-create-as", "small", "dir", "--target", small)
    bed.b.space.run("dd", "if=/dev/zero", f"of={small}/other", "bs=1M", f"count={fill_mib}")
    try:
        yield small
    finally:
        bed.b.virsh("pool-destroy", "small")
        bed.b.space.run("umount", small)


def test_a_destination_without_room_for_the_disk_ends_it(site: Site, traveller: Traveller) -> None:
    asked = {"destination": "b", "storage": "copy", "pool": "small"}
    with small_pool(site.bed, 33) as small:
        for host, pool in ((site.bed.a, "default"), (site.bed.b, "small")):
            host.virsh("pool-refresh", pool)
        plan = site.client.post(f"{DOMAINS}/{traveller.uuid}/migration?dry_run=true", json=asked).json
        assert any("vda may grow to 8 MiB, more than small" in words for words in plan["warnings"]), plan
        site.bed.b.space.run("dd", "if=/dev/zero", f"of={small}/more", "bs=1M", "count=4")
        over = site.end(copying(site, traveller, "begin", pool="small"), "failed")
        traveller.runs_once(site.bed.a)
        traveller.left_nothing(small)
    assert over["problem"]["type"].endswith("no-space"), str(over["problem"])
    assert "running on local, as before" in over["problem"]["detail"], str(over["problem"])


def test_a_destination_that_fills_when_the_disk_is_there_and_the_guest_writes_on_ends_it(
    site: Site, traveller: Traveller
) -> None:
    with small_pool(site.bed, 0) as small:
        job = copying(site, traveller, "memory", pool="small")
        # libvirt reserves the room; thin storage may not have it: what is unwritten is given to something else.
        taken = f"fallocate -p -o 5M -l 3M {small}/traveller.qcow2; cat /dev/zero > {small}/other"
        site.bed.b.space.run("sh", "-c", taken, check=False)
        traveller.shell("dd if=/dev/urandom of=/dev/vda bs=1M seek=4 count=4 conv=fsync")
        over = site.end(job, "failed")
        traveller.runs_once(site.bed.a)
        traveller.left_nothing(small)
    assert over["problem"]["type"].endswith("no-space"), str(over["problem"])
    assert re.search("has no space left .*running on local, as before", over["problem"]["detail"]), str(over["problem"])


def test_a_destination_that_ends_in_mid_copy_is_tidied_when_it_is_back(site: Site, traveller: Traveller) -> None:
    job = copying(site, traveller, "disks")
    site.bed.b.stop_libvirtd("KILL")
    over = site.end(job, "failed")
    assert "running on local" in over["problem"]["detail"]
    traveller.runs_once(site.bed.a)
    site.bed.b.start_libvirtd()
    wait_for(lambda: site.service.hosts.get("b").state == "connected")
    wait_for(lambda: traveller.left_nothing() or True)


def test_the_source_ends_in_mid_move(site: Site, traveller: Traveller) -> None:
    job = copying(site, traveller, "memory")
    site.bed.a.stop_libvirtd("KILL")
    site.bed.a.start_libvirtd()
    over = site.end(job, "failed")
    assert "running on local, as before" in over["problem"]["detail"]
    traveller.runs_once(site.bed.a)
    traveller.left_nothing()


def test_a_second_move_has_to_wait_whoever_asks_and_the_first_for_the_question_whether_its_destination_is_reached(
    site: Site, traveller: Traveller
) -> None:
    name, words = traveller.name, ("migrate", "--live", "--p2p", "--copy-storage-all")
    with ThreadPoolExecutor(1) as hands:
        with asked_about(site, traveller):
            entitled = hands.submit(site.service.hosts.get("local").domains.set_title, traveller.uuid, "asked about")
        entitled.result()  # it waited, and was not refused
    assert "asked about" in site.bed.a.virsh("desc", traveller.name, "--title")
    with asked_about(site, traveller):
        job = site.begin(traveller.uuid, storage="copy", bandwidth_mib_s=3)
    site.until(job, lambda e: e["phase"] == "memory")
    assert site.refused(traveller.uuid, 409)["job"] == job
    assert [each["job"] for each in site.client.get(DOMAINS).json] == [job]
    with pytest.raises(AssertionError, match="another migration job"):
        site.bed.a.virsh(*words, name, site.bed.b.uri)
    site.tune(job, bandwidth_mib_s=0)
    site.end(job)
    traveller.runs_once(site.bed.b)
    site.bed.b.virsh("migrate-setspeed", name, "3")
    homeward = threading.Thread(target=traveller.home)  # by virsh
    homeward.start()
    there = site.service.hosts.get("b").domains
    wait_for(lambda: there.is_busy(traveller.uuid), what="virsh moves it")
    asked = {"destination": "local", "storage": "copy"}
    refused = site.client.post(f"/api/v1/hosts/b/domains/{traveller.uuid}/migration", json=asked)
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/busy"), refused.text
    site.bed.b.virsh("migrate-setspeed", name, "0")
    homeward.join()
    traveller.runs_once(site.bed.a)


@pytest.mark.parametrize("crashes", [False, True])
def test_a_guest_that_turns_itself_off_in_mid_move_is_off(site: Site, traveller: Traveller, crashes: bool) -> None:
    """libvirt 9.0 crashes over this by itself at times (`operations/migration/run.py`)."""
    job = copying(site, traveller, "memory")
    traveller.shell("poweroff -f")
    if crashes:
        site.bed.a.crash_libvirtd()
    over = site.end(job, "failed")
    assert "It is off on local" in over["problem"]["detail"]
    assert site.bed.a.state(traveller.name) == "shut off"
    wait_for(lambda: traveller.left_nothing() or True)
    site.bed.a.virsh("start", traveller.name)
    traveller.runs_once(site.bed.a)
    if crashes:
        with pytest.warns(UserWarning, match="libvirtd of host-a"):
            site.bed.revive()


def test_a_machine_whose_qemu_ends_on_both_hosts_is_started_again_after_a_cancel_or_by_a_button(
    site: Site, traveller: Traveller
) -> None:
    bed, pid = site.bed, f"/run/libvirt/qemu/{traveller.name}.pid"

    def signal(word: str) -> None:
        for host in (bed.b, bed.a):
            host.space.run("sh", "-c", f"kill -{word} $(cat {pid})", check=False)

    job = copying(site, traveller, "memory")
    signal("KILL")
    over = site.end(job, "failed")
    assert over["problem"]["start_on"] == "local", over["problem"]
    wait_for(lambda: traveller.left_nothing() or True)
    assert site.client.post(f"{DOMAINS}/{traveller.uuid}/start").status_code == 200, over
    job = copying(site, traveller, "memory")
    signal("STOP")  # so that the cancel cannot end it before
    assert site.client.delete(f"/api/v1/jobs/{job}").status_code == 202
    signal("KILL")
    over = site.end(job, "cancelled")
    assert any("started again on local" in line["text"] for line in over["log"]), over["log"]
    assert "start_on" not in over["problem"], over["problem"]
    traveller.runs_once(bed.a)
    wait_for(lambda: traveller.left_nothing() or True)


def test_the_service_is_killed_in_each_phase_and_finds_the_job_again(
    traveller: Traveller, begin_deck: Callable[..., Deck]
) -> None:
    bed, uuid = traveller.bed, traveller.uuid
    deck = begin_deck(bed, allow_tcp_hosts="true")
    deck.ask("POST", "/hosts", {"name": "b", "transport": "tcp", "address": bed.b.address})
    asked = {"destination": "b", "storage": "copy", "bandwidth_mib_s": 2, "max_downtime_ms": 700}
    asked |= {"post_copy": True, "post_copy_bandwidth_mib_s": 2}
    free = {"bandwidth_mib_s": 0, "max_downtime_ms": 5000}
    for phase in ("begin", "disks", "memory", "finish"):
        wait_for(lambda: deck.ask("GET", "/hosts/b").json["state"] == "connected")
        job = deck.begin("POST", f"/hosts/local/domains/{uuid}/migration", asked)
        if phase != "begin":
            late = ("memory",) if phase != "disks" else ("disks", "memory")  # nobody may have looked at it in its disks
            deck.reached(job, lambda seen, late=late: seen["phase"] in late)  # type: ignore[misc]  # a default
        if phase == "finish":
            assert deck.ask("PATCH", f"/jobs/{job}", free).status == 202
        killed(deck)
        if phase == "memory":
            killed_in_post_copy(deck, job)
        hurry(deck, job, "DELETE" if phase == "disks" else "PATCH", None if phase == "disks" else free)
        over = wait_for(lambda job=job: (seen := deck.job(job))["ended"] and seen)  # type: ignore[misc]  # a default
        assert restarts(over), over
        if over["state"] == "done":
            assert phase != "disks", over
            traveller.runs_once(bed.b)
            traveller.home()
        else:  # cancelled, or killed before libvirt had begun
            assert (phase, over["state"]) in (("disks", "cancelled"), ("begin", "failed")), over
            traveller.runs_once(bed.a)
            traveller.left_nothing()
            assert bed.a.virsh("migrate-getmaxdowntime", traveller.name).strip() == "300"


def killed(deck: Deck) -> None:
    """End the service as a crash would, and log in to the next."""
    deck.kill()
    deck.start()
    deck.login("demo", "demo")


def killed_in_post_copy(deck: Deck, job: str) -> None:
    """Assert that the service which follows a move follows it in post-copy too, after another kill."""
    deck.reached(job, lambda seen: restarts(seen) and seen["phase"] == "memory")
    wait_for(lambda: deck.ask("PATCH", f"/jobs/{job}", {"post_copy": True}).status == 202)
    deck.reached(job, lambda seen: seen["phase"] == "post_copy")
    killed(deck)
    seen = deck.reached(job, lambda seen: restarts(seen) == 2 and seen["phase"] == "post_copy")
    assert not seen["can_cancel"], seen
    assert deck.ask("PATCH", f"/jobs/{job}", {"post_copy_bandwidth_mib_s": 0}).status == 202, seen


def restarts(job: dict[str, Any]) -> int:
    """How often another process took it up."""
    return sum("restarted" in line["text"] for line in job["log"])


def hurry(deck: Deck, job: str, method: str, body: dict[str, int] | None) -> None:
    """Let a move that a restart left behind end soon, once its memory flows and it is followed again."""
    wait_for(lambda: (seen := deck.job(job))["ended"] or seen["phase"] in ("memory", "post_copy"))
    wait_for(lambda: deck.ask(method, f"/jobs/{job}", body).status == 202 or deck.job(job)["ended"])
