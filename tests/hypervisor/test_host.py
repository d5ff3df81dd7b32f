"""A host of the test driver: connecting, facts, figures, lists and news."""

import time
from pathlib import Path

import pytest

from quarterdeck.hypervisor.host import Host
from quarterdeck.hypervisor.hosts import Hosts
from quarterdeck.hypervisor.shell import run_there
from quarterdeck.hypervisor.spec import HostSpec, Reach
from quarterdeck.problems import Problem
from tests.hosts import crowded, uri
from tests.waiting import PATIENCE_SECONDS, until

from .conftest import Inbox


def test_the_news_tells_when_a_host_is_connected(host: Host, inbox: Inbox) -> None:
    assert inbox.take("host", "connected").host == "local"
    assert host.state == "connected"
    assert host.problem is None


def test_a_host_that_is_not_there_is_told_as_lost_with_a_cure() -> None:
    inbox = Inbox()
    hosts = Hosts([], "qemu:///system?socket=/nowhere/libvirt-sock", inbox.put)
    hosts.start()
    inbox.take("host", "lost")
    host = hosts.get("local")
    assert host.problem is not None
    assert "start libvirtd" in (host.problem.cure or "")
    with pytest.raises(Problem) as lost:
        host.domains.rows()
    assert lost.value.slug == "host-lost"
    hosts.close()


def test_facts_of_the_host(host: Host) -> None:
    facts = host.facts
    assert (facts.cpus, facts.memory_mib, facts.arch) == (32, 131072, "x86_64")
    assert 0 < (facts.memory_free_mib or 0) < facts.memory_mib
    assert facts.libvirt_version.count(".") == 2
    assert host.capabilities.accelerators() == ["test"]


def test_every_machine_is_in_the_list_with_its_state(host: Host) -> None:
    rows = {row.name: row for row in host.domains.rows()}
    assert len(rows) == 23
    assert {row.state for row in rows.values()} == {
        "running", "paused", "shutting_down", "shut_off", "crashed", "suspended",
    }  # fmt: skip
    assert not rows["throwaway"].persistent
    assert rows["build-suse"].has_saved_image
    assert (rows["db-1"].vcpus, rows["db-1"].vcpus_max) == (4, 8)
    assert (rows["monitor"].memory_kib, rows["monitor"].memory_max_kib) == (3072 * 1024, 4096 * 1024)
    assert host.domains.row(rows["db-1"].uuid) == rows["db-1"]
    assert host.domains.row("00000000-0000-0000-0000-000000000000") is None


def test_figures_of_all_running_machines_only_grow(host: Host, uuids: dict[str, str]) -> None:
    first = host.stats.samples()
    assert uuids["web-1"] in first
    assert uuids["old-wiki"] not in first
    until(lambda: host.stats.samples()[uuids["web-1"]].cpu_ns != first[uuids["web-1"]].cpu_ns)
    second = host.stats.samples()
    for uuid, sample in first.items():
        assert second[uuid].cpu_ns >= sample.cpu_ns
        assert second[uuid].net_rx_bytes >= sample.net_rx_bytes


def test_a_thousand_machines_are_one_quick_pass(tmp_path: Path) -> None:
    hosts = Hosts([], uri(crowded(1000, tmp_path)), lambda news: None)
    hosts.start()
    host = hosts.get("local")
    assert host.wait_connected(PATIENCE_SECONDS)
    begin = time.thread_time()  # what it costs: others may hold the processor meanwhile
    rows = host.domains.rows()
    assert time.thread_time() - begin < 2
    assert len(rows) == 1000
    assert sum(row.active for row in rows) == 666
    hosts.close()


def test_connecting_again_and_again_leaves_nothing_open(tmp_path: Path) -> None:
    file = crowded(1, tmp_path)

    def once() -> int:
        hosts = Hosts([], uri(file), lambda news: None)
        hosts.start()
        assert hosts.get("local").wait_connected(PATIENCE_SECONDS)
        hosts.close()
        return len(list(Path("/proc/self/fd").iterdir()))

    before = once()
    for _ in range(30):
        after = once()
    assert after <= before


def test_pools_volumes_networks_and_devices(host: Host, inbox: Inbox) -> None:
    pools = {pool.name: pool for pool in host.pools.rows()}
    assert set(pools) == {"default", "isos", "fast", "backup"}
    volume = host.volumes.create("default", "<volume><name>new.img</name><capacity unit='MiB'>5</capacity></volume>")
    assert volume.capacity == 5 * 1024 * 1024
    assert host.volumes.at(volume.path) == ("default", volume)
    with pytest.raises(Problem) as taken:
        host.volumes.create("default", "<volume><name>new.img</name><capacity>1</capacity></volume>")
    assert taken.value.slug == "name-taken"
    host.volumes.delete(pools["default"].uuid, "new.img")
    assert host.volumes.at(volume.path) is None
    assert {network.name for network in host.networks.rows()} == {"default", "lab", "lan", "dmz"}
    host.networks.stop("dmz")
    assert inbox.take("network", "stopped").detail["name"] == "dmz"
    assert not host.networks.row("dmz").active
    assert "NVIDIA" in host.nodedevs.get("pci_0000_01_00_0").xml
    assert [device.name for device in host.nodedevs.all("net")] == ["net_enp4s0_3c_ec_ef_12_34_56"]


def test_a_host_that_refuses_root_is_asked_again_only_after_it_was_reconnected(tmp_path: Path) -> None:
    ssh, asked = tmp_path / "ssh", tmp_path / "asked"
    ssh.write_text(f'#!/bin/sh\necho "$*" | grep sudo >> {asked}\necho sudo: a password is required >&2\nexit 1\n')
    ssh.chmod(0o700)
    inbox = Inbox()
    there = Host(
        "hv2", HostSpec("hv2", "ssh", "hv2", None, "ann"), uri(crowded(1, tmp_path)), inbox.put, Reach(ssh_client=ssh)
    )
    for expected in (1, 1):
        with pytest.raises(Problem, match="ann may not act as root on hv2"):
            run_there(there, "true", root=True)
        assert len(asked.read_text().splitlines()) == expected
    there.start()
    assert there.wait_connected(PATIENCE_SECONDS)
    with pytest.raises(Problem, match="ann may not act as root on hv2"):
        run_there(there, "true", root=True)
    assert len(asked.read_text().splitlines()) == 2
    there.close()
